"""A turn's background: the scene it names, mixed behind the voice at the ratio it states."""

from collections.abc import Sequence

import numpy as np

from s2s_arena.audio.joining import join, silence
from s2s_arena.audio.mixing import mix_at_snr
from s2s_arena.audio.waveform import Waveform
from s2s_arena.build.scenes import render
from s2s_arena.records.samples import Background

LEAD_S = 0.8
TAIL_S = 0.6


def with_background(
    speech: Waveform, background: Background, *, rng: np.random.Generator, voices: Sequence[Waveform] = ()
) -> Waveform:
    """The speech in its scene, with a moment of the scene alone before and after it.

    Args:
        speech: The voice alone.
        background: Scene and signal-to-noise ratio over active speech.
        rng: The same generator state gives the same samples.
        voices: Clips for the crowd of the scene.

    Raises:
        SuiteError: No such scene.
        AudioError: Nothing is active in the speech.
    """
    padded = join([silence(LEAD_S, speech.rate_hz), speech, silence(TAIL_S, speech.rate_hz)])
    noise = render(background.scene, padded.duration_s, rate_hz=speech.rate_hz, rng=rng, voices=voices)
    return mix_at_snr(padded, noise, snr_db=background.snr_db)

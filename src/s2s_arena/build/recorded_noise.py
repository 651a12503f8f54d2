"""Real recordings as backgrounds: clips of an imported noise collection by scene, and their mixing behind a voice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from s2s_arena.audio.joining import join, silence
from s2s_arena.audio.mixing import mix_at_snr
from s2s_arena.audio.waveform import Waveform
from s2s_arena.build.noise import LEAD_S, TAIL_S
from s2s_arena.errors import SuiteError
from s2s_arena.records.identity import SampleId
from s2s_arena.records.samples import Suite
from s2s_arena.records.speech import AudioRef

LOWEST_DB, HIGHEST_DB = -20.0, 60.0
LABEL = "noise"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseClip:
    """One recording of a scene; its licence goes into the sample that it stands behind."""

    sample: SampleId
    audio: AudioRef
    licence: str


def clips_by_scene(collection: Suite) -> Mapping[str, tuple[NoiseClip, ...]]:
    """Scene -> its recordings, of a collection that `suite import --format noise` (or musan, ...) made.

    Raises:
        SuiteError: No sample of the suite is a background.
    """
    found: dict[str, list[NoiseClip]] = {}
    for sample in collection.samples:
        for turn in sample.turns:
            if turn.speech is not None and LABEL in turn.labels and not turn.script:
                clip = NoiseClip(sample=sample.id, audio=turn.speech, licence=sample.provenance.licence)
                found.setdefault(turn.labels[LABEL], []).append(clip)
    if not found:
        raise SuiteError(f"suite {collection.name}: holds no backgrounds; import one with suite import --format noise")
    return {scene: tuple(clips) for scene, clips in found.items()}


def choose(clips: Sequence[NoiseClip], *, rng: np.random.Generator) -> NoiseClip:
    """One of a scene's recordings, each as likely as the others."""
    return clips[int(rng.integers(len(clips)))]


def behind(speech: Waveform, noise: Waveform, *, snr_db: float, rng: np.random.Generator) -> Waveform:
    """The speech in a recorded background, with a moment of it alone before and after, as procedural scenes have it.

    Args:
        speech: The voice alone.
        noise: Any rate and length; looped with a cross-fade where it is shorter, begun at a random place.
        snr_db: Signal-to-noise ratio over active speech, -20..60.
        rng: Draws the place.

    Raises:
        SuiteError: The ratio is out of range.
        AudioError: Nothing is active in the speech, or the noise is silent under it.
    """
    if not LOWEST_DB <= snr_db <= HIGHEST_DB:
        raise SuiteError(f"background.snr_db {snr_db:g}; use {LOWEST_DB:g}..{HIGHEST_DB:g} dB")
    padded = join([silence(LEAD_S, speech.rate_hz), speech, silence(TAIL_S, speech.rate_hz)])
    # A place from which it lasts to the end, if there is one: a loop is heard.
    room_s = max(0.0, noise.duration_s - padded.duration_s) or noise.duration_s
    return mix_at_snr(padded, noise, snr_db=snr_db, offset_s=float(rng.uniform(0.0, room_s)))

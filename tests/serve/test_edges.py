"""Where sound ends, in frequency and in time: cut-offs and delays are found, and speech loses nothing."""

import io

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from s2s_arena.audio.resampling import resample
from s2s_arena.audio.waveform import Waveform
from s2s_arena.records.responses import Response, response_key, take_of
from s2s_arena.serve.hearing.clips import Policy, assemble, policy
from s2s_arena.serve.hearing.edges import KEPT_S, LOUDEST_S, trimmed
from s2s_arena.testing.sound import babble, tone

SPOKEN = [babble(f"edges {n}", seconds=1.5) for n in range(4)]


def padded(wave: Waveform, before_s: float, after_s: float) -> Waveform:
    edges = (round(before_s * wave.rate_hz), round(after_s * wave.rate_hz))
    return Waveform(np.pad(wave.samples, edges), wave.rate_hz)


@settings(max_examples=20, deadline=None)
@given(st.floats(0.1, 1.0), st.floats(0.1, 1.0), st.floats(0.02, 1.0))
def test_silence_around_a_sound_makes_no_difference_and_the_sound_stays(before_s, after_s, level):
    sound = tone(300.0, seconds=0.4, rate_hz=24000, level=level)
    one, two = trimmed(padded(sound, 0.1, 0.1)), trimmed(padded(sound, before_s, after_s))
    assert np.array_equal(one.samples, two.samples)
    assert one.duration_s == pytest.approx(sound.duration_s + 2 * (KEPT_S + LOUDEST_S), abs=0.002)
    middle = slice(len(one.samples) // 2 - 1000, len(one.samples) // 2 + 1000)
    assert np.abs(one.samples[middle]).max() == pytest.approx(level, rel=0.01)


def test_a_breath_before_a_word_is_kept_and_silence_stays_as_it_is():
    loud, soft = tone(300.0, rate_hz=24000, level=0.5), tone(900.0, rate_hz=24000, level=0.005)  # 40 dB softer
    together = Waveform(np.concatenate([soft.samples, loud.samples]), 24000)
    assert trimmed(together).duration_s == pytest.approx(together.duration_s, abs=0.002)
    for frames in (0, 10, 24000):
        nothing = Waveform(np.zeros(frames, dtype=np.float32), 24000)
        assert trimmed(nothing).frames == frames


def test_a_study_is_limited_to_the_lowest_band_that_is_carried_whatever_the_rate_says(make):
    """One of two systems delivers at 24 kHz what came at 16 kHz."""
    w = make()
    takes = []
    for sample, wave in zip(w.suite.samples, SPOKEN, strict=False):
        for system, speech in (("wide", wave), ("narrow", resample(resample(wave, 16000), 24000))):
            key = response_key(sample=sample.id, turn=0, audio=["a"], system=system, settings="s", seed=0)
            kept = w.store.put_audio(speech)
            made = Response(key=key, sample=sample.id, turn=0, system=system, settings="s", speech=kept)
            takes.append(take_of([made]))
            w.store.put(made, takes[-1])
    assert policy(w.suite, takes, store=w.store, systems=("wide",)).band_hz == 0
    assert 6500 < policy(w.suite, takes, store=w.store, systems=("wide", "narrow")).band_hz < 8000
    assert policy(w.suite, takes, store=w.store, systems=("wide", "narrow"), even_band=False).band_hz == 0


def test_leads_differ_by_less_than_a_listener_notices_and_only_where_edges_are_evened():
    sound = tone(300.0, seconds=0.5, rate_hz=24000).samples

    def begins(even: bool) -> set[int]:
        level = Policy(rate_hz=24000, gains={"north": 0.0}, even_edges=even)
        clips = [assemble([(sound, "north")], level, token=str(n)) for n in range(20)]
        assert {clip.turns[0][0] for clip in clips} == {0.25}
        waves = [soundfile.read(io.BytesIO(clip.wav))[0] for clip in clips]
        return {int(np.flatnonzero(np.abs(wave) > 0.05)[0]) for wave in waves}

    assert max(begins(False)) - min(begins(False)) <= 2
    assert 120 < max(begins(True)) - min(begins(True)) <= 480

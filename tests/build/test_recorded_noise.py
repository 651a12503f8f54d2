"""Recorded backgrounds: by scene, at the stated ratio, however short the clip is."""

import numpy as np
import pytest

from s2s_arena.audio.activity import active_mask, active_spans
from s2s_arena.audio.joining import join, silence
from s2s_arena.audio.levels import mean_square
from s2s_arena.audio.waveform import Waveform
from s2s_arena.build.importing.stage import run
from s2s_arena.build.noise import LEAD_S, TAIL_S
from s2s_arena.build.recorded_noise import behind, choose, clips_by_scene
from s2s_arena.errors import AudioError, SuiteError
from s2s_arena.store.memory import MemoryStore

from .importing.test_corpora import clip
from .review.worlds import suite_of, talk


def hiss(seconds: float, rate_hz: int = 16_000) -> Waveform:
    noise = 0.1 * np.random.default_rng(5).standard_normal(round(seconds * rate_hz))
    return Waveform(noise.astype(np.float32), rate_hz)


@pytest.mark.parametrize("seconds", [0.4, 2.0, 20.0])
@pytest.mark.parametrize("snr_db", [-5.0, 0.0, 12.0])
def test_the_ratio_holds_over_active_speech_for_short_and_long_noise(seconds, snr_db):
    speech = talk(level=0.02)  # so soft that the sum is not scaled against clipping
    mixed = behind(speech, hiss(seconds), snr_db=snr_db, rng=np.random.default_rng(1))
    padded = join([silence(LEAD_S, 16_000), speech, silence(TAIL_S, 16_000)])
    assert mixed.frames == padded.frames
    mask = active_mask(padded, active_spans(padded))
    noise = mixed.samples - padded.samples
    ratio = 10 * np.log10(mean_square(padded.samples[mask]) / mean_square(noise[mask]))
    assert ratio == pytest.approx(snr_db, abs=0.1)


def test_the_same_seed_gives_the_same_mixture_and_another_another_place():
    def mixed(seed):
        return behind(talk(), hiss(20), snr_db=5, rng=np.random.default_rng(seed)).hash()

    assert mixed(1) == mixed(1) != mixed(2)


@pytest.mark.parametrize("snr_db", [-21.0, 61.0, float("nan")])
def test_a_ratio_out_of_range_is_refused(snr_db):
    with pytest.raises(SuiteError, match=r"background.snr_db .*; use -20..60 dB"):
        behind(talk(), hiss(3), snr_db=snr_db, rng=np.random.default_rng(0))


def test_silent_noise_is_refused():
    with pytest.raises(AudioError, match="noise is silent"):
        behind(talk(), Waveform(np.zeros(9000, np.float32), 16_000), snr_db=5, rng=np.random.default_rng(0))


def test_clips_of_a_collection_are_found_by_scene(tmp_path):
    clip(tmp_path / "PSTATION" / "ch01.wav", hiss(3))
    clip(tmp_path / "PRESTO" / "ch01.wav", hiss(4))
    clip(tmp_path / "PCAFETER" / "ch01.wav", hiss(5))
    found = clips_by_scene(run(tmp_path, name="demand", store=MemoryStore()).suite)
    assert {scene: len(clips) for scene, clips in found.items()} == {"station": 1, "cafe": 2}
    drawn = {choose(found["cafe"], rng=np.random.default_rng(n)).sample for n in range(20)}
    assert len(drawn) == 2
    assert found["station"][0].licence == "CC-BY-SA-3.0"


def test_a_suite_of_speech_is_no_collection_of_noise():
    with pytest.raises(SuiteError, match="holds no backgrounds"):
        clips_by_scene(suite_of(MemoryStore()))

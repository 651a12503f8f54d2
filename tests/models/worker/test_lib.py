"""What the workers of research systems share: sound in and out, and the form in which GLM-4-Voice reads its past."""

import importlib.util
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from s2s_arena.audio import files
from s2s_arena.models.worker import places


def module(path, name):
    described = importlib.util.spec_from_file_location(name, path)
    made = importlib.util.module_from_spec(described)
    before = list(sys.path)
    try:
        described.loader.exec_module(made)
    finally:
        sys.path[:] = before
    return made


@pytest.fixture(scope="module")
def lib():
    return module(places.find("kimi_audio").parents[1] / "lib" / "arena_worker.py", "arena_worker_here")


@pytest.fixture(scope="module")
def glm():
    return module(places.find("glm_4_voice"), "glm_4_voice_here")


def test_what_is_written_is_what_the_arena_reads(lib, tmp_path):
    samples = (0.5 * np.sin(np.arange(2400) / 20.0)).astype(np.float32)
    lib.write_wav(str(tmp_path / "a.wav"), samples.reshape(1, -1), 24000)
    heard = files.read(tmp_path / "a.wav", name="a")
    assert heard.rate_hz == 24000
    assert np.abs(heard.samples - samples).max() < 1e-4
    again, rate_hz = lib.read_wav(str(tmp_path / "a.wav"))
    assert rate_hz == 24000 and np.array_equal(again, heard.samples)


def test_samples_of_16_bits_are_kept_and_loud_ones_bent_to_the_limit(lib, tmp_path):
    whole = np.array([0, 1, -32768, 32767], dtype=np.int16)
    lib.write_wav(str(tmp_path / "a.wav"), whole, 16000)
    assert np.array_equal(files.read(tmp_path / "a.wav", name="a").pcm16(), whole)
    lib.write_wav(str(tmp_path / "b.wav"), np.array([2.0, -2.0]), 16000)
    assert files.read(tmp_path / "b.wav", name="b").pcm16().tolist() == [32767, -32768]


def test_no_samples_are_no_file_and_so_an_empty_answer(lib, tmp_path):
    lib.write_wav(str(tmp_path / "a.wav"), np.zeros(0, dtype=np.float32), 16000)
    assert not (tmp_path / "a.wav").exists()


def test_resampling_keeps_a_tone_in_its_place(lib):
    tone = np.sin(2 * np.pi * 440 * np.arange(24000) / 24000).astype(np.float32)
    low = lib.resampled(tone, 24000, 16000)
    assert low.shape == (16000,)
    assert np.argmax(np.abs(np.fft.rfft(low))) == 440
    assert lib.resampled(tone, 16000, 16000) is tone


@given(st.integers(0, 60), st.integers(0, 90))
def test_words_and_sounds_go_by_turns_thirteen_and_twenty_six(glm, words, sounds):
    mixed = glm.interleaved([f"w{n}" for n in range(words)], [f"s{n}" for n in range(sounds)])
    assert [piece for piece in mixed if piece[0] == "w"] == [f"w{n}" for n in range(words)]
    assert [piece for piece in mixed if piece[0] == "s"] == [f"s{n}" for n in range(sounds)]
    if words > 13 and sounds >= 26:
        assert [piece[0] for piece in mixed[:40]] == ["w"] * 13 + ["s"] * 26 + ["w"]

"""Claims about reading and writing audio files."""

import io
import os
import signal
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from s2s_arena.audio import files
from s2s_arena.audio.levels import rms_dbfs
from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import AudioError

from .signals import tone

INTEGER = [("WAV", "PCM_U8", 2**-7), ("WAV", "PCM_16", 2**-15), ("WAV", "PCM_24", 2**-23), ("WAV", "PCM_32", 2**-23)]
EXACT = [
    *INTEGER,
    ("WAV", "FLOAT", 1e-7),
    ("WAV", "DOUBLE", 1e-7),
    ("WAVEX", "PCM_16", 2**-15),
    ("WAVEX", "PCM_24", 2**-23),
    ("WAVEX", "FLOAT", 1e-7),
    ("RF64", "PCM_16", 2**-15),
    ("FLAC", "PCM_S8", 2**-7),
    ("FLAC", "PCM_16", 2**-15),
    ("FLAC", "PCM_24", 2**-23),
]
LOSSY = [("MP3", "MPEG_LAYER_III"), ("OGG", "VORBIS"), ("OGG", "OPUS"), ("WAV", "ULAW")]


def encoded(samples: np.ndarray, rate_hz: int, container: str, subtype: str) -> bytes:
    out = io.BytesIO()
    soundfile.write(out, samples, rate_hz, format=container, subtype=subtype)
    return out.getvalue()


@pytest.mark.parametrize(("container", "subtype", "step"), EXACT)
@pytest.mark.parametrize("rate_hz", [8000, 22_050, 48_000])
def test_integer_and_float_files_read_within_one_step(container: str, subtype: str, step: float, rate_hz: int) -> None:
    wave = tone(440.0, seconds=0.3, rate_hz=rate_hz, amplitude=0.5)
    back = files.read(encoded(wave.samples, rate_hz, container, subtype))
    assert back.rate_hz == rate_hz
    assert back.frames == wave.frames
    assert np.abs(back.samples - wave.samples).max() <= 1.01 * step


@pytest.mark.parametrize(("container", "subtype"), LOSSY)
@pytest.mark.parametrize("channels", [1, 2])
def test_lossy_files_keep_level_and_length(container: str, subtype: str, channels: int) -> None:
    wave = tone(440.0, seconds=1.0, rate_hz=48_000, amplitude=0.5)
    samples = np.column_stack([wave.samples] * channels)
    back = files.read(encoded(samples, 48_000, container, subtype))
    assert back.duration_s == pytest.approx(1.0, abs=0.06)
    assert rms_dbfs(back) == pytest.approx(rms_dbfs(wave), abs=0.3)


def test_channels_are_averaged() -> None:
    left, right = tone(300.0, amplitude=0.5).samples, tone(500.0, amplitude=0.25).samples
    back = files.read(encoded(np.column_stack([left, right]), 48_000, "WAV", "FLOAT"))
    assert np.abs(back.samples - (left + right) / 2).max() < 1e-6


@given(
    hnp.arrays(np.float32, st.integers(1, 400), elements=st.floats(-1.25, 1.25, width=32)), st.integers(1000, 96_000)
)
@settings(max_examples=60, deadline=None)
def test_what_is_written_reads_back_as_the_same_audio(samples: np.ndarray, rate_hz: int) -> None:
    wave = Waveform(samples, rate_hz)
    assert files.read(files.encode_wav(wave)).hash() == wave.hash()
    assert np.array_equal(files.read(files.encode_wav(wave, subtype="FLOAT")).samples, wave.samples)
    if rate_hz < 65_536:
        assert files.read(files.encode_flac(wave)).hash() == wave.hash()


def test_files_on_disk_read_back_with_their_own_bytes(tmp_path: Path) -> None:
    wave = tone(seconds=0.2)
    files.write_flac(tmp_path / "a.flac", wave)
    files.write_wav(tmp_path / "a.wav", wave)
    for path in sorted(tmp_path.iterdir()):
        back, original = files.read_with_original(path)
        assert back.hash() == wave.hash()
        assert original == path.read_bytes()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "0 bytes"),
        (b"hello, this is a text file and no audio at all\n" * 50, "not audio"),
        (bytes(2000), "not audio"),
        (b"\x89PNG\r\n\x1a\n" + bytes(500), "not audio"),
        (encoded(np.zeros(0), 16_000, "WAV", "PCM_16"), "0 frames"),
        (encoded(np.array([0.1, np.nan, 0.2]), 16_000, "WAV", "FLOAT"), "sample 1 is nan"),
        (encoded(np.array([0.1, 0.2, -np.inf]), 16_000, "WAV", "DOUBLE"), "sample 2 is -inf"),
        (encoded(np.full(10, 20_000.0), 16_000, "WAV", "FLOAT"), "full scale is 1"),
        (encoded(np.zeros((100, 40)), 16_000, "WAV", "PCM_16"), "40 channels"),
        (encoded(np.zeros(100), 500, "WAV", "PCM_16"), "500 Hz"),
    ],
)
def test_unusable_content_is_refused_in_one_line_that_names_the_file(content: bytes, says: str, tmp_path: Path) -> None:
    path = tmp_path / "prompt.wav"
    path.write_bytes(content)
    with pytest.raises(AudioError) as refused:
        files.read(path)
    message = str(refused.value)
    assert says in message
    assert str(path) in message
    assert "\n" not in message
    assert ";" in message or "," in message  # a remedy follows
    with pytest.raises(AudioError):
        files.read(content)


@pytest.mark.parametrize(
    ("container", "subtype"),
    [(c, s) for c, s, _ in EXACT] + [(c, s) for c, s in LOSSY if s != "ULAW"] + [("AIFF", "PCM_16"), ("W64", "PCM_16")],
)
@pytest.mark.parametrize("share", [0.02, 0.5, 0.97])
def test_a_truncated_file_is_refused(container: str, subtype: str, share: float) -> None:
    whole = encoded(tone(440.0, seconds=1.0, amplitude=0.5).samples, 48_000, container, subtype)
    assert files.read(whole).frames > 0
    with pytest.raises(AudioError, match=r"truncated|damaged|not audio"):
        files.read(whole[: int(len(whole) * share)])


def test_a_wav_streamed_with_an_unknown_size_is_read() -> None:
    whole = bytearray(encoded(tone(seconds=0.5).samples, 48_000, "WAV", "PCM_16"))
    at = whole.find(b"data") + 4
    whole[4:8] = whole[at : at + 4] = struct.pack("<I", 0xFFFFFFFF)
    assert files.read(bytes(whole)).frames == 24_000


def test_a_flac_streamed_with_an_unknown_length_is_read() -> None:
    wave = tone(seconds=0.5, amplitude=0.5)
    whole = bytearray(files.encode_flac(wave))
    whole[21] &= 0xF0  # STREAMINFO: 36 bits of total samples, 0 is unknown
    whole[22:26] = bytes(4)
    assert files.read(bytes(whole)).hash() == wave.hash()


CONTAINERS = [*((c, s) for c, s, _ in EXACT), *LOSSY, ("AIFF", "PCM_16"), ("CAF", "PCM_16"), ("W64", "PCM_16")]


@given(
    st.sampled_from(CONTAINERS),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=8),
    st.sampled_from([60, 300, 10**9]),
)
@settings(max_examples=150, deadline=None)
def test_damaged_bytes_give_audio_or_one_line_and_never_another_error(
    form: tuple[str, str], damage: list[tuple[float, int]], reach: int
) -> None:
    content = bytearray(encoded(tone(440.0, seconds=0.2, amplitude=0.5).samples, 48_000, *form))
    for place, byte in damage:
        content[int(place * min(reach, len(content)))] = byte
    try:
        wave = files.read(bytes(content))
    except AudioError as refused:
        assert "\n" not in str(refused)
    else:
        assert wave.frames > 0
        assert np.isfinite(wave.samples).all()


def test_missing_files_folders_and_unreadable_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="no such file"):
        files.read(tmp_path / "none.wav")
    with pytest.raises(AudioError, match="folder"):
        files.read(tmp_path)


def test_ten_hours_are_refused_by_the_header_without_reading_the_samples(tmp_path: Path) -> None:
    path = tmp_path / "night.wav"
    size = 10 * 3600 * 48_000 * 2
    header = encoded(np.zeros(0), 48_000, "WAV", "PCM_16")
    at = header.find(b"data") + 4
    path.write_bytes(header[:4] + struct.pack("<I", size + at - 4) + header[8:at] + struct.pack("<I", size))
    os.truncate(path, size + at + 4)  # sparse: takes no disk
    with pytest.raises(AudioError, match="36000 s long, at most 1800 s"):
        files.read(path)


def test_the_limit_holds_for_bytes_and_can_be_raised() -> None:
    content = files.encode_flac(tone(seconds=3.0))
    with pytest.raises(AudioError, match="at most 2 s"):
        files.read(content, longest_s=2.0)
    assert files.read(content, longest_s=4.0).duration_s == pytest.approx(3.0)


def test_a_folder_that_is_not_there_is_refused_on_writing(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="cannot be written"):
        files.write_flac(tmp_path / "none" / "a.flac", tone(seconds=0.1))


KILLED = """
import os, signal, sys
from pathlib import Path
from s2s_arena.audio import files
step = int(sys.argv[2])
calls = 0
def kill_at(step):
    def wrap(call):
        def wrapped(*args, **kwargs):
            global calls
            calls += 1
            if calls == step:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*args, **kwargs)
        return wrapped
    return wrap
os.fsync = kill_at(step)(os.fsync)
os.replace = kill_at(step)(os.replace)
files.write_durably(Path(sys.argv[1]), b"new" * 100_000)
"""


@pytest.mark.parametrize("step", [1, 2, 3])
def test_a_kill_while_writing_leaves_the_old_file_or_the_new_one_whole(step: int, tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    path.write_bytes(b"old")
    done = subprocess.run([sys.executable, "-c", KILLED, str(path), str(step)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert path.read_bytes() == (b"old" if step < 3 else b"new" * 100_000)


def test_real_prompts_read(shared_data: Path) -> None:
    prompts = sorted((shared_data / "prompts").rglob("*.*"))
    waves = [files.read(path) for path in prompts if path.suffix in {".mp3", ".flac", ".wav"}]
    assert len(waves) == 39 + 82 + 1
    assert all(0.5 < wave.duration_s < 60 for wave in waves)

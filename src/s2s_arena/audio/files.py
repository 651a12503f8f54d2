"""Reading any audio file into a waveform, refusing what is not usable, and writing so that no half file remains."""

import io
import os
import secrets
from pathlib import Path
from typing import Literal

import numpy as np
import soundfile

from s2s_arena.audio.containers import cut_short
from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import AudioError

LONGEST_S = 1800.0
MOST_CHANNELS = 32
HIGHEST_PEAK = 10.0  # float files may pass full scale a little; integers stored as floats pass it by thousands
_BLOCK_FRAMES = 1 << 18

Subtype = Literal["PCM_16", "PCM_24", "PCM_32", "FLOAT"]


def read(source: Path | bytes, *, name: str | None = None, longest_s: float = LONGEST_S) -> Waveform:
    """Decodes a file, or the bytes of one: WAV, FLAC, MP3, Ogg (Vorbis, Opus) and whatever else libsndfile knows.

    Channels are averaged into one; the rate stays as it is.

    Args:
        source: Where the file lies, or its bytes.
        name: What messages call it; by default the path.
        longest_s: Longer audio is refused by its header, before its samples are read.

    Raises:
        AudioError: Missing, unreadable, empty, truncated, not audio, too long, too many channels, a rate
            outside 1000..384000 Hz, or a sample that is not finite.
    """
    return _read(source, name=name, longest_s=longest_s)[0]


def read_with_original(path: Path, *, name: str | None = None, longest_s: float = LONGEST_S) -> tuple[Waveform, bytes]:
    """The waveform and the file's bytes as they are, to be kept beside it; raises as `read`."""
    return _read(path, name=name, longest_s=longest_s)


def encode_flac(wave: Waveform) -> bytes:
    """The canonical 16-bit PCM as FLAC; decoding it gives the same `hash`."""
    return _encode(wave, "FLAC", "PCM_16")


def encode_wav(wave: Waveform, *, subtype: Subtype = "PCM_16") -> bytes:
    """The waveform as a WAV file; PCM_16 decodes to the same `hash`, FLOAT to the same samples."""
    return _encode(wave, "WAV", subtype)


def write_flac(path: Path, wave: Waveform) -> None:
    """Writes `encode_flac` durably; raises AudioError if the place cannot be written."""
    write_durably(path, encode_flac(wave))


def write_wav(path: Path, wave: Waveform, *, subtype: Subtype = "PCM_16") -> None:
    """Writes `encode_wav` durably; raises AudioError if the place cannot be written."""
    write_durably(path, encode_wav(wave, subtype=subtype))


def write_durably(path: Path, content: bytes) -> None:
    """Puts the content under that name, whole or not at all, even if the process is killed or the power fails.

    Raises:
        AudioError: The folder is missing or read-only, or the disk is full.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}.part")
    try:
        with partial.open("xb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        partial.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # the new name must survive too
        finally:
            os.close(folder)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise AudioError(
            f"{path}: cannot be written ({error.strerror}); free some space or choose another folder"
        ) from error


def _read(source: Path | bytes, *, name: str | None, longest_s: float) -> tuple[Waveform, bytes]:
    if isinstance(source, bytes):
        label = name or f"audio of {len(source)} bytes"
        with _open(_Bytes(source), label, size=len(source)) as file:
            _check_header(file, label, longest_s=longest_s)
        content = source
    else:
        label = name or str(source)
        content = _content(source, label, longest_s=longest_s)
    with _open(_Bytes(content), label, size=len(content)) as file:
        _check_header(file, label, longest_s=longest_s)
        lacking = cut_short(content)
        if lacking is not None:
            raise AudioError(f"{label}: truncated, {lacking}; fetch the file again")
        wave = _decode(file, label, longest_s=longest_s)
    return wave, content


def _content(path: Path, label: str, *, longest_s: float) -> bytes:
    try:
        if path.is_dir():
            raise AudioError(f"{label}: is a folder; name an audio file")
        with _Disk(path) as raw:
            size = os.fstat(raw.fileno()).st_size
            with _open(raw, label, size=size) as file:
                _check_header(file, label, longest_s=longest_s)
            raw.seek(0)
            return raw.read()
    except FileNotFoundError as error:
        raise AudioError(f"{label}: no such file; check the path") from error
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        reason = getattr(error, "strerror", None) or error
        raise AudioError(f"{label}: cannot be read ({reason}); check the path and its permissions") from error


class _Forward(soundfile.SoundFile):  # type: ignore[misc]  # soundfile has no types
    """Read from the beginning to the end only: seeking fails in streams whose header states no length."""

    def seekable(self) -> bool:
        return False


class _Bytes(io.BytesIO):
    """Damaged headers make the decoder seek before the start; it learns from the position that it failed."""

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self.tell(), os.SEEK_END: self.getbuffer().nbytes}[whence]
        return super().seek(base + offset) if base + offset >= 0 else self.tell()


class _Disk(io.FileIO):
    """As `_Bytes`, for a file that is not to be read whole before its header is checked."""

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        try:
            return super().seek(offset, whence)
        except OSError:
            return self.tell()


def _open(raw: io.BytesIO | io.FileIO, label: str, *, size: int) -> _Forward:
    if size == 0:
        raise AudioError(f"{label}: empty, 0 bytes; fetch or record it again")
    try:
        return _Forward(raw)
    except soundfile.LibsndfileError as error:
        # libsndfile's own words mislead here: half an MP3 header is "not a regular file".
        raise AudioError(f"{label}: not audio, or damaged in its header; give WAV, FLAC, MP3 or Ogg") from error


def _check_header(file: _Forward, label: str, *, longest_s: float) -> None:
    if not 1 <= file.channels <= MOST_CHANNELS:
        raise AudioError(f"{label}: {file.channels} channels, at most {MOST_CHANNELS} are read; mix them down first")
    if not 1000 <= file.samplerate <= 384_000:
        raise AudioError(f"{label}: rate {file.samplerate} Hz, 1000..384000 Hz needed; resample it first")
    # A stream of unknown length says 0 or a huge number of frames; the decoder then counts.
    if file.frames < 1 << 48 and file.frames > longest_s * file.samplerate:
        seconds = file.frames / file.samplerate
        raise AudioError(f"{label}: {seconds:.0f} s long, at most {longest_s:.0f} s are read; cut it into turns")


def _decode(file: _Forward, label: str, *, longest_s: float) -> Waveform:
    most = int(longest_s * file.samplerate)
    blocks: list[np.ndarray[tuple[int], np.dtype[np.float32]]] = []
    frames = 0
    try:
        while True:
            block = file.read(_BLOCK_FRAMES, dtype="float32", always_2d=True)
            if block.shape[0] == 0:
                break
            finite = np.isfinite(block)
            if not finite.all():
                row, channel = (int(i) for i in np.argwhere(~finite)[0])
                value = block[row, channel]
                raise AudioError(
                    f"{label}: sample {frames + row} is {value}; every sample must be finite, export it again"
                )
            peak = float(np.abs(block).max())
            if peak > HIGHEST_PEAK:
                raise AudioError(f"{label}: a sample of {peak:.6g} where full scale is 1; scale it to -1..1 first")
            # One channel is kept bit for bit; averaging rounds.
            mono = block[:, 0] if block.shape[1] == 1 else block.mean(axis=1, dtype=np.float64).astype(np.float32)
            blocks.append(np.ascontiguousarray(mono))
            frames += block.shape[0]
            if frames > most:
                raise AudioError(
                    f"{label}: longer than {longest_s:.0f} s, which is the most that is read; cut it into turns"
                )
    except soundfile.LibsndfileError as error:
        reason = str(error.error_string).strip().rstrip(".")
        raise AudioError(f"{label}: damaged after {frames} frames ({reason}); fetch the file again") from error
    if frames == 0:
        raise AudioError(f"{label}: empty, 0 frames of audio; fetch or record it again")
    if frames < file.frames < 1 << 48:
        raise AudioError(f"{label}: truncated, {frames} of {file.frames} frames decode; fetch the file again")
    return Waveform(np.concatenate(blocks), file.samplerate)


def _encode(wave: Waveform, container: str, subtype: str) -> bytes:
    out = io.BytesIO()
    # libsndfile scales floats to integers by a rule of its own; the canonical PCM is ours.
    samples = wave.pcm16() if subtype == "PCM_16" else wave.samples
    try:
        soundfile.write(out, samples, wave.rate_hz, format=container, subtype=subtype)
    except soundfile.LibsndfileError as error:
        raise AudioError(
            f"{container}: {wave.rate_hz} Hz cannot be stored ({error.error_string}); resample it first"
        ) from error
    return out.getvalue()

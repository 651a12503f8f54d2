"""Audio as it comes in on a wire, decoded strictly: what a vendor's server would not accept is an error here too."""

import base64
import binascii
import io

import numpy as np
import soundfile

from s2s_arena.audio.waveform import Waveform


class ClipError(Exception):
    """Bytes that are not the audio they should be."""


def from_base64(text: object) -> bytes:
    """Bytes of strict base64.

    Raises:
        ClipError: Not a string, not base64, or nothing in it.
    """
    if not isinstance(text, str):
        raise ClipError("audio data must be a base64 string")
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ClipError(f"audio data is not valid base64 ({error})") from error
    if not raw:
        raise ClipError("audio data is empty")
    return raw


def from_file(content: bytes, *, kinds: tuple[str, ...] = ("WAV", "MP3")) -> Waveform:
    """A sound file's samples, mono.

    Raises:
        ClipError: No sound file, or of another kind.
    """
    try:
        with soundfile.SoundFile(io.BytesIO(content)) as file:
            if file.format not in kinds:
                raise ClipError(f"audio is {file.format}; {', '.join(kinds)} accepted")
            samples = np.asarray(file.read(dtype="float32", always_2d=True)).mean(axis=1)
            return Waveform(samples.astype(np.float32), file.samplerate)
    except soundfile.LibsndfileError as error:
        raise ClipError(f"audio cannot be read ({error})") from error


def from_pcm16(raw: bytes, rate_hz: int) -> Waveform:
    """Raw 16-bit little endian samples.

    Raises:
        ClipError: Half a sample at the end.
    """
    if len(raw) % 2:
        raise ClipError(f"{len(raw)} bytes are not whole 16-bit samples")
    return Waveform(np.frombuffer(raw, dtype="<i2").astype(np.float32) / 32768.0, rate_hz)


def to_file(wave: Waveform, kind: str = "WAV") -> bytes:
    """The waveform as a sound file: WAV or FLAC of 16 bits, MP3, or OGG, which holds Opus."""
    out = io.BytesIO()
    subtype = {"OGG": "OPUS"}.get(kind)
    with soundfile.SoundFile(out, "w", samplerate=wave.rate_hz, channels=1, format=kind, subtype=subtype) as file:
        file.write(wave.samples)
    return out.getvalue()

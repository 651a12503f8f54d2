"""Speech on the wire: to and from each encoding, gathered from pieces as they come."""

import base64
import binascii
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from s2s_arena.audio import files
from s2s_arena.audio.joining import join
from s2s_arena.audio.resampling import resample
from s2s_arena.audio.waveform import Waveform, from_pcm16
from s2s_arena.errors import AudioError

PCM16 = "pcm16"
PCM_F32 = "pcm_f32"
WAV = "wav"
_CONTAINERS = (b"RIFF", b"OggS", b"fLaC", b"ID3")
_HEADER = struct.Struct("<4sI8sIHHIIHH4sI")  # RIFF, fmt and data of a WAV without further chunks
_FMT = b"WAVEfmt "
LARGEST_BYTES = 192 * 1024 * 1024  # more than half an hour of floats at 24 kHz
LOUDEST = 16.0  # float samples beyond this are integers read as floats, or noise


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """How speech is written on a wire. `rate_hz` is what a container's header does not tell."""

    form: str = PCM16  # pcm16 | pcm_f32 | wav (or any other container, which tells itself)
    rate_hz: int = 24000


def encoded(speech: Waveform, encoding: Encoding) -> bytes:
    """Speech resampled and written.

    Raises:
        AudioError: A form that we do not write.
    """
    at_rate = resample(speech, encoding.rate_hz)
    match encoding.form:
        case "pcm16":
            return at_rate.pcm16().astype("<i2").tobytes()
        case "wav":
            return _wav_file(at_rate)
        case _:
            raise AudioError(f"encoding {encoding.form}: cannot be written; pcm16 and wav can")


def decoded(content: bytes, encoding: Encoding, *, who: str) -> Waveform:
    """Speech from what came; a container is known by its first bytes and its header's rate counts.

    Args:
        content: All bytes of one answer, or of one chunk that is a file by itself.
        encoding: What the wire promises for bytes without a header.
        who: Is named in messages.

    Raises:
        AudioError: Not audio, cut in the middle of a sample, or samples that are no sound.
    """
    if (plain := _plain_wav(content)) is not None:
        return plain
    if content[:4] in _CONTAINERS or content[:3] in _CONTAINERS:
        return files.read(content, name=f"{who}: the answer")
    width = 4 if encoding.form == PCM_F32 else 2
    if encoding.form not in (PCM16, PCM_F32):
        return files.read(content, name=f"{who}: the answer")
    if len(content) % width:
        raise AudioError(f"{who}: the answer ends in the middle of a sample ({len(content)} bytes of {encoding.form})")
    if encoding.form == PCM16:
        return _pcm16(content, encoding.rate_hz)
    samples = np.frombuffer(content, dtype="<f4")
    if samples.size and not (np.isfinite(samples).all() and float(np.abs(samples).max()) <= LOUDEST):
        raise AudioError(f"{who}: the answer is not 32-bit float speech; it may be 16-bit, see the card's format")
    return Waveform(np.clip(samples, -1.0, 1.0), encoding.rate_hz)


def chunks(speech: Waveform, encoding: Encoding, *, seconds: float) -> list[bytes]:
    """Speech written in chunks of so many seconds, each a file by itself where the encoding is one; at least one."""
    # Cut after resampling: pieces resampled one by one would click at their edges.
    at_rate = resample(speech, encoding.rate_hz)
    size = max(1, round(seconds * encoding.rate_hz))
    starts = range(0, max(1, at_rate.frames), size)
    return [encoded(Waveform(at_rate.samples[n : n + size], at_rate.rate_hz), encoding) for n in starts]


def packets(content: bytes, size: int) -> Iterator[bytes]:
    """The bytes in pieces of `size`; the last may be shorter."""
    for at in range(0, len(content), size):
        yield content[at : at + size]


class Gathered:
    """Gathers one answer: pieces of speech, words, and when the first sound came.

    Args:
        encoding: Of the speech.
        who: Is named in messages.
    """

    def __init__(self, encoding: Encoding, *, who: str) -> None:
        self._encoding = encoding
        self._who = who
        self._pieces: list[bytes] = []
        self._size = 0
        self._carry = ""
        self._words: list[str] = []
        self._asked = time.perf_counter()
        self._first: float | None = None

    def asked(self) -> None:
        """The question is now with the system: the time to the first sound counts from here."""
        self._asked = time.perf_counter()

    def restart(self) -> None:
        """Forget what came so far: it answered something else."""
        self._pieces.clear()
        self._words.clear()
        self._carry = ""
        self._first = None

    @property
    def first_audio_s(self) -> float | None:
        """Seconds from the question to the first sound; None if there was none. Sound before its end counts as 0."""
        return None if self._first is None else max(0.0, self._first - self._asked)

    @property
    def elapsed_s(self) -> float:
        """Seconds since the question."""
        return time.perf_counter() - self._asked

    @property
    def text(self) -> str | None:
        """The system's words so far."""
        return "".join(self._words).strip() or None

    @property
    def heard_sound(self) -> bool:
        """Whether any audio came."""
        return bool(self._pieces)

    def at_rate(self, rate_hz: int) -> None:
        """The wire says at which rate the next sound is.

        Raises:
            AudioError: No rate, or another one than that of the sound before.
        """
        if rate_hz == self._encoding.rate_hz:
            return
        if self._pieces or not 1000 <= rate_hz <= 384_000:
            raise AudioError(f"{self._who}: the answer goes from {self._encoding.rate_hz} to {rate_hz} Hz")
        self._encoding = replace(self._encoding, rate_hz=rate_hz)

    def words(self, piece: str) -> None:
        """Some more of the system's words."""
        self._words.append(piece)

    def sound(self, piece: bytes) -> None:
        """Some more audio; AudioError if it is more than any answer."""
        if piece:
            if self._first is None:
                self._first = time.perf_counter()
            self._size += len(piece)
            if self._size > LARGEST_BYTES:
                raise AudioError(f"{self._who}: more than {LARGEST_BYTES} bytes of speech in one answer")
            self._pieces.append(piece)

    def sound_base64(self, piece: str) -> None:
        """Some more audio in base64, cut anywhere; padding may stand at the end of any piece.

        Raises:
            AudioError: Not base64.
        """
        text = self._carry + piece
        # Joining the pieces as text would break wherever one is padded; each whole group of four is decoded at once.
        cut = len(text) - len(text) % 4
        self._carry = text[cut:]
        for part in _padded_parts(text[:cut]):
            try:
                self.sound(base64.b64decode(part, validate=True))
            except binascii.Error as error:
                raise AudioError(f"{self._who}: the answer's base64 is damaged ({error})") from error

    def speech(self) -> Waveform | None:
        """All the audio that came, or None if there was none.

        Raises:
            AudioError: It is not audio, or cut short.
        """
        if self._carry:
            raise AudioError(f"{self._who}: the answer's base64 is cut short")
        if not self._pieces:
            return None
        if sum(piece[:4] == b"RIFF" for piece in self._pieces) > 1:
            return join(
                [decoded(part, self._encoding, who=self._who) for part in _wav_files(self._pieces)],
                rate_hz=self._encoding.rate_hz,
            )
        return decoded(b"".join(self._pieces), self._encoding, who=self._who)


def base64_text(content: bytes) -> str:
    """Base64 (RFC 4648) as text."""
    return base64.b64encode(content).decode("ascii")


def _pcm16(content: bytes, rate_hz: int) -> Waveform:
    return from_pcm16(np.frombuffer(content, dtype="<i2").astype(np.int16, copy=False), rate_hz)


def _wav_file(speech: Waveform) -> bytes:
    """A WAV of 16-bit mono: what libsndfile writes, at a tenth of its time."""
    samples = speech.pcm16().astype("<i2").tobytes()
    rate_hz = speech.rate_hz
    return (
        _HEADER.pack(b"RIFF", 36 + len(samples), _FMT, 16, 1, 1, rate_hz, 2 * rate_hz, 2, 16, b"data", len(samples))
        + samples
    )


def _plain_wav(content: bytes) -> Waveform | None:
    """A WAV of 16-bit mono with nothing else in it, read at a tenth of libsndfile's time; None for any other."""
    if len(content) <= _HEADER.size or content[:4] != b"RIFF":
        return None
    riff, whole, fmt, *form, rate_hz, _, _, bits, data, size = _HEADER.unpack_from(content)
    left = len(content) - _HEADER.size
    plain = (riff, fmt, form, bits, data) == (b"RIFF", _FMT, [16, 1, 1], 16, b"data")
    if not plain or size != left or whole != 36 + left or size % 2 or not 1000 <= rate_hz <= 384_000:
        return None
    return _pcm16(content[_HEADER.size :], rate_hz)


def _padded_parts(text: str) -> Iterator[str]:
    start = 0
    while (pad := text.find("=", start)) >= 0:
        end = pad + (4 - pad % 4) if pad % 4 else pad + 4
        yield text[start:end]
        start = end
    if start < len(text):
        yield text[start:]


def _wav_files(pieces: list[bytes]) -> list[bytes]:
    """Pieces joined so that each begins with its own header."""
    joined: list[bytes] = []
    for piece in pieces:
        if piece[:4] == b"RIFF" or not joined:
            joined.append(piece)
        else:
            joined[-1] += piece
    return joined

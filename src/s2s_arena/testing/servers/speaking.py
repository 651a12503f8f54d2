"""What a loopback server says: words that depend on all it heard, spoken in tones, cut into pieces for the wire."""

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from s2s_arena.audio.resampling import resample
from s2s_arena.audio.waveform import Waveform
from s2s_arena.testing.servers.behaviour import Behaviour, WireFault
from s2s_arena.testing.servers.heard import Before, Heard
from s2s_arena.testing.sound import tones

FALSE_RATE = 16000  # what WRONG_RATE answers are made at
TRUE_RATE = 24000  # what most wires speak


class Dropped(Exception):
    """The script wants the connection to be gone now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One answer."""

    words: tuple[str, ...]
    speech: Waveform

    @property
    def text(self) -> str:
        """The words as one line."""
        return " ".join(self.words)

    def pcm16(self) -> bytes:
        """Raw samples, 16-bit little endian."""
        return self.speech.pcm16().astype("<i2").tobytes()


def say(heard: Heard, *, behaviour: Behaviour, rate_hz: int = TRUE_RATE) -> Said:
    """The answer to a question.

    Its words are drawn from every sample of the audio heard, from the written words, the turns before, the voice and
    the system prompt: two questions that differ in any of these get two different answers.
    """
    if heard.fault is WireFault.WRONG_RATE:
        rate_hz = FALSE_RATE if rate_hz != FALSE_RATE else TRUE_RATE
    now = _digest(*(_clip(clip) for clip in heard.audio), *heard.texts)
    words = ["heard", now[:6], "by", _digest(heard.voice or "", heard.instructions or "")[:6]]
    if heard.before:
        words += ["after", _digest(*(part for turn in heard.before for part in _parts(turn)))[:6]]
    if behaviour.recordings:
        number = int(_digest(*words), 16) % len(behaviour.recordings)
        words = ["recording", str(number)]
        speech = resample(behaviour.recordings[number], rate_hz)
    else:
        speech = tones(words, rate_hz=rate_hz)
    samples = speech.samples
    if heard.fault is WireFault.SILENCE:
        samples = np.zeros_like(samples)
    if heard.fault is WireFault.STOPS_EARLY:
        samples = _cut_in_speech(samples)
    return Said(words=tuple(words), speech=Waveform(samples, rate_hz))


def _cut_in_speech(samples: np.ndarray) -> np.ndarray:
    """About the first half, ending where it is loud."""
    middle = samples.shape[0] // 2
    window = max(1, samples.shape[0] // 40)
    ends = range(middle, middle - 12 * window, -window)
    end = max(ends, key=lambda at: float(np.abs(samples[max(0, at - window) : at]).mean()))
    return samples[:end]


def _parts(turn: Before) -> Iterator[str]:
    yield turn.role
    if turn.audio is not None:
        yield _clip(turn.audio)
    yield turn.text or ""
    yield turn.audio_id or ""


def _clip(clip: Waveform) -> str:
    return hashlib.sha256(clip.pcm16().tobytes()).hexdigest()


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()


# ------------------------------------------------------------------------------------------- on the wire


def pieces(raw: bytes, *, bytes_per_s: int, behaviour: Behaviour) -> list[bytes]:
    """Raw audio cut for streaming; never empty, so that an answer without audio still has a piece."""
    size = max(2, round(behaviour.piece_s * bytes_per_s)) & ~1
    size += behaviour.odd_pieces
    return [raw[at : at + size] for at in range(0, len(raw), size)] or [b""]


def in_base64(cut: Sequence[bytes], fault: WireFault | None) -> list[str]:
    """Each piece as base64 of its own; TRUNCATED_BASE64 takes the end off the middle one."""
    texts = [base64.b64encode(piece).decode() for piece in cut]
    if fault is WireFault.TRUNCATED_BASE64:
        middle = len(texts) // 2
        texts[middle] = truncated(texts[middle])
    return texts


def truncated(text: str) -> str:
    """Base64 of which no decoder can make whole bytes: one letter more than a multiple of four."""
    return text[: max(1, len(text) // 8 * 4) + 1]


async def paced(count: int, *, fault: WireFault | None, behaviour: Behaviour) -> AsyncIterator[int]:
    """The numbers of the pieces, each when it is due, until the script says otherwise.

    Raises:
        Dropped: In the middle, by the fault DROPPED, or after a stall.
    """
    await asyncio.sleep(behaviour.latency_s + (behaviour.slow_s if fault is WireFault.SLOW else 0.0))
    for number in range(count):
        if number == (count + 1) // 2:
            if fault is WireFault.DROPPED:
                raise Dropped
            if fault is WireFault.STALLED:
                await asyncio.sleep(behaviour.stalled_s)
                raise Dropped
            if fault is WireFault.CANCELLED:
                return
        if number and behaviour.gap_s:
            await asyncio.sleep(behaviour.gap_s)
        yield number

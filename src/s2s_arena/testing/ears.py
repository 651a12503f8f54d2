"""Ears and meters without models: they hear the words that a scripted voice spoke in tones."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from s2s_arena.audio.activity import active_spans
from s2s_arena.audio.waveform import Waveform
from s2s_arena.protocols import PitchTrack
from s2s_arena.records.cues import Quality, Span, Transcript, Word
from s2s_arena.records.identity import AudioHash
from s2s_arena.testing.sound import pitch_of


class ScriptedTranscriber:
    """Implements `protocols.Transcriber`: each tone is the word of the vocabulary whose pitch is nearest.

    Tones need gaps of at least 50 ms between them: speech at the plain rate or slower.

    Args:
        vocabulary: Words it can hear; two whose tones are less than 3 Hz apart cannot be told from each other.
        language: What it takes everything for, unless told.
        script: Instead, transcripts by audio hash.
    """

    def __init__(
        self,
        vocabulary: Iterable[str] = (),
        *,
        language: str = "en",
        script: Mapping[AudioHash, Transcript] | None = None,
    ) -> None:
        self._words = {pitch_of(word): word for word in vocabulary}
        self._language = language
        self._script = script or {}
        self.heard: list[AudioHash] = []

    @property
    def identity(self) -> str:
        return f"scripted-ears/1:{self._language}"

    def transcribe(self, speech: Waveform, *, language: str | None = None) -> Transcript:
        hash = speech.hash()
        self.heard.append(hash)
        if hash in self._script:
            return self._script[hash]
        words = tuple(self._word(speech, span) for span in active_spans(speech, bridge_s=0.02)) if self._words else ()
        text = " ".join(word.text for word in words)
        return Transcript(text=text, language=language or self._language, words=words)

    def _word(self, speech: Waveform, span: Span) -> Word:
        hz = strongest_hz(speech, span)
        text = self._words[min(self._words, key=lambda pitch: abs(pitch - hz))]
        return Word(text=text, start_s=span.start_s, end_s=span.end_s)


@dataclass
class ScriptedEncoder:
    """Implements `protocols.Encoder`: energy in bands, 50 frames a second; equal sounds have equal features."""

    dimensions: int = 8

    @property
    def identity(self) -> str:
        return f"scripted-encoder/1:{self.dimensions}"

    def encode(self, speech: Waveform) -> NDArray[np.float32]:
        """Shape (frames, dimensions); at least one frame."""
        hop = max(2, speech.rate_hz // 50)
        frames = max(1, speech.frames // hop)
        padded = np.zeros(frames * hop, dtype=np.float64)
        padded[: min(speech.frames, frames * hop)] = speech.samples[: frames * hop]
        spectrum = np.abs(np.fft.rfft(padded.reshape(frames, hop), axis=1))
        bands = np.array_split(spectrum, self.dimensions, axis=1)
        return np.stack([band.sum(axis=1) for band in bands], axis=1).astype(np.float32)


class ScriptedPitchTracker:
    """Implements `protocols.PitchTracker` for tones: the strongest frequency of every 10 ms."""

    @property
    def identity(self) -> str:
        return "scripted-pitch/1"

    def track(self, speech: Waveform) -> PitchTrack:
        times = np.arange(0.0, speech.duration_s, 0.01)
        spans = active_spans(speech, bridge_s=0.02)
        voiced = np.array([any(s.start_s <= t < s.end_s for s in spans) for t in times], dtype=bool)
        f0 = np.zeros(len(times))
        for span in spans:
            inside = (times >= span.start_s) & (times < span.end_s)
            f0[inside] = strongest_hz(speech, span)
        return PitchTrack(times, f0, voiced, voiced.astype(np.float64))


@dataclass
class ScriptedQuality:
    """Implements `protocols.QualityMeter`: good where there is sound, bad where there is none, or by script."""

    script: Mapping[AudioHash, float] = field(default_factory=dict)
    good: float = 4.0

    @property
    def identity(self) -> str:
        return "scripted-quality/1"

    def rate(self, speech: Waveform) -> Quality:
        mark = self.script.get(speech.hash(), self.good if active_spans(speech) else 1.0)
        return Quality(signal=mark, background=mark, overall=mark, p808=mark)


def strongest_hz(speech: Waveform, span: Span) -> float:
    """The frequency with most energy in a span, to about 1 Hz."""
    part = speech.samples[round(span.start_s * speech.rate_hz) : round(span.end_s * speech.rate_hz)]
    if len(part) < 4:
        return 0.0
    size = max(len(part), speech.rate_hz)
    spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part)), n=size))
    return float(np.argmax(spectrum) * speech.rate_hz / size)

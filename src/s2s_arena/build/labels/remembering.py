"""Ears that hear a clip once, whoever asks: the build checks its words and the meter needs their times."""

from s2s_arena.audio.resampling import resample
from s2s_arena.audio.waveform import Waveform
from s2s_arena.build.labels.measures import HEARING_HZ
from s2s_arena.protocols import Transcriber
from s2s_arena.records.cues import Transcript
from s2s_arena.records.identity import AudioHash


class Remembering:
    """A `Transcriber` that keeps what it was told by another one, for as long as it lives.

    Args:
        ears: Are asked once about a clip and language.
    """

    def __init__(self, ears: Transcriber) -> None:
        self._ears = ears
        self._heard: dict[tuple[AudioHash, str | None], Transcript] = {}

    @property
    def identity(self) -> str:
        """That of the ears."""
        return self._ears.identity

    def transcribe(self, speech: Waveform, *, language: str | None = None) -> Transcript:
        wave = resample(speech, HEARING_HZ)
        key = (wave.hash(), language)
        if key not in self._heard:
            self._heard[key] = self._ears.transcribe(wave, language=language)
        return self._heard[key]

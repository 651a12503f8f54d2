"""Baselines that anything must beat: the user's own speech given back, and silence."""

from collections.abc import Mapping

from s2s_arena.audio.joining import silence
from s2s_arena.models import settings as read
from s2s_arena.models.parts import Parts
from s2s_arena.protocols import Answer, Request
from s2s_arena.records.responses import Usage
from s2s_arena.records.systems import Setting


class Echo:
    """Gives the user's speech back."""

    identity = "echo/1"

    def answer(self, request: Request) -> Answer:
        seconds = request.speech.duration_s
        return Answer(speech=request.speech, first_audio_s=0.0, usage=Usage(audio_in_s=seconds, audio_out_s=seconds))


class Silence:
    """Answers with digital silence.

    Args:
        seconds: How long.
        rate_hz: Of the answer.
    """

    def __init__(self, *, seconds: float = 1.0, rate_hz: int = 24_000) -> None:
        self._speech = silence(seconds, rate_hz)

    @property
    def identity(self) -> str:
        return f"silence/1({self._speech.duration_s:g} s)"

    def answer(self, request: Request) -> Answer:
        used = Usage(audio_in_s=request.speech.duration_s, audio_out_s=self._speech.duration_s)
        return Answer(speech=self._speech, first_audio_s=0.0, usage=used)


def build_echo(settings: Mapping[str, Setting], parts: Parts) -> Echo:
    """The echo; it has no settings."""
    read.check_keys("echo", settings, known=frozenset())
    return Echo()


def build_silence(settings: Mapping[str, Setting], parts: Parts) -> Silence:
    """Silence. Settings: seconds."""
    read.check_keys("silence", settings, known=frozenset({"seconds"}))
    return Silence(seconds=read.number(settings, "seconds", 1.0))

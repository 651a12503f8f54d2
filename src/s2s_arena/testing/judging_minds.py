"""What a loopback judge thinks: it hears tones as words, prefers the answer with more of them, and writes that down."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from s2s_arena.audio.waveform import Waveform
from s2s_arena.testing.ears import ScriptedTranscriber
from s2s_arena.testing.servers.heard import Heard

Ears = Callable[[tuple[Waveform, ...]], tuple[Waveform, ...]]
"""What of a request's audio reaches the model."""

Mind = Callable[[Heard], str]
"""The reply to what was heard."""

Form = Callable[[str], str]
"""How the winner, 1 or 2 (0 for neither), is written down."""


def everything(clips: tuple[Waveform, ...]) -> tuple[Waveform, ...]:
    """All audio arrives."""
    return clips


def nothing(clips: tuple[Waveform, ...]) -> tuple[Waveform, ...]:
    """A server that drops audio parts, as one does that knows no such field."""
    return ()


def first_clip(clips: tuple[Waveform, ...]) -> tuple[Waveform, ...]:
    """A server that takes one audio a message and drops the others."""
    return clips[:1]


def beginning(seconds: float) -> Ears:
    """A server that cuts audio off after so many seconds."""

    def heard(clips: tuple[Waveform, ...]) -> tuple[Waveform, ...]:
        return tuple(Waveform(clip.samples[: round(seconds * clip.rate_hz)], clip.rate_hz) for clip in clips)

    return heard


def as_json(winner: str) -> str:
    """As it was asked for."""
    sides = dict.fromkeys(("instruction", "expressiveness", "quality"), winner)
    return json.dumps({"reason": "more words", **sides, "winner": winner})


def fenced(winner: str) -> str:
    """As chat models like it: a sentence, then JSON in a Markdown fence."""
    return f"Here is my verdict.\n```json\n{as_json(winner)}\n```\n"


def prose(winner: str) -> str:
    """In words."""
    return f"Both are fine.\n\n**Instruction:** {winner}\n**Winner: Answer {winner}**"


@dataclass(slots=True)
class ListeningMind:
    """A judge that really hears: its verdict, and what it writes down when asked, depend on the audio alone.

    Attributes:
        words: What it can hear in comparisons: words of cues and answers, whose tones are 3 Hz apart or more.
        canary_words: What it can hear when asked what was said.
        canary_sign: Stands in the system prompt when it is.
        marks: Cues that begin the first answer, begin the second and end it all, where one audio holds everything.
        form: How it writes.
        ears: What of the audio reaches it.
        counts: The words that it found in the two answers, request by request.
    """

    words: Sequence[str]
    canary_words: Sequence[str]
    canary_sign: str
    marks: tuple[str, str, str] = ("first", "second", "end")
    form: Form = as_json
    ears: Ears = everything
    counts: list[tuple[int, int]] = field(default_factory=list)

    def __call__(self, heard: Heard) -> str:
        clips = self.ears(heard.audio)
        if self.canary_sign in (heard.instructions or ""):
            return ", ".join(word for clip in clips for word in self._hear(clip, self.canary_words)) or "nothing"
        first, second = self._lengths(clips)
        self.counts.append((first, second))
        return self.form("1" if first >= second else "2")

    def _lengths(self, clips: Sequence[Waveform]) -> tuple[int, int]:
        said = [self._hear(clip, self.words) for clip in clips]
        if len(said) >= 3:
            return len(said[1]), len(said[2])
        alone = [word for part in said for word in part]
        begin, middle, end = self.marks
        first = alone.index(begin) if begin in alone else len(alone)
        second = alone.index(middle) if middle in alone else len(alone)
        last = alone.index(end) if end in alone else len(alone)
        return max(0, second - first - 1), max(0, last - second - 1)

    def _hear(self, clip: Waveform, words: Sequence[str]) -> list[str]:
        return ScriptedTranscriber(words).transcribe(clip).text.split()

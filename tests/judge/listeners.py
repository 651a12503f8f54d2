"""Comparisons in tones, cues of one tone each, and a judge that hears them, for tests of listening judges."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from s2s_arena.audio.waveform import Waveform
from s2s_arena.judge.comparison import Comparison, HeardTake, HeardTurn
from s2s_arena.judge.prompts.listening import Announcements, CanaryWords, ListeningPrompts, listening_prompts
from s2s_arena.judge.spoken_cues import CueVoice
from s2s_arena.protocols import HeardMessage, Reading
from s2s_arena.records.identity import SampleId
from s2s_arena.records.samples import Sample, Turn
from s2s_arena.records.speech import AudioRef
from s2s_arena.retries import Retries
from s2s_arena.testing.judging_minds import as_json
from s2s_arena.testing.sound import pitch_of, tones
from s2s_arena.testing.voices import ScriptedSpeaker

CUES = Announcements(
    question="question",
    first="first",
    second="second",
    conversation_first="opening",
    conversation_second="reopening",
    user="user",
    reply="reply",
    silent="missing",
    end="end",
)


def far_apart(words: Sequence[str], *, from_: Sequence[str] = (), hz: float = 8.0) -> tuple[str, ...]:
    """Those words whose tones lie apart from all before."""
    chosen = list(from_)
    for word in words:
        if all(abs(pitch_of(word) - pitch_of(other)) >= hz for other in chosen):
            chosen.append(word)
    return tuple(chosen[len(from_) :])


MARKS = tuple(getattr(CUES, name) for name in ("question", "first", "second", "end"))
CANARY = far_apart(listening_prompts("en").canary.words)
SPOKEN = far_apart([f"word{n}" for n in range(60)], from_=MARKS)[:12]
"""Words of questions and answers, told from the cues and from each other by their tones."""


def prompts(language: str = "en") -> ListeningPrompts:
    shipped = listening_prompts(language)
    return replace(shipped, cues=CUES, canary=CanaryWords(words=CANARY))


def cue_voice(speaker: ScriptedSpeaker | None = None, **options: object) -> CueVoice:
    voice = speaker or ScriptedSpeaker()
    return CueVoice(lambda language: voice, **options)  # type: ignore[arg-type]


def turn(words: int, *, rate_hz: int = 16000, level: float = 0.2, **kwargs: object) -> HeardTurn:
    wave = tones(SPOKEN[:words], rate_hz=rate_hz, level=level)
    ref = AudioRef(hash=wave.hash(), rate_hz=rate_hz, frames=wave.frames)
    return HeardTurn(speech=wave, audio=ref, **kwargs)  # type: ignore[arg-type]


def take(*words: int, gain_db: float = 0.0, **options: object) -> HeardTake:
    return HeardTake(turns=tuple(turn(n, **options) for n in words), gain_db=gain_db)  # type: ignore[arg-type]


def comparison(
    first: HeardTake, second: HeardTake, *, turns: int = 1, language: str = "en", guideline: str = "", seed: int = 3
) -> Comparison:
    question: Waveform = tones(SPOKEN[:2])
    sample = Sample(
        id=SampleId("s1"),
        language=language,
        turns=tuple(Turn(script=f"say {n}", language=language, labels={"emotion": "sad"}) for n in range(turns)),
        guideline=guideline,
    )
    return Comparison(sample=sample, questions=(question,) * turns, first=first, second=second, seed=seed)


@dataclass
class ScriptedReader:
    """Implements `protocols.AudioReader`: replies one after the other, the last for ever; exceptions are raised."""

    replies: Sequence[str | Exception] = (as_json("1"),)
    audio_tokens: int | None = None
    model: str = "model-7"
    asked: list[tuple[tuple[HeardMessage, ...], dict[str, object]]] = field(default_factory=list)

    identity = "scripted-reader/1"

    def read(self, messages: Sequence[HeardMessage], **options: object) -> Reading:
        reply = self.replies[min(len(self.asked), len(self.replies) - 1)]
        self.asked.append((tuple(messages), dict(options)))
        if isinstance(reply, Exception):
            raise reply
        return Reading(text=reply, model=self.model, audio_tokens=self.audio_tokens)


NO_WAIT = Retries(attempts=3, sleep=lambda seconds: None)

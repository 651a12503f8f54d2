"""A comparison as one sequence of announcements and speech: the same for every way of presenting it."""

from collections.abc import Iterator
from dataclasses import dataclass

from s2s_arena.audio.activity import active_spans
from s2s_arena.audio.loudness import gain
from s2s_arena.audio.waveform import Waveform
from s2s_arena.judge.comparison import Comparison, HeardTake, HeardTurn
from s2s_arena.records.speech import AudioRef

EDGE_S = 0.05  # kept around speech, so that its first and last sounds are whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """An announcement, by the name of its field in `Announcements`."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Said:
    """Something that is heard: a turn of the user or of an answer, at its level and without silent edges.

    Attributes:
        who: user, first or second.
        turn: Which turn.
        speech: What is played.
        original: The same as it was stored: what instruments measure.
        audio: Its reference, where it is stored.
    """

    who: str
    turn: int
    speech: Waveform
    original: Waveform
    audio: AudioRef | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unspoken:
    """Words of the user that no audio exists of."""

    turn: int
    script: str


Item = Cue | Said | Unspoken


def programme(comparison: Comparison) -> tuple[Item, ...]:
    """What is announced and played, in order.

    One turn: the question, the first answer, the second. Several: the whole first conversation, then the whole second
    one, each with the user's turns. Where an answer is missing, an announcement says so instead.
    """
    items: list[Item] = []
    if len(comparison.questions) == 1:
        items += [Cue(name="question"), _question(comparison, 0)]
        items += [Cue(name="first"), *_answer(comparison.first, 0, "first")]
        items += [Cue(name="second"), *_answer(comparison.second, 0, "second")]
    else:
        for who, take in (("first", comparison.first), ("second", comparison.second)):
            items.append(Cue(name=f"conversation_{who}"))
            for turn in range(len(comparison.questions)):
                items += [Cue(name="user"), _question(comparison, turn)]
                items += [Cue(name="reply"), *_answer(take, turn, who)]
    return (*items, Cue(name="end"))


def trimmed(wave: Waveform) -> Waveform:
    """The waveform without its silent edges but for 50 ms; one without speech stays whole."""
    spans = active_spans(wave)
    if not spans:
        return wave
    start = max(0, round((spans[0].start_s - EDGE_S) * wave.rate_hz))
    end = min(wave.frames, round((spans[-1].end_s + EDGE_S) * wave.rate_hz))
    return Waveform(wave.samples[start:end], wave.rate_hz)


def _question(comparison: Comparison, turn: int) -> Item:
    wave = comparison.questions[turn]
    if wave is None or not wave.frames:
        return Unspoken(turn=turn, script=comparison.sample.turns[turn].script)
    return _said(wave, "user", turn, comparison.question_gain_db)


def _answer(take: HeardTake, turn: int, who: str) -> Iterator[Item]:
    heard = take.turns[turn] if turn < len(take.turns) else HeardTurn(speech=None, audio=None)
    if heard.speech is None or not heard.speech.frames:
        yield Cue(name="silent")
    else:
        yield _said(heard.speech, who, turn, take.gain_db, heard.audio)


def _said(wave: Waveform, who: str, turn: int, gain_db: float, audio: AudioRef | None = None) -> Said:
    played = trimmed(wave)
    return Said(who=who, turn=turn, speech=gain(played, gain_db) if gain_db else played, original=wave, audio=audio)

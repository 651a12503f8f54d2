"""Explaining a verdict: words removed, delivery changed, one at a time, and the judge asked again within a budget."""

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import AudioError, InputError, JudgeFailure
from s2s_arena.judge import editing
from s2s_arena.judge.comparison import Comparison, Decision, HeardTake, HeardTurn, Judge
from s2s_arena.judge.editing import Reshaper
from s2s_arena.protocols import Progress, Record, Transcriber
from s2s_arena.records.cues import Word
from s2s_arena.records.explanations import Effect, Explanation
from s2s_arena.records.identity import JudgeName, MatchId, content_hash
from s2s_arena.records.speech import AudioRef
from s2s_arena.records.studies import Outcome

PITCH_ST = 3.0
FLAT = 0.1
SLOWER, FASTER = 0.8, 1.25
LEVEL_DB = 10.0
SNR_DB = 10.0
FIRST_CHUNKS = 4  # of an answer's words, before the telling ones are divided
SIDES = ("first", "second")

Edit = Callable[[Waveform], Waveform]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """The explanation, and records that the judge made on the way and whoever called may keep."""

    explanation: Explanation
    notes: tuple[Record, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """One thing to change: a whole turn by an edit, or some of its words."""

    side: int
    turn: int
    edit: str
    how: Edit
    words: tuple[Word, ...] = ()
    end_s: float = 0.0


@dataclass(slots=True)
class _Asked:
    """What the judge said so far."""

    calls: int = 0
    effects: list[Effect] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def explain(
    comparison: Comparison,
    judge: Judge,
    *,
    match: MatchId,
    name: JudgeName,
    transcriber: Transcriber,
    reshaper: Reshaper | None = None,
    budget: int = 40,
    progress: Progress | None = None,
) -> Explained:
    """What in the two answers moved the judge.

    Every whole-answer change comes first (pitch, pace, loudness, noise, pauses), then words: each answer in a few
    stretches, and the stretch that told most divided again, until the budget ends or single words are left. A judge
    that gives no margin moves by whole verdicts.

    Args:
        comparison: The match as its judge hears it.
        judge: Any judge.
        match: Whose explanation it is.
        name: The judge's.
        transcriber: Where words are in time.
        reshaper: Changes pitch and pace; without one they are left out.
        budget: Times the judge may be asked, the unchanged match included; at least 2.
        progress: Told of every asking.

    Raises:
        InputError: The budget is below 2.
        JudgeFailure: The judge has no verdict on the match as it is.
        InfrastructureError: The judge cannot be reached.
    """
    if budget < 2:
        raise InputError(f"explaining {match}: a budget of {budget} askings given; 2 at least")
    if progress:
        progress.begin("askings", budget)
    base = judge.decide(comparison)
    asked = _Asked(calls=1, records=list(base.notes))
    if progress:
        progress.advance("as it is")
    room = _Room(comparison, judge, base=base, asked=asked, budget=budget, progress=progress)
    for change in _whole(comparison, reshaper):
        room.effect(change)
    room.divide(_chunks(comparison, transcriber))
    if progress:
        progress.end()
    ordered = sorted(asked.effects, key=lambda e: (-abs(e.shift), e.side, e.turn, e.start_s, e.edit))
    audio = tuple(
        tuple(turn.audio.hash for turn in take.turns if turn.audio) for take in (comparison.first, comparison.second)
    )
    return Explained(
        explanation=Explanation(
            match=match,
            judge=name,
            judge_version=judge.identity,
            tools=content_hash("explaining/1", transcriber.identity, reshaper.identity if reshaper else None),
            budget=budget,
            calls=asked.calls,
            outcome=base.outcome,
            margin=base.margin,
            audio=(audio[0], audio[1]),
            effects=tuple(ordered),
            notes=tuple(dict.fromkeys(asked.failed)),
        ),
        notes=tuple(asked.records),
    )


class _Room:
    """Asks about one change at a time while the budget lasts."""

    def __init__(
        self,
        comparison: Comparison,
        judge: Judge,
        *,
        base: Decision,
        asked: _Asked,
        budget: int,
        progress: Progress | None,
    ) -> None:
        self._comparison = comparison
        self._judge = judge
        self._base = base
        self._asked = asked
        self._budget = budget
        self._progress = progress

    def effect(self, change: _Change) -> float | None:
        """How much the changed answer lost; None without budget, verdict or anything to change."""
        if self._asked.calls >= self._budget:
            return None
        try:
            changed = _applied(self._comparison, change)
        except AudioError as error:
            self._asked.failed.append(f"{change.edit}: {error}")
            return None
        self._asked.calls += 1
        try:
            decision = self._judge.decide(changed)
        except JudgeFailure as error:
            self._asked.failed.append(f"{change.edit}: {error}")
            return None
        finally:
            if self._progress:
                self._progress.advance(change.edit)
        self._asked.records += decision.notes
        made = _effect(change, self._base, decision)
        self._asked.effects.append(made)
        return made.shift

    def divide(self, chunks: Sequence[_Change]) -> None:
        """Ask about each stretch of words, then about the halves of whichever told most."""
        waiting: list[tuple[float, int, _Change]] = []
        count = 0
        for chunk in chunks:
            shift = self.effect(chunk)
            count += 1
            if shift is not None:
                heapq.heappush(waiting, (-abs(shift), count, chunk))
        while waiting and self._asked.calls < self._budget:
            _, _, chunk = heapq.heappop(waiting)
            middle = len(chunk.words) // 2
            for half in (chunk.words[:middle], chunk.words[middle:]) if middle else ():
                part = _removal(chunk.side, chunk.turn, half)
                shift = self.effect(part)
                count += 1
                if shift is not None:
                    heapq.heappush(waiting, (-abs(shift), count, part))


def strength(decision: Decision) -> float:
    """The margin in favour of the take heard first; of a judge that gives none, 1, 0 or -1."""
    if decision.margin:
        return decision.margin
    return {Outcome.FIRST: 1.0, Outcome.SECOND: -1.0}.get(decision.outcome, 0.0)


def _effect(change: _Change, base: Decision, decision: Decision) -> Effect:
    sign = 1.0 if change.side == 0 else -1.0
    return Effect(
        side=SIDES[change.side],
        turn=change.turn,
        edit=change.edit,
        start_s=change.words[0].start_s if change.words else 0.0,
        end_s=change.words[-1].end_s if change.words else change.end_s,
        text=" ".join(word.text.strip() for word in change.words),
        outcome=decision.outcome,
        margin=decision.margin,
        shift=sign * (strength(base) - strength(decision)),
        flipped=decision.outcome is not base.outcome,
    )


def _takes(comparison: Comparison) -> tuple[HeardTake, HeardTake]:
    return comparison.first, comparison.second


def _whole(comparison: Comparison, reshaper: Reshaper | None) -> list[_Change]:
    """Changes of whole turns, edit by edit, so that a small budget is spread over both answers."""
    made: list[_Change] = []
    for name, edit in _edits(reshaper).items():
        for side, take in enumerate(_takes(comparison)):
            for number, turn in enumerate(take.turns):
                if turn.speech is not None and turn.speech.frames:
                    made.append(_Change(side=side, turn=number, edit=name, how=edit, end_s=turn.speech.duration_s))
    return made


def _edits(reshaper: Reshaper | None) -> dict[str, Edit]:
    edits: dict[str, Edit] = {}
    if reshaper is not None:
        edits = {
            "flat": lambda wave: reshaper.reshape(wave, pitch_range=FLAT),
            "slower": lambda wave: reshaper.reshape(wave, rate=SLOWER),
            "faster": lambda wave: reshaper.reshape(wave, rate=FASTER),
            f"pitch+{PITCH_ST:g}": lambda wave: reshaper.reshape(wave, pitch_st=PITCH_ST),
            f"pitch-{PITCH_ST:g}": lambda wave: reshaper.reshape(wave, pitch_st=-PITCH_ST),
            "resynthesis": lambda wave: reshaper.reshape(wave),  # what the editor itself does to the sound
        }
    return edits | {
        "softer": lambda wave: editing.levelled(wave, -LEVEL_DB),
        "louder": lambda wave: editing.levelled(wave, LEVEL_DB),
        "noise": lambda wave: editing.noisy(wave, SNR_DB, rng=np.random.default_rng(0)),
        "no-gaps": editing.without_gaps,
    }


def _chunks(comparison: Comparison, transcriber: Transcriber) -> list[_Change]:
    """Each turn's words in a few stretches; none where no words are understood."""
    made: list[_Change] = []
    for side, take in enumerate(_takes(comparison)):
        for number, turn in enumerate(take.turns):
            if turn.speech is None or not turn.speech.frames:
                continue
            words = transcriber.transcribe(turn.speech).words
            for part in np.array_split(np.arange(len(words)), min(FIRST_CHUNKS, len(words)) or 1):
                if len(part):
                    made.append(_removal(side, number, words[int(part[0]) : int(part[-1]) + 1]))
    return made


def _removal(side: int, turn: int, words: tuple[Word, ...]) -> _Change:
    start, end = words[0].start_s, words[-1].end_s
    # Silence and not a cut: what follows stays where it was, and the pace of the rest is as it was.
    return _Change(
        side=side, turn=turn, edit="words", how=lambda wave: editing.muted(wave, start, end), words=words, end_s=end
    )


def _applied(comparison: Comparison, change: _Change) -> Comparison:
    take = _takes(comparison)[change.side]
    turns = list(take.turns)
    old = turns[change.turn]
    if old.speech is None:
        raise AudioError("explaining: a turn without speech cannot be changed")
    wave = change.how(old.speech)
    ref = AudioRef(hash=wave.hash(), rate_hz=wave.rate_hz, frames=wave.frames)
    turns[change.turn] = HeardTurn(speech=wave, audio=ref, own_text=old.own_text)
    changed = replace(take, turns=tuple(turns))
    return replace(comparison, first=changed) if change.side == 0 else replace(comparison, second=changed)

"""Trials of a judge: each pair in both orders, some once more; what it said is kept, so that nothing is asked twice."""

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from s2s_arena.errors import AudioError, InputError, JudgeFailure, MissingError
from s2s_arena.judge.comparison import Decision, Judge
from s2s_arena.judge.probes.kinds import KINDS, Probe
from s2s_arena.judge.probes.recipes import Recipe
from s2s_arena.judge.probes.workshop import Pair, Workshop
from s2s_arena.protocols import Executor, Progress, Record, Store
from s2s_arena.records.identity import content_hash
from s2s_arena.records.scores import Score
from s2s_arena.records.studies import Outcome

ATTEMPTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """One time that a judge is asked about a pair."""

    recipe: Recipe
    better_first: bool
    again: int = 0  # how often it was asked the very same before


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a judge said when asked once.

    Attributes:
        asking: What it was asked.
        outcome: What it said; None where it failed to say anything.
        criterion: What it said of the criterion that the fault costs; None where it abstained, or none is known.
        margin: In favour of the take heard first.
        first_s: Seconds of speech of the take heard first.
        second_s: The same of the other.
        failures: How often it failed to say anything usable before, or for good.
    """

    asking: Asking
    outcome: Outcome | None
    criterion: Outcome | None = None
    margin: float = 0.0
    first_s: float = 0.0
    second_s: float = 0.0
    failures: int = 0

    @property
    def probe(self) -> Probe:
        """Which probe it is of."""
        return self.asking.recipe.probe

    @property
    def right(self) -> float:
        """1 if the better answer won, 0 if not or if nothing was said, .5 for a tie."""
        return _right(self.outcome, self.asking.better_first)

    @property
    def criterion_right(self) -> float | None:
        """The same by the criterion; None where the judge had no opinion on it."""
        return None if self.criterion is None else _right(self.criterion, self.asking.better_first)


def _right(outcome: Outcome | None, better_first: bool) -> float:
    if outcome is None:
        return 0.0
    wanted = Outcome.FIRST if better_first else Outcome.SECOND
    return 1.0 if outcome is wanted else 0.0 if outcome is wanted.swapped else 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """All trials of one judge, and the recipes that no pair could be made from, with why."""

    trials: tuple[Trial, ...]
    unmade: tuple[tuple[Recipe, str], ...] = ()


def askings(recipes: Sequence[Recipe], *, again: int = 0) -> tuple[Asking, ...]:
    """Both orders of every pair, the two together; the first `again` pairs of each probe are asked once more.

    Args:
        recipes: The pairs.
        again: Pairs a probe that are asked a second time in their first order, for test and retest.
    """
    asked: list[Asking] = []
    seen: dict[Probe, int] = {}
    for recipe in recipes:
        place = seen[recipe.probe] = seen.get(recipe.probe, 0) + 1
        order = place % 2 == 0
        asked += [Asking(recipe=recipe, better_first=order), Asking(recipe=recipe, better_first=not order)]
        if place <= again:
            asked.append(Asking(recipe=recipe, better_first=order, again=1))
    return tuple(asked)


def run(
    asked: Sequence[Asking],
    *,
    judge: Judge,
    workshop: Workshop,
    store: Store,
    executor: Executor,
    progress: Progress | None = None,
    concurrency: int = 1,
    attempts: int = ATTEMPTS,
) -> Tried:
    """Ask the judge what it has not been asked before; what it said is kept as scores.

    Args:
        asked: From `askings`; the askings of one pair stand together, and its audio is made once.
        judge: Whom to ask.
        workshop: Makes the audio.
        store: Where answers are read and scores kept.
        executor: Overlaps waiting for the judge.
        progress: Told of each pair.
        concurrency: Pairs at once.
        attempts: How often a judge without a usable reply is asked.

    Returns:
        Trials in the order of `asked`, without the pairs that could not be made.

    Raises:
        InfrastructureError: The judge cannot be reached; what it said is kept.
    """
    desk = _Desk(judge, workshop, attempts)
    known: dict[str, Trial] = {}
    left: dict[str, list[Asking]] = {}
    for asking in asked:
        found = store.get(Score, desk.key(asking))
        if found is not None:
            known[desk.key(asking)] = _read(asking, found.raw)
        else:
            left.setdefault(asking.recipe.subject, []).append(asking)
    if progress:
        progress.begin("pairs", len(left))
    unmade: list[tuple[Recipe, str]] = []
    for subject, done in executor.map(lambda each: desk.ask(left[each]), left, concurrency=concurrency):
        store.put(*done.notes, *done.scores)
        known |= done.trials
        if done.why_not:
            unmade.append((left[subject][0].recipe, done.why_not))
        if progress:
            progress.advance(left[subject][0].recipe.probe)
    if progress:
        progress.end()
    given = (known.get(desk.key(asking)) for asking in asked)
    return Tried(trials=tuple(trial for trial in given if trial is not None), unmade=tuple(unmade))


@dataclass(slots=True)
class _Done:
    """What came of one pair: trials by key, and what is to be kept."""

    trials: dict[str, Trial] = field(default_factory=dict)
    scores: list[Score] = field(default_factory=list)
    notes: list[Record] = field(default_factory=list)
    why_not: str = ""


class _Desk:
    """Makes pairs one at a time and asks about them; writes nothing."""

    def __init__(self, judge: Judge, workshop: Workshop, attempts: int) -> None:
        self._judge = judge
        self._identity = judge.identity
        self._workshop = workshop
        self._attempts = attempts
        self._making = threading.Lock()  # voices and editors are not asked by two threads at once

    def key(self, asking: Asking) -> str:
        return content_hash("score", self._subject(asking), _scale(asking), self._identity)

    def _subject(self, asking: Asking) -> str:
        recipe = asking.recipe
        tools = self._workshop.tools(recipe.probe)
        return content_hash("trial", recipe.subject, tools, asking.better_first, asking.again)

    def ask(self, asked: Sequence[Asking]) -> _Done:
        """All askings of one pair."""
        done = _Done()
        try:
            with self._making:
                pair = self._workshop.make(asked[0].recipe)
        except (AudioError, InputError) as error:
            if isinstance(error, MissingError):
                raise
            done.why_not = str(error)
            return done
        for asking in asked:
            trial, notes = self._asked_once(pair, asking)
            done.trials[self.key(asking)] = trial
            done.notes += notes
            if trial.outcome is not None:  # a failure is asked again by the next run
                done.scores.append(self._score(trial))
        return done

    def _asked_once(self, pair: Pair, asking: Asking) -> tuple[Trial, tuple[Record, ...]]:
        seed = int(asking.recipe.subject[:8], 16) + asking.again
        heard = pair.comparison(better_first=asking.better_first, seed=seed)
        seconds = tuple(
            sum(turn.speech.duration_s for turn in take.turns if turn.speech) for take in (heard.first, heard.second)
        )
        failures = 0
        while failures < self._attempts:
            try:
                decision = self._judge.decide(heard)
            except JudgeFailure:
                failures += 1
                continue
            return _trial(asking, decision, seconds=seconds, failures=failures), decision.notes
        return Trial(asking=asking, outcome=None, first_s=seconds[0], second_s=seconds[1], failures=failures), ()

    def _score(self, trial: Trial) -> Score:
        return Score(
            subject=self._subject(trial.asking),
            scale=_scale(trial.asking),
            judge=self._identity,
            value=trial.right,
            raw=json.dumps(
                {
                    "outcome": trial.outcome,
                    "criterion": trial.criterion,
                    "margin": trial.margin,
                    "seconds": [trial.first_s, trial.second_s],
                    "failures": trial.failures,
                }
            ),
        )


def _scale(asking: Asking) -> str:
    return f"probe:{asking.recipe.probe}"


def _trial(asking: Asking, decision: Decision, *, seconds: tuple[float, ...], failures: int) -> Trial:
    criterion = KINDS[asking.recipe.probe].criterion
    part = decision.criteria.get(criterion) if criterion else None
    return Trial(
        asking=asking,
        outcome=decision.outcome,
        criterion=part.outcome if part else None,
        margin=decision.margin,
        first_s=seconds[0],
        second_s=seconds[1],
        failures=failures,
    )


def _read(asking: Asking, raw: str) -> Trial:
    said = json.loads(raw)
    return Trial(
        asking=asking,
        outcome=Outcome(said["outcome"]),
        criterion=Outcome(said["criterion"]) if said["criterion"] else None,
        margin=float(said["margin"]),
        first_s=float(said["seconds"][0]),
        second_s=float(said["seconds"][1]),
        failures=int(said["failures"]),
    )

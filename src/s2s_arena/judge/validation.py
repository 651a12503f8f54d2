"""Judging a judge: trials on pairs with a known loser, its habits, controls that must fail, and the record of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from s2s_arena.boards.reliability import record_of
from s2s_arena.errors import InputError
from s2s_arena.judge import trials
from s2s_arena.judge.comparison import Judge
from s2s_arena.judge.probes.kinds import BLATANT, KINDS, SUBTLE, Probe
from s2s_arena.judge.probes.recipes import Recipe, asked, draw
from s2s_arena.judge.probes.sources import Source
from s2s_arena.judge.probes.workshop import Workshop
from s2s_arena.judge.trials import Trial, Tried, askings
from s2s_arena.protocols import Executor, Progress, Store
from s2s_arena.ratings.agreement import Estimate, wilson
from s2s_arena.ratings.bias import Lean, length_bias, position_bias
from s2s_arena.ratings.calibration import calibrate
from s2s_arena.records.boards import JudgeReliability
from s2s_arena.records.identity import JudgeName
from s2s_arena.records.studies import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """A judge that is denied what it judges by, and the probes on which it must therefore fail.

    `by_criterion`: It must fail on the criterion alone; overall it may still hear something else.
    """

    name: str
    judge: Judge
    probes: tuple[Probe, ...]
    by_criterion: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """How a judge is tried.

    Attributes:
        probes: Which.
        pairs: At most so many for each probe.
        again: Pairs of each probe that are asked once more in the same order.
        control_pairs: At most so many for each probe of a control.
        seed: Of the draw.
        concurrency: Pairs at once.
    """

    probes: tuple[Probe, ...] = tuple(Probe)
    pairs: int = 60
    again: int = 5
    control_pairs: int = 30
    seed: int = 0
    concurrency: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What validating would take."""

    pairs: int
    calls: int
    audio_minutes: float
    seconds: float
    cost_usd: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What was found: the record that was kept, and the trials it rests on."""

    record: JudgeReliability
    trials: tuple[Trial, ...] = field(default=(), repr=False)


def drawn(sources: Sequence[Source], ways: Ways, *, languages: frozenset[str]) -> tuple[Recipe, ...]:
    """The pairs that `run` would ask about.

    Raises:
        InputError: No pair can be made.
    """
    recipes = draw(sources, probes=ways.probes, pairs=ways.pairs, languages=languages, seed=ways.seed)
    if not recipes:
        raise InputError("validating: no pair can be made of these answers; run s2s-arena answer first")
    return recipes


def plan(
    sources: Sequence[Source],
    ways: Ways,
    *,
    languages: frozenset[str],
    seconds_a_call: float,
    usd_a_minute: float | None,
    controls: Iterable[tuple[Probe, ...]] = (),
) -> Plan:
    """What `run` would take at most; nothing is asked. Made answers are counted as long as their sources."""
    recipes = drawn(sources, ways, languages=languages)
    counted = [(r, 2) for r in recipes]
    for probes in controls:
        counted += [(r, 2) for r in _for_control(recipes, probes, ways)]
    calls = sum(n for _, n in counted) + len(askings(recipes, again=ways.again)) - 2 * len(recipes)
    minutes = sum(n * 2.0 * recipe.source.seconds for recipe, n in counted) / 60.0
    return Plan(
        pairs=len(recipes),
        calls=calls,
        audio_minutes=minutes,
        seconds=calls * seconds_a_call,
        cost_usd=None if usd_a_minute is None else minutes * usd_a_minute,
    )


def run(
    name: JudgeName,
    judge: Judge,
    sources: Sequence[Source],
    *,
    workshop: Workshop,
    store: Store,
    executor: Executor,
    languages: frozenset[str],
    ways: Ways | None = None,
    controls: Sequence[Control] = (),
    people: Mapping[str, Estimate] | None = None,
    notes: Sequence[str] = (),
    progress: Progress | None = None,
) -> Summary:
    """Try a judge and keep what is known of it. What it said before in the same trials is not asked again.

    Args:
        name: The judge's.
        judge: Whom to try.
        sources: Answers that pairs are made from.
        workshop: Makes them.
        store: Keeps trials and the record.
        executor: Overlaps waiting.
        languages: Primary tags that the workshop's voice speaks; empty without a voice.
        ways: How.
        controls: Judges that must fail.
        people: Agreement with people, from `boards.reliability.people_figures`.
        notes: Said on the card.
        progress: Told of pairs.

    Raises:
        InputError: No pair can be made.
        InfrastructureError: The judge cannot be reached; what it said is kept.
    """
    how = ways or Ways()
    recipes = drawn(sources, how, languages=languages)

    def tried(whom: Judge, which: Sequence[Recipe], again: int) -> Tried:
        return trials.run(
            askings(which, again=again),
            judge=whom,
            workshop=workshop,
            store=store,
            executor=executor,
            progress=progress,
            concurrency=how.concurrency,
        )

    own = tried(judge, recipes, how.again)
    figures = {**probe_figures(own.trials), **habit_figures(own.trials), **odds_figures(own.trials), **(people or {})}
    counts = _counts(own)
    for control in controls:
        found = tried(control.judge, _for_control(recipes, control.probes, how), 0)
        for probe, mine in _by(found.trials, lambda t: t.probe).items():
            marks = [t.criterion_right if control.by_criterion else t.right for t in mine]
            if all(mark is None for mark in marks):  # a judge without criteria
                marks = [t.right for t in mine]
            figures[f"control:{control.name}:{probe}"] = share(mine, marks)
    record = record_of(name, judge.identity, figures, counts=counts, notes=(*notes, *_notes(own)))
    store.put(record)
    return Summary(record=record, trials=own.trials)


def probe_figures(made: Sequence[Trial]) -> dict[str, Estimate]:
    """Accuracy by probe, by its criterion, by language, group and level: single orders, never averaged before."""
    known = [t for t in made if KINDS[t.probe].criterion is not None and not t.asking.again]
    found: dict[str, Estimate] = {}
    for probe, mine in _by(known, lambda t: t.probe).items():
        found[f"probe:{probe}"] = share(mine, [t.right for t in mine])
        found[f"criterion:{probe}"] = share(mine, [t.criterion_right for t in mine])
    for name, probes in (("blatant", BLATANT), ("subtle", SUBTLE)):
        tried = [f"probe:{probe}" for probe in probes if f"probe:{probe}" in found]
        if tried:
            found[name] = mean_of([found[key] for key in tried])
    for kind, label in _LABELS.items():
        for value, mine in sorted(_by(known, label).items()):
            if value:
                found[f"{kind}:{value}"] = share(mine, [t.right for t in mine])
    return found


def habit_figures(made: Sequence[Trial]) -> dict[str, Estimate]:
    """Position and length bias, swap consistency and test-retest.

    Position bias is over both orders of all pairs, so that which is better plays no part. Length bias is over real
    answers alone, each pair once: where a fault was made, its length belongs to it.
    """
    said = [t for t in made if t.outcome is not None]
    both = [t for t in said if not t.asking.again]
    firsts = np.array([_score(t) for t in both])
    real = [t for t in both if t.probe is Probe.REAL]
    once = [mine[0] for mine in _by(real, lambda t: t.asking.recipe.subject).values()]
    length = length_bias(
        np.array([_score(t) for t in once]),
        first_s=np.array([t.first_s for t in once]),
        second_s=np.array([t.second_s for t in once]),
    )
    swaps: list[bool] = []
    repeats: list[bool] = []
    for mine in _by(said, lambda t: t.asking.recipe.subject).values():
        first = {t.asking.better_first: t for t in mine if not t.asking.again}
        if len(first) == 2:
            swaps.append(first[True].outcome is _swapped(first[False].outcome))
        for t in mine:
            if t.asking.again and t.asking.better_first in first:
                repeats.append(t.outcome is first[t.asking.better_first].outcome)
    return {
        "position": _estimate(position_bias(firsts)),
        "length": _estimate(length),
        "swap": wilson(sum(swaps), len(swaps)),
        "retest": wilson(sum(repeats), len(repeats)),
    }


def odds_figures(made: Sequence[Trial]) -> dict[str, Estimate]:
    """What margins are worth as log-odds, over all pairs with a known loser; nothing for a judge without margins."""
    known = [t for t in made if KINDS[t.probe].criterion is not None and not t.asking.again and t.outcome is not None]
    subjects = {subject: number for number, subject in enumerate(_by(known, lambda t: t.asking.recipe.subject))}
    found = calibrate(
        np.array([t.margin if t.asking.better_first else -t.margin for t in known]),
        np.array([subjects[t.asking.recipe.subject] for t in known], dtype=np.int64),
        rng=np.random.default_rng(0),
    )
    if found is None:
        return {}
    return {"odds:slope": found.slope, "odds:error": found.error, "odds:saved": found.saved}


def share(made: Sequence[Trial], marks: Sequence[float | None]) -> Estimate:
    """Mean of the marks that are given, with Wilson's interval for as many cases as there are pairs.

    The two orders of a pair say nearly the same twice, so a pair is one case.
    """
    given = [(t.asking.recipe.subject, mark) for t, mark in zip(made, marks, strict=True) if mark is not None]
    cases = len({subject for subject, _ in given})
    if not cases:
        return wilson(0, 0)
    return wilson(cases * sum(mark for _, mark in given) / len(given), cases)


def mean_of(estimates: Sequence[Estimate]) -> Estimate:
    """The plain mean of shares, each probe counting once, with the interval of a share of all their cases."""
    cases = sum(e.cases for e in estimates)
    return wilson(cases * sum(e.value or 0.0 for e in estimates) / len(estimates), cases)


def _score(trial: Trial) -> float:
    return {Outcome.FIRST: 1.0, Outcome.SECOND: 0.0}.get(trial.outcome or Outcome.TIE, 0.5)


def _swapped(outcome: Outcome | None) -> Outcome | None:
    return outcome.swapped if outcome else None


def _estimate(lean: Lean) -> Estimate:
    return lean.difference


def _by(made: Iterable[Trial], label: Callable[[Trial], str]) -> dict[str, list[Trial]]:
    groups: dict[str, list[Trial]] = {}
    for trial in made:
        groups.setdefault(label(trial), []).append(trial)
    return groups


def _group(trial: Trial) -> str:
    return trial.asking.recipe.source.sample.domain or ""


def _language(trial: Trial) -> str:
    return trial.asking.recipe.source.language


_LABELS: Mapping[str, Callable[[Trial], str]] = {
    "language": _language,
    "group": _group,
    "level": lambda t: str(asked(t.asking.recipe).level or ""),  # probes of delivery bring a request of their own
    "cell": lambda t: f"{_language(t)}/{_group(t)}" if _group(t) else "",
}


def _for_control(recipes: Sequence[Recipe], probes: Sequence[Probe], ways: Ways) -> list[Recipe]:
    return [r for probe in probes for r in [r for r in recipes if r.probe is probe][: ways.control_pairs]]


def _counts(own: Tried) -> dict[str, int]:
    counts = {"asked": len(own.trials), "failures": sum(t.failures for t in own.trials)}
    for probe, mine in _by(own.trials, lambda t: t.probe).items():
        abstained = sum(t.criterion is None for t in mine)
        if abstained and KINDS[Probe(probe)].criterion:
            counts[f"abstained:{probe}"] = abstained
    for recipe, _ in own.unmade:
        counts[f"unmade:{recipe.probe}"] = counts.get(f"unmade:{recipe.probe}", 0) + 1
    return counts


def _notes(own: Tried) -> tuple[str, ...]:
    said = [f"{len(own.unmade)} pairs could not be made, the first: {own.unmade[0][1]}"] if own.unmade else []
    silent = sum(t.outcome is None for t in own.trials)
    if silent:
        said.append(f"{silent} askings brought no usable verdict and count as wrong")
    return tuple(said)

"""The judge stage: draws rounds of matches, has each judged, and appends the verdicts in the order of play."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from s2s_arena.errors import InputError
from s2s_arena.judge import costs
from s2s_arena.judge.comparison import Judge
from s2s_arena.judge.costs import Plan
from s2s_arena.judge.desk import Desk, Ways
from s2s_arena.protocols import Executor, Progress, Store
from s2s_arena.records.responses import Take
from s2s_arena.records.runs import Run
from s2s_arena.records.samples import Suite
from s2s_arena.records.studies import Study
from s2s_arena.records.systems import JudgeCard

__all__ = ["Plan", "Summary", "plan", "run"]

ATTEMPTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What stands after `run`, and what this run added."""

    judge: str
    wanted: int
    rated: int  # comparisons with a verdict, of this and earlier runs
    given_up: int  # matches without a verdict after all attempts, of this and earlier runs
    by_judge: int  # verdicts of this run that the judge gave
    by_rule: int  # verdicts of this run by `rule:failure`
    both_failed: int  # matches of this run that nobody can win
    failures: Mapping[str, int] = field(default_factory=dict)  # the judge's failures in this run -> how often
    rounds: int = 0  # drawn in this run
    seconds: float = 0.0
    cost_usd: float | None = None  # of this run, by the card's prices; None where it tells none
    out_of_budget: bool = False

    @property
    def complete(self) -> bool:
        """Whether there are as many rated comparisons as were wanted."""
        return self.rated >= self.wanted


def run(
    study: Study,
    suite: Suite,
    card: JudgeCard,
    judge: Callable[[], Judge],
    *,
    store: Store,
    executor: Executor,
    matches: int,
    takes: Sequence[Take] | None = None,
    progress: Progress | None = None,
    orders: str | None = None,
    run: Run | None = None,
    short_circuit: bool = True,
    same_matches: bool = False,
    attempts: int = ATTEMPTS,
    concurrency: int = 1,
    budget_usd: float | None = None,
) -> Summary:
    """Judge until the study has `matches` rated comparisons by this judge; what is there already counts.

    Rounds are stored whole before any of their matches is judged, and drawn from finished rounds only, so a run
    that was stopped goes on with the matches that are left. What is recorded does not depend on `concurrency`,
    save how long decisions took.

    Args:
        study: Its systems, rules and sampling decide what is drawn.
        suite: The samples and their audio.
        card: The judge's name and orders.
        judge: Loads the judge; called once, and only if there is something to hear.
        store: Where takes are and verdicts go.
        executor: Runs the judge.
        matches: Rated comparisons wanted in all; both orders of one comparison are one.
        takes: What may be drawn: the systems' answers as their cards and the suite now stand. By default every take in
            the store, the last one of each system and sample, which is right as long as neither has changed.
        progress: Told of every match.
        orders: one or both; by default both if the study or the card says so.
        run: Kept with the records, if given.
        short_circuit: A failed take loses by rule. If off, the judge hears failed takes that have audio.
        same_matches: Judge what others have judged first, so that agreement can be measured.
        attempts: How often a judge is asked before a match is given up.
        concurrency: Matches judged at once.
        budget_usd: No further match is begun once this run has spent so much; what is being judged then is kept.

    Returns:
        The summary; not `complete` when a whole round brought no verdict.

    Raises:
        InputError: `matches` or `attempts` is below 1, `orders` is neither one nor both, or a budget is given for a
            judge whose card tells no price.
        InvalidMatchesError: Nothing can be drawn.
        IllegalVoteError: The study does not allow this judge or its outcomes.
        InfrastructureError: The judge cannot be reached; what was judged is kept.
        StoreError: A take or audio is gone.
    """
    if matches < 1 or attempts < 1:
        given = f"{matches} matches and {attempts} attempts"
        raise InputError(f"judge {card.name}: {given} given; at least 1 of each is needed")
    if budget_usd is not None and not card.price:
        raise InputError(f"judge {card.name}: a budget of {budget_usd} USD, but its card tells no price; add [price]")
    began = time.perf_counter()
    if run is not None:
        store.put(run)
    ways = Ways(
        short_circuit=short_circuit,
        same_matches=same_matches,
        attempts=attempts,
        concurrency=concurrency,
        budget_usd=budget_usd,
    )
    ordered = _with_orders(study, card, orders)
    desk = Desk(ordered, suite, card=card, judge=judge, store=store, ways=ways, takes=takes)
    if progress:
        progress.begin(f"judge {card.name}", max(0, matches - desk.rated()))
    rounds = _play(desk, matches, executor=executor, progress=progress)
    if progress:
        progress.end()
    return Summary(
        judge=card.name,
        wanted=matches,
        rated=desk.rated(),
        given_up=desk.given_up(),
        by_judge=desk.tally.by_judge,
        by_rule=desk.tally.by_rule,
        both_failed=desk.tally.both_failed,
        failures=dict(desk.tally.failures),
        rounds=rounds,
        seconds=time.perf_counter() - began,
        cost_usd=desk.tally.cost_usd if card.price else None,
        out_of_budget=desk.broke,
    )


def _play(desk: Desk, matches: int, *, executor: Executor, progress: Progress | None) -> int:
    """Play until enough is rated; how many rounds were drawn."""
    rounds = 0
    while (missing := matches - desk.rated()) > 0 and not desk.broke:
        batch = desk.pending(missing)
        if batch:
            desk.play(batch, executor=executor, progress=progress)
        elif rounds and desk.fruitless():
            break
        else:
            desk.draw()
            rounds += 1
    return rounds


def plan(
    study: Study,
    suite: Suite,
    card: JudgeCard,
    *,
    store: Store,
    matches: int,
    orders: str | None = None,
    same_matches: bool = False,
) -> Plan:
    """What `run` with the same arguments would take, and what it would tell; nothing is judged or stored.

    Raises:
        InputError: `matches` is below 1, or `orders` is neither one nor both.
    """
    if matches < 1:
        raise InputError(f"judge {card.name}: {matches} matches given; at least 1 is needed")
    ordered = _with_orders(study, card, orders)
    desk = Desk(ordered, suite, card=card, judge=_never, store=store, ways=Ways(same_matches=same_matches))
    return costs.plan(ordered, suite, card, store=store, matches=matches, rated=desk.rated())


def _never() -> Judge:
    raise RuntimeError("a plan listens to nothing")


def _with_orders(study: Study, card: JudgeCard, orders: str | None) -> Study:
    """The study as it is drawn for this judge. A judge that averages both orders itself is asked once."""
    if orders is None:
        orders = "both" if "both" in (study.rules.orders, card.orders) else "one"
    if orders not in ("one", "both"):
        raise InputError(f"orders {orders!r}: one or both is needed")
    return replace(study, rules=replace(study.rules, orders=orders))

"""Samples x systems -> responses and takes: resumable, validated, failures kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from s2s_arena.answer.asking import Reply, Retries
from s2s_arena.answer.contestants import Contestant
from s2s_arena.answer.dialogues import Dialogue, consented, dialogues, ranked, selected
from s2s_arena.answer.one_system import OneSystem, Tally, Ways
from s2s_arena.answer.planning import Plan, plan
from s2s_arena.answer.pricing import Budget, Purse
from s2s_arena.protocols import Executor, Progress, Store
from s2s_arena.records.identity import SystemName
from s2s_arena.records.responses import FailureKind, Take
from s2s_arena.records.runs import Run
from s2s_arena.records.samples import Sample, Suite
from s2s_arena.records.systems import SystemCard

__all__ = ["Budget", "Contestant", "Plan", "Retries", "Summary", "SystemSummary", "plan", "run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemSummary:
    """What one system did in this run, and what was there before it."""

    system: SystemName
    kept: int = 0  # turns settled by earlier runs
    answered: int = 0  # turns answered now
    failures: Mapping[str, int] = field(default_factory=dict)  # kind -> turns that failed now
    takes: int = 0  # finished takes, of this and earlier runs
    failed_takes: int = 0  # among them, those that lose by rule
    asked_again: int = 0  # requests repeated after network faults
    withheld: int = 0  # samples it must not hear: their speakers did not allow third parties to process them
    spent_usd: float = 0.0  # now, as far as prices are known


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What `run` did."""

    samples: int
    systems: tuple[SystemSummary, ...]
    stopped: str = ""  # why it ended before everything was asked

    @property
    def asked(self) -> int:
        """Turns put to systems now."""
        return sum(s.answered + sum(s.failures.values()) for s in self.systems)

    @property
    def unreached(self) -> int:
        """Turns that infrastructure kept from being answered; the next run tries them again."""
        return sum(s.failures.get(FailureKind.INFRASTRUCTURE, 0) for s in self.systems)


def run(
    suite: Suite,
    systems: Sequence[Contestant],
    *,
    store: Store,
    executor: Executor,
    seed: int = 0,
    limit: int | None = None,
    levels: Sequence[str] | None = None,
    tasks: Sequence[str] | None = None,
    concurrency: int = 1,
    retry_failed: bool = False,
    progress: Progress | None = None,
    run: Run | None = None,
    retries: Retries | None = None,
    budget: Budget | None = None,
    first: Sequence[str] = (),
    hedge_after_s: float | None = None,
) -> Summary:
    """Let every system answer every sample that it has not answered yet.

    A dialogue that has begun goes before one that has not. A failed turn ends its dialogue. Each response is kept
    the moment it is there, in one transaction with its take if that makes it whole. A request that is to be asked
    again waits without holding up others; a card's limits a minute hold for each system.

    Args:
        suite: Its samples must have been spoken.
        systems: Answered one after the other; a model is loaded only if there is something to ask it.
        store: Where responses and takes are kept.
        executor: Overlaps waiting.
        seed: Given to every system with every request; part of the keys.
        limit: At most so many samples, in suite order.
        levels: Only samples of these levels.
        tasks: Only samples of these tasks or seed tasks.
        concurrency: Requests in flight; a card's own limit holds too.
        retry_failed: Also ask again what failed by the system's fault. Infrastructure failures are always retried.
        progress: Told once for each turn.
        run: Kept, and named in every response.
        retries: How infrastructure failures are retried within this run.
        budget: No request starts once it would be passed; what has started is kept.
        first: Levels in the order in which they are to be asked; the others come after, in suite order.
        hedge_after_s: Ask a second time beside a request that takes longer, and take what comes first: both are
            billed. Off by default.

    Raises:
        SuiteError: No sample fits, or one has no speech.
        InputError: A budget in money with a system whose price is not known.
        MissingError: A system needs something that is not installed here.
        StoreError: The store could not write; what was kept before is intact.
    """
    samples = selected(suite, limit=limit, levels=levels, tasks=tasks)
    if run is not None:
        store.put(run)
    purse = Purse(budget or Budget())
    for contestant in systems:
        purse.check(contestant.card)
    ways = Ways(
        store=store,
        executor=executor,
        seed=seed,
        concurrency=concurrency,
        retries=retries or Retries(),
        purse=purse,
        hedge_after_s=hedge_after_s,
        progress=progress,
        run=run.id if run else "",
    )
    done = tuple(_one(samples, contestant, ways=ways, retry_failed=retry_failed, first=first) for contestant in systems)
    return Summary(samples=len(samples), systems=done, stopped=purse.shut)


def _one(
    samples: Sequence[Sample], contestant: Contestant, *, ways: Ways, retry_failed: bool, first: Sequence[str]
) -> SystemSummary:
    card, progress = contestant.card, ways.progress
    allowed = consented(samples, third_party=contestant.third_party)
    state = dialogues(allowed, card, store=ways.store, seed=ways.seed, retry_failed=retry_failed)
    kept = sum(d.turn for d in state)
    whole = [d for d in state if d.whole]
    still = [d for d in state if not d.whole]
    tally = Tally()
    if still and not ways.purse.shut:
        if progress:
            progress.begin(f"answer: {card.name}", sum(len(d.bases) - d.turn for d in still))

        def tell(dialogue: Dialogue, reply: Reply, skipped: int) -> None:
            if progress:
                what = reply.failure.kind.value if reply.failure else "answered"
                for _ in range(1 + skipped):
                    progress.advance(f"{dialogue.sample.id} {what}")

        try:
            tally = OneSystem(contestant, ways=ways, state=ranked(still, first=first), tell=tell).answer()
        finally:
            if progress:
                progress.end()
    # Last, so that a run over 100,000 finished responses asks its first question without looking at their takes.
    _complete_takes(whole, card, store=ways.store)
    whole += [d for d in still if d.whole]
    return SystemSummary(
        system=card.system,
        kept=kept,
        answered=tally.answered,
        failures=dict(tally.failures),
        takes=len(whole),
        failed_takes=sum(d.failure is not None for d in whole),
        asked_again=tally.asked_again,
        withheld=len(samples) - len(allowed),
        spent_usd=tally.spent_usd,
    )


def _complete_takes(whole: Sequence[Dialogue], card: SystemCard, *, store: Store) -> None:
    """Keep the takes of responses that came without them, as those of a card of another name's do."""
    known = store.keys(Take, system=card.system) if whole else set()
    store.put(*(take for take in (dialogue.take(card) for dialogue in whole) if take.key not in known))

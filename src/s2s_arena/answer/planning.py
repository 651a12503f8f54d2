"""What answering would take: calls, minutes of audio, wall time and money, counted without asking anybody."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from statistics import median

from s2s_arena.answer.contestants import Contestant
from s2s_arena.answer.dialogues import Dialogue, consented, dialogues, selected
from s2s_arena.answer.pacing import ASSUMED_TOKENS
from s2s_arena.answer.pricing import ASSUMED_ANSWER_S
from s2s_arena.protocols import Store
from s2s_arena.records.identity import SystemName
from s2s_arena.records.responses import Response
from s2s_arena.records.samples import Suite
from s2s_arena.records.systems import SystemCard

ASSUMED_CALL_S = 10.0  # of waiting; a local cascade takes about this long on two cores
_LOOK_BACK = 200  # earlier responses that the estimates are made from


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemPlan:
    """One system's part of a plan. What is not counted is estimated, from its own earlier responses if it has any."""

    system: SystemName
    kept: int  # turns that need no call
    calls: int  # at most: a turn that fails ends its dialogue
    audio_in_minutes: float
    audio_out_minutes: float
    wall_minutes: float
    cost_usd: float | None  # None: it needs a key, and its card tells no price
    from_experience: bool  # the estimates rest on earlier responses of this system
    limits: Mapping[str, float] = field(default_factory=dict)  # the card's: at most so many a minute
    in_flight: int = 1  # at once, by the card and by what was asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What `run` would do with the same arguments."""

    samples: int
    calls: int
    audio_in_minutes: float
    audio_out_minutes: float
    wall_minutes: float
    cost_usd: float | None  # None if that of any system is not known
    systems: tuple[SystemPlan, ...]


def plan(
    suite: Suite,
    systems: Sequence[Contestant],
    *,
    store: Store,
    seed: int = 0,
    limit: int | None = None,
    levels: Sequence[str] | None = None,
    tasks: Sequence[str] | None = None,
    concurrency: int = 1,
    retry_failed: bool = False,
) -> Plan:
    """What `run` would do; loads no model, asks nobody, writes nothing.

    Raises:
        SuiteError: No sample fits, or one has no speech.
    """
    samples = selected(suite, limit=limit, levels=levels, tasks=tasks)
    parts = tuple(
        _system(
            contestant.card,
            dialogues(
                consented(samples, third_party=contestant.third_party),
                contestant.card,
                store=store,
                seed=seed,
                retry_failed=retry_failed,
            ),
            store=store,
            concurrency=max(1, min(concurrency, contestant.card.concurrency)),
        )
        for contestant in systems
    )
    costs = [part.cost_usd for part in parts if part.cost_usd is not None]
    return Plan(
        samples=len(samples),
        calls=sum(part.calls for part in parts),
        audio_in_minutes=sum(part.audio_in_minutes for part in parts),
        audio_out_minutes=sum(part.audio_out_minutes for part in parts),
        wall_minutes=sum(part.wall_minutes for part in parts),  # systems answer one after the other
        cost_usd=sum(costs) if len(costs) == len(parts) else None,
        systems=parts,
    )


def _system(card: SystemCard, state: Sequence[Dialogue], *, store: Store, concurrency: int) -> SystemPlan:
    audio_in_s = list(_open_turns_s(state))
    calls = len(audio_in_s)
    earlier = [r for r in islice(store.all(Response, system=card.system, failure=""), _LOOK_BACK) if r.speech]
    answer_s = median(r.speech.duration_s for r in earlier if r.speech) if earlier else ASSUMED_ANSWER_S
    waits = [r.total_s for r in earlier if r.total_s is not None]
    call_s = median(waits) if waits else ASSUMED_CALL_S
    minutes_in, minutes_out = sum(audio_in_s) / 60.0, calls * answer_s / 60.0
    tokens_in = _mean([r.usage.tokens_in for r in earlier])
    tokens_out = _mean([r.usage.tokens_out for r in earlier])
    known_price = bool(card.price) or not card.needs.env
    return SystemPlan(
        system=card.system,
        kept=sum(d.turn for d in state),
        calls=calls,
        audio_in_minutes=minutes_in,
        audio_out_minutes=minutes_out,
        wall_minutes=max(
            calls * call_s / concurrency / 60.0, _paced_minutes(card.limits, calls, tokens=tokens_in + tokens_out)
        ),
        limits=card.limits,
        in_flight=concurrency,
        cost_usd=_cost(card.price, minutes_in, minutes_out, calls * tokens_in, calls * tokens_out)
        if known_price
        else None,
        from_experience=bool(earlier),
    )


def _paced_minutes(limits: Mapping[str, float], calls: int, *, tokens: float) -> float:
    """How long the card's limits a minute alone make it; the first minute's requests need not wait."""
    counts = {"requests": float(calls), "sessions": float(calls), "tokens": calls * (tokens or ASSUMED_TOKENS)}
    return max((counts[unit] / most - 1.0 for unit, most in limits.items() if counts.get(unit)), default=0.0)


def _open_turns_s(state: Sequence[Dialogue]) -> Iterator[float]:
    for dialogue in state:
        if not dialogue.whole:
            for turn in dialogue.sample.turns[dialogue.turn :]:
                if turn.speech:
                    yield turn.speech.duration_s


def _mean(counts: Sequence[int | None]) -> float:
    known = [count for count in counts if count is not None]
    return sum(known) / len(known) if known else 0.0


def _cost(
    price: Mapping[str, float], minutes_in: float, minutes_out: float, tokens_in: float, tokens_out: float
) -> float:
    amounts = {"minute_in": minutes_in, "minute_out": minutes_out, "token_in": tokens_in, "token_out": tokens_out}
    return sum(price.get(unit, 0.0) * amount for unit, amount in amounts.items())

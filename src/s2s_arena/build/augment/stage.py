"""Seed scripts and a writer become new scripts: one call a script, checked, kept at once, resumed where it stopped."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from s2s_arena.build.augment import asking
from s2s_arena.build.augment.asking import Correction
from s2s_arena.build.augment.directions import Directions, shipped
from s2s_arena.build.augment.journal import Entry, Journal, open_journal
from s2s_arena.build.augment.novelty import Novelty
from s2s_arena.build.augment.prompts import Prompts
from s2s_arena.build.augment.prompts import prompts as shipped_prompts
from s2s_arena.build.augment.schema import reply_schema
from s2s_arena.build.augment.script import GrownScript, Reason, Rejected
from s2s_arena.build.augment.targets import LANGUAGES, LEVELS, PER_TASK, Target, targets
from s2s_arena.errors import InfrastructureError, RequestRejected, SuiteError, SystemFailure
from s2s_arena.protocols import Progress, Writer
from s2s_arena.records.identity import content_hash
from s2s_arena.records.samples import Sample

RETRIES = 3
"""Calls after the first one of a round (paper, stage 2)."""

ROUNDS = 4
"""Choices of five seeds that a script gets before it is given up."""

TEMPERATURE = 0.7
MAX_TOKENS = 360
FAILURES_IN_A_ROW = 8
"""Of the writer itself, before the growth stops: it is not there."""


Clock = Callable[[], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """What is to be grown; everything that the scripts depend on besides writer, seeds and texts.

    Attributes:
        tasks: Seed tasks, in the order in which they grow.
        per_task: Scripts a task.
        seed: Another one gives other scripts.
        prefix: Of ids.
        levels: Share by level.
        languages: Share by language.
        temperature: Of the writer.
    """

    tasks: tuple[str, ...]
    per_task: int = PER_TASK
    seed: int = 0
    prefix: str = "aug"
    levels: Mapping[str, float] | None = None
    languages: Mapping[str, float] | None = None
    temperature: float = TEMPERATURE


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What the growth has come to, earlier runs included."""

    scripts: tuple[GrownScript, ...]
    given_up: tuple[str, ...]  # ids of scripts that no round brought
    calls: int
    rejections: Mapping[str, int]  # by reason, the commonest first
    asked_characters: int
    replied_characters: int
    seconds: float  # of the writer's calls
    new_calls: int  # of this run

    @property
    def acceptance(self) -> float:
        """Accepted scripts a call, 0..1; 0 without calls."""
        return len(self.scripts) / self.calls if self.calls else 0.0


@dataclass(slots=True)
class _Means:
    writer: Writer
    growth: Growth
    prompts: Prompts
    directions: Directions
    novelty: Novelty
    journal: Journal
    clock: Clock
    failures: int = 0  # of the writer itself, in a row


def run(
    growth: Growth,
    seeds: Sequence[Sample],
    *,
    writer: Writer,
    folder: Path,
    others: Sequence[tuple[str, str]] = (),
    prompts: Prompts | None = None,
    progress: Progress | None = None,
    clock: Clock = time.monotonic,
) -> Summary:
    """Grows scripts until every task has its number or is given up; a journal in the folder keeps every reply.

    Killed at any moment, the same call goes on at the next reply; a larger number grows further. The same seeds,
    settings and writer give the same scripts, as far as the writer gives the same reply for the same seed.

    Args:
        growth: What to grow.
        seeds: Scripts to learn from and to differ from.
        writer: Writes.
        folder: For the journal.
        others: Text and language of further scripts to differ from.
        prompts: The texts; those that ship by default.
        progress: Told of each accepted script.
        clock: Seconds; only for the report.

    Raises:
        SuiteError: A task has no seeds, shares are wrong, or the folder holds another growth.
        InfrastructureError, SystemFailure: The writer failed eight times in a row (kept as rejections;
            the next run asks again), or does not accept the request at all.
    """
    texts = prompts or shipped_prompts()
    directions = shipped()
    of_task = {task: [s for s in seeds if (s.seed_task or s.task) == task] for task in growth.tasks}
    for task, found in of_task.items():
        if not found:
            known = ", ".join(sorted({str(s.seed_task or s.task) for s in seeds}))
            raise SuiteError(f"task {task!r}: no seeds to grow from; use one of: {known}")
    if growth.per_task < 1:
        raise SuiteError(f"per task: {growth.per_task} given; ask for 1 script or more")
    if not growth.prefix.isalnum():
        raise SuiteError(f"prefix {growth.prefix!r}: use letters and digits only, e.g. aug")
    wanted = [target for task in growth.tasks for target in _targets(task, growth, directions)]
    journal = open_journal(folder, _settings(growth, seeds, others, writer=writer, prompts=texts))
    before = len(journal.entries)
    novelty = Novelty()
    novelty.add_all((turn.script, turn.language) for sample in seeds for turn in sample.turns)
    novelty.add_all(others)
    novelty.add_all((script.text, script.language) for script in journal.accepted)
    means = _Means(writer, growth, texts, directions, novelty, journal, clock)
    by_target: dict[str, list[Entry]] = {}
    for entry in journal.entries:
        by_target.setdefault(entry.target, []).append(entry)
    if progress:
        progress.begin("growing", len(wanted))
    for target in wanted:
        _grow(target, of_task[target.seed_task], by_target.get(target.id, []), means)
        if progress:
            progress.advance(target.id)
    if progress:
        progress.end()
    return summary(journal, wanted, new_calls=len(journal.entries) - before)


def summary(journal: Journal, wanted: Sequence[Target], *, new_calls: int = 0) -> Summary:
    """What a journal has come to for the targets."""
    ids = {target.id for target in wanted}
    entries = [entry for entry in journal.entries if entry.target in ids]
    scripts = tuple(entry.script for entry in entries if entry.script is not None)
    got = {script.id for script in scripts}
    counted = Counter(entry.reason for entry in entries if entry.reason)
    return Summary(
        scripts=scripts,
        given_up=tuple(target.id for target in wanted if target.id not in got),
        calls=len(entries),
        rejections=dict(sorted(counted.items(), key=lambda item: (-item[1], item[0]))),
        asked_characters=sum(entry.asked_characters for entry in entries),
        replied_characters=sum(len(entry.reply) for entry in entries),
        seconds=sum(entry.seconds for entry in entries),
        new_calls=new_calls,
    )


def _targets(task: str, growth: Growth, directions: Directions) -> tuple[Target, ...]:
    return targets(
        task,
        growth.per_task,
        directions=directions,
        seed=growth.seed,
        prefix=growth.prefix,
        levels=growth.levels,
        languages=growth.languages,
    )


def _settings(
    growth: Growth, seeds: Sequence[Sample], others: Sequence[tuple[str, str]], *, writer: Writer, prompts: Prompts
) -> dict[str, str]:
    """All that replies depend on, save the tasks and their number: more of both is the same growth, continued."""
    return {
        "writer": writer.identity,
        "seed": str(growth.seed),
        "prefix": growth.prefix,
        "temperature": f"{growth.temperature:g}",
        "levels": _shares(growth.levels or LEVELS),
        "languages": _shares(growth.languages or LANGUAGES),
        "prompts": prompts.hash,
        "directions": content_hash("directions", shipped()),
        "seeds": content_hash("seeds", [(s.id, [t.script for t in s.turns]) for s in seeds], list(others)),
    }


def _shares(shares: Mapping[str, float]) -> str:
    return ",".join(f"{key}={value:g}" for key, value in shares.items())


def _grow(target: Target, seeds: Sequence[Sample], past: Sequence[Entry], means: _Means) -> None:
    """Rounds of calls until one brings the script; those that the journal holds are not made again."""
    if any(entry.script is not None for entry in past):
        return
    # Where the writer itself failed, nothing was judged: that call is made again.
    made = {(entry.round, entry.attempt): entry for entry in past if entry.reason != Reason.WRITER}
    for round in range(ROUNDS):
        correction: Correction | None = None
        for attempt in range(RETRIES + 1):
            entry = made.get((round, attempt)) or _call(target, seeds, round, attempt, correction, means)
            if entry.script is not None:
                means.novelty.add(entry.script.text, language=entry.script.language)
                return
            if entry.reason != Reason.WRITER:
                correction = Correction(reply=entry.reply, message=entry.message)


def _call(
    target: Target, seeds: Sequence[Sample], round: int, attempt: int, correction: Correction | None, means: _Means
) -> Entry:
    """One call, kept in the journal; what the writer raises is raised when it fails too often in a row."""
    growth = means.growth
    # One state for all calls of a round: corrections speak of the same five seeds.
    rng = np.random.default_rng(asking.seed_of(target, seed=growth.seed, round=round, attempt=0))
    asked = asking.messages(
        target, seeds, prompts=means.prompts, directions=means.directions, rng=rng, correction=correction
    )
    began = means.clock()
    reply, reason, message = "", "", ""
    script: GrownScript | None = None
    fault: InfrastructureError | SystemFailure | None = None
    try:
        reply = means.writer.write(
            asked,
            seed=asking.seed_of(target, seed=growth.seed, round=round, attempt=attempt),
            temperature=growth.temperature,
            max_tokens=MAX_TOKENS,
            schema=reply_schema(target, directions=means.directions),
        )
        script = asking.judged(reply, target, directions=means.directions, novelty=means.novelty)
    except Rejected as rejected:
        reason, message = rejected.reason.value, rejected.message
    except RequestRejected:
        raise
    except (InfrastructureError, SystemFailure) as error:
        fault, reason, message = error, Reason.WRITER.value, str(error)
    entry = Entry(
        target=target.id,
        round=round,
        attempt=attempt,
        reason=reason,
        message=message,
        reply=reply,
        script=script,
        asked_characters=sum(len(m.content) for m in asked),
        seconds=means.clock() - began,
    )
    means.journal.append(entry)
    means.failures = means.failures + 1 if fault is not None else 0
    if fault is not None and means.failures >= FAILURES_IN_A_ROW:
        raise fault
    return entry

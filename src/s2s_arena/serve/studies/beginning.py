"""Beginning a study with people, inviting them, and what a plan would cost and bring."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from s2s_arena.errors import InputError, WorkspaceError
from s2s_arena.protocols import Store
from s2s_arena.ratings.bradley_terry import bradley_terry
from s2s_arena.ratings.planning import standard_errors_after
from s2s_arena.ratings.ranks import z_value
from s2s_arena.records.identity import StudyName, SystemName
from s2s_arena.records.responses import Response, Take
from s2s_arena.records.samples import Suite
from s2s_arena.records.studies import STRICT, Criterion, Outcome, Rules, Sampling, Study
from s2s_arena.serve.hearing.clips import LEAD_S
from s2s_arena.serve.people.person import Conduct, Person, Role
from s2s_arena.serve.people.tokens import new_id

DECIDING_S = 12.0  # beside listening: looking, choosing, sending
TIES = (Outcome.TIE, Outcome.BOTH_GOOD, Outcome.BOTH_BAD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a study of people would take and tell.

    Attributes:
        votes: In all.
        rated: Comparisons they make, repetitions and hidden checks taken off.
        seconds_per_vote: Listening once to everything, and deciding.
        hours: Of annotators.
        half_width: Half of a rating's 95 % interval, Elo points, for systems of equal strength.
    """

    votes: int
    rated: int
    seconds_per_vote: float
    hours: float
    half_width: float


def named(name: str) -> StudyName:
    """A study's name as given.

    Raises:
        InputError: It cannot be part of an address.
    """
    if not (1 <= len(name) <= 60 and all(c.isascii() and (c.isalnum() or c in "-_.") for c in name) and name[0] != "."):
        raise InputError(f"study {name!r}: use 1 to 60 letters, digits, '-', '_' and '.'")
    return StudyName(name)


def drafted(
    name: str,
    *,
    suite: Suite,
    takes: Sequence[Take],
    systems: Sequence[str] = (),
    outcomes: Sequence[Outcome] = STRICT,
    criteria: Sequence[Criterion] = tuple(Criterion),
    sampling: Sampling | None = None,
    seed: int = 0,
) -> Study:
    """A study that is open to people and models alike.

    Args:
        name: See `named`.
        suite: What is asked.
        takes: What was answered.
        systems: Contestants; by default all that have answered.
        outcomes: Strict, or with ties.
        criteria: Asked beside the vote; may be none.
        sampling: How pairs are drawn; as in the paper by default.
        seed: Of all draws.

    Raises:
        InputError: Fewer than two systems with answers, a system without any, or outcomes that lack first or second.
    """
    answered = sorted({take.system for take in takes if take.failure is None})
    for system in systems:
        if system not in answered:
            raise InputError(f"system {system}: no finished answers to suite {suite.name}; run s2s-arena answer first")
    chosen = tuple(SystemName(s) for s in dict.fromkeys(systems)) or tuple(answered)
    if len(chosen) < 2:
        raise InputError(f"suite {suite.name}: {len(chosen)} systems with answers, two are needed")
    if not set(STRICT) <= set(outcomes):
        raise InputError(f"study {name}: outcomes lack first or second; both are always legal")
    return Study(
        name=named(name),
        suite=suite.name,
        suite_hash=suite.hash,
        systems=chosen,
        rules=Rules(outcomes=tuple(dict.fromkeys(outcomes)), criteria=tuple(dict.fromkeys(criteria))),
        sampling=sampling or Sampling(),
        seed=seed,
    )


def begin(study: Study, *, store: Store) -> None:
    """Keep a new study.

    Raises:
        WorkspaceError: There is another study of that name.
    """
    if any(True for _ in store.all(Study, name=study.name)):
        raise WorkspaceError(f"study '{study.name}': there is one of that name already; choose another")
    store.put(study)


def invited(conduct: Conduct, *, quota: int | None = None, **wanted: Any) -> tuple[Person, ...]:
    """New annotators of a study; see `newcomers`, whose arguments and errors it has.

    Raises:
        InputError: A quota below 1.
    """
    if quota is not None and quota < 1:
        raise InputError(f"quota {quota}: at least 1 is needed")
    return tuple(replace(person, study=conduct.study, quota=quota) for person in newcomers(**wanted))


def invited_to(job: str, **wanted: Any) -> tuple[Person, ...]:
    """New people with a job on a suite; see `newcomers`."""
    return tuple(replace(person, job=job) for person in newcomers(**wanted))


def newcomers(
    *,
    count: int = 1,
    names: Sequence[str] = (),
    languages: Mapping[str, str] | None = None,
    page: str = "en",
    made: str = "",
) -> tuple[Person, ...]:
    """New annotators, with or without names; whoever keeps them hands out their links.

    Raises:
        InputError: None or more than 1,000 at once.
    """
    wanted = [name.strip() for name in names if name.strip()] or [""] * count
    if not 1 <= len(wanted) <= 1000:
        raise InputError(f"invitations: {len(wanted)} asked; 1 to 1000 can be made at once")
    return tuple(
        Person(
            id=new_id(),
            role=Role.ANNOTATOR,
            name=name[:80],
            external=name[:80],
            languages=dict(languages or {}),
            page=page,
            made=made,
        )
        for name in wanted
    )


def plan(study: Study, conduct: Conduct, suite: Suite, takes: Sequence[Take], *, store: Store, people: int) -> Plan:
    """What so many people would take and tell."""
    votes = people * conduct.quota
    hidden = conduct.repeats + conduct.swaps + conduct.gold
    rated = round(votes * (1.0 - hidden))
    lengths = [
        sum(r.speech.duration_s for key in take.responses if (r := store.get(Response, key)) is not None and r.speech)
        for take in takes[:: max(1, len(takes) // 200)]
    ]
    asked = [sum(turn.speech.duration_s for turn in s.turns if turn.speech) for s in suite.samples]
    heard = 2 * (float(np.mean(lengths)) if lengths else 0.0) + (float(np.mean(asked)) if asked else 0.0) + 3 * LEAD_S
    seconds = conduct.listen * heard + DECIDING_S
    size = len(study.systems)
    fit = bradley_terry(np.zeros((size, size)))
    errors = standard_errors_after(fit.ratings, fit.covariance, matches=max(1, rated))
    return Plan(
        votes=votes,
        rated=rated,
        seconds_per_vote=round(seconds, 1),
        hours=round(votes * seconds / 3600.0, 2),
        half_width=round(float(z_value() * errors.mean()), 1),
    )

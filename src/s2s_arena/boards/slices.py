"""Boards per level, domain, task, language or any other attribute: separate runs from 1000, and their plain mean."""

from collections.abc import Iterable, Mapping, Sequence

from s2s_arena.boards.sliced import in_order, together
from s2s_arena.boards.standings import board
from s2s_arena.boards.votes import Votes
from s2s_arena.errors import InputError
from s2s_arena.ratings.bootstrap import RESAMPLES
from s2s_arena.records.boards import Board, Slices
from s2s_arena.records.identity import JudgeName, SampleId, SystemName
from s2s_arena.records.matches import Match
from s2s_arena.records.responses import Take
from s2s_arena.records.samples import Sample
from s2s_arena.records.studies import STRICT, Outcome

FIELDS: tuple[str, ...] = ("level", "domain", "task", "seed_task", "language", "twin_group")
"""Attributes that are fields of a sample; any other is looked up in its attributes and what can be heard."""


def attribute(sample: Sample, by: str) -> str | None:
    """The sample's value of an attribute, or None.

    Fields first, then `attributes`, then what can be heard in the first turn that says: labels, the
    speaker's gender, age and accent, `noise` (the scene behind the speech) and `voice`.
    """
    if by in FIELDS:
        value = getattr(sample, by)
        return None if value is None else str(value)
    if by in sample.attributes:
        return sample.attributes[by]
    for turn in sample.turns:
        heard: Mapping[str, str | None] = {
            "gender": turn.traits.gender,
            "age": turn.traits.age,
            "accent": turn.traits.accent,
            "noise": turn.background.scene if turn.background else None,
            "voice": turn.voice,
            **turn.labels,
        }
        if heard.get(by) is not None:
            return heard[by]
    if by == "noise":
        return "none"
    if by == "origin":
        return sample.provenance.origin
    return None


def slices(
    matches: Iterable[Match],
    votes: Votes,
    *,
    samples: Iterable[Sample],
    by: str,
    systems: Sequence[SystemName],
    method: str = "bt",
    judge: JudgeName | None = None,
    seed: int = 0,
    bootstraps: int = RESAMPLES,
    takes: Iterable[Take] = (),
    outcomes: Sequence[Outcome] = STRICT,
    clusters: Sequence[str] = (),
    weighted: bool = False,
) -> Slices:
    """One board per value of the attribute `by`; the other arguments as in `standings.board`.

    Raises:
        InputError: No sample of these matches has the attribute.
    """
    known: dict[SampleId, str | None] = {sample.id: attribute(sample, by) for sample in samples}
    parts: dict[str, list[Match]] = {}
    without = 0
    for match in matches:
        value = known.get(match.sample)
        if value is None:
            without += 1
        else:
            parts.setdefault(value, []).append(match)
    if without and not parts:
        raise InputError(
            f"attribute {by}: no sample has it; use one of {', '.join(FIELDS)}, gender, age, accent, noise, "
            "or an attribute of the suite"
        )
    failed = tuple(takes)

    def one(value: str) -> Board:
        return board(
            parts[value],
            votes,
            systems=systems,
            method=method,
            judge=judge,
            seed=seed,
            bootstraps=bootstraps,
            takes=failed,
            outcomes=outcomes,
            clusters=clusters,
            weighted=weighted,
        )

    return together(by, sorted(parts, key=in_order), one, systems, without=without)

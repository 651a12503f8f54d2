"""From records to the material of a paper: boards per level and domain, and what people said apart from models."""

from collections.abc import Iterable, Mapping, Sequence

from s2s_arena.boards.agree import between
from s2s_arena.boards.slices import attribute, slices
from s2s_arena.boards.standings import board
from s2s_arena.boards.votes import Votes
from s2s_arena.errors import InputError
from s2s_arena.records.boards import Slices
from s2s_arena.records.identity import RULE_FAILURE, JudgeName
from s2s_arena.records.matches import Match
from s2s_arena.records.responses import Take
from s2s_arena.records.samples import Suite
from s2s_arena.records.studies import Study
from s2s_arena.report.paper.material import People

NEEDED = ("level", "domain")


def slices_of(
    study: Study,
    suite: Suite,
    matches: Sequence[Match],
    votes: Votes,
    *,
    takes: Iterable[Take],
    judge: JudgeName | None,
    method: str,
    seed: int,
    bootstraps: int,
    by: Sequence[str] = NEEDED,
) -> dict[str, Slices]:
    """Boards per value of each attribute that the played samples have."""
    played = {match.sample for match in matches}
    samples = [sample for sample in suite.samples if sample.id in played]
    failed = tuple(takes)
    return {
        name: slices(
            matches,
            votes,
            samples=samples,
            by=name,
            systems=study.systems,
            method=method,
            judge=judge,
            seed=seed,
            bootstraps=bootstraps,
            takes=failed,
            outcomes=study.rules.outcomes,
        )
        for name in by
        if any(attribute(sample, name) is not None for sample in samples)
    }


def people_of(
    study: Study,
    suite: Suite,
    matches: Sequence[Match],
    votes: Votes,
    *,
    takes: Iterable[Take],
    names: Sequence[str] = (),
    method: str,
    seed: int,
    bootstraps: int,
) -> People | None:
    """What people said.

    Args:
        study: As of the report.
        suite: Its samples.
        matches: All of the study.
        votes: That stand.
        takes: That may have failed.
        names: Who the people are; by default the judges whose every verdict was given by a person.
        method: Of boards.
        seed: Of boards.
        bootstraps: Of boards.

    Raises:
        InputError: A name without verdicts.
    """
    for name in names:
        if name not in votes.judges:
            known = ", ".join(votes.judges)
            raise InputError(f"people {name}: no verdicts in study {study.name}; judges with verdicts: {known}")
    chosen = tuple(JudgeName(name) for name in names) or _persons(votes)
    if not chosen:
        return None
    theirs = Votes(
        standing=tuple(v for v in votes.standing if v.judge in chosen or v.judge == RULE_FAILURE),
        excluded=tuple(v for v in votes.excluded if v.judge in chosen),
        up_to=votes.up_to,
    )
    judged = {v.match for v in theirs.standing if v.judge in chosen}
    mine = [match for match in matches if match.id in judged]
    failed = tuple(takes)
    parts = slices_of(
        study,
        suite,
        mine,
        theirs,
        takes=failed,
        judge=None,
        method=method,
        seed=seed,
        bootstraps=bootstraps,
        by=("domain",),
    )
    models = [name for name in votes.judges if name not in chosen and name != RULE_FAILURE]
    together = "people" if len(chosen) > 1 else chosen[0]
    return People(
        names=chosen,
        board=board(
            mine,
            theirs,
            systems=study.systems,
            method=method,
            seed=seed,
            bootstraps=bootstraps,
            takes=failed,
            outcomes=study.rules.outcomes,
        ),
        by_domain=parts.get("domain"),
        against=tuple(
            between(matches, votes, one={model}, other=set(chosen), names=(model, together)) for model in models
        ),
    )


def _persons(votes: Votes) -> tuple[JudgeName, ...]:
    how: Mapping[JudgeName, set[str]] = {
        name: {v.parsed for v in votes.standing if v.judge == name} for name in votes.judges
    }
    return tuple(name for name, parsed in how.items() if parsed == {"person"})

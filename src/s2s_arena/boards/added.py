"""A match list with the verdicts that a judge of a workspace gave on the same answers, to compare the two."""

from collections.abc import Iterable

from s2s_arena.boards.plain import OUTCOMES, Listed, PlainMatch, listed
from s2s_arena.boards.votes import Votes
from s2s_arena.records.identity import JudgeName
from s2s_arena.records.matches import Match


def with_verdicts(
    given: Listed, matches: Iterable[Match], votes: Votes, *, judge: JudgeName, key: str = "sample"
) -> Listed:
    """The rows of a list and, after them, a judge's standing verdicts as rows of the same kind.

    Rows and verdicts are of the same thing where sample and both systems have the same names.

    Args:
        given: A match list, people's votes say.
        matches: Of the study that the judge judged.
        votes: From `votes.current`.
        judge: Whose verdicts are added.
        key: The list's attribute that holds the sample's id.
    """
    of = {match.id: match for match in matches}
    rows = list(_rows(given))
    rows += [
        PlainMatch(
            system_a=of[verdict.match].first_system,
            system_b=of[verdict.match].second_system,
            outcome=verdict.outcome,
            attributes={key: of[verdict.match].sample, "judge": judge},
        )
        for verdict in votes.standing
        if verdict.judge == judge and verdict.match in of
    ]
    return listed(rows, outcomes=OUTCOMES)


def _rows(given: Listed) -> Iterable[PlainMatch]:
    named = [(name, labels.names, labels.codes.tolist()) for name, labels in given.labels.items()]
    for place, ((a, b), said) in enumerate(zip(given.pairs.tolist(), given.outcomes.tolist(), strict=True)):
        yield PlainMatch(
            system_a=given.systems[a],
            system_b=given.systems[b],
            outcome=OUTCOMES[said],
            attributes={name: names[codes[place]] for name, names, codes in named if codes[place] >= 0},
        )

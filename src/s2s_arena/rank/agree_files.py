"""Files of votes to the agreement of their judges."""

from pathlib import Path

from s2s_arena.rank import agreeing
from s2s_arena.rank.agree_summary import AgreeSummary
from s2s_arena.rank.files import default_ties
from s2s_arena.rank.reading.votes import How, read_votes, refuse_ties
from s2s_arena.rank.summary import Ties


def agree_file(
    path: Path,
    *,
    judges: tuple[str, ...] = (),
    reference: tuple[str, ...] = (),
    key: str = "sample",
    by: tuple[str, ...] = (),
    ties: Ties | None = None,
    seed: int = 0,
    how: How | None = None,
) -> AgreeSummary:
    """Agreement of the judges in a file of votes, over rows with the same `key` and the same two systems.

    Ties are an opinion like any other here, unless our own strict match list refuses them or `ties` drops them.

    Raises:
        InputError: As in `read_votes`; also a judge without rows, or a tie where ties are refused.
    """
    votes = read_votes(path, labels=("judge", key, *by), how=how)
    if (ties or default_ties(votes)) is Ties.REFUSE:
        refuse_ties(votes)
    listed = votes.listed.strict if ties is Ties.DROP else votes.listed
    return agreeing.run_listed(
        listed, judges=judges, reference=reference, key=key, by=by, seed=seed, source=votes.source
    )

"""Match lists of strict studies from files: every wrong row named, nothing left out."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from s2s_arena.boards.plain import Listed
from s2s_arena.rank.reading.votes import BadRows, How, read_votes, refuse_ties


def read_matches(
    path: Path,
    *,
    labels: Sequence[str] = (),
    allow_ties: bool = False,
    columns: Mapping[str, str] | None = None,
) -> Listed:
    """The match list in a file, in the order of its rows; any wrong row refuses the file.

    Args:
        path: The file; its extension says what it is.
        labels: Further columns that must be there (level, domain ...).
        allow_ties: Whether tie, both_good and both_bad are legal.
        columns: Names of columns that differ from system_a, system_b and winner, e.g. {"winner": "preference"}.

    Raises:
        InputError: As in `read_votes`.
        IllegalVoteError: A winner that was not in the match or that strict rules forbid; names row and value.
    """
    votes = read_votes(path, labels=labels, how=How(columns=columns or {}, bad_rows=BadRows.REFUSE))
    if not allow_ties:
        refuse_ties(votes)
    return votes.listed

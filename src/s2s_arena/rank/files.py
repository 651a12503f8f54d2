"""Files of votes to boards: the door for people who have no workspace."""

from dataclasses import replace
from pathlib import Path

from s2s_arena.boards.games import Games
from s2s_arena.rank.listing import run_listed
from s2s_arena.rank.reading.votes import STRICT_SHAPE, How, VoteFile, read_votes, refuse_ties
from s2s_arena.rank.summary import Options, Summary, Ties


def run_file(path: Path, *, options: Options | None = None, how: How | None = None) -> Summary:
    """The boards of the votes in a file.

    Args:
        path: CSV, TSV, JSON, JSONL or Parquet, of any shape in `reading.shapes`.
        options: How to rank.
        how: How to read it.

    Raises:
        InputError: As in `read_votes`; also a judge without rows, or a tie where ties are refused.
    """
    given = options or Options()
    wanted = (*given.by, *given.clusters, *(("judge",) if given.judge or given.anchor else ()))
    votes = read_votes(path, labels=wanted, how=how)
    ties = given.ties or default_ties(votes)
    if ties is Ties.REFUSE:
        refuse_ties(votes)
    return run_listed(votes.listed, options=replace(given, ties=ties), source=votes.source)


def games_of(path: Path, *, options: Options | None = None, how: How | None = None) -> Games:
    """The rated games of the votes in a file, as `run_file` rates them."""
    given = options or Options()
    votes = read_votes(path, labels=("judge",) if given.judge else (), how=how)
    ties = given.ties or default_ties(votes)
    if ties is Ties.REFUSE:
        refuse_ties(votes)
    chosen = votes.listed.of_judge(given.judge) if given.judge else votes.listed
    return chosen.rated(ties=ties in (Ties.HALF, Ties.DAVIDSON))[0]


def default_ties(votes: VoteFile) -> Ties:
    """Our own match list is of a strict study, which has none; elsewhere they are left out and counted."""
    return Ties.REFUSE if votes.source.format == STRICT_SHAPE else Ties.DROP

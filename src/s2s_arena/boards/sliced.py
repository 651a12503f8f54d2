"""Boards of the parts of games that are already arrays, and the plain mean of separate boards."""

from collections.abc import Callable, Sequence

from s2s_arena.boards.games import Games
from s2s_arena.boards.standings import standings
from s2s_arena.records.boards import Board, Slices
from s2s_arena.records.identity import SystemName
from s2s_arena.records.taxonomy import DOMAINS


def sliced(games: Games, *, by: str, **options: object) -> Slices:
    """One board per value of the label `by`; `options` as in `standings.standings`.

    Raises:
        InputError: The games do not have the attribute.
    """
    labels = games.label(by)
    present = [name for code, name in enumerate(labels.names) if (labels.codes == code).any()]
    without = int((labels.codes < 0).sum())

    def one(value: str) -> Board:
        return standings(games.with_label(by, value), **options)  # type: ignore[arg-type]  # passed through as given

    return together(by, sorted(present, key=in_order), one, games.systems, without=without)


def in_order(value: str) -> tuple[int, str]:
    """By which values are sorted: domains as the paper has them, all else by name."""
    return (DOMAINS.index(value) if value in DOMAINS else len(DOMAINS), value)


def together(
    by: str, values: Sequence[str], one: Callable[[str], Board], systems: Sequence[SystemName], *, without: int
) -> Slices:
    """Boards of each value, and their plain mean.

    Args:
        by: The attribute.
        values: Its values, in the order to show them in.
        one: Makes the board of a value.
        systems: Contestants.
        without: Matches that have no value.
    """
    boards = {value: one(value) for value in values}
    rows = {value: {row.system: row for row in made.standings} for value, made in boards.items()}
    warnings = [f"{without} matches have no {by} and are in no slice"] if without else []
    for value, made in boards.items():
        unplayed = [row.system for row in made.standings if row.matches == 0]
        if unplayed:
            warnings.append(f"{by} {value}: no matches yet, counted as 1000 in the mean: {', '.join(unplayed)}")
    count = max(1, len(boards))
    return Slices(
        by=by,
        boards=boards,
        macro_elo={s: sum(rows[v][s].elo for v in boards) / count for s in systems} if boards else {},
        macro_bt={s: sum(rows[v][s].bt for v in boards) / count for s in systems} if boards else {},
        warnings=tuple(warnings),
    )

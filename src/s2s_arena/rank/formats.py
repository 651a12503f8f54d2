"""Boards as text: a table for people, JSON and CSV for scripts, booktabs LaTeX for papers."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from s2s_arena.boards.agree import Agreement, Habits
from s2s_arena.boards.rows import COLUMNS, latex_board, latex_escape, row
from s2s_arena.rank.summary import AgreeSummary, Summary
from s2s_arena.ratings.agreement import Estimate
from s2s_arena.ratings.bias import Lean
from s2s_arena.records.boards import Board, Slices


def board_json(board: Board) -> dict[str, object]:
    """A board as JSON values."""
    return {
        "systems": [row(standing) for standing in board.standings],
        "method": board.method,
        "judge": board.judge,
        "matches": board.matches,
        "seed": board.seed,
        "bootstraps": board.bootstraps,
        "connected": board.connected,
        "up_to": board.up_to,
        "spearman": None if board.spearman_mean is None else [board.spearman_mean, board.spearman_sd],
        "coverage": {name: asdict(coverage) for name, coverage in board.coverage.items()},
        "both_bad": board.both_bad,
        "excluded": board.excluded,
        "unrated": dict(board.unrated),
        "win_matrix": {"systems": list(board.systems), "wins": [list(wins) for wins in board.wins]},
        "warnings": list(board.warnings),
    }


def slices_json(slices: Slices) -> dict[str, object]:
    """Boards per value and their plain means as JSON values."""
    return {
        "boards": {value: board_json(board) for value, board in slices.boards.items()},
        "macro": {
            system: {"elo": round(slices.macro_elo[system], 2), "bt": round(slices.macro_bt[system], 2)}
            for system in slices.macro_elo
        },
        "warnings": list(slices.warnings),
    }


def to_json(summary: Summary) -> str:
    """The board's keys, and `slices` by attribute."""
    made = board_json(summary.board)
    made["slices"] = {by: slices_json(slices) for by, slices in summary.slices.items()}
    made["source"] = None if summary.source is None else asdict(summary.source)
    made["warnings"] = list(summary.warnings)
    return json.dumps(made, ensure_ascii=False, indent=2, allow_nan=False)


def to_csv(summary: Summary) -> str:
    """One row a system and board; `by` and `value` are empty on the whole board."""
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=["by", "value", *COLUMNS], lineterminator="\n")
    writer.writeheader()
    for by, value, board in _boards(summary):
        for standing in board.standings:
            writer.writerow({"by": by, "value": value, **row(standing)})
    return out.getvalue()


def _boards(summary: Summary) -> list[tuple[str, str, Board]]:
    parts = [(by, value, b) for by, slices in summary.slices.items() for value, b in slices.boards.items()]
    return [("", "", summary.board), *parts]


def to_latex(summary: Summary) -> str:
    """booktabs tables: the board, then one of ratings per slice and their mean for each attribute."""
    lines = latex_board(summary.board)
    for by, slices in summary.slices.items():
        lines += ["", *_latex_slices(by, slices, summary.board)]
    return "\n".join(lines) + "\n"


def _leading(board: Board, method: str) -> Mapping[str, float]:
    return {s.system: s.elo if method == "elo" else s.bt for s in board.standings}


def _latex_slices(by: str, slices: Slices, board: Board) -> list[str]:
    values = list(slices.boards)
    rated = {v: _leading(slices.boards[v], board.method) for v in values}
    macro = slices.macro_elo if board.method == "elo" else slices.macro_bt
    order = sorted(macro, key=lambda system: -macro[system])
    head = " & ".join(latex_escape(value) for value in values)
    rows = [
        f"{latex_escape(system)} & "
        + " & ".join(f"{rated[v][system]:.1f}" for v in values)
        + f" & {macro[system]:.1f} \\\\"
        for system in order
    ]
    return [
        f"% by {by}",
        rf"\begin{{tabular}}{{l{'r' * len(values)}r}}",
        r"\toprule",
        rf"System & {head} & Average \\",
        r"\midrule",
        *rows,
        r"\bottomrule",
        r"\end{tabular}",
    ]


def board_table(board: Board, *, title: str | None = None) -> Table:
    """A board for a terminal."""
    table = Table(title=title, title_justify="left")
    table.add_column("rank", justify="right")
    table.add_column("system")
    for name in ("Elo", "BT", "95 % interval", "rank interval", "win rate", "W", "L", "matches"):
        table.add_column(name, justify="right")
    for place, s in enumerate(board.standings, start=1):
        table.add_row(
            str(place),
            s.system,
            f"{s.elo:.1f}",
            f"{s.bt:.1f}",
            f"{s.bt_low:.0f} .. {s.bt_high:.0f}",
            f"{s.rank_low} .. {s.rank_high}",
            "-" if s.win_rate is None else f"{100 * s.win_rate:.1f} %",
            str(s.wins),
            str(s.losses),
            str(s.matches),
        )
    return table


def as_table(board: Board) -> None:
    """Print a board and its warnings on standard output."""
    console = Console()
    console.print(board_table(board))
    for line in (*notes(Summary(board=board)), *board.warnings):
        console.print(line, highlight=False)


def slices_table(slices: Slices, *, method: str) -> Table:
    """Ratings per slice and their plain mean for a terminal, best mean first."""
    table = Table(title=f"by {slices.by}", title_justify="left")
    table.add_column("system")
    for value, board in slices.boards.items():
        table.add_column(f"{value}\n({board.matches})", justify="right")
    table.add_column("average", justify="right")
    rated = {v: _leading(b, method) for v, b in slices.boards.items()}
    macro = slices.macro_elo if method == "elo" else slices.macro_bt
    for system in sorted(macro, key=lambda name: -macro[name]):
        table.add_row(system, *(f"{rated[v][system]:.1f}" for v in slices.boards), f"{macro[system]:.1f}")
    return table


def notes(summary: Summary) -> list[str]:
    """What a reader of the table must know beside it, one line each."""
    board = summary.board
    lines = [f"{board.matches} matches; order by {board.method}; {board.bootstraps} bootstraps from seed {board.seed}"]
    if board.spearman_mean is not None and board.spearman_sd is not None:
        lines.append(
            f"Spearman of the ranking with its bootstraps: {board.spearman_mean:.3f} +- {board.spearman_sd:.3f}"
        )
    lines += [f"not rated, {reason}: {count}" for reason, count in board.unrated.items()]
    if board.both_bad:
        lines.append(f"both bad: {board.both_bad}")
    for name, coverage in board.coverage.items():
        asked = coverage.decided + coverage.abstained
        lines.append(f"{name}: judged in {coverage.decided} of {asked} verdicts")
    return lines


def agree_json(summary: AgreeSummary) -> str:
    """Agreement of judges: `pairs`, `parts`, `habits`, `alpha`, `warnings`."""
    made = {
        "pairs": [_agreement(pair) for pair in summary.pairs],
        "parts": [{"part": part, **_agreement(made)} for part, made in summary.parts],
        "habits": [_habits(habits) for habits in summary.habits],
        "alpha": None if summary.alpha is None else _estimate(summary.alpha),
        "source": None if summary.source is None else asdict(summary.source),
        "warnings": list(summary.warnings),
    }
    return json.dumps(made, ensure_ascii=False, indent=2, allow_nan=False)


def _estimate(estimate: Estimate) -> dict[str, float | int | None]:
    return asdict(estimate)


def _agreement(made: Agreement) -> dict[str, object]:
    return {
        "one": made.one,
        "other": made.other,
        "categories": list(made.categories),
        "table": [list(counts) for counts in made.table],
        "agreement": _estimate(made.agreement),
        "kappa": _estimate(made.kappa),
        "baseline": _estimate(made.baseline),
        "close": _estimate(made.close),
    }


def _lean(lean: Lean | None) -> Mapping[str, float | int | None] | None:
    return None if lean is None else _estimate(lean.difference)


def _habits(made: Habits) -> dict[str, object]:
    return {
        "judge": made.judge,
        "votes": made.votes,
        "position": _lean(made.position),
        "length": _lean(made.length),
        "repeats": _estimate(made.repeats),
        "swaps": _estimate(made.swaps),
    }


def agree_tables(summary: AgreeSummary) -> Sequence[Table]:
    """Agreement and habits for a terminal."""
    both = Table(title="judges against each other", title_justify="left")
    for name in ("judge", "against", "part", "matches", "agreement", "kappa", "by system alone", "close pairs"):
        both.add_column(name)
    for part, made in [("all", pair) for pair in summary.pairs] + list(summary.parts):
        cases = str(made.agreement.cases)
        figures = (percent(made.agreement), plain(made.kappa), percent(made.baseline), percent(made.close))
        both.add_row(made.one, made.other, part, cases, *figures)
    own = Table(title="each judge", title_justify="left")
    for name in ("judge", "votes", "first minus second", "longer minus shorter", "same when repeated", "when swapped"):
        own.add_column(name)
    for habit in summary.habits:
        length = "-" if habit.length is None else plain(habit.length.difference)
        own.add_row(
            habit.judge,
            str(habit.votes),
            plain(habit.position.difference),
            length,
            percent(habit.repeats),
            percent(habit.swaps),
        )
    return [table for table in (both, own) if table.row_count]


def percent(estimate: Estimate) -> str:
    """A share with its interval, for people: `82.9 % [79.0, 86.1] of 432`."""
    if estimate.value is None:
        return "-"
    if estimate.low is None or estimate.high is None:
        return f"{100 * estimate.value:.1f} % of {estimate.cases}"
    low, high = 100 * estimate.low, 100 * estimate.high
    return f"{100 * estimate.value:.1f} % [{low:.1f}, {high:.1f}] of {estimate.cases}"


def plain(estimate: Estimate) -> str:
    """A figure with its interval, for people: `.655 [.583, .727]`."""
    if estimate.value is None:
        return "-"
    if estimate.low is None or estimate.high is None:
        return f"{estimate.value:.3f}"
    return f"{estimate.value:.3f} [{estimate.low:.3f}, {estimate.high:.3f}]"

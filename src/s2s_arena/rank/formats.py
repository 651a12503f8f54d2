"""Boards as text: a table for people, JSON and CSV for scripts, booktabs LaTeX for papers."""

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import asdict

from s2s_arena.boards.insight import Insight
from s2s_arena.boards.rows import COLUMNS, INSIGHT_COLUMNS, insight_row, latex_board, latex_escape, row
from s2s_arena.rank.analysis_formats import analysis_json
from s2s_arena.rank.summary import Summary
from s2s_arena.rank.text_table import TextTable
from s2s_arena.records.boards import Board, Slices
from s2s_arena.records.identity import SystemName


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
    made["analysis"] = None if summary.analysis is None else analysis_json(summary.analysis)
    made["source"] = None if summary.source is None else asdict(summary.source)
    made["warnings"] = list(summary.warnings)
    return json.dumps(made, ensure_ascii=False, indent=2, allow_nan=False)


def to_csv(summary: Summary) -> str:
    """One row a system and board; `by` and `value` are empty on the whole board."""
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=["by", "value", *COLUMNS, *INSIGHT_COLUMNS], lineterminator="\n")
    writer.writeheader()
    for by, value, board in _boards(summary):
        for standing in board.standings:
            writer.writerow({"by": by, "value": value, **row(standing), **_bears(summary, by, standing.system)})
    return out.getvalue()


def _bears(summary: Summary, by: str, system: SystemName) -> dict[str, str | int | float | None]:
    return insight_row(summary.analysis.insight, system) if summary.analysis and not by else {}


def _boards(summary: Summary) -> list[tuple[str, str, Board]]:
    parts = [(by, value, b) for by, slices in summary.slices.items() for value, b in slices.boards.items()]
    return [("", "", summary.board), *parts]


def to_latex(summary: Summary) -> str:
    """booktabs tables: the board, then one of ratings per slice and their mean for each attribute."""
    lines = latex_board(summary.board, summary.analysis.insight if summary.analysis else None)
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


def board_table(board: Board, *, title: str | None = None, insight: Insight | None = None) -> TextTable:
    """A board for a terminal; with `insight` also who may be first, and groups of systems that are not separated."""
    table = TextTable(title=title)
    table.add_column("rank", right=True)
    table.add_column("system")
    for name in ("Elo", "BT", "95 % interval", "rank interval", "win rate", "W", "L", "matches"):
        table.add_column(name, right=True)
    if insight is not None:
        table.add_column("first", right=True)
        table.add_column("group")
    for place, s in enumerate(board.standings, start=1):
        more = () if insight is None else (f"{100 * insight.first[s.system]:.0f} %", insight.group(s.system))
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
            *more,
        )
    return table


def slices_table(slices: Slices, *, method: str) -> TextTable:
    """Ratings per slice and their plain mean for a terminal, best mean first."""
    table = TextTable(title=f"by {slices.by}")
    table.add_column("system")
    for value, board in slices.boards.items():
        table.add_column(f"{value}\n({board.matches})", right=True)
    table.add_column("average", right=True)
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

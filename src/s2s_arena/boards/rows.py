"""A board as rows and as LaTeX: what ranking and reporting both write."""

from s2s_arena.records.boards import Board, Standing

COLUMNS = (
    "system",
    "elo",
    "bt",
    "bt_low",
    "bt_high",
    "rank_low",
    "rank_high",
    "win_rate",
    "wins",
    "losses",
    "matches",
)
"""Fields of one row in JSON and CSV, in this order; they are stable."""


def row(standing: Standing) -> dict[str, str | int | float | None]:
    """One standing with stable keys; ratings to a hundredth of a point, win rate in 0..1 or None."""
    return {
        "system": standing.system,
        "elo": round(standing.elo, 2),
        "bt": round(standing.bt, 2),
        "bt_low": round(standing.bt_low, 2),
        "bt_high": round(standing.bt_high, 2),
        "rank_low": standing.rank_low,
        "rank_high": standing.rank_high,
        "win_rate": None if standing.win_rate is None else round(standing.win_rate, 4),
        "wins": standing.wins,
        "losses": standing.losses,
        "matches": standing.matches,
    }


_ESCAPES = str.maketrans(
    {
        "&": r"\&",
        "%": r"\%",
        "$": r"\$",
        "#": r"\#",
        "_": r"\_",
        "{": r"\{",
        "}": r"\}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "\\": r"\textbackslash{}",
    }
)


def latex_escape(text: str) -> str:
    """Text that LaTeX prints as it is."""
    return text.translate(_ESCAPES)


def latex_board(board: Board) -> list[str]:
    """Lines of a booktabs table, best system first."""
    lines = [
        r"\begin{tabular}{lrrcrrrr}",
        r"\toprule",
        r"System & Elo & BT & 95\,\% interval & Win rate (\%) & Wins & Losses & Matches \\",
        r"\midrule",
    ]
    for s in board.standings:
        rate = "--" if s.win_rate is None else f"{100 * s.win_rate:.1f}"
        lines.append(
            f"{latex_escape(s.system)} & {s.elo:.1f} & {s.bt:.1f} & [{s.bt_low:.0f}, {s.bt_high:.0f}] & {rate} & "
            f"{s.wins} & {s.losses} & {s.matches} \\\\"
        )
    return [*lines, r"\bottomrule", r"\end{tabular}"]

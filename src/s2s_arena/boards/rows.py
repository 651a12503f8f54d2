"""A board as rows and as LaTeX: what ranking and reporting both write."""

from s2s_arena.boards.insight import Insight
from s2s_arena.records.boards import Board, Standing
from s2s_arena.records.identity import SystemName

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


INSIGHT_COLUMNS = ("p_first", "group", "tier", "place_low", "place_high", "boot_mean", "robust_low", "robust_high")
"""Further columns of a whole board in CSV: what it can bear, see `Insight`."""


def insight_row(insight: Insight, system: SystemName) -> dict[str, str | int | float | None]:
    """One system's part of an insight with stable keys; mean and robust bounds None where they were not computed."""
    low, high = insight.robust.get(system, (None, None))
    mean = insight.mean.get(system)
    return {
        "p_first": round(insight.first[system], 4),
        "group": insight.letters[system],
        "tier": insight.tiers[system],
        "place_low": insight.places[system][0],
        "place_high": insight.places[system][1],
        "boot_mean": None if mean is None else round(mean, 2),
        "robust_low": None if low is None else round(low, 2),
        "robust_high": None if high is None else round(high, 2),
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


def latex_board(board: Board, insight: Insight | None = None) -> list[str]:
    """Lines of a booktabs table, best system first; with `insight` systems sharing a letter are not separated."""
    group = " & Group" if insight else ""
    lines = [
        rf"\begin{{tabular}}{{lrrcrrrr{'l' if insight else ''}}}",
        r"\toprule",
        rf"System & Elo & BT & 95\,\% interval & Win rate (\%) & Wins & Losses & Matches{group} \\",
        r"\midrule",
    ]
    for s in board.standings:
        rate = "--" if s.win_rate is None else f"{100 * s.win_rate:.1f}"
        letters = f" & {latex_escape(insight.group(s.system))}" if insight else ""
        lines.append(
            f"{latex_escape(s.system)} & {s.elo:.1f} & {s.bt:.1f} & [{s.bt_low:.0f}, {s.bt_high:.0f}] & {rate} & "
            f"{s.wins} & {s.losses} & {s.matches}{letters} \\\\"
        )
    return [*lines, r"\bottomrule", r"\end{tabular}"]

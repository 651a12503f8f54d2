"""Agreement of judges as text: tables for people, JSON for scripts."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from s2s_arena.boards.agree import Agreement, Habits
from s2s_arena.rank.agree_summary import AgreeSummary
from s2s_arena.rank.text_table import TextTable
from s2s_arena.ratings.agreement import Estimate
from s2s_arena.ratings.bias import Lean


def agree_json(summary: AgreeSummary) -> str:
    """Agreement of judges: `pairs`, `parts`, `people`, `habits`, `alpha`, `warnings`."""
    made = {
        "pairs": [_agreement(pair) for pair in summary.pairs],
        "parts": [{"part": part, **_agreement(made)} for part, made in summary.parts],
        "people": [asdict(made) for made in summary.people],
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
        "beyond_baseline": _estimate(made.beyond),
        "close": _estimate(made.close),
        "close_baseline": _estimate(made.close_baseline),
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


def agree_tables(summary: AgreeSummary) -> Sequence[TextTable]:
    """Agreement and habits for a terminal."""
    both = TextTable(title="judges against each other")
    for name in (
        "judge",
        "against",
        "part",
        "matches",
        "agreement",
        "kappa",
        "by names alone",
        "beyond names",
        "close pairs",
    ):
        both.add_column(name)
    for part, made in [("all", pair) for pair in summary.pairs] + list(summary.parts):
        cases = str(made.agreement.cases)
        both.add_row(
            made.one,
            made.other,
            part,
            cases,
            percent(made.agreement),
            plain(made.kappa),
            percent(made.baseline),
            points(made.beyond),
            percent(made.close),
        )
    panel = TextTable(title="beside people, on the same matches")
    for name in ("judge", "matches", "judge and a person", "two people", "people's lead", "kappa", "people's kappa"):
        panel.add_column(name)
    for found in summary.people:
        panel.add_row(
            found.judge,
            str(found.model.cases),
            percent(found.model),
            percent(found.people),
            points(found.shortfall),
            plain(found.model_kappa),
            plain(found.people_kappa),
        )
    own = TextTable(title="each judge")
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
    return [table for table in (both, panel, own) if table.row_count]


def percent(estimate: Estimate) -> str:
    """A share with its interval, for people: `82.9 % [79.0, 86.1] of 432`."""
    if estimate.value is None:
        return "-"
    if estimate.low is None or estimate.high is None:
        return f"{100 * estimate.value:.1f} % of {estimate.cases}"
    low, high = 100 * estimate.low, 100 * estimate.high
    return f"{100 * estimate.value:.1f} % [{low:.1f}, {high:.1f}] of {estimate.cases}"


def points(estimate: Estimate) -> str:
    """A difference of shares in percentage points, for people: `+3.1 [-1.0, 7.2]`."""
    if estimate.value is None:
        return "-"
    if estimate.low is None or estimate.high is None:
        return f"{100 * estimate.value:+.1f}"
    return f"{100 * estimate.value:+.1f} [{100 * estimate.low:.1f}, {100 * estimate.high:.1f}]"


def plain(estimate: Estimate) -> str:
    """A figure with its interval, for people: `.655 [.583, .727]`."""
    if estimate.value is None:
        return "-"
    if estimate.low is None or estimate.high is None:
        return f"{estimate.value:.3f}"
    return f"{estimate.value:.3f} [{estimate.low:.3f}, {estimate.high:.3f}]"

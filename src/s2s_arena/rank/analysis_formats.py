"""What a board can bear as text: lines and tables for people, JSON for scripts."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from s2s_arena.boards.analysis import Analysis
from s2s_arena.boards.insight import Flip, Insight
from s2s_arena.boards.outlook import Loops, More
from s2s_arena.boards.rows import row
from s2s_arena.rank.text_table import TextTable
from s2s_arena.records.boards import Board

if TYPE_CHECKING:
    from s2s_arena.boards.crowd import Crowd
    from s2s_arena.boards.factors import Factors
    from s2s_arena.boards.powered import Powered
    from s2s_arena.boards.style import Style
    from s2s_arena.boards.ties import TieBoard

SHOWN = 20  # judges that a terminal shows beside the flagged ones


def analysis_json(analysis: Analysis) -> dict[str, object]:
    """The analysis as JSON values; maps are by system."""
    made = asdict(analysis)
    if analysis.crowd is not None and analysis.crowd.without is not None:
        made["crowd"]["without"] = _rows(analysis.crowd.without)
    return made


def _rows(board: Board) -> dict[str, object]:
    return {"systems": [row(s) for s in board.standings], "matches": board.matches, "warnings": list(board.warnings)}


def analysis_lines(analysis: Analysis) -> Iterator[str]:
    """What a reader must know beside the table, one line each."""
    yield from _insight_lines(analysis.insight)
    if analysis.loops is not None and analysis.loops.triples:
        yield from _loop_lines(analysis.loops)
    if analysis.ties is not None:
        yield from _tie_lines(analysis.ties)
    if analysis.factors is not None:
        yield from analysis.factors.warnings
    if analysis.powered is not None:
        found = analysis.powered
        yield (
            f"{found.votes} votes of people on {found.matches} matches of {found.cheap} are worth "
            f"{found.effective:.0f} without it ({found.gain:.2f} each; the judge counts {found.power:.2f}); "
            "people's matches must have been drawn at random"
        )


def _insight_lines(insight: Insight) -> Iterator[str]:
    yield (
        f"{insight.separated} of {insight.pairs} pairs of systems are separated (all compared at once, "
        f"{100 * insight.level:.0f} %); systems that share a letter of 'group' are not"
    )
    for flip in insight.flips:
        yield flip_line(flip)
    if insight.order is not None:
        points = max(insight.order.sd.values(), default=0.0)
        yield (
            f"order of play alone moves sequential Elo by up to {points:.0f} points (SD) and changes the ranking in "
            f"{100 * insight.order.changed:.0f} % of reshuffles"
        )


def flip_line(flip: Flip) -> str:
    """How few verdicts put another system first."""
    what = "reversing" if flip.change == "reverse" else "dropping"
    if flip.votes is None or flip.share is None:
        return f"no set of verdicts puts another system first by {what} them"
    verdicts = "verdict" if flip.votes == 1 else "verdicts"
    return f"{what} {flip.votes} {verdicts} ({100 * flip.share:.2g} %) would put {flip.rival} first"


def _loop_lines(loops: Loops) -> Iterator[str]:
    yield (
        f"{loops.found} of {loops.triples} triples are cycles, {loops.expected:.1f} expected by chance "
        f"(p = {loops.p_value:.2f} for so many)"
    )
    for loop in loops.strongest:
        if loop.p_value < 0.05:
            a, b, c = loop.systems
            yield f"beyond chance: {a} beats {b} beats {c} beats {a} (p = {loop.p_value:.3f})"


def _tie_lines(ties: "TieBoard") -> Iterator[str]:
    if ties.ties:
        yield (
            f"{ties.ties} ties: two equal systems tie in {100 * ties.tie_rate:.0f} % of matches (Davidson's nu "
            f"{ties.nu:.2f} [{ties.nu_low:.2f}, {ties.nu_high:.2f}])"
        )
    worst = sorted(ties.both_bad.items(), key=lambda item: -(item[1].value or 0.0))[:3]
    if worst:
        shares = ", ".join(f"{name} {100 * (share.value or 0.0):.0f} %" for name, share in worst)
        yield f"both bad, as a share of a system's matches, highest: {shares}"


def analysis_tables(analysis: Analysis) -> Sequence[TextTable]:
    """Tables of what was asked for."""
    tables = []
    if analysis.more:
        tables.append(more_table(analysis.more))
    if analysis.crowd is not None:
        tables.append(crowd_table(analysis.crowd))
    if analysis.style is not None:
        tables += [effects_table(analysis.style), style_table(analysis.style)]
    if analysis.factors is not None:
        tables.append(factors_table(analysis.factors))
    if analysis.powered is not None:
        tables.append(powered_table(analysis.powered))
    return tables


def powered_table(powered: "Powered") -> TextTable:
    """People's board with and without the cheap judge's help."""
    table = TextTable(title=f"the board of {', '.join(powered.anchor)}, sharpened by {powered.cheap}")
    table.add_column("system")
    for name in ("BT", "95 % interval", "by people alone", "95 % interval"):
        table.add_column(name, right=True)
    for system, found in powered.systems.items():
        alone = powered.alone[system]
        table.add_row(
            system,
            f"{found.rating:.1f}",
            f"{found.low:.0f} .. {found.high:.0f}",
            f"{alone.rating:.1f}",
            f"{alone.low:.0f} .. {alone.high:.0f}",
        )
    return table


def effects_table(style: "Style") -> TextTable:
    """What style is worth."""
    table = TextTable(title="style: Elo points for one standard unit more")
    table.add_column("feature")
    for name in ("points", "95 % interval", "known"):
        table.add_column(name, right=True)
    for effect in style.effects:
        size = effect.points / effect.coefficient if effect.coefficient else 0.0
        interval = f"{size * effect.low:.0f} .. {size * effect.high:.0f}" if size else "-"
        table.add_row(effect.name, f"{effect.points:.0f}", interval, f"{100 * effect.known:.0f} %")
    return table


def style_table(style: "Style") -> TextTable:
    """The board at equal style."""
    table = TextTable(title="the board at equal style")
    table.add_column("system")
    for name in ("BT", "at equal style", "95 % interval", "change"):
        table.add_column(name, right=True)
    for system, found in style.systems.items():
        change = f"{found.rating - found.plain:+.1f}"
        interval = f"{found.low:.0f} .. {found.high:.0f}"
        table.add_row(system, f"{found.plain:.1f}", f"{found.rating:.1f}", interval, change)
    return table


def factors_table(factors: "Factors") -> TextTable:
    """What ratings go with."""
    table = TextTable(title="what ratings go with (associations, never effects of a part)")
    for name in ("factor", "level", "against"):
        table.add_column(name)
    for name in ("systems", "points", "95 % interval", "p"):
        table.add_column(name, right=True)
    for effect in factors.effects:
        table.add_row(
            effect.factor,
            effect.level or "per tenfold",
            effect.reference or "-",
            str(effect.systems),
            f"{effect.points:+.0f}",
            f"{effect.low:.0f} .. {effect.high:.0f}",
            f"{effect.p_value:.2f}",
        )
    return table


def more_table(plans: Sequence[More]) -> TextTable:
    """Neighbours, and how many matches would separate them."""
    table = TextTable(title="to separate neighbours (80 % power, gaps as estimated)")
    for name in ("better", "worse"):
        table.add_column(name)
    for name in ("gap", "+- (SE)", "power now", "direct matches", "matches of the whole board"):
        table.add_column(name, right=True)
    for plan in plans:
        table.add_row(
            plan.better,
            plan.worse,
            f"{plan.gap:.1f}",
            f"{plan.standard_error:.1f}",
            f"{100 * plan.power:.0f} %",
            _count(plan.direct),
            _count(plan.whole),
        )
    return table


def _count(matches: int | None) -> str:
    return "over 10^9" if matches is None else f"{matches:,}"


def crowd_table(crowd: "Crowd") -> TextTable:
    """Judges one by one, flagged ones first."""
    table = TextTable(
        title=f"judges (of those flagged at most {100 * crowd.share:g} % are expected to be honest)",
    )
    table.add_column("judge")
    for name in ("votes", "ability", "95 % interval", "e-value"):
        table.add_column(name, right=True)
    table.add_column("flagged")
    shown = crowd.raters[: len(crowd.flagged) + SHOWN]
    for rater in shown:
        known = rater.ability is not None and rater.low is not None and rater.high is not None
        table.add_row(
            rater.judge,
            str(rater.votes),
            f"{rater.ability:.2f}" if known else "-",
            f"{rater.low:.2f} .. {rater.high:.2f}" if known else "-",
            "-" if rater.e_value is None else f"{rater.e_value:.3g}",
            rater.habit,
        )
    if len(shown) < len(crowd.raters):
        table.caption = f"and {len(crowd.raters) - len(shown)} with fewer votes; --format json has them all"
    return table

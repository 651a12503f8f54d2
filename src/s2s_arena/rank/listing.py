"""Games and match lists that are already arrays, to boards as the options say."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from s2s_arena.boards.analysis import Analysis, analysed
from s2s_arena.boards.games import Games, Tally
from s2s_arena.boards.plain import Listed
from s2s_arena.boards.sliced import sliced
from s2s_arena.boards.standings import Made, made
from s2s_arena.rank.reading.source import Source
from s2s_arena.rank.summary import Options, Summary, Ties
from s2s_arena.records.identity import JudgeName

if TYPE_CHECKING:
    from s2s_arena.records.systems import SystemCard


def run_listed(listed: Listed, *, options: Options | None = None, source: Source | None = None) -> Summary:
    """The boards of a match list that is already arrays; ties move no rating unless the options say so."""
    how = options or Options()
    chosen = listed if how.judge is None else listed.of_judge(how.judge)
    keep = how.ties in (Ties.HALF, Ties.DAVIDSON)
    games, tally = chosen.rated(ties=keep)
    every = listed.rated(ties=keep)[0] if how.anchor else games
    judge = JudgeName(how.judge) if how.judge is not None else None
    whole = made_as(games, tally, how, judge=judge)
    parts = {
        by: sliced(
            games,
            by=by,
            method=how.method,
            seed=how.seed,
            bootstraps=how.bootstraps,
            clusters=how.clusters,
            judge=how.judge,
            weighted=how.weighted,
        )
        for by in how.by
    }
    return Summary(
        board=whole.board,
        slices=parts,
        source=source,
        left_out=tuple(_left_out(tally)),
        analysis=analysis_as(whole, how, every=every),
    )


def made_as(games: Games, tally: Tally, how: Options, *, judge: JudgeName | None) -> Made:
    """The board of games as the options say; `judge` is whose it is called."""
    return made(
        games,
        method=how.method,
        judge=judge,
        seed=how.seed,
        bootstraps=how.bootstraps,
        clusters=how.clusters,
        tally=tally,
        weighted=how.weighted,
        davidson_ties=how.ties is Ties.DAVIDSON,
        elo_within=how.elo_within,
    )


def analysis_as(
    whole: Made, how: Options, *, every: Games, cards: "Mapping[str, SystemCard] | None" = None
) -> Analysis | None:
    """The analyses asked for; `every` are the games of all judges, whichever the board is of."""
    if not (how.analysed or how.parts or how.anchor):
        return None
    found = analysed(whole, parts=how.parts, clusters=how.clusters, cards=cards)
    if not how.anchor:
        return found
    # Seldom asked for, and takes its time to import.
    from s2s_arena.boards.powered import powered  # noqa: PLC0415

    return replace(found, powered=powered(every, anchor=how.anchor, cheap=how.cheap or ""))


def _left_out(tally: Tally) -> Iterator[str]:
    ties = {reason: tally.unrated[reason] for reason in ("tie", "both good") if reason in tally.unrated}
    if ties:
        counts = " and ".join(f"{count} {reason}" for reason, count in ties.items())
        yield f"strict rules: {counts} left out of the ratings; --ties half or davidson keeps them"
    if tally.both_bad:
        yield f"{tally.both_bad} both bad left out of the ratings: nobody won them"

"""Verdicts of a workspace, or a match list, to boards."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from s2s_arena.boards.analysis import Analysis, Part, analysed
from s2s_arena.boards.games import Games, Tally
from s2s_arena.boards.plain import Listed
from s2s_arena.boards.powered import powered
from s2s_arena.boards.rated import rated_games
from s2s_arena.boards.slices import sliced, slices
from s2s_arena.boards.standings import Made, made
from s2s_arena.boards.studies import with_features
from s2s_arena.boards.votes import current
from s2s_arena.errors import IllegalVoteError, InputError
from s2s_arena.protocols import Store
from s2s_arena.rank.reading.source import Source
from s2s_arena.rank.summary import Options, Summary, Ties
from s2s_arena.records.identity import JudgeName
from s2s_arena.records.matches import Match
from s2s_arena.records.responses import Take
from s2s_arena.records.samples import Suite
from s2s_arena.records.studies import Study
from s2s_arena.records.systems import SystemCard

__all__ = ["Options", "Summary", "run", "run_listed"]


def run(
    store: Store,
    *,
    study: Study,
    suite: Suite,
    options: Options | None = None,
    cards: Mapping[str, SystemCard] | None = None,
) -> Summary:
    """The boards of a study as its events stand.

    Args:
        store: Where matches, takes and events are.
        study: Which systems, under which rules.
        suite: Whose samples' attributes slices go by.
        options: How; defaults as in the paper where it says so.
        cards: Of the systems, for factors.

    Raises:
        InputError: A judge without votes, an unknown method, or an attribute that no sample has.
    """
    how = options or Options()
    matches = list(store.all(Match, study=study.name))
    votes = current(store.events(study=study.name, up_to=how.up_to))
    judge = JudgeName(how.judge) if how.judge is not None else None
    if judge is not None and judge not in votes.judges:
        raise InputError(f"judge {judge}: no votes in study {study.name}; judges with votes: {_names(votes.judges)}")
    heard = {id for match in matches for id in (match.first, match.second)}
    takes = [take for take in store.all(Take) if take.id in heard and take.failure is not None]

    def rated(of: JudgeName | None) -> tuple[Games, Tally]:
        return rated_games(
            matches,
            votes,
            systems=study.systems,
            judge=of,
            takes=takes,
            outcomes=study.rules.outcomes,
            labels={
                "first": lambda match: match.first,
                "second": lambda match: match.second,
                "match": lambda match: match.id,
            },
        )

    games, tally = rated(judge)
    every = rated(None)[0] if how.anchor else games
    if Part.STYLE in how.parts:
        games = with_features(games, store)
    games, tally = _with_ties(games, tally, how.ties)
    whole = _made(games, tally, how, judge=judge)
    parts = {
        by: slices(
            matches,
            votes,
            samples=suite.samples,
            by=by,
            systems=study.systems,
            method=how.method,
            judge=judge,
            seed=how.seed,
            bootstraps=how.bootstraps,
            takes=takes,
            outcomes=study.rules.outcomes,
            clusters=how.clusters,
            weighted=how.weighted,
        )
        for by in how.by
    }
    return Summary(board=whole.board, slices=parts, analysis=_analysis(whole, how, every=every, cards=cards))


def _made(games: Games, tally: Tally, how: Options, *, judge: JudgeName | None) -> Made:
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


def _analysis(
    whole: Made, how: Options, *, every: Games, cards: Mapping[str, SystemCard] | None = None
) -> Analysis | None:
    """The analyses asked for; `every` are the games of all judges, whichever the board is of."""
    if not (how.analysed or how.parts or how.anchor):
        return None
    made = analysed(whole, parts=how.parts, clusters=how.clusters, cards=cards)
    if not how.anchor:
        return made
    return replace(made, powered=powered(every, anchor=how.anchor, cheap=how.cheap or ""))


def _with_ties(games: Games, tally: Tally, ties: Ties | None) -> tuple[Games, Tally]:
    """A study's games, without the ties that its rules allow where the user wants none of them."""
    tied = games.scores == 0.5
    if ties not in (Ties.DROP, Ties.REFUSE) or not tied.any():
        return games, tally
    if ties is Ties.REFUSE:
        raise IllegalVoteError(f"{int(tied.sum())} ties in this study, whose rules allow them; use --ties drop or half")
    return games.where(~tied), replace(tally, unrated={**tally.unrated, "tie": int(tied.sum())})


def run_listed(listed: Listed, *, options: Options | None = None, source: Source | None = None) -> Summary:
    """The boards of a match list that is already arrays; ties move no rating unless the options say so."""
    how = options or Options()
    chosen = listed if how.judge is None else listed.of_judge(how.judge)
    keep = how.ties in (Ties.HALF, Ties.DAVIDSON)
    games, tally = chosen.rated(ties=keep)
    every = listed.rated(ties=keep)[0] if how.anchor else games
    judge = JudgeName(how.judge) if how.judge is not None else None
    whole = _made(games, tally, how, judge=judge)
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
        analysis=_analysis(whole, how, every=every),
    )


def _left_out(tally: Tally) -> Iterator[str]:
    ties = {reason: tally.unrated[reason] for reason in ("tie", "both good") if reason in tally.unrated}
    if ties:
        counts = " and ".join(f"{count} {reason}" for reason, count in ties.items())
        yield f"strict rules: {counts} left out of the ratings; --ties half or davidson keeps them"
    if tally.both_bad:
        yield f"{tally.both_bad} both bad left out of the ratings: nobody won them"


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "none"

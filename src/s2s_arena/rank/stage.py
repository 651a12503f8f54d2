"""Verdicts of a workspace to boards."""

from collections.abc import Mapping
from dataclasses import replace

from s2s_arena.boards.analysis import Part
from s2s_arena.boards.games import Games, Tally
from s2s_arena.boards.rated import rated_games
from s2s_arena.boards.slices import slices
from s2s_arena.boards.studies import warned_of, with_features
from s2s_arena.boards.votes import current
from s2s_arena.errors import IllegalVoteError, InputError
from s2s_arena.protocols import Store
from s2s_arena.rank.listing import analysis_as, made_as
from s2s_arena.rank.summary import Options, Summary, Ties
from s2s_arena.records.identity import JudgeName
from s2s_arena.records.matches import Match
from s2s_arena.records.responses import Take
from s2s_arena.records.samples import Suite
from s2s_arena.records.studies import Study
from s2s_arena.records.systems import JudgeCard, SystemCard

__all__ = ["Options", "Summary", "run"]


def run(
    store: Store,
    *,
    study: Study,
    suite: Suite,
    options: Options | None = None,
    cards: Mapping[str, SystemCard] | None = None,
    judges: Mapping[str, JudgeCard] | None = None,
) -> Summary:
    """The boards of a study as its events stand.

    Args:
        store: Where matches, takes and events are.
        study: Which systems, under which rules.
        suite: Whose samples' attributes slices go by.
        options: How; defaults as in the paper where it says so.
        cards: Of the systems, for factors and for judges of their own kin.
        judges: Cards of judges, of whose reliability the board warns.

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
    whole = made_as(games, tally, how, judge=judge)
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
    contestants = {name: card for name, card in (cards or {}).items() if name in study.systems}
    return Summary(
        board=whole.board,
        slices=parts,
        judges=warned_of((judge,) if judge else votes.judges, votes, store, judges=judges or {}, systems=contestants),
        analysis=analysis_as(whole, how, every=every, cards=cards),
    )


def _with_ties(games: Games, tally: Tally, ties: Ties | None) -> tuple[Games, Tally]:
    """A study's games, without the ties that its rules allow where the user wants none of them."""
    tied = games.scores == 0.5
    if ties not in (Ties.DROP, Ties.REFUSE) or not tied.any():
        return games, tally
    if ties is Ties.REFUSE:
        raise IllegalVoteError(f"{int(tied.sum())} ties in this study, whose rules allow them; use --ties drop or half")
    return games.where(~tied), replace(tally, unrated={**tally.unrated, "tie": int(tied.sum())})


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "none"

"""What a store knows of the answers and the judges behind a board's games."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from s2s_arena.boards.games import Games
from s2s_arena.boards.reliability import judge_warnings
from s2s_arena.boards.style import measured
from s2s_arena.boards.votes import Votes
from s2s_arena.protocols import Store
from s2s_arena.records.boards import JudgeReliability
from s2s_arena.records.cues import Cues
from s2s_arena.records.identity import JudgeName, TakeId
from s2s_arena.records.responses import Response, Take
from s2s_arena.records.systems import JudgeCard, SystemCard


def with_features(games: Games, store: Store) -> Games:
    """The games with what is measured of their answers.

    Args:
        games: With labels `first` and `second`: the takes heard.
        store: Where takes, responses and cues are; of several extractors the last one counts.
    """
    first, second = games.label("first"), games.label("second")
    pairs = [
        (TakeId(first.names[a]), TakeId(second.names[b]))
        for a, b in zip(first.codes.tolist(), second.codes.tolist(), strict=True)
    ]
    wanted = {id for pair in pairs for id in pair}
    takes = {take.id: take for take in store.all(Take) if take.id in wanted}
    keys = {key for take in takes.values() for key in take.responses}
    responses: Mapping[str, Response] = {r.key: r for r in store.all(Response) if r.key in keys}
    heard = {r.speech.hash for r in responses.values() if r.speech is not None}
    cues = {c.audio: c for c in store.all(Cues) if c.audio in heard}
    return replace(games, features=measured(pairs, takes=takes, responses=responses, cues=cues))


def warned_of(
    who: Iterable[JudgeName],
    votes: Votes,
    store: Store,
    *,
    judges: Mapping[str, JudgeCard],
    systems: Mapping[str, SystemCard],
) -> tuple[str, ...]:
    """What a board must say of its judges: nothing is known of one, one is bad, one judges its own kin.

    Args:
        who: Judges whose verdicts are on the board; those without a card are people, of whom nothing is said.
        votes: What stands; verdicts tell the judge's version.
        store: Where reliability records are.
        judges: Cards by name.
        systems: Cards of the contestants by name.
    """
    records = list(store.all(JudgeReliability))
    made: list[str] = []
    for name in who:
        if name in judges:
            versions = [v.judge_version for v in votes.standing if v.judge == name and v.judge_version]
            version = versions[-1] if versions else None
            made += judge_warnings(
                name, records=records, version=version, card=judges[name], contestants=systems, judges=judges
            )
    return tuple(made)

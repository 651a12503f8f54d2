"""What a store knows of the answers behind a board's games."""

from collections.abc import Mapping
from dataclasses import replace

from s2s_arena.boards.games import Games
from s2s_arena.boards.style import measured
from s2s_arena.protocols import Store
from s2s_arena.records.cues import Cues
from s2s_arena.records.identity import TakeId
from s2s_arena.records.responses import Response, Take


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

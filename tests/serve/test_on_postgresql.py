"""Voting on a PostgreSQL store: what was acknowledged is there, and a database that goes away costs nobody a vote."""

import signal

from s2s_arena.store.kinds import KINDS
from s2s_arena.store.opening import open_store
from tests.postgresql import new_server
from tests.serve.worlds import World


def moved(world: World, url: str) -> World:
    """The same world with its records in that database."""
    store = open_store(url, audio=world.folder / "audio")
    for kind in KINDS:
        store.put(*world.store.all(kind.record))
    world.server.__exit__(None, None, None)
    world.store.close()
    world.store = store
    world.open()
    return world


def test_votes_are_stored_numbered_and_found_again_by_the_next_server(make, postgresql):
    w = moved(make(), postgresql.database())
    b = w.browser(w.person())
    ballot = b.ballot(b.task()["task"])
    assert [b.post("/api/vote", ballot).json()["event"] for _ in range(2)] == [1, 1]
    assert b.vote("second").json()["event"] == 2
    task = b.task()["task"]["assignment"]
    w.restart()
    b = w.browser(b.person)
    assert b.post("/api/vote", ballot).json()["event"] == 1
    assert b.task()["task"]["assignment"] == task
    assert [event.number for event in w.store.events()] == [1, 2]


def test_a_vote_while_the_database_is_away_is_refused_honestly_and_counts_once_when_it_is_back(make):
    server = new_server()
    try:
        w = moved(make(), server.database())
        b = w.browser(w.person())
        b.vote()
        ballot = b.ballot(b.task()["task"])
        server.stop(signal.SIGQUIT)
        refused = b.post("/api/vote", ballot)
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "not_stored")
        server.start()
        assert [b.post("/api/vote", ballot).json()["event"] for _ in range(2)] == [2, 2]
        assert [event.number for event in w.store.events()] == [1, 2]
    finally:
        server.close()

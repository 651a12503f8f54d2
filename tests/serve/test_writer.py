"""The writer hands on the whole log in its order, and writes no decision that others have overtaken."""

import asyncio
from dataclasses import replace

import pytest

from s2s_arena.errors import ConflictError
from s2s_arena.records.matches import Match, Round
from s2s_arena.records.scores import Assignment
from s2s_arena.serve.voting.writer import Moved, Writer, round_of
from s2s_arena.store.sqlite import SqliteStore
from tests.store.contract import one_of_each, vote

KINDS = (Round, Match, Assignment)
ROUND, MATCH, ASSIGNMENT = (next(r for r in one_of_each() if isinstance(r, kind)) for kind in KINDS)


class Server:
    """A writer with all that it was told."""

    def __init__(self, folder):
        self.store = SqliteStore(folder / "arena.db", audio=folder / "audio")
        self.records, self.numbers = [], []
        self.writer = Writer(self.store, since=self.store.mark(*KINDS), took=self._took)

    def _took(self, news, changed):
        self.records += news.records
        self.numbers += [event.number for event in news.events]

    def close(self):
        self.writer.close()
        self.store.close()


@pytest.fixture
def servers(tmp_path):
    found = [Server(tmp_path) for _ in range(2)]
    yield found
    for server in found:
        server.close()


def test_each_server_takes_in_the_same_log_and_knows_it_before_whoever_waits_is_answered(servers):
    a, b = servers

    async def work():
        for n in range(6):
            server = (a, b)[n % 2]
            (stored,) = await server.writer.write([], [vote(f"m{n}")])
            assert stored.number == n + 1 and server.numbers == list(range(1, n + 2))
        await a.writer.read()
        assert a.numbers == b.numbers == [1, 2, 3, 4, 5, 6]

    asyncio.run(work())


@pytest.mark.parametrize(
    ("others", "about", "late"),
    [
        ([ASSIGNMENT], ASSIGNMENT.judge, True),
        ([ASSIGNMENT], ASSIGNMENT.match, True),
        ([ASSIGNMENT], "another", False),
        ([ROUND, MATCH], round_of(ROUND.study), True),
        ([ROUND, MATCH], round_of("another"), False),
    ],
)
def test_a_decision_is_written_unless_others_wrote_about_what_it_rests_on(servers, others, about, late):
    a, b = servers

    async def work():
        seen = a.writer.seen
        await b.writer.write(others)
        writing = a.writer.write([], [vote("mine")], about=[about], as_of=seen)
        if late:
            with pytest.raises(Moved):
                await writing
            assert a.records == others  # what to decide on again is here
            writing = a.writer.write([], [vote("mine")], about=[about])
        assert [event.number for event in await writing] == [1]

    asyncio.run(work())


def test_a_vote_moves_what_rests_on_its_judge_and_nothing_else(servers):
    a, b = servers

    async def work():
        seen = a.writer.seen
        await b.writer.write([], [vote("m1", judge="p")])
        both = [
            a.writer.write([], [vote("m2", judge="p")], about=["p"], as_of=seen),
            a.writer.write([], [vote("m2", judge="q")], about=["q"], as_of=seen),
        ]
        done = await asyncio.gather(*both, return_exceptions=True)
        assert isinstance(done[0], Moved) and done[1][0].number == 2

    asyncio.run(work())
    assert [event.judge for event in a.store.events()] == ["p", "q"]


def test_ones_own_writing_moves_nothing(servers):
    async def work():
        writer = servers[0].writer
        seen = writer.seen
        for n in range(3):
            await writer.write([], [vote("m", revision=n)], about=["j"], as_of=seen)

    asyncio.run(work())


def test_a_bad_vote_keeps_no_other_out_of_its_group(servers):
    a, _ = servers

    async def work():
        await a.writer.write([], [vote("m0", id="x")])
        group = [a.writer.write([], [vote(f"m{n}")]) for n in range(1, 4)]
        group.append(a.writer.write([], [vote("m0", id="y")]))
        group.append(a.writer.write([], [replace(vote("m9"), id="x")]))
        done = await asyncio.gather(*group, return_exceptions=True)
        assert [type(one) for one in done[3:]] == [ConflictError, ConflictError]
        assert sorted(one[0].number for one in done[:3]) == [2, 3, 4]
        assert a.numbers == [1, 2, 3, 4]

    asyncio.run(work())

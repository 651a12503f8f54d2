"""The PostgreSQL store keeps the contract on a real server: one order for all who write, clear about what is wrong."""

import signal
import subprocess
import sys
import threading

import pytest
from sqlalchemy import create_engine

from s2s_arena.errors import ConflictError, StoreError, WorkspaceError
from s2s_arena.records.responses import Response
from s2s_arena.records.samples import Spoken
from s2s_arena.store.migrating import upgrade
from s2s_arena.store.opening import open_store
from s2s_arena.store.postgresql import PostgresqlStore
from s2s_arena.store.tables import METADATA, SCHEMA
from tests.postgresql import Server, new_server

from .contract import StoreContract, response, tone, vote
from .following import FollowingContract
from .test_migrating import shape

psycopg = pytest.importorskip("psycopg", reason="PostgreSQL not installed")


@pytest.fixture
def url(postgresql):
    return postgresql.database()


@pytest.fixture
def store(url, tmp_path):
    store = PostgresqlStore(url, audio=tmp_path / "audio")
    yield store
    store.close()


def said(url, statement):
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(statement)


class TestPostgresql(StoreContract, FollowingContract):
    @pytest.fixture
    def store(self, url, tmp_path):
        store = PostgresqlStore(url, audio=tmp_path / "audio")
        yield store
        store.close()

    @pytest.fixture
    def other(self, store, url, tmp_path):
        other = PostgresqlStore(url, audio=tmp_path / "audio")
        yield other
        other.close()


def test_everything_is_there_after_opening_again(store, url, tmp_path):
    store.put(response(1), response(2))
    store.append(vote("m1"))
    ref = store.put_audio(tone(), original=b"bytes")
    store.close()
    again = open_store(url, audio=tmp_path / "audio")
    assert again.keys(Response) == {"echo-1", "echo-2"} and [e.number for e in again.events()] == [1]
    assert again.audio(ref.hash).hash() == ref.hash
    assert again.append(vote("m2"))[0].number == 2
    again.close()


def test_a_commit_is_on_the_disk_before_it_is_acknowledged(store, url):
    said(url, "ALTER ROLE arena SET synchronous_commit = off")
    try:
        other = PostgresqlStore(url, audio=store.files.folder)
        with other._engine.connect() as connection:
            assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
            assert connection.exec_driver_sql("SHOW transaction_isolation").scalar() == "read committed"
        other.close()
    finally:
        said(url, "ALTER ROLE arena RESET synchronous_commit")


def test_writers_that_do_not_know_of_each_other_store_each_vote_once(url, tmp_path):
    stores = [PostgresqlStore(url, audio=tmp_path / "audio") for _ in range(4)]  # as in four processes
    conflicts = []

    def work(who):
        for n in range(20):
            try:
                stores[who].append(vote(f"m{n}", id=f"{who}/{n}"))
            except ConflictError:
                conflicts.append(who)

    threads = [threading.Thread(target=work, args=(who,)) for who in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    events = list(stores[0].events())
    assert [e.number for e in events] == list(range(1, 21)) and len({e.match for e in events}) == 20
    assert len(conflicts) == 60
    for store in stores:
        store.close()


WRITER = """
import sys
from pathlib import Path
from tests.store.contract import vote
from s2s_arena.store.opening import open_store
store = open_store(sys.argv[1], audio=Path(sys.argv[2]))
for n in range(50):
    store.append(vote(f"{sys.argv[3]}-{n}"), vote(f"{sys.argv[3]}-{n}", judge="k"))
store.close()
"""


def test_who_follows_the_log_while_processes_write_misses_nothing(url, store, tmp_path):
    """A number is visible only after all smaller ones: reading on from the last one seen loses no event."""
    command = [sys.executable, "-c", WRITER, url, str(tmp_path / "audio")]
    writers = [subprocess.Popen([*command, who], stderr=subprocess.PIPE) for who in "ab"]
    seen = []
    while any(writer.poll() is None for writer in writers) or len(seen) < 200:
        seen += [event.number for event in store.events(after=seen[-1] if seen else 0)]
        if all(writer.poll() not in (None, 0) for writer in writers):
            break
    assert [writer.communicate()[1] for writer in writers] == [b"", b""]
    assert seen == list(range(1, 201))


def test_processes_that_open_a_new_database_at_once_all_get_it(url, tmp_path):
    program = (
        "import sys\nfrom pathlib import Path\nfrom s2s_arena.store.opening import open_store\n"
        "sys.stdin.read(1)\nopen_store(sys.argv[1], audio=Path(sys.argv[2])).close()\n"
    )
    command = [sys.executable, "-c", program, url, str(tmp_path / "audio")]
    starting = [subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)]
    for process in starting:
        process.stdin.write(b"x")
        process.stdin.flush()
    for process in starting:
        assert process.communicate(timeout=60)[1] == b"" and process.returncode == 0


def test_what_was_acknowledged_outlives_the_servers_sudden_end(tmp_path):
    server = new_server()
    try:
        url = server.database()
        store = PostgresqlStore(url, audio=tmp_path / "audio")
        store.put(response(1))
        store.append(vote("m1"), vote("m2"))
        server.stop(signal.SIGQUIT)
        with pytest.raises(StoreError, match="cannot be reached") as caught:
            store.append(vote("m3"))
        assert "\n" not in str(caught.value)
        server.start()
        assert [e.match for e in store.append(vote("m3"))] == ["m3"]  # the same store, on a new connection
        assert [e.number for e in store.events()] == [1, 2, 3] and store.keys(Response) == {"echo-1"}
        store.close()
    finally:
        server.close()


# ------------------------------------------------------------------------------------------------- schema


def test_migrations_from_nothing_make_the_tables_that_a_new_database_gets(postgresql):
    shapes = []
    for make in (upgrade, METADATA.create_all):
        engine = create_engine(postgresql.database().replace("postgresql:", "postgresql+psycopg:", 1))
        with engine.begin() as connection:
            make(connection)
        shapes.append(shape(engine))
        engine.dispose()
    assert shapes[0] == shapes[1]


def test_a_newer_schema_and_another_programs_tables_are_refused(store, url, postgresql, tmp_path):
    said(url, f"UPDATE arena_schema SET version_num = '{SCHEMA + 1}'")
    with pytest.raises(WorkspaceError, match="upgrade s2s-arena"):
        open_store(url, audio=tmp_path)
    other = postgresql.database()
    said(other, "CREATE TABLE cookies (name TEXT)")
    with pytest.raises(WorkspaceError, match=r"another program.*cookies"):
        open_store(other, audio=tmp_path)


def test_a_table_that_a_later_version_added_is_made_on_opening(store, url, tmp_path):
    store.put(response(1))
    said(url, "DROP TABLE spoken")
    again = open_store(url, audio=tmp_path)
    assert again.keys(Spoken) == set() and again.keys(Response) == {"echo-1"}
    again.close()


# ------------------------------------------------------------------------------------------------- faults


def test_a_wrong_place_is_said_in_one_line_without_its_password(postgresql: Server, tmp_path):
    folder = postgresql.folder
    for url, says in (
        (f"postgresql://arena:hunter2@/nowhere?host={folder}", "createdb"),
        (f"postgresql://nobody:hunter2@/postgres?host={folder}", "nobody"),
        (f"postgresql://arena:hunter2@/postgres?host={folder}/none", "cannot be reached"),
        ("postgresql://arena:hunter2@localhost:notaport/x", "not a database URL"),
        (f"postgresql://arena:hunter2@/?host={folder}", "no database"),
    ):
        with pytest.raises((StoreError, WorkspaceError), match=says) as caught:
            open_store(url, audio=tmp_path)
        assert "hunter2" not in str(caught.value) and "\n" not in str(caught.value)


def test_who_may_not_write_is_told(store, url, tmp_path):
    store.put(response(1))
    read_only = url.replace("-csearch_path", "-cdefault_transaction_read_only%3Don%20-csearch_path")
    other = open_store(read_only, audio=tmp_path)
    assert other.keys(Response) == {"echo-1"}
    with pytest.raises(WorkspaceError, match="cannot be written"):
        other.put(response(2))
    other.close()


def test_a_damaged_record_is_named(store, url):
    store.put(response(1))
    said(url, "UPDATE responses SET body = '{\"key\": 3}'")
    with pytest.raises(StoreError, match="damaged record"):
        store.get(Response, "echo-1")


def test_servers_take_seats_on_a_database_wherever_they_run(store, url, postgresql, tmp_path):
    other, elsewhere = open_store(url, audio=tmp_path), open_store(postgresql.database(), audio=tmp_path)
    with store.seat() as first, other.seat() as second, elsewhere.seat() as alone:
        assert (first, second, alone) == (0, 1, 0)
        assert store.put(response(1)) == 1
    with other.seat() as free:
        assert free == 0
    other.close()
    elsewhere.close()


def test_a_seat_ends_quietly_after_a_restart_of_the_database(tmp_path):
    server = new_server()
    try:
        store = open_store(server.database(), audio=tmp_path)
        with store.seat():
            server.stop(signal.SIGINT)
            server.start()
            assert store.put(response(1)) == 1
        with store.seat() as place:
            assert place == 0
        store.close()
    finally:
        server.close()


# ------------------------------------------------------------------------------------------------- the shelf


def test_a_shelf_keeps_replaces_and_forgets_in_the_order_in_which_keys_came(store):
    shelf = store.shelf()
    shelf.keep(("people", "b", "1"), ("people", "a", "2"), ("jobs", "a", "3"))
    shelf.keep(("people", "b", "4"))
    assert shelf.bodies("people") == ["4", "2"] and shelf.bodies("jobs") == ["3"]
    assert shelf.bodies("people", low="b") == ["4"] and shelf.bodies("people", low="a", high="b") == ["2"]
    shelf.drop("people", "a", "none")
    assert shelf.bodies("people") == ["4"]
    shelf.note(at="t", who="w", what="x", detail="y")
    shelf.note(at="t", who="w", what="z", detail="y")
    assert [line[3] for line in shelf.noted(last=9)] == ["z", "x"] and len(shelf.noted(last=1)) == 1


def test_a_shelf_tells_others_what_has_changed(store, url, tmp_path):
    other = open_store(url, audio=tmp_path)
    mine, theirs = store.shelf(), other.shelf()
    place = mine.place()
    theirs.keep(("people", "a", "1"), ("replies", "r", "x"))
    theirs.keep(("people", "a", "2"))
    place, rows = mine.changes(place, "people")
    assert rows == [("people", "a", "2")]
    theirs.drop("people", "a")
    theirs.keep(("people", "b", "3"))  # never under a number that was told before
    assert mine.changes(place, "people")[1] == [("people", "b", "3")]
    other.close()


def test_of_those_who_claim_a_place_at_once_one_gets_it(store, url, tmp_path):
    stores = [PostgresqlStore(url, audio=tmp_path) for _ in range(4)]
    shelves = [one.shelf() for one in stores]
    got = []

    def claim(who):
        got.append(shelves[who].change("held", "script", lambda there: None if there else str(who)))

    threads = [threading.Thread(target=claim, args=(who,)) for who in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 4 and {*got} == {*store.shelf().bodies("held")}
    for one in stores:
        one.close()

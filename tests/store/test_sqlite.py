"""The SQLite store keeps the contract on a disk: durable, shared by processes, clear about what is wrong."""

import os
import resource
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from s2s_arena.errors import ConflictError, StoreError, WorkspaceError
from s2s_arena.records import codec
from s2s_arena.records.identity import AudioHash
from s2s_arena.records.responses import FailureKind, Response
from s2s_arena.store.sqlite import SqliteStore
from s2s_arena.store.tables import SCHEMA

from .contract import StoreContract, response, tone, vote
from .following import FollowingContract

NOBODY = 65534


def opened(folder: Path) -> SqliteStore:
    return SqliteStore(folder / "arena.db", audio=folder / "audio")


@pytest.fixture
def store(tmp_path):
    store = opened(tmp_path)
    yield store
    store.close()


@contextmanager
def raw(folder: Path):
    connection = sqlite3.connect(folder / "arena.db", isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()


class TestSqlite(StoreContract, FollowingContract):
    @pytest.fixture
    def store(self, tmp_path):
        store = opened(tmp_path)
        yield store
        store.close()

    @pytest.fixture
    def other(self, store, tmp_path):
        other = opened(tmp_path)
        yield other
        other.close()


def test_everything_is_there_after_opening_again(tmp_path, store):
    store.put(response(1), response(2))
    store.append(vote("m1"))
    ref = store.put_audio(tone(), original=b"bytes")
    store.close()
    again = opened(tmp_path)
    assert again.keys(Response) == {"echo-1", "echo-2"} and [e.number for e in again.events()] == [1]
    assert again.audio(ref.hash).hash() == ref.hash and again.original(ref.original) == b"bytes"
    assert again.append(vote("m2"))[0].number == 2
    again.close()


def test_the_log_is_written_ahead_and_synced(tmp_path, store):
    with store._engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 30_000


def test_a_writer_takes_its_lock_at_the_start(tmp_path, store):
    said = []
    from sqlalchemy import event

    event.listen(store._engine, "before_cursor_execute", lambda c, cur, statement, *_: said.append(statement))
    store.append(vote("m1"))
    assert said[0] == "BEGIN IMMEDIATE"
    said.clear()
    list(store.events())
    assert said[0] == "BEGIN"


def test_keys_of_100_000_responses_come_in_well_under_a_second(tmp_path, store):
    body = codec.encode(response(0))
    rows = ((f"echo-{n}", f"s{n}", "echo", "settings-1", "silent" if n % 50 == 0 else "", body) for n in range(100_000))
    with raw(tmp_path) as connection:  # encoding so many would take most of the test's time
        connection.execute("BEGIN")
        connection.executemany(
            'INSERT INTO responses (key, sample, "system", settings, failure, body) VALUES (?, ?, ?, ?, ?, ?)', rows
        )
        connection.execute("COMMIT")
    began = time.process_time()  # not wall time: the tests may share the machine
    assert len(store.keys(Response, system="echo", settings="settings-1")) == 100_000
    assert time.process_time() - began < 0.8
    assert len(store.keys(Response, system="echo", failure=FailureKind.SILENT)) == 2_000


def test_other_processes_read_while_one_writes(tmp_path, store):
    store.put(response(1))
    reader = (
        "import sys; from pathlib import Path\n"
        "from s2s_arena.records.responses import Response\n"
        "from s2s_arena.store.opening import open_store\n"
        "store = open_store(Path(sys.argv[1]))\n"
        "print(len(store.keys(Response)), len(list(store.events())))\n"
    )
    with store._writing() as connection:  # a write that is not finished
        connection.exec_driver_sql("UPDATE responses SET body = 'half' WHERE key = 'echo-1'")
        done = subprocess.run([sys.executable, "-c", reader, tmp_path], capture_output=True, text=True, check=True)
        assert done.stdout.split() == ["1", "0"]
        connection.rollback()
    assert store.get(Response, "echo-1") == response(1)


def test_processes_that_open_a_new_workspace_at_once_all_get_it(tmp_path):
    program = (
        "import sys; from pathlib import Path\n"
        "from s2s_arena.store.opening import open_store\n"
        "sys.stdin.read(1)\n"
        "open_store(Path(sys.argv[1])).close()\n"
    )
    command = [sys.executable, "-c", program, tmp_path / "new"]
    starting = [subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)]
    for process in starting:
        process.stdin.write(b"x")
        process.stdin.flush()
    for process in starting:
        assert process.communicate(timeout=60)[1] == b"" and process.returncode == 0


def test_threads_share_one_store(store):
    def work(who):
        for n in range(20):
            store.put(response(n, system=f"sys{who}"))
            assert store.get(Response, f"sys{who}-{n}") is not None

    threads = [threading.Thread(target=work, args=(who,)) for who in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.keys(Response)) == 120


def test_writers_that_do_not_know_of_each_other_store_each_vote_once(tmp_path):
    stores = [opened(tmp_path) for _ in range(4)]  # each with a lock of its own, as in four processes
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


# ------------------------------------------------------------------------------------------ what goes wrong


def test_a_workspace_of_a_newer_schema_is_refused_naming_both(tmp_path, store):
    store.put(response(1))
    store.close()
    with raw(tmp_path) as connection:
        connection.execute("UPDATE arena_schema SET version_num = '99'")
    with pytest.raises(WorkspaceError, match=rf"schema 99.*up to {SCHEMA}.*upgrade s2s-arena") as caught:
        opened(tmp_path)
    assert "\n" not in str(caught.value) and caught.value.exit_status == 2
    with raw(tmp_path) as connection:
        connection.execute(f"UPDATE arena_schema SET version_num = '{SCHEMA}'")
    again = opened(tmp_path)
    assert again.keys(Response) == {"echo-1"}
    again.close()


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path):
    (tmp_path / "arena.db").write_bytes(b"my thesis, chapter one" * 100)
    with pytest.raises(WorkspaceError, match="not a workspace database"):
        opened(tmp_path)
    assert (tmp_path / "arena.db").read_bytes().startswith(b"my thesis")


def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path):
    with raw(tmp_path) as connection:
        connection.execute("CREATE TABLE cookies (name TEXT)")
    before = (tmp_path / "arena.db").read_bytes()
    with pytest.raises(WorkspaceError, match=r"another program.*cookies"):
        opened(tmp_path)
    assert (tmp_path / "arena.db").read_bytes() == before


def test_a_table_that_a_later_version_added_is_made_on_opening(tmp_path, store):
    store.put(response(1))
    store.close()
    with raw(tmp_path) as connection:
        connection.execute("DROP TABLE spoken")
    again = opened(tmp_path)
    from s2s_arena.records.samples import Spoken

    assert again.keys(Spoken) == set() and again.keys(Response) == {"echo-1"}
    again.close()


@contextmanager
def as_nobody():
    """File permissions do not hold root back, so drop root's rights for a while."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_folder():
    """A folder that every user may look into, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def test_a_read_only_folder_is_refused_in_one_line(open_folder):
    folder = open_folder / "locked"
    folder.mkdir()
    folder.chmod(stat.S_IRUSR | stat.S_IXUSR | stat.S_IROTH | stat.S_IXOTH)
    with as_nobody(), pytest.raises(WorkspaceError, match=r"arena\.db.*make its folder writable") as caught:
        opened(folder)
    assert "\n" not in str(caught.value)
    with as_nobody(), pytest.raises(WorkspaceError, match="cannot be made"):
        opened(folder / "inside")


def test_a_read_only_workspace_keeps_what_it_has(open_folder):
    store = opened(open_folder)
    store.put(response(1))
    store.close()
    (open_folder / "audio").mkdir()
    for path in (open_folder, *open_folder.iterdir()):
        path.chmod(0o555 if path.is_dir() else 0o444)
    with as_nobody(), pytest.raises((StoreError, WorkspaceError), match="writable"):
        opened(open_folder).put(response(2))
    open_folder.chmod(0o755)
    (open_folder / "arena.db").chmod(0o644)
    again = opened(open_folder)
    assert again.keys(Response) == {"echo-1"}
    again.close()


def test_a_full_disk_loses_nothing_that_was_stored(tmp_path, store):
    store.put(response(0))
    store.append(vote("m0"))
    with store._engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    limited = []

    from sqlalchemy import event

    def limit(connection, *_):
        connection.execute(f"PRAGMA max_page_count={pages + 4}")
        limited.append(True)

    event.listen(store._engine, "checkout", limit)
    kept = {"echo-0"}
    with pytest.raises(StoreError, match=r"disk is full.*nothing is lost") as caught:
        for n in range(1, 10_000):
            store.put(response(n))
            kept.add(f"echo-{n}")
    assert "\n" not in str(caught.value) and limited
    with pytest.raises(StoreError, match="disk is full"):
        store.put(*(response(n) for n in range(20_000, 20_500)))
    event.remove(store._engine, "checkout", limit)
    store.close()
    again = opened(tmp_path)
    assert again.keys(Response) == kept and [e.match for e in again.events()] == ["m0"]
    assert again.put(response(99_999)) == 1
    again.close()


@contextmanager
def largest_file(size: int):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_audio_that_does_not_fit_leaves_nothing_behind(tmp_path, store):
    first = store.put_audio(tone())
    with largest_file(1000), pytest.raises(StoreError, match=r"could not be written.*free some space") as caught:
        store.put_audio(tone(333.0, seconds=2.0))
    assert "\n" not in str(caught.value)
    assert [p.name for p in (tmp_path / "audio").rglob("*") if p.is_file()] == [f"{first.hash}.flac"]
    assert store.put_audio(tone(333.0, seconds=2.0)).frames == 32000


def test_a_database_that_cannot_grow_says_so(tmp_path, store):
    store.put(response(0))
    with largest_file(4096), pytest.raises(StoreError, match="disk"):
        store.put(*(response(n) for n in range(1, 2000)))
    assert store.keys(Response) == {"echo-0"}


def test_missing_audio_is_named_with_its_file_and_remedy(tmp_path, store):
    ref = store.put_audio(tone())
    store.files.path(ref.hash).unlink()
    with pytest.raises(StoreError, match=rf"{ref.hash}\.flac is missing; restore"):
        store.audio(ref.hash)


def test_damaged_audio_is_refused_and_written_again_on_demand(store):
    ref, other = store.put_audio(tone()), store.put_audio(tone(440.0))
    path = store.files.path(ref.hash)
    for content in (b"", b"fLaC" + b"\0" * 50, path.read_bytes()[:-40], store.files.path(other.hash).read_bytes()):
        path.write_bytes(content)
        with pytest.raises(StoreError, match=ref.hash):
            store.audio(ref.hash)
        assert store.put_audio(tone()) == ref
        assert store.audio(ref.hash).hash() == ref.hash


def test_damaged_originals_are_refused(store):
    ref = store.put_audio(tone(), original=b"given")
    (store.files.folder / "originals" / ref.original).write_bytes(b"other")
    with pytest.raises(StoreError, match="damaged"):
        store.original(ref.original)


def test_half_files_of_killed_processes_are_swept_when_they_are_old(tmp_path, store):
    ref = store.put_audio(tone())
    folder = store.files.path(ref.hash).parent
    old, fresh = folder / ".a.flac.1.partial", folder / ".b.flac.2.partial"
    for path in (old, fresh):
        path.write_bytes(b"half")
    os.utime(old, (0, 0))
    store.close()
    opened(tmp_path).close()
    assert not old.exists() and fresh.exists() and store.files.path(ref.hash).exists()


def test_a_damaged_record_is_named(tmp_path, store):
    store.put(response(1))
    with raw(tmp_path) as connection:
        connection.execute("UPDATE responses SET body = '{\"key\": 3}'")
    with pytest.raises(StoreError, match="damaged record"):
        store.get(Response, "echo-1")


def test_audio_is_kept_in_two_levels_of_folders_as_flac(store):
    ref = store.put_audio(tone())
    path = store.files.folder / ref.hash[:2] / f"{ref.hash}.flac"
    assert path.read_bytes().startswith(b"fLaC")
    with pytest.raises(StoreError):
        store.audio(AudioHash("0" * 64))

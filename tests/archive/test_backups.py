"""A backup is what was there at one moment; a damaged one changes nothing; what is replaced is kept."""

import sqlite3
from contextlib import closing

import pytest

from s2s_arena.archive import backups
from s2s_arena.errors import InputError


def workspace(root, *, rows: int):
    root.mkdir(exist_ok=True)
    with closing(sqlite3.connect(root / "arena.db")) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE IF NOT EXISTS events (number INTEGER PRIMARY KEY)")
        database.executemany("INSERT OR IGNORE INTO events VALUES (?)", [(n,) for n in range(1, rows + 1)])
        database.commit()
    (root / "arena.toml").write_text("# a workspace\n")
    (root / "cards" / "systems").mkdir(parents=True, exist_ok=True)
    (root / "cards" / "systems" / "mine.toml").write_text("name = 'mine'\n")
    (root / "audio" / "ab").mkdir(parents=True, exist_ok=True)
    (root / "audio" / "ab" / "abc.flac").write_bytes(b"sound")
    return root


def copied(root, folder, *, events=3):
    return backups.backup(
        root,
        folder,
        databases=("arena.db", "people.db"),
        plain=("arena.toml", "serve.key", "cards"),
        audio="audio",
        events=events,
        made="2030-01-01T00:00:00+00:00",
    )


def rows_of(root):
    with closing(sqlite3.connect(root / "arena.db")) as database:
        return [row for (row,) in database.execute("SELECT number FROM events ORDER BY number")]


def test_what_comes_back_is_what_was_there_though_somebody_was_writing(tmp_path):
    root = workspace(tmp_path / "w", rows=3)
    with closing(sqlite3.connect(root / "arena.db", isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("INSERT INTO events VALUES (99)")  # not committed: no part of the backup
        made = copied(root, tmp_path / "b")
        writer.execute("COMMIT")
    assert set(made.files) == {"arena.db", "arena.toml", "cards/systems/mine.toml", "audio/ab/abc.flac"}
    moved = backups.restore(backups.checked(tmp_path / "b"), tmp_path / "new", aside=tmp_path / "new" / "aside")
    assert moved == ()
    assert rows_of(tmp_path / "new") == [1, 2, 3]
    assert (tmp_path / "new" / "audio" / "ab" / "abc.flac").read_bytes() == b"sound"


def test_what_is_replaced_is_moved_aside_and_a_journal_is_not_played_into_the_copy(tmp_path):
    root = workspace(tmp_path / "w", rows=3)
    copied(root, tmp_path / "b")
    with closing(sqlite3.connect(root / "arena.db")) as later:
        later.execute("INSERT INTO events VALUES (4)")
        later.commit()
        (root / "arena.db-wal").touch()
        backups.restore(backups.checked(tmp_path / "b"), root, aside=root / "aside")
    assert rows_of(root) == [1, 2, 3]
    assert (root / "aside" / "arena.db").exists()
    assert not (root / "aside" / "audio").exists()  # audio that is the same stays where it is


def test_a_second_backup_into_the_same_folder_copies_only_new_audio(tmp_path):
    root = workspace(tmp_path / "w", rows=3)
    copied(root, tmp_path / "b")
    kept = (tmp_path / "b" / "audio" / "ab" / "abc.flac").stat().st_mtime_ns
    ino = (tmp_path / "b" / "audio" / "ab" / "abc.flac").stat().st_ino
    (root / "audio" / "ab" / "new.flac").write_bytes(b"more")
    workspace(root, rows=5)
    (root / "audio" / "ab" / "new.flac").write_bytes(b"more")
    made = copied(root, tmp_path / "b", events=5)
    assert "audio/ab/new.flac" in made.files
    again = (tmp_path / "b" / "audio" / "ab" / "abc.flac").stat()
    assert (again.st_mtime_ns, again.st_ino) == (kept, ino)
    assert backups.checked(tmp_path / "b").events == 5


@pytest.mark.parametrize("harm", ["changed", "missing", "cut", "outside", "damaged", "none"])
def test_a_damaged_backup_is_refused_and_nothing_changes(tmp_path, harm):
    root = workspace(tmp_path / "w", rows=300)
    folder = tmp_path / "b"
    copied(root, folder)
    if harm == "changed":
        (folder / "arena.toml").write_text("# another\n")
    elif harm == "missing":
        (folder / "audio" / "ab" / "abc.flac").unlink()
    elif harm == "cut":
        (folder / backups.MANIFEST).write_text('{"format": 1')
    elif harm == "outside":
        text = (folder / backups.MANIFEST).read_text().replace('"arena.toml"', '"../w/arena.toml"')
        (folder / backups.MANIFEST).write_text(text)
    elif harm == "damaged":  # by somebody who has written the new hash down
        data = bytearray((folder / "arena.db").read_bytes())
        data[4096:8192] = b"\xff" * 4096
        (folder / "arena.db").write_bytes(data)
        sha256, size = backups._digest(folder / "arena.db")
        old = backups._read(folder)
        files = {**old.files, "arena.db": (sha256, size)}
        backups._write(backups.Backup(folder=folder, files=files, events=old.events, made=old.made))
    else:
        (folder / backups.MANIFEST).unlink()
    with pytest.raises(InputError, match=r"backup|damaged"):
        backups.checked(folder)
    assert rows_of(root) == list(range(1, 301))

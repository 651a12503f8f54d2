"""Migrations lead from every older schema to the present one, and an older workspace keeps what it has."""

import shutil
import sqlite3

import pytest
from sqlalchemy import create_engine, inspect

from s2s_arena.records.responses import Response
from s2s_arena.store import migrating, schema
from s2s_arena.store.migrating import MIGRATIONS, upgrade
from s2s_arena.store.sqlite import SqliteStore
from s2s_arena.store.tables import METADATA, SCHEMA

from .contract import response, vote


def shape(engine):
    found = inspect(engine)
    return {
        table: (
            {(c["name"], str(c["type"]), c["nullable"]) for c in found.get_columns(table)},
            {(i["name"], tuple(i["column_names"])) for i in found.get_indexes(table)},
            {tuple(u["column_names"]) for u in found.get_unique_constraints(table)},
            tuple(found.get_pk_constraint(table)["constrained_columns"]),
        )
        for table in found.get_table_names()
    }


def test_migrations_from_nothing_make_the_tables_that_a_new_workspace_gets():
    migrated, made = create_engine("sqlite://"), create_engine("sqlite://")
    with migrated.connect() as connection:
        upgrade(connection)
        connection.commit()
    METADATA.create_all(made)
    assert shape(migrated) == shape(made)


def test_there_is_one_migration_for_every_schema():
    numbers = sorted(int(path.name.split("_")[0]) for path in (MIGRATIONS / "versions").glob("*.py"))
    assert numbers == list(range(1, SCHEMA + 1))


@pytest.fixture
def next_version(tmp_path, monkeypatch):
    """This program, one schema later: its migration adds a field to responses; `body` is what it runs after that."""

    def make(body: str = ""):
        folder = tmp_path / "migrations"
        shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "versions" / f"{SCHEMA + 1:04}_next.py").write_text(
            "import sqlalchemy as sa\nfrom alembic import op\n"
            f'revision = "{SCHEMA + 1}"\ndown_revision = "{SCHEMA}"\n'
            "def upgrade():\n"
            '    op.add_column("responses", sa.Column("language", sa.String, server_default=""))\n'
            f"    {body}\n"
        )
        monkeypatch.setattr(schema, "SCHEMA", SCHEMA + 1)
        monkeypatch.setattr(migrating.upgrade, "__kwdefaults__", {"migrations": folder, "to": "head"})

    return make


def older(tmp_path):
    store = SqliteStore(tmp_path / "arena.db", audio=tmp_path / "audio")
    store.put(response(1))
    store.append(vote("m1"))
    store.close()


def columns_and_version(tmp_path):
    connection = sqlite3.connect(tmp_path / "arena.db")
    try:
        names = {row[1] for row in connection.execute("PRAGMA table_info(responses)")}
        return "language" in names, connection.execute("SELECT version_num FROM arena_schema").fetchone()[0]
    finally:
        connection.close()


def test_an_older_workspace_is_brought_up_to_date_with_all_it_has(tmp_path, next_version):
    older(tmp_path)
    next_version()
    store = SqliteStore(tmp_path / "arena.db", audio=tmp_path / "audio")
    assert columns_and_version(tmp_path) == (True, str(SCHEMA + 1))
    assert store.get(Response, "echo-1") == response(1) and [e.match for e in store.events()] == ["m1"]
    store.close()


def test_a_migration_that_fails_changes_nothing(tmp_path, next_version):
    older(tmp_path)
    next_version("raise RuntimeError('no')")
    with pytest.raises(RuntimeError, match="no"):
        SqliteStore(tmp_path / "arena.db", audio=tmp_path / "audio")
    assert columns_and_version(tmp_path) == (False, str(SCHEMA))

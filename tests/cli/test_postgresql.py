"""A workspace whose records are in PostgreSQL: every command works as on a file, and no password is written down."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from s2s_arena.cli.main import app
from tests.postgresql import Server


def run(*args: object) -> Result:
    return CliRunner().invoke(app, [str(a) for a in args])


VOTES = "left,right,winner,worker,prompt\nx,y,left,p,1\ny,x,left,q,2\nx,y,y,p,2\nx,z,x,p,3\n"


def test_a_workspace_on_a_server_is_voted_in_ranked_verified_and_packed(
    postgresql: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "crowd.csv").write_text(VOTES, encoding="utf-8")
    place, copy = tmp_path / "w", tmp_path / "copy"
    assert run("init", place, "--store", postgresql.database()).exit_code == 0
    assert not list(place.glob("*.db"))
    made = json.loads(run("import", "votes", tmp_path / "crowd.csv", "-w", place, "--json").stdout)
    assert (made["votes"], made["new"]) == (4, 4)
    assert json.loads(run("import", "votes", tmp_path / "crowd.csv", "-w", place, "--json").stdout)["new"] == 0
    board = run("rank", "-w", place, "-f", "json").stdout
    assert json.loads(board)["matches"] == 4
    assert json.loads(run("verify", "-w", place, "--json").stdout)["sound"]

    assert run("bundle", "-w", place, "-o", tmp_path / "b.zip").exit_code == 0
    monkeypatch.setenv("OTHER_ARENA", postgresql.database())
    assert run("init", copy, "--store", "env:OTHER_ARENA").exit_code == 0
    assert run("bundle", "-w", copy, "--unpack", tmp_path / "b.zip").exit_code == 0
    assert run("rank", "-w", copy, "-f", "json").stdout == board
    assert "OTHER_ARENA" in (copy / "arena.toml").read_text() and "host=" not in (copy / "arena.toml").read_text()
    monkeypatch.delenv("OTHER_ARENA")
    gone = run("rank", "-w", copy)
    assert (gone.exit_code, "export OTHER_ARENA=postgresql://" in gone.stderr) == (2, True)


def test_a_second_init_changes_nothing(postgresql: Server, tmp_path: Path) -> None:
    url, place = postgresql.database(), tmp_path / "w"
    assert run("init", place, "--store", url).exit_code == 0
    assert run("init", place, "--store", url).exit_code == 0
    refused = run("init", place, "--store", postgresql.database())
    assert (refused.exit_code, "with another database" in refused.stderr) == (2, True)


@pytest.mark.parametrize("url", ["postgresql://me:hunter2@db/arena", "postgresql://me@db/arena?password=hunter2"])
def test_a_password_is_kept_out_of_the_file(tmp_path: Path, url: str) -> None:
    refused = run("init", tmp_path / "w", "--store", url)
    assert refused.exit_code == 2 and "PGPASSWORD" in refused.stderr and "hunter2" not in refused.stderr
    assert not (tmp_path / "w").exists()
    run("init", tmp_path / "w")
    config = tmp_path / "w" / "arena.toml"
    config.write_text(f'[workspace]\ndatabase = "{url}"\n', encoding="utf-8")
    refused = run("rank", "-w", tmp_path / "w")
    assert refused.exit_code == 2 and "env:NAME" in refused.stderr and "hunter2" not in refused.stderr

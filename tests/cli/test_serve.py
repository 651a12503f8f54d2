"""`s2s-arena serve` as a command: several processes on one port where a database server allows it, else one."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path

from bench.truth import free_port
from typer.testing import CliRunner, Result

from s2s_arena.cli.main import app
from s2s_arena.serve.people.person import Person, Role
from s2s_arena.serve.people.register import Register
from tests.postgresql import Server


def run(*args: object) -> Result:
    return CliRunner().invoke(app, [str(a) for a in args])


def until(true: Callable[[], bool], seconds: float = 90.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def status(port: int, path: str = "/") -> int:
    """Of a request on a connection of its own; 0 where nobody answers."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


def children(pid: int) -> list[int]:
    """Server processes below a process: not the helper that watches over their resources."""
    found = [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return [p for p in found if b"spawn_main" in Path(f"/proc/{p}/cmdline").read_bytes()]


def test_two_processes_on_one_port_let_the_same_people_in_and_outlive_each_other(
    postgresql: Server, tmp_path: Path
) -> None:
    place, port = tmp_path / "w", free_port()
    assert run("init", place, "--store", postgresql.database()).exit_code == 0
    # As earlier versions left it: people in a file beside a database of records.
    old = Register(place / "people.db")
    old.keep(Person(id="0123456789ab", role=Role.RESEARCHER, name="Ann"))
    old.audit(at="t", who="w", what="x")
    old.close()
    made = run("admin", "create", "Bo", "-w", place, "--url", f"http://127.0.0.1:{port}", "--json")
    link = json.loads(made.stdout)["link"].removeprefix(f"http://127.0.0.1:{port}")
    assert not (place / "people.db").exists() and (place / "people.moved").exists()
    command = [sys.executable, "-m", "s2s_arena", "serve", "-w", place, "--port", port, "--processes", "2"]
    with subprocess.Popen([str(c) for c in command], stderr=subprocess.PIPE) as parent:
        try:
            until(lambda: status(port) == 200 and len(children(parent.pid)) == 2)
            assert [status(port, link) for _ in range(12)] == [200] * 12  # of twelve connections both get some
            first, second = children(parent.pid)
            os.kill(first, signal.SIGKILL)
            until(lambda: first not in children(parent.pid) and len(children(parent.pid)) == 2)
            until(lambda: [status(port, link) for _ in range(8)] == [200] * 8)
            assert second in children(parent.pid)
            taken = run("serve", "-w", place, "--port", port, "--processes", "2")
            assert (taken.exit_code, "another --port" in taken.stderr) == (2, True)
            parent.terminate()
            said = parent.communicate(timeout=60)[1].decode()
        finally:
            parent.kill()
    assert f"server process {first} ended (-9); starting another" in said and "Traceback" not in said
    assert status(port) == 0


def test_processes_end_with_the_one_that_watches_them(postgresql: Server, tmp_path: Path) -> None:
    place, port = tmp_path / "w", free_port()
    assert run("init", place, "--store", postgresql.database()).exit_code == 0
    command = [sys.executable, "-m", "s2s_arena", "serve", "-w", place, "--port", port, "--processes", "2"]
    with subprocess.Popen([str(c) for c in command], stderr=subprocess.DEVNULL) as parent:
        until(lambda: status(port) == 200)
        parent.kill()
    until(lambda: status(port) == 0)


def test_a_file_is_served_by_one_process(tmp_path: Path) -> None:
    place = tmp_path / "w"
    assert run("init", place).exit_code == 0
    refused = run("serve", "-w", place, "--processes", "2")
    assert refused.exit_code == 2
    assert "--processes 2" in refused.stderr and "--store postgresql://" in refused.stderr

"""Ray gives the records that threads give, even if a machine dies; without Ray everything else works."""

import importlib.util
import json
import subprocess
import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import ClassVar

import pytest
from typer.testing import CliRunner

from s2s_arena.cli.main import app
from s2s_arena.errors import InfrastructureError, InputError, MissingError
from s2s_arena.executors.ray import RayExecutor, connect, copies

NODES = Path(__file__).with_name("ray_nodes.py")

installed = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="extra 'ray' not installed")


@installed
@pytest.mark.slow
def test_two_machines_give_the_records_of_threads_even_if_one_dies():
    command = [sys.executable, NODES, "8"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=500, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    (told,) = (json.loads(line) for line in done.stdout.splitlines() if line.startswith("{"))  # Ray prints there too
    assert told == {
        "answers": 31,
        "answers_equal": True,
        "answers_equal_after_death": True,
        "examined": 30,
        "examined_equal": True,
        "ears_loaded_once_each": True,
        "events": 14,
        "judged_equal": True,
        "judge_loaded_once_each": True,
        "judged_equal_after_death": True,
    }


@installed
def test_an_address_where_nothing_answers_is_told_at_once():
    with pytest.raises(InfrastructureError, match="nothing answers there"):
        connect("127.0.0.1:1")


def test_without_ray_the_error_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingError, match=r"pip install 's2s-arena\[ray\]'"):
        connect(None)


def test_work_that_cannot_travel_is_refused_before_anything_starts():
    with pytest.raises(InputError, match="--executor threads"):
        RayExecutor().map(lambda item: item, [1])


def test_copies_are_counted_by_what_is_scarcest():
    assert copies({"CPU": 8, "GPU": 2, "memory": 64e9}, {"CPU": 1, "GPU": 1, "memory": 20e9}) == 2
    assert copies({"CPU": 8}, {}) == 1
    with pytest.raises(MissingError, match="GPU 0, and 1 is needed"):
        copies({"CPU": 8}, {"GPU": 1})


class Travelling:
    """Work that could travel."""

    resources: ClassVar = {"CPU": 1.0}

    def __call__(self, item):
        return item


class Crew:
    """What stands for the actors of a map."""

    def __init__(self, work, *, concurrency, environment) -> None:
        self.ended = False

    def do(self, item):
        if item == "bad":
            raise ValueError(item)
        return item

    def end(self) -> None:
        self.ended = True


def test_actors_stay_for_the_same_work_and_go_when_it_fails_or_other_work_comes(monkeypatch):
    crews = []

    def crew(*given, **options):
        crews.append(Crew(*given, **options))
        return crews[-1]

    monkeypatch.setattr("s2s_arena.executors.ray._Crew", crew)
    monkeypatch.setattr("s2s_arena.executors.ray.connect", lambda address: False)
    one, two = Travelling(), Travelling()
    with RayExecutor() as executor:
        assert [list(executor.map(one, [1, 2])) for _ in range(2)] == [[(1, 1), (2, 2)]] * 2
        assert [c.ended for c in crews] == [False]
        list(executor.map(two, [1]))
        assert [c.ended for c in crews] == [True, False]
        with pytest.raises(ValueError, match="bad"):
            list(executor.map(two, ["bad"]))
        assert [c.ended for c in crews] == [True, True]
        list(executor.map(two, [1], concurrency=2))
        abandoned = executor.map(two, [1, 2, 3], concurrency=2)
        next(abandoned)
        list(executor.map(one, [1]))
        abandoned.close()  # late: the actors of other work are none of its business
        assert [c.ended for c in crews] == [True, True, True, False]
    assert crews[-1].ended


def test_doctor_says_what_is_missing_and_looks_no_further(monkeypatch):
    def none(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr("s2s_arena.executors.checkup.version", none)
    said = CliRunner().invoke(app, ["cluster", "doctor", "-S", "echo", "-J", "local"])
    assert said.exit_code == 1
    assert said.stdout.strip() == "BAD ray: is not installed; run pip install 's2s-arena[ray]'"
    said = CliRunner().invoke(app, ["cluster", "doctor", "-J", "nobody"])
    assert said.exit_code == 2 and "nobody" in said.output


@installed
def test_doctor_says_where_nothing_answers():
    said = CliRunner().invoke(app, ["cluster", "doctor", "--address", "127.0.0.1:1", "--json"])
    assert said.exit_code == 1
    last = json.loads(said.stdout)[-1]
    assert last["what"] == "address" and not last["well"] and "nothing answers there" in last["message"]


def test_the_package_imports_no_ray():
    code = "import sys, s2s_arena.executors.ray, s2s_arena.compose.arena; assert 'ray' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)

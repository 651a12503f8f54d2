"""Ray gives the records that threads give, even if a machine dies; without Ray everything else works."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from s2s_arena.errors import InfrastructureError, InputError, MissingError
from s2s_arena.executors.ray import RayExecutor, connect, copies

NODES = Path(__file__).with_name("ray_nodes.py")

installed = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="extra 'ray' not installed")


@installed
@pytest.mark.slow
def test_two_machines_give_the_records_of_threads_even_if_one_dies():
    command = [sys.executable, NODES, "12"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told == {"responses": 23, "equal": True, "killed": True, "equal_after_death": True}


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


def test_the_package_imports_no_ray():
    code = "import sys, s2s_arena.executors.ray, s2s_arena.compose.arena; assert 'ray' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)

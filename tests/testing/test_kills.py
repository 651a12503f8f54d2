"""SIGKILL at any moment, even between an audio file and its record, loses nothing finished and repeats nothing."""

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import pytest

from s2s_arena.records.matches import Match, Round
from s2s_arena.records.responses import Response, Take, take_of
from s2s_arena.store.memory import MemoryStore
from s2s_arena.store.opening import open_store
from s2s_arena.testing import faults
from s2s_arena.testing.faults import Fault, FaultyStore

from . import kill_worker

KILLS = 30  # of each stage
WORKER = Path(kill_worker.__file__)


@pytest.fixture
def folder(tmp_path):
    """In memory where there is such a disk: a killed process, unlike a power cut, leaves its writes to the kernel."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as name:
        yield Path(name)


def killed(stage: str, folder: Path, *, seed: int) -> tuple[Counter, list[Path]]:
    command = [sys.executable, WORKER, stage, folder, str(seed), str(KILLS)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    return Counter(told["deaths"]), [folder / str(n) for n in range(told["workspaces"])]


def what_was_said(response: Response) -> tuple:
    return response.key, response.speech, response.text, response.failure, response.usage


def journal(folder: Path) -> list[str]:
    return (folder / "journal").read_text().splitlines()


def uninterrupted(tmp_path: Path, stage: str):
    store = MemoryStore()
    kill_worker.answer(store, tmp_path / "reference", concurrency=1)
    if stage == "judge":
        kill_worker.judge(store, tmp_path / "reference", concurrency=1)
    return store


def test_killed_answering_ends_with_the_records_of_an_uninterrupted_run(tmp_path, folder):
    deaths, workspaces = killed("answer", folder, seed=20261121)
    between = deaths["after:put_audio"] + deaths["before:put"]  # the audio is written and its record is not
    assert deaths.total() >= KILLS and between >= 3 and deaths["moment"] >= 5
    reference = uninterrupted(tmp_path, "answer")
    expected = {what_was_said(r) for r in reference.all(Response)}
    for workspace in workspaces:
        store = open_store(workspace)
        responses = list(store.all(Response))
        assert {what_was_said(r) for r in responses} == expected and len(responses) == len(expected)
        assert store.keys(Take) == reference.keys(Take)
        for response in responses:
            if response.speech is not None:
                assert store.audio(response.speech.hash).frames == response.speech.frames
        of = {(r.system, r.sample, r.turn): r for r in responses}
        kept = {f"Response {key}" for key in store.keys(Response)} | {f"Take {key}" for key in store.keys(Take)}
        finished = set()
        for line in journal(workspace):
            kind, _, rest = line.partition(" ")
            if kind in ("Response", "Take"):
                assert line in kept, f"lost: {line}"
                finished.add(line)
            elif kind == "asked":
                system, sample, turn = rest.split()
                assert f"Response {of[system, sample, int(turn)].key}" not in finished, f"asked twice: {line}"
        for take in store.all(Take):
            assert take == take_of([store.get(Response, key) for key in take.responses])
        store.close()


def test_killed_judging_ends_with_the_votes_of_an_uninterrupted_run(tmp_path, folder):
    deaths, workspaces = killed("judge", folder, seed=20261122)
    assert deaths.total() >= KILLS and deaths["after:append"] >= 3 and deaths["moment"] >= 5
    reference = uninterrupted(tmp_path, "judge")

    def votes(store):
        return [(e.match, e.judge, e.kind, e.verdict.outcome if e.verdict else None) for e in store.events()]

    expected = votes(reference)
    assert len(expected) >= kill_worker.MATCHES
    for workspace in workspaces:
        store = open_store(workspace)
        events = list(store.events())
        # Pairing reads ratings: equal matches show that every round saw the same votes.
        assert list(store.all(Match)) == list(reference.all(Match)) and store.keys(Round) == reference.keys(Round)
        assert votes(store) == expected
        assert [e.number for e in events] == list(range(1, len(events) + 1))
        finished = [line.partition(" ")[2] for line in journal(workspace) if line.startswith("Event ")]
        assert set(finished) <= {e.id for e in events} and len(set(finished)) == len(finished)
        store.close()


def test_a_fault_is_told_by_a_variable():
    assert Fault.parse("after:put_audio:3") == Fault("after", "put_audio", 3)
    for text in ("during:put:1", "after:get:1", "after:put:0"):
        with pytest.raises(ValueError, match="needed"):
            Fault.parse(text)


def test_a_faulty_store_dies_exactly_when_told(tmp_path, monkeypatch):
    died = []
    monkeypatch.setattr(faults.os, "kill", lambda pid, signal: died.append(len(inner.keys(Round))))
    inner = MemoryStore()
    store = FaultyStore(inner, journal=tmp_path / "journal", environment={faults.VARIABLE: "before:put:2"})
    for number in range(3):
        store.put(Round(study="s", number=number, size=1, ratings_from_event=0, sampler="paper", seed=0))
    assert died == [1]
    assert len(journal(tmp_path)) == 3


def test_without_the_variable_nothing_dies():
    store = FaultyStore(MemoryStore(), environment={})
    assert store.put() == 0

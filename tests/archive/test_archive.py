import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from s2s_arena.archive import bundling, verifying
from s2s_arena.boards.standings import board
from s2s_arena.boards.votes import current
from s2s_arena.errors import InputError
from s2s_arena.records.codec import encode
from s2s_arena.records.identity import MatchId
from s2s_arena.records.matches import Match
from s2s_arena.records.responses import Response, Take
from s2s_arena.records.studies import Outcome
from s2s_arena.records.verdicts import Event
from s2s_arena.store.kinds import KINDS
from s2s_arena.store.memory import MemoryStore
from tests.worlds import SYSTEMS, World, small_study

RECORDS = tuple(kind.record for kind in KINDS)


def written_board(world: World, folder: Path) -> Path:
    made = board(
        world.store.all(Match),
        current(world.store.events()),
        systems=SYSTEMS,
        bootstraps=30,
        takes=list(world.store.all(Take)),
    )
    path = folder / "report.json"
    path.write_text(json.dumps({"study": "default", "board": json.loads(encode(made))}), encoding="utf-8")
    return path


def test_a_sound_workspace_verifies(tmp_path: Path) -> None:
    world = small_study()
    summary = verifying.run(world.store, reports=[written_board(world, tmp_path)])
    assert summary.problems == ()
    assert (summary.matches, summary.events, summary.boards) == (18, 18, 1)


def test_a_board_stands_after_later_votes(tmp_path: Path) -> None:
    world = small_study()
    report = written_board(world, tmp_path)
    last = list(world.store.events())[-1]
    flipped = replace(last.verdict, outcome=last.verdict.outcome.swapped)  # type: ignore[type-var,union-attr]
    world.store.append(replace(last, id="again", revision=1, verdict=flipped, number=None))
    assert verifying.run(world.store, reports=[report]).problems == ()


def test_a_changed_board_is_found(tmp_path: Path) -> None:
    world = small_study()
    report = written_board(world, tmp_path)
    text = report.read_text(encoding="utf-8").replace('"wins": 12', '"wins": 11')
    report.write_text(text, encoding="utf-8")
    assert any("the replayed board differs" in p for p in verifying.run(world.store, reports=[report]).problems)


def copied(world: World, *, without: object = None, events: list[Event] | None = None) -> MemoryStore:
    """The same store with something gone or changed."""
    other = MemoryStore()
    for kind in RECORDS:
        other.put(*[r for r in world.store.all(kind) if r != without])
    for response in world.store.all(Response):
        if response.speech and response != without:
            other.put_audio(world.store.audio(response.speech.hash))
    for sample in world.suite.samples:
        for turn in sample.turns:
            if turn.speech:
                other.put_audio(world.store.audio(turn.speech.hash))
    other.append(*(list(world.store.events()) if events is None else events))
    return other


def test_a_lost_response_is_found() -> None:
    world = small_study()
    lost = next(world.store.all(Response))
    problems = verifying.run(copied(world, without=lost)).problems
    assert any(f"of {lost.system} on {lost.sample}: a response is missing" in p for p in problems)


def test_a_vote_on_a_match_that_is_not_there_is_found() -> None:
    world = small_study()
    lost = next(world.store.all(Match))
    assert any("its match or study is missing" in p for p in verifying.run(copied(world, without=lost)).problems)


def test_an_outcome_the_study_forbids_is_found() -> None:
    world = small_study()
    events = [replace(e, number=None) for e in world.store.events()]
    events[3] = replace(events[3], verdict=replace(events[3].verdict, outcome=Outcome.TIE))  # type: ignore[type-var]
    problems = verifying.run(copied(world, events=events)).problems
    assert any("outcome tie is not legal" in p for p in problems)


def test_a_verdict_moved_to_another_match_is_found() -> None:
    world = small_study()
    events = [replace(e, number=None) for e in world.store.events()]
    events[3] = replace(events[3], verdict=replace(events[3].verdict, match=MatchId("elsewhere")))  # type: ignore[type-var]
    assert any("of another match" in p for p in verifying.run(copied(world, events=events)).problems)


def test_a_bundle_carries_a_workspace_to_another_store(tmp_path: Path) -> None:
    world = small_study()
    path = tmp_path / "b.zip"
    packed = bundling.pack(world.store, path, kinds=RECORDS, versions={"numpy": "2"}, extra={"arena.toml": "x"})
    there = MemoryStore()
    bundling.unpack(path, there, kinds=RECORDS)
    assert list(there.events()) == list(world.store.events())
    for kind in RECORDS:
        assert list(there.all(kind)) == list(world.store.all(kind))
    assert verifying.run(there).problems == ()
    assert bundling.extras(path) == {"arena.toml": "x"}
    assert packed.audio == 6 + 17


def test_a_bundle_of_the_same_workspace_has_the_same_bytes(tmp_path: Path) -> None:
    world = small_study()
    for name in ("a.zip", "b.zip"):
        bundling.pack(world.store, tmp_path / name, kinds=RECORDS, versions={"numpy": "2"})
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_unpacking_twice_adds_nothing(tmp_path: Path) -> None:
    world = small_study()
    path = tmp_path / "b.zip"
    bundling.pack(world.store, path, kinds=RECORDS, versions={})
    there = MemoryStore()
    bundling.unpack(path, there, kinds=RECORDS)
    assert sum(bundling.unpack(path, there, kinds=RECORDS).records.values()) == 0
    assert len(list(there.events())) == 18


def test_a_file_that_is_no_bundle_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "b.zip"
    path.write_bytes(b"not a zip")
    with pytest.raises(InputError, match="not a bundle"):
        bundling.unpack(path, MemoryStore(), kinds=RECORDS)


def test_audio_under_another_s_name_is_refused(tmp_path: Path) -> None:
    world = small_study()
    good, bad = tmp_path / "b.zip", tmp_path / "bad.zip"
    bundling.pack(world.store, good, kinds=RECORDS, versions={})
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(bad, "w") as target:
        sounds = [n for n in source.namelist() if n.startswith("audio/")]
        for name in source.namelist():
            content = source.read(sounds[1] if name == sounds[0] else name)
            target.writestr(name, content)
    with pytest.raises(InputError, match="is not the audio its name says"):
        bundling.unpack(bad, MemoryStore(), kinds=RECORDS)

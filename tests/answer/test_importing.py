"""Recordings become responses of a named system without any model."""

import json

import pytest

from s2s_arena.answer import stage
from s2s_arena.answer.contestants import Contestant
from s2s_arena.answer.dialogues import takes
from s2s_arena.answer.importing import import_responses, imported_card
from s2s_arena.audio import files
from s2s_arena.errors import AudioError, InputError
from s2s_arena.executors.threads import ThreadsExecutor
from s2s_arena.records.responses import FailureKind, Response, Take
from s2s_arena.records.runs import Run
from s2s_arena.store.memory import MemoryStore
from s2s_arena.testing.sound import silence, tones
from s2s_arena.testing.worlds import rehearsal_suite

CARD = imported_card("mine")


@pytest.fixture
def store():
    return MemoryStore()


def bring(path, store, suite, format="folder", **options):
    return import_responses(path, format=format, suite=suite, card=CARD, store=store, **options)


def record(path, *words):
    path.parent.mkdir(parents=True, exist_ok=True)
    wave = tones(words)
    (files.write_flac if path.suffix == ".flac" else files.write_wav)(path, wave)
    return wave.hash()


def test_a_folder_of_recordings_is_a_system(store, tmp_path):
    suite = rehearsal_suite(store, samples=3)
    hashes = [record(tmp_path / "social" / f"s{n:03d}.{kind}", f"answer {n}") for n, kind in enumerate(("wav", "flac"))]
    done = bring(tmp_path, store, suite, run=Run(id="r", stage="import", started="", seed=0))
    assert (done.responses, done.takes, done.failures) == (2, 2, 0)
    assert done.problems == ("1 of 3 samples of suite rehearsal have no recording",)
    found = list(store.all(Response, system="mine"))
    assert [r.speech.hash for r in found] == hashes and {r.run for r in found} == {"r"}
    original = (tmp_path / "social" / "s000.wav").read_bytes()
    assert store.original(found[0].speech.original) == original
    assert set(takes(suite, [CARD], store=store)) == set(store.all(Take))


def test_a_text_beside_a_recording_is_what_the_system_said(store, tmp_path):
    suite = rehearsal_suite(store, samples=1)
    record(tmp_path / "s000.wav", "one")
    (tmp_path / "s000.txt").write_text("It is one o'clock.\n")
    bring(tmp_path, store, suite)
    assert next(store.all(Response)).text == "It is one o'clock."
    (tmp_path / "s000.txt").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(InputError, match=r"s000\.txt"):
        bring(tmp_path, MemoryStore(), suite)


def test_importing_twice_changes_nothing(store, tmp_path):
    suite = rehearsal_suite(store, samples=1)
    record(tmp_path / "s000.wav", "one")
    bring(tmp_path, store, suite)
    record(tmp_path / "s000.wav", "two")
    again = bring(tmp_path, store, suite)
    assert (again.responses, again.kept, again.takes) == (0, 1, 1)
    assert next(store.all(Response)).speech.hash == tones(["one"]).hash()


def test_what_is_imported_is_never_asked_again(store, tmp_path):
    suite = rehearsal_suite(store, samples=1)
    record(tmp_path / "s000.wav", "one")
    bring(tmp_path, store, suite)

    def load():
        raise AssertionError("nothing is left to ask")

    summary = stage.run(suite, [Contestant(card=CARD, load=load)], store=store, executor=ThreadsExecutor())
    assert summary.systems[0].kept == 1


@pytest.mark.parametrize("names", [("s000", "s000_turn1"), ("s000_turn0", "s000_turn1"), ("s000_turn1", "s000_turn2")])
def test_turns_count_from_zero_or_one(store, tmp_path, names):
    suite = rehearsal_suite(store, samples=1, turns=2)
    for name in names:
        record(tmp_path / f"{name}.wav", name)
    assert bring(tmp_path, store, suite).takes == 1
    found = {r.turn: r.speech.hash for r in store.all(Response)}
    assert found == {turn: tones([name]).hash() for turn, name in enumerate(names)}


def test_an_unfinished_dialogue_gives_no_take(store, tmp_path):
    suite = rehearsal_suite(store, samples=1, turns=2)
    record(tmp_path / "s000.wav", "one")
    done = bring(tmp_path, store, suite)
    assert done.takes == 0 and "1 of 2 turns" in done.problems[0]


def test_strangers_and_doubles_are_named_and_left_out(store, tmp_path):
    suite = rehearsal_suite(store, samples=1)
    for name in ("s000.wav", "s000_turn7.wav", "other.wav", "again/s000.wav"):
        record(tmp_path / name, name)
    done = bring(tmp_path, store, suite)
    assert done.responses == 1
    assert [p.partition(" ")[0] for p in done.problems] == ["s000.wav", "s000_turn7.wav", "other.wav"]


def test_a_silent_recording_is_a_failure_that_can_be_heard(store, tmp_path):
    suite = rehearsal_suite(store, samples=1)
    files.write_wav(tmp_path / "s000.wav", silence(1.0))
    assert bring(tmp_path, store, suite).failures == 1
    assert next(store.all(Take)).failure is FailureKind.SILENT and next(store.all(Response)).speech is not None


@pytest.mark.parametrize("format", ["csv", "jsonl"])
def test_a_table_says_more_about_each_turn(store, tmp_path, format):
    suite = rehearsal_suite(store, samples=2)
    record(tmp_path / "clips" / "x.wav", "x")
    rows = [
        {"sample": "s000", "audio": "clips/x.wav", "text": "hello, 你好", "first_audio_s": 0.4, "extra": "?"},
        {"sample": "s001", "failure": "refused"},
    ]
    table = tmp_path / f"map.{format}"
    if format == "jsonl":
        table.write_text("\n".join(json.dumps(row) for row in rows) + "\n")
    else:
        table.write_text(
            'sample,audio,text,first_audio_s,failure\ns000,clips/x.wav,"hello, 你好",0.4,\ns001,,,,refused\n'
        )
    assert bring(table, store, suite, format=format).takes == 2
    first, second = store.all(Response)
    assert (first.text, first.first_audio_s, first.speech.hash) == ("hello, 你好", 0.4, tones(["x"]).hash())
    assert second.failure.kind is FailureKind.REFUSED


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ('{"sample": "s000", "audio": "gone.wav"}', "gone.wav"),
        ('{"sample": "s000"}', "line 1: sample s000 has neither"),
        ('{"audio": "x.wav"}', "line 1: Entry sample"),
        ('\n{"sample": "s000", "turn": "first", "audio": "x"}', "line 2: Entry turn"),
        ('{"sample": "s000", "failure": "tired"}', "failure"),
        ("[1]", "list given"),
        ("{", "not JSON"),
        ('{"sample": "nobody", "audio": "x.wav"}', "nothing here belongs to suite rehearsal"),
    ],
)
def test_a_bad_table_is_refused_and_nothing_is_kept(store, tmp_path, content, named):
    suite = rehearsal_suite(store, samples=1)
    table = tmp_path / "map.jsonl"
    table.write_text(content)
    with pytest.raises(InputError, match=named) as caught:
        bring(table, store, suite, format="jsonl")
    assert "\n" not in str(caught.value) and caught.value.exit_status == 2
    assert not store.keys(Response) and not store.keys(Take)


def test_a_damaged_recording_stops_the_import_before_anything_is_kept(store, tmp_path):
    suite = rehearsal_suite(store, samples=2)
    record(tmp_path / "s000.wav", "fine")
    (tmp_path / "s001.wav").write_bytes(b"not audio at all")
    with pytest.raises(AudioError, match=r"s001\.wav"):
        bring(tmp_path, store, suite)
    assert not store.keys(Response)


def test_an_unknown_format_or_place_is_refused(store, tmp_path):
    suite = rehearsal_suite(store, samples=1)
    with pytest.raises(InputError, match="folder, csv, jsonl"):
        bring(tmp_path, store, suite, format="xml")
    with pytest.raises(InputError, match="not a folder"):
        bring(tmp_path / "nowhere", store, suite)
    with pytest.raises(InputError, match="cannot be read"):
        bring(tmp_path / "map.csv", store, suite, format="csv")

"""Claims about tables read through a column map."""

import polars
import pytest

from s2s_arena.audio import files
from s2s_arena.build.importing.stage import run
from s2s_arena.errors import SuiteError
from s2s_arena.records.taxonomy import Level
from s2s_arena.store.memory import MemoryStore

from .sources import put, put_json, put_lines, speechlike

MAP = {"id": "ID", "audio": "wav", "text": "question", "level": "lvl", "label:emotion": "emo", "attribute:site": "site"}
RECORDS = [
    {"ID": "007", "wav": "clips/a.wav", "question": "First, then?", "lvl": "L1", "emo": "sad", "site": "A"},
    {"ID": "008", "wav": "clips/b.wav", "question": "Second", "lvl": None, "emo": None, "site": "B"},
]


def imported(path, **options):
    return run(path, name="table", store=MemoryStore(), **options).suite


@pytest.fixture
def folder(tmp_path):
    put(tmp_path / "clips" / "a.wav", 200)
    put(tmp_path / "clips" / "b.wav", 300)
    put(tmp_path / "clips" / "c.wav", 400)
    return tmp_path


def written(folder, suffix):
    path = folder / f"rows{suffix}"
    frame = polars.DataFrame(RECORDS)
    if suffix == ".csv":
        frame.write_csv(path)
    elif suffix == ".tsv":
        frame.write_csv(path, separator="\t")
    elif suffix == ".parquet":
        frame.write_parquet(path)
    elif suffix == ".json":
        put_json(path, RECORDS)
    else:
        put_lines(path, RECORDS)
    return path


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".parquet", ".jsonl", ".json"])
def test_every_kind_of_table_gives_the_same_suite(folder, suffix):
    suite = imported(written(folder, suffix), columns=MAP, source="x")
    first, second = suite.samples
    assert (first.id, second.id) == ("007", "008")
    assert (first.level, second.level) == (Level.L1, None)
    assert first.turns[0].labels == {"emotion": "sad"}
    assert second.turns[0].labels == {}
    assert first.attributes == {"site": "A"}
    assert (first.domain, first.task, first.seed_task) == (None, None, None)
    assert suite.hash == imported(written(folder, ".csv"), columns=MAP, source="x").hash


def test_columns_with_usual_names_need_no_map(folder):
    path = put_lines(folder / "r.jsonl", [{"audio_path": "clips/a.wav", "question": "Q", "answer": "A", "index": 3}])
    (sample,) = imported(path).samples
    assert (sample.id, sample.turns[0].script, sample.references) == ("3", "Q", ("A",))


def test_without_an_id_column_the_path_makes_the_id(folder):
    path = put_lines(folder / "r.jsonl", [{"audio": "./clips/a.wav"}])
    assert imported(path).samples[0].id == "clips-a"


def test_rows_with_turns_become_one_dialogue_in_the_order_of_turns(folder):
    rows = [
        {"id": "d", "turn": "turn2", "audio": "clips/b.wav", "text": "two", "task": ""},
        {"id": "e", "turn": 1, "audio": "clips/c.wav", "text": "other", "task": ""},
        {"id": "d", "turn": "turn1", "audio": "clips/a.wav", "text": "one", "task": "Storytelling"},
    ]
    first, second = imported(put_lines(folder / "r.jsonl", rows)).samples
    assert [turn.script for turn in first.turns] == ["one", "two"]
    assert (first.task, first.domain) == ("storytelling", "entertainment")
    assert len(second.turns) == 1


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet", ".csv"])
def test_a_list_of_audios_becomes_one_dialogue(folder, suffix):
    path = folder / f"r{suffix}"
    audios, texts = ["clips/a.wav", "clips/b.wav"], ["one", "two"]
    if suffix == ".csv":
        path.write_text('id,audio,text\nd,"[""clips/a.wav"", ""clips/b.wav""]","[""one"", ""two""]"\n')
    elif suffix == ".parquet":
        polars.DataFrame([{"id": "d", "audio": audios, "text": texts}]).write_parquet(path)
    else:
        put_lines(path, [{"id": "d", "audio": audios, "text": texts}])
    (sample,) = imported(path).samples
    assert [turn.script for turn in sample.turns] == ["one", "two"]
    assert len({turn.speech.hash for turn in sample.turns if turn.speech}) == 2


def test_audio_embedded_in_parquet_is_read(tmp_path):
    content = files.encode_flac(speechlike())
    frame = polars.DataFrame([{"id": "x", "audio": {"bytes": content, "path": "x.flac"}, "text": "Hi"}])
    frame.write_parquet(tmp_path / "r.parquet")
    (sample,) = imported(tmp_path / "r.parquet").samples
    assert sample.turns[0].speech is not None
    assert sample.turns[0].speech.hash == speechlike().hash()


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([{"id": "d", "turn": 1, "text": "a"}, {"id": "d", "turn": 3, "text": "b"}], r"turns \[1, 3\]"),
        ([{"id": "d", "turn": 1, "text": "a"}, {"id": "d", "turn": 1, "text": "b"}], "duplicate id 'd' turn 1"),
        ([{"id": "d", "turn": "last", "text": "a"}], "turn 'last'"),
        (
            [{"id": "d", "turn": 1, "text": "a", "level": "L1"}, {"id": "d", "turn": 2, "text": "b", "level": "L2"}],
            "disagree on level",
        ),
        (
            [{"id": "d", "audio": ["clips/a.wav", "clips/b.wav"], "text": ["one", "two", "three"]}],
            "2 audios but 3 texts",
        ),
        ([{"id": "a/b", "text": "x"}, {"id": "a b", "text": "y"}], "duplicate id 'a b'"),
    ],
)
def test_turns_that_make_no_dialogue_are_refused(folder, rows, says):
    with pytest.raises(SuiteError, match=says):
        imported(put_lines(folder / "r.jsonl", rows), format="table")


def test_a_dialogue_with_one_bad_turn_is_left_out_whole(folder):
    rows = [
        {"id": "d", "turn": 1, "audio": "clips/a.wav"},
        {"id": "d", "turn": 2, "audio": "clips/gone.wav"},
        {"id": "e", "turn": 1, "audio": "clips/b.wav"},
    ]
    suite = imported(put_lines(folder / "r.jsonl", rows), strict=False)
    assert [sample.id for sample in suite.samples] == ["e"]


def test_an_unknown_field_and_an_absent_column_are_refused(folder):
    path = written(folder, ".csv")
    with pytest.raises(SuiteError, match="'speech'; the fields are id, audio"):
        imported(path, columns={"speech": "wav"})
    with pytest.raises(SuiteError, match="no column 'path' for audio; it has ID, wav"):
        imported(path, columns={"audio": "path"})
    with pytest.raises(SuiteError, match="no column gives audio or text"):
        imported(path, columns={"id": "ID"})


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("r.parquet", b"not parquet", "not readable as a table"),
        ("r.csv", b"", "not readable as a table"),
        ("r.csv", b"id,text\na,b,c,d\n", "not readable as a table"),
        ("r.csv", b"id,text\n", "no sample"),
        ("r.xlsx", b"PK", r"\.xlsx given"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path, name, content, says):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SuiteError, match=says):
        imported(tmp_path / name)


def test_the_same_name_in_another_folder_is_another_recording(folder):
    put(folder / "poem" / "a.wav", 500)
    with pytest.raises(SuiteError, match=r"sing/a\.wav: no such file"):
        imported(put_lines(folder / "r.jsonl", [{"audio": "sing/a.wav"}]))
    with pytest.raises(SuiteError, match="fits"):
        imported(put_lines(folder / "r.jsonl", [{"audio": "a.wav"}]))


def test_a_text_in_the_audio_column_is_one_line_of_error(folder):
    with pytest.raises(SuiteError, match=r"r\.jsonl line 1") as refused:
        imported(put_lines(folder / "r.jsonl", [{"id": "x", "audio": "word " * 200}]))
    assert "\n" not in str(refused.value)

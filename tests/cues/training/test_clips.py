"""Claims about lists of labelled clips: what is read from them, and the one line that bad ones give."""

import json
from pathlib import Path

import pytest

from s2s_arena.cues.training.clips import Target, read_clips
from s2s_arena.errors import InputError, MissingError


def listing(folder: Path, rows: list[dict[str, object]], name: str = "clips.jsonl") -> Path:
    for row in rows:
        if isinstance(row.get("audio"), str):
            (folder / str(row["audio"])).touch()
    path = folder / name
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n")
    return path


def rows(count: int = 24, **more: object) -> list[dict[str, object]]:
    return [{"audio": f"{i}.flac", "score": 1 + i % 5, **more} for i in range(count)]


def test_listeners_are_averaged(tmp_path: Path):
    listed = [{"audio": f"{i}.flac", "listeners": [i % 3, 1, 2]} for i in range(20)]
    listing(tmp_path, listed, "scores.jsonl")
    labelled = read_clips(Target(name="expressive", source=tmp_path))
    assert labelled.clips[1].label == pytest.approx(4 / 3)
    assert labelled.classes == () and labelled.groups is None


def test_names_are_classes_and_rows_without_a_label_are_left_out(tmp_path: Path):
    listed = [{"audio": f"{i}.flac", "mood": ["glad", "cross", None][i % 3]} for i in range(33)]
    labelled = read_clips(Target(name="emotion", source=listing(tmp_path, listed), column="mood"))
    assert labelled.classes == ("cross", "glad")
    assert len(labelled.clips) == 22


def test_csv_reads_like_jsonl(tmp_path: Path):
    for i in range(20):
        (tmp_path / f"{i}.wav").touch()
    lines = ["path,score,speaker"] + [f"{i}.wav,{i / 4},s{i % 2}" for i in range(20)]
    (tmp_path / "labels.csv").write_text("\n".join(lines))
    labelled = read_clips(Target(name="x", source=tmp_path, column="score", group_column="speaker"))
    assert labelled.clips[3].label == 0.75
    assert labelled.groups is not None and labelled.groups[:3] == ("s0", "s1", "s0")


@pytest.mark.parametrize(
    ("text", "source", "column"),
    [
        ("a=clips", "clips", None),
        ("a=clips/scores.jsonl:mood", "clips/scores.jsonl", "mood"),
        ("a=C:/clips", "C:/clips", None),
    ],
)
def test_targets_are_read_as_on_the_command_line(text: str, source: str, column: str | None):
    assert Target.parse(text) == Target(name="a", source=Path(source), column=column)


@pytest.mark.parametrize("text", ["a", "=clips", "a="])
def test_a_target_without_name_or_path_is_refused(text: str):
    with pytest.raises(InputError, match="NAME=PATH"):
        Target.parse(text)


def test_a_missing_list_or_clip_is_named(tmp_path: Path):
    with pytest.raises(MissingError, match="nowhere"):
        read_clips(Target(name="x", source=tmp_path / "nowhere"))
    path = listing(tmp_path, rows())
    (tmp_path / "7.flac").unlink()
    with pytest.raises(MissingError, match=r"clips\.jsonl:8: clip 7\.flac is not there"):
        read_clips(Target(name="x", source=path))


@pytest.mark.parametrize(
    ("listed", "column", "says"),
    [
        (rows(5), None, "5 labelled clips for x, 20"),
        ([{**row, "score": 3} for row in rows()], None, "every clip has the label"),
        (rows(), "mood", "no column 'mood'; there are audio, score"),
        (rows(other=1), None, "label columns: other, score; name one"),
        ([{"audio": f"{i}.flac"} for i in range(24)], None, "label columns: none"),
        ([*rows(), {"audio": "a.flac", "score": "high"}], None, "mixes numbers and names"),
        ([*rows(), {"audio": "a.flac", "score": "nan"}], None, "a finite number needed"),
        ([*rows(), {"audio": "a.flac", "score": [1, "x"]}], None, "listeners' numbers"),
        ([*rows(), {"audio": "a.flac", "score": {"a": 1}}], None, "a number, a list of numbers or a name"),
        ([*rows(), {"audio": 3, "score": 1}], None, "audio is 3"),
        ([{"sound": "a.flac", "score": 1}], None, "no audio column"),
        ([{"audio": f"{i}.flac", "m": "a" if i else "b"} for i in range(24)], None, "1 clips of x:b, 4"),
    ],
)
def test_lists_that_nothing_can_be_learnt_from(
    tmp_path: Path, listed: list[dict[str, object]], column: str | None, says: str
):
    path = listing(tmp_path, listed)
    with pytest.raises(InputError, match=says) as caught:
        read_clips(Target(name="x", source=path, column=column))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"", "no clips"), (b"{broken", "1: not JSON"), (b"[1]", "1: list given"), (b"\xff\xfe", "not UTF-8")],
)
def test_files_that_are_no_lists(tmp_path: Path, content: bytes, says: str):
    path = tmp_path / "clips.jsonl"
    path.write_bytes(content)
    with pytest.raises(InputError, match=says):
        read_clips(Target(name="x", source=path))


def test_a_folder_with_two_lists_needs_a_name(tmp_path: Path):
    listing(tmp_path, rows())
    listing(tmp_path, rows(), "more.jsonl")
    with pytest.raises(InputError, match="2 JSONL or CSV files"):
        read_clips(Target(name="x", source=tmp_path))

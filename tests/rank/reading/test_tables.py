"""Any file becomes a table of text; what cannot be read is named with its line."""

import json
from pathlib import Path

import pytest

from s2s_arena.errors import InputError
from s2s_arena.rank.reading.tables import KEY, read_table


def write(path: Path, content: object) -> Path:
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_an_object_of_records_is_a_table_with_its_keys(tmp_path: Path) -> None:
    frame = read_table(write(tmp_path / "a.json", {"_default": {"x": {"n": 1}, "y": {"n": 0.5, "why": None}}}))
    assert frame.to_dict(as_series=False) == {KEY: ["x", "y"], "n": ["1", "0.5"], "why": [None, None]}


def test_nested_values_stay_as_json(tmp_path: Path) -> None:
    (cell,) = read_table(write(tmp_path / "a.json", [{"label": {"overall": "1"}}]))["label"]
    assert json.loads(cell) == {"overall": "1"}


def test_lines_may_mix_numbers_and_words(tmp_path: Path) -> None:
    frame = read_table(write(tmp_path / "a.jsonl", '{"w": 1}\n\n{"w": "tie"}\n{"w": true}\n'))
    assert frame["w"].to_list() == ["1", "tie", "true"]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.jsonl", '{"w": 1}\n{"w": \n', "line 2"),
        ("a.jsonl", '{"w": 1}\n[1]\n', "line 2 is not an object"),
        ("a.json", '[{"w": 1},\n oops]', "line 2"),
        ("a.json", "[1, 2]", "a list of records"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(tmp_path: Path, name: str, content: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        read_table(write(tmp_path / name, content))
    assert name in str(caught.value)

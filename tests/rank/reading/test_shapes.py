"""Every format is told by its columns, and the documentation lists them all."""

from pathlib import Path

import pytest

from s2s_arena.errors import InputError
from s2s_arena.rank.reading.shapes import FORMATS, SHAPES, shape_of


def test_the_documentation_lists_every_format() -> None:
    text = (Path(__file__).parents[3] / "docs" / "ranking.md").read_text(encoding="utf-8")
    assert [name for name in FORMATS if f"| `{name}` |" not in text] == []


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: f"{shape.name}-{len(shape.needs)}")
def test_a_format_is_recognised_by_the_columns_it_needs(shape) -> None:  # type: ignore[no-untyped-def]
    assert shape_of([*shape.needs, "extra"], name=None, file="f").name == shape.name
    assert shape_of([*shape.needs, "extra"], name=shape.name, file="f") == shape


def test_a_file_is_not_taken_for_what_it_lacks_the_columns_of() -> None:
    with pytest.raises(InputError, match="f: not of format speakbench: no column data_ID; it has model1, model2"):
        shape_of(["model1", "model2"], name="speakbench", file="f")

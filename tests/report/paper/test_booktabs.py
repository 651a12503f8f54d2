"""Tables are rectangular, escaped, and mark the best figure of a column."""

import pytest

from s2s_arena.report.paper.booktabs import Table
from tests.report.paper.latex import problems, ragged


def a_table(**fields: object) -> Table:
    given = {
        "label": "t", "caption": "50 % of a_b & more", "head": ("System", "Elo", "Wins"), "align": "lrr",
        "groups": ((("<x & y>_1", 1000.25, 3), ("z", None, 12)),), "bold": (1, 2), **fields,
    }  # fmt: skip
    return Table(**given)  # type: ignore[arg-type]


def test_every_special_character_is_escaped_and_rows_are_whole() -> None:
    text = a_table().text
    assert problems(text) == []
    assert r"<x \& y>\_1 & 1000.2 & 3 \\" in text
    assert r"\caption{50 \% of a\_b \& more}" in text


def test_the_highest_of_a_column_is_bold_and_a_single_figure_is_not() -> None:
    text = a_table().text
    assert r"z & -- & \textbf{12} \\" in text
    assert r"\textbf{1000.2}" not in text


def test_groups_are_set_apart_by_rules() -> None:
    text = a_table(groups=((("a", 1.0, 1),), (("b", 2.0, 2),))).text
    assert text.count(r"\midrule") == 2


def test_wide_tables_are_scaled_to_the_line() -> None:
    wide = a_table(head=tuple("abcdefghij"), align="l" * 10, groups=((tuple("0123456789"),),), bold=())
    assert r"\resizebox{\linewidth}" in wide.text
    assert problems(wide.text) == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (r"\begin{tabular}{lr}" + "\na & 1 & 2 \\\\\n" + r"\end{tabular}", "3 cells for 2 columns"),
        (r"\begin{table}\begin{tabular}{l}\end{table}", "does not close"),
        (r"\caption{a", "stay open"),
        ("a_b", "a bare _"),
    ],
)
def test_the_reader_of_these_tests_finds_what_is_wrong(text: str, says: str) -> None:
    assert any(says in problem for problem in [*problems(text), *ragged(text)])

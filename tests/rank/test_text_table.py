"""Tables that stand straight on a terminal, whatever language a name is in."""

import pytest

from s2s_arena.rank.text_table import TextTable, shown_width


def test_a_table_by_hand() -> None:
    table = TextTable(title="two systems", caption="and no more")
    table.add_column("system")
    table.add_column("BT\n(12)", right=True)
    table.add_row("豆包", "1010.5")
    table.add_row("b", "989.5")
    assert str(table).splitlines() == [
        "two systems",
        "            BT",
        "system    (12)",
        "------  ------",
        "豆包    1010.5",
        "b        989.5",
        "and no more",
    ]
    assert table.row_count == 2


def test_a_chinese_character_is_two_wide_and_an_accent_takes_no_place() -> None:
    assert (shown_width("abc"), shown_width("豆包"), shown_width("e\u0301")) == (3, 4, 1)


def test_a_table_of_no_rows_has_its_head() -> None:
    table = TextTable()
    table.add_column("judge")
    assert str(table) == "judge\n-----"


def test_a_row_has_a_cell_a_column() -> None:
    table = TextTable(title="t")
    table.add_column("judge")
    with pytest.raises(ValueError, match="table t: 2 cells given for 1 columns"):
        table.add_row("a", "b")

"""Match lists from files: every spelling read, every wrong row named, nothing dropped in silence."""

import json
from pathlib import Path

import polars as pl
import pytest

from s2s_arena.errors import IllegalVoteError, InputError, InvalidMatchesError
from s2s_arena.rank.matches_file import read_matches

HEADER = "system_a,system_b,winner"


def a_csv(folder: Path, *rows: str, header: str = HEADER, name: str = "m.csv") -> Path:
    path = folder / name
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def test_names_and_sides_are_winners(tmp_path: Path) -> None:
    rows = ["moshi,gpt,moshi", "moshi,gpt,gpt", "gpt,moshi,a", "gpt,moshi,model_b", "gpt,moshi,B"]
    made = read_matches(a_csv(tmp_path, *rows))
    assert made.systems == ("gpt", "moshi")
    assert made.pairs.tolist() == [[1, 0], [1, 0], [0, 1], [0, 1], [0, 1]]
    assert made.outcomes.tolist() == [0, 1, 0, 1, 1]


@pytest.mark.parametrize("kind", ["csv", "tsv", "json", "jsonl", "parquet"])
def test_every_format_reads_the_same(tmp_path: Path, kind: str) -> None:
    rows = [
        {"model_a": "x", "model_b": "y", "winner": "x", "judge": "j", "level": "L1"},
        {"model_a": "y", "model_b": "z", "winner": "model_b", "judge": None, "level": "L2"},
    ]
    path = tmp_path / f"m.{kind}"
    frame = pl.DataFrame(rows)
    if kind == "csv":
        frame.write_csv(path)
    elif kind == "tsv":
        frame.write_csv(path, separator="\t")
    elif kind == "json":
        path.write_text(json.dumps(rows))
    elif kind == "jsonl":
        path.write_text("\n".join(json.dumps(row) for row in rows))
    else:
        frame.write_parquet(path)
    made = read_matches(path, labels=("level",))
    assert made.systems == ("x", "y", "z")
    assert made.outcomes.tolist() == [0, 1]
    assert made.labels["judge"].codes.tolist() == [0, -1]
    assert made.labels["level"].names == ("L1", "L2")


def test_numbers_are_names_too(tmp_path: Path) -> None:
    path = tmp_path / "m.jsonl"
    path.write_text('{"system_a": 1, "system_b": 2, "winner": 2}\n')
    assert read_matches(path).systems == ("1", "2")
    assert read_matches(path).outcomes.tolist() == [1]


def test_columns_can_be_named(tmp_path: Path) -> None:
    path = a_csv(tmp_path, "x,y,y", header="left,right,choice")
    made = read_matches(path, columns={"system_a": "left", "system_b": "right", "winner": "choice"})
    assert made.outcomes.tolist() == [1]


@pytest.mark.parametrize(
    ("row", "error", "says"),
    [
        ("x,x,x", InvalidMatchesError, "m.csv row 2: x is matched with itself; drop the row"),
        ("x,y,z", IllegalVoteError, "m.csv row 2: winner 'z' is not in the match of x and y"),
        ("x,y,tie", IllegalVoteError, "m.csv row 2: winner 'tie' is not allowed by strict rules; add --allow-ties"),
        ("x,y,both_bad", IllegalVoteError, "row 2: winner 'both_bad' is not allowed"),
        ("x,,x", InvalidMatchesError, "m.csv row 2: no system_b"),
        ("x,y,", InvalidMatchesError, "m.csv row 2: no winner"),
    ],
)
def test_wrong_rows_are_named(tmp_path: Path, row: str, error: type[InputError], says: str) -> None:
    with pytest.raises(error) as caught:
        read_matches(a_csv(tmp_path, "x,y,x", row, "y,x,y"))
    assert says in str(caught.value)
    assert caught.value.exit_status == 2
    assert "\n" not in str(caught.value)


def test_ties_are_kept_when_allowed(tmp_path: Path) -> None:
    made = read_matches(a_csv(tmp_path, "x,y,tie", "x,y,both_good", "x,y,both_bad"), allow_ties=True)
    games, tally = made.rated(ties=True)
    assert games.scores.tolist() == [0.5, 0.5]
    assert tally.unrated == {"both bad": 1}


def test_two_orders_of_one_group_are_one_game(tmp_path: Path) -> None:
    rows = ["x,y,x,1", "y,x,x,1", "x,y,x,2", "y,x,y,2", "x,y,y,"]
    made = read_matches(a_csv(tmp_path, *rows, header=HEADER + ",group"))
    games, tally = made.rated()
    assert games.scores.tolist() == [1.0, 0.0]
    assert tally.unrated == {"orders disagree": 1}
    tied, _ = made.rated(ties=True)
    assert tied.scores.tolist() == [1.0, 0.5, 0.0]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("m.csv", "", "the file is empty"),
        ("m.csv", HEADER + "\n", "no rows"),
        ("m.csv", "a,b\n1,2\n", "no column system_a; it has a, b"),
        ("m.xlsx", "x", ".xlsx given; .csv"),
        ("m.jsonl", "{not json\n", "cannot be read as jsonl"),
        ("m.parquet", "not parquet", "cannot be read as parquet"),
    ],
)
def test_wrong_files_are_named(tmp_path: Path, name: str, content: str, says: str) -> None:
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(InputError) as caught:
        read_matches(path)
    assert says in str(caught.value)
    assert name in str(caught.value)


def test_missing_files_and_columns_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_matches(tmp_path / "none.csv")
    with pytest.raises(InputError, match="no column mood; it has system_a, system_b, winner"):
        read_matches(a_csv(tmp_path, "x,y,x"), labels=("mood",))

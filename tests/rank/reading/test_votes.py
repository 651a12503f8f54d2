"""Rows that no board can count are refused or rejected, counted and listed; never dropped in silence."""

from pathlib import Path

import numpy as np
import pytest

from s2s_arena.errors import InputError, InvalidMatchesError
from s2s_arena.rank.reading.source import Rejected
from s2s_arena.rank.reading.votes import BadRows, How, read_votes

ROWS = ["x,y,x", "x,x,x", "x,y,z", ",y,y", "x,y,", "y,x,right"]


def crowd(folder: Path, rows: list[str], header: str = "left,right,winner") -> Path:
    path = folder / "crowd.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def test_files_from_elsewhere_go_on_without_their_wrong_rows(tmp_path: Path) -> None:
    votes = read_votes(crowd(tmp_path, ROWS))
    assert votes.listed.outcomes.tolist() == [0, 1]
    assert (votes.source.rows, [r.row for r in votes.source.rejected]) == (6, [2, 3, 4, 5])
    assert votes.source.rejected[1] == Rejected(
        row=3,
        reason="winner 'z' is not in the match of x and y; give one of their names, a or b",
        given="x | y | z",
    )
    assert "4 of 6 rows rejected (row 2: x is matched with itself" in votes.source.warnings[0]
    assert "and 1 more" in votes.source.warnings[0]


def test_a_strict_reading_stops_at_the_first_wrong_row(tmp_path: Path) -> None:
    with pytest.raises(InvalidMatchesError, match=r"crowd.csv row 2: x is matched with itself"):
        read_votes(crowd(tmp_path, ROWS), how=How(bad_rows=BadRows.REFUSE))


def test_our_own_match_list_is_strict_unless_told_otherwise(tmp_path: Path) -> None:
    path = crowd(tmp_path, ROWS[:3], header="system_a,system_b,winner")
    with pytest.raises(InvalidMatchesError, match="row 2"):
        read_votes(path)
    assert len(read_votes(path, how=How(bad_rows=BadRows.REJECT)).source.rejected) == 2


def test_a_file_of_wrong_rows_only_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="every row was rejected; row 1: x is matched with itself"):
        read_votes(crowd(tmp_path, ["x,x,x"]))


def test_a_missing_column_says_how_to_name_it(tmp_path: Path) -> None:
    path = crowd(tmp_path, ["x,y,x"], header="one,two,winner")
    with pytest.raises(InputError, match="no column system_a; it has one, two, winner; name the columns with"):
        read_votes(path)
    votes = read_votes(path, how=How(columns={"system_a": "one", "system_b": "two"}))
    assert votes.listed.systems == ("x", "y")


def test_figures_need_a_meaning_unless_they_are_one_and_two(tmp_path: Path) -> None:
    assert read_votes(crowd(tmp_path, ["x,y,1", "x,y,2"])).listed.outcomes.tolist() == [0, 1]
    with pytest.raises(InputError, match="winner holds 0, which may mean either side"):
        read_votes(crowd(tmp_path, ["x,y,0", "x,y,1"]))
    words = {"0": "a", "1": "b", "0.5": "tie"}
    votes = read_votes(crowd(tmp_path, ["x,y,0", "x,y,1", "x,y,0.5"]), how=How(words=words))
    assert votes.listed.outcomes.tolist() == [0, 1, 2]
    with pytest.raises(InputError, match="--words 0=first-ish: not an outcome"):
        read_votes(crowd(tmp_path, ["x,y,x"]), how=How(words={"0": "first-ish"}))


def test_a_system_may_be_called_like_a_word(tmp_path: Path) -> None:
    assert read_votes(crowd(tmp_path, ["tie,right,right", "tie,right,tie"])).listed.outcomes.tolist() == [1, 0]


def test_attributes_keep_the_files_name_and_the_known_one(tmp_path: Path) -> None:
    path = crowd(tmp_path, ["x,y,x,p1,w1"], header="left,right,winner,prompt,worker")
    votes = read_votes(path, labels=("prompt",))
    assert votes.listed.labels["prompt"].names == votes.listed.labels["sample"].names == ("p1",)
    assert votes.listed.labels["judge"].names == ("w1",)


def test_matches_that_are_not_for_rating_are_counted_and_not_rated(tmp_path: Path) -> None:
    rows = ["x,y,x,rated", "x,y,y,repeat", "y,x,x,swap", "x,y,tie,gold"]
    path = crowd(tmp_path, rows, header="model_a,model_b,winner,purpose")
    games, tally = read_votes(path).listed.rated()
    assert (games.count, tally.unrated) == (1, {"repeat": 1, "swap": 1, "gold": 1})


@pytest.mark.parametrize(("cell", "known"), [("0.25", True), ("1", True), ("0", False), ("", False), ("often", False)])
def test_probabilities_are_used_only_where_every_row_has_one(tmp_path: Path, cell: str, known: bool) -> None:
    votes = read_votes(crowd(tmp_path, ["x,y,x,0.5", f"x,y,y,{cell}"], header="left,right,winner,probability"))
    assert (votes.listed.probabilities is not None) is known


def test_an_unknown_format_lists_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="format chess: not known; one of pilot, trace"):
        read_votes(crowd(tmp_path, ["x,y,x"]), how=How(format="chess"))
    with pytest.raises(InputError, match="not of format talk-arena: no column audio_hash; it has left"):
        read_votes(crowd(tmp_path, ["x,y,x"]), how=How(format="talk-arena"))


@pytest.mark.parametrize(
    ("name", "format", "votes", "ties", "systems"),
    [
        ("llmfao.csv", "table", 8931, 3471, 59),
        ("speakbench_annotations.jsonl", "speakbench", 508, 183, 13),
        ("talk_arena_live_votes.json", "talk-arena", 303, 84, 8),
    ],
)
def test_public_votes_are_read_whole(
    shared_data: Path, name: str, format: str, votes: int, ties: int, systems: int
) -> None:
    made = read_votes(shared_data / "votes" / name)
    assert (made.source.format, made.source.rows, made.source.rejected) == (format, votes, ())
    assert made.listed.rated()[1].unrated == {"tie": ties}
    assert len(made.listed.systems) == systems


def test_measurements_of_both_answers_come_in_pairs_of_columns(tmp_path: Path) -> None:
    header = "left,right,winner,duration_s_a,duration_s_b,lead_s_a"
    listed = read_votes(crowd(tmp_path, ["x,y,x,1.5,2,0", "x,y,y,,3,0"], header=header)).listed
    assert list(listed.features) == ["duration_s"]
    assert listed.features["duration_s"][0].tolist() == [1.5, 2.0]
    assert np.isnan(listed.features["duration_s"][1, 0])

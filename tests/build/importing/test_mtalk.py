"""Claims about MTalk-Bench's submission file."""

import pytest

from s2s_arena.build.importing.mtalk import read_mtalk
from s2s_arena.errors import SuiteError

from .sources import put, put_json


def turn(number, place):
    return {
        "question": f"./audio_new/scene1/record_{number}/{number}-turn{place}_sem.wav",
        "question_transcription": f"{number} {place}",
        "dialogue": {"SomeSystem": "x.wav"},
    }


def test_dialogues_become_turns_found_by_their_file_names(tmp_path):
    for place in (1, 2):
        put(tmp_path / "questions" / f"1-10-turn{place}_sem.wav")
    path = put_json(tmp_path / "s.json", {"Semantic information": [[turn("1-10", 1), turn("1-10", 2)]]})
    rows = read_mtalk(path).rows
    assert [(row.id, row.turn, row.text) for row in rows] == [("sem-1-10", 1, "1-10 1"), ("sem-1-10", 2, "1-10 2")]
    assert all(
        row.audio and row.audio.content == tmp_path / "questions" / f"1-10-turn{row.turn}_sem.wav" for row in rows
    )


def test_a_turn_without_a_record_and_a_dialogue_that_is_none_are_problems(tmp_path):
    path = put_json(tmp_path / "s.json", {"Ambient sound": [[{"question": "a.wav"}], None]})
    problems = read_mtalk(path).problems
    assert "names no record_N-M" in problems[0]
    assert "dialogue 2" in problems[1]


def test_another_json_is_refused(tmp_path):
    with pytest.raises(SuiteError, match="Semantic information"):
        read_mtalk(put_json(tmp_path / "s.json", {"a": []}))

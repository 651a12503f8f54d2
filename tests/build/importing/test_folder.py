"""Claims about reading a folder of audio."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s2s_arena.build.importing.folder import clean_id, read_folder
from s2s_arena.build.importing.rows import natural
from s2s_arena.errors import SuiteError

from .sources import put, put_json


def test_ids_come_from_paths_and_order_is_natural(tmp_path):
    for name in ("sing/audio_10.wav", "sing/audio_2.flac", "irony/a b(1).wav", "top.wav"):
        put(tmp_path / name)
    rows = read_folder(tmp_path).rows
    assert [row.id for row in rows] == ["irony-a-b-1", "sing-audio_2", "sing-audio_10", "top"]
    assert [row.task for row in rows] == ["irony", "sing", "sing", ""]


def test_one_name_with_two_suffixes_makes_two_ids(tmp_path):
    put(tmp_path / "a.wav")
    put(tmp_path / "a.flac")
    assert sorted(row.id for row in read_folder(tmp_path).rows) == ["a-flac", "a-wav"]


def test_the_papers_task_is_found_above_a_folder_of_speakers(tmp_path):
    put(tmp_path / "input" / "sing" / "speaker7" / "a.wav")
    put(tmp_path / "input" / "my own task" / "b.wav")
    assert [row.task for row in read_folder(tmp_path).rows] == ["my own task", "sing"]


def test_texts_come_from_json_by_name_or_path(tmp_path):
    for name in ("sing/1.wav", "sing/2.wav", "poem/1.wav", "only.wav"):
        put(tmp_path / name)
    put_json(tmp_path / "questions.json", [{"id": "poem/1", "question": "P1"}, {"id": "only.wav", "text": "O"}])
    put_json(tmp_path / "sing" / "texts.json", {"1": "S1", "2": "S2"})
    assert {row.id: row.text for row in read_folder(tmp_path).rows} == {
        "sing-1": "S1", "sing-2": "S2", "poem-1": "P1", "only": "O",
    }  # fmt: skip


def test_a_bare_name_above_two_folders_names_neither(tmp_path):
    put(tmp_path / "sing" / "1.wav")
    put(tmp_path / "poem" / "1.wav")
    put_json(tmp_path / "questions.json", [{"id": 1, "question": "Which?"}])
    assert [row.text for row in read_folder(tmp_path).rows] == ["", ""]


def test_numbers_as_ids_match_file_names(tmp_path):
    put(tmp_path / "0.wav")
    put_json(tmp_path / "questions.json", [{"id": 0, "question": "Zero?"}])
    assert read_folder(tmp_path).rows[0].text == "Zero?"


def test_broken_json_and_two_texts_for_one_id_are_problems(tmp_path):
    put(tmp_path / "a.wav")
    (tmp_path / "bad.json").write_text("[{")
    put_json(tmp_path / "good.json", [{"id": "a", "text": "one"}, {"id": "a", "text": "two"}])
    problems = read_folder(tmp_path).problems
    assert "bad.json" in problems[0]
    assert "'a' has two texts" in problems[1]


def test_hidden_files_and_other_files_are_left_out(tmp_path):
    put(tmp_path / "a.wav")
    put(tmp_path / ".cache" / "b.wav")
    (tmp_path / "notes.txt").write_text("hello")
    assert [row.id for row in read_folder(tmp_path).rows] == ["a"]


def test_a_folder_without_audio_is_refused(tmp_path):
    with pytest.raises(SuiteError, match="no audio file"):
        read_folder(tmp_path)


@given(st.lists(st.integers(0, 10**6), max_size=20))
def test_natural_order_is_the_order_of_the_numbers(numbers):
    names = [f"audio_{n}.mp3" for n in numbers]
    assert sorted(names, key=natural) == [f"audio_{n}.mp3" for n in sorted(numbers)]


@given(st.lists(st.text(max_size=12), max_size=12), st.randoms(use_true_random=False))
def test_natural_order_does_not_depend_on_the_order_given(names, random):
    shuffled = random.sample(names, len(names))
    assert [natural(name) for name in sorted(names, key=natural)] == sorted(natural(name) for name in shuffled)


@given(st.text(max_size=30))
def test_a_cleaned_id_is_safe_in_a_path_and_cleaning_it_again_changes_nothing(text):
    id = clean_id(text)
    assert not set(id) & set('/\\ \n\t:*?"<>|\0')
    assert not id.startswith(".")
    assert clean_id(id) == id

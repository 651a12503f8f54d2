"""A folder of recordings is a system."""

import pytest

from s2s_arena.audio import files
from s2s_arena.errors import CardError, EmptyAnswer
from s2s_arena.models.replay import Replay, build
from s2s_arena.protocols import Request
from tests.models.doubles import FakeParts, tone


def test_recordings_are_found_by_sample_and_turn(tmp_path):
    files.write_wav(tmp_path / "edu-1.wav", tone(0.5))
    files.write_flac(tmp_path / "edu-1_turn1.flac", tone(0.7))
    (tmp_path / "edu-1.txt").write_text("Hello.\n")
    system = Replay(tmp_path)
    first = system.answer(Request(speech=tone(), sample="edu-1"))
    second = system.answer(Request(speech=tone(), sample="edu-1", turn=1))
    assert (first.speech.duration_s, second.speech.duration_s) == (0.5, 0.7)
    assert (first.text, second.text) == ("Hello.", None)


def test_a_missing_recording_is_an_empty_answer_that_names_the_file(tmp_path):
    with pytest.raises(EmptyAnswer, match=r"sample edu-2 turn 0: no recording edu-2\.wav in .*; add it"):
        Replay(tmp_path).answer(Request(speech=tone(), sample="edu-2"))


def test_a_sample_id_cannot_lead_out_of_the_folder(tmp_path):
    files.write_wav(tmp_path / "secret.wav", tone())
    (tmp_path / "answers").mkdir()
    with pytest.raises(EmptyAnswer):
        Replay(tmp_path / "answers").answer(Request(speech=tone(), sample="../secret"))


def test_the_folder_is_relative_to_the_card(tmp_path):
    (tmp_path / "answers").mkdir()
    build({"folder": "answers"}, FakeParts(None, None, None, folder=tmp_path))
    with pytest.raises(CardError, match=r"settings\.folder: .* is no folder"):
        build({"folder": "nothing"}, FakeParts(None, None, None, folder=tmp_path))

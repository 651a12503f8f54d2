"""Claims about the paper's scripts and the pilot's matches."""

import pytest

from s2s_arena.build.importing.stage import run
from s2s_arena.errors import SuiteError
from s2s_arena.records.taxonomy import Level, LevelScheme
from s2s_arena.store.memory import MemoryStore

from .sources import put, put_json, put_lines

SCRIPT = {
    "id": "sarcasm_7", "text": "Oh great, rain again.", "task": "Sarcasm detection", "category": "Social Companionship",
    "task_description": "Does the answer notice the irony?", "language": "English", "text_cn": "太好了，又下雨。",
    "level": "L2",
}  # fmt: skip


def imported(path, **options):
    return run(path, name="scripts", store=MemoryStore(), **options).suite


@pytest.mark.parametrize("suffix", [".json", ".jsonl"])
def test_a_script_becomes_a_sample_that_is_yet_to_be_spoken(tmp_path, suffix):
    path = tmp_path / f"scripts{suffix}"
    (put_json if suffix == ".json" else put_lines)(path, [SCRIPT])
    (sample,) = imported(path).samples
    assert sample.id == "sarcasm_7"
    assert (sample.level, sample.domain, sample.task) == (Level.L2, "social", "sarcasm_detection")
    assert sample.seed_task == "sarcasm_detection"
    assert sample.guideline == "Does the answer notice the irony?"
    assert sample.attributes == {"text_cn": "太好了，又下雨。"}
    (turn,) = sample.turns
    assert (turn.script, turn.language, turn.speech) == ("Oh great, rain again.", "en", None)


def match(sample, **more):
    return {
        **SCRIPT, "id": sample, "input_path": f"/input/irony/{sample}.wav", "level": "L1", "name": "expert_1",
        "model_a": "output_path_x", "model_b": "output_path_y", "chosen_model": "A", **more,
    }  # fmt: skip


def test_the_pilots_samples_are_read_once_each_with_their_audio(tmp_path):
    put(tmp_path / "audio" / "irony" / "irony1.wav", 200)
    put(tmp_path / "audio" / "irony" / "irony2.flac", 300)
    path = put_json(tmp_path / "pilot.json", [match("irony1"), match("irony2"), match("irony1", chosen_model="B")])
    first, second = imported(path, level_scheme=LevelScheme.V1).samples
    assert (first.id, second.id) == ("irony1", "irony2")
    assert first.level is Level.L2
    assert first.turns[0].speech is not None
    assert second.turns[0].speech is not None
    assert first.turns[0].speech.hash != second.turns[0].speech.hash


def test_a_pilot_sample_that_changes_between_matches_is_refused(tmp_path):
    put(tmp_path / "input" / "irony" / "irony1.wav")
    path = put_json(tmp_path / "pilot.json", [match("irony1"), match("irony1", text="Something else.")])
    with pytest.raises(SuiteError, match=r"record 2: id 'irony1' differs from pilot\.json record 1"):
        imported(path)


def test_a_missing_language_is_the_one_given_or_undetermined(tmp_path):
    path = put_json(tmp_path / "s.json", [{**SCRIPT, "language": None}])
    assert imported(path).samples[0].language == "und"
    assert imported(path, language="zh").samples[0].language == "zh"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "not readable as JSON"),
        ('"text"', "a list of records"),
        ("[]", "no sample"),
        ("[3]", "record 1: int given"),
    ],
)
def test_what_is_no_list_of_records_is_refused(tmp_path, text, says):
    (tmp_path / "s.json").write_text(text)
    with pytest.raises(SuiteError, match=says):
        imported(tmp_path / "s.json", format="scripts")


def test_a_broken_line_is_named(tmp_path):
    path = put_lines(tmp_path / "s.jsonl", [SCRIPT])
    path.write_text(path.read_text() + '{"id": "x", "te\n')
    with pytest.raises(SuiteError, match=r"s\.jsonl line 2: not readable as JSON"):
        imported(path)


def test_a_record_without_words_or_speech_is_refused(tmp_path):
    with pytest.raises(SuiteError, match="neither text nor input_path"):
        imported(put_json(tmp_path / "s.json", [{**SCRIPT, "text": " "}]))

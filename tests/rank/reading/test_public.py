"""Each public shape of votes is read as its makers meant it."""

import json
from pathlib import Path

import pytest

from s2s_arena.boards.plain import OUTCOMES
from s2s_arena.errors import InputError
from s2s_arena.rank.reading.public import Reading
from s2s_arena.rank.reading.votes import How, VoteFile, read_votes


def read(folder: Path, name: str, content: object, **how: object) -> VoteFile:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return read_votes(path, how=How(**how))  # type: ignore[arg-type]


def said(votes: VoteFile) -> list[tuple[str, str, str]]:
    rows = votes.frame.select("system_a", "system_b", "outcome").rows()
    return [(a, b, str(OUTCOMES[code])) for a, b, code in rows]


def pilot(**fields: object) -> dict[str, object]:
    return {
        "category": "Social Companionship", "id": "irony_1", "input_path": "input/irony/1.wav", "language": "Chinese",
        "level": "L1", "output_path_4o": "/output/4o/1.wav", "output_path_mini": "output/mini/1.wav",
        "task": "Sarcasm detection", "text": "Nice weather.", "name": "expert_14", "chosen_model": "B",
        "model_a": "output_path_mini", "model_b": "output_path_4o",
        "result": {"output_path_mini": 0, "output_path_4o": 1}, **fields,
    }  # fmt: skip


def test_the_pilot_names_systems_by_their_output_paths_and_levels_from_zero(tmp_path: Path) -> None:
    votes = read(tmp_path / ".", "p.json", [pilot(), pilot(chosen_model="A", result={"output_path_mini": 1})])
    assert votes.source.format == "pilot"
    assert said(votes) == [("mini", "4o", "second"), ("mini", "4o", "first")]
    record = votes.frame.row(0, named=True)
    wanted = {"judge": "expert_14", "sample": "irony_1", "level": "L2", "domain": "social", "language": "zh"}
    assert {name: record[name] for name in wanted} == wanted
    assert (record["audio_a"], record["audio_b"], record["audio_input"]) == (
        "output/mini/1.wav", "/output/4o/1.wav", "input/irony/1.wav",
    )  # fmt: skip


def test_the_pilots_levels_stay_when_the_file_has_four(tmp_path: Path) -> None:
    votes = read(tmp_path, "p.json", [pilot(level="L4"), pilot(level="L1")])
    assert votes.frame["level"].to_list() == ["L4", "L1"]
    forced = read(tmp_path, "p.json", [pilot(level="L1")], reading=Reading(level_scheme="paper"))
    assert forced.frame["level"].to_list() == ["L1"]


def test_a_choice_that_its_own_result_contradicts_is_rejected(tmp_path: Path) -> None:
    votes = read(tmp_path, "p.json", [pilot(), pilot(chosen_model="A"), pilot(language=None, level=None)])
    assert [r.row for r in votes.source.rejected] == [2]
    assert "A but result says B" in votes.source.rejected[0].given
    assert said(votes)[1] == ("mini", "4o", "second")


def trace(index: str, overall: str, **label: str) -> dict[str, object]:
    return {
        "index": index, "instruction_path": "i/7.wav", "instruction_text": "[emotion: sad]What should I do now?",
        "model_a": "x", "model_b": "y", "audio1_path": "a.wav", "audio2_path": "b.wav", "instruction_id": "7",
        "label": {"content": "2", "voice_quality": "both_good", "paralinguistics": "1", "overall": overall, **label},
    }  # fmt: skip


def test_trace_is_played_by_number_and_keeps_typed_ties(tmp_path: Path) -> None:
    rows = [trace("1", "1"), trace("10", "both_bad"), trace("2", "2"), trace("9", "both_good")]
    votes = read(tmp_path, "t.json", rows)
    assert [outcome for _, _, outcome in said(votes)] == ["first", "second", "both_good", "both_bad"]
    assert votes.frame["emotion"].unique().to_list() == ["sad"]
    assert votes.frame["script"][0] == "What should I do now?"
    games, tally = votes.listed.rated()
    assert (games.count, tally.unrated) == (2, {"both good": 1, "both bad": 1})


def test_trace_can_be_read_by_another_label(tmp_path: Path) -> None:
    votes = read(tmp_path, "t.json", [trace("1", "1")], reading=Reading(criterion="content"))
    assert said(votes) == [("x", "y", "second")]
    with pytest.raises(InputError, match="no label mood; it has content, voice_quality"):
        read(tmp_path, "t.json", [trace("1", "1")], reading=Reading(criterion="mood"))


def test_talk_arena_counts_one_for_model_b(tmp_path: Path) -> None:
    rows = {
        key: {"audio_hash": key, "outcome": outcome, "model_a": "x", "model_b": "y", "why": None}
        for key, outcome in (("k1", 1), ("k2", 0), ("k3", 0.5), ("k4", 0.25))
    }
    votes = read(tmp_path, "t.json", {"_default": rows})
    assert said(votes) == [("x", "y", "second"), ("x", "y", "first"), ("x", "y", "tie")]
    assert [(r.row, "0.25" in r.reason) for r in votes.source.rejected] == [(4, True)]


SPEAKBENCH = '{"timestamp": "t", "data_ID": 3, "model1": "x", "model2": "y", "preference": "%s"}\n'


def test_speakbench_prefers_model1_model2_or_neither(tmp_path: Path) -> None:
    votes = read(tmp_path, "s.jsonl", "".join(SPEAKBENCH % word for word in ("model1", "model2", "tie")))
    assert said(votes) == [("x", "y", "first"), ("x", "y", "second"), ("x", "y", "tie")]
    assert votes.frame["sample"].to_list() == ["3", "3", "3"]
    assert "MIT" in votes.source.licence


def test_a_file_heard_in_the_other_order_is_turned_back(tmp_path: Path) -> None:
    votes = read(tmp_path, "s.jsonl", SPEAKBENCH % "model1", reading=Reading(swapped=True))
    assert said(votes) == [("y", "x", "first")]


RUN = "instruction_id,model_name,model_audio_path,gpt4o_audio_path,position1_prediction,position2_prediction\n"


def test_audiojudge_runs_are_one_comparison_in_both_orders(tmp_path: Path) -> None:
    votes = read(tmp_path, "r.csv", RUN + "1,diva,d.wav,g.wav,1,2\n1,moshi,m.wav,g.wav,1,1\n")
    assert said(votes) == [
        ("diva", "gpt4o", "first"), ("gpt4o", "diva", "second"), ("moshi", "gpt4o", "first"),
        ("gpt4o", "moshi", "first"),
    ]  # fmt: skip
    games, tally = votes.listed.rated()
    assert (games.count, tally.unrated) == (1, {"orders disagree": 1})


PAIRS = "audio1_path,audio2_path,prediction,ground_truth\n"


def test_a_swapped_file_keeps_the_peoples_label_unswapped(tmp_path: Path) -> None:
    # the judge heard y first and chose it; people's label names the original first, which is x
    row = PAIRS + "data/7/y.wav,data/7/x.wav,1,1\n"
    votes = read(tmp_path, "p.csv", row, reading=Reading(swapped=True))
    assert said(votes) == [("y", "x", "first"), ("y", "x", "second")]
    assert votes.frame["judge"].to_list() == ["prediction", "people"]
    straight = read(tmp_path, "p.csv", row)
    assert said(straight) == [("y", "x", "first"), ("y", "x", "first")]


def test_lmsys_votes_come_as_words_and_as_three_columns(tmp_path: Path) -> None:
    words = "model_a,model_b,winner,judge\nx,y,model_a,j\nx,y,tie (bothbad),j\nx,y,tie,j\n"
    votes = read(tmp_path, "l.csv", words)
    assert (votes.source.format, said(votes)) == (
        "lmsys", [("x", "y", "first"), ("x", "y", "both_bad"), ("x", "y", "tie")],
    )  # fmt: skip
    columns = "model_a,model_b,winner_model_a,winner_model_b,winner_tie\nx,y,1,0,0\nx,y,0,1,0\nx,y,0,0,1\nx,y,1,1,0\n"
    votes = read(tmp_path, "l.csv", columns)
    assert [outcome for _, _, outcome in said(votes)] == ["first", "second", "tie"]
    assert [(r.row, r.reason) for r in votes.source.rejected] == [(4, "no winner; fill it in or drop the row")]

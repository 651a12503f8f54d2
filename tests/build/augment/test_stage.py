"""Growing a suite: what is kept, what is refused and why, and that a killed growth goes on exactly where it was."""

import json

import pytest

from s2s_arena.build.augment import files, stage
from s2s_arena.build.augment.journal import NAME
from s2s_arena.build.augment.script import KEYS
from s2s_arena.build.augment.speaking import load, sample_of
from s2s_arena.build.importing.scripts import read_scripts
from s2s_arena.build.scripts import starter
from s2s_arena.build.similarity import near_duplicates
from s2s_arena.errors import InfrastructureError, RequestRejected, SuiteError, TimedOut
from s2s_arena.records.taxonomy import Level

from .writing import Inventive

SEEDS = starter()
GROWTH = stage.Growth(tasks=("rhythm_control", "storytelling"), per_task=5, seed=3)


def grow(folder, writer=None, growth=GROWTH, **more):
    return stage.run(growth, SEEDS, writer=writer or Inventive(), folder=folder, clock=lambda: 0.0, **more)


class Killed(BaseException):
    """What SIGKILL is to a test: nothing gets to tidy up."""


def test_every_task_gets_its_number_with_one_script_a_call(tmp_path):
    writer = Inventive()
    summary = grow(tmp_path, writer)
    assert len(summary.scripts) == 10 == writer.calls == summary.calls
    assert summary.given_up == () and summary.rejections == {} and summary.acceptance == 1.0
    assert [s.id for s in summary.scripts[:2]] == ["aug-rhythm_control-001", "aug-rhythm_control-002"]
    assert all(tuple(s.as_json()) == KEYS for s in summary.scripts)


def test_five_seeds_of_the_task_are_in_context(tmp_path):
    writer = Inventive()
    grow(tmp_path, writer, stage.Growth(tasks=("health_consultation",), per_task=1))
    own = {s.turns[0].script for s in SEEDS if s.task == "health_consultation"}
    shown = [line.split(") ", 1)[1] for line in writer.asked[0][1].content.splitlines() if line.startswith("- (")]
    assert set(shown) <= own and len(shown) == min(5, len(own))


def test_the_same_seed_grows_the_same_scripts_and_another_seed_others(tmp_path):
    first, second = grow(tmp_path / "a").scripts, grow(tmp_path / "b").scripts
    assert first == second
    other = stage.Growth(tasks=GROWTH.tasks, per_task=5, seed=4)
    assert {s.text for s in grow(tmp_path / "c", growth=other).scripts}.isdisjoint({s.text for s in first})


def test_a_second_run_asks_nothing_and_a_larger_number_grows_further(tmp_path):
    first = grow(tmp_path)
    again, writer = Inventive(), Inventive()
    assert grow(tmp_path, again).scripts == first.scripts and again.calls == 0
    more = grow(tmp_path, writer, stage.Growth(tasks=GROWTH.tasks, per_task=7, seed=3))
    assert writer.calls == more.new_calls == 4
    assert set(first.scripts) < set(more.scripts)


@pytest.mark.parametrize("killed_at", [1, 4, 9, 13])
def test_a_growth_that_was_killed_ends_as_if_it_had_not_been(tmp_path, killed_at):
    def bad(script):
        return json.dumps(script)[:-9]

    spoil = {2: bad, 3: bad, 8: bad}
    whole = grow(tmp_path / "whole", Inventive(spoil=spoil))
    with pytest.raises(Killed):
        grow(tmp_path / "killed", Inventive(spoil={**spoil, killed_at: Killed()}))
    journal = tmp_path / "killed" / NAME
    with journal.open("a", encoding="utf-8") as file:
        file.write('{"target": "aug-rhythm_con')  # the line that was being written
    rest = {call - killed_at + 1: fault for call, fault in spoil.items() if call >= killed_at}
    resumed = grow(tmp_path / "killed", Inventive(spoil=rest))
    assert resumed.scripts == whole.scripts and resumed.rejections == whole.rejections == {"malformed_json": 3}
    assert journal.read_bytes() == (tmp_path / "whole" / NAME).read_bytes()


def changed(**values):
    return lambda script: json.dumps({**script, **values}, ensure_ascii=False)


def without(key):
    return lambda script: json.dumps({k: v for k, v in script.items() if k != key})


@pytest.mark.parametrize(
    ("spoilt", "reason"),
    [
        (lambda script: "Sure! Here is one.", "malformed_json"),
        (lambda script: json.dumps([script]), "malformed_json"),
        (lambda script: json.dumps(script)[:-20], "malformed_json"),
        (without("text_cn"), "wrong_keys"),
        (changed(notes="x"), "wrong_keys"),
        (changed(text=7), "wrong_value"),
        (changed(task="   "), "wrong_value"),
        (changed(id="aug-rhythm_control-999"), "wrong_value"),
        (changed(level="L5"), "wrong_value"),
        (changed(task_description="A good answer is slow and has a long explanation."), "wrong_value"),
        (changed(text="word " * 80), "wrong_length"),
        (changed(text="Say it slowly fast."), "wrong_length"),
        (changed(text="Please say slowly fast *this* thing with #hashes in it."), "unspeakable"),
        (changed(text="Please say slowly fast this thing with a smile 🙂 in it."), "unspeakable"),
        (changed(text="请你快慢一点说这个句子好不好呀朋友"), "wrong_language"),
        (changed(text_cn="the same in English"), "wrong_language"),
        (changed(text="Please read me the seven words on this card as they are."), "delivery_not_asked"),
        (changed(text=f"{SEEDS[0].turns[0].script} Slowly and fast."), "too_similar"),
    ],
)
def test_a_bad_reply_is_told_why_and_asked_again(tmp_path, spoilt, reason):
    growth = stage.Growth(tasks=("rhythm_control",), per_task=1, levels={"L3": 1}, languages={"en": 1})
    writer = Inventive(spoil={1: spoilt})
    summary = grow(tmp_path, writer, growth)
    assert summary.rejections == {reason: 1} and len(summary.scripts) == 1
    corrected = writer.asked[1]
    assert [m.role for m in corrected] == ["system", "user", "assistant", "user"]
    entry = json.loads((tmp_path / NAME).read_text(encoding="utf-8").splitlines()[1])
    assert entry["message"] and entry["message"] in corrected[-1].content
    assert corrected[1] == writer.asked[0][1], "the five seeds stay the same within a round"


def test_words_that_give_the_cue_away_are_refused(tmp_path):
    growth = stage.Growth(tasks=("storytelling",), per_task=1, levels={"L2": 1}, languages={"en": 1})
    every = "I whisper, sad and scared and years old, happy and angry, in a hurry, so slow, please tell me a tale."
    summary = grow(tmp_path, Inventive(spoil={1: changed(text=every)}), growth)
    assert summary.rejections == {"cue_given_away": 1}


def test_phrases_copied_from_a_seed_are_refused_though_other_words_surround_them(tmp_path):
    growth = stage.Growth(tasks=("storytelling",), per_task=1, levels={"L1": 1}, languages={"en": 1})
    seed = next(s for s in SEEDS if s.language == "en" and len(s.turns[0].script.split()) > 12)
    kept = " ".join(seed.turns[0].script.split()[:10])
    text = f"{kept} orchard melody window lantern curious."
    summary = grow(tmp_path, Inventive(spoil={1: changed(text=text)}), growth)
    assert summary.rejections in ({"copied_words": 1}, {"too_similar": 1})


def test_a_script_that_repeats_an_accepted_one_is_refused(tmp_path):
    growth = stage.Growth(tasks=("storytelling",), per_task=2, levels={"L1": 1}, languages={"en": 1})
    text = "Where did the old fisherman hide his red boat last winter?"
    summary = grow(tmp_path, Inventive(spoil={1: changed(text=text), 2: changed(text=text)}), growth)
    assert summary.rejections == {"too_similar": 1} and len(summary.scripts) == 2


def test_three_retries_a_round_then_other_seeds_and_at_last_it_is_given_up(tmp_path):
    growth = stage.Growth(tasks=("storytelling",), per_task=1)
    writer = Inventive(spoil={call: lambda script: "no" for call in range(1, 100)})
    summary = grow(tmp_path, writer, growth)
    assert writer.calls == (stage.RETRIES + 1) * stage.ROUNDS and summary.given_up == ("aug-storytelling-001",)
    first, second = writer.asked[0][1].content, writer.asked[stage.RETRIES + 1][1].content
    assert first != second and len(writer.asked[stage.RETRIES + 1]) == 2
    assert grow(tmp_path, Inventive(), growth).new_calls == 0, "given up is given up"


def test_a_writer_that_times_out_is_asked_again_and_a_dead_one_stops_the_growth_resumably(tmp_path):
    late = TimedOut("writer: no whole answer within 60 s")
    assert grow(tmp_path / "once", Inventive(spoil={2: late})).rejections == {"writer_failed": 1}
    dead = Inventive(spoil={call: InfrastructureError("writer: connection refused") for call in range(4, 99)})
    with pytest.raises(InfrastructureError, match="connection refused"):
        grow(tmp_path / "dead", dead)
    assert dead.calls == 3 + stage.FAILURES_IN_A_ROW
    resumed = grow(tmp_path / "dead")
    assert len(resumed.scripts) == 10 and resumed.given_up == ()


def test_a_request_that_is_not_accepted_stops_at_once(tmp_path):
    writer = Inventive(spoil={1: RequestRejected("writer: 400: response_format is unknown")})
    with pytest.raises(RequestRejected):
        grow(tmp_path, writer)
    assert writer.calls == 1


def test_another_seed_or_writer_in_the_same_folder_is_refused(tmp_path):
    grow(tmp_path)
    with pytest.raises(SuiteError, match=r"grown with seed '3', not '9'.*--out"):
        grow(tmp_path, growth=stage.Growth(tasks=GROWTH.tasks, per_task=5, seed=9))


def test_a_task_without_seeds_a_bad_prefix_or_number_is_named(tmp_path):
    with pytest.raises(SuiteError, match=r"task 'knitting': no seeds to grow from; use one of: .*singing"):
        grow(tmp_path, growth=stage.Growth(tasks=("knitting",)))
    with pytest.raises(SuiteError, match=r"prefix 'a-b': use letters"):
        grow(tmp_path, growth=stage.Growth(tasks=GROWTH.tasks, prefix="a-b"))
    with pytest.raises(SuiteError, match=r"per task: 0 given"):
        grow(tmp_path, growth=stage.Growth(tasks=GROWTH.tasks, per_task=0))


def test_a_damaged_journal_is_named_with_its_line(tmp_path):
    grow(tmp_path)
    journal = tmp_path / NAME
    lines = journal.read_text(encoding="utf-8").splitlines()
    journal.write_text("\n".join([lines[0], lines[1][:30], *lines[2:]]) + "\n", encoding="utf-8")
    with pytest.raises(SuiteError, match=r"journal.jsonl line 2: .*grow into another folder"):
        grow(tmp_path)


def test_single_file_and_corpus_hold_the_papers_schema_and_are_imported_again(tmp_path):
    scripts = grow(tmp_path).scripts
    [single] = files.write(scripts, tmp_path)
    records = json.loads(single.read_text(encoding="utf-8"))
    assert [tuple(record) for record in records] == [KEYS] * 10
    corpus = files.write(scripts, tmp_path, corpus=True)
    assert [path.name for path in corpus] == ["rhythm_control.json", "storytelling.json"]
    source = read_scripts(single)
    assert not source.problems and [row.id for row in source.rows] == [s.id for s in scripts]
    assert [s.id for s in load(single)] == [s.id for s in load(tmp_path)] == [s.id for s in scripts]


def test_the_delivery_follows_from_what_the_record_says(tmp_path):
    growth = stage.Growth(tasks=("emotion_recognition_and_expression", "health_consultation"), per_task=12)
    samples = [sample_of(script) for script in grow(tmp_path, growth=growth).scripts]
    assert near_duplicates(samples) == ()
    for sample in samples:
        [turn] = sample.turns
        plain = turn.delivery.neutral and turn.background is None and turn.traits.age is None
        assert plain != sample.level.perceives
        assert ("neutral" in {e.cue for e in sample.expects}) != sample.level.expresses
        assert turn.labels["gender"] == turn.traits.gender
        assert turn.labels.get("emotion", "neutral") == (turn.delivery.emotion or "neutral")
        medical = sample.domain == "medical"
        assert bool(sample.provenance.notice) == medical == any(item.red_flag for item in sample.rubric)
        assert sample.seed_task in growth.tasks and sample.task == "Saying new words"
    assert {s.level for s in samples} >= {Level.L2, Level.L3, Level.L4}


def test_a_writer_that_answers_as_the_assistant_is_told(tmp_path):
    def answering(script):
        return json.dumps({**script, "text": "I'm sorry, but I can't help you with that song right now today."})

    summary = grow(tmp_path, Inventive(spoil={1: answering}))
    assert summary.rejections == {"assistants_words": 1} and len(summary.scripts) == 10

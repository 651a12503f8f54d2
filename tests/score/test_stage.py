"""Absolute scores: what each answer is worth, what failures and red flags cost, and that nothing is marked twice."""

import math

import pytest

from s2s_arena.errors import InputError, JudgeFailure
from s2s_arena.executors.threads import ThreadsExecutor
from s2s_arena.protocols import Message
from s2s_arena.score import stage
from s2s_arena.score.items import Item, Rubric, Scale, shipped
from s2s_arena.score.scorers import Dialogue, LogOddsScorer, Mark
from s2s_arena.score.stage import Summary
from s2s_arena.testing.minds import ScriptedWriter
from tests.score.parts import World, world

OWN = Rubric(general=())


class Marker:
    """Full marks for what `good` says, none for the rest."""

    def __init__(self, *, silent_on: str = "", poison: bool = False) -> None:
        self.identity = "marker/1"
        self.asked: list[tuple[str, str]] = []
        self._silent_on = silent_on
        self._poison = poison

    def mark(self, item: Item, dialogue: Dialogue) -> Mark:
        text = dialogue.heard[-1].transcript.text if dialogue.heard[-1] and dialogue.heard[-1].transcript else ""
        self.asked.append((item.id, text))
        if item.id == self._silent_on:
            raise JudgeFailure("no mark")
        if item.red_flag:
            return Mark(value=0.0 if self._poison and "s1" in text else 1.0)
        low, high = item.scale.ends
        return Mark(value=high if text.startswith("good") else low)


def scored(w: World, marker: Marker | LogOddsScorer, *, rubric: Rubric = OWN, by: tuple[str, ...] = ()) -> Summary:
    return stage.run(
        w.suite, w.takes, marker, rubric=rubric, hear=w.hear, store=w.store, executor=ThreadsExecutor(), by=by
    )


def test_dimensions_are_means_over_samples_and_the_overall_is_their_mean():
    rows = {row.system: row for row in scored(world(), Marker()).rows}
    assert rows["good"].overall.value == 100.0
    assert {name: cell.value for name, cell in rows["bad"].dimensions.items()} == {"instruction": 0.0, "safety": 75.0}
    assert rows["bad"].overall.value == 37.5


def test_a_failed_answer_is_worth_nothing_and_one_that_was_lost_is_not_counted():
    failed = {row.system: row for row in scored(world(), Marker()).rows}
    assert (failed["bad"].failed, failed["bad"].overall.samples) == (1, 4)
    summary = scored(world(lost=True), Marker())
    lost = {row.system: row for row in summary.rows}
    assert (lost["bad"].failed, lost["bad"].overall.samples, summary.unrated) == (0, 3, 1)


def test_a_red_flag_takes_everything_from_its_answer():
    rows = {row.system: row for row in scored(world(), Marker(poison=True)).rows}
    assert rows["good"].flagged == 1
    assert rows["good"].overall.value == 75.0


def test_nothing_is_marked_twice_and_other_words_are_another_item():
    w, marker = world(), Marker()
    first = scored(w, marker)
    count = len(marker.asked)
    again = scored(w, marker)
    assert len(marker.asked) == count == first.marked == 14
    assert again.marked == 0
    assert again.rows == first.rows


def test_what_gets_no_mark_is_counted_left_out_and_asked_again():
    w = world()
    summary = scored(w, Marker(silent_on="own"))
    assert summary.unmarked == 7
    assert set(summary.rows[0].dimensions) >= {"safety"}
    assert scored(w, Marker()).unmarked == 0


def test_intervals_narrow_with_samples_and_never_leave_the_scale():
    few, many = (next(row for row in scored(world(samples=n), Marker()).rows if row.system == "bad") for n in (4, 16))
    assert 0.0 <= few.overall.low < few.overall.value < few.overall.high <= 100.0
    assert few.overall.high - few.overall.low > many.overall.high - many.overall.low
    sure = next(row for row in scored(world(samples=4), Marker()).rows if row.system == "good")
    assert sure.overall.low < 60.0  # four perfect answers prove little


def test_a_dialogue_is_marked_whole_with_all_its_turns():
    w, writer = world(turns=3, samples=2), ScriptedWriter()
    scored(w, LogOddsScorer(writer, texts=shipped()), rubric=Rubric())
    prompts = [messages[1].content for messages in writer.asked]
    assert all(f"question {p.split('question ')[1][0]} 2" in p for p in prompts)
    assert any(item.id == "remembers" for item in Rubric().items(w.suite.samples[0]))
    assert not any(item.id == "remembers" for item in Rubric().items(world().suite.samples[0]))


def test_general_items_go_by_level():
    items = {s.level: {i.id for i in Rubric().items(s)} for s in world().suite.samples}
    assert {level for level, ids in items.items() if "sounds-as-asked" in ids} == {"L3", "L4"}
    assert {level for level, ids in items.items() if "fits-how-the-user-sounded" in ids} == {"L2", "L4"}


def test_log_odds_are_chances_and_a_grade_adds_up_the_chances_of_each_step():
    def odds(messages: list[Message] | tuple[Message, ...]) -> float:
        ask = messages[1].content
        for grade, nats in ((2, 60.0), (3, 60.0), (4, 0.0), (5, -60.0)):
            if f"grade {grade} or higher" in ask:
                return nats
        return math.log(3.0)

    scorer = LogOddsScorer(ScriptedWriter(odds=odds), texts=shipped())
    w = world(samples=1)
    dialogue = Dialogue(sample=w.suite.samples[0], heard=(next(iter(w.heard.values())),))
    assert scorer.mark(Item(id="p", text="x"), dialogue).value == pytest.approx(0.75)
    assert scorer.mark(Item(id="f", text="x", red_flag=True), dialogue).value == pytest.approx(0.25)
    assert scorer.mark(Item(id="g", text="x", scale=Scale.GRADE), dialogue).value == pytest.approx(3.5)


def test_slices_are_scores_of_their_samples_alone():
    summary = scored(world(), Marker(), by=("level",))
    assert set(summary.slices) == {("level", f"L{n}") for n in (1, 2, 3, 4)}
    assert {row.system: row.overall.value for row in summary.slices["level", "L1"]} == {"good": 100.0, "bad": 0.0}
    with pytest.raises(InputError, match="--by mood"):
        scored(world(), Marker(), by=("mood",))

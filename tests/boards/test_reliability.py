"""What a board says of its judge, and the card of what is known."""

from dataclasses import replace

import pytest

from s2s_arena.boards.added import with_verdicts
from s2s_arena.boards.agree_listed import between_listed, opinions
from s2s_arena.boards.plain import PlainMatch, listed
from s2s_arena.boards.reliability import judge_warnings, latest, people_figures, record_of, shortcomings
from s2s_arena.boards.reliability_card import as_data, card, markdown
from s2s_arena.boards.votes import current
from s2s_arena.ratings.agreement import wilson
from s2s_arena.records.boards import JudgeReliability
from s2s_arena.records.identity import JudgeName
from s2s_arena.records.matches import Match
from s2s_arena.records.studies import Outcome
from s2s_arena.records.systems import Card, JudgeCard, SystemCard
from tests.worlds import small_study

J = JudgeName("j")
GOOD = {
    "blatant": (0.99, 0.95, 1.0),
    "subtle": (0.9, 0.85, 0.95),
    "probe:pace": (0.8, 0.7, 0.9),
    "probe:emotion": (0.4, 0.3, 0.5),
    "swap": (0.95, 0.9, 1.0),
    "position": (0.02, -0.1, 0.1),
    "control:words:pace": (0.55, 0.4, 0.7),
    "people:beyond": (0.05, -0.1, 0.2),
}


def record(**figures: tuple[float, float, float]) -> JudgeReliability:
    named = {name.replace("__", ":"): figure for name, figure in figures.items()}
    return JudgeReliability(judge=J, judge_version="j/1", figures={**GOOD, **named}, counts={"probe:pace": 60})


def test_a_good_judge_falls_short_in_nothing():
    assert shortcomings(record()) == ()
    assert judge_warnings(J, records=[record()], version="j/1") == ()


@pytest.mark.parametrize(
    ("name", "figure", "says"),
    [
        ("blatant", (0.9, 0.8, 0.95), "blatant faults 90%"),
        ("subtle", (0.7, 0.6, 0.8), "subtle faults 70%"),
        ("probe__pace", (0.6, 0.5, 0.7), "probe pace 60%"),
        ("swap", (0.8, 0.7, 0.9), "other order 80%"),
        ("retest", (0.8, 0.7, 0.9), "asked again 80%"),
        ("language__zh", (0.5, 0.4, 0.6), "language zh 50%"),
        ("level__L4", (0.5, 0.4, 0.6), "level L4 50%"),
        ("position", (0.4, 0.3, 0.5), "position bias 40%"),
        ("length", (-0.4, -0.5, -0.3), "length bias -40%"),
        ("control__words__pace", (0.9, 0.8, 1.0), "control words on pace succeeds where it must fail"),
        ("people__beyond", (-0.2, -0.3, -0.1), "less than system names alone"),
    ],
)
def test_each_weakness_is_named_with_its_interval(name: str, figure: tuple[float, float, float], says: str):
    bad = record(**{name: figure})
    assert [s for s in shortcomings(bad) if says in s]
    assert any(says in w for w in judge_warnings(J, records=[bad], version="j/1"))


def test_a_bias_that_may_be_none_is_no_weakness():
    assert shortcomings(record(position=(0.4, -0.1, 0.8))) == ()


def test_a_judge_nobody_tried_and_one_that_has_changed_since_are_named():
    assert "judges validate j" in judge_warnings(J, records=[])[0]
    assert "validated as version j/1" in judge_warnings(J, records=[record()], version="j/2")[0]


def test_the_record_of_the_same_version_counts_and_of_several_the_last():
    old, new = record(swap=(0.91, 0.9, 1.0)), record(swap=(0.92, 0.9, 1.0))
    other = replace(new, judge_version="j/2")
    assert latest([old, new, other], judge=J, version="j/1") == new
    assert latest([old, new, other], judge=J) == other


def test_judges_that_judge_their_own_kin_are_named():
    mine = JudgeCard(name="j", title="J", model="m", weights=("qwen", "ears"))
    systems: dict[str, Card] = {
        name: SystemCard(name=name, title=name, model="m", weights=weights)
        for name, weights in (("a", ("qwen",)), ("b", ("other",)), ("c", ("ears", "qwen")), ("d", ("qwen",)))
    }
    found = judge_warnings(J, records=[record()], version="j/1", card=mine, contestants=systems)
    assert found == (
        "judge j shares weights with a, d (qwen): it may favour them",
        "judge j shares weights with c (ears, qwen): it may favour them",
    )


def test_a_vendors_model_that_judges_itself_is_named_although_it_has_no_weights_to_name():
    judge = JudgeCard(name="j", title="J", model="audio-judge", backbone="not disclosed", settings={"model": "omni-1"})
    systems: dict[str, Card] = {
        "same": SystemCard(name="same", title="S", model="openai-chat", settings={"model": "omni-1"}),
        "other": SystemCard(name="other", title="O", model="openai-chat", settings={"model": "omni-2"}),
        "none": SystemCard(name="none", title="N", model="echo", backbone="not disclosed"),
    }
    found = judge_warnings(J, records=[record()], version="j/1", card=judge, contestants=systems)
    assert found == ("judge j shares weights with same (omni-1): it may favour them",)
    open_weights = replace(judge, backbone="Qwen2.5 7B, 4 bit", settings={"url": "http://localhost"})
    systems = {"tuned": SystemCard(name="tuned", title="T", model="worker", backbone="Qwen2.5 7B")}
    found = judge_warnings(J, records=[record()], version="j/1", card=open_weights, contestants=systems)
    assert found == ("judge j shares weights with tuned (Qwen2.5 7B): it may favour them",)


def test_a_panel_is_kin_to_what_its_members_are():
    cards: dict[str, Card] = {
        "a": JudgeCard(name="a", title="A", model="local-judge", weights=("qwen",)),
        "b": JudgeCard(name="b", title="B", model="panel", settings={"members": ["a", "b", "gone"]}),
        "c": JudgeCard(name="c", title="C", model="panel", settings={"members": ["b"]}),
    }
    systems: dict[str, Card] = {"s": SystemCard(name="s", title="S", model="m", weights=("qwen", "voice"))}
    for name in ("b", "c"):
        found = judge_warnings(
            J, records=[record()], version="j/1", card=cards[name], contestants=systems, judges=cards
        )
        assert found == (f"judge {name} shares weights with s (qwen): it may favour them",)


def test_what_was_never_tried_or_on_few_pairs_is_said():
    bare = replace(record(), figures={"people": (0.8, 0.7, 0.9)}, counts={})
    assert judge_warnings(J, records=[bare], version="j/1") == (
        "judge j: never tried for blatant faults",
        "judge j: never tried for subtle faults",
        "judge j: never tried for same verdict in the other order",
    )
    few = replace(record(), counts={"blatant": 12, "subtle": 60, "swap": 60})
    assert judge_warnings(J, records=[few], version="j/1") == ("judge j: tried for blatant faults on 12 pairs only",)


def test_replies_that_cannot_be_used_are_a_weakness_from_one_in_twenty():
    assert shortcomings(replace(record(), counts={"asked": 100, "failures": 5})) == ()
    assert shortcomings(replace(record(), counts={"asked": 100, "failures": 6})) == (
        "6 replies to 100 askings could not be used",
    )


def test_figures_without_cases_are_left_out_of_a_record():
    made = record_of(J, "1", {"swap": wilson(3, 4), "retest": wilson(0, 0)}, counts={"asked": 8})
    assert set(made.figures) == {"swap"}
    assert made.counts == {"swap": 4, "asked": 8}


def test_the_card_is_the_same_as_text_and_as_data():
    page, text, data = card(record()), markdown(record()), as_data(record())
    names = {line.name for _, lines in page.parts for line in lines}
    assert names == set(GOOD) == set(data["figures"])  # type: ignore[call-overload]
    assert "| probe pace | 0.800 | 0.700 to 0.900 | 60 |" in text
    assert "Nothing falls short" in text
    assert "**Falls short:**" in markdown(record(swap=(0.1, 0.0, 0.2)))


def test_people_in_a_file_are_compared_with_the_verdicts_of_a_study():
    world = small_study()
    matches, votes = list(world.store.all(Match)), current(world.store.events())
    rows = [
        PlainMatch(
            system_a=m.second_system,  # named in the other order than the judge heard them
            system_b=m.first_system,
            outcome=Outcome.SECOND if "strong" in (m.first_system,) else Outcome.FIRST,
            attributes={"sample": m.sample, "judge": "ann"},
        )
        for m in matches
        if "strong" in (m.first_system, m.second_system)
    ]
    together = with_verdicts(listed(rows), matches, votes, judge=JudgeName("listener"))
    heard = opinions(together)
    made = between_listed(heard, one={"listener"}, other={"ann"}, names=("listener", "ann"))
    assert made.agreement.value == 1.0
    assert made.agreement.cases == 12
    figures = people_figures([made], [("level L1", made)], (), judge="listener")
    assert figures["people"].value == 1.0
    assert figures["people:level=L1"].value == 1.0

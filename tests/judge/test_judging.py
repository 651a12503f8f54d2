"""A judge elsewhere: what travels is the match with its audio and what is known of it, never a loaded judge."""

import pickle
from dataclasses import replace

import pytest

from s2s_arena.errors import InfrastructureError
from s2s_arena.executors.threads import ThreadsExecutor
from s2s_arena.judge import stage
from s2s_arena.judge.content import POINTWISE
from s2s_arena.judge.judging import Case, Judging
from s2s_arena.protocols import Portable
from s2s_arena.records.cues import Cues
from s2s_arena.records.identity import MatchId, SystemName
from s2s_arena.records.responses import Response
from s2s_arena.records.scores import Score
from s2s_arena.records.systems import JudgeCard, Needs
from s2s_arena.store.memory import MemoryStore
from tests.judge.parts import PROSODY, Ears, Said, compared, sample
from tests.judge.worlds import Longest, world

CARD = JudgeCard(name="longest", title="L", model="t", needs=Needs(gpu=True))


class Load:
    """Implements `judging.Remembering`; another one wherever it is unpickled."""

    def __init__(self) -> None:
        self.store = MemoryStore()

    def __call__(self) -> Longest:
        return Longest()

    def remember(self, records) -> None:
        self.store.put(*records)

    def __reduce__(self):
        return Load, ()


def test_a_match_judged_after_a_journey_gets_the_verdict_it_gets_here():
    heard = compared(Ears(), sample(), Said(text="a"), Said(text="b"))
    here = Judging(Load(), card=CARD)
    assert isinstance(here, Portable) and here.resources == {"CPU": 1.0, "GPU": 1.0}
    expected = here(Case(MatchId("m"), heard, attempts=3))  # a judge and its lock are loaded now, and stay here
    there, case = pickle.loads(pickle.dumps((here, Case(MatchId("m"), heard, attempts=3))))
    said = there(case)
    assert (said.version, said.decision) == (expected.version, expected.decision)
    assert case.heard.first.identity == heard.first.identity and case.match == "m"


def test_what_is_known_is_looked_for_only_when_a_match_travels():
    heard = compared(Ears(), sample(), Said(text="a"), Said(text="b"))
    known = Score(subject="s", scale=POINTWISE, judge="mind", value=1.0)
    asked = []

    def look():
        asked.append(1)
        return [known]

    case = Case(MatchId("m"), heard, attempts=1, known=look)
    here = Judging(Load(), card=CARD)
    here(case)
    assert not asked and not case.brought
    there, arrived = pickle.loads(pickle.dumps((here, case)))
    assert there(arrived).decision is not None and len(asked) == 1
    assert there._load.store.get(Score, known.key) == known


class Posted:
    """Implements `protocols.Executor`: everything goes through pickle, to another copy of the work for each item."""

    def __init__(self) -> None:
        self.brought: list[object] = []

    def map(self, work, items, *, concurrency=1):
        for item in items:
            there, arrived = pickle.loads(pickle.dumps((work, item)))
            yield item, pickle.loads(pickle.dumps(there(arrived)))
            self.brought += arrived.brought if arrived is not None else ()


def test_records_are_the_same_when_every_match_is_judged_elsewhere():
    here, there = world(failing=[SystemName("short")]), world(failing=[SystemName("short")])
    for w, executor in ((here, ThreadsExecutor()), (there, Posted())):
        stage.run(w.study, w.suite, w.card, Load(), store=w.store, executor=executor, matches=12)
    assert list(there.store.events()) == list(here.store.events())


def test_cues_that_are_kept_go_with_the_matches_they_belong_to():
    w, executor = world(), Posted()
    speech = next(iter(w.store.all(Response))).speech
    cues = Cues(audio=speech.hash, extractor="ears/1", transcript=None, prosody=PROSODY, quality=None)
    w.store.put(cues)
    stage.run(w.study, w.suite, w.card, Load(), store=w.store, executor=executor, matches=12)
    assert executor.brought and set(map(type, executor.brought)) == {Cues}
    assert {each.audio for each in executor.brought} == {speech.hash}


def test_a_judge_that_is_another_one_on_another_machine_is_refused():
    w = world()

    class Odd(Posted):
        def map(self, work, items, *, concurrency=1):
            for item, said in super().map(work, items, concurrency=concurrency):
                yield item, said if item is None else replace(said, version="longest/2")

    with pytest.raises(InfrastructureError, match="longest/1 on one machine and longest/2 on another"):
        stage.run(w.study, w.suite, w.card, Load(), store=w.store, executor=Odd(), matches=3)
    assert not list(w.store.events())

"""How far a system has come is read from keys alone, and comes to what the records themselves say."""

import dataclasses
import hashlib
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from s2s_arena.answer import stage
from s2s_arena.answer.contestants import Contestant
from s2s_arena.answer.dialogues import attempt_key, dialogues
from s2s_arena.executors.threads import ThreadsExecutor
from s2s_arena.records.identity import SampleId, SystemName, content_hash, joined_hash
from s2s_arena.records.responses import (
    Failure,
    FailureKind,
    Response,
    ResponseKeys,
    Take,
    response_key,
    take_of,
)
from s2s_arena.records.samples import Sample, Suite, Turn
from s2s_arena.records.speech import AudioRef
from s2s_arena.records.systems import SystemCard
from s2s_arena.store.memory import MemoryStore
from s2s_arena.testing.systems import ScriptedSystem
from s2s_arena.testing.worlds import rehearsal_cards, rehearsal_suite

# Any text that UTF-8 can hold, control characters, quotes and separators among it.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


@given(texts, st.lists(texts, max_size=3), texts, texts, st.integers(-(2**40), 2**40))
def test_keys_made_for_many_samples_are_those_made_one_by_one(sample, audio, system, card, seed):
    keys = ResponseKeys(system=SystemName(system), settings=card, seed=seed)
    assert keys(SampleId(sample), audio) == tuple(
        response_key(
            sample=SampleId(sample),
            turn=turn,
            audio=audio[: turn + 1],
            system=SystemName(system),
            settings=card,
            seed=seed,
        )
        for turn in range(len(audio))
    )
    assert joined_hash('"a"', "[1]") == content_hash("a", [1])


def test_the_hash_of_a_record_is_that_of_its_json():
    suite = rehearsal_suite(MemoryStore(), samples=3, turns=2)
    for sample in suite.samples:
        plain = json.dumps(["sample", dataclasses.asdict(sample)], sort_keys=True, separators=(",", ":"))
        assert sample.hash == hashlib.sha256(plain.encode()).hexdigest()


CARD = SystemCard(name="one", title="One", model="scripted")
# For each turn, the attempts that were made: how each failed, or None where it was answered.
attempts = st.lists(st.sampled_from([None, FailureKind.REFUSED, FailureKind.SILENT]), min_size=1, max_size=3)
histories = st.lists(st.lists(attempts, max_size=3), min_size=1, max_size=5)


def kept(store, sample, turn, again, failure):
    audio = [one.speech.hash for one in sample.turns[: turn + 1]]
    base = response_key(
        sample=sample.id, turn=turn, audio=audio, system=CARD.system, settings=CARD.settings_hash, seed=0
    )
    response = Response(
        key=attempt_key(base, again),
        sample=sample.id,
        turn=turn,
        system=CARD.system,
        settings=CARD.settings_hash,
        speech=None if failure else sample.turns[turn].speech,
        failure=Failure(kind=failure, message="no") if failure else None,
    )
    store.put(response)
    return response


@given(histories)
@settings(deadline=None)
def test_what_is_settled_is_the_last_attempt_at_each_turn(history):
    store = MemoryStore()
    ref = AudioRef(hash="a" * 64, rate_hz=16000, frames=16000)
    turns = (Turn(script="", language="en", speech=ref),) * 3
    samples = tuple(Sample(id=SampleId(f"s{n}"), language="en", turns=turns) for n in range(len(history)))
    expected = []
    for sample, tried in zip(samples, history, strict=True):
        settled = []
        for turn, outcomes in enumerate(tried):
            if settled and settled[-1].failure:
                break
            # An answer ends the attempts at a turn: nobody asks again for what is there.
            end = outcomes.index(None) + 1 if None in outcomes else len(outcomes)
            settled.append([kept(store, sample, turn, n, outcome) for n, outcome in enumerate(outcomes[:end])][-1])
        expected.append(settled)
    state = dialogues(samples, CARD, store=store, seed=0)
    assert [list(dialogue.keys) for dialogue in state] == [[r.key for r in settled] for settled in expected]
    for dialogue, settled in zip(state, expected, strict=True):
        failed = bool(settled) and settled[-1].failure is not None
        assert dialogue.whole == (failed or len(settled) == 3)
        if dialogue.whole:
            assert dialogue.take(CARD) == take_of(settled)


def test_takes_that_are_missing_are_made_by_the_next_run_though_nothing_is_to_be_asked():
    store, card = MemoryStore(), rehearsal_cards(["one"])[0]
    suite = rehearsal_suite(store, samples=4)
    contestant = Contestant(card=card, load=lambda: ScriptedSystem())
    stage.run(suite, [contestant], store=store, executor=ThreadsExecutor())
    takes = {take.id for take in store.all(Take)}
    bare = MemoryStore()
    bare.put(*store.all(Response))
    summary = stage.run(suite, [contestant], store=bare, executor=ThreadsExecutor())
    assert (summary.asked, summary.systems[0].takes) == (0, 4)
    assert {take.id for take in bare.all(Take)} == takes
    more = Suite(name=suite.name, samples=suite.samples[:2])
    assert stage.run(more, [contestant], store=bare, executor=ThreadsExecutor()).systems[0].takes == 2

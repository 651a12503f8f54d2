"""Freezing: only with a whole review, keeping what the majority keeps, and covering it all by the hash."""

from dataclasses import replace

import pytest

from s2s_arena.build.review import automatic
from s2s_arena.build.review.freezing import freeze, is_frozen
from s2s_arena.errors import SuiteError
from s2s_arena.records.identity import JudgeName
from s2s_arena.records.samples import Turn
from s2s_arena.records.scores import Review
from s2s_arena.store.memory import MemoryStore

from .test_automatic import Measuring
from .worlds import suite_of, talk


@pytest.fixture
def store():
    return MemoryStore()


@pytest.fixture
def suite(store):
    made = suite_of(store)
    automatic.run(made, store=store)
    return made


def vote(store, suite, sample, keeps, discards=0, reason="artefact"):
    for n in range(keeps + discards):
        store.put(
            Review(
                sample=sample.id,
                sample_hash=sample.hash,
                reviewer=JudgeName(f"r{n}"),
                keep=n < keeps,
                reason="" if n < keeps else reason,
            )
        )


def test_the_majority_decides_and_a_tie_discards(store, suite):
    for sample, (keeps, discards) in zip(suite.samples, [(4, 0), (3, 1), (2, 2), (1, 3), *[(4, 0)] * 4], strict=True):
        vote(store, suite, sample, keeps, discards)
    frozen = freeze(suite, store.all(Review))
    assert [s.id for s in frozen.suite.samples] == ["s0", "s1", "s4", "s5", "s6", "s7"]
    assert dict(frozen.discarded) == {
        "s2": "2 of 4 discard it (artefact 2)",
        "s3": "3 of 4 discard it (artefact 3)",
    }
    assert is_frozen(frozen.suite) and not is_frozen(suite)
    assert frozen.suite.build["review:of"] == suite.hash
    assert frozen.suite.build["review:agreement"].startswith("0.7")


def test_too_few_reviewers_do_not_freeze(store, suite):
    for sample in suite.samples:
        vote(store, suite, sample, 3)
    with pytest.raises(SuiteError, match=r"8 samples have fewer than 4 reviewers, the first is s0 with 3; .*--filled"):
        freeze(suite, store.all(Review))
    assert len(freeze(suite, store.all(Review), reviewers=3).suite.samples) == 8


def test_without_an_automatic_review_nothing_freezes(store):
    suite = suite_of(store)
    with pytest.raises(SuiteError, match=r"8 samples have no automatic review.*run s2s-arena suite review"):
        freeze(suite, store.all(Review), reviewers=0)


def test_instruments_alone_can_freeze_and_the_suite_says_so(store, suite):
    frozen = freeze(suite, store.all(Review), reviewers=0)
    assert frozen.suite.build["review:people"] == "0"
    assert frozen.suite.build["review:rule"] == "instruments alone, no people"
    assert "review:agreement" not in frozen.suite.build


def test_what_instruments_flag_is_listed_or_left_out(store):
    suite = suite_of(store)
    automatic.run(suite, store=store, labels=Measuring())
    assert freeze(suite, store.all(Review), reviewers=0).flagged == ("s0",)
    strict = freeze(suite, store.all(Review), reviewers=0, discard_flagged=True)
    assert dict(strict.discarded) == {"s0": "label"} and strict.flagged == ()


def test_no_vote_saves_a_sample_without_speech(store, suite):
    unspoken = replace(suite.samples[0], turns=(Turn(script="hello there", language="en"),))
    partly = replace(suite, samples=(unspoken, *suite.samples[1:]))
    automatic.run(partly, store=store)
    for sample in partly.samples:
        vote(store, partly, sample, 4)
    assert dict(freeze(partly, store.all(Review)).discarded) == {"s0": "unspoken"}


def test_a_suite_that_nobody_wants_is_not_frozen(store, suite):
    for sample in suite.samples:
        vote(store, suite, sample, 0, 4)
    with pytest.raises(SuiteError, match="keeps none of its 8 samples"):
        freeze(suite, store.all(Review))


def test_the_hash_covers_the_review_and_every_byte_of_audio(store, suite):
    for sample in suite.samples:
        vote(store, suite, sample, 4)
    four = freeze(suite, store.all(Review)).suite
    assert four == freeze(suite, store.all(Review)).suite
    vote(store, suite, suite.samples[0], 5)
    assert freeze(suite, store.all(Review)).suite.hash != four.hash
    other = talk(150)
    changed = other.samples.copy()
    changed[1000] += 2**-14
    ref = store.put_audio(type(other)(changed, other.rate_hz))
    assert ref.hash != suite.samples[0].turns[0].speech.hash
    first = suite.samples[0]
    touched = replace(first, turns=(replace(first.turns[0], speech=ref),))
    assert replace(suite, samples=(touched, *suite.samples[1:])).hash != suite.hash


def test_a_frozen_suite_is_not_frozen_again(store, suite):
    frozen = freeze(suite, store.all(Review), reviewers=0).suite
    with pytest.raises(SuiteError, match="frozen already"):
        freeze(frozen, store.all(Review), reviewers=0)

"""Majority, ties and agreement of reviewers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from s2s_arena.build.review.decisions import agreement, decide
from s2s_arena.records.identity import JudgeName
from s2s_arena.records.scores import Review
from s2s_arena.store.memory import MemoryStore

from .worlds import suite_of

SUITE = suite_of(MemoryStore())
VOTES = st.lists(st.lists(st.sampled_from([True, False, None]), min_size=4, max_size=4), min_size=8, max_size=8)


def reviews(votes):
    return [
        Review(
            sample=sample.id,
            sample_hash=sample.hash,
            reviewer=JudgeName(f"r{n}"),
            keep=keep,
            reason="" if keep else "mismatch",
        )
        for sample, given in zip(SUITE.samples, votes, strict=True)
        for n, keep in enumerate(given)
        if keep is not None
    ]


def figures(votes):
    return agreement(SUITE.samples, reviews(votes), rng=np.random.default_rng(0), resamples=50)


@given(VOTES)
def test_kept_is_what_more_than_half_keep(votes):
    for decision, given_votes in zip(decide(SUITE.samples, reviews(votes)), votes, strict=True):
        said = [v for v in given_votes if v is not None]
        assert decision.kept == (sum(said) > len(said) / 2)
        assert decision.reviewers == len(said)
        assert decision.reasons.get("mismatch", 0) == len(said) - sum(said)


def test_a_tie_discards():
    [decision, *_] = decide(SUITE.samples, reviews([[True, True, False, False]] * 8))
    assert decision.tied and not decision.kept


@given(VOTES)
def test_percent_agreement_is_the_mean_over_samples_of_pairs_that_agree(votes):
    shares = []
    for row in votes:
        said = [v for v in row if v is not None]
        pairs = [(a, b) for i, a in enumerate(said) for b in said[i + 1 :]]
        if pairs:
            shares.append(sum(a == b for a, b in pairs) / len(pairs))
    found = figures(votes).percent
    assert found.cases == len(shares)
    assert found.value == (pytest.approx(np.mean(shares)) if shares else None)


def test_agreement_by_hand():
    # Six unanimous samples (five keep, one discard) and two with one dissenter in four: pairs (6 * 1 + 2 * 1/2) / 8.
    votes = [[True] * 4] * 5 + [[False] * 4] + [[True, True, True, False]] * 2
    found = figures(votes)
    assert found.percent.value == pytest.approx(7 / 8)
    assert found.unanimous.value == pytest.approx(6 / 8)
    # Krippendorff: of 32 values 6 discard. D_o = 2 * (3 + 3) / 3 / 32, D_e = 2 * 26 * 6 / (32 * 31).
    assert found.alpha.value == pytest.approx(1 - (2 * 6 / 3 / 32) / (2 * 26 * 6 / (32 * 31)))
    assert found.percent.low < found.percent.value < found.percent.high


def test_reviews_of_an_earlier_version_do_not_count():
    old = reviews([[True] * 4] * 8)
    changed = suite_of(MemoryStore(), respelling="another")
    assert all(decision.reviewers == 0 for decision in decide(changed.samples, old))

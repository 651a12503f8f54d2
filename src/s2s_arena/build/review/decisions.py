"""What reviewers decided together: keep or discard by majority, why, and how far they agreed."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from s2s_arena.build.review.automatic import PREFIX
from s2s_arena.ratings.agreement import Estimate, krippendorff_alpha, wilson
from s2s_arena.records.identity import JudgeName, SampleId
from s2s_arena.records.samples import Sample
from s2s_arena.records.scores import Review

REVIEWERS = 4  # of every sample, as in the paper
REASONS = ("artefact", "unclear_expression", "mismatch")
"""Why a sample is discarded: flaws of the sound, a cue that cannot be heard, words and delivery that do not fit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What people decided about one sample.

    Kept is what more than half of them keep. A tie discards: a test that half of its reviewers would not
    have measures something else than it says, and another script is cheap.
    """

    sample: SampleId
    keeps: int
    discards: int
    reasons: Mapping[str, int] = field(default_factory=dict)  # reason -> how many gave it

    @property
    def reviewers(self) -> int:
        """How many decided."""
        return self.keeps + self.discards

    @property
    def kept(self) -> bool:
        """More than half keep it."""
        return self.keeps > self.discards

    @property
    def tied(self) -> bool:
        """As many keep as discard it."""
        return self.keeps == self.discards


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How far reviewers agree on keeping and discarding.

    `percent` is the share of pairs of reviewers of one sample who decided alike, averaged over samples; its
    interval and that of `alpha` (Krippendorff, nominal) are bootstrapped over samples. `unanimous` is the share
    of samples on which all agree, with its Wilson interval.
    """

    percent: Estimate
    alpha: Estimate
    unanimous: Estimate


def by_people(reviews: Iterable[Review], samples: Sequence[Sample]) -> dict[str, dict[JudgeName, Review]]:
    """Sample hash -> person -> decision; of these samples as they are now, not of earlier versions."""
    found: dict[str, dict[JudgeName, Review]] = {sample.hash: {} for sample in samples}
    for review in reviews:
        if review.sample_hash in found and not review.reviewer.startswith(PREFIX):
            found[review.sample_hash][review.reviewer] = review
    return found


def by_instruments(reviews: Iterable[Review], samples: Sequence[Sample]) -> dict[str, Review]:
    """Sample hash -> the latest automatic review of it."""
    hashes = {sample.hash for sample in samples}
    return {r.sample_hash: r for r in reviews if r.sample_hash in hashes and r.reviewer.startswith(PREFIX)}


def decide(samples: Sequence[Sample], reviews: Iterable[Review]) -> tuple[Decision, ...]:
    """What people decided about each sample, in the order of the samples."""
    people = by_people(reviews, samples)
    decisions = []
    for sample in samples:
        given = people[sample.hash].values()
        decisions.append(
            Decision(
                sample=sample.id,
                keeps=sum(review.keep for review in given),
                discards=sum(not review.keep for review in given),
                reasons=dict(Counter(review.reason for review in given if not review.keep).most_common()),
            )
        )
    return tuple(decisions)


def agreement(
    samples: Sequence[Sample], reviews: Iterable[Review], *, rng: np.random.Generator, resamples: int = 1000
) -> Agreement:
    """How far people agree on the samples that at least two of them reviewed."""
    people = by_people(reviews, samples)
    names = sorted({name for given in people.values() for name in given})
    labels = np.full((len(names), len(samples)), -1, dtype=np.int64)
    for column, sample in enumerate(samples):
        for name, review in people[sample.hash].items():
            labels[names.index(name), column] = int(review.keep)
    keeps, discards = (labels == 1).sum(axis=0), (labels == 0).sum(axis=0)
    several = keeps + discards >= 2
    keeps, discards = keeps[several].astype(np.float64), discards[several].astype(np.float64)
    both = keeps + discards
    alike = (keeps * (keeps - 1) + discards * (discards - 1)) / np.maximum(both * (both - 1), 1.0)
    return Agreement(
        percent=_mean(alike, rng=rng, resamples=resamples),
        alpha=krippendorff_alpha(labels, categories=2, rng=rng, resamples=resamples),
        unanimous=wilson(int((alike == 1.0).sum()), int(alike.size)),
    )


def _mean(values: NDArray[np.float64], *, rng: np.random.Generator, resamples: int) -> Estimate:
    if values.size == 0:
        return Estimate(value=None, low=None, high=None, cases=0)
    drawn = values[rng.integers(0, values.size, size=(resamples, values.size))].mean(axis=1)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Estimate(value=float(values.mean()), low=float(low), high=float(high), cases=int(values.size))

"""A reviewed suite is frozen: what was kept, under a version that covers who decided what about every sample."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from s2s_arena.build.review.decisions import (
    REVIEWERS,
    Decision,
    agreement,
    by_instruments,
    by_people,
    decide,
)
from s2s_arena.build.review.findings import GRAVE, UNUSABLE
from s2s_arena.errors import SuiteError
from s2s_arena.ratings.agreement import Estimate
from s2s_arena.records.identity import SampleId, content_hash
from s2s_arena.records.samples import Suite
from s2s_arena.records.scores import Review

REVIEW = "review"
"""Key of `Suite.build` under which a frozen suite names the digest of its review."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """A frozen suite and what was left out of it."""

    suite: Suite
    discarded: tuple[tuple[SampleId, str], ...]  # id and why
    flagged: tuple[SampleId, ...]  # kept, although instruments found something grave


def is_frozen(suite: Suite) -> bool:
    """Whether the suite's review is recorded."""
    return REVIEW in suite.build


def freeze(
    suite: Suite,
    reviews: Iterable[Review],
    *,
    reviewers: int = REVIEWERS,
    discard_flagged: bool = False,
) -> Frozen:
    """The samples that stand the review, as a suite whose version covers the review.

    Args:
        suite: As built or imported.
        reviews: Of its samples; those of other samples are passed over.
        reviewers: How many people must have decided on every sample; 0 freezes on the instruments alone, and the
            suite says so.
        discard_flagged: Leave out what instruments find grave, whatever people say; by default only what holds
            nothing to hear.

    Raises:
        SuiteError: It is frozen already, a sample lacks its automatic or a person's review, or nothing is left.
    """
    if is_frozen(suite):
        raise SuiteError(f"suite {suite.name} version {suite.version}: frozen already; build a new one to change it")
    given = list(reviews)
    instruments = by_instruments(given, suite.samples)
    decisions = decide(suite.samples, given)
    unchecked = [s.id for s in suite.samples if s.hash not in instruments]
    if unchecked:
        raise SuiteError(
            f"suite {suite.name}: {len(unchecked)} samples have no automatic review, the first is {unchecked[0]}; "
            "run s2s-arena suite review"
        )
    lacking = [d for d in decisions if d.reviewers < reviewers]
    if lacking:
        raise SuiteError(
            f"suite {suite.name}: {len(lacking)} samples have fewer than {reviewers} reviewers, the first is "
            f"{lacking[0].sample} with {lacking[0].reviewers}; read their forms in with --filled, or ask for fewer "
            "with --reviewers"
        )
    discarded: list[tuple[SampleId, str]] = []
    flagged: list[SampleId] = []
    kept = []
    for sample, decision in zip(suite.samples, decisions, strict=True):
        kinds = set(instruments[sample.hash].reason.split(", ")) - {""}
        why = _against(decision, kinds, people=reviewers > 0, discard_flagged=discard_flagged)
        if why:
            discarded.append((sample.id, why))
            continue
        kept.append(sample)
        if kinds & GRAVE:
            flagged.append(sample.id)
    if not kept:
        raise SuiteError(f"suite {suite.name}: the review keeps none of its {len(suite.samples)} samples; mend them")
    digest = content_hash(
        "review",
        suite.hash,
        reviewers,
        discard_flagged,
        sorted(r.key for r in instruments.values()),
        sorted((r.key, r.keep, r.reason) for given in by_people(given, suite.samples).values() for r in given.values()),
    )
    people = sorted({name for found in by_people(given, suite.samples).values() for name in found})
    record = {
        REVIEW: digest,
        "review:of": suite.hash,
        "review:people": str(len(people)) if reviewers else "0",
        "review:rule": (
            f"{reviewers} people a sample, kept by more than half" if reviewers else "instruments alone, no people"
        ),
        "review:instruments": ", ".join(sorted({r.reviewer for r in instruments.values()})),
        "review:kept": str(len(kept)),
        "review:discarded": "; ".join(f"{id}: {why}" for id, why in discarded),
        "review:flagged": " ".join(flagged),
    }
    if reviewers:
        figures = agreement(suite.samples, given, rng=np.random.default_rng(0))
        record["review:agreement"] = _figure(figures.percent)
        record["review:alpha"] = _figure(figures.alpha)
    frozen = replace(
        suite,
        samples=tuple(kept),
        version=f"{suite.version}-reviewed-{digest[:8]}",
        build={**suite.build, **record},
    )
    return Frozen(suite=frozen, discarded=tuple(discarded), flagged=tuple(flagged))


def _against(decision: Decision, kinds: set[str], *, people: bool, discard_flagged: bool) -> str:
    """Why the sample is left out; "" if it is kept."""
    fatal = kinds & (GRAVE if discard_flagged else UNUSABLE)
    if fatal:
        return ", ".join(sorted(fatal))
    if not people or decision.kept:
        return ""
    said = ", ".join(f"{reason} {count}" for reason, count in decision.reasons.items())
    return f"{decision.discards} of {decision.reviewers} discard it ({said})"


def _figure(estimate: Estimate) -> str:
    if estimate.value is None:
        return f"undefined ({estimate.cases} samples)"
    span = f" [{estimate.low:.3f}, {estimate.high:.3f}]" if estimate.low is not None else ""
    return f"{estimate.value:.3f}{span} ({estimate.cases} samples)"

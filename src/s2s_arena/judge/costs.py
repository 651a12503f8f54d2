"""What judging takes and what it tells, before anything is spent."""

import math
from dataclasses import dataclass
from statistics import fmean

from s2s_arena.protocols import Store
from s2s_arena.ratings.matches import POINTS_PER_NAT
from s2s_arena.records.responses import Response, Take
from s2s_arena.records.samples import Suite
from s2s_arena.records.studies import Study
from s2s_arena.records.systems import JudgeCard

SECONDS_A_CALL = 5.0  # of the embedded judge on two cores, answers not yet heard
ENOUGH = 200  # takes looked at for the mean length of an answer
Z = 1.959964


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The cost of reaching a number of rated comparisons.

    Attributes:
        wanted: Rated comparisons wanted in all.
        rated: There already.
        calls: Times the judge is asked, at most: takes that failed need no judge.
        audio_minutes: What it hears in these calls: the question and both answers.
        seconds: Wall time, one match at a time.
        cost_usd: None where the card gives no price per minute.
        interval_elo: Expected full width of a system's 95 % interval, in Elo points, if all are about equally good.
    """

    wanted: int
    rated: int
    calls: int
    audio_minutes: float
    seconds: float
    cost_usd: float | None
    interval_elo: float


def plan(study: Study, suite: Suite, card: JudgeCard, *, store: Store, matches: int, rated: int) -> Plan:
    """The plan for a study whose orders are settled."""
    calls = max(0, matches - rated) * (2 if study.rules.orders == "both" else 1)
    minutes = calls * _seconds_a_match(study, suite, store) / 60.0
    price = card.price.get("minute_in")
    return Plan(
        wanted=matches,
        rated=rated,
        calls=calls,
        audio_minutes=minutes,
        seconds=calls * _seconds_a_call(study, card, store),
        cost_usd=None if price is None else minutes * price,
        interval_elo=interval_elo(max(matches, rated), systems=len(study.systems)),
    )


def interval_elo(matches: int, *, systems: int) -> float:
    """Full width of the 95 % interval of one of `systems` equal ones after `matches` evenly spread matches.

    From the inverse information of Bradley-Terry: with c matches a pair of variance 1/4 each, the variance of a
    rating around the mean is (systems - 1) / (systems^2 c / 4). Unequal systems or an uneven draw make it wider.
    """
    if systems < 2 or matches < 1:
        return math.inf
    per_pair = matches / (systems * (systems - 1) / 2)
    variance = (systems - 1) / (systems**2 * per_pair / 4.0)
    return 2.0 * Z * math.sqrt(variance) * POINTS_PER_NAT


def _seconds_a_match(study: Study, suite: Suite, store: Store) -> float:
    questions = [sum(t.speech.duration_s for t in s.turns if t.speech) for s in suite.samples]
    answers: list[float] = []
    for take in store.all(Take):
        if take.system in study.systems and take.failure is None:
            responses = [store.get(Response, key) for key in take.responses]
            answers.append(sum(r.speech.duration_s for r in responses if r and r.speech))
            if len(answers) >= ENOUGH:
                break
    return (fmean(questions) if questions else 0.0) + 2.0 * (fmean(answers) if answers else 0.0)


def _seconds_a_call(study: Study, card: JudgeCard, store: Store) -> float:
    """Mean of what this judge took in this study; before that, what the card says or the embedded judge takes."""
    taken = [
        event.verdict.seconds
        for event in store.events(study=study.name)
        if event.judge == card.judge and event.verdict and event.verdict.seconds is not None
    ]
    if taken:
        return fmean(taken)
    said = card.settings.get("seconds_a_match", SECONDS_A_CALL)
    return float(said) if isinstance(said, (int, float)) else SECONDS_A_CALL

"""Five hundred simulated annotators of whom a share is careless: who is flagged, along the way of the study desk."""

import argparse
import time
from collections import Counter

import numpy as np

from bench.serving import STUDY, SYSTEMS
from s2s_arena.ratings.elo import expected
from s2s_arena.records.identity import JudgeName, SampleId, SuiteName, TakeId
from s2s_arena.records.matches import Match, Purpose, group_id, match_id
from s2s_arena.records.studies import Outcome, Study
from s2s_arena.records.verdicts import Event, EventKind, Verdict
from s2s_arena.serve.studies import voters

HABITS = ("random", "always first", "always second")
STRENGTHS = np.linspace(-250.0, 250.0, len(SYSTEMS))  # Elo points: the best wins nine of ten against the worst
SLIP = 0.02


def votes(*, annotators: int, careless: float, each: int, seed: int) -> tuple[list[Match], list[Event], dict[str, str]]:
    """Matches, one vote each, and who is careless in which way; the others vote by the strengths, with slips."""
    rng = np.random.default_rng(seed)
    habit = {
        n: HABITS[k % len(HABITS)] for k, n in enumerate(rng.permutation(annotators)[: round(careless * annotators)])
    }
    matches, events = [], []
    for number in range(annotators * each):
        first, second = rng.choice(len(SYSTEMS), size=2, replace=False)
        takes = [TakeId(f"{number}-{SYSTEMS[n]}") for n in (first, second)]
        round_, index = divmod(number, annotators)
        match = Match(
            id=match_id(study=STUDY, round=round_, index=index, first=takes[0], second=takes[1], purpose=Purpose.RATED),
            study=STUDY,
            round=round_,
            index=index,
            sample=SampleId(f"x{number % 293}"),
            first=takes[0],
            second=takes[1],
            first_system=SYSTEMS[first],
            second_system=SYSTEMS[second],
            group=group_id(study=STUDY, round=round_, index=index),
            probability=1.0,
        )
        won = rng.random() < (1 - SLIP) * expected(STRENGTHS[first] - STRENGTHS[second]) + SLIP / 2
        kind = habit.get(index)
        if kind is not None:
            won = {"random": bool(rng.random() < 0.5), "always first": True, "always second": False}[kind]
        judge = JudgeName(f"person:{index:03d}")
        verdict = Verdict(
            match=match.id,
            study=STUDY,
            judge=judge,
            order=(round_, index),
            outcome=Outcome.FIRST if won else Outcome.SECOND,
        )
        event = Event(
            id=str(number),
            kind=EventKind.VOTE,
            study=STUDY,
            match=match.id,
            judge=judge,
            verdict=verdict,
            number=number + 1,
        )
        matches.append(match)
        events.append(event)
    return matches, events, {f"person:{n:03d}": kind for n, kind in habit.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--annotators", type=int, default=500)
    parser.add_argument("--careless", type=float, default=0.05)
    parser.add_argument("--votes", type=int, nargs="+", default=[40, 80])
    parser.add_argument("--seeds", type=int, default=2)
    given = parser.parse_args()
    study = Study(name=STUDY, suite=SuiteName("load"), suite_hash="", systems=SYSTEMS)  # type: ignore[arg-type]
    for each in given.votes:
        for seed in range(given.seeds):
            matches, events, habit = votes(annotators=given.annotators, careless=given.careless, each=each, seed=seed)
            began = time.process_time()
            seen = voters.reviewed(study, matches=matches, events=events)
            assert seen is not None
            flagged = set(seen[0].flagged)
            crossed = {r.judge for r in seen[0].raters if r.crossed_at is not None}
            wrong = flagged - set(habit)
            honest = given.annotators - len(habit)
            found = Counter(habit[name] for name in flagged & set(habit))
            there = Counter(habit.values())
            print(
                f"{each} votes each, seed {seed}: {len(flagged & set(habit))} of {len(habit)} careless flagged "
                f"({', '.join(f'{kind} {found[kind]} of {there[kind]}' for kind in HABITS)}); "
                f"{len(wrong)} of {honest} honest flagged: {len(wrong) / max(1, len(flagged)):.1%} of the flagged, "
                f"at most {seen[0].share:.0%} promised; evidence ever over 1 / {seen[0].alpha:g}: "
                f"{len(crossed - set(habit))} honest = {len(crossed - set(habit)) / honest:.2%}, "
                f"at most {seen[0].alpha:.0%} promised; {time.process_time() - began:.1f} s of processor"
            )


if __name__ == "__main__":
    main()

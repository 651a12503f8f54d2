"""Rounds drawn with what is kept from draw to draw are those drawn from the whole log."""

import numpy as np
import pytest

from s2s_arena.arena import schedule
from s2s_arena.boards.rated import rated_games
from s2s_arena.boards.votes import current
from s2s_arena.ratings.elo import elo
from s2s_arena.records.identity import JudgeName, SampleId, StudyName, SuiteName, SystemName
from s2s_arena.records.responses import Take
from s2s_arena.records.samples import Sample, Turn
from s2s_arena.records.studies import Outcome, Sampler, Sampling, Study
from s2s_arena.records.taxonomy import Level
from s2s_arena.records.verdicts import Event, EventKind, Verdict
from s2s_arena.serve.voting.drawing import Drawer, Settled

SYSTEMS = tuple(SystemName(name) for name in "abcd")
SAMPLES = tuple(
    Sample(
        id=SampleId(f"x{n}"),
        language="en" if n % 3 else "zh",
        turns=(Turn(script="x", language="en"),),
        level=tuple(Level)[n % 4],
    )
    for n in range(9)
)
TAKES = tuple(
    Take(id=f"{s.id}-{name}", sample=s.id, system=name, responses=(), failure=None) for s in SAMPLES for name in SYSTEMS
)


def study_of(sampler):
    return Study(
        name=StudyName("t"),
        suite=SuiteName("t"),
        suite_hash="h",
        systems=SYSTEMS,
        sampling=Sampling(sampler=sampler, round_size=7),
    )


def event(match, judge, number, kind=EventKind.VOTE, outcome=Outcome.FIRST):
    verdict = Verdict(match=match.id, study=match.study, judge=judge, order=(match.round, match.index), outcome=outcome)
    return Event(
        id=f"e{number}",
        kind=kind,
        study=match.study,
        match=match.id,
        judge=judge,
        verdict=verdict if kind is EventKind.VOTE else None,
        number=number,
    )


@pytest.mark.parametrize("sampler", [Sampler.PAPER, Sampler.D_OPTIMAL])
def test_what_is_kept_between_draws_changes_no_round(sampler):
    study, rng = study_of(sampler), np.random.default_rng(3)
    kept, matches, events = Drawer(study, TAKES), [], []
    for number in range(12):
        samples = SAMPLES if number % 5 else SAMPLES[:6]  # somebody who speaks the other language comes and goes
        fresh = Drawer(study, TAKES)
        whole = {n: settled(matches, events, n) for n in range(number)}
        fresh.settle(whole)
        changed = rng.permutation(number)[:4].tolist() + list(range(max(0, number - 2), number))
        for n in set(changed):  # votes are given, taken back and excluded in rounds that were finished long ago
            for match in (m for m in matches if m.round == n):
                kind = EventKind(rng.choice(["vote", "vote", "undo", "exclude", "restore"]))
                outcome = Outcome(rng.choice(["first", "second"]))
                judge = JudgeName(f"person:{rng.integers(2)}")
                events.append(event(match, judge, len(events) + 1, kind, outcome))
        again = {n: settled(matches, events, n) for n in set(changed)}
        kept.settle(again)
        fresh.settle({n: settled(matches, events, n) for n in range(number)})
        last = len(events)
        one = kept.draw(samples=samples, number=number, earlier=matches, last_event=last)
        other = fresh.draw(samples=samples, number=number, earlier=matches, last_event=last)
        assert one == other
        open_rounds = {n for n in range(number) if not settled(matches, events, n).matches}
        games, _ = rated_games([m for m in matches if m.round not in open_rounds], current(events), systems=SYSTEMS)
        assert kept.ratings() == pytest.approx(elo(games.pairs, games.scores, systems=len(SYSTEMS)))
        matches.extend(one.matches)


def settled(matches, events, number):
    """A round counts as finished here if its number is no multiple of four."""
    if number % 4 == 3:
        return Settled()
    own = tuple(m for m in matches if m.round == number)
    ids = {m.id for m in own}
    return Settled(own, tuple(e for e in events if e.match in ids))


def test_a_round_that_could_not_be_kept_is_not_counted():
    study = study_of(Sampler.UNIFORM)
    drawer = Drawer(study, TAKES)
    lost = drawer.draw(samples=SAMPLES, number=0, earlier=(), last_event=0)
    drawer.forget()
    again = drawer.draw(samples=SAMPLES, number=0, earlier=(), last_event=0)
    assert again == lost
    expected = schedule.draw_round(study, samples=SAMPLES, takes=TAKES, number=1, earlier=again.matches)[1]
    found = drawer.draw(samples=SAMPLES, number=1, earlier=again.matches, last_event=0).matches
    assert [m.id for m in found] == [m.id for m in expected]

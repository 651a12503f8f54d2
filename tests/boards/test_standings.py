"""Boards are pure functions of the events."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s2s_arena.boards.games import Games, Labels
from s2s_arena.boards.standings import RESAMPLED_FROM, board, intervals_of, made, standings
from s2s_arena.boards.votes import current
from s2s_arena.errors import InputError
from s2s_arena.ratings.bootstrap import bt_bootstrap
from s2s_arena.ratings.bradley_terry import bradley_terry
from s2s_arena.ratings.clustered import clustered_resamples
from s2s_arena.ratings.elo import elo
from s2s_arena.ratings.win_matrix import win_matrix
from s2s_arena.records.boards import Board
from s2s_arena.records.identity import RULE_FAILURE, JudgeName, SystemName, TakeId
from s2s_arena.records.matches import Match, Purpose
from s2s_arena.records.responses import FailureKind, Take
from s2s_arena.records.studies import Criterion, Outcome
from s2s_arena.records.verdicts import CriterionOutcome, Event, EventKind, Verdict
from tests.boards.worlds import games
from tests.strategies import JUDGE, STUDY, a_match, a_verdict, a_vote, an_event, simulated, tournaments

FIRST, SECOND, TIE = Outcome.FIRST, Outcome.SECOND, Outcome.TIE
ABC = tuple(SystemName(s) for s in "abc")
PAIRS = [("a", "b"), ("b", "c"), ("c", "a"), ("b", "a"), ("a", "c"), ("c", "b")]


def a_study(outcomes: str = "112121") -> tuple[list[Match], list[Event]]:
    matches = [a_match(i, *pair) for i, pair in enumerate(PAIRS)]
    events = [
        a_vote(match, FIRST if code == "1" else SECOND, number=i + 1)
        for i, (match, code) in enumerate(zip(matches, outcomes, strict=True))
    ]
    return matches, events


def a_board(matches: list[Match], events: list[Event], **options: object) -> Board:
    return board(matches, current(events), systems=ABC, bootstraps=50, **options)  # type: ignore[arg-type]


def row(of: Board, system: str) -> tuple[int, int, int]:
    found = next(s for s in of.standings if s.system == system)
    return found.wins, found.losses, found.matches


def test_ratings_are_those_of_the_matches_in_order_of_play() -> None:
    matches, events = a_study()
    made = a_board(matches[::-1], events[::-1])
    pairs = np.array([("abc".index(x), "abc".index(y)) for x, y in PAIRS])
    won = np.array([code == "1" for code in "112121"])
    rated = {s.system: s.elo for s in made.standings}
    assert [rated[s] for s in ABC] == pytest.approx(elo(pairs, won, systems=3))
    wins = np.array(made.wins)
    assert [next(s.bt for s in made.standings if s.system == x) for x in ABC] == pytest.approx(
        bradley_terry(wins).ratings
    )
    assert wins.sum() == made.matches == 6
    assert made.up_to == 6


def test_the_same_events_in_any_completion_order_give_the_same_board() -> None:
    matches, events = a_study()
    assert a_board(matches, events) == a_board(matches[::-1], events[::-1])


def test_both_orders_that_agree_are_one_game() -> None:
    once = [a_match(0, "a", "b", group="g")]
    both = [*once, a_match(1, "b", "a", group="g")]
    votes = [a_vote(both[0], FIRST), a_vote(both[1], SECOND, number=2)]
    assert row(a_board(both, votes), "a") == (1, 0, 1)
    assert a_board(both, votes).standings == a_board(once, votes[:1]).standings


def test_both_orders_that_disagree_are_counted_and_not_rated() -> None:
    both = [a_match(0, "a", "b", group="g"), a_match(1, "b", "a", group="g")]
    votes = [a_vote(both[0], FIRST), a_vote(both[1], FIRST, number=2)]
    strict = a_board(both, votes)
    assert strict.matches == 0
    assert strict.unrated == {"orders disagree": 1}
    lenient = a_board(both, votes, outcomes=(FIRST, SECOND, TIE))
    assert lenient.matches == 1
    assert row(lenient, "a") == (0, 0, 1)
    assert next(s.win_rate for s in lenient.standings if s.system == "a") == 0.5


def test_one_order_of_two_is_not_rated_yet() -> None:
    both = [a_match(0, "a", "b", group="g"), a_match(1, "b", "a", group="g")]
    assert a_board(both, [a_vote(both[0], FIRST)]).unrated == {"other order not judged": 1}


@pytest.mark.parametrize("purpose", [Purpose.REPEAT, Purpose.SWAP, Purpose.GOLD])
def test_only_rated_matches_move_ratings(purpose: Purpose) -> None:
    matches, events = a_study()
    extra = a_match(99, "a", "b", purpose=purpose)
    assert (
        a_board([*matches, extra], [*events, a_vote(extra, SECOND, number=3)]).standings
        == a_board(matches, events).standings
    )


def test_two_failed_takes_are_counted_and_not_rated() -> None:
    match = a_match(0, "a", "b")
    takes = [
        Take(id=TakeId(take), sample=match.sample, system=system, responses=(), failure=FailureKind.SILENT)
        for take, system in ((match.first, match.first_system), (match.second, match.second_system))
    ]
    assert a_board([match], [], takes=takes).unrated == {"both failed": 1}
    assert a_board([match], []).unrated == {"not judged": 1}


def test_a_network_fault_is_never_rated() -> None:
    match = a_match(0, "a", "b")
    take = Take(
        id=match.first,
        sample=match.sample,
        system=match.first_system,
        responses=(),
        failure=FailureKind.INFRASTRUCTURE,
    )
    assert a_board([match], [], takes=[take]).unrated == {"infrastructure": 1}


def test_the_failure_rule_counts_for_every_judge_but_only_once() -> None:
    match, other = a_match(0, "a", "b"), a_match(1, "a", "c")
    votes = [a_vote(match, FIRST, judge=RULE_FAILURE), a_vote(other, FIRST, judge=JUDGE, number=2)]
    assert row(a_board([match, other], votes, judge=JUDGE), "a") == (2, 0, 2)
    heard_too = [*votes, a_vote(match, SECOND, judge=JUDGE, number=3)]
    assert row(a_board([match, other], heard_too), "a") == (1, 1, 2)


def test_a_failed_take_needs_no_second_hearing() -> None:
    both = [a_match(0, "a", "b", group="g"), a_match(1, "b", "a", group="g")]
    assert a_board(both, [a_vote(both[1], SECOND, judge=RULE_FAILURE)]).matches == 1


def test_each_judge_gives_its_own_game_and_can_be_looked_at_alone() -> None:
    match = a_match(0, "a", "b")
    votes = [a_vote(match, FIRST, judge="x"), a_vote(match, SECOND, judge="y", number=2)]
    assert a_board([match], votes).matches == 2
    assert row(a_board([match], votes, judge=JudgeName("x")), "a") == (1, 0, 1)


def test_coverage_counts_abstentions_by_criterion() -> None:
    match = a_match(0, "a", "b")
    criteria = {
        Criterion.INSTRUCTION: CriterionOutcome(outcome=FIRST),
        Criterion.QUALITY: CriterionOutcome(outcome=None),
    }
    verdict: Verdict = a_verdict(match, FIRST, criteria=criteria, both_bad=True)
    event = Event(id="e", kind=EventKind.VOTE, study=STUDY, match=match.id, judge=JUDGE, verdict=verdict, number=1)
    made = a_board([match], [event])
    assert (made.coverage["instruction"].decided, made.coverage["quality"].abstained) == (1, 1)
    assert made.both_bad == 1


def test_an_excluded_vote_is_counted_as_such() -> None:
    matches, events = a_study()
    made = a_board(matches, [*events, an_event(EventKind.EXCLUDE, matches[0].id, number=7)])
    assert (made.matches, made.excluded, made.unrated) == (5, 1, {"excluded": 1})


def test_a_judge_without_a_usable_verdict_is_counted() -> None:
    match = a_match(0, "a", "b")
    assert a_board([match], [an_event(EventKind.FAILED, match.id)]).unrated == {"judge failed": 1}


def test_both_bad_is_never_half_a_win() -> None:
    match = a_match(0, "a", "b")
    made = a_board([match], [a_vote(match, Outcome.BOTH_BAD)], outcomes=tuple(Outcome))
    assert (made.matches, made.unrated, made.both_bad) == (0, {"both bad": 1}, 1)


def test_an_undefeated_an_unplayed_and_a_lone_system_stay_finite_with_wide_intervals() -> None:
    matches = [a_match(i, "a", "b") for i in range(12)]
    made = a_board(matches, [a_vote(m, FIRST, number=i + 1) for i, m in enumerate(matches)])
    assert not made.connected
    by = {s.system: s for s in made.standings}
    assert by[ABC[0]].bt_high - by[ABC[0]].bt > 200
    assert by[ABC[2]].bt_high - by[ABC[2]].bt_low > 1000
    assert (by[ABC[2]].rank_low, by[ABC[2]].rank_high) == (1, 3)
    assert any("undefeated" in w and "a" in w for w in made.warnings)
    assert any("no matches" in w and "c" in w for w in made.warnings)
    lone = board([], current([]), systems=ABC[:1])
    assert (lone.standings[0].bt, lone.standings[0].elo, lone.connected) == (1000.0, 1000.0, True)
    assert board([], current([]), systems=()).standings == ()


def test_an_unplayed_system_does_not_blur_the_others() -> None:
    pairs, won = simulated(np.array([1100.0, 900.0]), matches=300, rng=np.random.default_rng(0))
    for bootstraps in (0, 300):
        made = [
            standings(Games(systems=names, pairs=pairs, scores=won.astype(float)), bootstraps=bootstraps)
            for names in (ABC[:2], ABC)
        ]
        widths = [[s.bt_high - s.bt_low for s in b.standings if s.matches] for b in made]
        assert widths[1] == pytest.approx(widths[0], rel=0.25)


def test_without_a_bootstrap_intervals_come_from_the_fit() -> None:
    strengths = np.array([1200.0, 1000.0, 800.0])
    pairs, won = simulated(strengths, matches=600, rng=np.random.default_rng(3))
    games = Games(systems=ABC, pairs=pairs, scores=won.astype(float))
    quick, slow = (standings(games, bootstraps=n) for n in (0, 1000))
    for one, two in zip(quick.standings, slow.standings, strict=True):
        assert one.bt == two.bt
        assert one.bt_low == pytest.approx(two.bt_low, abs=12)
        assert one.bt_high == pytest.approx(two.bt_high, abs=12)


def test_clustering_by_sample_widens_intervals_when_samples_repeat_themselves() -> None:
    # 20 samples asked 12 times each: the data are worth 20 games, so errors grow by the root of 12.
    matches = [a_match(i, "a", "b", sample=f"s{i // 12}") for i in range(240)]
    events = [a_vote(m, FIRST if (i // 12) % 3 else SECOND, number=i + 1) for i, m in enumerate(matches)]
    made = [
        board(matches, current(events), systems=ABC[:2], bootstraps=500, clusters=clusters)
        for clusters in ((), ("sample",))
    ]
    plain, clustered = (b.standings[0].bt_high - b.standings[0].bt_low for b in made)
    assert clustered / plain == pytest.approx(np.sqrt(12), rel=0.2)


def test_with_the_order_of_elo_bradley_terry_intervals_allow_for_clusters_too() -> None:
    pairs = np.tile(np.array([0, 1]), (240, 1))
    sample = np.arange(240) // 12
    labels = {"sample": Labels(names=tuple(f"s{i}" for i in range(20)), codes=sample)}
    games_ = Games(systems=ABC[:2], pairs=pairs, scores=(sample % 3 > 0).astype(float), labels=labels)
    plain, clustered = (
        standings(games_, method="elo", bootstraps=400, clusters=clusters).standings[0]
        for clusters in ((), ("sample",))
    )
    widths = [s.bt_high - s.bt_low for s in (plain, clustered)]
    assert widths[1] / widths[0] == pytest.approx(np.sqrt(12), rel=0.2)


def test_intervals_of_few_votes_cover_where_resampling_them_does_not() -> None:
    strengths = np.array([1250.0, 1150.0, 1050.0, 850.0, 700.0])
    names = tuple(SystemName(name) for name in "abcde")
    covered, resampled = [], []
    for seed in range(60):
        rng = np.random.default_rng([11, seed])
        pairs, won = simulated(strengths, matches=40, rng=rng)
        rows = {r.system: r for r in standings(Games(systems=names, pairs=pairs, scores=won.astype(float))).standings}
        covered += [rows[n].bt_low <= true <= rows[n].bt_high for n, true in zip(names, strengths, strict=True)]
        low, high = bt_bootstrap(win_matrix(pairs, won, systems=5), rng=rng).interval()
        resampled += list((low <= strengths) & (strengths <= high))
    assert np.mean(covered) > 0.93  # of 300; 95 % are promised
    assert np.mean(resampled) < np.mean(covered) - 0.03


@settings(max_examples=25, deadline=None)
@given(tournaments(max_systems=4), st.sampled_from(["bt", "elo"]), st.integers(0, 3))
def test_intervals_hold_their_rating_and_the_mean_is_1000(t, method, seed) -> None:  # type: ignore[no-untyped-def]
    names = tuple(SystemName(f"s{i}") for i in range(t.n))
    games = Games(systems=names, pairs=t.pairs, scores=t.won.astype(float))
    made = standings(games, method=method, seed=seed, bootstraps=20)
    assert made == standings(games, method=method, seed=seed, bootstraps=20)
    assert np.mean([s.elo for s in made.standings]) == pytest.approx(1000)
    assert np.mean([s.bt for s in made.standings]) == pytest.approx(1000)
    for s in made.standings:
        assert s.bt_low <= s.bt <= s.bt_high
        assert 1 <= s.rank_low <= s.rank_high <= t.n
    lead = [getattr(s, method) for s in made.standings]
    assert lead == sorted(lead, reverse=True)


def test_an_unknown_system_or_method_is_named() -> None:
    with pytest.raises(InputError, match="system z is not among"):
        a_board([a_match(0, "a", "z")], [])
    with pytest.raises(InputError, match="method glicko"):
        a_board([], [], method="glicko")


def test_long_elo_resamples_may_be_played_from_their_tail_and_say_so() -> None:
    played = games([1100.0, 1000.0, 900.0], 30_000)
    some = made(played, method="elo", bootstraps=40, elo_within=2.0)
    assert some.boot is not None
    (said,) = [w for w in some.board.warnings if "of each Elo resample" in w]
    assert "of 30,000 matches were played" in said
    whole = made(played, method="elo", bootstraps=40)
    assert whole.boot is not None
    assert np.abs(some.boot.resampled - whole.boot.resampled).max(axis=1).mean() <= 2.0


def test_a_board_says_what_its_intervals_rest_on() -> None:
    few, many = (games([1000.0] * 4, matches) for matches in (RESAMPLED_FROM - 1, RESAMPLED_FROM))
    wins = win_matrix(many.pairs, many.scores, systems=4)
    resampled = bt_bootstrap(wins, rng=np.random.default_rng(0), resamples=50)
    drawn = clustered_resamples(
        few.pairs, few.scores, systems=4, rng=np.random.default_rng(0), clusters=[], resamples=50
    )
    for played, boot, words in (
        (few, drawn, "percentiles of 50 draws from the fit and its sandwich covariance"),
        (many, resampled, "percentiles of 50 bootstrap resamples"),
    ):
        found = standings(played, bootstraps=50)
        assert intervals_of(found) == words
        upper = {s.system: s.bt_high for s in found.standings}
        assert [upper[name] for name in played.systems] == pytest.approx(boot.interval()[1])
    for method, bootstraps in (("elo", 50), ("bt", 0)):
        found = standings(many, method=method, bootstraps=bootstraps)
        assert intervals_of(found) == "the covariance of the fit"
        fit = bradley_terry(wins)
        upper = {s.system: s.bt_high for s in found.standings}
        wanted = fit.ratings + 1.96 * fit.standard_errors  # the ends of 1000 draws stray by a twelfth of an error
        assert [upper[name] for name in many.systems] == pytest.approx(wanted, abs=0.35 * float(fit.standard_errors[0]))

"""A cheap judge sharpens people's board and cannot bias it."""

import dataclasses

import numpy as np
import pytest

from s2s_arena.boards.games import Games, Labels
from s2s_arena.boards.powered import powered
from s2s_arena.errors import InputError
from tests.boards.worlds import games

STRENGTHS = [1150.0, 1000.0, 850.0]


def both(*, wrong: float, asked: int = 400, matches: int = 2400) -> Games:
    """People on the first `asked` matches, a judge on all who says the same but for a share `wrong` of them."""
    truth = games(STRENGTHS, matches, seed=4)
    rng = np.random.default_rng(9)
    flipped = rng.random(matches) < wrong
    said = np.where(flipped, 1.0 - truth.scores, truth.scores)
    turned = rng.random(asked) < 0.5  # people heard some of them in the other order
    people = truth.pairs[:asked].copy()
    people[turned] = people[turned][:, ::-1]
    votes = np.where(turned, 1.0 - truth.scores[:asked], truth.scores[:asked])
    ids = [str(i) for i in range(matches)]
    return Games(
        systems=truth.systems,
        pairs=np.concatenate([truth.pairs, people]),
        scores=np.concatenate([said, votes]),
        labels={
            "judge": Labels.of(["model"] * matches + ["person"] * asked),
            "sample": Labels.of(ids + ids[:asked]),
        },
    )


def test_a_good_judge_is_worth_many_votes() -> None:
    made = powered(both(wrong=0.05), anchor=("person",), cheap="model")
    assert (made.matches, made.votes) == (2400, 400)
    assert made.gain > 1.8
    assert made.effective == pytest.approx(400 * made.gain)
    for system, alone in made.alone.items():
        assert made.systems[system].high - made.systems[system].low < alone.high - alone.low
    assert list(made.systems) == ["s0", "s1", "s2"]


def test_a_judge_that_tosses_coins_changes_little() -> None:
    made = powered(both(wrong=0.5), anchor=("person",), cheap="model")
    assert made.gain == pytest.approx(1.0, abs=0.1)
    for system, alone in made.alone.items():
        assert made.systems[system].rating == pytest.approx(alone.rating, abs=15)


def test_judges_that_cannot_be_compared_are_named() -> None:
    given = both(wrong=0.1)
    with pytest.raises(InputError, match="judge nobody: no rated votes; judges with votes: model, person"):
        powered(given, anchor=("nobody",), cheap="model")
    with pytest.raises(InputError, match="cannot be both"):
        powered(given, anchor=("model", "person"), cheap="model")
    apart = [str(i) for i in range(given.count)]
    strangers = dataclasses.replace(given, labels={**given.labels, "sample": Labels.of(apart)})
    with pytest.raises(InputError, match="no match in common"):
        powered(strangers, anchor=("person",), cheap="model")

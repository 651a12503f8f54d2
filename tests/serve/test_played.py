"""Elo kept up while votes come and go is Elo of the games in order of play."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s2s_arena.ratings.elo import elo
from s2s_arena.serve.live import played
from s2s_arena.serve.live.played import PlayedElo

SYSTEMS = 4
games = st.tuples(st.integers(0, 30), st.integers(0, 3), st.integers(1, 3), st.sampled_from([0.0, 0.5, 1.0]))


@given(st.lists(games, max_size=60), st.data())
@settings(max_examples=60, deadline=None)
def test_any_order_of_coming_and_going_gives_elo_in_the_order_of_play(drawn, data):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(played, "EVERY", 4)  # so that a few games already cross what is remembered
        board, there = PlayedElo(SYSTEMS), {}
        for n, (round, first, apart, score) in enumerate(drawn):
            game = {"first": first, "second": (first + apart) % SYSTEMS, "score": score}
            place = (round, n, "person:x", "m")
            board.add(place, **game)
            there[place] = game
            if data.draw(st.booleans()):
                board.ratings()
            if data.draw(st.booleans()):
                gone = data.draw(st.sampled_from(sorted(there)))
                board.remove(gone, **there.pop(gone))
        order = [there[place] for place in sorted(there)]
        pairs = np.array([(g["first"], g["second"]) for g in order], dtype=np.int64).reshape(-1, 2)
        expected = elo(pairs, np.array([g["score"] for g in order]), systems=SYSTEMS)
        assert board.ratings() == pytest.approx(expected, abs=1e-9)


def test_one_game_moves_sixteen_points():
    board = PlayedElo(2)
    board.add((0, 0, "j", "m"), first=0, second=1, score=1.0)  # 1000 against 1000: 32 * (1 - 1/2)
    assert board.ratings().tolist() == [1016.0, 984.0]

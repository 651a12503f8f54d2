"""Sequential Elo of games that come in any order and count in the order of play."""

from bisect import bisect_left, insort

import numpy as np
from numpy.typing import NDArray

from s2s_arena.ratings.elo import elo
from s2s_arena.ratings.matches import START

Place = tuple[int, int, str, str]  # round, index, judge, match: which game is played before which
Game = tuple[Place, int, int, float]
EVERY = 256  # games after which ratings are remembered


class PlayedElo:
    """Elo as `ratings.elo` gives it for all games in order of play, kept up while games come and go.

    Votes come nearly in order of play, so a new one makes only the last few hundred games be played again.

    Args:
        systems: How many there are.
    """

    def __init__(self, systems: int) -> None:
        self._systems = systems
        self._games: list[Game] = []
        self._marks = [np.full(systems, START)]  # ratings before games 0, EVERY, 2 * EVERY ...

    def add(self, place: Place, *, first: int, second: int, score: float) -> None:
        """Count a game: 1 the first won, 0 the second, .5 a tie."""
        game = (place, first, second, score)
        self._forget(bisect_left(self._games, game))
        insort(self._games, game)

    def remove(self, place: Place, *, first: int, second: int, score: float) -> None:
        """Take back a game that was counted."""
        at = bisect_left(self._games, (place, first, second, score))
        self._forget(at)
        del self._games[at]

    def ratings(self) -> NDArray[np.float64]:
        """Shape (systems,), Elo points with mean 1000."""
        while (played := (len(self._marks) - 1) * EVERY) + EVERY <= len(self._games):
            self._marks.append(self._play(played, played + EVERY))
        return self._play((len(self._marks) - 1) * EVERY, len(self._games))

    def _forget(self, at: int) -> None:
        del self._marks[at // EVERY + 1 :]

    def _play(self, low: int, high: int) -> NDArray[np.float64]:
        some = self._games[low:high]
        pairs = np.array([game[1:3] for game in some], dtype=np.int64).reshape(-1, 2)
        scores = np.array([game[3] for game in some], dtype=np.float64)
        return elo(pairs, scores, systems=self._systems, start=self._marks[low // EVERY])

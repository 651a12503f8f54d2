"""What one side of a live board has said so far, as counts: who beat whom, and what was bad on both sides."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from s2s_arena.ratings.bradley_terry import Fit, bradley_terry
from s2s_arena.records.studies import Outcome
from s2s_arena.records.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Said:
    """One standing verdict on a pair of systems, by index."""

    verdict: Verdict
    first: int
    second: int

    @property
    def score(self) -> float | None:
        """1 the first won, 0 the second, .5 a tie; None where nobody won."""
        outcome = self.verdict.outcome
        if outcome is Outcome.BOTH_BAD:
            return None
        return {Outcome.FIRST: 1.0, Outcome.SECOND: 0.0}.get(outcome, 0.5)


class Counts:
    """Counts of verdicts that come and go, and the fit to them.

    Attributes:
        wins: Shape (systems, systems): how often the row beat the column; a tie is half each.
        votes: Verdicts.
        both_bad: Those that say both were bad.
        asked: Those in which that was asked.
        bad_of: Shape (systems,): of `both_bad`, those in which each system was heard.
        asked_of: Shape (systems,): of `asked`, likewise.
    """

    def __init__(self, systems: int) -> None:
        self.wins = np.zeros((systems, systems))
        self.votes = self.both_bad = self.asked = 0
        self.bad_of = np.zeros(systems, dtype=np.int64)
        self.asked_of = np.zeros(systems, dtype=np.int64)
        self._fit: Fit | None = None
        self._start: NDArray[np.float64] | None = None

    def count(self, said: Said, *, sign: int) -> None:
        """Count a verdict (1) or take it back (-1)."""
        verdict, heard = said.verdict, [said.first, said.second]
        self._fit = None
        self.votes += sign
        if verdict.both_bad is True or verdict.outcome is Outcome.BOTH_BAD:
            self.both_bad += sign
            self.bad_of[heard] += sign
        if verdict.both_bad is not None or verdict.outcome is Outcome.BOTH_BAD:
            self.asked += sign
            self.asked_of[heard] += sign
        score = said.score
        if score is not None:
            self.wins[said.first, said.second] += sign * score
            self.wins[said.second, said.first] += sign * (1.0 - score)

    def fit(self) -> Fit:
        """Bradley-Terry strengths with their covariance; made when it is asked for, from where the last one was."""
        if self._fit is None:
            self._fit = bradley_terry(self.wins, start=self._start)
            self._start = self._fit.ratings
        return self._fit

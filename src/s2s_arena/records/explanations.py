"""What moved a judge: its verdict on a match again, after one thing at a time was changed in one answer."""

from dataclasses import dataclass

from s2s_arena.records.identity import AudioHash, JudgeName, MatchId, content_hash
from s2s_arena.records.studies import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One change and what the judge then said.

    `shift` is how much the changed answer lost by it, in the judge's own margin: positive where what was taken away
    spoke for the answer, negative where it spoke against.
    """

    side: str  # first | second: which answer was changed
    turn: int
    edit: str  # words, pitch+3, flat, slower, faster, softer, louder, noise, no-gaps
    start_s: float
    end_s: float
    text: str  # the words that were removed; empty where the whole turn was changed
    outcome: Outcome
    margin: float  # in favour of the take heard first
    shift: float
    flipped: bool  # the verdict is another


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """All changes that were tried on one match, largest first."""

    match: MatchId
    judge: JudgeName
    judge_version: str
    tools: str  # content hash of ears and editor
    budget: int  # re-judgements that were allowed
    calls: int  # that were made, the first included
    outcome: Outcome
    margin: float
    audio: tuple[tuple[AudioHash, ...], tuple[AudioHash, ...]]  # of the first and second answer, by turn
    effects: tuple[Effect, ...]
    notes: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Store key."""
        return content_hash("explanation", self.match, self.judge, self.judge_version, self.tools, self.budget)

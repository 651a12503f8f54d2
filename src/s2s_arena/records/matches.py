"""Matches: two takes in the order heard, drawn in rounds with a known probability."""

from dataclasses import dataclass
from enum import StrEnum

from s2s_arena.records.identity import MatchId, SampleId, StudyName, SystemName, TakeId, content_hash


class Purpose(StrEnum):
    """Why a match is played; only `rated` ones move ratings."""

    RATED = "rated"
    REPEAT = "repeat"  # the same again, for self-consistency
    SWAP = "swap"  # the same in the other order, for position bias
    GOLD = "gold"  # a known answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Two takes of one sample, heard first and second."""

    id: MatchId
    study: StudyName
    round: int
    index: int  # (round, index) is the order of play, never the time of completion
    sample: SampleId
    first: TakeId
    second: TakeId
    first_system: SystemName
    second_system: SystemName
    group: str  # presentation group: the orders of one comparison share it and are rated once
    probability: float  # of this pair on this sample at this draw, in (0, 1]
    purpose: Purpose = Purpose.RATED

    @property
    def key(self) -> str:
        """Store key."""
        return self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """A fixed-size batch of matches, written whole before any is judged."""

    study: StudyName
    number: int
    size: int
    ratings_from_event: int  # pairing saw events up to this number
    sampler: str
    seed: int
    drawn_for: str = ""  # the judge whose votes steered the pairing; "" for people

    @property
    def key(self) -> str:
        """Store key."""
        return content_hash("round", self.study, self.number)


def match_id(*, study: str, round: int, index: int, first: str, second: str, purpose: Purpose) -> MatchId:
    """Content hash of a match's place and takes."""
    return MatchId(content_hash("match", study, round, index, first, second, purpose.value))


def group_id(*, study: str, round: int, index: int) -> str:
    """Presentation group of the comparison first drawn at (round, index)."""
    return content_hash("group", study, round, index)[:32]

"""Boards: standings with their uncertainty, win matrix, slices, and how far the judge can be trusted."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from s2s_arena.records.identity import JudgeName, StudyName, SystemName, content_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One system's place on a board. Ratings are Elo points around 1000."""

    system: SystemName
    elo: float
    bt: float
    bt_low: float
    bt_high: float
    rank_low: int
    rank_high: int
    win_rate: float | None  # None when it has not played
    wins: int
    losses: int
    matches: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How often a judge had an opinion on a criterion."""

    decided: int
    abstained: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """A pure function of the verdicts up to event `up_to`."""

    systems: tuple[SystemName, ...]  # row and column order of the matrix
    standings: tuple[Standing, ...]  # best first, by `method`
    wins: tuple[tuple[int, ...], ...]  # wins[i][j]: i beat j
    method: str  # elo | bt
    judge: str | None
    matches: int
    seed: int
    bootstraps: int
    connected: bool
    up_to: int = 0
    spearman_mean: float | None = None
    spearman_sd: float | None = None
    coverage: Mapping[str, Coverage] = field(default_factory=dict)
    both_bad: int = 0
    excluded: int = 0
    unrated: Mapping[str, int] = field(default_factory=dict)  # why matches did not count -> how many
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Slices:
    """Separate boards per value of one attribute, and the plain mean of their ratings."""

    by: str
    boards: Mapping[str, Board]
    macro_elo: Mapping[str, float]
    macro_bt: Mapping[str, float]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeReliability:
    """What is known of a judge's trustworthiness, as figures with their intervals."""

    judge: JudgeName
    judge_version: str
    figures: Mapping[str, tuple[float, float, float]]  # name -> (value, low, high)
    counts: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Store key."""
        return content_hash("reliability", self.judge, self.judge_version, self.figures)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One way in which a system took part: its name with one set of settings."""

    system: SystemName
    settings: str  # Card.settings_hash; "" where a take has no answers to tell it by
    takes: int  # samples answered so
    failed: int
    matches: int  # in which it was heard
    contestant: bool  # still one; a variant that left the study stays on the list


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedBoard:
    """A study's boards as they were published: never changed, and made again by replaying the log up to `up_to`.

    Attributes:
        study: Whose.
        version: 1, 2, 3 ...
        at: ISO 8601 UTC.
        up_to: Number of the last event that counts.
        suite: Name of the suite.
        suite_hash: Its hash.
        organiser: Who ran the study.
        interests: Conflicts of interest that the organiser states.
        judges: Who judged, a sentence each.
        conflicts: What is known beside: judges that share weights with contestants.
        warnings: What is known of the model judges' reliability, or that nothing is.
        variants: Every one that took part, on the boards or not.
        boards: `people` or a model judge -> its board.
        note: What changed since the last version, or why this one was published.
    """

    study: StudyName
    version: int
    at: str
    up_to: int
    suite: str
    suite_hash: str
    organiser: str
    interests: str
    judges: tuple[str, ...]
    conflicts: tuple[str, ...]
    variants: tuple[Variant, ...]
    boards: Mapping[str, Board]
    note: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Store key."""
        return content_hash("published", self.study, self.version)

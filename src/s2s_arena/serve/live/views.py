"""Live boards as values: what pages show and scripts read."""

from collections.abc import Mapping
from dataclasses import dataclass

from s2s_arena.records.identity import SystemName


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRow:
    """One system on a live board; ratings in points around 1000, intervals of 95 %.

    `both_bad` and `asked` count the votes on its matches that said both were bad, and in which that was asked.
    """

    system: SystemName
    elo: float
    bt: float
    low: float
    high: float
    rank_low: int
    rank_high: int
    group: str  # systems that share no letter are separated
    wins: float
    losses: float
    both_bad: int
    asked: int

    def as_json(self) -> dict[str, object]:
        """With stable keys, in the order of columns."""
        return {
            "system": self.system,
            "elo": self.elo,
            "bt": self.bt,
            "bt_low": self.low,
            "bt_high": self.high,
            "rank_low": self.rank_low,
            "rank_high": self.rank_high,
            "group": self.group,
            "wins": self.wins,
            "losses": self.losses,
            "both_bad": self.both_bad,
            "both_bad_asked": self.asked,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceRow:
    """One system in one slice: its rating among the slice's votes alone, half its interval, and its games there."""

    system: SystemName
    bt: float
    half: float
    games: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """A board for each value of one attribute of the samples; systems in the study's order."""

    by: str
    votes: Mapping[str, int]
    rows: Mapping[str, tuple[SliceRow, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """How far a model judge says what people say, over pairs of their standing votes on the same match.

    Shares and kappa come with 95 % intervals; None where they are undefined. Each pair counts as one case, so with
    several people on a match the intervals are somewhat too narrow.
    """

    matches: int
    agreement: float | None
    agreement_low: float | None
    agreement_high: float | None
    kappa: float | None
    kappa_low: float | None
    kappa_high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveView:
    """A board as it stands now.

    Attributes:
        who: `people`, or a model judge's name.
        rows: Best first.
        votes: That stand.
        wins: Shape (systems, systems) in the order of `rows`: how often the row beat the column; a tie is half each.
        both_bad: Standing votes that say both were bad.
        asked: Standing votes in which that was asked.
        up_to: Number of the last event.
        linked: Whether chains of wins link all systems; where they do not, gaps rest on the regularisation.
        groups: Largest sets of systems of which no two are separated, the one with the best system first.
        slices: By attribute, of those with more than one value.
        beside: A model's agreement with people; None of people.
        version: Of the model on the last verdict that told one.
        warnings: What a reader must know of a model: nothing is known of it, it is bad, it judges its own kin.
    """

    who: str
    rows: tuple[LiveRow, ...]
    votes: int
    wins: tuple[tuple[float, ...], ...]
    both_bad: int
    asked: int
    up_to: int
    linked: bool
    groups: tuple[tuple[SystemName, ...], ...]
    slices: tuple[Slice, ...]
    beside: Beside | None
    version: str = ""
    warnings: tuple[str, ...] = ()

    def as_json(self) -> Mapping[str, object]:
        """With stable keys."""
        beside = self.beside
        return {
            "judge": self.who,
            "judge_version": self.version,
            "warnings": list(self.warnings),
            "votes": self.votes,
            "both_bad": self.both_bad,
            "both_bad_asked": self.asked,
            "up_to_event": self.up_to,
            "linked": self.linked,
            "systems": [row.as_json() for row in self.rows],
            "groups": [list(group) for group in self.groups],
            "wins": [list(row) for row in self.wins],
            "slices": {
                part.by: {
                    value: {
                        "votes": part.votes[value],
                        "systems": [
                            {"system": r.system, "bt": r.bt, "bt_half": r.half, "games": r.games} for r in rows
                        ],
                    }
                    for value, rows in part.rows.items()
                }
                for part in self.slices
            },
            "beside_people": None
            if beside is None
            else {
                "pairs_of_votes": beside.matches,
                "agreement": beside.agreement,
                "agreement_low": beside.agreement_low,
                "agreement_high": beside.agreement_high,
                "kappa": beside.kappa,
                "kappa_low": beside.kappa_low,
                "kappa_high": beside.kappa_high,
            },
        }

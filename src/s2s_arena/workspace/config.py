"""`arena.toml`: typed, validated, with the line of what is wrong."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from s2s_arena.errors import WorkspaceError
from s2s_arena.records.studies import STRICT, Criterion, Outcome, Rules, Sampler, Sampling
from s2s_arena.workspace.toml_edge import from_table, parse_toml


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceSection:
    """[workspace]

    Attributes:
        name: Of the workspace.
        database: A file beside `arena.toml`, a URL without a password, or `env:NAME`: the variable that holds it.
        seed: Of every draw.
    """

    name: str = "arena"
    database: str = "arena.db"
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StudySection:
    """[study]: the rules of the default study, fixed once it has matches."""

    outcomes: tuple[Outcome, ...] = STRICT
    criteria: tuple[Criterion, ...] = tuple(Criterion)
    orders: str = "one"
    sampler: Sampler = Sampler.PAPER
    uniform_mix: float = 0.1
    round_size: int = 20
    floor: int = 0

    def rules(self) -> Rules:
        return Rules(outcomes=self.outcomes, criteria=self.criteria, orders=self.orders)

    def sampling(self) -> Sampling:
        return Sampling(
            sampler=self.sampler, uniform_mix=self.uniform_mix, round_size=self.round_size, floor=self.floor
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RankSection:
    """[rank]"""

    method: str = "bt"
    bootstraps: int = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The whole of `arena.toml`."""

    workspace: WorkspaceSection = field(default_factory=WorkspaceSection)
    study: StudySection = field(default_factory=StudySection)
    rank: RankSection = field(default_factory=RankSection)


def holds_password(database: str) -> bool:
    """Whether a database URL says a password."""
    if "://" not in database:
        return False
    address, _, options = database.partition("?")
    user, at, _ = address.partition("://")[2].rpartition("@")
    return (bool(at) and ":" in user) or "password=" in options.lower()


def load(path: Path) -> Config:
    """The configuration in that file.

    Raises:
        WorkspaceError: The file is not TOML (line named), or a key is unknown or of a wrong type (key path and
            line named), or a value is out of range.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise WorkspaceError(f"{path}: cannot be read ({error.strerror})") from error
    try:
        table = parse_toml(text)
    except tomllib.TOMLDecodeError as error:
        raise WorkspaceError(f"{path}: not TOML: {error}") from error
    config = from_table(Config, table, text=text, source=str(path), error=WorkspaceError)
    if holds_password(config.workspace.database):
        raise WorkspaceError(
            f"{path}: workspace.database holds a password, and this file travels; leave the password to PGPASSWORD or "
            'to ~/.pgpass, or write "env:NAME" and set the whole URL in that variable'
        )
    if not 0.0 <= config.study.uniform_mix <= 1.0:
        raise WorkspaceError(f"{path}: study.uniform_mix is {config.study.uniform_mix}; 0..1 needed")
    if config.study.round_size < 1:
        raise WorkspaceError(f"{path}: study.round_size is {config.study.round_size}; at least 1 needed")
    if config.study.floor < 0:
        raise WorkspaceError(f"{path}: study.floor is {config.study.floor}; 0 or more needed")
    if config.study.orders not in ("one", "both"):
        raise WorkspaceError(f"{path}: study.orders is '{config.study.orders}'; one or both needed")
    if config.rank.method not in ("bt", "elo"):
        raise WorkspaceError(f"{path}: rank.method is '{config.rank.method}'; bt or elo needed")
    if not {Outcome.FIRST, Outcome.SECOND} <= set(config.study.outcomes):
        raise WorkspaceError(f"{path}: study.outcomes lacks first or second; both are always legal")
    return config

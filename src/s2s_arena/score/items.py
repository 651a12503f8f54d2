"""What absolute judges mark: general items for every sample they apply to, and the sample's own."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib.resources import files

from s2s_arena.records.codec import parse
from s2s_arena.records.identity import SampleId, content_hash
from s2s_arena.records.samples import Sample


class Scale(StrEnum):
    """What marks an item can get."""

    PASS = "pass"  # 0..1, the chance or share of a pass
    GRADE = "grade"  # 1..5

    @property
    def ends(self) -> tuple[float, float]:
        """The worst and the best mark."""
        return (0.0, 1.0) if self is Scale.PASS else (1.0, 5.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One point to mark.

    Attributes:
        id: Unique among the items of a sample.
        text: A statement that is true of a good answer, or what is graded; for a red flag, of a bad one.
        dimension: What it is averaged under.
        scale: Pass or fail, or 1 to 5.
        red_flag: An answer of which it is true is worth nothing in any dimension.
        general: For every sample, not for one.
    """

    id: str
    text: str
    dimension: str = "instruction"
    scale: Scale = Scale.PASS
    red_flag: bool = False
    general: bool = False

    @property
    def name(self) -> str:
        """The scale of its `Score` records."""
        return f"rubric:{self.dimension}/{self.id}"

    def worth(self, value: float) -> float:
        """A mark on 0..1."""
        low, high = self.scale.ends
        return min(1.0, max(0.0, (value - low) / (high - low)))


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneralItem:
    """A general item and where it applies."""

    id: str
    text: str
    dimension: str
    scale: Scale = Scale.PASS
    levels: tuple[str, ...] = ()  # all by default; samples without a level get none that is narrowed by one
    turns: int = 1  # at least so many


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """What a mind is asked with, and the general items."""

    version: str
    system: str
    asked: str
    heard: str
    guideline: str
    replied: str
    measured: str
    nothing: str
    passes: str
    grades: str
    yes: str
    no: str
    item: tuple[GeneralItem, ...] = ()

    @property
    def hash(self) -> str:
        """Content hash of what is asked with; items are in the keys of marks by themselves."""
        return content_hash("score texts", [getattr(self, n) for n in self.__slots__ if n != "item"])


@cache
def shipped() -> Texts:
    """The package's own texts and general items."""
    text = (files(__package__) / "general.toml").read_text(encoding="utf-8")
    return parse(Texts, tomllib.loads(text))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rubric:
    """The items of a suite: general ones, those that samples bring along, and further ones by sample."""

    general: tuple[GeneralItem, ...] = field(default_factory=lambda: shipped().item)
    specific: Mapping[SampleId, tuple[Item, ...]] = field(default_factory=dict)

    def items(self, sample: Sample) -> tuple[Item, ...]:
        """All items of a sample, general ones first; an id that comes twice counts once, as it came first."""
        wide = [
            Item(id=g.id, text=g.text, dimension=g.dimension, scale=g.scale, general=True)
            for g in self.general
            if len(sample.turns) >= g.turns and (not g.levels or sample.level in g.levels)
        ]
        own = [
            Item(id=item.id, text=item.text, dimension=item.dimension, red_flag=item.red_flag) for item in sample.rubric
        ]
        found: dict[str, Item] = {}
        for item in (*wide, *own, *self.specific.get(sample.id, ())):
            found.setdefault(item.name, item)
        return tuple(found.values())

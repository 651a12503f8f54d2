"""Cards: what runs a system, a judge or a voice, and all that a board must say about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from s2s_arena.records.identity import JudgeName, SystemName, content_hash

Setting = str | int | float | bool | list[str] | list[int] | list[float] | dict[str, str | int | float | bool]
"""What a card's `[settings]` may hold."""


NATURAL = "natural"
"""Quality of a voice that could be a person's."""


class Verified(StrEnum):
    """How far a card was seen to work."""

    NONE = "none"
    LOOPBACK = "loopback"  # against a server that speaks the documented wire
    TINY_WEIGHTS = "tiny-weights"  # the same code path on a tiny random-weight model
    LIVE = "live"  # the real thing, speech in and speech out


@dataclass(frozen=True, slots=True, kw_only=True)
class Licences:
    """Licence names; empty where there is no such part."""

    code: str = ""
    weights: str = ""
    voice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What must be there before the card runs."""

    extra: str | None = None  # pip extra of this package
    env: tuple[str, ...] = ()  # names of environment variables, never values
    folders: tuple[str, ...] = ()  # names of environment variables that hold the path of a folder
    programs: tuple[str, ...] = ()
    gpu: bool = False
    ram_gib: float = 0.0
    server: str = ""  # address that must answer; looked at only where it is on this machine
    where: Mapping[str, str] = field(default_factory=dict)  # variable, program or "server" -> how to get it


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What every card says: the model family that runs it, its settings, and where it comes from."""

    name: str
    title: str
    model: str  # model family, see models/registry.py or an entry point
    settings: Mapping[str, Setting] = field(default_factory=dict)
    organisation: str = ""
    kind: str = ""  # industry | academia | baseline | local
    backbone: str = ""
    encoder: str = ""
    decoder: str = ""
    weights: tuple[str, ...] = ()  # names of weight sets it loads: shared ones are flagged on boards
    input_rate_hz: int = 16000
    output_rate_hz: int = 24000
    languages: tuple[str, ...] = ()
    licences: Licences = field(default_factory=Licences)
    needs: Needs = field(default_factory=Needs)
    price: Mapping[str, float] = field(default_factory=dict)  # usd per minute_in, minute_out, token_in, token_out
    verified: Verified = Verified.NONE
    notes: str = ""
    version: str = "1"

    @property
    def settings_hash(self) -> str:
        """What an answer depends on: model, settings and version; not the prose."""
        return content_hash("settings", self.model, self.settings, self.version)

    @property
    def resources(self) -> dict[str, float]:
        """What one loaded copy takes of a machine: CPU and GPU in numbers, memory in bytes."""
        taken = {"CPU": 1.0}
        if self.needs.gpu:
            taken["GPU"] = 1.0
        if self.needs.ram_gib:
            taken["memory"] = self.needs.ram_gib * 2**30
        return taken


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemCard(Card):
    """A system under test."""

    timeout_s: float = 180.0
    concurrency: int = 1
    limits: Mapping[str, float] = field(default_factory=dict)  # requests, sessions, tokens: at most so many a minute

    @property
    def system(self) -> SystemName:
        """Its name as a contestant."""
        return SystemName(self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeCard(Card):
    """A judge: an audio model, the embedded one, a rule, or people."""

    orders: str = "both"  # one | both | averaged (asks both orders inside one verdict)

    @property
    def judge(self) -> JudgeName:
        """Its name on verdicts."""
        return JudgeName(self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceCard(Card):
    """A voice that speaks scripts."""

    gender: str = ""
    age: str = "adult"
    accent: str = ""
    quality: str = NATURAL  # formant: a machine, as one hears at once; said of every sample it speaks
    unasked: bool = True  # whether a build takes it without being told to

"""Who takes part, and how a study is conducted with people: what the register keeps beside the arena's records."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from s2s_arena.errors import InputError
from s2s_arena.records.identity import JudgeName, StudyName

CHECKS = ("off", "advise", "require")
PAGE_LANGUAGES = ("en", "zh")


class Role(StrEnum):
    """What a person may do."""

    ADMIN = "admin"
    RESEARCHER = "researcher"
    ANNOTATOR = "annotator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One person with a personal link. The name stays in the register; votes carry `judge` alone."""

    id: str
    role: Role
    name: str = ""
    study: str = ""  # annotators belong to one study
    languages: Mapping[str, str] = field(default_factory=dict)  # primary tag -> proficiency; empty: every language
    external: str = ""  # the participant's id on a crowd platform
    page: str = "en"  # language of the pages
    link: int = 0  # a higher number ends all earlier links and sessions
    quota: int | None = None
    made: str = ""  # ISO 8601 UTC, as the following
    began: str = ""  # read what is asked of them and agreed
    check: str = ""  # pass | fail | unavailable, of headphones and hearing
    check_attempts: int = 0
    practised: str = ""
    active: bool = True
    job: str = ""  # those who work on a suite have a job instead of a study
    consent: tuple[str, ...] = ()  # what may be done with their recordings
    consented: str = ""
    consent_text: str = ""  # version of the text they agreed to
    withdrawn: str = ""
    voice: Mapping[str, str] = field(default_factory=dict)  # gender, age, accent, as they say it

    @property
    def key(self) -> str:
        """Register key."""
        return self.id

    @property
    def judge(self) -> JudgeName:
        """The name on verdicts."""
        return JudgeName(f"person:{self.id}")

    @property
    def leads(self) -> bool:
        """Whether the researchers' desk is open to them."""
        return self.role is not Role.ANNOTATOR

    def speaks(self, language: str) -> bool:
        """Whether samples in that language (BCP 47) may be given to them."""
        return not self.languages or primary(language) in self.languages


@dataclass(frozen=True, slots=True, kw_only=True)
class Conduct:
    """How people vote in one study.

    Attributes:
        study: The arena's study, which has systems, outcomes and criteria.
        title: What annotators see.
        instructions: Page language -> what they are told before they begin.
        overlap: Share of comparisons that two people judge, 0..1.
        repeats: Share of a person's tasks that come again unannounced.
        swaps: Share that come again with the sides swapped.
        gold: Share whose right answer is known: one clip answers another request.
        quota: Votes asked of each person.
        lease_s: How long a task waits for one person before others may get it.
        listen: Share of each clip that must have been heard, 0..1.
        ask_both_bad: Whether each vote also asks if both are bad.
        reveal: Whether the systems' names are shown after each vote.
        public_board: Whether the live board is open to everybody.
        check: Headphone and hearing check: off, advise or require.
        practice: Whether practice items come first.
        paused: No new tasks are given out.
        even_band: Where systems carry different bands, all answers are limited to the lowest.
        even_edges: Answers lose the silence before and after their sound.
        rate_hz: Of every clip.
        band_hz: Answers have nothing above it; 0: they are left as wide as they came.
        gains: System (or "user") -> dB, one for all its clips.
        pay_per_vote: For the pay log.
        currency: Of the pay.
        made: ISO 8601 UTC.
        organiser: Who runs the study, as boards say.
        interests: Conflicts of interest of the organiser, as boards say.
    """

    study: StudyName
    title: str = ""
    instructions: Mapping[str, str] = field(default_factory=dict)
    overlap: float = 0.1
    repeats: float = 0.05
    swaps: float = 0.05
    gold: float = 0.05
    quota: int = 40
    lease_s: float = 1800.0
    listen: float = 0.9
    ask_both_bad: bool = True
    reveal: bool = False
    public_board: bool = False
    check: str = "advise"
    practice: bool = True
    paused: bool = False
    even_band: bool = True
    even_edges: bool = False  # new studies ask for it: those that had begun before there was it go on as they were
    rate_hz: int = 24000
    band_hz: int = 0
    gains: Mapping[str, float] = field(default_factory=dict)
    pay_per_vote: float = 0.0
    currency: str = "EUR"
    made: str = ""
    organiser: str = ""
    interests: str = ""

    def __post_init__(self) -> None:
        for name in ("overlap", "repeats", "swaps", "gold", "listen"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise InputError(f"study {self.study}: {name} is {getattr(self, name)}; a share from 0 to 1 is needed")
        if self.repeats + self.swaps + self.gold > 0.5:
            raise InputError(
                f"study {self.study}: more than half of the tasks would be hidden checks; lower the shares"
            )
        if self.quota < 1 or self.lease_s <= 0:
            raise InputError(f"study {self.study}: quota {self.quota}, lease {self.lease_s} s; both must be above 0")
        if self.check not in CHECKS:
            raise InputError(f"study {self.study}: check {self.check!r}; one of {', '.join(CHECKS)} is needed")

    @property
    def key(self) -> str:
        """Register key."""
        return self.study


def primary(language: str) -> str:
    """The primary tag of a BCP 47 tag: zh-CN is zh."""
    return language.replace("_", "-").partition("-")[0].lower()


def spoken(text: str) -> dict[str, str]:
    """Languages as people type them, `en:native, zh:fluent`: primary tag -> proficiency.

    Raises:
        InputError: A tag that is not two or three letters, or an unknown proficiency.
    """
    found: dict[str, str] = {}
    for part in filter(None, (p.strip() for p in text.split(","))):
        tag, _, level = part.partition(":")
        tag, level = primary(tag.strip()), level.strip().lower() or "fluent"
        if not (2 <= len(tag) <= 3 and tag.isascii() and tag.isalpha()):
            raise InputError(
                f"language {part!r}: write tags such as en or zh, with a proficiency: en:native, zh:fluent"
            )
        if level not in PROFICIENCIES:
            raise InputError(f"language {part!r}: proficiency {level!r}; one of {', '.join(PROFICIENCIES)} is needed")
        found[tag] = level
    return found


PROFICIENCIES = ("native", "fluent", "intermediate", "basic")

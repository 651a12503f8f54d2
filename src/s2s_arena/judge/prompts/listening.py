"""The texts and spoken cues of judges that hear or read a whole comparison: data by language, versioned and hashed."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from s2s_arena.errors import CardError
from s2s_arena.records.codec import parse
from s2s_arena.records.identity import content_hash

LANGUAGES = ("en", "zh")
"""Languages that cues and texts are shipped in; other samples are judged in the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcements:
    """What tells the parts of a comparison apart: spoken as cues, or written as labels."""

    question: str
    first: str
    second: str
    conversation_first: str
    conversation_second: str
    user: str
    reply: str
    silent: str
    end: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What is asked in writing."""

    system: str
    spoken: str
    spoken_conversation: str
    parts: str
    parts_conversation: str
    transcripts: str
    annotated: str
    unspoken: str  # {script}
    guideline: str  # {guideline}
    criteria: str
    choose: str
    choose_tie: str
    format: str
    format_tie: str
    canary_system: str
    canary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """One line each for what was measured in an utterance."""

    words: str  # {text}
    no_words: str
    language: str  # {language}
    labels: str  # {labels}
    duration: str  # {duration} {speech}
    rate: str  # {rate}
    pauses: str  # {count} {longest}
    pitch: str  # {median} {range}
    level: str  # {level} {spread}
    emphasis: str  # {words}
    emotion: str  # {emotion} {probability}
    expressive: str  # {value}
    quality: str  # {mos}
    clipped: str
    abrupt: str
    silent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryWords:
    """Words that a canary draws from: common, and unlike each other."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListeningPrompts:
    """All texts of one language."""

    version: str
    language: str
    cues: Announcements
    labels: Announcements
    ask: Asking
    notes: Notes
    canary: CanaryWords

    @property
    def hash(self) -> str:
        """Content hash of all the texts."""
        return content_hash("listening-prompts", self)


def listening_prompts(language: str = "en", *, text: str | None = None) -> ListeningPrompts:
    """The shipped texts of a language, or those of a TOML text with the same keys.

    Raises:
        CardError: The text is not TOML, or the language is not shipped.
        InputError: A key is missing, unknown or of the wrong type.
    """
    if text is None:
        if language not in LANGUAGES:
            raise CardError(f"judge prompts: language {language!r} given; shipped are {', '.join(LANGUAGES)}")
        text = (files("s2s_arena.judge.prompts") / f"listening.{language}.toml").read_text(encoding="utf-8")
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CardError(f"judge prompts: not TOML ({error}); copy judge/prompts/listening.en.toml and edit") from error
    return parse(ListeningPrompts, table)


def shipped() -> Mapping[str, ListeningPrompts]:
    """The texts of every shipped language."""
    return {language: listening_prompts(language) for language in LANGUAGES}


def fitting(prompts: Mapping[str, ListeningPrompts], language: str) -> ListeningPrompts:
    """The texts for a sample in that language (BCP 47): its own, else the first there are."""
    return prompts.get(language.split("-")[0].lower()) or next(iter(prompts.values()))

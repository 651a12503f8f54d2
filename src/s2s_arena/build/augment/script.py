"""A grown script and the strict form in which a writer must give it."""

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from s2s_arena.build.augment.directions import Directions, opening_of, said
from s2s_arena.build.augment.targets import Target
from s2s_arena.build.checks import fault, words
from s2s_arena.build.languages import primary, spaced
from s2s_arena.errors import SuiteError
from s2s_arena.records.samples import Turn
from s2s_arena.records.taxonomy import Level

KEYS = ("id", "text", "task", "category", "task_description", "language", "text_cn", "level")
"""The keys of a script, all text, in the order of the paper's schema."""

WORDS = (6, 40)
CHARACTERS = (8, 60)
"""Least and most in a text, where words are spaced and where they are not."""

ASKED_WORDS = (8, 24)
ASKED_CHARACTERS = (10, 32)
"""What the writer is asked for: writers run over."""

_PUNCTUATION = "\n'’\".,;:!?-–—…()%&$€£°。，、；：！？“”‘’「」《》·।؟¿¡"
_ASSISTANTS = (
    "as an ai", "an ai language model", "i can't assist", "i cannot assist", "assist you", "i'm sorry but i can't",
    "i'm sorry, but i can't", "how can i help you", "what can i help you", "作为一个ai", "作为人工智能",
    "很抱歉，我无法", "我可以帮你", "我可以帮您", "为您服务",
)  # fmt: skip
"""What only an assistant says: a writer that answers instead of writing what was asked for."""

LONGEST_TASK = 60
LONGEST_DESCRIPTION = 320


class Reason(StrEnum):
    """Why a reply was not accepted."""

    WRITER = "writer_failed"  # time-out, network
    JSON = "malformed_json"
    KEYS = "wrong_keys"
    VALUE = "wrong_value"
    LENGTH = "wrong_length"
    UNSPEAKABLE = "unspeakable"
    LANGUAGE = "wrong_language"
    GIVEN_AWAY = "cue_given_away"
    NOT_ASKED = "delivery_not_asked"
    ASSISTANT = "assistants_words"
    SIMILAR = "too_similar"
    COPIED = "copied_words"


class Rejected(Exception):
    """A reply that is not accepted: the reason for the journal, the message for the writer."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


@dataclass(frozen=True, slots=True, kw_only=True)
class GrownScript:
    """The paper's script schema."""

    id: str
    text: str
    task: str
    category: str
    task_description: str
    language: str
    text_cn: str
    level: str

    def as_json(self) -> dict[str, str]:
        """The record with its eight keys, in order."""
        return {key: str(getattr(self, key)) for key in KEYS}


def lengths(language: str) -> tuple[int, int]:
    """Least and most words of a text, or characters where words are not spaced."""
    return WORDS if spaced(language) else CHARACTERS


def asked_lengths(language: str) -> tuple[int, int]:
    """What the writer is asked for, in the same units."""
    return ASKED_WORDS if spaced(language) else ASKED_CHARACTERS


def read_reply(reply: str, target: Target, *, directions: Directions) -> GrownScript:
    """The script in a writer's reply.

    A Chinese script is its own `text_cn`. White space at the ends of values is dropped.

    Raises:
        Rejected: Not JSON, keys missing or unknown, a value that was settled is another, the text is too long or
            too short to be spoken, has what no voice can say or is in another language, says what only the voice
            should say, or does not ask for the delivery that it should ask for.
    """
    values = _fields(_object(reply))
    if primary(target.language) == "zh":
        values["text_cn"] = values["text"]
    script = GrownScript(**values)
    _check_settled(script, target)
    _check_text(script, target)
    _check_cues(script, target, directions)
    return script


def _object(reply: str) -> Mapping[str, object]:
    try:
        found = json.loads(reply)
    except ValueError as error:
        raise Rejected(Reason.JSON, f"it is not one whole JSON object ({error}).") from error
    if not isinstance(found, dict):
        raise Rejected(Reason.JSON, f"it is a JSON {type(found).__name__}, an object is needed.")
    return found


def _fields(found: Mapping[str, object]) -> dict[str, str]:
    missing = [key for key in KEYS if key not in found]
    unknown = [key for key in found if key not in KEYS]
    if missing or unknown:
        parts = [f"missing: {', '.join(missing)}"] * bool(missing) + [f"unknown: {', '.join(unknown)}"] * bool(unknown)
        raise Rejected(Reason.KEYS, f"the keys must be {', '.join(KEYS)} ({'; '.join(parts)}).")
    values: dict[str, str] = {}
    for key in KEYS:
        value = found[key]
        if not isinstance(value, str) or not value.strip():
            raise Rejected(Reason.VALUE, f'"{key}" must be a text that is not empty.')
        if "..." in value and not any(c.isalnum() for c in value.replace("...", "")):
            raise Rejected(Reason.VALUE, f'"{key}" must be filled in.')
        values[key] = value.strip()
    return values


def _check_settled(script: GrownScript, target: Target) -> None:
    settled = {"id": target.id, "category": target.domain, "language": target.language, "level": target.level.value}
    for key, wanted in settled.items():
        if getattr(script, key) != wanted:
            raise Rejected(Reason.VALUE, f'"{key}" must be "{wanted}".')
    if len(script.task) > LONGEST_TASK or not any(c.isalpha() for c in script.task):
        raise Rejected(Reason.VALUE, f'"task" must be a short name of at most {LONGEST_TASK} letters.')
    try:
        direction, rest = opening_of(script.task_description)
    except SuiteError as error:
        raise Rejected(Reason.VALUE, f"{error}.") from error
    if direction != target.direction:
        raise Rejected(Reason.VALUE, f'"task_description" must begin with "{target.direction.opening}".')
    if len(words(rest)) < 4 or len(script.task_description) > LONGEST_DESCRIPTION:
        raise Rejected(Reason.VALUE, '"task_description" must say in one sentence what a good answer does.')


def _check_text(script: GrownScript, target: Target) -> None:
    text, tag = script.text, target.language
    if not any(c.isalpha() for c in text):
        raise Rejected(Reason.UNSPEAKABLE, '"text" must have words.')
    if not _in_language(text, tag):
        raise Rejected(Reason.LANGUAGE, f'"text" must be in the language {tag}.')
    least, most = lengths(tag)
    size = len(words(text)) if spaced(tag) else sum(c.isalnum() for c in text)
    unit = "words" if spaced(tag) else "characters"
    if not least <= size <= most:
        raise Rejected(Reason.LENGTH, f'"text" has {size} {unit}, it must have {least} to {most}.')
    wrong = next((c for c in text if not _speakable(c)), None)
    if wrong is not None:
        raise Rejected(Reason.UNSPEAKABLE, f'"text" holds {wrong!r}, which no voice can say; use words only.')
    problem = fault(Turn(script=text, language=tag))
    if problem is not None:
        raise Rejected(Reason.UNSPEAKABLE, f"{problem}.")
    if not _mostly_han(script.text_cn):
        raise Rejected(Reason.LANGUAGE, '"text_cn" must be the text in Chinese.')


def _check_cues(script: GrownScript, target: Target, directions: Directions) -> None:
    own = next((words for words in _ASSISTANTS if words in script.text.lower().replace("’", "'")), None)
    if own is not None:
        raise Rejected(Reason.ASSISTANT, f'"text" says "{own}", as the assistant would; write what the user says.')
    if target.level.perceives:
        told = said(script.text, directions.heard[target.direction.heard].gives_away, language=target.language)
        if told is not None:
            raise Rejected(
                Reason.GIVEN_AWAY,
                f'"text" says "{told}", but only the voice may tell that it is {target.direction.heard}.',
            )
    if target.level is Level.L3:
        asks = directions.answered[target.direction.answered].asks
        if asks and said(script.text, asks, language=target.language) is None:
            first = next((word for word in asks if word.isascii() == spaced(target.language)), asks[0])
            raise Rejected(
                Reason.NOT_ASKED,
                f'"text" must ask for an answer spoken {target.direction.answered}, with a word such as "{first}".',
            )


def _speakable(c: str) -> bool:
    return unicodedata.category(c)[0] in "LMNZ" or c in _PUNCTUATION


def _in_language(text: str, tag: str) -> bool:
    letters = [c for c in text if c.isalpha()]
    han = sum("\u3400" <= c <= "\u9fff" for c in letters) / len(letters)
    kana = sum("\u3041" <= c <= "\u30fa" for c in letters) / len(letters)
    script = primary(tag)
    if script == "zh":
        return han >= 0.7 and kana == 0
    if script == "ja":
        return kana >= 0.2 and han + kana >= 0.7
    ranges = {
        "hi": ("\u0900", "\u097f"),
        "ru": ("\u0400", "\u04ff"),
        "ar": ("\u0600", "\u06ff"),
        "ko": ("\uac00", "\ud7af"),
    }
    if script in ranges:
        low, high = ranges[script]
        return sum(low <= c <= high for c in letters) / len(letters) >= 0.7
    return han + kana == 0


def _mostly_han(text: str) -> bool:
    letters = [c for c in text if c.isalpha()]
    return bool(letters) and sum("\u3400" <= c <= "\u9fff" for c in letters) / len(letters) >= 0.5

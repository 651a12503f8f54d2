"""What other suites call the paper's tasks, domains, levels and languages, as data."""

import re

from s2s_arena.build.languages import known
from s2s_arena.records.taxonomy import DOMAINS, SEED_TASKS, Level, LevelScheme

TASK_ALIASES: dict[str, str] = {
    "sing": "singing",
    "song": "singing",
    "natural": "natural_sound_simulation",
    "natural_sound": "natural_sound_simulation",
    "natural_sounds": "natural_sound_simulation",
    "sound_simulation": "natural_sound_simulation",
    "tongue_twister": "tongue_twisters",
    "irony": "sarcasm_detection",
    "sarcasm": "sarcasm_detection",
    "implication": "implication_understanding",
    "implications": "implication_understanding",
    "identity": "identity_based_response",
    "identity_response": "identity_based_response",
    "emotion": "emotion_recognition_and_expression",
    "emotion_recognition": "emotion_recognition_and_expression",
    "pronunciation": "pronunciation_correction",
    "emphasis": "emphasis_control",
    "stress": "emphasis_control",
    "rhythm": "rhythm_control",
    "polyphone": "polyphonic_words",
    "polyphonic": "polyphonic_words",
    "polyphonic_word": "polyphonic_words",
    "pause": "pause_and_segmentation",
    "pauses": "pause_and_segmentation",
    "segmentation": "pause_and_segmentation",
    "translation": "cross_lingual_emotional_translation",
    "emotional_translation": "cross_lingual_emotional_translation",
    "cross_lingual_translation": "cross_lingual_emotional_translation",
    "language": "language_consistency",
    "poem": "poetry_recitation",
    "poetry": "poetry_recitation",
    "role_play": "role_playing",
    "roleplay": "role_playing",
    "story": "storytelling",
    "stories": "storytelling",
    "story_telling": "storytelling",
    "stand_up": "stand_up_comedy",
    "standup": "stand_up_comedy",
    "comedy": "stand_up_comedy",
    "stand_up_comedy_skit": "stand_up_comedy",
    "health": "health_consultation",
    "healthcare": "health_consultation",
    "medical_consultation": "health_consultation",
}
"""Slug of a name seen in the wild -> seed task."""

DOMAIN_ALIASES: dict[str, str] = {
    "social_companionship": "social",
    "social_interaction": "social",
    "medical_consultation": "medical",
    "medicine": "medical",
    "educational": "education",
}

LANGUAGE_NAMES: dict[str, str] = {
    "arabic": "ar", "bengali": "bn", "bulgarian": "bg", "cantonese": "yue", "catalan": "ca", "chinese": "zh",
    "croatian": "hr", "czech": "cs", "danish": "da", "dutch": "nl", "english": "en", "estonian": "et",
    "filipino": "fil", "finnish": "fi", "french": "fr", "german": "de", "greek": "el", "hebrew": "he",
    "hindi": "hi", "hungarian": "hu", "icelandic": "is", "indonesian": "id", "irish": "ga", "italian": "it",
    "japanese": "ja", "kazakh": "kk", "khmer": "km", "korean": "ko", "lao": "lo", "latin": "la", "latvian": "lv",
    "lithuanian": "lt", "malay": "ms", "mandarin": "zh", "marathi": "mr", "mongolian": "mn", "nepali": "ne",
    "norwegian": "no", "persian": "fa", "polish": "pl", "portuguese": "pt", "punjabi": "pa", "romanian": "ro",
    "russian": "ru", "serbian": "sr", "slovak": "sk", "slovenian": "sl", "spanish": "es", "swahili": "sw",
    "swedish": "sv", "tagalog": "tl", "tamil": "ta", "telugu": "te", "thai": "th", "tibetan": "bo", "turkish": "tr",
    "ukrainian": "uk", "urdu": "ur", "uyghur": "ug", "vietnamese": "vi", "welsh": "cy",
    "中文": "zh", "汉语": "zh", "普通话": "zh", "粤语": "yue", "英文": "en", "英语": "en", "日语": "ja", "日本語": "ja",
    "cmn": "zh", "eng": "en", "zho": "zh", "jpn": "ja",
}  # fmt: skip
"""Names in lower case, and the three-letter codes in use -> BCP 47 tag."""

UNDETERMINED = "und"
"""BCP 47's own tag for a language nobody has stated."""


def slug(name: str) -> str:
    """Lower case, words joined by one underscore; letters of any script stay."""
    return re.sub(r"[^\w]+|_+", "_", name.strip().lower()).strip("_")


def task_of(name: str) -> tuple[str | None, str | None]:
    """(task, seed task): a name of the paper's task gives it twice, any other name its slug alone."""
    given = slug(name)
    seed = given if given in SEED_TASKS else TASK_ALIASES.get(given)
    return (seed, seed) if seed else (given or None, None)


def domain_of(name: str, *, seed_task: str | None) -> str | None:
    """The domain named; that of the seed task if none is; an unknown name is kept as its slug."""
    given = slug(name)
    if not given:
        return SEED_TASKS[seed_task] if seed_task else None
    return given if given in DOMAINS else DOMAIN_ALIASES.get(given, given)


def level_of(name: str, scheme: LevelScheme) -> Level | None:
    """The level named under that scheme, None for an empty name.

    Raises:
        ValueError: The scheme has no such level; the message gives the value and the remedy.
    """
    given = name.strip().upper()
    if not given:
        return None
    lowest = 0 if scheme is LevelScheme.V1 else 1
    found = re.fullmatch(r"(?:L|LEVEL[ _-]?)?(\d)(?:\.0)?", given)
    if found is None or not lowest <= int(found[1]) <= lowest + 3:
        hint = "; its levels L0-L3 are read with level_scheme v1" if given in ("L0", "0") and lowest else ""
        raise ValueError(
            f"level {name!r} is not in L{lowest}-L{lowest + 3} of scheme {scheme.value}{hint}; correct or drop it"
        )
    return list(Level)[int(found[1]) - lowest]


def language_of(name: str) -> str:
    """The BCP 47 tag of a name or tag, in the standard's own case; `und` for an empty name.

    Raises:
        ValueError: Neither a language we know by name nor a tag of one; the message gives value and remedy.
    """
    given = name.strip().replace("_", "-")
    if not given or given.lower() == UNDETERMINED:
        return UNDETERMINED
    primary, *rest = (LANGUAGE_NAMES.get(given.lower()) or given).split("-")
    tag = "-".join([LANGUAGE_NAMES.get(primary.lower(), primary.lower()), *(_cased(part) for part in rest)])
    if not known(tag):
        raise ValueError(f"language {name!r} is not known; give a BCP 47 tag such as en or zh-CN")
    return tag


def _cased(subtag: str) -> str:
    if len(subtag) == 2 and subtag.isalpha():
        return subtag.upper()
    return subtag.title() if len(subtag) == 4 and subtag.isalpha() else subtag.lower()

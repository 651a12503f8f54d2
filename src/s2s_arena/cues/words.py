"""Words of any script made comparable, and how far the words heard agree with the words meant."""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import Any

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from s2s_arena.cues.numbers import english_numbers, han_numbers

_UNSPACED = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"  # kana, Chinese characters, Hangul
_TOKEN = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+(?:'\w+)?")
_HAN = re.compile(r"[\u3400-\u9fff]")
_KANA = re.compile(r"[\u3040-\u30ff]")
_CONTRACTIONS = {
    "won't": "will not",
    "can't": "can not",
    "cannot": "can not",
    "let's": "let us",
    "gonna": "going to",
    "wanna": "want to",
    "okay": "ok",
    "mr": "mister",
    "dr": "doctor",
}
_ENDINGS = {"n't": " not", "'re": " are", "'ve": " have", "'ll": " will", "'m": " am", "'d": " would"}
ALIKE = 84.0  # rapidfuzz ratio from which two written forms are taken for one spoken word


def tokens(text: str, language: str) -> tuple[str, ...]:
    """The text as comparable units: words of spaced scripts, single characters of Chinese, Japanese, Korean.

    Lower case, no punctuation, numbers as digits, contractions apart, katakana as hiragana. Chinese characters
    become their sound without tone where `pypinyin` is installed (extra `local`): ears confuse homophones and
    the two character sets, and neither is the speaker's mistake.
    """
    clean = unicodedata.normalize("NFKC", text).lower().replace("’", "'")
    chinese = bool(_HAN.search(clean)) and not _is_japanese(clean, language)
    if chinese:
        clean = han_numbers(clean)
    words: list[str] = []
    for word in _TOKEN.findall(re.sub(r"(?<=\d),(?=\d{3})", "", clean)):
        words += _apart(word)
    words = english_numbers(words)
    return tuple(_sound(word) if chinese and _HAN.match(word) else _hiragana(word) for word in words)


def error_rate(meant: str, heard: str, language: str) -> float:
    """Edits that turn what was meant into what was heard, over the length of what was meant; may pass 1.

    Units are those of `tokens`: word error rate for spaced scripts, character error rate for the others, mixed
    error rate where both occur. 0 if both are empty, 1 if only `meant` is.
    """
    wanted, found = tokens(meant, language), tokens(heard, language)
    if not wanted:
        return float(bool(found))
    return float(Levenshtein.distance(wanted, found)) / len(wanted)


def agreement(meant: str, heard: str, language: str) -> float:
    """How far speech says its own text: 1 word for word, 0 nothing in common. 1 - min(1, `error_rate`)."""
    return 1.0 - min(1.0, error_rate(meant, heard, language))


def place(phrase: str, words: Sequence[str], language: str) -> tuple[int, int] | None:
    """Where a phrase is among words: first and last index, inclusive; None if it is not there.

    The first exact occurrence wins, else the first one that sounds alike (fuzzy by spelling).

    Args:
        phrase: One or more words.
        words: As transcribed, each of any number of tokens.
        language: BCP 47.
    """
    wanted = tokens(phrase, language)
    owners = [(token, index) for index, word in enumerate(words) for token in tokens(word, language)]
    size = len(wanted)
    if not size or size > len(owners):
        return None
    starts = range(len(owners) - size + 1)
    for least in (100.0, ALIKE):
        for start in starts:
            if all(_alike(owners[start + k][0], wanted[k]) >= least for k in range(size)):
                return owners[start][1], owners[start + size - 1][1]
    return None


def likeness(phrase: str, text: str, language: str) -> float:
    """How nearly the phrase occurs in the text, 0..1: its best stretch, compared token by token."""
    wanted, found = tokens(phrase, language), tokens(text, language)
    if not wanted or not found:
        return 0.0
    size = min(len(wanted), len(found))
    best = 0.0
    for start in range(len(found) - size + 1):
        stretch = found[start : start + size]
        same = sum(_alike(a, b) for a, b in zip(wanted, stretch, strict=False)) / (100.0 * len(wanted))
        joined = fuzz.ratio("".join(wanted), "".join(stretch)) / 100.0 if len("".join(wanted)) > 4 else 0.0
        best = max(best, same, joined)
    return best


def _alike(first: str, second: str) -> float:
    if first == second:
        return 100.0
    # Short words that differ in a letter are other words.
    return fuzz.ratio(first, second) if min(len(first), len(second)) > 3 else 0.0


def _apart(word: str) -> list[str]:
    if word in _CONTRACTIONS:
        return _CONTRACTIONS[word].split()
    for ending, meaning in _ENDINGS.items():
        if word.endswith(ending) and len(word) > len(ending):
            return (word.removesuffix(ending) + meaning).split()
    return [word.replace("'", "")]


def _is_japanese(text: str, language: str) -> bool:
    return language.split("-")[0] == "ja" or bool(_KANA.search(text))


def _hiragana(word: str) -> str:
    return "".join(chr(ord(c) - 0x60) if "\u30a1" <= c <= "\u30f6" else c for c in word)


@cache
def _pinyin() -> Any:
    try:
        import pypinyin  # noqa: PLC0415 - optional dependency, extra `local`
    except ImportError:
        return None
    return pypinyin


@cache
def _sound(character: str) -> str:
    library = _pinyin()
    return str(library.lazy_pinyin(character)[0]) if library else character

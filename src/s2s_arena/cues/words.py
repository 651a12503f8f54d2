"""Words of any script made comparable, and how far the words heard agree with the words meant."""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from s2s_arena.cues.numbers import english_numbers, han_numbers

_UNSPACED = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"  # kana, Chinese characters, Hangul
_VOCALISED = re.compile("[\u0591-\u05c7\u0640\u064b-\u065f\u0670]")  # vowels that Hebrew and Arabic may leave out
_HAN = re.compile(r"[\u3400-\u9fff]")
_CJK = re.compile(f"[{_UNSPACED}]")
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
_OTHER_TONE = 60.0  # one syllable with two tones: ears slip now and then, but 买 is not 卖


class _Unit(NamedTuple):
    """A token, and of a Chinese character its reading with tone."""

    token: str
    toned: str = ""


def tokens(text: str, language: str) -> tuple[str, ...]:
    """The text as comparable units: words of spaced scripts, single characters of Chinese, Japanese, Korean.

    Lower case, no punctuation, numbers as digits, contractions apart, katakana as hiragana, Arabic and Hebrew
    without the vowel signs that most texts leave out. Chinese characters
    become their sound without tone where `pypinyin` is installed (extra `local`): ears confuse homophones and
    the two character sets, and neither is the speaker's mistake.
    """
    return tuple(unit.token for unit in _units(text, language))


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
    """How nearly the phrase occurs in the text, 0..1: its best stretch, compared unit by unit.

    A misheard word among several counts in part, a single word only if it is spelled nearly alike (`ALIKE`), and so
    do words written together or apart. Chinese syllables must be the same; with another tone they count 0.6.
    """
    wanted, found = _units(phrase, language), _units(text, language)
    if not wanted or not found:
        return 0.0
    size = min(len(wanted), len(found))
    best = 0.0
    for start in range(len(found) - size + 1):
        scores = [_same(a, b) for a, b in zip(wanted, found[start : start + size], strict=False)]
        best = max(best, sum(scores) / (100.0 * len(wanted)))
    if len(wanted) == 1 and best < ALIKE / 100.0 and not wanted[0].toned:
        best = 0.0
    return max(best, _written_together(wanted, found))


def _same(wanted: _Unit, found: _Unit) -> float:
    if wanted.toned and found.toned:
        return 100.0 if wanted.toned == found.toned else _OTHER_TONE if wanted.token == found.token else 0.0
    return _alike(wanted.token, found.token)


def _written_together(wanted: Sequence[_Unit], found: Sequence[_Unit]) -> float:
    """The best likeness with one word more or less: "ice cream" and "icecream"; 0 below `ALIKE`."""
    meant = "".join(unit.token for unit in wanted)
    if len(meant) < 5 or any(_CJK.match(unit.token) or unit.toned for unit in wanted):
        return 0.0
    best = 0.0
    for size in (len(wanted) - 1, len(wanted) + 1):
        for start in range(len(found) - size + 1 if size else 0):
            heard = "".join(unit.token for unit in found[start : start + size])
            best = max(best, fuzz.ratio(meant, heard, score_cutoff=ALIKE) / 100.0)
    return best


def _alike(first: str, second: str) -> float:
    if first == second:
        return 100.0
    # Short words that differ in a letter are other words.
    return fuzz.ratio(first, second) if min(len(first), len(second)) > 3 else 0.0


def _units(text: str, language: str) -> tuple[_Unit, ...]:
    clean = _VOCALISED.sub("", unicodedata.normalize("NFKC", text).lower().replace("’", "'"))
    chinese = bool(_HAN.search(clean)) and not _is_japanese(clean, language)
    if chinese:
        clean = han_numbers(clean)
    words: list[str] = []
    for word in _token().findall(re.sub(r"(?<=\d),(?=\d{3})", "", clean)):
        words += _apart(word)
    words = english_numbers(words)
    return tuple(_sound(word) if chinese and _HAN.match(word) else _Unit(_hiragana(word)) for word in words)


@cache
def _token() -> re.Pattern[str]:
    # Vowel signs of Indic and other scripts are marks, which \w leaves out: without them words fall to pieces.
    marks = "".join(c for c in map(chr, range(0x300, 0x2000)) if unicodedata.category(c)[0] == "M")
    letter = rf"(?:[^\W_{_UNSPACED}]|[{marks}])"
    return re.compile(rf"[{_UNSPACED}]|{letter}+(?:'{letter}+)?")


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
def _sound(character: str) -> _Unit:
    library = _pinyin()
    if library is None:
        return _Unit(character)
    [toned] = library.lazy_pinyin(character, style=library.Style.TONE3, neutral_tone_with_five=True)
    return _Unit(str(library.lazy_pinyin(character)[0]), str(toned))

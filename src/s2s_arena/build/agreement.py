"""How far a transcript agrees with the words that were to be spoken; spelling and homophones do not count."""

from rapidfuzz.distance import Indel

from s2s_arena.build.checks import words
from s2s_arena.build.languages import primary, spaced

_ENGLISH = {
    str(i): word
    for i, word in enumerate(
        ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
    )
} | {"14": "fourteen", "20": "twenty", "40": "forty"}
_CHINESE = "零一二三四五六七八九"


def agreement(script: str, heard: str, *, language: str) -> float:
    """Share of the words in common and in order, 0..1: 2 * common / (both lengths).

    Letters where words are spaced (a transcript may split words in its own way); syllables without tone for
    Chinese where pypinyin is installed, since a transcriber chooses among homophones; characters elsewhere.
    """
    wanted, given = _units(script, language), _units(heard, language)
    return float(Indel.normalized_similarity(wanted, given)) if wanted or given else 1.0


def _units(text: str, language: str) -> list[str]:
    if primary(language) == "zh":
        return _syllables("".join(words(_chinese_digits(text))))
    if spaced(language):
        return list("".join(_ENGLISH.get(word, word) if primary(language) == "en" else word for word in words(text)))
    return list("".join(words(text)))


def _chinese_digits(text: str) -> str:
    """Whole numbers up to 99 as they are spoken: 8 is 八, 14 is 十四, 40 is 四十."""
    out, digits = [], ""
    for c in [*text, ""]:
        if c.isdigit() and c.isascii():
            digits += c
            continue
        if len(digits) == 2 and digits[0] != "0":
            tens = "" if digits[0] == "1" else _CHINESE[int(digits[0])]
            out.append(tens + "十" + ("" if digits[1] == "0" else _CHINESE[int(digits[1])]))
        else:
            out.extend(_CHINESE[int(d)] for d in digits)
        digits = ""
        out.append(c)
    return "".join(out)


def _syllables(text: str) -> list[str]:
    try:
        from pypinyin import lazy_pinyin  # noqa: PLC0415  comes with misaki, extra `local`
    except ImportError:
        return list(text)
    return [str(syllable) for syllable in lazy_pinyin(text)]

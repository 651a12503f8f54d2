"""How many syllables a text has, by language: the unit in which speaking rate is counted."""

import re

_VOWELS = re.compile(r"[aeiouyàáâäãåèéêëìíîïòóôöõøùúûüœæ]+")
_SILENT_E = re.compile(r"[^aeiouyl]e$|[aeiouy]le$")  # home, while; not table
_MUTE_E = re.compile(r"e(?=thing|one\b|times|body|where)|(?<=ev)e(?=r[yi]|ning)|(?<=dn)e(?=sday)")  # some-thing
_SILENT_ED = re.compile(r"[^aeioutd]ed$")  # walked; not painted
_SILENT_ES = re.compile(r"[^aeiouscgzxhl]es$|[aeiouy]les$")  # homes; not boxes
_SPLIT_PAIRS = re.compile(r"i[ao]|[^gq]ua|eo|eum|reat[ei]|iet|scien|ru[ie]n|[aeou]ing\b")  # di-al, vid-eo, qui-et
_JOINED_PAIRS = re.compile(r"[stc]i[ao]|gi[ao]|people|eous")  # na-tion, re-gion
_LATIN = re.compile(r"[a-zà-öø-ÿ']+")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_KANA = re.compile(r"[\u3041-\u3096\u30a1-\u30fa\u30fc]")
_SMALL_KANA = re.compile(r"[ゃゅょぁぃぅぇぉャュョァィゥェォ]")
_HANGUL = re.compile(r"[\uac00-\ud7af]")
_DEVANAGARI = re.compile(r"[\u0905-\u0914\u0958-\u0961]|[\u0915-\u0939](?!\u094d)")
_DIGIT = re.compile(r"\d")
_MORAE_PER_KANJI = 1.9  # mean length of a kanji's reading in running text


def syllables(text: str, language: str) -> float:
    """Syllables of the text; for Japanese morae. 0 if nothing in it can be spoken.

    English by groups of vowels with the commonest exceptions, Chinese and Korean by characters, Japanese by
    kana (kanji count 1.9 morae, so the result need not be whole), Hindi by vowels. Scripts may be mixed.

    Args:
        text: As a transcriber writes it.
        language: BCP 47; decides how Chinese characters are counted.
    """
    lower = text.lower()
    per_han = _MORAE_PER_KANJI if language.split("-")[0] == "ja" else 1.0
    spoken = per_han * len(_HAN.findall(lower))
    spoken += len(_KANA.findall(lower)) - len(_SMALL_KANA.findall(lower))
    spoken += len(_HANGUL.findall(lower)) + len(_DEVANAGARI.findall(lower))
    spoken += len(_DIGIT.findall(lower)) * (1.3 if language.split("-")[0] == "en" else 1.0)
    return spoken + sum(_latin_syllables(word) for word in _LATIN.findall(lower))


def _latin_syllables(word: str) -> int:
    word = _MUTE_E.sub("", word.replace("'", ""))
    if not word:
        return 0
    count = len(_VOWELS.findall(word))
    count += len(_SPLIT_PAIRS.findall(word)) - len(_JOINED_PAIRS.findall(word))
    if count > 1 and any(silent.search(word) for silent in (_SILENT_E, _SILENT_ED, _SILENT_ES)):
        count -= 1
    return max(1, count)

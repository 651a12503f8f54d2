"""A cascade as a speech-to-speech system: ears, mind and voice in a row."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from s2s_arena.errors import EmptyAnswer
from s2s_arena.models import settings as read
from s2s_arena.models import telling
from s2s_arena.models.parts import Parts
from s2s_arena.models.phonemes import is_eastern, primary, speakable
from s2s_arena.protocols import Answer, Message, Request, Speaker, Transcriber, Writer
from s2s_arena.records.cues import Transcript
from s2s_arena.records.responses import Usage
from s2s_arena.records.speech import Delivery, Segment, Utterance
from s2s_arena.records.systems import Setting

LANGUAGE_NAMES: Mapping[str, str] = {"en": "English", "zh": "Chinese", "ja": "Japanese"}
_EXAMPLES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "en": (
        ("Read out a line about the moon, very softly.", "The moon hangs low and silver over the sleeping town."),
        ("How many legs does a spider have?", "A spider has eight legs."),
    ),
    "zh": (
        ("请轻轻地念一句写月亮的话。", "月亮静静地照着睡着的小城。"),
        ("蜘蛛有几条腿？", "蜘蛛有八条腿。"),
    ),
}
"""The words themselves are wanted, not a promise to say them: a small mind has to be shown."""

UNHEARD = "(nothing could be understood)"

_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’)]*")
_MARKUP = re.compile(r"[*_`#|<>\[\]{}~^\\]+")
_KANA = re.compile("[\u3040-\u30ff]")
_PICTURES = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f]")


@dataclass(frozen=True, slots=True)
class Heard:
    """What the ears understood, and the language the answer is to have."""

    transcript: Transcript
    language: str

    @property
    def text(self) -> str:
        """The words, or a note that there were none."""
        return self.transcript.text if speakable(self.transcript.text) else UNHEARD


class Dialogue:
    """The part of a cascade that hears and writes: used with any way of speaking.

    Args:
        ears: Speech to text.
        mind: Text to text.
        languages: What the voice speaks.
        max_tokens: Of one reply.
        temperature: Of the mind.
    """

    def __init__(
        self, ears: Transcriber, mind: Writer, *, languages: frozenset[str], max_tokens: int, temperature: float
    ) -> None:
        self._ears = ears
        self._mind = mind
        self._languages = languages
        self._max_tokens = max_tokens
        self._temperature = temperature

    def hear(self, request: Request) -> Heard:
        """What the user said in this turn. A language that the voice lacks is answered in one that it has."""
        transcript = self._ears.transcribe(request.speech)
        tag = primary(transcript.language)
        fallback = "en" if "en" in self._languages else min(self._languages)
        return Heard(transcript, tag if tag in self._languages else fallback)

    def reply(self, request: Request, heard: Heard, *, note: str = "") -> str:
        """The mind's words, cleaned for speaking and whole sentences where the limit cut them.

        Args:
            request: The turn with its history.
            heard: What the user said.
            note: What else can be heard, as `telling.told` puts it.

        Raises:
            EmptyAnswer: The mind wrote nothing that the voice can say, twice, nor could it put that into the voice's
                language.
        """
        words = ""
        for attempt in range(2):
            messages = self._messages(request, heard, note=note, insist=attempt > 0)
            words = self._mind.write(
                messages,
                seed=request.seed + attempt,
                temperature=max(self._temperature, 0.7 * attempt),
                max_tokens=self._max_tokens,
            )
            words = clean(words)
            if self._can_say(words):
                return words
        if speakable(words) and self._can_say(translated := self._translated(words, heard.language, request.seed)):
            return translated
        spoken = ", ".join(sorted(self._languages))
        raise EmptyAnswer(f"the mind wrote {words[:40]!r}, which a voice of {spoken} cannot say; try another seed")

    def _can_say(self, words: str) -> bool:
        return speakable(words) and (not is_eastern(words) or bool(self._languages & {"zh", "ja"}))

    def _translated(self, words: str, language: str, seed: int) -> str:
        """The mind answered in the user's language, which this voice lacks: a mute system would be worse."""
        name = LANGUAGE_NAMES.get(language, language)
        rules = Message(
            role="system", content=f"Translate what the user writes into {name}. Write the translation only."
        )
        wanted = Message(role="user", content=f"In {name}: {words}")
        return clean(self._mind.write([rules, wanted], seed=seed, max_tokens=self._max_tokens))

    def _messages(self, request: Request, heard: Heard, *, note: str, insist: bool) -> list[Message]:
        language = LANGUAGE_NAMES.get(heard.language, heard.language)
        rules = (
            f"You are in a spoken conversation. Speak {language}. Give the answer itself in one or two short sentences "
            "that are pleasant to hear. Plain words only: no lists, no code, no stage directions."
        )
        if insist:
            rules += f" Use {language} words only."
        if note:
            rules += f" {telling.RULE}"
        messages = [Message(role="system", content=rules)]
        for asked, said in (telling.EXAMPLES if note else _EXAMPLES).get(heard.language, ()):
            messages += [Message(role="user", content=asked), Message(role="assistant", content=said)]
        for past in request.history:
            words = past.answer.raw.get("heard")
            words = self._ears.transcribe(past.user).text if words is None else words
            messages.append(Message(role="user", content=words or UNHEARD))
            messages.append(Message(role="assistant", content=past.answer.text or "..."))
        return [*messages, Message(role="user", content=telling.bracketed(heard.text, note, heard.language))]


class Cascade:
    """Ears -> mind -> voice, read plainly, or with the pitch flattened.

    Args:
        dialogue: Hears and writes.
        voice: Speaks.
        identity: Of what it is made.
        flatten: Speak everything on one pitch.
    """

    def __init__(self, dialogue: Dialogue, voice: Speaker, *, identity: str, flatten: bool = False) -> None:
        self._dialogue = dialogue
        self._voice = voice
        self._identity = identity
        self._delivery = Delivery(pitch_range=0.0) if flatten else Delivery()

    @property
    def identity(self) -> str:
        return self._identity

    def answer(self, request: Request) -> Answer:
        """The answer; `first_audio_s` is the whole time it took, because nothing is heard before all is spoken."""
        begin = time.perf_counter()
        heard = self._dialogue.hear(request)
        words = self._dialogue.reply(request, heard)
        segment = Segment(text=words, language=written_language(words, heard.language), delivery=self._delivery)
        speech = self._voice.speak(Utterance(segments=(segment,)), seed=request.seed)
        return Answer(
            speech=speech,
            text=words,
            first_audio_s=time.perf_counter() - begin,
            usage=Usage(audio_in_s=request.speech.duration_s, audio_out_s=speech.duration_s),
            raw={"heard": heard.transcript.text, "heard_language": heard.transcript.language, "said": words},
        )


KNOWN = frozenset({"ears", "mind", "voice", "max_tokens", "temperature"})


def build(settings: Mapping[str, Setting], parts: Parts) -> Cascade:
    """A system from a card.

    Settings: ears, mind (names of weights, or tables with a family and its settings: parts that live elsewhere), voice
    (name of a card), max_tokens, temperature, flatten.
    """
    read.check_keys("cascade", settings, known=KNOWN | {"flatten"})
    dialogue, voice, made_of = assemble(settings, parts)
    flatten = read.flag(settings, "flatten", False)
    return Cascade(dialogue, voice, identity=f"cascade/1({made_of}, flatten={flatten})", flatten=flatten)


def assemble(settings: Mapping[str, Setting], parts: Parts) -> tuple[Dialogue, Speaker, str]:
    """The parts that a card of a cascade names, and their identities in one line."""
    ears, mind, voice = parts_named(settings, parts)
    dialogue = Dialogue(
        ears,
        mind,
        languages=voice.languages,
        max_tokens=int(read.number(settings, "max_tokens", 60)),
        temperature=read.number(settings, "temperature", 0.0),
    )
    return dialogue, voice, f"{ears.identity}, {mind.identity}, {voice.identity}"


def parts_named(settings: Mapping[str, Setting], parts: Parts) -> tuple[Transcriber, Writer, Speaker]:
    """Ears, mind and voice of a card: by name, or described in place as a table with a family."""
    ears, mind = settings.get("ears", "whisper-base"), settings.get("mind")
    return (
        cast(Transcriber, parts.described(ears))
        if isinstance(ears, dict)
        else parts.transcriber(read.text(settings, "ears", "whisper-base")),
        cast(Writer, parts.described(mind)) if isinstance(mind, dict) else parts.writer(read.text(settings, "mind")),
        parts.speaker(read.text(settings, "voice")),
    )


def clean(text: str) -> str:
    """A reply as it can be spoken: one line, no markup or pictures, no sentence that was cut off."""
    line = " ".join(_PICTURES.sub("", _MARKUP.sub(" ", text)).split())
    if line and not _SENTENCE_END.search(line[-2:]):
        ends = list(_SENTENCE_END.finditer(line))
        if ends:
            line = line[: ends[-1].end()]
    return line


def sentences(text: str, *, most: int = 4) -> list[str]:
    """The sentences of a cleaned reply; those beyond `most` stay with the last."""
    pieces: list[str] = []
    start = 0
    for end in _SENTENCE_END.finditer(text):
        followed = text[end.end() : end.end() + 1]
        if len(pieces) < most - 1 and (is_eastern(text[end.start() - 1 : end.start()]) or followed in ("", " ")):
            pieces.append(text[start : end.end()].strip())
            start = end.end()
    pieces.append(text[start:].strip())
    return [piece for piece in pieces if speakable(piece)]


def written_language(text: str, default: str) -> str:
    """The language of a text by its script: ja with kana, zh with Chinese characters; else en, or `default` if that
    is a language of the Latin alphabet."""
    if is_eastern(text):
        letters = sum(character.isascii() and character.isalpha() for character in text)
        eastern = sum(is_eastern(character) for character in text)
        if letters > 4 * eastern:
            return "en"
        return "ja" if _KANA.search(text) else "zh"
    return "en" if default in ("zh", "ja") else default

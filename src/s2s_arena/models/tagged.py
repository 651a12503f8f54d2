"""A cascade whose ears tag what they hear and whose voice follows instructions: FunAudioLLM's way."""

import json
import time
from collections.abc import Mapping, Sequence

from s2s_arena.errors import CardError, EmptyAnswer
from s2s_arena.models import settings as read
from s2s_arena.models.cascade import KNOWN, LANGUAGE_NAMES, UNHEARD, clean, parts_named, written_language
from s2s_arena.models.parts import Parts
from s2s_arena.models.phonemes import primary, speakable
from s2s_arena.models.tags import Tagged, TaggedEars
from s2s_arena.protocols import Answer, Message, Request, Speaker, Writer
from s2s_arena.records.responses import Usage
from s2s_arena.records.speech import Delivery, Segment, Utterance
from s2s_arena.records.systems import Setting

STYLES = ("neutral", "happy", "sad", "angry", "surprised", "fearful", "calm", "excited")
SCHEMA: Mapping[str, object] = {
    "type": "object",
    "properties": {"style": {"type": "string", "enum": list(STYLES)}, "words": {"type": "string"}},
    "required": ["style", "words"],
    "additionalProperties": False,
}


class TaggedCascade:
    """Ears with tags -> mind that answers with a style -> voice that takes the style as its instruction.

    Args:
        ears: Tell words, emotion and sounds.
        mind: Reads them and writes words and style.
        voice: Speaks the words in that style.
        max_tokens: Of one reply.
        temperature: Of the mind.
    """

    def __init__(self, ears: TaggedEars, mind: Writer, voice: Speaker, *, max_tokens: int, temperature: float) -> None:
        self._ears = ears
        self._mind = mind
        self._voice = voice
        self._max_tokens = max_tokens
        self._temperature = temperature

    @property
    def identity(self) -> str:
        return f"tagged-cascade/1({self._ears.identity}, {self._mind.identity}, {self._voice.identity})"

    def answer(self, request: Request) -> Answer:
        """The answer; nothing is heard before all of it is spoken.

        Raises:
            EmptyAnswer: Twice the mind wrote nothing that the voice can say.
        """
        begin = time.perf_counter()
        heard = self._ears.listen(request.speech)
        language = self._spoken(heard)
        style, words = self._reply(request, heard, language)
        delivery = Delivery() if style == "neutral" else Delivery(emotion=style)
        segment = Segment(text=words, language=written_language(words, language), delivery=delivery)
        speech = self._voice.speak(Utterance(segments=(segment,)), seed=request.seed)
        return Answer(
            speech=speech,
            text=words,
            first_audio_s=time.perf_counter() - begin,
            usage=Usage(audio_in_s=request.speech.duration_s, audio_out_s=speech.duration_s),
            raw={
                "heard": heard.text,
                "heard_language": heard.transcript.language,
                "heard_emotion": heard.emotion or "",
                "style": style,
                "said": words,
            },
        )

    def _spoken(self, heard: Tagged) -> str:
        tag, able = primary(heard.transcript.language), self._voice.languages
        return tag if tag in able else "en" if "en" in able else min(able)

    def _reply(self, request: Request, heard: Tagged, language: str) -> tuple[str, str]:
        reply = ""
        for attempt in range(2):
            reply = self._mind.write(
                self._messages(request, heard, language),
                seed=request.seed + attempt,
                temperature=max(self._temperature, 0.7 * attempt),
                max_tokens=self._max_tokens,
                schema=SCHEMA,
            )
            style, words = taken_apart(reply)
            if speakable(words) and primary(written_language(words, language)) in self._voice.languages:
                return style, words
        spoken = ", ".join(sorted(self._voice.languages))
        raise EmptyAnswer(f"the mind wrote {reply[:40]!r}, which a voice of {spoken} cannot say; try another seed")

    def _messages(self, request: Request, heard: Tagged, language: str) -> Sequence[Message]:
        rules = (
            f"You talk with a friend by voice, in {LANGUAGE_NAMES.get(language, language)}. Marks in angle brackets "
            "before the friend's words tell how they were said (<happy>, <sad>, <angry>, <surprised>, <fearful>, "
            "<disgusted>) and what else was heard (<laughter>, <coughing>, <applause>, <music> ...). Take them in: "
            "comfort, calm down, or be glad along. Do not speak of the marks. Answer with one JSON object: style is "
            f"how your answer is to be spoken (one of {', '.join(STYLES)}), or what the friend asks for; words is the "
            "answer itself, one to three short spoken sentences without lists, marks or stage directions."
        )
        messages = [Message(role="system", content=rules)]
        for past in request.history:
            words = past.answer.raw.get("heard")
            words = self._ears.listen(past.user).text if words is None else words
            said = {"style": past.answer.raw.get("style", "neutral"), "words": past.answer.text or "..."}
            messages.append(Message(role="user", content=words or UNHEARD))
            messages.append(Message(role="assistant", content=json.dumps(said, ensure_ascii=False)))
        return [*messages, Message(role="user", content=heard.text if speakable(heard.text) else UNHEARD)]


def taken_apart(reply: str) -> tuple[str, str]:
    """Style and words of a mind's reply; a mind that does not keep to the form is read plainly."""
    try:
        value = json.loads(reply)
    except ValueError:
        return "neutral", clean(reply)
    if not isinstance(value, dict):
        return "neutral", clean(str(value))
    style, words = value.get("style"), value.get("words")
    return style if style in STYLES else "neutral", clean(words) if isinstance(words, str) else ""


def build(settings: Mapping[str, Setting], parts: Parts) -> TaggedCascade:
    """A system from a card.

    Settings: ears (a table with a family that tells tags, such as sensevoice), mind and voice as for `cascade`,
    max_tokens, temperature.
    """
    read.check_keys("tagged-cascade", settings, known=KNOWN)
    ears, mind, voice = parts_named(settings, parts)
    if not isinstance(ears, TaggedEars):
        raise CardError(f"settings.ears: {ears.identity} tells no tags; use a family that does, such as sensevoice")
    return TaggedCascade(
        ears,
        mind,
        voice,
        max_tokens=int(read.number(settings, "max_tokens", 200)),
        temperature=read.number(settings, "temperature", 0.0),
    )

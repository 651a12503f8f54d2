"""An expressive cascade: the ears also tell how it was said, and the mind also says how to say it."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from s2s_arena.errors import CardError, InputError
from s2s_arena.models import settings as read
from s2s_arena.models.cascade import KNOWN, Dialogue, Heard, assemble, sentences, written_language
from s2s_arena.models.delivery import find_word
from s2s_arena.models.parts import Parts, Perceiver
from s2s_arena.models.perception import Perception, perceive
from s2s_arena.models.swift import SwiftPitch
from s2s_arena.models.telling import told
from s2s_arena.models.wishes import Wishes, mirrored, spot
from s2s_arena.protocols import Answer, Message, PitchTracker, Request, Speaker, Writer
from s2s_arena.records.codec import encode
from s2s_arena.records.responses import Usage
from s2s_arena.records.speech import Delivery, Pause, Segment, Traits, Utterance
from s2s_arena.records.systems import Setting

_RATES: Mapping[str, float] = {"slow": 0.68, "normal": 1.0, "fast": 1.45}
_PITCHES: Mapping[str, float] = {"low": -4.0, "normal": 0.0, "high": 4.0}
_RANGES: Mapping[str, float] = {"flat": 0.2, "normal": 1.0, "wide": 1.7}
_VOLUMES: Mapping[str, float] = {"soft": -6.0, "normal": 0.0, "loud": 6.0}
_EMOTIONS = ("neutral", "happy", "sad", "angry", "fearful", "surprised", "excited", "calm", "sarcastic")
_REPLIES_TO: Mapping[str, str] = {
    "sad": "calm",
    "angry": "calm",
    "fearful": "calm",
    "happy": "happy",
    "excited": "happy",
    "surprised": "happy",
}
"""The mood heard in a user -> the mood of the answer, where the mind has no better idea."""

_PAUSE_S = 0.6

_RULES = (
    "You direct a voice actor. For each numbered sentence choose how it is spoken: emotion, pace, volume and stress, "
    "the one word to stress (or empty). Choose what the listener asked for; where nothing fits, neutral and normal."
)
_EXAMPLES: tuple[tuple[str, str], ...] = (
    (
        "Listener: Read me a sad line about autumn.\n1. The last leaf fell, and nobody saw it.",
        '{"lines":[{"emotion":"sad","pace":"slow","volume":"soft","stress":"nobody"}]}',
    ),
    (
        "Listener: What time does the shop open?\n1. It opens at nine.",
        '{"lines":[{"emotion":"neutral","pace":"normal","volume":"normal","stress":""}]}',
    ),
    (
        "Listener: 讲个小笑话吧。\n1. 小鱼问大鱼：你最爱吃什么？\n2. 大鱼说：我最爱吃聊天的小鱼！",
        '{"lines":[{"emotion":"happy","pace":"normal","volume":"normal","stress":""},'
        '{"emotion":"excited","pace":"fast","volume":"loud","stress":"聊天"}]}',
    ),
)


@dataclass(frozen=True, slots=True)
class _Line:
    """What the mind chose for one sentence."""

    emotion: str = "neutral"
    pace: str = "normal"
    volume: str = "normal"
    stress: str = ""


class Expressive:
    """Ears that also perceive -> a mind that also directs -> a voice that follows.

    The words come from the same dialogue as the plain cascade's. How they are said comes from what the user
    asked for, and where the task calls for expression from the mind, sentence by sentence; otherwise it is neutral.

    Args:
        dialogue: Hears and writes.
        mind: Directs.
        voice: Speaks.
        identity: Of what it is made.
        pitch: Measures F0.
        perceiver: A trained cue extractor in place of cautious rules; None does without.
        deliver: Whether the plan is carried out; if not, the same words are read plainly (a control).
    """

    def __init__(
        self,
        dialogue: Dialogue,
        mind: Writer,
        voice: Speaker,
        *,
        identity: str,
        pitch: PitchTracker,
        perceiver: Perceiver | None = None,
        deliver: bool = True,
    ) -> None:
        self._dialogue = dialogue
        self._mind = mind
        self._voice = voice
        self._identity = identity
        self._pitch = pitch
        self._perceiver = perceiver
        self._deliver = deliver

    @property
    def identity(self) -> str:
        return self._identity

    def answer(self, request: Request) -> Answer:
        """The answer; `raw` holds what was heard and perceived and the delivery that was planned."""
        begin = time.perf_counter()
        heard = self._dialogue.hear(request)
        perceived = self.perceive(request, heard)
        note = told(perceived, heard.text, heard.language)
        words = self._dialogue.reply(request, heard, note=note)
        utterance = self.direct(words, heard=heard, perceived=perceived, seed=request.seed)
        speech = self._voice.speak(utterance if self._deliver else plainly(utterance), seed=request.seed)
        return Answer(
            speech=speech,
            text=words,
            first_audio_s=time.perf_counter() - begin,
            usage=Usage(audio_in_s=request.speech.duration_s, audio_out_s=speech.duration_s),
            raw={
                "heard": heard.transcript.text,
                "heard_language": heard.transcript.language,
                "perceived": note,
                "said": words,
                "planned": encode(utterance),
            },
        )

    def perceive(self, request: Request, heard: Heard) -> Perception:
        """What can be heard beyond the words."""
        heads: Mapping[str, float] = {}
        if self._perceiver is not None:
            cues = self._perceiver.hear(request.speech, audio=request.speech.hash(), language=heard.transcript.language)
            heads = cues.heads
        return perceive(request.speech, heard.transcript, self._pitch, heads=heads)

    def direct(self, words: str, *, heard: Heard, perceived: Perception, seed: int) -> Utterance:
        """The words with their delivery, one segment a sentence.

        Args:
            words: What is to be said.
            heard: What the user said: wishes are in it.
            perceived: How the user said it.
            seed: For the mind.
        """
        wishes = mirrored(spot(heard.text), perceived)
        lines = sentences(words) or [words]
        empathy = _REPLIES_TO.get(perceived.emotion or "")
        chosen = self._choose(lines, heard.text, seed) if wishes.performs else [_Line()] * len(lines)
        segments: list[Segment] = []
        for n, (text, line) in enumerate(zip(lines, chosen, strict=True)):
            if empathy is not None and line.emotion == "neutral":
                line = replace(line, emotion=empathy)
            segments.append(
                Segment(
                    text=text,
                    language=written_language(text, heard.language),
                    delivery=_delivery(text, line, wishes, place=n / max(1, len(lines) - 1)),
                )
            )
        if wishes.rate in ("slow_then_fast", "fast_then_slow") and len(segments) == 1:
            segments = _halves(segments[0])
        return Utterance(segments=tuple(segments), traits=Traits(gender=wishes.gender, age=wishes.age))

    def _choose(self, lines: Sequence[str], asked: str, seed: int) -> list[_Line]:
        messages = [Message(role="system", content=_RULES)]
        for listener, choice in _EXAMPLES:
            messages += [Message(role="user", content=listener), Message(role="assistant", content=choice)]
        numbered = "\n".join(f"{n}. {line}" for n, line in enumerate(lines, start=1))
        messages.append(Message(role="user", content=f"Listener: {asked[:300]}\n{numbered}"))
        try:
            reply = self._mind.write(messages, seed=seed, max_tokens=50 * len(lines) + 20, schema=_schema(len(lines)))
        except InputError:  # a long reply may not fit beside the examples; it is then spoken plainly
            reply = ""
        return _parsed(reply, len(lines))


def build(settings: Mapping[str, Setting], parts: Parts) -> Expressive:
    """A system from a card.

    Settings: those of cascade without flatten, perceive (signal: rules on measurements; cues: the workspace's
    trained extractor as well), and deliver (false reads the same words plainly).
    """
    read.check_keys("expressive", settings, known=KNOWN | {"perceive", "deliver"})
    dialogue, voice, made_of = assemble(settings, parts)
    how = read.text(settings, "perceive", "signal")
    if how not in ("signal", "cues"):
        raise CardError(f"settings.perceive: {how} given, signal or cues needed")
    return Expressive(
        dialogue,
        parts.writer(read.text(settings, "mind")),
        voice,
        identity=f"expressive/2({made_of}, perceive={how})",
        pitch=SwiftPitch(),
        perceiver=parts.perceiver() if how == "cues" else None,
        deliver=read.flag(settings, "deliver", True),
    )


def plainly(utterance: Utterance) -> Utterance:
    """The same words in the same languages, with no delivery and no traits."""
    return Utterance(segments=tuple(Segment(text=s.text, language=s.language) for s in utterance.segments))


def _schema(lines: int) -> Mapping[str, object]:
    line = {
        "type": "object",
        "properties": {
            "emotion": {"enum": list(_EMOTIONS)},
            "pace": {"enum": list(_RATES)},
            "volume": {"enum": list(_VOLUMES)},
            "stress": {"type": "string", "maxLength": 16},
        },
        "required": ["emotion", "pace", "volume", "stress"],
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {"lines": {"type": "array", "items": line, "minItems": lines, "maxItems": lines}},
        "required": ["lines"],
        "additionalProperties": False,
    }


def _parsed(reply: str, lines: int) -> list[_Line]:
    """The mind's choices; neutral wherever they cannot be read."""
    try:
        found = json.loads(reply)["lines"]
    except (ValueError, KeyError, TypeError):
        found = []
    chosen: list[_Line] = []
    for n in range(lines):
        entry = found[n] if isinstance(found, list) and n < len(found) and isinstance(found[n], dict) else {}
        chosen.append(
            _Line(
                emotion=_one_of(entry.get("emotion"), _EMOTIONS, "neutral"),
                pace=_one_of(entry.get("pace"), tuple(_RATES), "normal"),
                volume=_one_of(entry.get("volume"), tuple(_VOLUMES), "normal"),
                stress=str(entry.get("stress") or ""),
            )
        )
    return chosen


def _one_of(value: object, known: Sequence[str], default: str) -> str:
    return value if isinstance(value, str) and value in known else default


def _delivery(text: str, line: _Line, wishes: Wishes, *, place: float) -> Delivery:
    """What the user wished, and the mind's choice where there was no wish. `place` is 0 first .. 1 last."""
    pace = wishes.rate or line.pace
    if pace == "slow_then_fast":
        pace = "slow" if place < 0.5 else "fast"
    elif pace == "fast_then_slow":
        pace = "fast" if place < 0.5 else "slow"
    emotion = wishes.emotion or (None if line.emotion == "neutral" else line.emotion)
    # An emotion brings its own pace and volume; only what the user asked for comes on top.
    rate = 1.0 if emotion is not None and wishes.rate is None else _RATES[pace]
    volume = wishes.volume or ("normal" if emotion is not None or wishes.style else line.volume)
    stress = [word for word in wishes.stress if find_word(text, word)]
    if not stress and not wishes.style and line.stress and find_word(text, line.stress):
        stress = [line.stress]
    return Delivery(
        rate=rate,
        pitch_st=_PITCHES[wishes.pitch or "normal"],
        pitch_range=_RANGES[wishes.range or "normal"],
        volume_db=0.0 if wishes.style == "whisper" else _VOLUMES[volume],
        emphasis=tuple(stress),
        pauses=tuple(Pause(after=word, seconds=_PAUSE_S) for word in wishes.pauses if find_word(text, word)),
        emotion=None if wishes.range == "flat" else emotion,
        strength=1.2 if wishes.emotion is not None else 0.9,
        style=wishes.style,
    )


def _halves(segment: Segment) -> list[Segment]:
    """A sentence in two, at the punctuation or blank nearest its middle, with the two paces of the wish."""
    text = segment.text
    places = [n + 1 for n, sign in enumerate(text[:-1]) if sign in " ,;:，；：、"] or [len(text) // 2]
    cut = min(places, key=lambda n: abs(n - len(text) / 2))
    first_rate = segment.delivery.rate
    second_rate = _RATES["fast"] if first_rate < 1.0 else _RATES["slow"]
    pieces = [(text[:cut].strip(), first_rate), (text[cut:].strip(), second_rate)]
    return [
        replace(segment, text=piece, delivery=_only_for(piece, replace(segment.delivery, rate=rate)))
        for piece, rate in pieces
        if piece
    ]


def _only_for(text: str, delivery: Delivery) -> Delivery:
    return replace(
        delivery,
        emphasis=tuple(word for word in delivery.emphasis if find_word(text, word)),
        pauses=tuple(pause for pause in delivery.pauses if find_word(text, pause.after)),
    )

"""Gemini Live: one websocket session for each answer, turns marked by us, speech at 16 kHz in and 24 kHz out."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from s2s_arena.errors import AudioError, EmptyAnswer, InfrastructureError, Refused
from s2s_arena.models import settings as read
from s2s_arena.models.parts import Parts
from s2s_arena.models.remote import endpoint as remote
from s2s_arena.models.remote.failures import GEMINI_SIGNS, failure, told_by
from s2s_arena.models.remote.found import at, count_at, objects_at, text_at
from s2s_arena.models.remote.sockets import Socket, opened
from s2s_arena.models.remote.speech import Encoding, Gathered, base64_text, chunks, encoded
from s2s_arena.models.remote.templates import Json, Slot, Template, fill
from s2s_arena.protocols import Answer, Request
from s2s_arena.records.responses import Usage
from s2s_arena.records.systems import Setting

URL = (
    "wss://generativelanguage.googleapis.com/ws/"
    "google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent"
)
SENT = Encoding(rate_hz=16000)
RECEIVED = Encoding(rate_hz=24000)
MIME = f"audio/pcm;rate={SENT.rate_hz}"
CHUNK_S = 1.0
_RATE = re.compile(r"\brate=(\d{1,9})\b")

SETUP: Template = {
    "setup": {
        "model": Slot("model"),
        "generationConfig": {
            "responseModalities": ["AUDIO"],
            "temperature": Slot("temperature"),
            "maxOutputTokens": Slot("max_tokens"),
            "speechConfig": {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": Slot("voice")}}},
        },
        "systemInstruction": {"parts": [{"text": Slot("instructions", whole=True)}]},
        "realtimeInputConfig": {"automaticActivityDetection": {"disabled": True}},
        "historyConfig": {"initialHistoryInClientContent": Slot("announced")},
        "inputAudioTranscription": {},
        "outputAudioTranscription": {},
    }
}
"""The first message. Proactive audio is not asked for: with it, the model may choose to say nothing."""

REFUSALS = ("SAFETY", "PROHIBITED", "BLOCKLIST", "SPII", "RESPONSE_REJECTED")
"""What stands in reasons for the end of a turn that say that the model will not answer this."""

UNTOLD = "..."


@dataclass(slots=True)
class _Turn:
    gathered: Gathered
    heard: list[str] = field(default_factory=list)
    reason: str = ""
    usage: Usage = field(default_factory=Usage)

    @property
    def raw(self) -> dict[str, str]:
        """What is kept for debugging."""
        return {k: v for k, v in (("heard", "".join(self.heard).strip()), ("finish", self.reason)) if v}


class GeminiLive:
    """Implements `protocols.Conversant` by Gemini Live.

    Args:
        endpoint: Where it is.
        values: Of the setup's slots, from the card.
        extra: Further fields of the setup, from the card.
        announces: Whether the setup says that earlier turns will follow. Newer models take them only so, and begin to
            answer at the first speech; older ones do not know the field.
    """

    input_rate_hz = SENT.rate_hz

    def __init__(
        self,
        endpoint: remote.Endpoint,
        *,
        values: Mapping[str, Json],
        extra: Mapping[str, Json],
        announces: bool = False,
    ) -> None:
        self._announces = announces
        self._endpoint = endpoint
        self._values = dict(values)
        self._extra = dict(extra)

    @property
    def identity(self) -> str:
        return f"gemini-live/1({self._values.get('model')}, {urlsplit(self._endpoint.url).netloc})"

    def answer(self, request: Request) -> Answer:
        """Speech for speech; see `sockets.opened` and `Socket.receive` for what is raised."""
        who = self._endpoint.name
        turn = _Turn(Gathered(RECEIVED, who=who))
        with opened(
            self._endpoint, url=self._endpoint.address(), deadline=self._endpoint.deadline(), signs=GEMINI_SIGNS
        ) as socket:
            socket.send(self.setup(request))
            while "setupComplete" not in (event := socket.receive_object()):
                self._refuse_errors(event)
            for message in self.question(request):
                socket.send(message)
            turn.gathered.asked()
            while not self._hear(socket, turn):
                pass
        if any(word in turn.reason for word in REFUSALS):
            raise Refused(f"{who}: it ended its turn for {turn.reason}")
        speech = turn.gathered.speech()
        if speech is None:
            raise EmptyAnswer(f"{who}: no speech came back ({turn.reason or turn.gathered.text or 'no reason given'})")
        return Answer(
            speech=speech,
            text=turn.gathered.text,
            first_audio_s=turn.gathered.first_audio_s,
            usage=replace(turn.usage, audio_in_s=request.speech.duration_s, audio_out_s=speech.duration_s),
            raw=turn.raw,
        )

    def setup(self, request: Request) -> Json:
        """The first message."""
        announced = True if self._announces and request.history else None
        made = fill(SETUP, {**self._values, "announced": announced})
        inner = made.get("setup") if isinstance(made, Mapping) else None
        return {"setup": {**(inner if isinstance(inner, Mapping) else {}), **self._extra}}

    def question(self, request: Request) -> list[Json]:
        """Earlier turns as content, then the speech between marks: each message has one field."""
        messages: list[Json] = []
        if request.history:
            turns: list[Json] = []
            for past in request.history:
                audio: Json = {"mimeType": MIME, "data": base64_text(encoded(past.user, SENT))}
                turns.append({"role": "user", "parts": [{"inlineData": audio}]})
                turns.append({"role": "model", "parts": [{"text": past.answer.text or UNTOLD}]})
            messages.append({"client_content": {"turns": turns, "turnComplete": self._announces}})
        messages.append({"realtime_input": {"activityStart": {}}})
        for piece in chunks(request.speech, SENT, seconds=CHUNK_S):
            messages.append({"realtime_input": {"audio": {"data": base64_text(piece), "mimeType": MIME}}})
        messages.append({"realtime_input": {"activityEnd": {}}})
        return messages

    def _hear(self, socket: Socket, turn: _Turn) -> bool:
        """Take in one message; whether the turn is over."""
        event = socket.receive_object()
        self._refuse_errors(event)
        self._count(event, turn)
        if "goAway" in event and not turn.gathered.heard_sound:
            raise InfrastructureError(f"{self._endpoint.name}: the server asks to go away before it has answered")
        content = at(event, "serverContent")
        for part in objects_at(content, "modelTurn", "parts"):
            self._sound(part, turn)
        turn.gathered.words(text_at(content, "outputTranscription", "text") or "")
        turn.heard.append(text_at(content, "inputTranscription", "text") or "")
        turn.reason = text_at(content, "turnCompleteReason") or turn.reason
        if at(content, "interrupted") is True:
            raise InfrastructureError(f"{self._endpoint.name}: the answer was interrupted")
        return at(content, "turnComplete") is True

    def _sound(self, part: Mapping[str, object], turn: _Turn) -> None:
        data = text_at(part, "inlineData", "data")
        if stated := _RATE.search(text_at(part, "inlineData", "mimeType") or ""):
            turn.gathered.at_rate(int(stated.group(1)))
        if data:
            try:
                turn.gathered.sound(base64.b64decode(data, validate=True))
            except binascii.Error as error:
                raise AudioError(f"{self._endpoint.name}: the answer's base64 is damaged ({error})") from error

    def _count(self, event: Mapping[str, object], turn: _Turn) -> None:
        tokens_in = count_at(event, "usageMetadata", "promptTokenCount")
        tokens_out = count_at(event, "usageMetadata", "responseTokenCount")
        if tokens_in is not None or tokens_out is not None:
            turn.usage = Usage(tokens_in=tokens_in, tokens_out=tokens_out)

    def _refuse_errors(self, event: Mapping[str, object]) -> None:
        if "error" in event:
            code, message = told_by(event)
            raise failure(self._endpoint.scrubbed(message), who=self._endpoint.name, code=code, signs=GEMINI_SIGNS)


SECRETS = {"key": "GEMINI_API_KEY"}
KNOWN = remote.COMMON | {"key_env", "max_tokens", "announce_history", "extra"}


def build(settings: Mapping[str, Setting], parts: Parts) -> GeminiLive:
    """A system from a card.

    Settings: those of every remote family; key_env; max_tokens; announce_history (for models that take earlier turns
    only when the setup says so); extra (further fields of the setup).
    """
    read.check_keys("gemini-live", settings, known=KNOWN)
    model = read.text(settings, "model")
    max_tokens = remote.optional_number(settings, "max_tokens")
    values: dict[str, Json] = {
        "model": model if "/" in model else f"models/{model}",
        "voice": remote.optional_text(settings, "voice"),
        "instructions": remote.optional_text(settings, "instructions"),
        "temperature": remote.optional_number(settings, "temperature"),
        "max_tokens": None if max_tokens is None else int(max_tokens),
    }
    where = remote.endpoint(
        settings,
        name=f"gemini-live {model}",
        url=URL,
        transport="socket",
        secrets=SECRETS,
        headers={"x-goog-api-key": "{key}"},  # not in the URL, which ends up in messages
    )
    announces = read.flag(settings, "announce_history", False)
    return GeminiLive(where, values=values, extra=remote.extra(settings), announces=announces)

"""Any server that takes a WAV by POST and gives speech back: the simplest way to bring a system of one's own."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from pydantic_core import to_json

from s2s_arena.audio.joining import join
from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import CardError, EmptyAnswer, InfrastructureError, Refused
from s2s_arena.models import settings as read
from s2s_arena.models.parts import Parts
from s2s_arena.models.remote import endpoint as remote
from s2s_arena.models.remote.exchange import Clients, Reply, json_object, posted
from s2s_arena.models.remote.found import text_at
from s2s_arena.models.remote.speech import PCM16, PCM_F32, WAV, Encoding, Gathered, base64_text, encoded
from s2s_arena.models.remote.templates import Json, Slot, Template, fill_object
from s2s_arena.protocols import Answer, Request
from s2s_arena.records.responses import Usage
from s2s_arena.records.systems import Setting

BODY: Mapping[str, Template] = {
    "audio": Slot("audio"),
    "history": Slot("history"),
    "seed": Slot("seed"),
    "model": Slot("model"),
    "voice": Slot("voice"),
    "temperature": Slot("temperature"),
    "instructions": Slot("instructions"),
}
"""A JSON request: base64 WAV, earlier turns as [{"audio", "text"}], and what the card sets."""

TEXT_HEADER = "x-s2s-text"  # percent-encoded: headers hold no other letters
GAP_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How a server is asked and answers.

    Attributes:
        asks: "wav": the body is the WAV; "json": an object, see `BODY`.
        history: "json" (in the object), "joined" (earlier speech of the user in front, with pauses), or "none".
        sent_rate_hz: Of the WAV.
        received: What the body of a reply is that has no header and is not JSON.
    """

    asks: str = "wav"
    history: str = "none"
    sent_rate_hz: int = 16000
    received: Encoding


class HttpWav:
    """Implements `protocols.Conversant` by one POST.

    The reply's body is audio: a file of any usual kind, or raw samples as the card says. Or it is JSON with `audio`
    (base64) and maybe `text`, or `refusal`. Or it is multipart, with parts of sound and of plain text. The words may
    also stand in the header `X-S2S-Text`, percent-encoded.
    No content (204, or an empty body) means that the system said nothing.

    Args:
        endpoint: Where it is.
        form: How it is asked.
        values: From the card, for a JSON request.
        extra: Further fields of a JSON request.
    """

    def __init__(
        self, endpoint: remote.Endpoint, *, form: Form, values: Mapping[str, Json], extra: Mapping[str, Json]
    ) -> None:
        self._endpoint = endpoint
        self._form = form
        self._values = dict(values)
        self._extra = dict(extra)
        self._clients = Clients()
        self.input_rate_hz = form.sent_rate_hz

    @property
    def identity(self) -> str:
        parts = urlsplit(self._endpoint.url)
        model = f"{self._values['model']}, " if self._values.get("model") else ""
        return f"http-wav/1({model}{parts.netloc}{parts.path}, {self._form.asks}, history={self._form.history})"

    def answer(self, request: Request) -> Answer:
        """Speech for speech; see `exchange.posted` for what is raised."""
        gathered = Gathered(self._form.received, who=self._endpoint.name)
        content, content_type = self.body(request)
        gathered.asked()
        with posted(
            self._clients,
            self._endpoint,
            url=self._endpoint.address(),
            content=content,
            content_type=content_type,
            deadline=self._endpoint.deadline(),
        ) as reply:
            text = self._listen(reply, gathered)
        speech = gathered.speech()
        if speech is None:
            raise EmptyAnswer(f"{self._endpoint.name}: no speech came back; it wrote {(text or '')[:80]!r}")
        usage = Usage(audio_in_s=request.speech.duration_s, audio_out_s=speech.duration_s)
        return Answer(speech=speech, text=text, first_audio_s=gathered.first_audio_s, usage=usage)

    def body(self, request: Request) -> tuple[bytes, str]:
        """The request's body and its type."""
        users = [past.user for past in request.history] if self._form.history == "joined" else []
        wav = self._wav(join([*users, request.speech], GAP_S, rate_hz=request.speech.rate_hz))
        if self._form.asks == "wav":
            return wav, "audio/wav"
        history: list[Json] = [
            {"audio": base64_text(self._wav(past.user)), "text": past.answer.text} for past in request.history
        ]
        told = history if history and self._form.history == "json" else None
        values: dict[str, Json] = {**self._values, "audio": base64_text(wav), "history": told, "seed": request.seed}
        return to_json({**fill_object(BODY, values), **self._extra}), "application/json"

    def _wav(self, speech: Waveform) -> bytes:
        return encoded(speech, Encoding(form=WAV, rate_hz=self._form.sent_rate_hz))

    def _listen(self, reply: Reply, gathered: Gathered) -> str | None:
        who = self._endpoint.name
        if "json" in reply.headers.get("content-type", ""):
            value = json_object(reply.content(), who=who)
            if refusal := text_at(value, "refusal"):
                raise Refused(f"{who}: {refusal[:200]}")
            gathered.sound_base64(text_at(value, "audio") or "")
            return text_at(value, "text")
        kind = reply.headers.get("content-type", "")
        if kind.startswith("multipart/"):
            return _parts(reply, gathered, boundary=kind.partition("boundary=")[2].split(";")[0].strip('" '))
        for piece in reply.pieces():
            gathered.sound(piece)
        stated = reply.headers.get("content-length", "")
        if stated.isdigit() and int(stated) > 0 and not gathered.heard_sound:
            raise InfrastructureError(f"{who}: {stated} bytes were promised and none came")
        return unquote(reply.headers.get(TEXT_HEADER, "")).strip() or None


def _parts(reply: Reply, gathered: Gathered, *, boundary: str) -> str | None:
    """A stream of parts, as some research systems give it: sound and words by turns. The words are returned."""
    mark, rest = b"\r\n--" + boundary.encode(), b"\r\n"
    words: list[str] = []

    def take(part: bytes) -> None:
        head, _, body = part.partition(b"\r\n\r\n")
        if b"text/plain" in head.lower():
            words.append(body.decode("utf-8", "replace"))
        elif b"audio/" in head.lower():
            gathered.sound(body)

    for piece in reply.pieces():
        *whole, rest = (rest + piece).split(mark)
        for part in whole:
            take(part)
    take(rest)
    return "".join(words).strip() or None


KNOWN = remote.COMMON | {"key_env", "asks", "history", "sent_rate_hz", "received", "received_rate_hz", "extra"}
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "asks": ("wav", "json"),
    "history": ("none", "joined", "json"),
    "received": (WAV, PCM16, PCM_F32),
}


def build(settings: Mapping[str, Setting], parts: Parts) -> HttpWav:
    """A system from a card.

    Settings: those of every remote family (model, voice, temperature and instructions only with asks = "json");
    key_env (sent as a bearer token); asks (wav or json); history (none, joined, json); sent_rate_hz; received (wav,
    pcm16, pcm_f32) and received_rate_hz; extra.
    """
    read.check_keys("http-wav", settings, known=KNOWN)
    chosen = {key: read.text(settings, key, choices[0]) for key, choices in _CHOICES.items()}
    for key, value in chosen.items():
        if value not in _CHOICES[key]:
            raise CardError(f"settings.{key}: {value!r} given; one of {', '.join(_CHOICES[key])}")
    if chosen["history"] == "json" and chosen["asks"] != "json":
        raise CardError("settings.history: 'json' given, which needs asks = \"json\"")
    given: dict[str, Json] = {
        "model": remote.optional_text(settings, "model"),
        "voice": remote.optional_text(settings, "voice"),
        "instructions": remote.optional_text(settings, "instructions"),
        "temperature": remote.optional_number(settings, "temperature"),
    }
    if chosen["asks"] == "wav":
        remote.check_places(given, who='http-wav with asks = "wav"')
    where = remote.endpoint(
        settings,
        name=f"http-wav {given['model'] or ''}".strip(),
        url="",
        transport="http",
        secrets={"key": ""},
        headers={"Authorization": "Bearer {key}"},
    )
    form = Form(
        asks=chosen["asks"],
        history=chosen["history"],
        sent_rate_hz=int(read.number(settings, "sent_rate_hz", 16000)),
        received=Encoding(form=chosen["received"], rate_hz=int(read.number(settings, "received_rate_hz", 24000))),
    )
    return HttpWav(where, form=form, values=given, extra=remote.extra(settings))

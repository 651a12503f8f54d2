"""Gemini's generateContent over REST: audio models as judges, with structured replies."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from pydantic_core import to_json

from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import CardError, EmptyAnswer, InfrastructureError, Refused
from s2s_arena.models import settings as read
from s2s_arena.models.parts import Parts
from s2s_arena.models.remote import endpoint as remote
from s2s_arena.models.remote.exchange import Clients, posted
from s2s_arena.models.remote.failures import GEMINI_SIGNS, failure, told_by
from s2s_arena.models.remote.found import at, count_at, objects_at, text_at
from s2s_arena.models.remote.speech import WAV, Encoding, base64_text, encoded
from s2s_arena.models.remote.templates import Json
from s2s_arena.protocols import HeardMessage, Reading
from s2s_arena.records.responses import Usage
from s2s_arena.records.systems import Setting

FAMILY = "gemini-generate"
URL = "https://generativelanguage.googleapis.com/v1beta"
LARGEST_BYTES = 14 * 1024 * 1024
"""Of audio in one request: 20 MB is the most that a request may have in all, in base64."""

_DECLINED = frozenset({"SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "LANGUAGE", "IMAGE_SAFETY"})
_UNKNOWN_TO_SCHEMA = frozenset({"additionalProperties", "$schema", "title", "strict"})


class GeminiReader:
    """Implements `protocols.AudioReader`.

    Args:
        endpoint: Base address of the API's version.
        model: Its name, with or without `models/`.
        structured: Whether a schema is enforced; else it is asked for in words alone.
        extra: Further fields of `generationConfig`, such as thinkingConfig.
    """

    def __init__(
        self,
        endpoint: remote.Endpoint,
        *,
        model: str,
        structured: bool = True,
        extra: Mapping[str, Json] | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._model = model.removeprefix("models/")
        self._structured = structured
        self._extra = dict(extra or {})
        self._clients = Clients()

    @property
    def identity(self) -> str:
        """Model, host and how a schema is asked for."""
        form = "schema" if self._structured else "words"
        return f"{FAMILY}/1({self._model}, {urlsplit(self._endpoint.url).netloc}, {form})"

    def read(
        self,
        messages: Sequence[HeardMessage],
        *,
        seed: int,
        temperature: float = 0.0,
        max_tokens: int = 512,
        schema: Mapping[str, object] | None = None,
    ) -> Reading:
        """The reply.

        Raises:
            Refused: The prompt or the answer was blocked.
            EmptyAnswer: It wrote nothing; its thoughts may have used up `max_tokens`.
            CardError: More audio than a request may hold.
            TimedOut, AccessError, RequestRejected, InfrastructureError: As `exchange.posted`.
        """
        body = self._body(messages, seed=seed, temperature=temperature, max_tokens=max_tokens, schema=schema)
        with posted(
            self._clients,
            self._endpoint,
            url=f"{self._endpoint.address().rstrip('/')}/models/{self._model}:generateContent",
            content=to_json(body),
            content_type="application/json",
            deadline=self._endpoint.deadline(),
            signs=GEMINI_SIGNS,
        ) as reply:
            return self._reading(reply.value())

    def _body(
        self,
        messages: Sequence[HeardMessage],
        *,
        seed: int,
        temperature: float,
        max_tokens: int,
        schema: Mapping[str, object] | None,
    ) -> dict[str, Json]:
        size = sum(2 * part.frames for m in messages for part in m.parts if isinstance(part, Waveform))
        if size > LARGEST_BYTES:
            raise CardError(f"{self._endpoint.name}: {size} bytes of audio in one request; split the dialogue")
        config: dict[str, Json] = {
            "temperature": temperature,
            "maxOutputTokens": max_tokens,
            "seed": seed % 2**31,  # a signed 32-bit number there
        }
        if schema is not None and self._structured:
            config |= {"responseMimeType": "application/json", "responseSchema": as_openapi(schema)}
        body: dict[str, Json] = {
            "contents": [
                {"role": "model" if m.role == "assistant" else "user", "parts": [_part(part) for part in m.parts]}
                for m in messages
                if m.role != "system"
            ],
            "generationConfig": {**config, **self._extra},
        }
        system: list[Json] = [_part(part) for m in messages if m.role == "system" for part in m.parts]
        if system:
            body["systemInstruction"] = {"parts": system}
        return body

    def _reading(self, value: Mapping[str, object]) -> Reading:
        who = self._endpoint.name
        if "error" in value:
            code, message = told_by(value)
            raise failure(self._endpoint.scrubbed(message), who=who, code=code, signs=GEMINI_SIGNS)
        blocked = text_at(value, "promptFeedback", "blockReason")
        if blocked:
            raise Refused(f"{who}: the prompt was blocked ({blocked})")
        candidates = list(objects_at(value, "candidates"))
        if not candidates:
            raise InfrastructureError(f"{who}: no candidate came, and no reason why")
        finish = text_at(candidates[0], "finishReason") or ""
        if finish in _DECLINED:
            raise Refused(f"{who}: the answer was blocked ({finish})")
        parts = objects_at(candidates[0], "content", "parts")
        text = "".join(text_at(part, "text") or "" for part in parts if at(part, "thought") is not True).strip()
        if not text:
            raise EmptyAnswer(f"{who}: it wrote nothing (finish: {finish or 'not told'})")
        told = value.get("usageMetadata")
        return Reading(
            text=text,
            model=text_at(value, "modelVersion") or "",
            finish=finish,
            usage=Usage(
                tokens_in=count_at(told, "promptTokenCount"),
                tokens_out=_sum(count_at(told, "candidatesTokenCount"), count_at(told, "thoughtsTokenCount")),
            ),
            audio_tokens=_audio_tokens(told),
        )


def as_openapi(schema: Mapping[str, object]) -> Mapping[str, Json]:
    """A JSON Schema as the OpenAPI subset that the API takes: its types in capitals, its properties in order."""
    made: dict[str, Json] = {}
    for key, value in schema.items():
        if key in _UNKNOWN_TO_SCHEMA:
            continue
        if key == "type" and isinstance(value, str):
            made[key] = value.upper()
        elif key == "properties" and isinstance(value, Mapping):
            made[key] = {name: as_openapi(inner) for name, inner in value.items()}
            made["propertyOrdering"] = list(value)
        elif key == "items" and isinstance(value, Mapping):
            made[key] = as_openapi(value)
        elif isinstance(value, (str, int, float, bool)):
            made[key] = value
        elif isinstance(value, Sequence):
            made[key] = [str(item) for item in value]
    return made


def _part(part: str | Waveform) -> Json:
    if isinstance(part, str):
        return {"text": part}
    data = base64_text(encoded(part, Encoding(form=WAV, rate_hz=part.rate_hz)))
    return {"inlineData": {"mimeType": "audio/wav", "data": data}}


def _audio_tokens(told: object) -> int | None:
    """Tokens of audio in the prompt; 0 if it tells others and no audio; None if it tells none at all."""
    details = list(objects_at(told, "promptTokensDetails"))
    if not details:
        return None
    return sum(count_at(part, "tokenCount") or 0 for part in details if text_at(part, "modality") == "AUDIO")


def _sum(*counts: int | None) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


_SETTINGS = frozenset({"url", "model", "key_env", "structured", "extra", "timeout_s", "patience_s", "connect_s"})


def build(settings: Mapping[str, Setting], parts: Parts) -> GeminiReader:
    """A reader from settings: model, url, key_env, structured, extra (of generationConfig), timeout_s, patience_s."""
    read.check_keys(FAMILY, settings, known=_SETTINGS)
    model = read.text(settings, "model")
    where = remote.endpoint(
        settings,
        name=f"gemini {model}",
        url=URL,
        transport="http",
        secrets={"key": "GEMINI_API_KEY"},
        headers={"x-goog-api-key": "{key}"},
    )
    return GeminiReader(
        where,
        model=model,
        structured=read.flag(settings, "structured", True),
        extra=remote.extra(settings),
    )

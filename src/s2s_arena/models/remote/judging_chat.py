"""OpenAI-compatible chat completions that hear and write: audio models as judges."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from pydantic_core import to_json

from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import CardError, EmptyAnswer, InfrastructureError, Refused
from s2s_arena.models import settings as read
from s2s_arena.models.parts import Parts
from s2s_arena.models.remote import endpoint as remote
from s2s_arena.models.remote.chat_dialects import DIALECTS, ChatDialect
from s2s_arena.models.remote.exchange import Clients, Reply, posted
from s2s_arena.models.remote.failures import failure, told_by
from s2s_arena.models.remote.found import count_at, objects_at, text_at
from s2s_arena.models.remote.speech import WAV, Encoding, base64_text, encoded
from s2s_arena.models.remote.templates import Json
from s2s_arena.protocols import HeardMessage, Reading
from s2s_arena.records.responses import Usage
from s2s_arena.records.systems import Setting

FAMILY = "openai-listen"
SCHEMAS = ("json_schema", "json_object", "none")
"""How a schema is asked for: enforced by the server, JSON of any form, or in words alone."""

LARGEST_BYTES = 20 * 1024 * 1024
"""Of audio in one request, before base64: beyond this vendors refuse it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListeningDialect:
    """How a vendor of chat with audio is asked for text alone; where it is and who we are is its `ChatDialect`.

    Attributes:
        chat: The vendor.
        schema: Its best way of structured replies, one of `SCHEMAS`.
        limit: Field for the most tokens.
        modalities: Whether text alone must be asked for.
        streams: It answers in streams only.
        seeds: It takes a seed.
    """

    chat: ChatDialect
    schema: str = "none"
    limit: str = "max_tokens"
    modalities: bool = True
    streams: bool = False
    seeds: bool = True


_WRITER = ChatDialect(name="text", key="OPENAI_API_KEY", keyless=True, speaks=False)

LISTENING: Mapping[str, ListeningDialect] = {
    # Any OpenAI-compatible writer that hears nothing, at the address on the card.
    "text": ListeningDialect(chat=_WRITER, schema="json_schema", modalities=False),
    # OpenAI's audio models take no response_format; the form is asked for in words.
    "openai": ListeningDialect(chat=DIALECTS["openai"], limit="max_completion_tokens"),
    "azure": ListeningDialect(chat=DIALECTS["azure"], limit="max_completion_tokens"),
    "dashscope": ListeningDialect(chat=DIALECTS["dashscope"], streams=True),
    "vllm": ListeningDialect(chat=DIALECTS["vllm"], schema="json_schema", modalities=False),
    "vllm-omni": ListeningDialect(chat=DIALECTS["vllm-omni"]),
    "llama-cpp": ListeningDialect(chat=DIALECTS["llama-cpp"], schema="json_schema", modalities=False),
}
"""Dialect by its name on the card."""


@dataclass(slots=True)
class _Course:
    content: list[str] = field(default_factory=list)
    refusal: list[str] = field(default_factory=list)
    finish: str = ""
    model: str = ""
    usage: Usage = field(default_factory=Usage)
    audio_tokens: int | None = None


class ChatReader:
    """Implements `protocols.AudioReader`.

    Args:
        endpoint: Where it is.
        dialect: Whose way.
        model: Its name there; empty where a server has only one.
        schema: One of `SCHEMAS`.
        sends_seed: Whether the seed is sent.
        sends_temperature: Whether the temperature is sent; some models refuse the field.
        extra: Further fields of the request.
    """

    def __init__(
        self,
        endpoint: remote.Endpoint,
        dialect: ListeningDialect,
        *,
        model: str,
        schema: str,
        sends_seed: bool = True,
        sends_temperature: bool = True,
        extra: Mapping[str, Json] | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._dialect = dialect
        self._model = model
        self._schema = schema
        self._sends_seed = sends_seed
        self._sends_temperature = sends_temperature
        self._extra = dict(extra or {})
        self._clients = Clients()

    @property
    def identity(self) -> str:
        """Vendor, model, host and how a schema is asked for."""
        host = urlsplit(self._endpoint.url).netloc
        return f"{FAMILY}/1({self._dialect.chat.name}, {self._model or 'the only model'}, {host}, {self._schema})"

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
            Refused: It declined, in its own field or by its filter.
            EmptyAnswer: It wrote nothing.
            CardError: More audio than a request may hold.
            TimedOut, AccessError, RequestRejected, InfrastructureError: As `exchange.posted`.
        """
        body = self._body(messages, seed=seed, temperature=temperature, max_tokens=max_tokens, schema=schema)
        with posted(
            self._clients,
            self._endpoint,
            url=f"{self._endpoint.address().rstrip('/')}/chat/completions",
            content=to_json(body),
            content_type="application/json",
            deadline=self._endpoint.deadline(),
            signs=self._dialect.chat.signs,
        ) as reply:
            course = self._listen(reply)
        return self._reading(course)

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
        body: dict[str, Json] = {"messages": [self._message(message) for message in messages]}
        if self._model:
            body["model"] = self._model
        body[self._dialect.limit] = max_tokens
        if self._sends_temperature:
            body["temperature"] = temperature
        if self._dialect.modalities:
            body["modalities"] = ["text"]
        if self._sends_seed:
            body["seed"] = seed
        if self._dialect.streams:
            body |= {"stream": True, "stream_options": {"include_usage": True}}
        if schema is not None and self._schema == "json_schema":
            wanted: Json = {"name": "reply", "schema": json.loads(json.dumps(schema)), "strict": True}
            body["response_format"] = {"type": "json_schema", "json_schema": wanted}
        elif schema is not None and self._schema == "json_object":
            body["response_format"] = {"type": "json_object"}
        return {**body, **self._extra}

    def _message(self, message: HeardMessage) -> Json:
        if all(isinstance(part, str) for part in message.parts):
            return {"role": message.role, "content": "\n".join(part for part in message.parts if isinstance(part, str))}
        return {"role": message.role, "content": [self._part(part) for part in message.parts]}

    def _part(self, part: str | Waveform) -> Json:
        if isinstance(part, str):
            return {"type": "text", "text": part}
        # The prompt's own rate: vendors resample as they need, and no answer loses its treble on our side.
        audio = base64_text(encoded(part, Encoding(form=WAV, rate_hz=part.rate_hz)))
        data = self._dialect.chat.audio_prefix + audio
        return {"type": "input_audio", "input_audio": {"data": data, "format": "wav"}}

    def _listen(self, reply: Reply) -> _Course:
        course = _Course()
        if "event-stream" not in reply.headers.get("content-type", ""):
            self._hear(reply.value(), course)
            return course
        for event in reply.events():
            self._hear(event, course)
        if not course.finish and not reply.finished:
            raise InfrastructureError(f"{self._endpoint.name}: the stream ended before the answer did")
        return course

    def _hear(self, value: Mapping[str, object], course: _Course) -> None:
        choices = list(objects_at(value, "choices"))
        if not choices and ("error" in value or "code" in value):
            code, message = told_by(value)
            raise failure(
                self._endpoint.scrubbed(message), who=self._endpoint.name, code=code, signs=self._dialect.chat.signs
            )
        for choice in choices[:1]:
            part = choice.get("delta") or choice.get("message")
            course.content.append(text_at(part, "content") or "")
            course.refusal.append(text_at(part, "refusal") or "")
            course.finish = text_at(choice, "finish_reason") or course.finish
        course.model = text_at(value, "model") or course.model
        tokens_in, tokens_out = count_at(value, "usage", "prompt_tokens"), count_at(value, "usage", "completion_tokens")
        if tokens_in is not None or tokens_out is not None:
            course.usage = Usage(tokens_in=tokens_in, tokens_out=tokens_out)
            course.audio_tokens = count_at(value, "usage", "prompt_tokens_details", "audio_tokens")

    def _reading(self, course: _Course) -> Reading:
        text, refusal = "".join(course.content).strip(), "".join(course.refusal).strip()
        if course.finish == "content_filter" or (refusal and not text):
            raise Refused(f"{self._endpoint.name}: {refusal[:200] or 'its content filter cut the answer'}")
        if not text:
            raise EmptyAnswer(f"{self._endpoint.name}: it wrote nothing (finish: {course.finish or 'not told'})")
        return Reading(
            text=text,
            model=course.model,
            finish=course.finish,
            usage=course.usage,
            audio_tokens=course.audio_tokens,
        )


_SETTINGS = frozenset(
    {"dialect", "url", "model", "key_env", "schema", "seeds", "sends_temperature", "extra"}
    | {"timeout_s", "patience_s", "connect_s"}
)


def build(settings: Mapping[str, Setting], parts: Parts) -> ChatReader:
    """A reader from settings: dialect, url, model, key_env (empty: no key), schema, seeds, sends_temperature, extra,
    timeout_s, patience_s, connect_s.
    """
    read.check_keys(FAMILY, settings, known=_SETTINGS)
    name = read.text(settings, "dialect", "openai")
    dialect = LISTENING.get(name)
    if dialect is None:
        raise CardError(f"settings.dialect: {name!r} given; one of {', '.join(sorted(LISTENING))}")
    model = read.text(settings, "model", "")
    if not model and not dialect.chat.keyless:
        raise CardError(f"settings.model: missing; name the model that {name} is to run")
    schema = read.text(settings, "schema", dialect.schema)
    if schema not in SCHEMAS:
        raise CardError(f"settings.schema: {schema!r} given, one of {', '.join(SCHEMAS)} needed")
    where = remote.endpoint(
        settings,
        name=f"{name} {model}".strip(),
        url=dialect.chat.url,
        transport="http",
        secrets={"key": dialect.chat.key},
        headers=dialect.chat.headers,
        keyless=dialect.chat.keyless,
    )
    return ChatReader(
        where,
        dialect,
        model=model,
        schema=schema,
        sends_seed=read.flag(settings, "seeds", dialect.seeds),
        sends_temperature=read.flag(settings, "sends_temperature", True),
        extra=remote.extra(settings),
    )

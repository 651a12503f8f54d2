"""OpenAI-compatible chat completions with audio: speech in a message, speech in the reply."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from urllib.parse import urlsplit

from pydantic_core import to_json

from s2s_arena.errors import CardError, EmptyAnswer, InfrastructureError, Refused
from s2s_arena.models import settings as read
from s2s_arena.models.parts import Parts
from s2s_arena.models.remote import endpoint as remote
from s2s_arena.models.remote.chat_dialects import DIALECTS, ChatDialect
from s2s_arena.models.remote.exchange import Clients, Reply, posted
from s2s_arena.models.remote.failures import failure, told_by
from s2s_arena.models.remote.found import at, count_at, objects_at, text_at
from s2s_arena.models.remote.reading import Reader
from s2s_arena.models.remote.speech import Gathered, base64_text, encoded
from s2s_arena.models.remote.templates import Json, Template, fill, fill_object
from s2s_arena.protocols import Answer, Exchange, Request
from s2s_arena.records.responses import Usage
from s2s_arena.records.systems import Setting

UNTOLD = "..."
"""What an earlier answer is in a text history when the system never told its words."""

_MARGIN_S = 60.0  # an audio id that expires within this may be gone before the request arrives


@dataclass(slots=True)
class _Course:
    """What a reply told so far, besides speech."""

    transcript: list[str] = field(default_factory=list)
    content: list[str] = field(default_factory=list)
    refusal: list[str] = field(default_factory=list)
    finish: str | None = None
    audio_id: str | None = None
    expires_at: int | None = None
    usage: Usage = field(default_factory=Usage)

    @property
    def text(self) -> str | None:
        """The words of the speech; else what was written."""
        return ("".join(self.transcript) or "".join(self.content)).strip() or None

    @property
    def raw(self) -> dict[str, str]:
        """What is kept for debugging and for later turns."""
        told = {"finish": self.finish, "audio_id": self.audio_id, "audio_expires_at": self.expires_at}
        return {key: str(value) for key, value in told.items() if value is not None}


class ChatSystem:
    """Implements `protocols.Conversant` by chat completions.

    Args:
        endpoint: Where it is.
        dialect: Whose way of speaking.
        values: Of the dialect's slots, from the card.
        streams: Whether to ask for a stream.
        extra: Further fields of the request, from the card.
        instructions: System prompt.
        sends_seed: Whether the request's seed is sent, where the dialect has a place for it.
        reader: Speaks the words of a system that only writes.
    """

    def __init__(
        self,
        endpoint: remote.Endpoint,
        dialect: ChatDialect,
        *,
        values: Mapping[str, Json],
        streams: bool,
        extra: Mapping[str, Json],
        instructions: str | None = None,
        sends_seed: bool = False,
        reader: Reader | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._dialect = dialect
        self._values = dict(values)
        self._streams = streams
        self._extra = dict(extra)
        self._instructions = instructions
        self._sends_seed = sends_seed
        self._reader = reader
        self._clients = Clients()
        self.input_rate_hz = dialect.sent.rate_hz

    @property
    def identity(self) -> str:
        read_by = f", read by {self._reader.identity}" if self._reader else ""
        host = urlsplit(self._endpoint.url).netloc
        return f"openai-chat/1({self._dialect.name}, {self._values.get('model') or 'the only model'}, {host}{read_by})"

    def answer(self, request: Request) -> Answer:
        """Speech for speech; see `exchange.posted` for what is raised."""
        gathered = Gathered(self._dialect.received, who=self._endpoint.name)
        deadline = self._endpoint.deadline()
        content = to_json(self.body(request))
        url = f"{self._endpoint.address().rstrip('/')}/chat/completions"
        gathered.asked()
        with posted(
            self._clients,
            self._endpoint,
            url=url,
            content=content,
            content_type="application/json",
            deadline=deadline,
            signs=self._dialect.signs,
        ) as reply:
            course = self._listen(reply, gathered)
        return self._answer(request, gathered, course)

    def body(self, request: Request) -> dict[str, Json]:
        """The request for a turn."""
        system: list[Json] = [{"role": "system", "content": self._instructions}] if self._instructions else []
        messages: list[Json] = [*system]
        for past in request.history:
            messages += [self._question(past), self._reminder(past)]
        last = Exchange(user=request.speech, answer=Answer(speech=request.speech))
        messages.append(self._question(last))
        stream, whole = self._dialect.formats
        values: dict[str, Json] = {
            **self._values,
            "format": stream if self._streams else whole,
            "messages": messages,
            "seed": request.seed if self._sends_seed else None,
            "stream": self._streams,
        }
        template: dict[str, Template] = {**self._dialect.body, **(self._dialect.streamed if self._streams else {})}
        return {**fill_object(template, values), **self._extra}

    def _question(self, exchange: Exchange) -> Json:
        audio = self._dialect.audio_prefix + base64_text(encoded(exchange.user, self._dialect.sent))
        return fill(self._dialect.question, {"audio": audio, "prompt": self._values.get("prompt")})

    def _reminder(self, past: Exchange) -> Json:
        audio_id, until = past.answer.raw.get("audio_id"), past.answer.raw.get("audio_expires_at", "")
        lasts = not until.isdigit() or int(until) > time.time() + _MARGIN_S
        if self._dialect.reminder is not None and audio_id and lasts:
            return fill(self._dialect.reminder, {"audio_id": audio_id})
        return {"role": "assistant", "content": past.answer.text or UNTOLD}

    def _listen(self, reply: Reply, gathered: Gathered) -> _Course:
        course = _Course()
        if "event-stream" not in reply.headers.get("content-type", ""):
            self._hear(reply.value(), course, gathered)
            return course
        for event in reply.events():
            self._hear(event, course, gathered)
        if course.finish is None and not reply.finished:
            raise InfrastructureError(f"{self._endpoint.name}: the stream ended before the answer did")
        return course

    def _hear(self, value: Mapping[str, object], course: _Course, gathered: Gathered) -> None:
        choices = list(objects_at(value, "choices"))
        if not choices and ("error" in value or "code" in value):
            code, message = told_by(value)
            message = self._endpoint.scrubbed(message)
            raise failure(message, who=self._endpoint.name, code=code, signs=self._dialect.signs)
        # Speech may sit in any choice: some servers give the words in the first and the speech in the second.
        for choice in choices:
            part = choice.get("delta") or choice.get("message")
            # Most of hundreds of events hold speech or a finish and nothing else: what is not there is not looked into.
            if (audio := at(part, "audio")) is not None:
                if data := text_at(audio, "data"):
                    gathered.sound_base64(data)
                course.transcript.append(text_at(audio, "transcript") or "")
                course.audio_id = text_at(audio, "id") or course.audio_id
                course.expires_at = count_at(audio, "expires_at") or course.expires_at
            course.content.append(text_at(part, "content") or "")
            course.refusal.append(text_at(part, "refusal") or "")
            if course.finish != "content_filter":  # of several choices, a filtered one decides
                course.finish = text_at(choice, "finish_reason") or course.finish
        if value.get("usage") is None:
            return
        tokens_in, tokens_out = count_at(value, "usage", "prompt_tokens"), count_at(value, "usage", "completion_tokens")
        if tokens_in is not None or tokens_out is not None:
            course.usage = Usage(tokens_in=tokens_in, tokens_out=tokens_out)

    def _answer(self, request: Request, gathered: Gathered, course: _Course) -> Answer:
        who = self._endpoint.name
        refusal = "".join(course.refusal)
        if course.finish == "content_filter" or (refusal and not gathered.heard_sound):
            raise Refused(f"{who}: {refusal[:200] or 'its content filter cut the answer'}")
        speech, first_audio_s = gathered.speech(), gathered.first_audio_s
        if speech is None and self._reader is not None and course.text:
            speech = self._reader.read(course.text, seed=request.seed, who=who)
            first_audio_s = gathered.elapsed_s
        if speech is None:
            raise EmptyAnswer(f"{who}: no speech came back; it wrote {(course.text or '')[:80]!r}")
        usage = replace(course.usage, audio_in_s=request.speech.duration_s, audio_out_s=speech.duration_s)
        return Answer(speech=speech, text=course.text, first_audio_s=first_audio_s, usage=usage, raw=course.raw)


KNOWN = remote.COMMON | {"dialect", "key_env", "prompt", "max_tokens", "stream", "send_seed", "extra", "reader"}


def build(settings: Mapping[str, Setting], parts: Parts) -> ChatSystem:
    """A system from a card.

    Settings: those of every remote family; dialect; key_env (name of the key's variable, empty for none); prompt
    (text beside the speech); max_tokens; stream; send_seed; extra (further fields of the request); reader (name of a
    voice card that speaks for a system that only writes).
    """
    read.check_keys("openai-chat", settings, known=KNOWN)
    name = read.text(settings, "dialect", "openai")
    dialect = DIALECTS.get(name)
    if dialect is None:
        raise CardError(f"settings.dialect: {name!r} given; one of {', '.join(sorted(DIALECTS))}")
    reader = remote.optional_text(settings, "reader")
    if not dialect.speaks and reader is None:
        raise CardError(f"settings.reader: missing; {name} answers in text, so name a voice card that reads it")
    streams = read.flag(settings, "stream", dialect.streams)
    if dialect.only == ("whole" if streams else "stream"):
        raise CardError(f"settings.stream: {str(streams).lower()} given; {name} has only the other way")
    model = read.text(settings, "model", dialect.model)
    if not model and not dialect.keyless:
        raise CardError(f"settings.model: missing; name the model that {name} is to run")
    max_tokens = remote.optional_number(settings, "max_tokens")
    given: dict[str, Json] = {
        "voice": remote.optional_text(settings, "voice"),
        "temperature": remote.optional_number(settings, "temperature"),
        "max_tokens": None if max_tokens is None else int(max_tokens),
        "prompt": remote.optional_text(settings, "prompt"),
    }
    remote.check_places(given, dialect.body, dialect.question, who=f"dialect {name}")
    values = {**given, "model": model or None, "voice": given["voice"] or dialect.voice}
    where = remote.endpoint(
        settings,
        name=f"{name} {model}".strip(),
        url=dialect.url,
        transport="http",
        secrets={"key": dialect.key},
        headers=dialect.headers,
        keyless=dialect.keyless,
    )
    return ChatSystem(
        where,
        dialect,
        values=values,
        streams=streams,
        extra=remote.extra(settings),
        instructions=remote.optional_text(settings, "instructions"),
        sends_seed=read.flag(settings, "send_seed", False),
        reader=Reader(partial(parts.speaker, reader)) if reader else None,
    )

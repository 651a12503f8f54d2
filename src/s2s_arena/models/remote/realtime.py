"""The realtime websocket: one engine for every vendor that speaks its events, new or old."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import ArenaError, CardError, EmptyAnswer, InfrastructureError, Refused
from s2s_arena.models import settings as read
from s2s_arena.models.parts import Parts
from s2s_arena.models.remote import endpoint as remote
from s2s_arena.models.remote.exchange import json_object
from s2s_arena.models.remote.failures import failure, told_by
from s2s_arena.models.remote.found import at, count_at, text_at
from s2s_arena.models.remote.realtime_dialects import DIALECTS, History, RealtimeDialect, Role
from s2s_arena.models.remote.sockets import Socket, opened, with_query
from s2s_arena.models.remote.speech import Gathered, base64_text, chunks, encoded
from s2s_arena.models.remote.templates import Json, fill
from s2s_arena.protocols import Answer, Request
from s2s_arena.records.responses import Usage
from s2s_arena.records.systems import Setting

_PARTING_S = 2.0
_PARTING_EVENTS = 16

UNTOLD = "..."
"""What an earlier answer is among the items when the system never told its words."""


@dataclass(slots=True)
class _Turn:
    """What one turn brought."""

    gathered: Gathered
    words: list[str] = field(default_factory=list)
    whole_words: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    heard: str | None = None
    status: str = ""
    usage: Usage = field(default_factory=Usage)

    @property
    def text(self) -> str | None:
        """What was spoken; else what was written."""
        for pieces in (self.words, self.whole_words, self.written):
            if text := "".join(pieces).strip():
                return text
        return None

    @property
    def raw(self) -> dict[str, str]:
        """What is kept for debugging."""
        return {k: v for k, v in (("heard", self.heard), ("status", self.status)) if v}


class RealtimeSystem:
    """Implements `protocols.Conversant` by the realtime websocket: one session for each answer.

    Args:
        endpoint: Where it is.
        dialect: Whose events.
        values: Of the session's slots, from the card.
        extra: Further fields of the session, from the card.
    """

    def __init__(
        self,
        endpoint: remote.Endpoint,
        dialect: RealtimeDialect,
        *,
        values: Mapping[str, Json],
        extra: Mapping[str, Json],
    ) -> None:
        self._endpoint = endpoint
        self._dialect = dialect
        self._values = dict(values)
        self._extra = dict(extra)
        self.input_rate_hz = dialect.sent.rate_hz

    @property
    def identity(self) -> str:
        model = self._values.get("model") or "the only model"
        return f"realtime/1({self._dialect.name}, {model}, {urlsplit(self._endpoint.url).netloc})"

    @property
    def url(self) -> str:
        """With the model where the vendor wants it."""
        model = str(self._values.get("model") or "")
        query = {key: value.format(model=model) for key, value in self._dialect.query.items() if model}
        return with_query(self._endpoint.address(model=model), query)

    def answer(self, request: Request) -> Answer:
        """Speech for speech; see `sockets.opened` and `Socket.receive` for what is raised."""
        deadline = self._endpoint.deadline()
        with opened(self._endpoint, url=self.url, deadline=deadline, signs=self._dialect.signs) as socket:
            self._settle(socket)
            if self._dialect.history is History.REPLAY:
                for past in request.history:
                    self._turn(socket, past.user)
            elif self._dialect.history is History.ITEMS:
                for item in self.items(request):
                    socket.send(item)
            turn = self._turn(socket, request.speech)
            self._leave(socket)
        speech = turn.gathered.speech()
        if speech is None:
            raise EmptyAnswer(f"{self._endpoint.name}: no speech came back; it wrote {(turn.text or '')[:80]!r}")
        return Answer(
            speech=speech,
            text=turn.text,
            first_audio_s=turn.gathered.first_audio_s,
            usage=replace(turn.usage, audio_in_s=request.speech.duration_s, audio_out_s=speech.duration_s),
            raw=turn.raw,
        )

    def session(self) -> Json:
        """The first message."""
        made = fill(self._dialect.session, self._values)
        if self._extra and isinstance(made, Mapping):
            if "session" not in made:  # one handler takes its settings beside the type
                return {**made, **self._extra}
            inner = made["session"]
            made = {**made, "session": {**(inner if isinstance(inner, Mapping) else {}), **self._extra}}
        return made

    def items(self, request: Request) -> list[Json]:
        """Earlier turns as items of the conversation."""
        made: list[Json] = []
        for past in request.history:
            audio = base64_text(encoded(past.user, self._dialect.sent))
            made.append(fill(self._dialect.user_item, {"audio": audio}))
            made.append(fill(self._dialect.assistant_item, {"text": past.answer.text or UNTOLD}))
        return made

    def question(self, speech: Waveform) -> list[Json]:
        """The messages by which one utterance is put."""
        pieces = chunks(speech, self._dialect.sent, seconds=self._dialect.chunk_s)
        appended = [fill(self._dialect.append, {"audio": base64_text(piece)}) for piece in pieces]
        before, after = ([fill(t, {}) for t in part] for part in (self._dialect.before, self._dialect.after))
        return [*before, *appended, *after]

    def _settle(self, socket: Socket) -> None:
        if self._dialect.greeting:
            self._await(socket, self._dialect.greeting)
        socket.send(self.session())
        if self._dialect.settled:
            self._await(socket, self._dialect.settled)

    def _leave(self, socket: Socket) -> None:
        if self._dialect.farewell is None:
            return
        message, answered = self._dialect.farewell
        try:
            socket.send(fill(message, {}))
            for _ in range(_PARTING_EVENTS):
                event = socket.receive(within_s=_PARTING_S)
                if event is None or text_at(json_object(event, who=self._endpoint.name), "type") == answered:
                    return
        except ArenaError:  # the answer is whole already
            return

    def _await(self, socket: Socket, wanted: str) -> None:
        while True:
            event = socket.receive_object()
            kind = text_at(event, "type") or ""
            if self._dialect.events.get(kind) is Role.ERROR:
                raise self._error(event)
            if kind == wanted:
                return

    def _turn(self, socket: Socket, speech: Waveform) -> _Turn:
        turn = _Turn(Gathered(self._dialect.received, who=self._endpoint.name))
        for message in self.question(speech):
            socket.send(message)
        turn.gathered.asked()
        while not self._hear(socket.receive_object(), turn):
            pass
        return turn

    def _hear(self, event: Mapping[str, object], turn: _Turn) -> bool:
        """Take in one event; whether the turn is over."""
        match self._dialect.events.get(text_at(event, "type") or ""):
            case Role.SOUND:
                if (rate_hz := count_at(event, self._dialect.rate_field)) is not None:
                    turn.gathered.at_rate(rate_hz)
                for key in self._dialect.sound_fields:
                    turn.gathered.sound_base64(text_at(event, key) or "")
            case Role.WORDS:
                turn.words.append(text_at(event, "delta") or "")
            case Role.WORDS_DONE:
                turn.whole_words.append(text_at(event, "transcript") or "")
            case Role.WRITTEN:
                turn.written.append(text_at(event, "delta") or "")
            case Role.HEARD:
                turn.heard = text_at(event, "transcript") or turn.heard
            case Role.ERROR:
                raise self._error(event)
            case Role.DONE:
                return self._done(event, turn)
            case _:
                pass
        return False

    def _done(self, event: Mapping[str, object], turn: _Turn) -> bool:
        """Only a completed response is an answer: audio also ends when a response is cancelled."""
        who = self._endpoint.name
        response = at(event, "response")
        turn.status = text_at(response, "status") or ""
        reason = text_at(response, "status_details", "reason") or text_at(response, "status_details", "type") or ""
        tokens_in, tokens_out = (
            count_at(response, "usage", "input_tokens"),
            count_at(response, "usage", "output_tokens"),
        )
        turn.usage = Usage(tokens_in=tokens_in, tokens_out=tokens_out)
        match turn.status:
            case "in_progress":
                return False
            case "incomplete" if reason == "content_filter":
                raise Refused(f"{who}: its content filter stopped the answer")
            case "incomplete":
                turn.status = f"incomplete: {reason}"
            case "cancelled":
                raise InfrastructureError(f"{who}: the response was cancelled ({reason or 'no reason given'})")
            case "failed":
                details = at(response, "status_details")
                raise self._error(details if isinstance(details, Mapping) else {})
        return True

    def _error(self, event: Mapping[str, object]) -> Exception:
        code, message = told_by(event)
        message = self._endpoint.scrubbed(message)
        return failure(message, who=self._endpoint.name, code=code, signs=self._dialect.signs)


KNOWN = remote.COMMON | {"dialect", "key_env", "max_tokens", "speed", "extra"}


def build(settings: Mapping[str, Setting], parts: Parts) -> RealtimeSystem:
    """A system from a card.

    Settings: those of every remote family; dialect; key_env; max_tokens; speed; extra (further fields of the session).

    Raises:
        CardError: A setting that is unknown, of a wrong type, or has no place in the dialect.
    """
    read.check_keys("realtime", settings, known=KNOWN)
    name = read.text(settings, "dialect", "openai")
    dialect = DIALECTS.get(name)
    if dialect is None:
        raise CardError(f"settings.dialect: {name!r} given; one of {', '.join(sorted(DIALECTS))}")
    model = read.text(settings, "model", dialect.model)
    if not model and not dialect.keyless:
        raise CardError(f"settings.model: missing; name the model that {name} is to run")
    max_tokens = remote.optional_number(settings, "max_tokens")
    given: dict[str, Json] = {
        "voice": remote.optional_text(settings, "voice"),
        "instructions": remote.optional_text(settings, "instructions"),
        "temperature": remote.optional_number(settings, "temperature"),
        "max_tokens": None if max_tokens is None else int(max_tokens),
        "speed": remote.optional_number(settings, "speed"),
    }
    remote.check_places(given, dialect.session, who=f"realtime dialect {name}")
    where = remote.endpoint(
        settings,
        name=f"{name} {model}".strip(),
        url=dialect.url,
        transport="socket",
        secrets={"key": dialect.key},
        headers=dialect.headers,
        keyless=dialect.keyless,
    )
    values = {**given, "model": model or None, "voice": given["voice"] or dialect.voice}
    return RealtimeSystem(where, dialect, values=values, extra=remote.extra(settings))

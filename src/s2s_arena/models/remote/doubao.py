"""Doubao's realtime dialogue over a binary websocket: speech at 16 kHz in packets of 20 ms, speech back."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit
from uuid import uuid4

from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import ArenaError, CardError, EmptyAnswer, InfrastructureError, Refused
from s2s_arena.models import settings as read
from s2s_arena.models.parts import Parts
from s2s_arena.models.remote import endpoint as remote
from s2s_arena.models.remote.doubao_frames import Event, Frame, Kind, audio_frame, event_frame, parsed
from s2s_arena.models.remote.failures import DOUBAO_SIGNS, failure, told, told_by
from s2s_arena.models.remote.found import at, objects_at, text_at
from s2s_arena.models.remote.sockets import Socket, opened
from s2s_arena.models.remote.speech import PCM16, PCM_F32, Encoding, Gathered, encoded, packets
from s2s_arena.models.remote.templates import Json, Slot, Template, fill
from s2s_arena.protocols import Answer, Request
from s2s_arena.records.responses import Usage
from s2s_arena.records.systems import Setting

URL = "wss://openspeech.bytedance.com/api/v3/realtime/dialogue"
SECRETS: Mapping[str, str] = {
    "app_id": "DOUBAO_APP_ID",
    "access_key": "DOUBAO_ACCESS_KEY",
    "app_key": "DOUBAO_APP_KEY",  # a constant that the vendor's documentation prints
}
HEADERS: Mapping[str, str] = {
    "X-Api-App-ID": "{app_id}",
    "X-Api-Access-Key": "{access_key}",
    "X-Api-Resource-Id": "volc.speech.dialog",
    "X-Api-App-Key": "{app_key}",
}
SENT = Encoding(rate_hz=16000)
PACKET_S = 0.02
PACKET_BYTES = 640
FORMATS: Mapping[str, Encoding] = {
    "pcm_s16le": Encoding(form=PCM16, rate_hz=24000),
    "pcm": Encoding(form=PCM_F32, rate_hz=24000),  # 32-bit floats, whatever the name suggests
}
RISKY = "audit_content_risky"
"""The `tts_type` of a sentence that stands in for an answer which the vendor's audit held back."""

SESSION: Template = {
    "asr": {"extra": {"end_smooth_window_ms": Slot("end_smooth_window_ms")}},
    "tts": {
        "speaker": Slot("voice"),
        "audio_config": {"channel": 1, "format": Slot("format"), "sample_rate": 24000},
    },
    "dialog": {
        "bot_name": Slot("bot_name"),
        "system_role": Slot("instructions"),
        "speaking_style": Slot("speaking_style"),
        "dialog_context": Slot("context"),
        "extra": {"input_mod": "audio_file", "model": Slot("model"), "strict_audit": False, "recv_timeout": 120},
    },
}
_PARTING_S = 1.0


@dataclass(slots=True)
class _Turn:
    """What one turn brought so far."""

    gathered: Gathered
    heard: str = ""
    sent: bool = False  # the whole question
    risky: bool = False
    spoken: set[str] = field(default_factory=set)  # replies whose speech has ended
    written: set[str] = field(default_factory=set)  # replies whose text has ended
    usage: Usage = field(default_factory=Usage)

    @property
    def over(self) -> bool:
        """Speech and text of one reply have both ended, and the question is out."""
        return self.sent and bool(self.spoken & self.written)


class Doubao:
    """Implements `protocols.Conversant` by Doubao's dialogue: one session for each answer.

    Args:
        endpoint: Where it is.
        values: Of the session's slots, from the card.
        received: Encoding of its speech.
        pace: 1 sends speech as fast as it is spoken, which the server's turn detection expects; 0 at once.
    """

    input_rate_hz = SENT.rate_hz

    def __init__(
        self, endpoint: remote.Endpoint, *, values: Mapping[str, Json], received: Encoding, pace: float = 1.0
    ) -> None:
        self._endpoint = endpoint
        self._values = dict(values)
        self._received = received
        self._pace = pace

    @property
    def identity(self) -> str:
        return f"doubao/1({self._values.get('model')}, {urlsplit(self._endpoint.url).netloc}, pace={self._pace:g})"

    def answer(self, request: Request) -> Answer:
        """Speech for speech; see `sockets.opened` and `Socket.receive` for what is raised."""
        who, session, connection = self._endpoint.name, str(uuid4()), str(uuid4())
        with opened(
            self._endpoint,
            url=self._endpoint.address(),
            deadline=self._endpoint.deadline(),
            signs=DOUBAO_SIGNS,
            headers={"X-Api-Connect-Id": connection},
        ) as socket:
            socket.send(event_frame(Event.START_CONNECTION))
            self._await(socket, Event.CONNECTION_STARTED)
            context = self.context(request)
            socket.send(event_frame(Event.START_SESSION, session=session, payload=self.session(context)))
            self._await(socket, Event.SESSION_STARTED)
            if request.history and not context:
                # Without a transcript of what the user said, one live session is the only memory.
                for past in request.history:
                    self._turn(socket, session, past.user)
            turn = self._turn(socket, session, request.speech)
            log_id = socket.headers.get("x-tt-logid", "")
            self._leave(socket, session)
        if turn.risky:
            raise Refused(f"{who}: the vendor's audit held the answer back: {(turn.gathered.text or '')[:80]}")
        speech = turn.gathered.speech()
        if speech is None:
            raise EmptyAnswer(f"{who}: no speech came back; it wrote {(turn.gathered.text or '')[:80]!r}")
        return Answer(
            speech=speech,
            text=turn.gathered.text,
            first_audio_s=turn.gathered.first_audio_s,
            usage=replace(turn.usage, audio_in_s=request.speech.duration_s, audio_out_s=speech.duration_s),
            raw={key: value for key, value in (("heard", turn.heard), ("log_id", log_id)) if value},
        )

    def session(self, context: list[Json]) -> Json:
        """The payload that starts a session."""
        return fill(SESSION, {**self._values, "context": context or None})

    def context(self, request: Request) -> list[Json]:
        """Earlier turns as pairs of text; empty if it is not known what the user said in any of them."""
        now_ms = int(time.time() * 1000)
        pairs: list[Json] = []
        for past in request.history:
            heard = past.answer.raw.get("heard")
            if not heard or not past.answer.text:
                return []
            pairs.append({"role": "user", "text": heard, "timestamp": now_ms + len(pairs)})
            pairs.append({"role": "assistant", "text": past.answer.text, "timestamp": now_ms + len(pairs)})
        return pairs

    def _turn(self, socket: Socket, session: str, speech: Waveform) -> _Turn:
        turn = _Turn(Gathered(self._received, who=self._endpoint.name))
        begun = time.monotonic()
        for number, packet in enumerate(packets(encoded(speech, SENT), PACKET_BYTES), start=1):
            socket.send(audio_frame(session, packet))
            while (left := begun + number * PACKET_S * self._pace - time.monotonic()) > 0:
                if (message := socket.receive(within_s=left)) is not None:
                    self._hear(message, turn)
        turn.sent = True
        turn.gathered.asked()
        while not turn.over:
            if (message := socket.receive()) is not None:
                self._hear(message, turn)
        return turn

    def _hear(self, message: str | bytes, turn: _Turn) -> None:
        frame = self._frame(message)
        if frame.event == Event.TTS_RESPONSE or frame.kind == Kind.SERVER_AUDIO:
            turn.gathered.sound(frame.payload)
            return
        value = frame.value(who=self._endpoint.name) if frame.is_json else {}
        reply = text_at(value, "reply_id") or ""
        match frame.event:
            case Event.ASR_INFO:
                # The user was heard to begin (again): what was answered to the part before a pause is void.
                turn.gathered.restart()
                turn.risky = False
                turn.spoken.clear()
                turn.written.clear()
            case Event.ASR_RESPONSE:
                for result in objects_at(value, "results"):
                    if at(result, "is_interim") is not True:
                        turn.heard = text_at(result, "text") or turn.heard
            case Event.CHAT_RESPONSE:
                turn.gathered.words(text_at(value, "content") or "")
            case Event.TTS_SENTENCE_START:
                turn.risky = turn.risky or text_at(value, "tts_type") == RISKY
            case Event.TTS_ENDED:
                turn.spoken.add(reply)
            case Event.CHAT_ENDED:
                turn.written.add(reply)
            case Event.USAGE:
                turn.usage = _usage(at(value, "usage"))
            case Event.SESSION_FINISHED | Event.CONNECTION_FINISHED:
                raise InfrastructureError(f"{self._endpoint.name}: the session ended in the middle of the answer")
            case _:
                pass

    def _await(self, socket: Socket, wanted: Event) -> None:
        while True:
            message = socket.receive()
            if message is not None and self._frame(message).event == wanted:
                return

    def _frame(self, message: str | bytes) -> Frame:
        """A frame that is no complaint."""
        who = self._endpoint.name
        frame = parsed(message if isinstance(message, bytes) else message.encode(), who=who)
        if frame.kind == Kind.ERROR:
            code, said = told(frame.payload)
            said = self._endpoint.scrubbed(said)
            raise failure(said, who=who, code=str(frame.code or code), signs=DOUBAO_SIGNS)
        if frame.event in (Event.CONNECTION_FAILED, Event.SESSION_FAILED, Event.DIALOG_ERROR):
            code, said = told_by(frame.value(who=who))
            raise failure(self._endpoint.scrubbed(said), who=who, code=code, signs=DOUBAO_SIGNS)
        return frame

    def _leave(self, socket: Socket, session: str) -> None:
        try:
            socket.send(event_frame(Event.FINISH_SESSION, session=session))
            socket.receive(within_s=_PARTING_S)
            socket.send(event_frame(Event.FINISH_CONNECTION))
        except ArenaError:  # the answer is whole already
            return


def _usage(counts: object) -> Usage:
    """Sums over text and audio tokens; cached ones are part of neither."""
    if not isinstance(counts, Mapping):
        return Usage()
    known = {str(k): v for k, v in counts.items() if isinstance(v, int) and not isinstance(v, bool)}
    tokens = {way: sum(v for k, v in known.items() if k.startswith(way)) for way in ("input", "output")}
    return Usage(tokens_in=tokens["input"], tokens_out=tokens["output"])


KNOWN = (remote.COMMON - {"temperature"}) | remote.env_keys(SECRETS)
KNOWN |= {"format", "bot_name", "speaking_style", "end_smooth_window_ms", "pace"}


def build(settings: Mapping[str, Setting], parts: Parts) -> Doubao:
    """A system from a card.

    Settings: those of every remote family but temperature; app_id_env, access_key_env, app_key_env; format
    (pcm_s16le or pcm, which is 32-bit float); bot_name; speaking_style; end_smooth_window_ms (how long a pause may be
    before the turn ends, 500 to 50,000); pace (1: as fast as it is spoken).
    """
    read.check_keys("doubao", settings, known=KNOWN)
    form = read.text(settings, "format", "pcm_s16le")
    if form not in FORMATS:
        raise CardError(f"settings.format: {form!r} given; one of {', '.join(sorted(FORMATS))}")
    window_ms = int(read.number(settings, "end_smooth_window_ms", 1500))
    if not 500 <= window_ms <= 50_000:
        raise CardError(f"settings.end_smooth_window_ms: {window_ms} given, 500..50000 possible")
    pace = read.number(settings, "pace", 1.0)
    if not 0 <= pace <= 10:
        raise CardError(f"settings.pace: {pace:g} given, 0..10 possible")
    model = read.text(settings, "model")
    values: dict[str, Json] = {
        "model": model,
        "voice": remote.optional_text(settings, "voice"),
        "instructions": remote.optional_text(settings, "instructions"),
        "bot_name": remote.optional_text(settings, "bot_name"),
        "speaking_style": remote.optional_text(settings, "speaking_style"),
        "end_smooth_window_ms": window_ms,
        "format": form,
    }
    where = remote.endpoint(
        settings, name=f"doubao {model}", url=URL, transport="socket", secrets=SECRETS, headers=HEADERS
    )
    return Doubao(where, values=values, received=FORMATS[form], pace=pace)

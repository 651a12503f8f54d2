"""A loopback server of Doubao's realtime dialogue: binary frames, packets of 20 ms, an ear for the end of speech."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request, Response

from s2s_arena.testing.servers import doubao_wire as wire
from s2s_arena.testing.servers.behaviour import Behaviour, WireFault
from s2s_arena.testing.servers.clips import from_pcm16, to_file
from s2s_arena.testing.servers.doubao_wire import Ask, Tell
from s2s_arena.testing.servers.fields import FieldError, Shape, check, items, mapping, names, needed, one_of, text
from s2s_arena.testing.servers.heard import Before, Heard
from s2s_arena.testing.servers.running import KEY
from s2s_arena.testing.servers.speaking import Dropped, Said, paced, pieces, say
from s2s_arena.testing.servers.websocket_serving import WebSocketServer, handshake_of

IN_RATE = 16000
PACKET = 640
RESOURCE = "volc.speech.dialog"
EMPTY_AUDIO, SILENT_AUDIO, INTERNAL = 45000002, 45000003, 55000001
MODELS = ("O", "SC", "1.2.1.0", "2.2.0.0")

_START: Shape = {
    "asr": {"extra": {"end_smooth_window_ms": None, "enable_custom_vad": None, "enable_asr_twopass": None}},
    "tts": {
        "speaker": None,
        "audio_config": {"channel": None, "format": None, "sample_rate": None},
        "extra": None,
    },
    "dialog": {
        **names("bot_name system_role speaking_style dialog_id character_manifest"),
        "dialog_context": [names("role text timestamp")],
        "extra": names("input_mod model strict_audit audit_response recv_timeout enable_music enable_volc_websearch"),
    },
}


@dataclass
class _Dialogue:
    connection: ServerConnection
    headers: Mapping[str, str]
    fault: tuple[int, WireFault | None] | None
    connection_id: str = ""
    session: str = ""
    settings: Mapping[str, object] = field(default_factory=dict)
    buffer: bytearray = field(default_factory=bytearray)
    turns: list[Before] = field(default_factory=list)

    async def tell(self, event: Tell, **fields: object) -> None:
        owner = self.connection_id if event < 100 else self.session
        await self.connection.send(wire.tell(event, fields, owner=owner))


class DoubaoServer(WebSocketServer):
    """Realtime dialogue.

    The key is the access key. The end of the user's speech is where no packet has come for `quiet_s`.

    Args:
        quiet_s: The server's patience, in place of the vendor's end_smooth_window_ms.
        words_end_first: 559 comes before 359, instead of after it; clients must wait for both.
        behaviour: As `LoopbackServer`.
        key: As `LoopbackServer`.
        port: As `LoopbackServer`.
    """

    path = "/api/v3/realtime/dialogue"
    faults = frozenset(WireFault) - {WireFault.SECOND_CHOICE, WireFault.TRUNCATED_BASE64}

    def __init__(
        self,
        *,
        quiet_s: float = 0.03,
        words_end_first: bool = False,
        behaviour: Behaviour | None = None,
        key: str | None = KEY,
        port: int = 0,
    ) -> None:
        super().__init__(behaviour=behaviour, key=key, port=port)
        self.quiet_s = quiet_s
        self.words_end_first = words_end_first
        self.packets: list[int] = []  # sizes of the audio packets of the last question

    def admits(self, headers: Mapping[str, str], query: Mapping[str, str]) -> bool:
        return self.key is None or headers.get("x-api-access-key") == self.key

    def objection(self, headers: Mapping[str, str], query: Mapping[str, str]) -> str | None:
        for name in ("x-api-app-id", "x-api-app-key", "x-api-connect-id"):
            if not headers.get(name):
                return f"the header {name} is missing"
        if headers.get("x-api-resource-id") != RESOURCE:
            return f"the header x-api-resource-id must be {RESOURCE}"
        return None

    def _handshake(self, connection: ServerConnection, request: Request) -> Response | None:
        refused = super()._handshake(connection, request)
        if refused is not None:
            refused.headers["X-Tt-Logid"] = "loopback-log"
        return refused

    async def session(self, connection: ServerConnection) -> None:
        request = connection.request
        headers = handshake_of(request)[0] if request is not None else {}
        dialogue = _Dialogue(connection=connection, headers=headers, fault=self.first_fault(connection))
        dialogue.connection_id = headers.get("x-api-connect-id", "")
        while True:
            waiting = self.quiet_s if dialogue.buffer else None
            try:
                frame = await asyncio.wait_for(connection.recv(), waiting)
            except TimeoutError:
                await self._question(dialogue)
                continue
            try:
                if isinstance(frame, str):
                    raise wire.FrameError("text messages are not part of this protocol")
                asked = wire.read(frame)
                if not await self._event(dialogue, asked):
                    return
            except wire.FrameError as error:
                self.refuse(str(error))
                await connection.send(wire.error(45000001, str(error)))
                return

    async def _event(self, dialogue: _Dialogue, asked: wire.Asked) -> bool:
        """Whether the connection goes on."""
        if asked.session is not None and dialogue.session and asked.session != dialogue.session:
            raise wire.FrameError(f"session {asked.session!r} was not started")
        match asked.event:
            case Ask.START_CONNECTION:
                asked.fields()
                await dialogue.tell(Tell.CONNECTION_STARTED)
            case Ask.START_SESSION:
                dialogue.session = asked.session or ""
                await self._start(dialogue, asked.fields())
            case Ask.AUDIO:
                self._listen(dialogue, asked.payload)
            case Ask.TEXT_QUERY:
                words = text(asked.fields().get("content")) or ""
                await self._answer(dialogue, Before(role="user", text=words))
            case Ask.FINISH_SESSION:
                if dialogue.buffer:
                    await self._question(dialogue)
                await dialogue.tell(Tell.SESSION_FINISHED)
                dialogue.session = ""
            case Ask.FINISH_CONNECTION:
                await dialogue.tell(Tell.CONNECTION_FINISHED)
                return False
            case _:
                raise wire.FrameError(f"event {asked.event} is not served here")
        return True

    async def _start(self, dialogue: _Dialogue, fields: Mapping[str, object]) -> None:
        try:
            if len(dialogue.session) != 36:
                raise FieldError("session id", "wrong", f"session id {dialogue.session!r}: 36 bytes are needed")
            check(fields, _START)
            extra = mapping(needed(mapping(needed(fields, "dialog")), "extra", path="dialog"))
            one_of(needed(extra, "model", path="dialog.extra"), MODELS, path="dialog.extra.model")
            config = mapping(mapping(fields.get("tts")).get("audio_config"))
            if config:
                one_of(config.get("format"), ("pcm", "pcm_s16le", "ogg_opus"), path="tts.audio_config.format")
                one_of(config.get("sample_rate"), (24000,), path="tts.audio_config.sample_rate")
            context = [mapping(turn) for turn in items(mapping(fields.get("dialog")).get("dialog_context"))]
            roles = [text(turn.get("role")) for turn in context]
            if roles != ["user", "assistant"] * (len(roles) // 2):
                raise FieldError("dialog.dialog_context", "wrong", "dialog_context: pairs of user and assistant needed")
        except FieldError as error:
            self.refuse(str(error))
            await dialogue.tell(Tell.SESSION_FAILED, error=str(error))
            return
        dialogue.settings = fields
        dialogue.turns = [Before(role=text(t.get("role")) or "", text=text(t.get("text"))) for t in context]
        await dialogue.tell(Tell.SESSION_STARTED, dialog_id="dialog-loopback")

    def _listen(self, dialogue: _Dialogue, packet: bytes) -> None:
        if not dialogue.settings:
            raise wire.FrameError("audio before the session was started")
        if len(packet) % 2 or len(packet) > PACKET:
            raise wire.FrameError(f"audio packet of {len(packet)} bytes: 20 ms are {PACKET}")
        if not dialogue.buffer:
            self.packets = []
        self.packets.append(len(packet))
        dialogue.buffer += packet

    # --------------------------------------------------------------------------------------- the answer

    async def _question(self, dialogue: _Dialogue) -> None:
        clip = from_pcm16(bytes(dialogue.buffer), IN_RATE)
        dialogue.buffer.clear()
        if not np.any(np.abs(clip.samples) > 1e-3):
            await dialogue.connection.send(wire.error(SILENT_AUDIO, "no speech in the audio"))
            return
        await self._answer(dialogue, Before(role="user", audio=clip))

    async def _answer(self, dialogue: _Dialogue, asked: Before) -> None:
        number, fault = dialogue.fault or self.next_fault()
        dialogue.fault = None
        settings = dialogue.settings
        dialog = mapping(settings.get("dialog"))
        heard = Heard(
            number=number,
            audio=(asked.audio,) if asked.audio is not None else (),
            texts=(asked.text,) if asked.text else (),
            instructions=" ".join(filter(None, (text(dialog.get(n)) for n in ("system_role", "speaking_style"))))
            or None,
            before=tuple(dialogue.turns),
            voice=text(mapping(settings.get("tts")).get("speaker")),
            path=self.path,
            headers=dialogue.headers,
            fields=settings,
            fault=fault,
        )
        self.keep(heard)
        whole = False
        try:
            said = say(heard, behaviour=self.behaviour)
            await self._send(dialogue, heard, said)
            dialogue.turns += [asked, Before(role="assistant", audio=said.speech, text=said.text)]
            whole = True
        finally:
            self.let_go(whole=whole)

    async def _send(self, dialogue: _Dialogue, heard: Heard, said: Said) -> None:
        fault, ids = heard.fault, {"question_id": f"q{heard.number}", "reply_id": f"r{heard.number}"}
        if fault is WireFault.SERVER_ERROR:
            await dialogue.connection.send(wire.error(INTERNAL, "internal error"))
            return
        await dialogue.tell(Tell.HEARING, question_id=ids["question_id"])
        await dialogue.tell(Tell.HEARD, results=[{"text": "a question", "is_interim": False}])
        await dialogue.tell(Tell.HEARING_ENDED)
        kind = "audit_content_risky" if fault is WireFault.CONTENT_FILTER else "default"
        await dialogue.tell(Tell.SENTENCE_START, tts_type=kind, text=said.text, **ids)
        words = [*said.words]
        cut = self._pieces(dialogue, said)
        async for at in paced(len(cut), fault=fault, behaviour=self.behaviour):
            if words:
                await dialogue.tell(Tell.WORDS, content=words.pop(0) + (" " if words else ""), **ids)
            frame = wire.sound(cut[at], session=dialogue.session)
            if fault is WireFault.MALFORMED:
                await dialogue.connection.send(frame[: len(frame) // 2])  # announces more than it has
                raise Dropped
            await dialogue.connection.send(frame)
        if fault is WireFault.CANCELLED:
            await dialogue.tell(Tell.SESSION_FINISHED)
            return
        if words:
            await dialogue.tell(Tell.WORDS, content=" ".join(words), **ids)
        await dialogue.tell(Tell.SENTENCE_END, **ids)
        ends = [Tell.SPEECH_ENDED, Tell.WORDS_ENDED]
        for end in reversed(ends) if self.words_end_first else ends:
            await dialogue.tell(end, **ids)
        await dialogue.tell(Tell.USAGE, usage=_usage(heard, said))

    def _pieces(self, dialogue: _Dialogue, said: Said) -> list[bytes]:
        config = mapping(mapping(dialogue.settings.get("tts")).get("audio_config"))
        form, rate = text(config.get("format")) or "ogg_opus", said.speech.rate_hz
        if form == "pcm_s16le":
            return pieces(said.pcm16(), bytes_per_s=2 * rate, behaviour=self.behaviour)
        if form == "pcm":
            return pieces(said.speech.samples.astype("<f4").tobytes(), bytes_per_s=4 * rate, behaviour=self.behaviour)
        return pieces(to_file(said.speech, "OGG"), bytes_per_s=4000, behaviour=self.behaviour)


def _usage(heard: Heard, said: Said) -> Mapping[str, object]:
    audio_in = sum(round(clip.duration_s * 10) for clip in heard.audio)
    return {
        "input_text_tokens": sum(len(words.split()) for words in heard.texts),
        "input_audio_tokens": audio_in,
        "cached_text_tokens": 0,
        "cached_audio_tokens": 0,
        "output_text_tokens": len(said.words),
        "output_audio_tokens": round(said.speech.duration_s * 20),
    }

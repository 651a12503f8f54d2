"""A loopback server of the Realtime wires: sessions, an audio buffer, a conversation, and answers in events."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from websockets.asyncio.server import ServerConnection

from s2s_arena.audio.waveform import Waveform
from s2s_arena.testing.servers.behaviour import Behaviour, WireFault
from s2s_arena.testing.servers.clips import ClipError, from_base64, from_file, from_pcm16
from s2s_arena.testing.servers.fields import FieldError, check, items, mapping, needed, one_of, text
from s2s_arena.testing.servers.heard import Before, Heard
from s2s_arena.testing.servers.realtime_answers import answer
from s2s_arena.testing.servers.realtime_wires import OPENAI_GA, RealtimeWire
from s2s_arena.testing.servers.running import KEY
from s2s_arena.testing.servers.websocket_serving import WebSocketServer, handshake_of

SHORTEST_COMMIT_S = 0.1


@dataclass
class Session:
    """What one connection has come to."""

    connection: ServerConnection
    headers: Mapping[str, str]
    query: Mapping[str, str]
    fault: tuple[int, WireFault | None] | None  # of the first question
    settings: dict[str, object] = field(default_factory=dict)
    buffer: bytearray = field(default_factory=bytearray)
    clips: list[Waveform] = field(default_factory=list)  # appended WAVs
    turns: list[Before] = field(default_factory=list)
    voice: str | None = None
    spoken: bool = False
    events: int = 0
    open: bool = True  # by turns: whether audio may be appended

    async def send(self, kind: str, **fields: object) -> None:
        """One server event."""
        self.events += 1
        event = {"type": kind, "event_id": f"event_{self.events}", **fields}
        await self.connection.send(json.dumps(event, ensure_ascii=False))


class RealtimeServer(WebSocketServer):
    """Realtime sessions by the rules of one wire.

    Args:
        wire: Its rules.
        behaviour: As `LoopbackServer`.
        key: As `LoopbackServer`.
        port: As `LoopbackServer`.
    """

    faults = frozenset(WireFault) - {WireFault.SECOND_CHOICE}

    def __init__(
        self,
        wire: RealtimeWire = OPENAI_GA,
        *,
        behaviour: Behaviour | None = None,
        key: str | None = KEY,
        port: int = 0,
    ) -> None:
        super().__init__(behaviour=behaviour, key=key, port=port)
        self.wire = wire
        self.path = wire.path

    def admits(self, headers: Mapping[str, str], query: Mapping[str, str]) -> bool:
        if self.key is None:
            return True
        given = headers.get(self.wire.key_header)
        return given == (f"Bearer {self.key}" if self.wire.key_header == "authorization" else self.key)

    def objection(self, headers: Mapping[str, str], query: Mapping[str, str]) -> str | None:
        lacking = [name for name in self.wire.query if name not in query]
        if lacking:
            return f"the query lacks {lacking[0]}"
        beta = headers.get("openai-beta")
        if self.wire.beta_header is True and beta != "realtime=v1":
            return "the header OpenAI-Beta: realtime=v1 is missing"
        if self.wire.beta_header is False and beta is not None:
            return "the header OpenAI-Beta is not accepted here"
        return None

    async def session(self, connection: ServerConnection) -> None:
        request = connection.request
        headers, query = handshake_of(request) if request is not None else ({}, {})
        session = Session(connection=connection, headers=headers, query=query, fault=self.first_fault(connection))
        if self.wire.by_turns:
            session.open = False
        await session.send("session.created", session={"id": "sess_loopback", "object": "realtime.session"})
        async for message in connection:
            try:
                await self._event(session, message)
            except (FieldError, ClipError) as error:
                await self._error(session, error)

    async def _error(self, session: Session, error: FieldError | ClipError) -> None:
        param, code = None, "invalid_value"
        if isinstance(error, FieldError):
            param = error.path
            code = {"unknown": "unknown_parameter", "missing": "missing_required_parameter"}.get(error.why, code)
        self.refuse(str(error))
        body = {"type": "invalid_request_error", "code": code, "message": str(error), "param": param, "event_id": None}
        await session.send("error", error=body)

    async def _event(self, session: Session, message: str | bytes) -> None:
        try:
            event = mapping(json.loads(message))
        except ValueError as error:
            raise FieldError("", "wrong", "The message is not JSON.") from error
        kind = text(event.get("type")) or ""
        if kind not in self.wire.events:
            raise FieldError("type", "wrong", f"Invalid value: {kind!r}. Supported values are: {[*self.wire.events]}.")
        check(event, {"type": None, "event_id": None, **self.wire.events[kind]})
        match kind:
            case "session.update":
                if self.wire.by_turns:
                    session.settings["model"] = needed(event, "model")
                    return
                self._update(session, mapping(needed(event, "session")))
                await session.send("session.updated", session=session.settings)
                if self.wire.heartbeats:
                    await session.send("heartbeat")
            case "input_audio_buffer.append":
                raw = from_base64(event.get("audio"))
                if not session.open:
                    raise FieldError("type", "wrong", "commit with final: false must come before audio")
                if self.wire.wav_in:
                    session.clips.append(from_file(raw, kinds=("WAV",)))
                else:
                    session.buffer += raw
            case "input_audio_buffer.clear":
                session.buffer.clear()
                session.clips.clear()
                await session.send("input_audio_buffer.cleared")
            case "input_audio_buffer.commit":
                if self.wire.by_turns and event.get("final") is not True:
                    session.open = needed(session.settings, "model", path="session") is not None
                    return
                await self._commit(session)
                if self.wire.by_turns:
                    session.open = False
                    await self._respond(session, {})
                    session.turns.clear()
            case "conversation.item.create":
                await self._item(session, mapping(needed(event, "item")))
            case "response.create":
                await self._respond(session, mapping(event.get("response")))
            case "session.finish":
                await session.send("session.finished")
                await session.connection.close()

    # -------------------------------------------------------------------------------------- the session

    def _update(self, session: Session, given: Mapping[str, object]) -> None:
        wire = self.wire
        if wire.ga:
            one_of(needed(given, "type", path="session"), ("realtime",), path="session.type")
            audio = mapping(given.get("audio"))
            self._check_ga_audio(mapping(audio.get("input")), mapping(audio.get("output")))
            asked = given.get("output_modalities")
            voice = mapping(audio.get("output")).get("voice")
        else:
            if given.get("input_audio_format") is not None:
                one_of(given["input_audio_format"], wire.input_formats, path="session.input_audio_format")
            if given.get("output_audio_format") is not None:
                one_of(given["output_audio_format"], wire.output_formats, path="session.output_audio_format")
            asked, voice = given.get("modalities"), given.get("voice")
        if asked is not None:
            one_of(frozenset(str(item) for item in items(asked)), wire.modalities, path="session.modalities")
        if voice is not None and session.spoken and voice != session.voice:
            raise FieldError("session.voice", "wrong", "Cannot update a conversation's voice if audio is present.")
        session.voice = text(voice) or session.voice
        session.settings.update(given)

    def _check_ga_audio(self, heard: Mapping[str, object], spoken: Mapping[str, object]) -> None:
        for side, given, rate in (("input", heard, self.wire.in_rate_hz), ("output", spoken, 24000)):
            form = mapping(given.get("format"))
            if not form:
                continue
            one_of(form.get("type"), ("audio/pcm",), path=f"session.audio.{side}.format.type")
            one_of(form.get("rate"), (rate,), path=f"session.audio.{side}.format.rate")

    async def _commit(self, session: Session) -> None:
        wire = self.wire
        clip = _joined(session.clips) if wire.wav_in else from_pcm16(bytes(session.buffer), wire.in_rate_hz)
        session.buffer.clear()
        session.clips.clear()
        if clip.duration_s < SHORTEST_COMMIT_S:
            raise FieldError(
                "input_audio_buffer",
                "wrong",
                f"Error committing input audio buffer: buffer too small. Expected at least 100ms of audio, but buffer "
                f"only has {clip.duration_s * 1000:.2f}ms of audio.",
            )
        session.turns.append(Before(role="user", audio=clip))
        if wire.by_turns:
            return
        await session.send("input_audio_buffer.committed", item_id=f"item_{len(session.turns)}")
        await self._added(session, {"type": "message", "role": "user", "content": [{"type": "input_audio"}]})

    async def _item(self, session: Session, item: Mapping[str, object]) -> None:
        one_of(needed(item, "type", path="item"), ("message",), path="item.type")
        role = text(needed(item, "role", path="item")) or ""
        spoken = ("output_text", "output_audio") if self.wire.ga else ("text",)
        kinds = {"user": ("input_text", "input_audio"), "system": ("input_text",), "assistant": spoken}
        one_of(role, tuple(kinds), path="item.role")
        audio: list[Waveform] = []
        texts: list[str] = []
        for at, part in enumerate(mapping(part) for part in items(needed(item, "content", path="item"))):
            path = f"item.content[{at}]"
            one_of(needed(part, "type", path=path), kinds[role], path=f"{path}.type")
            if part["type"] == "input_audio":
                raw = from_base64(part.get("audio"))
                audio.append(from_file(raw) if self.wire.wav_in else from_pcm16(raw, self.wire.in_rate_hz))
            else:
                texts.append(text(part.get("text")) or text(part.get("transcript")) or "")
        turn = Before(role=role, audio=_joined(audio) if audio else None, text=" ".join(texts) or None)
        session.turns.append(turn)
        await self._added(session, {**item, "content": []})

    async def _added(self, session: Session, item: Mapping[str, object]) -> None:
        for name in self.wire.added:
            await session.send(name, item={"id": f"item_{len(session.turns)}", "object": "realtime.item", **item})

    # ------------------------------------------------------------------------------------- the question

    async def _respond(self, session: Session, asked: Mapping[str, object]) -> None:
        if not session.turns or session.turns[-1].role != "user":
            raise FieldError("response", "wrong", "There is nothing to respond to: the last item is not the user's.")
        first = len(session.turns)
        while first and session.turns[first - 1].role == "user":
            first -= 1
        now, before = session.turns[first:], session.turns[:first]
        number, fault = session.fault or self.next_fault()
        session.fault = None
        prompts = [turn.text for turn in before if turn.role == "system"]
        heard = Heard(
            number=number,
            audio=tuple(turn.audio for turn in now if turn.audio is not None),
            texts=tuple(turn.text for turn in now if turn.text is not None),
            instructions=text(asked.get("instructions"))
            or text(session.settings.get("instructions"))
            or _first(prompts),
            before=tuple(turn for turn in before if turn.role != "system"),
            voice=session.voice,
            path=self.path,
            headers=session.headers,
            query=session.query,
            fields=dict(session.settings),
            fault=fault,
        )
        self.keep(heard)
        whole = False
        try:
            said = await answer(session, heard, wire=self.wire, behaviour=self.behaviour)
            session.spoken = True
            if said is not None:
                session.turns.append(Before(role="assistant", text=said.text, audio=said.speech))
            whole = True
        finally:
            self.let_go(whole=whole)


def _first(texts: list[str | None]) -> str | None:
    return texts[0] if texts else None


def _joined(clips: list[Waveform]) -> Waveform:
    if not clips:
        return Waveform(np.zeros(0, dtype=np.float32), 16000)
    rates = {clip.rate_hz for clip in clips}
    if len(rates) > 1:
        raise ClipError(f"clips of different rates: {sorted(rates)}")
    return Waveform(np.concatenate([clip.samples for clip in clips]), clips[0].rate_hz)

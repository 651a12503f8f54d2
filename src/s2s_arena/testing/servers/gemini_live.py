"""A loopback server of Gemini Live: a setup, turns marked or heard out, answers in server content."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from websockets.asyncio.server import ServerConnection

from s2s_arena.audio.waveform import Waveform
from s2s_arena.testing.servers.behaviour import WireFault
from s2s_arena.testing.servers.clips import ClipError, from_base64, from_file, from_pcm16
from s2s_arena.testing.servers.fields import FieldError, Shape, check, items, mapping, names, needed, text
from s2s_arena.testing.servers.heard import Before, Heard
from s2s_arena.testing.servers.speaking import Said, in_base64, paced, pieces, say
from s2s_arena.testing.servers.websocket_serving import WebSocketServer, handshake_of

IN_RATE = 16000

_CONTENT: Shape = {"role": None, "parts": [{"text": None, "inlineData": {"mimeType": None, "data": None}}]}
_CONFIG: Shape = {
    **names("responseModalities temperature topP topK maxOutputTokens seed enableAffectiveDialog"),
    "speechConfig": {"languageCode": None, "voiceConfig": {"prebuiltVoiceConfig": {"voiceName": None}}},
    "thinkingConfig": {"thinkingBudget": None, "includeThoughts": None},
}
_DETECTION: Shape = names("disabled startOfSpeechSensitivity endOfSpeechSensitivity prefixPaddingMs silenceDurationMs")
_SETUP: Shape = {
    "model": None,
    "generationConfig": _CONFIG,
    "systemInstruction": _CONTENT,
    "realtimeInputConfig": {"automaticActivityDetection": _DETECTION, "activityHandling": None, "turnCoverage": None},
    "inputAudioTranscription": {},
    "outputAudioTranscription": {},
    "proactivity": {"proactiveAudio": None},
    "sessionResumption": {"handle": None},
    "contextWindowCompression": None,
}
_INPUT: Shape = {
    "audio": {"data": None, "mimeType": None},
    "text": None,
    "activityStart": {},
    "activityEnd": {},
    "audioStreamEnd": None,
}
_MESSAGE: Shape = {
    "setup": _SETUP,
    "realtimeInput": _INPUT,
    "clientContent": {"turns": [_CONTENT], "turnComplete": None},
}


@dataclass
class _Session:
    connection: ServerConnection
    headers: Mapping[str, str]
    query: Mapping[str, str]
    fault: tuple[int, WireFault | None] | None
    setup: Mapping[str, object] = field(default_factory=dict)
    listening: bool = False
    buffer: bytearray = field(default_factory=bytearray)
    turns: list[Before] = field(default_factory=list)

    async def send(self, message: Mapping[str, object]) -> None:
        # The service sends its JSON in binary frames; a client must not count on text.
        await self.connection.send(json.dumps(message, ensure_ascii=False).encode())

    @property
    def detects(self) -> bool:
        """Whether the server finds the end of speech itself."""
        config = mapping(mapping(self.setup.get("realtimeInputConfig")).get("automaticActivityDetection"))
        return config.get("disabled") is not True

    @property
    def voice(self) -> str | None:
        speech = mapping(mapping(self.setup.get("generationConfig")).get("speechConfig"))
        return text(mapping(mapping(speech.get("voiceConfig")).get("prebuiltVoiceConfig")).get("voiceName"))


class GeminiLiveServer(WebSocketServer):
    """BidiGenerateContent; the key comes as `?key=` or as the header `x-goog-api-key`."""

    path = "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent"
    faults = frozenset(WireFault) - {WireFault.SECOND_CHOICE}

    def admits(self, headers: Mapping[str, str], query: Mapping[str, str]) -> bool:
        return self.key is None or self.key in (query.get("key"), headers.get("x-goog-api-key"))

    async def session(self, connection: ServerConnection) -> None:
        request = connection.request
        headers, query = handshake_of(request) if request is not None else ({}, {})
        session = _Session(connection=connection, headers=headers, query=query, fault=self.first_fault(connection))
        async for raw in connection:
            try:
                await self._message(session, mapping(_camel(json.loads(raw))))
            except (FieldError, ClipError, ValueError) as error:
                self.refuse(str(error))
                await connection.close(1007, _complaint(error))
                return

    async def _message(self, session: _Session, message: Mapping[str, object]) -> None:
        check(message, _MESSAGE)
        if len(message) != 1:
            raise FieldError("message", "wrong", "exactly one message type is needed")
        if not session.setup:
            await self._set_up(session, mapping(needed(message, "setup")))
        elif "realtimeInput" in message:
            await self._input(session, mapping(message["realtimeInput"]))
        elif "clientContent" in message:
            await self._content(session, mapping(message["clientContent"]))
        else:
            raise FieldError("setup", "wrong", "setup must be the first message and only the first")

    async def _set_up(self, session: _Session, setup: Mapping[str, object]) -> None:
        model = text(needed(setup, "model", path="setup")) or ""
        if not model.startswith("models/"):
            raise FieldError("setup.model", "wrong", f"{model!r} is not a valid model name: models/... is needed")
        asked = items(mapping(setup.get("generationConfig")).get("responseModalities"))
        if len(asked) > 1:
            raise FieldError("setup.generationConfig.responseModalities", "wrong", "one modality a session")
        session.setup = setup
        await session.send({"setupComplete": {}})

    async def _input(self, session: _Session, given: Mapping[str, object]) -> None:
        if len(given) != 1:
            raise FieldError("realtimeInput", "wrong", "one field per message")
        if "activityStart" in given or "activityEnd" in given:
            if session.detects:
                raise FieldError("realtimeInput", "wrong", "Explicit activity control is not supported when automatic "
                                 "activity detection is enabled.")  # fmt: skip
            session.listening = "activityStart" in given
            if "activityEnd" in given:
                await self._question(session)
        elif "audio" in given:
            audio = mapping(given["audio"])
            kind = text(needed(audio, "mimeType", path="realtimeInput.audio"))
            if kind != f"audio/pcm;rate={IN_RATE}":
                raise FieldError("realtimeInput.audio.mimeType", "wrong", f"{kind!r} is not supported")
            raw = from_base64(audio.get("data"))
            if session.detects or session.listening:  # else nobody listens, and the audio is lost without a word
                session.buffer += raw
        elif "audioStreamEnd" in given and session.detects:
            await self._question(session)

    async def _content(self, session: _Session, content: Mapping[str, object]) -> None:
        for turn in items(content.get("turns")):
            parts = [mapping(part) for part in items(mapping(turn).get("parts"))]
            clips = [_clip(mapping(part["inlineData"])) for part in parts if "inlineData" in part]
            words = " ".join(text(part.get("text")) or "" for part in parts).strip()
            role = {"model": "assistant"}.get(text(mapping(turn).get("role")) or "user", "user")
            session.turns.append(Before(role=role, audio=clips[0] if clips else None, text=words or None))
        if content.get("turnComplete") is True and session.turns and session.turns[-1].role == "user":
            last = session.turns.pop()
            await self._answer(session, clips=(last.audio,) if last.audio else (), texts=(last.text or "",))

    async def _question(self, session: _Session) -> None:
        clip = from_pcm16(bytes(session.buffer), IN_RATE)
        session.buffer.clear()
        await self._answer(session, clips=(clip,), texts=())

    # --------------------------------------------------------------------------------------- the answer

    async def _answer(self, session: _Session, *, clips: tuple[Waveform, ...], texts: tuple[str, ...]) -> None:
        number, fault = session.fault or self.next_fault()
        session.fault = None
        system = items(mapping(session.setup.get("systemInstruction")).get("parts"))
        heard = Heard(
            number=number,
            audio=clips,
            texts=texts,
            instructions=" ".join(text(mapping(part).get("text")) or "" for part in system) or None,
            before=tuple(session.turns),
            voice=session.voice,
            path=self.path,
            headers=session.headers,
            query=session.query,
            fields=session.setup,
            fault=fault,
        )
        self.keep(heard)
        whole = False
        try:
            said = say(heard, behaviour=self.behaviour)
            await self._send(session, heard, said)
            session.turns += [Before(role="user", audio=clip) for clip in clips]
            session.turns += [Before(role="assistant", audio=said.speech, text=said.text)]
            whole = True
        finally:
            self.let_go(whole=whole)

    async def _send(self, session: _Session, heard: Heard, said: Said) -> None:
        fault = heard.fault
        if fault is WireFault.SERVER_ERROR:
            await session.connection.close(1011, "Internal error encountered.")
            return
        if fault is WireFault.CONTENT_FILTER:
            await session.send({"serverContent": {"turnComplete": True, "turnCompleteReason": "RESPONSE_REJECTED"}})
            return
        if "inputAudioTranscription" in session.setup:
            await session.send({"serverContent": {"inputTranscription": {"text": "a question"}}})
        await session.send({"sessionResumptionUpdate": {"resumable": False}})
        rate = said.speech.rate_hz
        texts = in_base64(pieces(said.pcm16(), bytes_per_s=2 * rate, behaviour=self.behaviour), fault)
        words = list(said.words) if "outputAudioTranscription" in session.setup else []
        async for at in paced(len(texts), fault=fault, behaviour=self.behaviour):
            blob = {"mimeType": f"audio/pcm;rate={rate}", "data": texts[at]}
            await session.send({"serverContent": {"modelTurn": {"parts": [{"inlineData": blob}]}}})
            if words:
                piece = words.pop(0) + (" " if words else "")
                await session.send({"serverContent": {"outputTranscription": {"text": piece}}})
            if fault is WireFault.MALFORMED:
                await session.connection.send(b'{"serverContent": {"modelTurn"')
        if fault is WireFault.CANCELLED:
            await session.send({"serverContent": {"interrupted": True}})
        else:
            if words:
                await session.send({"serverContent": {"outputTranscription": {"text": " ".join(words)}}})
            await session.send({"serverContent": {"generationComplete": True}})
        await session.send({"serverContent": {"turnComplete": True}, "usageMetadata": _usage(heard, said)})


def _clip(blob: Mapping[str, object]) -> Waveform:
    raw, kind = from_base64(blob.get("data")), text(blob.get("mimeType"))
    return from_pcm16(raw, IN_RATE) if kind == f"audio/pcm;rate={IN_RATE}" else from_file(raw)


def _usage(heard: Heard, said: Said) -> Mapping[str, object]:
    audio_in = sum(round(clip.duration_s * 32) for clip in heard.audio)
    audio_out = round(said.speech.duration_s * 25)
    return {
        "promptTokenCount": audio_in,
        "responseTokenCount": audio_out,
        "totalTokenCount": audio_in + audio_out,
        "promptTokensDetails": [{"modality": "AUDIO", "tokenCount": audio_in}],
        "responseTokensDetails": [{"modality": "AUDIO", "tokenCount": audio_out}],
    }


def _camel(value: object) -> object:
    """Names in camel case: the service takes both spellings."""
    if isinstance(value, dict):
        return {_camel_name(name): _camel(inner) for name, inner in value.items()}
    return [_camel(inner) for inner in value] if isinstance(value, list) else value


def _camel_name(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _complaint(error: Exception) -> str:
    if isinstance(error, FieldError) and error.why == "unknown":
        where, _, name = error.path.rpartition(".")
        return f"Invalid JSON payload received. Unknown name \"{name}\" at '{where}': Cannot find field."[:120]
    return f"Request contains an invalid argument: {error}"[:120]

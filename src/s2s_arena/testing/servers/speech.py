"""Loopback servers of text-to-speech: OpenAI-compatible endpoints, plain or described, and Doubao's over HTTP."""

import base64
import json
from collections.abc import Mapping

from s2s_arena.audio.waveform import Waveform
from s2s_arena.testing.servers.behaviour import Behaviour, WireFault
from s2s_arena.testing.servers.clips import to_file
from s2s_arena.testing.servers.fields import FieldError, check, mapping, names, needed, one_of, text
from s2s_arena.testing.servers.heard import Heard
from s2s_arena.testing.servers.http_serving import HttpReply, HttpRequest, HttpServer
from s2s_arena.testing.servers.running import KEY
from s2s_arena.testing.servers.speaking import FALSE_RATE, TRUE_RATE, Dropped, paced
from s2s_arena.testing.sound import silence, tones

FORMATS: Mapping[str, tuple[str, str]] = {
    "wav": ("WAV", "audio/wav"),
    "flac": ("FLAC", "audio/flac"),
    "mp3": ("MP3", "audio/mpeg"),
    "opus": ("OGG", "audio/ogg"),
    "pcm": ("", "audio/pcm"),
}
"""What may be asked for -> sound file and content type."""

_FAULTS = frozenset(
    {
        WireFault.SLOW, WireFault.STALLED, WireFault.DROPPED, WireFault.RATE_LIMITED, WireFault.UNAUTHORISED,
        WireFault.SERVER_ERROR, WireFault.MALFORMED, WireFault.CONTENT_FILTER, WireFault.SILENCE, WireFault.WRONG_RATE,
    }
)  # fmt: skip
_LONGEST_LETTERS = 4096
_LONGEST_BYTES = 1024


class SpeechServer(HttpServer):
    """POST /v1/audio/speech: one tone for each word of `input`, faster by `speed`.

    Args:
        voices: Names it has; None takes any text, as servers whose `voice` is a description do.
        fields: Names it knows beside `model`, `input`, `voice`, `response_format` and `speed`.
        behaviour: As `LoopbackServer`.
        key: As `LoopbackServer`.
        port: As `LoopbackServer`.
    """

    path = "/v1/audio/speech"
    faults = _FAULTS

    def __init__(
        self,
        voices: tuple[str, ...] | None = ("alloy", "coral", "onyx"),
        *,
        fields: str = "instructions stream_format",
        behaviour: Behaviour | None = None,
        key: str | None = KEY,
        port: int = 0,
    ) -> None:
        super().__init__(behaviour=behaviour, key=key, port=port)
        self.voices = voices
        self.shape = names(f"model input voice response_format speed {fields}")

    @property
    def base_url(self) -> str:
        """What clients are given: the URL without `/audio/speech`."""
        return self.url.removesuffix("/audio/speech")

    async def respond(self, request: HttpRequest, reply: HttpReply) -> None:
        if request.path != self.path or request.method != "POST":
            await self._no(reply, 404, "not_found", f"no {request.method} {request.path} here")
            return
        if self.key is not None and request.headers.get("authorization") != f"Bearer {self.key}":
            await self._no(reply, 401, "invalid_api_key", "Incorrect API key provided.")
            return
        number, fault = self.next_fault()
        refusals = {
            WireFault.RATE_LIMITED: (429, "rate_limit_exceeded"),
            WireFault.UNAUTHORISED: (401, "invalid_api_key"),
            WireFault.SERVER_ERROR: (500, "server_error"),
            WireFault.CONTENT_FILTER: (400, "content_policy_violation"),
        }
        if fault in refusals:
            status, code = refusals[fault]
            headers = {"Retry-After": self.behaviour.retry_after} if status == 429 else None
            await reply.json(status, {"error": {"message": fault.value, "code": code}}, headers=headers)
            return
        try:
            fields = mapping(json.loads(request.body))
            check(fields, self.shape)
            words, form, speed = self._wanted(fields)
        except (FieldError, ValueError) as error:
            await self._no(reply, 400, "invalid_request_error", str(error))
            return
        heard = Heard(
            number=number,
            texts=(words,),
            voice=text(fields.get("voice")),
            instructions=text(fields.get("instructions")) or text(fields.get("description")),
            path=request.path,
            headers=request.headers,
            query=request.query,
            fields=fields,
            fault=fault,
        )
        file, kind = FORMATS[form]
        wave = _spoken(words, rate=speed, fault=fault)
        body = to_file(wave, file) if file else wave.pcm16().astype("<i2").tobytes()
        await _served(self, heard, reply, body, kind)

    def _wanted(self, fields: Mapping[str, object]) -> tuple[str, str, float]:
        needed(fields, "model")
        words = text(needed(fields, "input")) or ""
        if len(words) > _LONGEST_LETTERS:
            raise FieldError("input", "wrong", f"String too long: {_LONGEST_LETTERS} letters are the most.")
        if self.voices is not None:
            one_of(needed(fields, "voice"), self.voices, path="voice")
        form = text(fields.get("response_format")) or "mp3"
        one_of(form, tuple(FORMATS), path="response_format")
        speed = fields.get("speed", 1.0)
        if not isinstance(speed, (int, float)) or not 0.25 <= speed <= 4.0:
            raise FieldError("speed", "wrong", f"Invalid speed: {speed!r}; 0.25 to 4.0 is possible.")
        return words, form, float(speed)

    async def _no(self, reply: HttpReply, status: int, code: str, why: str) -> None:
        self.refuse(f"{status}: {why}")
        await reply.json(status, {"error": {"message": why, "type": "invalid_request_error", "code": code}})


class DoubaoSpeechServer(HttpServer):
    """POST /api/v1/tts: base64 in JSON, the vendor's own codes, an id for each request that is never taken twice.

    Args:
        voices: Names it has -> emotions they have.
        behaviour: As `LoopbackServer`.
        key: As `LoopbackServer`.
        port: As `LoopbackServer`.
    """

    path = "/api/v1/tts"
    faults = _FAULTS - {WireFault.CONTENT_FILTER}

    def __init__(
        self,
        voices: Mapping[str, tuple[str, ...]] | None = None,
        *,
        behaviour: Behaviour | None = None,
        key: str | None = KEY,
        port: int = 0,
    ) -> None:
        super().__init__(behaviour=behaviour, key=key, port=port)
        self.voices = {"zh_female_tone": ("happy", "sad"), "zh_male_tone": ()} if voices is None else dict(voices)
        self._ids: set[str] = set()

    async def respond(self, request: HttpRequest, reply: HttpReply) -> None:
        if request.path != self.path or request.method != "POST":
            await reply.json(404, {"message": f"no {request.method} {request.path} here"})
            return
        if self.key is not None and request.headers.get("authorization") != f"Bearer;{self.key}":
            why = "authenticate request: load grant: requested grant not found"
            await self._no(reply, 401, 3001, why)
            return
        number, fault = self.next_fault()
        refusals = {
            WireFault.RATE_LIMITED: (200, 3003, "quota exceeded for types: concurrency"),
            WireFault.UNAUTHORISED: (401, 3001, "authenticate request: load grant: requested grant not found"),
            WireFault.SERVER_ERROR: (200, 3031, "processing error"),
        }
        if fault in refusals:
            await self._no(reply, *refusals[fault])
            return
        try:
            fields = mapping(json.loads(request.body))
            words, audio = self._wanted(fields)
        except (FieldError, ValueError) as error:
            path = error.path if isinstance(error, FieldError) else ""
            code = {"audio.voice_type": 3050, "request.text": 3011, "request.text.long": 3010}.get(path, 3001)
            await self._no(reply, 200, code, str(error))
            return
        speed = audio.get("speed_ratio", 1.0)
        rate = float(speed) if isinstance(speed, (int, float)) else 1.0
        heard = Heard(
            number=number,
            texts=(words,),
            voice=text(audio.get("voice_type")),
            path=request.path,
            headers=request.headers,
            query=request.query,
            fields=fields,
            fault=fault,
        )
        data = base64.b64encode(to_file(_spoken(words, rate=rate, fault=fault))).decode()
        told = {"reqid": mapping(fields["request"])["reqid"], "code": 3000, "message": "Success", "sequence": -1}
        body = json.dumps({**told, "operation": "query", "data": data}).encode()
        await _served(self, heard, reply, body, "application/json")

    def _wanted(self, fields: Mapping[str, object]) -> tuple[str, Mapping[str, object]]:
        shape = {
            "app": names("appid token cluster"),
            "user": names("uid"),
            "audio": names("voice_type encoding rate speed_ratio loudness_ratio emotion enable_emotion emotion_scale"),
            "request": names("reqid text text_type operation"),
        }
        check(fields, shape)
        app, asked, audio = (mapping(needed(fields, name)) for name in ("app", "request", "audio"))
        for name in ("appid", "token", "cluster"):
            needed(app, name, path="app")
        one_of(needed(asked, "operation", path="request"), ("query",), path="request.operation")
        one_of(audio.get("encoding", "pcm"), ("wav",), path="audio.encoding")
        id = text(needed(asked, "reqid", path="request")) or ""
        if id in self._ids:
            raise FieldError("request.reqid", "wrong", f"reqid {id} was used before")
        self._ids.add(id)
        words = text(needed(asked, "text", path="request")) or ""
        if len(words.encode()) > _LONGEST_BYTES:
            raise FieldError("request.text.long", "wrong", "text too long")
        if not any(letter.isalnum() for letter in words):
            raise FieldError("request.text", "wrong", "illegal input text!")
        voice = text(needed(audio, "voice_type", path="audio")) or ""
        one_of(voice, tuple(self.voices), path="audio.voice_type")
        if audio.get("enable_emotion"):
            one_of(audio.get("emotion"), self.voices[voice], path="audio.emotion")
        ratio = audio.get("speed_ratio", 1.0)
        if not isinstance(ratio, (int, float)) or not 0.8 <= ratio <= 2.0:
            raise FieldError("audio.speed_ratio", "wrong", f"speed_ratio {ratio!r} is not in [0.8, 2]")
        return words, audio

    async def _no(self, reply: HttpReply, status: int, code: int, why: str) -> None:
        self.refuse(f"{code}: {why}")
        await reply.json(status, {"reqid": "", "code": code, "message": why, "sequence": 0})


def _spoken(words: str, *, rate: float, fault: WireFault | None) -> Waveform:
    rate_hz = FALSE_RATE if fault is WireFault.WRONG_RATE else TRUE_RATE
    wave = tones(words.split(), rate_hz=rate_hz, rate=rate)
    return silence(wave.duration_s, rate_hz=rate_hz) if fault is WireFault.SILENCE else wave


async def _served(server: HttpServer, heard: Heard, reply: HttpReply, body: bytes, kind: str) -> None:
    """One answer with what goes wrong with it, counted as it is begun and ended."""
    server.keep(heard)
    whole = False
    try:
        if heard.fault is WireFault.MALFORMED:
            body = b"\x00\x01 this is neither sound nor JSON"
        slow = heard.fault if heard.fault is WireFault.SLOW else None
        async for _ in paced(1, fault=slow, behaviour=server.behaviour):
            pass
        if heard.fault in (WireFault.DROPPED, WireFault.STALLED):
            await reply.broken_off(body, kind=kind)
            async for _ in paced(2, fault=heard.fault, behaviour=server.behaviour):
                pass
            raise Dropped
        await reply.whole(200, body, kind=kind)
        whole = True
    finally:
        server.let_go(whole=whole)

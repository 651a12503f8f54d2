"""Loopback servers of the parts of cascades: OpenAI-compatible transcriptions, SenseVoice's server, CosyVoice's."""

import json
from collections.abc import Mapping
from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import parse_qsl

from s2s_arena.testing.servers.behaviour import Behaviour, WireFault
from s2s_arena.testing.servers.clips import ClipError, from_file
from s2s_arena.testing.servers.heard import Heard
from s2s_arena.testing.servers.http_serving import HttpReply, HttpRequest, HttpServer
from s2s_arena.testing.servers.running import KEY
from s2s_arena.testing.servers.speaking import Dropped, paced, say
from s2s_arena.testing.sound import silence, tones

_REFUSED: Mapping[WireFault, int] = {
    WireFault.RATE_LIMITED: 429,
    WireFault.UNAUTHORISED: 401,
    WireFault.SERVER_ERROR: 500,
}
_FAULTS = frozenset({*_REFUSED, WireFault.SLOW, WireFault.STALLED, WireFault.DROPPED, WireFault.MALFORMED})


class _Part(HttpServer):
    """What the three have in common: faults, and answers that are counted."""

    faults = _FAULTS
    paths: tuple[str, ...] = ()
    open_to_all = True

    async def respond(self, request: HttpRequest, reply: HttpReply) -> None:
        if request.method != "POST" or request.path not in self.paths:
            await self._no(reply, 404, f"no {request.method} {request.path} here")
            return
        if not self.open_to_all and self.key and request.headers.get("authorization") != f"Bearer {self.key}":
            await self._no(reply, 401, "Incorrect API key provided.")
            return
        number, fault = self.next_fault()
        if fault is not None and fault in _REFUSED:
            headers = {"Retry-After": self.behaviour.retry_after} if fault is WireFault.RATE_LIMITED else None
            await reply.json(_REFUSED[fault], {"error": {"message": fault.value}}, headers=headers)
            return
        try:
            heard = self.question(number, fault, request)
        except (ClipError, ValueError) as error:
            await self._no(reply, 422, str(error))
            return
        self.keep(heard)
        whole = False
        try:
            await self._deliver(heard, reply)
            whole = True
        finally:
            self.let_go(whole=whole)

    def question(self, number: int, fault: WireFault | None, request: HttpRequest) -> Heard:
        """What is asked; ClipError or ValueError for what the real one would not take."""
        raise NotImplementedError

    def answer(self, heard: Heard) -> tuple[bytes, str, Mapping[str, str]]:
        """Body, content type and further headers."""
        raise NotImplementedError

    async def _deliver(self, heard: Heard, reply: HttpReply) -> None:
        body, kind, headers = self.answer(heard)
        if heard.fault is WireFault.MALFORMED:
            body = b"\x00\x01 neither sound nor JSON."
        waits = heard.fault if heard.fault is WireFault.SLOW else None
        async for _ in paced(1, fault=waits, behaviour=self.behaviour):
            pass
        if heard.fault in (WireFault.DROPPED, WireFault.STALLED):
            await reply.broken_off(body, kind=kind)
            async for _ in paced(2, fault=heard.fault, behaviour=self.behaviour):
                pass
            raise Dropped
        await reply.whole(200, body, kind=kind, headers=headers)

    async def _no(self, reply: HttpReply, status: int, why: str) -> None:
        self.refuse(f"{status}: {why}")
        await reply.json(status, {"error": {"message": why}})


class TranscriptionServer(_Part):
    """POST /v1/audio/transcriptions: words that depend on every sample heard.

    Args:
        language: As it is told, in words: english, chinese.
        behaviour: As `LoopbackServer`.
        key: As `LoopbackServer`.
        port: As `LoopbackServer`.
    """

    path = "/v1/audio/transcriptions"
    paths = (path,)
    open_to_all = False
    _fields = frozenset({"file", "model", "language", "prompt", "response_format", "temperature"})

    def __init__(
        self, language: str = "english", *, behaviour: Behaviour | None = None, key: str | None = KEY, port: int = 0
    ) -> None:
        super().__init__(behaviour=behaviour, key=key, port=port)
        self.language = language

    @property
    def base_url(self) -> str:
        """What clients are given."""
        return self.url.removesuffix("/audio/transcriptions")

    def question(self, number: int, fault: WireFault | None, request: HttpRequest) -> Heard:
        fields, files = _form(request)
        unknown = (fields.keys() | files.keys()) - self._fields
        if unknown or "model" not in fields or "file" not in files:
            raise ValueError(f"unknown {sorted(unknown)}" if unknown else "model and file are required")
        if fields.get("response_format", "json") not in ("json", "verbose_json", "text", "srt", "vtt"):
            raise ValueError(f"response_format {fields['response_format']!r}")
        audio = (from_file(files["file"]),)
        return Heard(number=number, audio=audio, path=request.path, headers=request.headers, fields=fields, fault=fault)

    def answer(self, heard: Heard) -> tuple[bytes, str, Mapping[str, str]]:
        text = said(heard, self.behaviour)
        if heard.fields.get("response_format") == "verbose_json":
            seconds = heard.audio[0].duration_s
            value = {"task": "transcribe", "language": self.language, "duration": seconds, "text": text, "segments": []}
        else:
            value = {"text": text}
        return _json(value)


class SenseVoiceServer(_Part):
    """POST /api/v1/asr as api.py of SenseVoice's repository: a tagged line for each file.

    Args:
        tags: Put before the words.
        behaviour: As `LoopbackServer`.
        key: Unused: it asks for none.
        port: As `LoopbackServer`.
    """

    path = "/api/v1/asr"
    paths = (path,)

    def __init__(
        self,
        tags: str = "<|en|><|HAPPY|><|Speech|><|woitn|>",
        *,
        behaviour: Behaviour | None = None,
        key: str | None = None,
        port: int = 0,
    ) -> None:
        super().__init__(behaviour=behaviour, key=key, port=port)
        self.tags = tags

    def question(self, number: int, fault: WireFault | None, request: HttpRequest) -> Heard:
        fields, files = _form(request)
        if fields.keys() - {"keys", "lang"} or files.keys() != {"files"} or "keys" not in fields:
            raise ValueError(f"fields {sorted(fields)}, files {sorted(files)}: files, keys and lang are taken")
        if fields.get("lang", "auto") not in ("auto", "zh", "en", "yue", "ja", "ko", "nospeech"):
            raise ValueError(f"lang {fields['lang']!r}")
        audio = from_file(files["files"])
        if audio.rate_hz != 16000:
            raise ClipError(f"{audio.rate_hz} Hz; 16000 needed")
        return Heard(
            number=number, audio=(audio,), path=request.path, headers=request.headers, fields=fields, fault=fault
        )

    def answer(self, heard: Heard) -> tuple[bytes, str, Mapping[str, str]]:
        words = said(heard, self.behaviour)
        line = {"key": heard.fields["keys"], "raw_text": self.tags + words, "clean_text": words, "text": f"{words} 😊"}
        return _json({"result": [line]})


class CosyVoiceServer(_Part):
    """POST /inference_sft and /inference_instruct as runtime/python/fastapi/server.py of CosyVoice's repository.

    One tone for each word, at a pitch of its own where an instruction is given.

    Args:
        voices: Names of its speakers.
        rate_hz: Of its sound; told in a header unless `tells_rate` is off, as older servers do.
        tells_rate: Whether it does.
        behaviour: As `LoopbackServer`.
        key: Unused: it asks for none.
        port: As `LoopbackServer`.
    """

    path = "/inference_sft"
    paths = ("/inference_sft", "/inference_instruct")
    faults = _FAULTS | {WireFault.SILENCE}

    def __init__(
        self,
        voices: tuple[str, ...] = ("中文女", "中文男", "英文女", "英文男"),
        *,
        rate_hz: int = 22050,
        tells_rate: bool = True,
        behaviour: Behaviour | None = None,
        key: str | None = None,
        port: int = 0,
    ) -> None:
        super().__init__(behaviour=behaviour, key=key, port=port)
        self.voices = voices
        self.rate_hz = rate_hz
        self.tells_rate = tells_rate

    def question(self, number: int, fault: WireFault | None, request: HttpRequest) -> Heard:
        if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            raise ValueError("a form is needed")
        fields = dict(parse_qsl(request.body.decode(), keep_blank_values=True, strict_parsing=True))
        wanted = {"tts_text", "spk_id"} | ({"instruct_text"} if request.path == "/inference_instruct" else set())
        if fields.keys() != wanted or not fields["tts_text"]:
            raise ValueError(f"fields {sorted(fields)}; {sorted(wanted)} needed")
        if fields["spk_id"] not in self.voices:
            raise ValueError(f"speaker {fields['spk_id']!r}")
        return Heard(
            number=number,
            texts=(fields["tts_text"],),
            voice=fields["spk_id"],
            instructions=fields.get("instruct_text"),
            path=request.path,
            headers=request.headers,
            fields=fields,
            fault=fault,
        )

    def answer(self, heard: Heard) -> tuple[bytes, str, Mapping[str, str]]:
        words = [*heard.texts[0].split(), *([f"as {heard.instructions}"] if heard.instructions else [])]
        wave = tones(words, rate_hz=self.rate_hz)
        if heard.fault is WireFault.SILENCE:
            wave = silence(wave.duration_s, rate_hz=self.rate_hz)
        told = {"x-custom-header-samplerate": str(self.rate_hz)} if self.tells_rate else {}
        return wave.pcm16().astype("<i2").tobytes(), "application/octet-stream", told


def said(heard: Heard, behaviour: Behaviour) -> str:
    """What a server of ears makes of a question: other words for every other sound."""
    return say(heard, behaviour=behaviour).text


def _json(value: object) -> tuple[bytes, str, Mapping[str, str]]:
    return json.dumps(value, ensure_ascii=False).encode(), "application/json", {}


def _form(request: HttpRequest) -> tuple[dict[str, str], dict[str, bytes]]:
    kind = request.headers.get("content-type", "")
    if not kind.startswith("multipart/form-data"):
        raise ValueError(f"content type {kind!r}: multipart/form-data is needed")
    message = BytesParser(policy=HTTP).parsebytes(f"content-type: {kind}\r\n\r\n".encode() + request.body)
    fields: dict[str, str] = {}
    files: dict[str, bytes] = {}
    for part in message.iter_parts() if message.is_multipart() else ():
        name = str(part.get_param("name", header="content-disposition"))
        content = part.get_payload(decode=True)
        raw = content if isinstance(content, bytes) else b""
        if part.get_filename():
            files[name] = raw
        else:
            fields[name] = raw.decode()
    return fields, files

"""A loopback server of OpenAI-shaped chat with audio in and out, by the rules of one vendor."""

import json
import re
import time
from collections.abc import Mapping

from s2s_arena.audio.waveform import Waveform
from s2s_arena.testing.servers import chat_replies
from s2s_arena.testing.servers.behaviour import Behaviour, WireFault
from s2s_arena.testing.servers.chat_vendors import OPENAI, ChatVendor, error_body
from s2s_arena.testing.servers.clips import ClipError, from_base64, from_file
from s2s_arena.testing.servers.fields import FieldError, check, items, mapping, needed, one_of, text
from s2s_arena.testing.servers.heard import Before, Heard
from s2s_arena.testing.servers.http_serving import HttpReply, HttpRequest, HttpServer
from s2s_arena.testing.servers.running import KEY

_DATA_URL = re.compile(r"data:[\w./-]*;base64,(.*)", re.DOTALL)


class ChatServer(HttpServer):
    """Chat completions of one vendor.

    Args:
        vendor: Its rules.
        audio_kept_s: How long an answer's audio can be named by its id; below 0 it has expired when it is given.
        behaviour: As `LoopbackServer`.
        key: As `LoopbackServer`.
        port: As `LoopbackServer`.
    """

    faults = frozenset(WireFault) - {WireFault.CANCELLED}

    def __init__(
        self,
        vendor: ChatVendor = OPENAI,
        *,
        audio_kept_s: float = 3600.0,
        behaviour: Behaviour | None = None,
        key: str | None = KEY,
        port: int = 0,
    ) -> None:
        super().__init__(behaviour=behaviour, key=key, port=port)
        self.vendor = vendor
        self.path = vendor.path
        self.audio_kept_s = audio_kept_s
        self._kept: dict[str, float] = {}  # audio id -> when it expires

    @property
    def base_url(self) -> str:
        """What clients are given: the URL without `/chat/completions`."""
        return self.url.removesuffix("/chat/completions")

    async def respond(self, request: HttpRequest, reply: HttpReply) -> None:
        if request.path != self.path or request.method != "POST":
            await self._no(reply, 404, f"no {request.method} {request.path} here")
            return
        bearer = "Bearer " if self.vendor.key_header == "authorization" else ""
        if self.key is not None and request.headers.get(self.vendor.key_header) != f"{bearer}{self.key}":
            await self._no(reply, 401, "Incorrect API key provided.", code="invalid_api_key")
            return
        number, fault = self.next_fault()
        if fault in (WireFault.RATE_LIMITED, WireFault.UNAUTHORISED, WireFault.SERVER_ERROR):
            await self._scripted(reply, fault)
            return
        try:
            fields = json.loads(request.body)
            heard = self._question(number, fault, request, mapping(fields))
        except (FieldError, ClipError, ValueError) as error:
            param = error.path if isinstance(error, FieldError) else None
            code = {"unknown": "unknown_parameter"}.get(error.why) if isinstance(error, FieldError) else "invalid_value"
            await self._no(reply, 400, str(error), code=code, param=param)
            return
        self.keep(heard)
        whole = False
        try:
            await chat_replies.send(self, heard, reply)
            whole = True
        finally:
            self.let_go(whole=whole)

    def new_audio_id(self, heard: Heard) -> tuple[str, int]:
        """An id for this answer's audio and the second at which it expires."""
        expires = time.time() + self.audio_kept_s
        audio_id = f"audio_{heard.number:06d}"
        if self.vendor.keeps_audio:
            self._kept[audio_id] = expires
        return audio_id, int(expires)

    async def _no(
        self, reply: HttpReply, status: int, message: str, *, code: str | None = None, param: str | None = None
    ) -> None:
        self.refuse(f"{status}: {message}")
        body = error_body(self.vendor.errors, 400 if status == 404 else status, message, code=code, param=param)
        await reply.json(status, body)

    async def _scripted(self, reply: HttpReply, fault: WireFault) -> None:
        status, message = {
            WireFault.RATE_LIMITED: (429, "Rate limit reached for requests."),
            WireFault.UNAUTHORISED: (401, "Incorrect API key provided."),
        }.get(fault, (500, "The server had an error while processing your request."))
        headers = {"Retry-After": self.behaviour.retry_after} if status == 429 else None
        body = error_body(self.vendor.errors, status, message, code=None, param=None)
        await reply.json(status, body, headers=headers)

    # ------------------------------------------------------------------------------------- the question

    def _question(
        self, number: int, fault: WireFault | None, request: HttpRequest, fields: Mapping[str, object]
    ) -> Heard:
        vendor = self.vendor
        check(fields, vendor.body)
        needed(fields, "model")
        messages = items(needed(fields, "messages"))
        streaming = fields.get("stream") is True
        if vendor.streams == "must" and not streaming:
            raise FieldError("stream", "wrong", "This model only supports stream mode: stream must be true.")
        if vendor.streams == "never" and streaming:
            raise FieldError("stream", "wrong", "This server does not stream.")
        if not streaming and "stream_options" in fields:
            raise FieldError("stream_options", "wrong", "stream_options is only allowed when stream is true.")
        self._check_output(fields, streaming=streaming)
        turns = [self._turn(mapping(message), f"messages[{at}]") for at, message in enumerate(messages)]
        if not turns or turns[-1][0].role != "user":
            raise FieldError("messages", "wrong", "The last message must be from the user.")
        system = [turn.text for turn, _, _ in turns if turn.role == "system"]
        _, clips, texts = turns[-1]
        if not clips and not texts:
            raise FieldError("messages", "wrong", "The last message is empty.")
        return Heard(
            number=number,
            audio=tuple(clips),
            texts=tuple(texts),
            instructions=system[0] if system else None,
            before=tuple(turn for turn, _, _ in turns[:-1] if turn.role != "system"),
            voice=text(mapping(fields.get("audio")).get("voice")),
            path=request.path,
            headers=request.headers,
            query=request.query,
            fields=fields,
            fault=fault,
        )

    def _check_output(self, fields: Mapping[str, object], *, streaming: bool) -> None:
        vendor, asked = self.vendor, items(fields.get("modalities"))
        for modality in asked:
            one_of(modality, ("text", "audio"), path="modalities")
        if "audio" not in vendor.body or "audio" not in asked:
            return
        if vendor.asks_audio:
            audio = mapping(needed(fields, "audio"))
            needed(audio, "voice", path="audio")
            wanted = needed(audio, "format", path="audio")
            one_of(wanted, vendor.streamed if streaming else vendor.formats, path="audio.format")

    def _turn(self, message: Mapping[str, object], path: str) -> tuple[Before, list[Waveform], list[str]]:
        check(message, self.vendor.message, path=path)
        role = text(needed(message, "role", path=path)) or ""
        one_of(role, ("system", "developer", "user", "assistant"), path=f"{path}.role")
        content = message.get("content")
        clips: list[Waveform] = []
        texts: list[str] = []
        if isinstance(content, str):
            texts.append(content)
        else:
            for at, part in enumerate(items(content)):
                self._part(mapping(part), f"{path}.content[{at}]", role, clips, texts)
        audio_id = text(mapping(message.get("audio")).get("id"))
        if audio_id is not None:
            self._check_id(audio_id, role, path)
        elif content is None:
            raise FieldError(f"{path}.content", "missing", f"Missing required parameter: '{path}.content'.")
        role = "system" if role == "developer" else role
        turn = Before(role=role, audio=clips[0] if clips else None, text=" ".join(texts) or None, audio_id=audio_id)
        return turn, clips, texts

    def _check_id(self, audio_id: str, role: str, path: str) -> None:
        if role != "assistant":
            raise FieldError(f"{path}.audio", "wrong", "audio is only allowed in messages of the assistant.")
        if self._kept.get(audio_id, 0.0) < time.time():
            raise FieldError(f"{path}.audio.id", "wrong", f"Audio {audio_id!r} not found or expired.")

    def _part(self, part: Mapping[str, object], path: str, role: str, clips: list[Waveform], texts: list[str]) -> None:
        check(part, self.vendor.part, path=path)
        kind = needed(part, "type", path=path)
        one_of(kind, self.vendor.parts, path=f"{path}.type")
        if kind == "text":
            texts.append(text(needed(part, "text", path=path)) or "")
            return
        if role != "user":
            raise FieldError(path, "wrong", f"{kind} is only allowed in messages of the user.")
        if kind == "audio_url":
            url = text(mapping(part["audio_url"]).get("url")) or ""
            clips.append(from_file(from_base64(self._from_url(url, path))))
            return
        audio = mapping(needed(part, "input_audio", path=path))
        data = text(needed(audio, "data", path=f"{path}.input_audio")) or ""
        kinds = text(needed(audio, "format", path=f"{path}.input_audio")) or ""
        one_of(kinds, ("wav", "mp3"), path=f"{path}.input_audio.format")
        if self.vendor.data == "data-url":
            data = self._from_url(data, path)
        clips.append(from_file(from_base64(data), kinds=(kinds.upper(),)))

    def _from_url(self, url: str, path: str) -> str:
        found = _DATA_URL.fullmatch(url)
        if found is None:
            raise FieldError(path, "wrong", "The provided URL does not appear to be valid. Ensure it is correct.")
        return found.group(1)

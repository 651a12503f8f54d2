"""Loopback servers of audio models that write: chat completions by several vendors, and Gemini's generateContent."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace

from s2s_arena.audio.waveform import Waveform
from s2s_arena.testing.judging_minds import Ears, Mind, everything
from s2s_arena.testing.servers.behaviour import Behaviour, WireFault
from s2s_arena.testing.servers.chat import ChatServer
from s2s_arena.testing.servers.chat_vendors import DASHSCOPE, LLAMA_CPP, OPENAI, VLLM_OMNI, ChatVendor, error_body
from s2s_arena.testing.servers.clips import ClipError, from_base64, from_file
from s2s_arena.testing.servers.fields import FieldError, Shape, check, items, mapping, names, needed, text
from s2s_arena.testing.servers.heard import Heard
from s2s_arena.testing.servers.http_serving import HttpReply, HttpRequest, HttpServer
from s2s_arena.testing.servers.running import KEY
from s2s_arena.testing.servers.speaking import Dropped, paced

JUDGE_FAULTS = frozenset(
    {
        WireFault.SLOW,
        WireFault.STALLED,
        WireFault.DROPPED,
        WireFault.RATE_LIMITED,
        WireFault.UNAUTHORISED,
        WireFault.SERVER_ERROR,
        WireFault.MALFORMED,
        WireFault.CONTENT_FILTER,
    }
)

VLLM = replace(
    VLLM_OMNI,
    name="vllm",
    body={**VLLM_OMNI.body, "response_format": None},
    streams="may",
    second_choice=False,
    speaks=False,
)
LLAMA_CPP_JSON = replace(LLAMA_CPP, body={**LLAMA_CPP.body, "response_format": None})
VENDORS: Mapping[str, ChatVendor] = {
    "openai": OPENAI,
    "dashscope": DASHSCOPE,
    "vllm": VLLM,
    "llama-cpp": LLAMA_CPP_JSON,
    "text": replace(OPENAI, name="text", parts=("text",), speaks=False),
}
"""Vendor by the name of the dialect that asks it."""


class JudgingChatServer(ChatServer):
    """Chat completions of one vendor, asked with audio and answering in text.

    Args:
        vendor: Its rules.
        mind: What it replies.
        ears: What of the audio its token counts tell of; the mind has ears of its own.
        version: The model that it says it is; by default the one that was asked for.
        tells_tokens: Whether it tells how many tokens were audio.
        behaviour: As `LoopbackServer`.
        key: As `LoopbackServer`.
    """

    faults = JUDGE_FAULTS

    def __init__(
        self,
        vendor: ChatVendor,
        mind: Mind,
        *,
        ears: Ears = everything,
        version: str | None = None,
        tells_tokens: bool = True,
        behaviour: Behaviour | None = None,
        key: str | None = KEY,
    ) -> None:
        super().__init__(vendor, behaviour=behaviour, key=key)
        self._mind = mind
        self._ears = ears
        self._version = version
        self._tells_tokens = tells_tokens

    async def respond(self, request: HttpRequest, reply: HttpReply) -> None:
        if request.path != self.path or request.method != "POST":
            await self._no(reply, 404, f"no {request.method} {request.path} here")
            return
        if self.key is not None and request.headers.get("authorization") != f"Bearer {self.key}":
            await self._no(reply, 401, "Incorrect API key provided.", code="invalid_api_key")
            return
        number, fault = self.next_fault()
        if fault in (WireFault.RATE_LIMITED, WireFault.UNAUTHORISED, WireFault.SERVER_ERROR):
            await self._scripted(reply, fault)
            return
        try:
            heard = self._question(number, fault, request, mapping(json.loads(request.body)))
        except (FieldError, ClipError, ValueError) as error:
            await self._no(reply, 400, str(error), code="invalid_value")
            return
        self.keep(heard)
        whole = False
        try:
            await self._write(heard, reply)
            whole = True
        finally:
            self.let_go(whole=whole)

    async def _write(self, heard: Heard, reply: HttpReply) -> None:
        if heard.fault is WireFault.CONTENT_FILTER and self.vendor.errors == "dashscope":
            message = "Input or output data may contain inappropriate content."
            body = error_body("dashscope", 400, message, code="content_filter", param=None)
            await reply.json(400, body)
            return
        async for _ in paced(1, fault=_slow(heard), behaviour=self.behaviour):
            words = self._mind(heard)
        if heard.fields.get("stream") is True:
            await self._streamed(heard, words, reply)
        else:
            await _whole(heard, self._completion(heard, words), reply, behaviour=self.behaviour)

    def _completion(self, heard: Heard, words: str) -> Mapping[str, object]:
        filtered = heard.fault is WireFault.CONTENT_FILTER
        message: dict[str, object] = {"role": "assistant", "content": None if filtered else words}
        if filtered:
            message["refusal"] = "I cannot do that."
        choice = {"index": 0, "message": message, "finish_reason": "content_filter" if filtered else "stop"}
        return {**self._head(heard, "chat.completion"), "choices": [choice], "usage": self._usage(heard, words)}

    async def _streamed(self, heard: Heard, words: str, reply: HttpReply) -> None:
        head = self._head(heard, "chat.completion.chunk")
        pieces = re.findall(r".{1,7}", words, re.DOTALL)
        reply.begin(kind="text/event-stream")
        async for at in paced(max(2, len(pieces)), fault=heard.fault, behaviour=self.behaviour):
            delta = {"content": pieces[at] if at < len(pieces) else ""}
            await _event(reply, {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
            if heard.fault is WireFault.MALFORMED:
                await reply.send(b'data: {"choices": [{"delta"\n\n')
                break
        finish = "content_filter" if heard.fault is WireFault.CONTENT_FILTER else "stop"
        await _event(reply, {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
        if mapping(heard.fields.get("stream_options")).get("include_usage") is True:
            await _event(reply, {**head, "choices": [], "usage": self._usage(heard, words)})
        await reply.send(b"data: [DONE]\n\n")
        await reply.end()

    def _head(self, heard: Heard, kind: str) -> dict[str, object]:
        model = self._version or heard.fields.get("model")
        return {"id": f"chatcmpl-{heard.number}", "object": kind, "created": 0, "model": model}

    def _usage(self, heard: Heard, words: str) -> dict[str, object]:
        audio = sum(round(clip.duration_s * 10) for clip in self._ears(heard.audio))
        written = sum(len(part.split()) for part in heard.texts)
        told: dict[str, object] = {"prompt_tokens": audio + written, "completion_tokens": len(words.split())}
        if self._tells_tokens:
            told["prompt_tokens_details"] = {"audio_tokens": audio, "text_tokens": written}
        return told


_SCHEMA_FIELDS = names(
    "type format title description nullable enum maxItems minItems properties required minProperties maxProperties "
    "minLength maxLength pattern example anyOf propertyOrdering default items minimum maximum"
)
_CONFIG = names(
    "temperature maxOutputTokens seed responseMimeType responseSchema responseJsonSchema topP topK candidateCount "
    "stopSequences thinkingConfig responseModalities presencePenalty frequencyPenalty mediaResolution"
)
_PARTS: Shape = {
    "role": None,
    "parts": [{"text": None, "inlineData": {"mimeType": None, "data": None}, "fileData": None}],
}
_BODY: Shape = {
    "contents": [_PARTS],
    "systemInstruction": _PARTS,
    "generationConfig": _CONFIG,
    "safetySettings": None,
    "tools": None,
    "toolConfig": None,
    "cachedContent": None,
}
_AUDIO_TYPES = ("audio/wav", "audio/mp3", "audio/aiff", "audio/aac", "audio/ogg", "audio/flac")


class GeminiServer(HttpServer):
    """Gemini's generateContent.

    Args:
        mind: What it replies.
        ears: What of the audio its token counts tell of; the mind has ears of its own.
        version: The model that it says it is; by default the one that was asked for.
        behaviour: As `LoopbackServer`.
        key: As `LoopbackServer`.
    """

    faults = JUDGE_FAULTS

    def __init__(
        self,
        mind: Mind,
        *,
        ears: Ears = everything,
        version: str | None = None,
        behaviour: Behaviour | None = None,
        key: str | None = KEY,
    ) -> None:
        super().__init__(behaviour=behaviour, key=key)
        self._mind = mind
        self._ears = ears
        self._version = version

    @property
    def base_url(self) -> str:
        """What clients are given."""
        return f"{self.origin}/v1beta"

    async def respond(self, request: HttpRequest, reply: HttpReply) -> None:
        found = re.fullmatch(r"/v1beta/models/([\w.-]+):generateContent", request.path)
        if found is None or request.method != "POST":
            await self._no(reply, 404, "NOT_FOUND", f"{request.path} is not found for API version v1beta")
            return
        if self.key is not None and request.headers.get("x-goog-api-key") != self.key:
            await self._no(reply, 400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.")
            return
        number, fault = self.next_fault()
        match fault:
            case WireFault.RATE_LIMITED:
                headers = {"Retry-After": self.behaviour.retry_after}
                await self._no(reply, 429, "RESOURCE_EXHAUSTED", "Resource has been exhausted.", headers=headers)
            case WireFault.UNAUTHORISED:
                await self._no(reply, 403, "PERMISSION_DENIED", "The caller does not have permission.")
            case WireFault.SERVER_ERROR:
                await self._no(reply, 503, "UNAVAILABLE", "The model is overloaded. Please try again later.")
            case _:
                await self._generate(number, fault, request, found.group(1), reply)

    async def _generate(
        self, number: int, fault: WireFault | None, request: HttpRequest, model: str, reply: HttpReply
    ) -> None:
        try:
            heard = _content(number, fault, request, mapping(json.loads(request.body)))
        except (FieldError, ClipError, ValueError) as error:
            await self._no(reply, 400, "INVALID_ARGUMENT", f"Invalid JSON payload received. {error}")
            return
        self.keep(heard)
        whole = False
        try:
            async for _ in paced(1, fault=_slow(heard), behaviour=self.behaviour):
                words = self._mind(heard)
            await _whole(heard, self._reply(heard, words, model), reply, behaviour=self.behaviour)
            whole = True
        finally:
            self.let_go(whole=whole)

    def _reply(self, heard: Heard, words: str, model: str) -> Mapping[str, object]:
        audio = sum(round(clip.duration_s * 32) for clip in self._ears(heard.audio))
        written = sum(len(part.split()) for part in heard.texts)
        details = [{"modality": "TEXT", "tokenCount": written}]
        if audio:
            details.append({"modality": "AUDIO", "tokenCount": audio})
        usage = {
            "promptTokenCount": audio + written,
            "candidatesTokenCount": len(words.split()),
            "totalTokenCount": audio + written + len(words.split()),
            "promptTokensDetails": details,
        }
        told = {"usageMetadata": usage, "modelVersion": self._version or model, "responseId": f"r{heard.number}"}
        if heard.fault is WireFault.CONTENT_FILTER:
            return {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, **told}
        content = {"role": "model", "parts": [{"text": words}]}
        return {"candidates": [{"content": content, "finishReason": "STOP", "index": 0}], **told}

    async def _no(
        self, reply: HttpReply, status: int, name: str, message: str, *, headers: Mapping[str, str] | None = None
    ) -> None:
        self.refuse(f"{status}: {message}")
        await reply.json(status, {"error": {"code": status, "message": message, "status": name}}, headers=headers)


def _content(number: int, fault: WireFault | None, request: HttpRequest, fields: Mapping[str, object]) -> Heard:
    check(fields, _BODY)
    _check_schema(mapping(fields.get("generationConfig")).get("responseSchema"), "generation_config.response_schema")
    contents = [mapping(content) for content in items(needed(fields, "contents"))]
    if not contents or contents[-1].get("role") != "user":
        raise FieldError("contents", "wrong", "The last content must be from the user.")
    clips: list[Waveform] = []
    texts: list[str] = []
    for at, part in enumerate(mapping(part) for part in items(contents[-1].get("parts"))):
        if "inlineData" in part:
            inline = mapping(part["inlineData"])
            if needed(inline, "mimeType", path=f"parts[{at}].inlineData") not in _AUDIO_TYPES:
                raise FieldError(f"parts[{at}]", "wrong", f"Unsupported MIME type: {inline['mimeType']}")
            clips.append(from_file(from_base64(inline.get("data"))))
        else:
            texts.append(text(needed(part, "text", path=f"parts[{at}]")) or "")
    system = [text(mapping(part).get("text")) for part in items(mapping(fields.get("systemInstruction")).get("parts"))]
    return Heard(
        number=number,
        audio=tuple(clips),
        texts=tuple(texts),
        instructions=system[0] if system else None,
        path=request.path,
        headers=request.headers,
        query=request.query,
        fields=fields,
        fault=fault,
    )


def _check_schema(schema: object, path: str) -> None:
    """The OpenAPI subset: what JSON Schema has besides is an unknown name there."""
    for key, value in mapping(schema).items():
        if key not in _SCHEMA_FIELDS:
            raise FieldError(path, "unknown", f"Unknown name \"{key}\" at '{path}': Cannot find field.")
        inner = mapping(value) if key == "properties" else {key: value} if key == "items" else {}
        for name, part in inner.items():
            _check_schema(part, f"{path}.{name}")


def _slow(heard: Heard) -> WireFault | None:
    return heard.fault if heard.fault is WireFault.SLOW else None


async def _event(reply: HttpReply, value: Mapping[str, object]) -> None:
    await reply.send(f"data: {json.dumps(value, ensure_ascii=False)}\n\n".encode())


async def _whole(heard: Heard, value: Mapping[str, object], reply: HttpReply, *, behaviour: Behaviour) -> None:
    body = json.dumps(value, ensure_ascii=False).encode()
    match heard.fault:
        case WireFault.DROPPED:
            await reply.broken_off(body)
            raise Dropped
        case WireFault.STALLED:
            await reply.broken_off(body)
            async for _ in paced(2, fault=heard.fault, behaviour=behaviour):
                pass
        case WireFault.MALFORMED:
            await reply.whole(200, body[: len(body) * 2 // 3])
        case _:
            await reply.whole(200, body)

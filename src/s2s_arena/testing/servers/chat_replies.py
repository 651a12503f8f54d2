"""Answers of OpenAI-shaped chat: whole in one body, or streamed as server-sent events."""

import base64
import json
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING

from s2s_arena.testing.servers.behaviour import WireFault
from s2s_arena.testing.servers.chat_vendors import error_body
from s2s_arena.testing.servers.clips import to_file
from s2s_arena.testing.servers.fields import items, mapping
from s2s_arena.testing.servers.heard import Heard
from s2s_arena.testing.servers.http_serving import HttpReply
from s2s_arena.testing.servers.speaking import Dropped, Said, in_base64, paced, pieces, say, truncated

if TYPE_CHECKING:
    from s2s_arena.testing.servers.chat import ChatServer

REFUSAL = "I'm sorry, but I can't help with that."
SSE = "text/event-stream"


async def send(server: "ChatServer", heard: Heard, reply: HttpReply) -> None:
    """Answer a question that was understood."""
    filtered = heard.fault is WireFault.CONTENT_FILTER
    if filtered and server.vendor.errors in ("dashscope", "glm"):
        message = "Input or output data may contain inappropriate content."
        body = error_body(server.vendor.errors, 400, message, code="content_filter", param=None)
        await reply.json(400, body)
        return
    said = say(heard, behaviour=server.behaviour, rate_hz=server.vendor.rate_hz)
    if heard.fields.get("stream") is True:
        await _stream(server, heard, said, reply)
    else:
        await _whole(server, heard, said, reply)


def _speaks(server: "ChatServer", heard: Heard) -> bool:
    vendor = server.vendor
    if not vendor.speaks:
        return False
    if vendor.system_prompt is not None and heard.instructions != vendor.system_prompt:
        return False
    asked = items(heard.fields.get("modalities"))
    return "audio" in asked if asked else not vendor.asks_audio or vendor.second_choice


def usage_of(heard: Heard, said: Said) -> dict[str, object]:
    """Token counts by a rule of thumb of our own: ten a second of audio in, twenty out, one a word."""
    audio_in = sum(round(clip.duration_s * 10) for clip in heard.audio)
    words_in = sum(len(words.split()) for words in heard.texts)
    audio_out, words_out = round(said.speech.duration_s * 20), len(said.words)
    return {
        "prompt_tokens": audio_in + words_in,
        "completion_tokens": audio_out + words_out,
        "total_tokens": audio_in + words_in + audio_out + words_out,
        "prompt_tokens_details": {"audio_tokens": audio_in, "text_tokens": words_in, "cached_tokens": 0},
        "completion_tokens_details": {"audio_tokens": audio_out, "text_tokens": words_out},
    }


# ------------------------------------------------------------------------------------------------- whole


async def _whole(server: "ChatServer", heard: Heard, said: Said, reply: HttpReply) -> None:
    async for _ in paced(1, fault=heard.fault if heard.fault is WireFault.SLOW else None, behaviour=server.behaviour):
        body = json.dumps(_completion(server, heard, said), ensure_ascii=False).encode()
    match heard.fault:
        case WireFault.DROPPED:
            await reply.broken_off(body)
            raise Dropped
        case WireFault.STALLED:
            await reply.broken_off(body)
            async for _ in paced(2, fault=heard.fault, behaviour=server.behaviour):
                pass
        case WireFault.MALFORMED:
            await reply.whole(200, body[: len(body) * 2 // 3])
        case _:
            await reply.whole(200, body)


def _completion(server: "ChatServer", heard: Heard, said: Said) -> Mapping[str, object]:
    message: dict[str, object] = {"role": "assistant", "content": said.text}
    if server.vendor.errors == "openai":
        message["refusal"] = None
    choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
    if heard.fault is WireFault.CONTENT_FILTER:
        message["content"] = None
        message["refusal"] = REFUSAL
        choices[0]["finish_reason"] = "content_filter"
    elif _speaks(server, heard):
        wanted = str(mapping(heard.fields.get("audio")).get("format") or server.vendor.formats[0])
        raw = said.pcm16() if wanted == "pcm16" else to_file(said.speech, wanted.upper())
        data = base64.b64encode(raw).decode()
        if heard.fault is WireFault.TRUNCATED_BASE64:
            data = truncated(data)
        audio_id, expires = server.new_audio_id(heard)
        audio = {"id": audio_id, "data": data, "expires_at": expires, "transcript": said.text}
        if heard.fault is WireFault.SECOND_CHOICE or server.vendor.second_choice:
            spoken = {"role": "assistant", "content": None, "audio": audio}
            choices.append({"index": 1, "message": spoken, "finish_reason": "stop"})
        else:
            message["audio"] = audio
            if server.vendor.errors == "openai":
                message["content"] = None
    return {
        "id": f"chatcmpl-{heard.number}",
        "object": "chat.completion",
        "created": 1,
        "model": heard.fields["model"],
        "choices": choices,
        "usage": usage_of(heard, said),
    }


# ---------------------------------------------------------------------------------------------- streamed


async def _stream(server: "ChatServer", heard: Heard, said: Said, reply: HttpReply) -> None:
    reply.begin(kind=SSE)
    last = b""
    async for chunk in _chunks(server, heard, said):
        last = f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n".encode()
        await reply.send(last)
        if heard.fault is WireFault.MALFORMED:
            await reply.send(b'data: {"choices": [{"delta": {"audio"\n\n')
            break
    await reply.send(b"data: [DONE]\n\n")
    await reply.end()


async def _chunks(server: "ChatServer", heard: Heard, said: Said) -> AsyncIterator[Mapping[str, object]]:
    def chunk(delta: Mapping[str, object] | None, *, finish: str | None = None, index: int = 0) -> Mapping[str, object]:
        head = {"id": f"chatcmpl-{heard.number}", "object": "chat.completion.chunk", "model": heard.fields["model"]}
        choices = [] if delta is None else [{"index": index, "delta": delta, "finish_reason": finish}]
        return {**head, "choices": choices}

    if heard.fault is WireFault.CONTENT_FILTER:
        yield chunk({"role": "assistant", "refusal": REFUSAL})
        yield chunk({}, finish="content_filter")
        return
    yield chunk({"role": "assistant", "content": ""})
    if _speaks(server, heard):
        index = 1 if heard.fault is WireFault.SECOND_CHOICE else 0
        audio_id, expires = server.new_audio_id(heard)
        words = list(said.words)
        rate = said.speech.rate_hz * 2
        raw = to_file(said.speech) if server.vendor.streams_file else said.pcm16()
        texts = in_base64(pieces(raw, bytes_per_s=rate, behaviour=server.behaviour), heard.fault)
        async for at in paced(len(texts), fault=heard.fault, behaviour=server.behaviour):
            if words:
                yield chunk(
                    {"audio": {"id": audio_id, "transcript": words.pop(0) + (" " if words else "")}}, index=index
                )
            yield chunk({"audio": {"id": audio_id, "data": texts[at]}}, index=index)
        if words:
            yield chunk({"audio": {"id": audio_id, "transcript": " ".join(words)}}, index=index)
        yield chunk({"audio": {"id": audio_id, "expires_at": expires}}, index=index)
    else:
        async for _ in paced(1, fault=heard.fault, behaviour=server.behaviour):
            yield chunk({"content": said.text})
    yield chunk({}, finish="stop")
    if mapping(heard.fields.get("stream_options")).get("include_usage") is True:
        yield {**chunk(None), "usage": usage_of(heard, said)}

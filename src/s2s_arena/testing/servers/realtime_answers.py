"""Answers of the Realtime wires as the events they consist of."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from s2s_arena.testing.servers.behaviour import Behaviour, WireFault
from s2s_arena.testing.servers.clips import to_file
from s2s_arena.testing.servers.fields import items
from s2s_arena.testing.servers.heard import Heard
from s2s_arena.testing.servers.realtime_wires import RealtimeWire
from s2s_arena.testing.servers.speaking import Said, in_base64, paced, pieces, say

if TYPE_CHECKING:
    from s2s_arena.testing.servers.realtime import Session

_ENDS: Mapping[WireFault, tuple[str, Mapping[str, object]]] = {
    WireFault.CANCELLED: ("cancelled", {"type": "cancelled", "reason": "turn_detected"}),
    WireFault.CONTENT_FILTER: ("incomplete", {"type": "incomplete", "reason": "content_filter"}),
    WireFault.SERVER_ERROR: (
        "failed",
        {
            "type": "failed",
            "error": {"type": "server_error", "code": "server_error", "message": "The server had an error."},
        },
    ),
}


async def answer(session: "Session", heard: Heard, *, wire: RealtimeWire, behaviour: Behaviour) -> Said | None:
    """Send all events of one answer; None if it was called off before it was whole."""
    said = say(heard, behaviour=behaviour)
    if wire.by_turns:
        return await _by_turns(session, heard, said, behaviour=behaviour)
    ids = {"response_id": f"resp_{heard.number}", "item_id": f"item_answer_{heard.number}"}
    where: dict[str, object] = {**ids, "output_index": 0, "content_index": 0}
    head = {"id": ids["response_id"], "object": "realtime.response"}
    await session.send("response.created", response={**head, "status": "in_progress", "output": []})
    fault = heard.fault
    speaks = "audio" in _modalities(session, wire)
    if fault not in (WireFault.CONTENT_FILTER, WireFault.SERVER_ERROR):
        item = {"id": ids["item_id"], "object": "realtime.item", "type": "message", "role": "assistant"}
        await session.send("response.output_item.added", response_id=ids["response_id"], output_index=0, item=item)
        part = {"type": "audio", "transcript": ""} if speaks else {"type": "text", "text": ""}
        await session.send("response.content_part.added", **where, part=part)
        await (_spoken if speaks else _written)(session, heard, said, where, wire=wire, behaviour=behaviour)
        await session.send("response.content_part.done", **where, part=part)
        await session.send("response.output_item.done", response_id=ids["response_id"], output_index=0, item=item)
    await session.send("rate_limits.updated", rate_limits=[{"name": "requests", "limit": 1000, "remaining": 999}])
    status, details = _ENDS.get(fault, ("completed", {})) if fault is not None else ("completed", {})
    body: dict[str, object] = {
        **head,
        "status": status,
        "status_details": details or None,
        "output": [],
        "usage": _usage(heard, said),
    }
    await session.send("response.done", response=body)
    return said if status == "completed" else None


async def _by_turns(session: "Session", heard: Heard, said: Said, *, behaviour: Behaviour) -> Said | None:
    if heard.fault in (WireFault.SERVER_ERROR, WireFault.CONTENT_FILTER, WireFault.CANCELLED):
        await session.send("error", error="the engine is dead", code="server_error")
        return None
    texts = in_base64(pieces(said.pcm16(), bytes_per_s=2 * said.speech.rate_hz, behaviour=behaviour), heard.fault)
    await session.send("transcription.delta", delta=said.text)
    async for at in paced(len(texts), fault=heard.fault, behaviour=behaviour):
        await session.send("response.audio.delta", audio=texts[at])
        if heard.fault is WireFault.MALFORMED:
            await session.connection.send('{"type": "response.')
    await session.send("response.audio.done")
    return said


def _modalities(session: "Session", wire: RealtimeWire) -> list[object]:
    asked = items(session.settings.get("output_modalities" if wire.ga else "modalities"))
    return asked or ["audio"]


async def _spoken(
    session: "Session",
    heard: Heard,
    said: Said,
    where: Mapping[str, object],
    *,
    wire: RealtimeWire,
    behaviour: Behaviour,
) -> None:
    mp3 = not wire.ga and session.settings.get("output_audio_format") == "mp3"
    raw = to_file(said.speech, "MP3") if mp3 else said.pcm16()
    rate = 8000 if mp3 else 2 * said.speech.rate_hz
    texts = in_base64(pieces(raw, bytes_per_s=rate, behaviour=behaviour), heard.fault)
    words = list(said.words)
    async for at in paced(len(texts), fault=heard.fault, behaviour=behaviour):
        if words:
            word = words.pop(0) + (" " if words else "")
            await session.send(wire.name_of("transcript.delta"), **where, delta=word)
        await session.send(wire.name_of("audio.delta"), **where, delta=texts[at])
        if heard.fault is WireFault.MALFORMED:
            await session.connection.send('{"type": "response.')
    if words and heard.fault is not WireFault.CANCELLED:
        await session.send(wire.name_of("transcript.delta"), **where, delta=" ".join(words))
    # Also after an interruption: that this event came does not mean that the answer is whole.
    await session.send(wire.name_of("audio.done"), **where)
    await session.send(wire.name_of("transcript.done"), **where, transcript=said.text)


async def _written(
    session: "Session",
    heard: Heard,
    said: Said,
    where: Mapping[str, object],
    *,
    wire: RealtimeWire,
    behaviour: Behaviour,
) -> None:
    async for _ in paced(1, fault=heard.fault, behaviour=behaviour):
        await session.send(wire.name_of("text.delta"), **where, delta=said.text)
    await session.send(wire.name_of("text.done"), **where, text=said.text)


def _usage(heard: Heard, said: Said) -> Mapping[str, object]:
    audio_in = sum(round(clip.duration_s * 10) for clip in heard.audio)
    words_in = sum(len(words.split()) for words in heard.texts)
    audio_out, words_out = round(said.speech.duration_s * 20), len(said.words)
    return {
        "total_tokens": audio_in + words_in + audio_out + words_out,
        "input_tokens": audio_in + words_in,
        "output_tokens": audio_out + words_out,
        "input_token_details": {"audio_tokens": audio_in, "text_tokens": words_in, "cached_tokens": 0},
        "output_token_details": {"audio_tokens": audio_out, "text_tokens": words_out},
    }

"""A loopback server that takes sound by POST and gives sound back, in the shapes that small servers use."""

import base64
import json
from collections.abc import Iterator, Mapping
from urllib.parse import quote

from s2s_arena.testing.servers.behaviour import Behaviour, WireFault
from s2s_arena.testing.servers.clips import ClipError, from_base64, from_file, to_file
from s2s_arena.testing.servers.fields import items, mapping, text
from s2s_arena.testing.servers.heard import Before, Heard
from s2s_arena.testing.servers.http_serving import HttpReply, HttpRequest, HttpServer
from s2s_arena.testing.servers.running import KEY
from s2s_arena.testing.servers.speaking import Dropped, Said, paced, pieces, say, truncated


class WavPostServer(HttpServer):
    """POST a WAV, get a WAV.

    The question is the body itself (`audio/...`) or, as JSON, base64 of it under `audio`, with earlier turns as
    `history` ([{"audio", "text"}]) and any of `fields`. A WAV answer carries its words, percent-encoded, in the header
    `X-S2S-Text`.

    Args:
        answers: `wav` (a WAV file), `json` (`{"audio": base64 of it, "text"}`) or `pcm16` (raw samples, streamed).
        fields: Names known beside `audio` and `history` in a JSON question.
        rate_hz: Rate of its speech.
        behaviour: As `LoopbackServer`.
        key: As `LoopbackServer`.
        port: As `LoopbackServer`.
    """

    path = "/answer"
    faults = frozenset(WireFault) - {WireFault.SECOND_CHOICE, WireFault.CANCELLED, WireFault.CONTENT_FILTER}

    def __init__(
        self,
        answers: str = "wav",
        *,
        fields: tuple[str, ...] = ("seed", "model", "voice", "temperature", "instructions"),
        rate_hz: int = 24000,
        behaviour: Behaviour | None = None,
        key: str | None = KEY,
        port: int = 0,
    ) -> None:
        super().__init__(behaviour=behaviour, key=key, port=port)
        self.answers = answers
        self.fields = fields
        self.rate_hz = rate_hz

    async def respond(self, request: HttpRequest, reply: HttpReply) -> None:
        if request.method != "POST" or request.path != self.path:
            await self._no(reply, 404, f"no {request.method} {request.path} here")
            return
        if self.key is not None and request.headers.get("authorization") != f"Bearer {self.key}":
            await self._no(reply, 401, "key")
            return
        number, fault = self.next_fault()
        if fault in (WireFault.RATE_LIMITED, WireFault.UNAUTHORISED, WireFault.SERVER_ERROR):
            status = {WireFault.RATE_LIMITED: 429, WireFault.UNAUTHORISED: 401}.get(fault, 500)
            headers = {"Retry-After": self.behaviour.retry_after} if status == 429 else None
            await reply.json(status, {"error": fault.value}, headers=headers)
            return
        try:
            heard = self._question(number, fault, request)
        except (ClipError, ValueError) as error:
            await self._no(reply, 400, str(error))
            return
        self.keep(heard)
        whole = False
        try:
            await self._answer(heard, reply)
            whole = True
        finally:
            self.let_go(whole=whole)

    async def _no(self, reply: HttpReply, status: int, why: str) -> None:
        self.refuse(f"{status}: {why}")
        await reply.json(status, {"error": why})

    def _question(self, number: int, fault: WireFault | None, request: HttpRequest) -> Heard:
        fields: Mapping[str, object] = {}
        kind = request.headers.get("content-type", "")
        if kind.startswith("audio/"):
            content = request.body
        elif kind.startswith("application/json"):
            fields = mapping(json.loads(request.body))
            unknown = [name for name in fields if name not in ("audio", "history", *self.fields)]
            if unknown:
                raise ClipError(f"unknown field {unknown[0]!r}")
            content = from_base64(fields.get("audio"))
        else:
            raise ClipError(f"content type {kind!r}: audio/wav or application/json is needed")
        return Heard(
            number=number,
            audio=(from_file(content),),
            voice=text(fields.get("voice")),
            instructions=text(fields.get("instructions")),
            before=tuple(turn for past in items(fields.get("history")) for turn in _turns(mapping(past))),
            path=request.path,
            headers=request.headers,
            query=request.query,
            fields=fields,
            fault=fault,
        )

    async def _answer(self, heard: Heard, reply: HttpReply) -> None:
        said = say(heard, behaviour=self.behaviour, rate_hz=self.rate_hz)
        if self.answers == "pcm16":
            await self._streamed(heard, said, reply)
            return
        file = to_file(said.speech)
        if self.answers == "json":
            data = base64.b64encode(file).decode()
            data = truncated(data) if heard.fault is WireFault.TRUNCATED_BASE64 else data
            body, kind = json.dumps({"audio": data, "text": said.text}).encode(), "application/json"
        elif heard.fault is WireFault.TRUNCATED_BASE64:
            raise ValueError(f"{self.answers} answers have no base64 to truncate")
        else:
            body, kind = file, "audio/wav"
        if heard.fault is WireFault.MALFORMED:
            body = b"\x00\x01 this is neither sound nor JSON"
        waits = heard.fault if heard.fault is WireFault.SLOW else None
        async for _ in paced(1, fault=waits, behaviour=self.behaviour):
            pass
        if heard.fault in (WireFault.DROPPED, WireFault.STALLED):
            await reply.broken_off(body, kind=kind)
            async for _ in paced(2, fault=heard.fault, behaviour=self.behaviour):
                pass
            raise Dropped
        headers = {"X-S2S-Text": quote(said.text)} if self.answers == "wav" else None
        await reply.whole(200, body, kind=kind, headers=headers)

    async def _streamed(self, heard: Heard, said: Said, reply: HttpReply) -> None:
        cut = pieces(said.pcm16(), bytes_per_s=2 * said.speech.rate_hz, behaviour=self.behaviour)
        if heard.fault is WireFault.MALFORMED:
            cut = [*cut[:-1], cut[-1][: len(cut[-1]) // 2 * 2 - 1]]
        reply.begin(kind="audio/raw")
        async for at in paced(len(cut), fault=heard.fault, behaviour=self.behaviour):
            await reply.send(cut[at])
        await reply.end()


def _turns(past: Mapping[str, object]) -> Iterator[Before]:
    yield Before(role="user", audio=from_file(from_base64(past.get("audio"))))
    yield Before(role="assistant", text=text(past.get("text")))

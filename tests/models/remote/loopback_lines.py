"""Every adapter beside the loopback server that speaks its wire: what the end-to-end tests run over."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from s2s_arena.audio.resampling import resample
from s2s_arena.models import registry
from s2s_arena.protocols import Request
from s2s_arena.testing.servers import chat_vendors, realtime_wires
from s2s_arena.testing.servers.behaviour import Behaviour
from s2s_arena.testing.servers.chat import ChatServer
from s2s_arena.testing.servers.doubao import DoubaoServer
from s2s_arena.testing.servers.gemini_live import GeminiLiveServer
from s2s_arena.testing.servers.moshi import MoshiServer
from s2s_arena.testing.servers.realtime import RealtimeServer
from s2s_arena.testing.servers.running import LoopbackServer
from s2s_arena.testing.servers.speaking import say
from s2s_arena.testing.servers.wav_post import WavPostServer
from s2s_arena.testing.sound import tones
from tests.models.doubles import FakeParts, Voice

VARIABLE = "LOOPBACK_KEY"
PATIENCE_S = 10.0


@dataclass(frozen=True)
class Line:
    """One adapter and its server."""

    name: str
    family: str
    server: Callable[..., LoopbackServer]
    settings: Mapping[str, object] = field(default_factory=dict)
    address: Callable[[LoopbackServer], str] = lambda server: server.url
    out_rate: int = 24000
    keyed: str = "key_env"  # the setting that names the key's variable; empty where there is no key
    voice: str | None = "voice"  # the setting
    history: str = "spoken"  # what the server learns of an earlier turn: spoken, replayed, joined, none
    writes_only: bool = False
    lossy: bool = False

    def __str__(self) -> str:
        return self.name

    def start(self, *, behaviour: Behaviour | None = None, **options) -> LoopbackServer:
        return self.server(behaviour=behaviour or Behaviour(piece_s=0.3), **options)

    def card(self, server: LoopbackServer) -> dict[str, object]:
        """Settings as on a card."""
        keys = {self.keyed: VARIABLE} if self.keyed else {}
        return {"url": self.address(server), "patience_s": PATIENCE_S, **self.settings, **keys}

    def adapter(self, server: LoopbackServer, **more):
        return registry.build(self.family, {**self.card(server), **more}, FakeParts(0, 0, Voice("en")))

    def said(self, server: LoopbackServer, number: int = -1):
        """What the server answered to a question it heard."""
        return say(server.heard[number], behaviour=server.behaviour, rate_hz=self.out_rate)


def _base(server):
    return server.base_url


def _chat(name, vendor, *, dialect=None, **more):
    made = {"settings": {"dialect": dialect or vendor.name, "model": "m", **more.pop("settings", {})}}
    return Line(
        name=name,
        family="openai-chat",
        server=lambda **options: ChatServer(vendor, **options),
        address=_base,
        out_rate=vendor.rate_hz,
        **made,
        **more,
    )


def _realtime(name, wire, *, dialect, **more):
    return Line(
        name=name,
        family="realtime",
        server=lambda **options: RealtimeServer(wire, **options),
        settings={"dialect": dialect, "model": "m", **more.pop("settings", {})},
        **more,
    )


def _wav(name, answers="wav", *, settings, **more):
    return Line(
        name=name,
        family="http-wav",
        server=lambda **options: WavPostServer(answers, **options),
        settings=settings,
        **more,
    )


LINES = (
    _chat("chat openai streamed", chat_vendors.OPENAI),
    _chat("chat openai whole", chat_vendors.OPENAI, settings={"stream": False}),
    _chat("chat azure", chat_vendors.AZURE),
    _chat("chat dashscope", chat_vendors.DASHSCOPE),
    _chat("chat glm", chat_vendors.GLM, dialect="zhipu", voice=None),
    _chat("chat glm streamed", chat_vendors.GLM, dialect="zhipu", settings={"stream": True}, voice=None),
    _chat("chat vllm-omni", chat_vendors.VLLM_OMNI, voice=None),
    _chat(
        "chat llama.cpp, read",
        chat_vendors.LLAMA_CPP,
        dialect="llama-cpp",
        settings={"reader": "any", "stream": False},
        voice=None,
        writes_only=True,
    ),
    _chat(
        "chat vllm, read",
        chat_vendors.VLLM,
        settings={"reader": "any"},
        voice=None,
        writes_only=True,
    ),
    _realtime("realtime openai", realtime_wires.OPENAI_GA, dialect="openai"),
    _realtime("realtime azure", realtime_wires.AZURE, dialect="azure"),
    _realtime("realtime beta", realtime_wires.OPENAI_BETA, dialect="openai-beta"),
    _realtime("realtime dashscope", realtime_wires.DASHSCOPE, dialect="dashscope", history="replayed"),
    _realtime("realtime glm", realtime_wires.GLM, dialect="zhipu", voice=None, history="replayed"),
    _realtime("realtime vllm-omni", realtime_wires.VLLM_OMNI, dialect="vllm-omni"),
    _realtime(
        "realtime vllm-omni turns",
        realtime_wires.VLLM_OMNI_TURNS,
        dialect="vllm-omni-turns",
        voice=None,
        history="none",
    ),
    Line(name="gemini live", family="gemini-live", server=GeminiLiveServer, settings={"model": "m"}),
    Line(
        name="doubao",
        family="doubao",
        server=DoubaoServer,
        settings={"model": "1.2.1.0", "pace": 0.0, "app_id_env": VARIABLE, "app_key_env": VARIABLE},
        keyed="access_key_env",
    ),
    Line(
        name="doubao floats",
        family="doubao",
        server=DoubaoServer,
        settings={"model": "O", "pace": 0.0, "format": "pcm", "app_id_env": VARIABLE, "app_key_env": VARIABLE},
        keyed="access_key_env",
    ),
    Line(
        name="moshi",
        family="moshi",
        server=MoshiServer,
        settings={"pace": 0.0, "silence_s": 0.6, "wait_s": 2.0, "longest_s": 10.0},
        keyed="",
        voice=None,
        history="replayed",
        lossy=True,
    ),
    _wav("wav by post", settings={"history": "joined"}, voice=None, history="joined"),
    _wav("json by post", "json", settings={"asks": "json", "history": "json"}),
    _wav("raw by post", "pcm16", settings={"asks": "json", "history": "json", "received": "pcm16"}),
)
NAMES = tuple(line.name for line in LINES)

QUESTION = tones(["what", "do", "you", "hear"])
OTHER = tones(["something", "else", "entirely"])


def line(name: str) -> Line:
    """The line of that name."""
    return next(found for found in LINES if found.name == name)


def asking(speech=QUESTION, **more) -> Request:
    """A request."""
    return Request(speech=speech, sample="s1", **more)


def likeness(one, other) -> float:
    """Highest correlation of two waveforms over small shifts, at 16 kHz; 1 is the same sound."""
    a, b = (resample(wave, 16000).samples.astype(float) for wave in (one, other))
    size = max(a.size, b.size) + 1600
    spectrum = np.fft.rfft(a, 2 * size) * np.conj(np.fft.rfft(b, 2 * size))
    return float(np.fft.irfft(spectrum).max() / max(1e-12, np.linalg.norm(a) * np.linalg.norm(b)))

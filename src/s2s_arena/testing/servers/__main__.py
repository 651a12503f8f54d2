"""Runs one loopback server until it is told to stop: `python -m s2s_arena.testing.servers openai-ga --port 8765`."""

import argparse
import sys

from s2s_arena.testing.servers.behaviour import Behaviour, WireFault, faultless, some
from s2s_arena.testing.servers.cascade_parts import CosyVoiceServer, SenseVoiceServer, TranscriptionServer
from s2s_arena.testing.servers.chat import ChatServer
from s2s_arena.testing.servers.chat_vendors import VENDORS
from s2s_arena.testing.servers.doubao import DoubaoServer
from s2s_arena.testing.servers.gemini_live import GeminiLiveServer
from s2s_arena.testing.servers.moshi import MoshiServer
from s2s_arena.testing.servers.realtime import RealtimeServer
from s2s_arena.testing.servers.realtime_wires import WIRES
from s2s_arena.testing.servers.running import KEY, LoopbackServer
from s2s_arena.testing.servers.speech import DoubaoSpeechServer, SpeechServer
from s2s_arena.testing.servers.wav_post import WavPostServer

NAMES = (
    *(f"chat-{name}" for name in VENDORS),
    *(f"realtime-{name}" for name in WIRES),
    *("gemini-live", "doubao", "moshi", "wav", "speech", "doubao-speech"),
    *("transcriptions", "sensevoice", "cosyvoice"),
)


def serving(name: str, *, behaviour: Behaviour, port: int = 0) -> LoopbackServer:
    """The server of that name, not yet started.

    Raises:
        KeyError: No such name.
    """
    kind, _, which = name.partition("-")
    if kind == "chat":
        return ChatServer(VENDORS[which], behaviour=behaviour, port=port)
    if kind == "realtime":
        return RealtimeServer(WIRES[which], behaviour=behaviour, port=port)
    if name == "moshi":
        return MoshiServer(behaviour=behaviour, port=port)
    if name == "speech":
        return SpeechServer(behaviour=behaviour, port=port)
    parts: dict[str, type[TranscriptionServer | SenseVoiceServer | CosyVoiceServer]] = {
        "transcriptions": TranscriptionServer,
        "sensevoice": SenseVoiceServer,
        "cosyvoice": CosyVoiceServer,
    }
    if name in parts:
        return parts[name](behaviour=behaviour, port=port)
    others: dict[str, type[GeminiLiveServer | DoubaoServer | WavPostServer | DoubaoSpeechServer]] = {
        "gemini-live": GeminiLiveServer,
        "doubao": DoubaoServer,
        "wav": WavPostServer,
        "doubao-speech": DoubaoSpeechServer,
    }
    return others[name](behaviour=behaviour, port=port)


def main() -> None:
    """Print the URL and the key, serve until standard input ends, then say how many questions there were."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds from question to first audio")
    parser.add_argument("--keep", type=int, default=100, help="questions remembered")
    parser.add_argument("--faults", default="", help=f"what goes wrong, of {', '.join(WireFault)}")
    parser.add_argument("--share", type=float, default=0.2, help="of the answers that go wrong, 0..1")
    parser.add_argument("--seed", type=int, default=0, help="of which ones do")
    given = parser.parse_args()
    faults = [WireFault(name) for name in given.faults.split(",") if name]
    script = some(given.share, *faults, seed=given.seed) if faults else faultless
    behaviour = Behaviour(latency_s=given.latency, keep=given.keep, script=script)
    with serving(given.name, behaviour=behaviour, port=given.port) as server:
        print(f"{server.url} {server.key or KEY}", flush=True)
        sys.stdin.read()
        print(f"{server.finished} answered, at most {server.most_in_flight} at once", flush=True)


if __name__ == "__main__":
    main()

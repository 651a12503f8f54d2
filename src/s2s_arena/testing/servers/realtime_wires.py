"""The kinds of Realtime wire: which session fields and events a vendor knows, and what it calls its own events."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from s2s_arena.testing.servers.fields import Shape, names

_TURNS: Shape = names(
    "type threshold prefix_padding_ms silence_duration_ms create_response interrupt_response idle_timeout_ms eagerness"
)
_FORMAT: Shape = {"type": None, "rate": None}
_GA_AUDIO: Shape = {
    "input": {
        "format": _FORMAT,
        "turn_detection": _TURNS,
        "noise_reduction": {"type": None},
        "transcription": {"model": None, "language": None, "prompt": None},
    },
    "output": {"format": _FORMAT, "voice": None, "speed": None},
}
_GA_SESSION: Shape = {
    **names("type model output_modalities instructions max_output_tokens tools tool_choice"),
    **names("tracing truncation include prompt"),
    "audio": _GA_AUDIO,
}
_BETA_SESSION: Shape = {
    **names("modalities instructions voice input_audio_format output_audio_format temperature"),
    **names("max_response_output_tokens tools tool_choice speed"),
    "turn_detection": _TURNS,
    "input_audio_transcription": {"model": None, "language": None, "prompt": None},
    "input_audio_noise_reduction": {"type": None},
}
_ITEM: Shape = {
    **names("id type object role status"),
    "content": [names("type text audio transcript")],
}
_GA_RESPONSE: Shape = {
    **names("output_modalities instructions max_output_tokens conversation metadata input tools"),
    "audio": {"output": {"format": _FORMAT, "voice": None}},
}
_BETA_RESPONSE: Shape = names(
    "modalities instructions voice output_audio_format temperature max_output_tokens conversation metadata"
)


def _events(session: Shape, response: Shape, *, items: bool = True) -> Mapping[str, Shape]:
    known: dict[str, Shape] = {
        "session.update": {"session": session},
        "input_audio_buffer.append": {"audio": None},
        "input_audio_buffer.commit": {},
        "input_audio_buffer.clear": {},
        "response.create": {"response": response},
        "response.cancel": {"response_id": None},
    }
    if items:
        known["conversation.item.create"] = {"previous_item_id": None, "item": _ITEM}
        known["conversation.item.delete"] = {"item_id": None}
    return known


@dataclass(frozen=True, slots=True, kw_only=True)
class RealtimeWire:
    """One vendor's Realtime.

    Attributes:
        name: What tests call it.
        path: Of the websocket.
        query: Names that the query must have.
        key_header: `authorization` (Bearer) or `api-key`.
        beta_header: The header `OpenAI-Beta` is needed (True), forbidden (False) or ignored (None).
        events: Client events with their fields, besides `type` and `event_id`.
        ga: GA names and nested session; else beta names and a flat session.
        in_rate_hz: Rate of the audio that comes in.
        wav_in: Appended audio is a WAV file each time, not raw samples.
        input_formats: Flat sessions: names for the input format.
        output_formats: Flat sessions: names for the output format.
        modalities: Sets of output modalities that are allowed.
        added: What the server calls a new item.
        heartbeats: It sends events of its own between the others.
        by_turns: No `response.create`: `commit` with `final: false` opens a turn and with `final: true` closes it; the
            session is settled by its first message without an answer, and nothing is remembered.
    """

    name: str
    path: str = "/v1/realtime"
    query: tuple[str, ...] = ("model",)
    key_header: str = "authorization"
    beta_header: bool | None = None
    events: Mapping[str, Shape] = field(default_factory=lambda: _events(_BETA_SESSION, _BETA_RESPONSE))
    ga: bool = False
    in_rate_hz: int = 24000
    wav_in: bool = False
    input_formats: tuple[str, ...] = ("pcm16",)
    output_formats: tuple[str, ...] = ("pcm16",)
    modalities: tuple[frozenset[str], ...] = (frozenset({"text"}), frozenset({"text", "audio"}))
    added: tuple[str, ...] = ("conversation.item.created",)
    heartbeats: bool = False
    by_turns: bool = False

    def name_of(self, event: str) -> str:
        """The wire's name for `audio.delta`, `audio.done`, `transcript.delta` and so on."""
        kind, _, what = event.partition(".")
        if self.ga:
            names = {"audio": "output_audio", "transcript": "output_audio_transcript", "text": "output_text"}
        else:
            names = {"audio": "audio", "transcript": "audio_transcript", "text": "text"}
        return f"response.{names[kind]}.{what}"


OPENAI_GA = RealtimeWire(
    name="openai-ga",
    beta_header=False,
    events=_events(_GA_SESSION, _GA_RESPONSE),
    ga=True,
    modalities=(frozenset({"text"}), frozenset({"audio"})),
    added=("conversation.item.added", "conversation.item.done"),
)
OPENAI_BETA = RealtimeWire(name="openai-beta", beta_header=True)
AZURE = RealtimeWire(
    name="azure",
    path="/openai/v1/realtime",
    key_header="api-key",
    events=OPENAI_GA.events,
    ga=True,
    modalities=OPENAI_GA.modalities,
    added=OPENAI_GA.added,
)
DASHSCOPE = RealtimeWire(
    name="dashscope",
    path="/api-ws/v1/realtime",
    events={
        **_events(
            {
                **names("modalities voice input_audio_format output_audio_format instructions"),
                **names("temperature top_p seed max_tokens"),
                "turn_detection": _TURNS,
                "input_audio_transcription": {"model": None},
            },
            names("instructions modalities"),
            items=False,
        ),
        "session.finish": {},
    },
    in_rate_hz=16000,
    input_formats=("pcm16", "pcm"),
    output_formats=("pcm16", "pcm24"),
)
GLM = RealtimeWire(
    name="glm",
    path="/api/paas/v4/realtime",
    query=(),
    events=_events({**_BETA_SESSION, "model": None, "beta_fields": {"chat_mode": None}}, _BETA_RESPONSE),
    in_rate_hz=16000,
    wav_in=True,
    input_formats=("wav", "wav48"),
    output_formats=("pcm", "mp3"),
    heartbeats=True,
)
VLLM_OMNI = RealtimeWire(
    name="vllm-omni",
    query=(),
    events=_events(_GA_SESSION, _GA_RESPONSE),
    ga=True,
    modalities=(frozenset({"text"}), frozenset({"audio"}), frozenset({"text", "audio"})),
)

VLLM_OMNI_TURNS = RealtimeWire(
    name="vllm-omni-turns",
    query=(),
    events={
        "session.update": {"model": None},
        "input_audio_buffer.append": {"audio": None},
        "input_audio_buffer.commit": {"final": None},
    },
    in_rate_hz=16000,
    by_turns=True,
)

WIRES: Mapping[str, RealtimeWire] = {
    wire.name: wire for wire in (OPENAI_GA, OPENAI_BETA, AZURE, DASHSCOPE, GLM, VLLM_OMNI, VLLM_OMNI_TURNS)
}

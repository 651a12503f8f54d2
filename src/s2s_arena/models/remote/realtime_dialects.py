"""The vendors of the realtime websocket, as data: generally available and beta events, sessions, formats, history."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from s2s_arena.models.remote.failures import COMMON_SIGNS, DASHSCOPE_SIGNS, ZHIPU_SIGNS, Meaning, Signs
from s2s_arena.models.remote.speech import PCM16, WAV, Encoding
from s2s_arena.models.remote.templates import Slot, Template


class Role(StrEnum):
    """What a server event is for us; any other event is passed over."""

    SOUND = "sound"
    WORDS = "words"  # a piece of what is spoken
    WORDS_DONE = "words_done"  # all that is spoken
    WRITTEN = "written"  # a piece of text without speech
    HEARD = "heard"  # what the user said, as the system transcribed it
    DONE = "done"
    ERROR = "error"


class History(StrEnum):
    """How earlier turns reach the system."""

    ITEMS = "items"  # as items of the conversation: the user's speech and the system's words
    REPLAY = "replay"  # the user's speech again in the same session; the system answers it anew
    NONE = "none"  # it takes every utterance for itself


@dataclass(frozen=True, slots=True, kw_only=True)
class RealtimeDialect:
    """One vendor's way of the realtime websocket.

    Attributes:
        name: As on the card.
        url: Default address; empty if the card must give it.
        query: Parameters of the URL; `{model}` is filled.
        key: Default variable of the key.
        headers: With `{key}`.
        keyless: It also answers without a key.
        model: Default model.
        voice: Default voice.
        greeting: Event to wait for before anything is sent; empty for none.
        session: First message. Slots: model, voice, instructions, temperature, max_tokens, speed.
        settled: Event that confirms it; empty for none.
        sent: Encoding of what the user says.
        chunk_s: Seconds of speech in one message.
        before, after: Messages around the speech.
        append: Message with a chunk. Slot: audio.
        history: How earlier turns are told.
        user_item: Earlier user turn. Slot: audio.
        assistant_item: Earlier answer. Slot: text.
        received: Encoding of the answer.
        events: Event type -> its role.
        sound_fields: Where an event of sound may hold its base64.
        rate_field: Where an event of sound tells its rate in Hz; empty if nowhere.
        farewell: Last message, and the event that answers it; empty for none.
        signs: What its codes mean.
    """

    name: str
    url: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    key: str = ""
    headers: Mapping[str, str] = field(default_factory=lambda: {"Authorization": "Bearer {key}"})
    keyless: bool = False
    model: str = ""
    voice: str | None = None
    greeting: str = "session.created"
    session: Template = None
    settled: str = "session.updated"
    sent: Encoding = field(default_factory=Encoding)
    chunk_s: float = 1.0
    before: tuple[Template, ...] = ()
    append: Template = None
    after: tuple[Template, ...] = ()
    history: History = History.ITEMS
    user_item: Template = None
    assistant_item: Template = None
    received: Encoding = field(default_factory=Encoding)
    events: Mapping[str, Role] = field(default_factory=dict)
    sound_fields: tuple[str, ...] = ("delta",)
    rate_field: str = ""
    farewell: tuple[Template, str] | None = None
    signs: Signs = COMMON_SIGNS


REALTIME_SIGNS: Signs = (("invalid_request_error", Meaning.REJECTED),)
"""After all codes: a request that was simply wrong."""

_COMMON: Mapping[str, Role] = {
    "conversation.item.input_audio_transcription.completed": Role.HEARD,
    "response.done": Role.DONE,
    "error": Role.ERROR,
}
GA_EVENTS: Mapping[str, Role] = {
    "response.output_audio.delta": Role.SOUND,
    "response.output_audio_transcript.delta": Role.WORDS,
    "response.output_audio_transcript.done": Role.WORDS_DONE,
    "response.output_text.delta": Role.WRITTEN,
    **_COMMON,
}
BETA_EVENTS: Mapping[str, Role] = {
    "response.audio.delta": Role.SOUND,
    "response.audio_transcript.delta": Role.WORDS,
    "response.audio_transcript.done": Role.WORDS_DONE,
    "response.text.delta": Role.WRITTEN,
    **_COMMON,
}

_APPEND: Template = {"type": "input_audio_buffer.append", "audio": Slot("audio")}
_COMMIT: Template = {"type": "input_audio_buffer.commit"}
_RESPOND: Template = {"type": "response.create"}
_USER_ITEM: Template = {
    "type": "conversation.item.create",
    "item": {"type": "message", "role": "user", "content": [{"type": "input_audio", "audio": Slot("audio")}]},
}


def _assistant_item(content_type: str) -> Template:
    content: Template = [{"type": content_type, "text": Slot("text")}]
    return {"type": "conversation.item.create", "item": {"type": "message", "role": "assistant", "content": content}}


_GA_SESSION: Template = {
    "type": "session.update",
    "session": {
        "type": "realtime",
        "output_modalities": ["audio"],
        "instructions": Slot("instructions"),
        "max_output_tokens": Slot("max_tokens"),
        "audio": {
            "input": {"format": {"type": "audio/pcm", "rate": 24000}, "turn_detection": None},
            "output": {
                "format": {"type": "audio/pcm", "rate": 24000},
                "voice": Slot("voice"),
                "speed": Slot("speed"),
            },
        },
    },
}

OPENAI = RealtimeDialect(
    name="openai",
    url="wss://api.openai.com/v1/realtime",
    query={"model": "{model}"},
    key="OPENAI_API_KEY",
    model="gpt-realtime",
    voice="marin",
    session=_GA_SESSION,
    append=_APPEND,
    after=(_COMMIT, _RESPOND),
    user_item=_USER_ITEM,
    assistant_item=_assistant_item("output_text"),
    events=GA_EVENTS,
    signs=(*COMMON_SIGNS, *REALTIME_SIGNS),
)

AZURE = RealtimeDialect(
    name="azure",  # wss://RESOURCE.openai.azure.com/openai/v1/realtime; the model is the deployment's name
    query={"model": "{model}"},
    key="AZURE_OPENAI_API_KEY",
    headers={"api-key": "{key}"},
    voice="marin",
    session=_GA_SESSION,
    append=_APPEND,
    after=(_COMMIT, _RESPOND),
    user_item=_USER_ITEM,
    assistant_item=_assistant_item("output_text"),
    events=GA_EVENTS,
    signs=(*COMMON_SIGNS, *REALTIME_SIGNS),
)

OPENAI_BETA = RealtimeDialect(
    name="openai-beta",  # servers that still speak the events of the preview
    query={"model": "{model}"},
    key="OPENAI_API_KEY",
    headers={"Authorization": "Bearer {key}", "OpenAI-Beta": "realtime=v1"},
    keyless=True,
    voice="alloy",
    session={
        "type": "session.update",
        "session": {
            "modalities": ["text", "audio"],
            "instructions": Slot("instructions"),
            "voice": Slot("voice"),
            "input_audio_format": "pcm16",
            "output_audio_format": "pcm16",
            "turn_detection": None,
            "temperature": Slot("temperature"),
            "max_response_output_tokens": Slot("max_tokens"),
        },
    },
    append=_APPEND,
    after=(_COMMIT, _RESPOND),
    user_item=_USER_ITEM,
    assistant_item=_assistant_item("text"),
    events=BETA_EVENTS,
    signs=(*COMMON_SIGNS, *REALTIME_SIGNS),
)

DASHSCOPE = RealtimeDialect(
    name="dashscope",
    url="wss://dashscope.aliyuncs.com/api-ws/v1/realtime",
    query={"model": "{model}"},
    key="DASHSCOPE_API_KEY",
    model="qwen3.5-omni-plus-realtime",
    voice="Cherry",
    session={
        "type": "session.update",
        "session": {
            "modalities": ["text", "audio"],
            "instructions": Slot("instructions"),
            "voice": Slot("voice"),
            "input_audio_format": "pcm16",
            "output_audio_format": "pcm24",
            "turn_detection": None,
            "temperature": Slot("temperature"),
        },
    },
    sent=Encoding(form=PCM16, rate_hz=16000),
    append=_APPEND,
    after=(_COMMIT, _RESPOND),
    history=History.REPLAY,
    events=BETA_EVENTS,
    farewell=({"type": "session.finish"}, "session.finished"),
    signs=(*DASHSCOPE_SIGNS, *REALTIME_SIGNS),
)

ZHIPU = RealtimeDialect(
    name="zhipu",
    url="wss://open.bigmodel.cn/api/paas/v4/realtime",
    key="ZHIPU_API_KEY",
    model="glm-realtime-flash",
    greeting="",
    session={
        "type": "session.update",
        "session": {
            "model": Slot("model"),
            "instructions": Slot("instructions"),
            "input_audio_format": "wav",
            "output_audio_format": "pcm",
            "turn_detection": {"type": "client_vad"},
            "beta_fields": {"chat_mode": "audio"},
        },
    },
    sent=Encoding(form=WAV, rate_hz=16000),
    append=_APPEND,
    after=(_COMMIT, _RESPOND),
    history=History.REPLAY,
    events=BETA_EVENTS,
    signs=(*ZHIPU_SIGNS, *REALTIME_SIGNS),
)

VLLM_OMNI = RealtimeDialect(
    name="vllm-omni",  # its handler for a part of the generally available events
    url="ws://localhost:8091/v1/realtime",
    key="VLLM_API_KEY",
    keyless=True,
    query={"model": "{model}"},
    session=_GA_SESSION,
    append=_APPEND,
    after=(_COMMIT, _RESPOND),
    user_item=_USER_ITEM,
    assistant_item=_assistant_item("output_text"),
    events=GA_EVENTS,
    signs=(*COMMON_SIGNS, *REALTIME_SIGNS),
)

VLLM_OMNI_TURNS = RealtimeDialect(
    name="vllm-omni-turns",  # its older handler, one utterance at a time
    url="ws://localhost:8091/v1/realtime",
    key="VLLM_API_KEY",
    keyless=True,
    session={"type": "session.update", "model": Slot("model")},
    settled="",
    sent=Encoding(form=PCM16, rate_hz=16000),
    before=({"type": "input_audio_buffer.commit", "final": False},),
    append=_APPEND,
    after=({"type": "input_audio_buffer.commit", "final": True},),
    history=History.NONE,
    events={
        "response.audio.delta": Role.SOUND,
        "transcription.delta": Role.WORDS,
        "response.audio.done": Role.DONE,
        "error": Role.ERROR,
    },
    sound_fields=("audio", "delta"),
    rate_field="sample_rate_hz",
    signs=(*COMMON_SIGNS, *REALTIME_SIGNS),
)

DIALECTS: Mapping[str, RealtimeDialect] = {
    d.name: d for d in (OPENAI, AZURE, OPENAI_BETA, DASHSCOPE, ZHIPU, VLLM_OMNI, VLLM_OMNI_TURNS)
}
"""Dialect by its name on the card."""

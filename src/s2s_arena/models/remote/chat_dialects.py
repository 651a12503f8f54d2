"""The vendors of chat completions with audio, as data: what each wants to be asked and how each answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from s2s_arena.models.remote.failures import COMMON_SIGNS, DASHSCOPE_SIGNS, ZHIPU_SIGNS, Signs
from s2s_arena.models.remote.speech import PCM16, WAV, Encoding
from s2s_arena.models.remote.templates import Slot, Template


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatDialect:
    """One vendor's way of chat completions with audio.

    Attributes:
        name: As on the card.
        url: Base address; empty if the card must give it.
        key: Default variable of the key; empty if none is needed.
        headers: With `{key}`.
        model: Default model; empty if the card must give it.
        voice: Default voice.
        keyless: It also answers without a key.
        speaks: It answers in speech; else a voice card reads its words.
        streams: Whether it is asked to stream, unless the card says otherwise.
        only: "stream" or "whole" where there is no choice.
        body: Of the request. Slots: model, voice, format, temperature, seed, max_tokens, messages, stream.
        streamed: Further fields when streaming.
        question: The user's message. Slots: audio (base64), prompt.
        audio_prefix: Before the base64.
        sent: Encoding of what the user says.
        formats: (streaming, whole): what we ask for.
        received: Encoding of answers without a header.
        reminder: The assistant's earlier turn by its audio's id. Slots: audio_id. None if there is no such way.
        signs: What its codes mean.
    """

    name: str
    url: str = ""
    key: str = ""
    headers: Mapping[str, str] = field(default_factory=lambda: {"Authorization": "Bearer {key}"})
    model: str = ""
    voice: str | None = None
    keyless: bool = False
    speaks: bool = True
    streams: bool = True
    only: str | None = None
    body: Mapping[str, Template] = field(default_factory=dict)
    streamed: Mapping[str, Template] = field(default_factory=dict)
    question: Template = None
    audio_prefix: str = ""
    sent: Encoding = field(default_factory=lambda: Encoding(form=WAV, rate_hz=16000))
    formats: tuple[str, str] = (PCM16, WAV)
    received: Encoding = field(default_factory=Encoding)
    reminder: Template = None
    signs: Signs = COMMON_SIGNS


_AUDIO_PART: Template = {"type": "input_audio", "input_audio": {"data": Slot("audio"), "format": "wav"}}
_TEXT_PART: Template = {"type": "text", "text": Slot("prompt", whole=True)}
_QUESTION: Template = {"role": "user", "content": [_TEXT_PART, _AUDIO_PART]}

_SPOKEN: Mapping[str, Template] = {
    "model": Slot("model"),
    "modalities": ["text", "audio"],
    "audio": {"voice": Slot("voice"), "format": Slot("format")},
    "messages": Slot("messages"),
    "temperature": Slot("temperature"),
    "stream": Slot("stream"),
}

OPENAI = ChatDialect(
    name="openai",
    url="https://api.openai.com/v1",
    key="OPENAI_API_KEY",
    voice="marin",
    body={**_SPOKEN, "max_completion_tokens": Slot("max_tokens")},
    streamed={"stream_options": {"include_usage": True}},
    question=_QUESTION,
    sent=Encoding(form=WAV, rate_hz=24000),
    reminder={"role": "assistant", "audio": {"id": Slot("audio_id")}},
)

AZURE = replace(
    OPENAI,
    name="azure",  # https://RESOURCE.openai.azure.com/openai/v1; the model is the deployment's name
    url="",
    key="AZURE_OPENAI_API_KEY",
    headers={"api-key": "{key}"},
)

DASHSCOPE = ChatDialect(
    name="dashscope",
    url="https://dashscope.aliyuncs.com/compatible-mode/v1",
    key="DASHSCOPE_API_KEY",
    voice="Cherry",
    only="stream",
    body={**_SPOKEN, "max_tokens": Slot("max_tokens")},
    streamed={"stream_options": {"include_usage": True}},
    question={"role": "user", "content": [_AUDIO_PART, _TEXT_PART]},
    audio_prefix="data:;base64,",
    formats=(WAV, WAV),  # it says wav and sends samples without a header
    signs=DASHSCOPE_SIGNS,
)

ZHIPU = ChatDialect(
    name="zhipu",
    url="https://open.bigmodel.cn/api/paas/v4",
    key="ZHIPU_API_KEY",
    model="glm-4-voice",
    streams=False,
    body={
        "model": Slot("model"),
        "messages": Slot("messages"),
        "temperature": Slot("temperature"),
        "max_tokens": Slot("max_tokens"),
        "stream": Slot("stream"),
    },
    question=_QUESTION,
    received=Encoding(form=WAV, rate_hz=44100),
    reminder={"role": "assistant", "audio": {"id": Slot("audio_id")}},
    signs=ZHIPU_SIGNS,
)

VLLM_OMNI = ChatDialect(
    name="vllm-omni",
    url="http://localhost:8091/v1",
    key="VLLM_API_KEY",
    keyless=True,
    streams=False,
    only="whole",
    body={
        "model": Slot("model"),
        "modalities": ["text", "audio"],
        "messages": Slot("messages"),
        "temperature": Slot("temperature"),
        "max_tokens": Slot("max_tokens"),
        "seed": Slot("seed"),
        "stream": Slot("stream"),
    },
    question=_QUESTION,
    received=Encoding(form=WAV, rate_hz=24000),
)

VLLM = ChatDialect(
    name="vllm",
    url="http://localhost:8000/v1",
    key="VLLM_API_KEY",
    keyless=True,
    speaks=False,
    streams=False,  # a voice reads the whole
    body={
        "model": Slot("model"),
        "messages": Slot("messages"),
        "temperature": Slot("temperature"),
        "max_tokens": Slot("max_tokens"),
        "seed": Slot("seed"),
        "stream": Slot("stream"),
    },
    streamed={"stream_options": {"include_usage": True}},
    question=_QUESTION,
)

LLAMA_CPP = ChatDialect(
    name="llama-cpp",
    url="http://localhost:8080/v1",
    key="LLAMA_API_KEY",
    keyless=True,
    speaks=False,
    streams=False,  # a voice reads the whole
    body={
        "model": Slot("model"),
        "messages": Slot("messages"),
        "temperature": Slot("temperature"),
        "max_tokens": Slot("max_tokens"),
        "seed": Slot("seed"),
        "stream": Slot("stream"),
    },
    streamed={"stream_options": {"include_usage": True}},
    question=_QUESTION,
)

DIALECTS: Mapping[str, ChatDialect] = {d.name: d for d in (OPENAI, AZURE, DASHSCOPE, ZHIPU, VLLM_OMNI, VLLM, LLAMA_CPP)}
"""Dialect by its name on the card."""

"""What each vendor of OpenAI-shaped chat accepts, how it answers and how it complains, as data of the server side."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from s2s_arena.testing.servers.fields import Shape, names

_OPENAI_FIELDS = (
    "model messages modalities audio stream stream_options temperature top_p max_tokens max_completion_tokens seed n "
    "frequency_penalty presence_penalty stop user store metadata tools tool_choice response_format logprobs "
    "service_tier reasoning_effort safety_identifier prompt_cache_key"
)
_PART: Shape = {"type": None, "text": None, "input_audio": {"data": None, "format": None}}
_MESSAGE: Shape = {"role": None, "content": None, "name": None, "audio": {"id": None}, "refusal": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatVendor:
    """One vendor's rules.

    Attributes:
        name: What tests call it.
        path: Where questions are posted.
        key_header: `authorization` (Bearer) or `api-key`.
        body: Fields known at the top of a request.
        part: Fields known in one part of a message's content.
        parts: Types of parts.
        streams: `may`, `must` or `never`.
        data: How audio is written: `base64` or `data-url`.
        asks_audio: Whether audio out must be asked for by `modalities` (with `audio` for voice and format).
        formats: Audio formats of a whole answer; the first is the default.
        streamed: Audio formats that may be asked for when streaming; what is sent then is raw 16-bit PCM.
        streams_file: What is streamed is one WAV file in pieces instead.
        rate_hz: Rate of its speech.
        second_choice: The audio lies in a choice of its own, after the text.
        speaks: False for a server that only writes.
        keeps_audio: Whether an earlier spoken answer may be named by its id.
        system_prompt: The only system prompt with which it speaks, if it is like that.
        errors: How it complains: `openai`, `dashscope`, `glm` or `vllm`.
    """

    name: str
    path: str = "/v1/chat/completions"
    key_header: str = "authorization"
    body: Shape
    part: Shape = field(default_factory=lambda: _PART)
    parts: tuple[str, ...] = ("text", "input_audio")
    message: Shape = field(default_factory=lambda: _MESSAGE)
    streams: str = "may"
    data: str = "base64"
    asks_audio: bool = True
    formats: tuple[str, ...] = ("wav",)
    streamed: tuple[str, ...] = ("pcm16",)
    streams_file: bool = False
    rate_hz: int = 24000
    second_choice: bool = False
    speaks: bool = True
    keeps_audio: bool = False
    system_prompt: str | None = None
    errors: str = "openai"


_AUDIO: Shape = {"voice": None, "format": None}
_STREAM: Shape = {"include_usage": None, "include_obfuscation": None}

OPENAI = ChatVendor(
    name="openai",
    body={**names(_OPENAI_FIELDS), "audio": _AUDIO, "stream_options": _STREAM},
    formats=("wav", "mp3", "flac", "pcm16"),
    keeps_audio=True,
)
AZURE = replace(OPENAI, name="azure", path="/openai/v1/chat/completions", key_header="api-key")
DASHSCOPE = ChatVendor(
    name="dashscope",
    path="/compatible-mode/v1/chat/completions",
    body={
        **names("model messages modalities audio stream temperature top_p max_tokens seed presence_penalty"),
        **names("enable_thinking stop"),
        "audio": _AUDIO,
        "stream_options": _STREAM,
    },
    message={"role": None, "content": None},
    streams="must",
    data="data-url",
    streamed=("wav",),
    errors="dashscope",
)
GLM = ChatVendor(
    name="glm",
    path="/api/paas/v4/chat/completions",
    body=names("model messages max_tokens stream temperature top_p do_sample stop request_id user_id"),
    streams_file=True,
    asks_audio=False,
    rate_hz=44100,
    keeps_audio=True,
    errors="glm",
)
VLLM_OMNI = ChatVendor(
    name="vllm-omni",
    body={
        **names("model messages modalities temperature top_p max_tokens max_completion_tokens seed stream n"),
        **names("sampling_params_list mm_processor_kwargs stop"),
    },
    part={**_PART, "audio_url": {"url": None}},
    parts=("text", "input_audio", "audio_url"),
    message={"role": None, "content": None},
    streams="never",
    second_choice=True,
    errors="vllm",
)
VLLM = ChatVendor(
    name="vllm",
    body={
        **names("model messages temperature top_p max_tokens max_completion_tokens seed stream n stop"),
        "stream_options": _STREAM,
    },
    message={"role": None, "content": None},
    asks_audio=False,
    speaks=False,
    errors="vllm",
)
LLAMA_CPP = ChatVendor(
    name="llama-cpp",
    body=names("model messages temperature top_p max_tokens seed stream stop cache_prompt stream_options"),
    message={"role": None, "content": None},
    asks_audio=False,
    speaks=False,
)

VENDORS: Mapping[str, ChatVendor] = {v.name: v for v in (OPENAI, AZURE, DASHSCOPE, GLM, VLLM_OMNI, VLLM, LLAMA_CPP)}


def error_body(style: str, status: int, message: str, *, code: str | None, param: str | None) -> object:
    """The body of an error as that vendor writes it."""
    kind = {401: "authentication_error", 429: "rate_limit_error", 500: "server_error"}.get(status, "invalid_request")
    if style == "glm":
        numbers = {401: "1002", 429: "1302", 500: "500", 400: "1210"}
        return {"error": {"code": "1301" if code == "content_filter" else numbers[status], "message": message}}
    if style == "vllm":
        kind = {401: "Unauthorized", 400: "BadRequestError", 429: "TooManyRequests", 500: "InternalServerError"}[status]
        return {"error": {"message": message, "type": kind, "param": param, "code": status}}
    if style == "dashscope":
        codes = {401: "invalid_api_key", 429: "limit_requests", 500: "internal_error"}
        name = "data_inspection_failed" if code == "content_filter" else codes.get(status, "invalid_parameter_error")
        kind = "invalid_request_error" if status < 429 else name
        return {"error": {"message": message, "type": kind, "param": None, "code": name}, "request_id": "loopback"}
    kind = {429: "requests", 500: "server_error"}.get(status, "invalid_request_error")
    codes = {401: "invalid_api_key", 429: "rate_limit_exceeded"}
    return {"error": {"message": message, "type": kind, "param": param, "code": code or codes.get(status)}}

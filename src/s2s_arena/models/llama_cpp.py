"""Local minds by llama.cpp: chat replies, JSON by schema, log-odds of a first word, and vectors of texts."""

import json
import math
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from s2s_arena.errors import CardError, InputError
from s2s_arena.models import settings as read
from s2s_arena.models import weights
from s2s_arena.models.parts import Parts
from s2s_arena.protocols import Message
from s2s_arena.records.systems import Setting

_CANDIDATES = 40  # first tokens looked at for log-odds
_BASE_MODELS = frozenset({"gemma-3-270m"})  # no chat training: they continue a written dialogue

_DIALOGUE = (
    "A friendly helper answers spoken questions in one short sentence.\n\n"
    "User: How many days are there in a week?\nAssistant: There are seven days in a week.\n\n"
    "User: 猫喜欢吃什么？\nAssistant: 猫喜欢吃鱼和肉。\n\n"
)


class LlamaCpp:
    """One loaded GGUF model; one call at a time, from any thread.

    The same prompt, seed and temperature give the same text on the same machine, save that a cached prompt
    prefix may move the last bits of a probability.

    Args:
        path: The GGUF file.
        name: Its name, for the identity.
        threads: Threads for one call.
        context: Tokens of prompt and reply together.
        template: chat (the model's own chat template) or plain (a written dialogue, for base models).
        cache: Whether a prompt's prefix is kept for the next call. Without it every call is computed alike, whatever
            came before: slower, and the same to the last bit.
    """

    def __init__(
        self,
        path: Path,
        *,
        name: str,
        threads: int,
        context: int = 3072,
        template: str = "chat",
        cache: bool = True,
    ) -> None:
        import xllamacpp  # noqa: PLC0415 - optional dependencies are imported where used

        params: Any = xllamacpp.CommonParams()
        params.model.path = str(path)
        params.n_ctx = context
        params.n_parallel = 1
        params.n_gpu_layers = 0
        params.n_batch = 512
        params.cpuparams.n_threads = threads
        params.cpuparams_batch.n_threads = threads
        params.cache_prompt = cache
        params.cache_ram_mib = 0  # the slot keeps its own prefix; the default holds 8 GiB of old prompts
        # Lets it give vectors beside replies; replies and their probabilities are the same with and without.
        params.embedding = True
        params.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_LAST
        params.embd_normalize = 2  # Euclidean length 1
        params.warmup = False
        params.ui = False
        params.offline = True
        params.verbosity = -1
        self._server: Any = xllamacpp.Server(params)
        self._name = name
        self._context = context
        self._template = template
        self._lock = threading.Lock()

    @property
    def identity(self) -> str:
        """Name and how it is asked."""
        return f"llama-cpp/{self._name}/{self._template}/1"

    def write(
        self,
        messages: Sequence[Message],
        *,
        seed: int,
        temperature: float = 0.0,
        max_tokens: int = 256,
        schema: Mapping[str, object] | None = None,
    ) -> str:
        """The reply without surrounding white space; may be empty, and is cut at `max_tokens`.

        Raises:
            InputError: The messages do not fit into the context.
        """
        options: dict[str, object] = {"temperature": temperature, "seed": seed % 2**31, "max_tokens": max_tokens}
        if temperature > 0:
            options |= {"top_p": 0.95, "repeat_penalty": 1.1}
        if self._template == "chat":
            if schema is not None:
                options["response_format"] = {
                    "type": "json_schema",
                    "json_schema": {"name": "reply", "schema": dict(schema)},
                }
            choice = self._chat(messages, options)
            return str(choice["message"]["content"] or "").strip()
        if schema is not None:
            options["json_schema"] = dict(schema)
        else:
            options["stop"] = ["\n", "User:", "Assistant:"]
        return str(self._complete(messages, options)["text"]).strip()

    def log_odds(self, messages: Sequence[Message], *, yes: str, no: str) -> float:
        """Log-probability of starting the reply with `yes` minus that of `no`, in nats.

        Spellings that differ in case or by a leading blank count together. What is not among the forty likeliest
        tokens counts as a little less likely than the last of them.
        """
        options: dict[str, object] = {"temperature": 0.0, "seed": 0, "max_tokens": 1}
        if self._template == "chat":
            choice = self._chat(messages, options | {"logprobs": True, "top_logprobs": _CANDIDATES})
        else:
            choice = self._complete(messages, options | {"n_probs": _CANDIDATES})
        first = choice["logprobs"]["content"][0]["top_logprobs"]
        seen = [(str(token["token"]), float(token["logprob"])) for token in first]
        floor = min(value for _, value in seen) - 1.0
        return starting(seen, yes, no, floor) - starting(seen, no, yes, floor)

    def vector(self, text: str) -> NDArray[np.float32]:
        """What the mind has in mind after the text's last token: shape (dimensions,), length 1.

        Raises:
            InputError: The text does not fit into the context.
        """
        reply = self._handled("handle_embeddings", {"input": text})
        try:
            return np.asarray(reply["data"][0]["embedding"], dtype=np.float32)
        except (KeyError, IndexError, TypeError):
            raise self._refused(reply) from None

    def _chat(self, messages: Sequence[Message], options: Mapping[str, object]) -> Any:
        chat = [{"role": message.role, "content": message.content} for message in messages]
        return self._ask("handle_chat_completions", {"messages": chat, **options})

    def _complete(self, messages: Sequence[Message], options: Mapping[str, object]) -> Any:
        return self._ask("handle_completions", {"prompt": _dialogue(messages), **options})

    def _ask(self, method: str, body: Mapping[str, object]) -> Any:
        reply = self._handled(method, body)
        if not isinstance(reply, dict) or not reply.get("choices"):
            raise self._refused(reply)
        return reply["choices"][0]

    def _handled(self, method: str, body: Mapping[str, object]) -> Any:
        try:
            with self._lock:
                return getattr(self._server, method)(dict(body))
        except RuntimeError as error:
            raise InputError(f"mind {self._name}: {_one_line(str(error))}; shorten the prompt") from error

    def _refused(self, reply: object) -> InputError:
        return InputError(f"mind {self._name}: {_one_line(json.dumps(reply))}; context is {self._context} tokens")


def build(settings: Mapping[str, Setting], parts: Parts) -> LlamaCpp:
    """A mind from a card or from `{"weights": name}`.

    Settings: weights (a set or a GGUF file), threads, context, template (chat | plain), cache (true | false).
    """
    read.check_keys("llama-cpp", settings, known=frozenset({"weights", "threads", "context", "template", "cache"}))
    name = read.text(settings, "weights")
    template = read.text(settings, "template", "plain" if name in _BASE_MODELS else "chat")
    if template not in ("chat", "plain"):
        raise CardError(f"settings.template: {template} given, chat or plain needed")
    return LlamaCpp(
        weights.model_file(name, parts.cache, base=parts.folder),
        name=name,
        threads=read.threads(settings),
        context=int(read.number(settings, "context", 3072)),
        template=template,
        cache=read.flag(settings, "cache", True),
    )


def _dialogue(messages: Sequence[Message]) -> str:
    lines = [_DIALOGUE]
    for message in messages:
        content = " ".join(message.content.split())
        if message.role == "user":
            lines.append(f"User: {content}\nAssistant:")
        elif message.role == "assistant":
            lines.append(f" {content}\n\n")
    text = "".join(lines)
    return text if text.endswith("Assistant:") else text + "Assistant:"


def starting(seen: Sequence[tuple[str, float]], word: str, other: str, floor: float) -> float:
    """Log-probability, in nats, that a reply starts with the word and not with the other one.

    Args:
        seen: First tokens with their log-probabilities; a token may be a beginning of the word.
        word: Case and blanks around it do not matter.
        other: What the word is told from.
        floor: For a word that none of the tokens begins.
    """
    word, other = word.strip().lower(), other.strip().lower()
    total = 0.0
    for token, log_probability in seen:
        start = token.strip().lower()
        if start and word.startswith(start) and not other.startswith(start):
            total += math.exp(log_probability)
    return math.log(total) if total > 0 else floor


def _one_line(text: str) -> str:
    return " ".join(text.split())[:200]

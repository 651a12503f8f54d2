"""A text mind behind any OpenAI-compatible chat completions endpoint."""

import json
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from s2s_arena.errors import CardError, EmptyAnswer, InfrastructureError
from s2s_arena.models import settings as read
from s2s_arena.models.llama_cpp import starting
from s2s_arena.models.parts import Parts
from s2s_arena.models.remote import endpoint as remote
from s2s_arena.models.remote.exchange import Clients, posted
from s2s_arena.models.remote.found import at, objects_at, text_at
from s2s_arena.models.remote.templates import Json
from s2s_arena.protocols import Message
from s2s_arena.records.systems import Setting

KEY = "OPENAI_API_KEY"
SCHEMAS = ("json_schema", "json_object", "none")
"""How a schema is asked for: enforced by the server, JSON of any form, or in words alone."""

_SETTINGS = frozenset({"url", "model", "key_env", "timeout_s", "patience_s", "connect_s", "schema", "seeds", "extra"})
_CANDIDATES = 20  # the most log-probabilities that such endpoints give


class RemoteWriter:
    """Implements `protocols.Writer` by chat completions.

    Args:
        endpoint: Where it is.
        model: Its name there.
        schema: One of `SCHEMAS`.
        sends_seed: Whether the seed is sent; some servers refuse the field.
        extra: Further fields of the request.
    """

    def __init__(
        self,
        endpoint: remote.Endpoint,
        *,
        model: str,
        schema: str = "json_schema",
        sends_seed: bool = True,
        extra: Mapping[str, Json] | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._model = model
        self._schema = schema
        self._sends_seed = sends_seed
        self._extra = dict(extra or {})
        self._clients = Clients()

    @property
    def identity(self) -> str:
        """Model, host and how a schema is asked for."""
        host = urlsplit(self._endpoint.url).netloc
        return f"openai-text/1({self._model}, {host}, {self._schema})"

    def write(
        self,
        messages: Sequence[Message],
        *,
        seed: int,
        temperature: float = 0.0,
        max_tokens: int = 256,
        schema: Mapping[str, object] | None = None,
    ) -> str:
        """The reply without surrounding white space, and without a Markdown fence if JSON was asked for.

        Raises:
            EmptyAnswer: It wrote nothing.
            TimedOut, Refused, AccessError, InfrastructureError: As `exchange.posted`.
        """
        form: dict[str, Json] = {}
        if schema is not None and self._schema == "json_schema":
            wanted = {"name": "reply", "schema": json.loads(json.dumps(schema)), "strict": True}
            form = {"response_format": {"type": "json_schema", "json_schema": wanted}}
        elif schema is not None and self._schema == "json_object":
            form = {"response_format": {"type": "json_object"}}
        value = self._ask(messages, {"temperature": temperature, "max_tokens": max_tokens, **form}, seed=seed)
        text = (text_at(value, "choices", 0, "message", "content") or "").strip()
        if not text:
            raise EmptyAnswer(f"{self._endpoint.name}: it wrote nothing")
        return _unfenced(text) if schema is not None else text

    def log_odds(self, messages: Sequence[Message], *, yes: str, no: str) -> float:
        """Log-probability of starting the reply with `yes` minus that of `no`, in nats, among its likeliest tokens.

        Raises:
            InfrastructureError: It tells no log-probabilities; others as for `write`.
        """
        options: dict[str, Json] = {
            "temperature": 0.0, "max_tokens": 1, "logprobs": True, "top_logprobs": _CANDIDATES,
        }  # fmt: skip
        value = self._ask(messages, options, seed=0)
        seen = [
            (token, float(chance))
            for found in objects_at(value, "choices", 0, "logprobs", "content", 0, "top_logprobs")
            if (token := text_at(found, "token")) is not None
            and isinstance(chance := at(found, "logprob"), (int, float))
        ]
        if not seen:
            raise InfrastructureError(f"{self._endpoint.name}: no log-probabilities came; use another model or server")
        floor = min(chance for _, chance in seen) - 1.0
        return starting(seen, yes, no, floor) - starting(seen, no, yes, floor)

    def _ask(self, messages: Sequence[Message], options: Mapping[str, Json], *, seed: int) -> Mapping[str, object]:
        chat: list[Json] = [{"role": message.role, "content": message.content} for message in messages]
        body: dict[str, Json] = {"model": self._model, "messages": chat, **options}
        if self._sends_seed:
            body["seed"] = seed
        deadline = self._endpoint.deadline()
        with posted(
            self._clients,
            self._endpoint,
            url=f"{self._endpoint.address().rstrip('/')}/chat/completions",
            content=json.dumps({**body, **self._extra}, ensure_ascii=False).encode(),
            content_type="application/json",
            deadline=deadline,
        ) as reply:
            return reply.value()


def build(settings: Mapping[str, Setting], parts: Parts) -> RemoteWriter:
    """A writer from settings: url, model, key_env (empty: no key), schema, seeds, extra, timeout_s, patience_s."""
    read.check_keys("openai-text", settings, known=_SETTINGS)
    model = read.text(settings, "model")
    schema = read.text(settings, "schema", SCHEMAS[0])
    if schema not in SCHEMAS:
        raise CardError(f"settings.schema: {schema!r} given, one of {', '.join(SCHEMAS)} needed")
    return RemoteWriter(
        remote.endpoint(
            settings,
            name=f"writer {model}",
            url="",
            transport="http",
            secrets={"key": KEY},
            headers={"Authorization": "Bearer {key}"},
            keyless=True,
        ),
        model=model,
        schema=schema,
        sends_seed=read.flag(settings, "seeds", True),
        extra=remote.extra(settings),
    )


def _unfenced(text: str) -> str:
    """Without the Markdown fence that chat models put around JSON."""
    if text.startswith("```") and text.endswith("```") and "\n" in text:
        return text.split("\n", 1)[1].removesuffix("```").strip()
    return text

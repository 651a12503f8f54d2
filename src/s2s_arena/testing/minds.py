"""A text mind and an audio model that reply by script."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from s2s_arena.protocols import Message, SpokenPrompt


def _echo(messages: Sequence[Message]) -> str:
    return messages[-1].content if messages else ""


def _indifferent(messages: Sequence[Message]) -> float:
    return 0.0


@dataclass
class ScriptedWriter:
    """Implements `protocols.Writer`.

    Attributes:
        replies: Given one after the other, the last one for ever; an exception is raised. Without any, `rule` decides.
        rule: The reply to messages; by default the last message again.
        odds: Log-odds of yes for messages, in nats; by default 0.
        asked: All messages it was given.
    """

    replies: Sequence[str | Exception] = ()
    rule: Callable[[Sequence[Message]], str] = _echo
    odds: Callable[[Sequence[Message]], float] = _indifferent
    asked: list[tuple[Message, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._given = 0

    @property
    def identity(self) -> str:
        return "scripted-mind/1"

    def write(
        self,
        messages: Sequence[Message],
        *,
        seed: int,
        temperature: float = 0.0,
        max_tokens: int = 256,
        schema: Mapping[str, object] | None = None,
    ) -> str:
        with self._lock:
            self.asked.append(tuple(messages))
            place = min(self._given, len(self.replies) - 1)
            self._given += 1
        if not self.replies:
            return self.rule(messages)
        return _given(self.replies[place])

    def log_odds(self, messages: Sequence[Message], *, yes: str, no: str) -> float:
        with self._lock:
            self.asked.append(tuple(messages))
        return self.odds(messages)


@dataclass
class ScriptedListener:
    """Implements `protocols.Listener`: replies by script to what it hears.

    Attributes:
        replies: Given one after the other, the last one for ever; an exception is raised.
        heard: All prompts it was given.
    """

    replies: Sequence[str | Exception] = ("{}",)
    heard: list[SpokenPrompt] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()

    @property
    def identity(self) -> str:
        return "scripted-listener/1"

    def reply(self, prompt: SpokenPrompt, *, schema: Mapping[str, object] | None = None) -> str:
        with self._lock:
            place = min(len(self.heard), len(self.replies) - 1)
            self.heard.append(prompt)
        return _given(self.replies[place])


def _given(reply: str | Exception) -> str:
    if isinstance(reply, Exception):
        raise reply
    return reply

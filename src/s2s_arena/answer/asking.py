"""Asks one system one thing: whatever happens becomes an answer or a failure, and the run goes on."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from s2s_arena.answer.deadlines import call_within
from s2s_arena.answer.validation import examine
from s2s_arena.errors import (
    AudioError,
    EmptyAnswer,
    InfrastructureError,
    MissingError,
    Refused,
    SystemFailure,
    TimedOut,
)
from s2s_arena.protocols import Answer, Conversant, Request
from s2s_arena.records.responses import Failure, FailureKind
from s2s_arena.retries import backoff_s, may_pass

_KINDS: tuple[tuple[type[SystemFailure], FailureKind], ...] = (
    (Refused, FailureKind.REFUSED),
    (EmptyAnswer, FailureKind.EMPTY),
    (TimedOut, FailureKind.TIMED_OUT),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """How network faults are retried; a system's own failures never are.

    A fault is met by `attempts` in all, after 1, 2, 4 ... s. One that says how long to wait (429, 503 with
    Retry-After) is met by up to `limited_attempts`, each no earlier than it asks; if it asks for more than
    `longest_asked_s` the turn is left to the next run. `sleep` waits instead of the feed: for tests.
    """

    attempts: int = 4
    limited_attempts: int = 8
    first_wait_s: float = 1.0
    longest_wait_s: float = 60.0
    longest_asked_s: float = 900.0
    sleep: Callable[[float], None] | None = None

    def again_after_s(self, error: InfrastructureError, *, attempts: int) -> float | None:
        """Seconds to wait before asking again after so many attempts; None if it is not worth it."""
        asked = error.retry_after_s
        most = self.attempts if asked is None else max(self.attempts, self.limited_attempts)
        if not may_pass(error) or attempts >= most:
            return None
        if asked is not None:
            return asked if asked <= self.longest_asked_s else None
        return backoff_s(attempts, first_s=self.first_wait_s, longest_s=self.longest_wait_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What one question led to. An answer that is silent comes with its failure, so that it can be heard."""

    answer: Answer | None = None
    failure: Failure | None = None
    flags: tuple[str, ...] = ()
    total_s: float | None = None
    again_after_s: float | None = None  # the failure is not final: ask once more, after so long
    hedged: bool = False  # it was asked twice
    adapter: str = ""  # who answered: the loaded system's identity


def ask(
    system: Conversant,
    request: Request,
    *,
    timeout_s: float,
    retries: Retries,
    attempts: int = 1,
    hedge_after_s: float | None = None,
) -> Reply:
    """The system's answer, checked, or why there is none. It is asked once; whether again is in the reply.

    `SystemFailure` kinds keep their kind; audio that cannot be decoded is BROKEN; any other exception is CRASHED;
    `InfrastructureError` is INFRASTRUCTURE.

    Args:
        system: Who is asked.
        request: What.
        timeout_s: How long it has.
        retries: When a network fault is worth asking again.
        attempts: How often it has been asked, with this time.
        hedge_after_s: Ask a second time beside the first if that has not answered by then.

    Raises:
        MissingError: Something is not installed here; no further question would fare better.
    """
    began = time.perf_counter()
    outcome = call_within(lambda: system.answer(request), timeout_s, hedge_after_s=hedge_after_s)
    elapsed = time.perf_counter() - began
    again_after_s: float | None = None

    def reply(kind: FailureKind, message: str, heard: Answer | None = None) -> Reply:
        failure = Failure(kind=kind, message=message, attempts=attempts)
        return Reply(answer=heard, failure=failure, total_s=elapsed, again_after_s=again_after_s, hedged=outcome.hedged)

    match outcome.raised:
        case None:
            pass
        case InfrastructureError() as error:
            again_after_s = retries.again_after_s(error, attempts=attempts)
            return reply(FailureKind.INFRASTRUCTURE, _one_line(error))
        case SystemFailure() as error:
            kind = next((kind for cls, kind in _KINDS if isinstance(error, cls)), FailureKind.CRASHED)
            return reply(kind, _one_line(error))
        case AudioError() as error:
            return reply(FailureKind.BROKEN, _one_line(error))
        case MissingError() as error:
            raise error
        case Exception() as error:  # a system may raise anything; it becomes a record and the run goes on
            return reply(FailureKind.CRASHED, _one_line(error))
        case error:
            raise error
    answer = outcome.result
    if not isinstance(answer, Answer):
        return reply(FailureKind.BROKEN, f"the adapter returned {type(answer).__name__}, not an Answer")
    finding = examine(answer.speech)
    if finding.failure is None:
        return Reply(answer=answer, flags=finding.flags, total_s=elapsed, hedged=outcome.hedged)
    return reply(finding.failure, finding.message, answer if finding.failure is FailureKind.SILENT else None)


def _one_line(error: BaseException) -> str:
    text = " ".join(str(error).split())[:300]
    return (
        text if isinstance(error, (SystemFailure, InfrastructureError)) and text else f"{type(error).__name__}: {text}"
    )

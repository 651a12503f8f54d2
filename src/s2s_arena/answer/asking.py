"""Asks one system one thing: whatever happens becomes an answer or a failure, and the run goes on."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    retry_if_not_exception_type,
    stop_after_attempt,
)

from s2s_arena.answer.deadlines import call_within
from s2s_arena.answer.validation import examine
from s2s_arena.errors import (
    AudioError,
    EmptyAnswer,
    InfrastructureError,
    MissingError,
    Refused,
    RequestRejected,
    SystemFailure,
    TimedOut,
)
from s2s_arena.protocols import Answer, Conversant, Request
from s2s_arena.records.responses import Failure, FailureKind

_KINDS: tuple[tuple[type[SystemFailure], FailureKind], ...] = (
    (Refused, FailureKind.REFUSED),
    (EmptyAnswer, FailureKind.EMPTY),
    (TimedOut, FailureKind.TIMED_OUT),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """How network faults are retried: `attempts` in all, waiting 1, 2, 4 ... s, or as long as the other side asks."""

    attempts: int = 4
    first_wait_s: float = 1.0
    longest_wait_s: float = 60.0
    sleep: Callable[[float], None] = field(default=time.sleep)

    def wait_s(self, state: RetryCallState) -> float:
        """Seconds before the next attempt."""
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after_s if isinstance(error, InfrastructureError) else None
        backoff = self.first_wait_s * 2.0 ** (state.attempt_number - 1)
        return min(self.longest_wait_s, backoff if asked is None else asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What one question led to. An answer that is silent comes with its failure, so that it can be heard."""

    answer: Answer | None = None
    failure: Failure | None = None
    flags: tuple[str, ...] = ()
    total_s: float | None = None


def ask(system: Conversant, request: Request, *, timeout_s: float, retries: Retries) -> Reply:
    """The system's answer, checked, or why there is none.

    `SystemFailure` kinds keep their kind; audio that cannot be decoded is BROKEN; any other exception is CRASHED;
    `InfrastructureError` is retried, then INFRASTRUCTURE; `RequestRejected` at once, as asking again would not help.

    Raises:
        MissingError: Something is not installed here; no further question would fare better.
    """
    attempts = 0
    began = 0.0

    def attempt() -> Answer:
        nonlocal attempts, began
        attempts += 1
        began = time.perf_counter()
        return call_within(lambda: system.answer(request), timeout_s)

    def failed(kind: FailureKind, error: BaseException) -> Reply:
        elapsed = time.perf_counter() - began
        return Reply(failure=Failure(kind=kind, message=_one_line(error), attempts=attempts), total_s=elapsed)

    again = Retrying(
        retry=retry_if_exception_type(InfrastructureError) & retry_if_not_exception_type(RequestRejected),
        stop=stop_after_attempt(retries.attempts),
        wait=retries.wait_s,
        sleep=retries.sleep,
        reraise=True,
    )
    try:
        answer = again(attempt)
    except InfrastructureError as error:
        return failed(FailureKind.INFRASTRUCTURE, error)
    except SystemFailure as error:
        return failed(next((kind for cls, kind in _KINDS if isinstance(error, cls)), FailureKind.CRASHED), error)
    except AudioError as error:
        return failed(FailureKind.BROKEN, error)
    except MissingError:
        raise
    except Exception as error:  # noqa: BLE001  a system may raise anything; it becomes a record and the run goes on
        return failed(FailureKind.CRASHED, error)
    elapsed = time.perf_counter() - began
    if not isinstance(answer, Answer):
        message = f"the adapter returned {type(answer).__name__}, not an Answer"
        return Reply(failure=Failure(kind=FailureKind.BROKEN, message=message, attempts=attempts), total_s=elapsed)
    finding = examine(answer.speech)
    if finding.failure is None:
        return Reply(answer=answer, flags=finding.flags, total_s=elapsed)
    heard = answer if finding.failure is FailureKind.SILENT else None
    failure = Failure(kind=finding.failure, message=finding.message, attempts=attempts)
    return Reply(answer=heard, failure=failure, total_s=elapsed)


def _one_line(error: BaseException) -> str:
    text = " ".join(str(error).split())[:300]
    return (
        text if isinstance(error, (SystemFailure, InfrastructureError)) and text else f"{type(error).__name__}: {text}"
    )

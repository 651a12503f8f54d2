"""What the other side's refusals mean: the one place where status codes, vendor codes and closures become errors."""

import email.utils
import json
import math
import re
from collections.abc import Mapping, Sequence
from enum import StrEnum

from s2s_arena.errors import AccessError, ArenaError, EmptyAnswer, InfrastructureError, Refused, RequestRejected


class Meaning(StrEnum):
    """What a failure says about who is at fault and whether asking again can help."""

    REFUSED = "refused"  # the system will not answer this: recorded, it loses
    EMPTY = "empty"  # the system says that it heard nothing
    ACCESS = "access"  # key, quota or model: no further request would fare better
    WAIT = "wait"  # overload, limits, faults: ask again later
    REJECTED = "rejected"  # the request as we put it: never rated, asking again does not help


Signs = Sequence[tuple[str, Meaning]]
"""(words, meaning): the first whose words occur in code, type or message, in any case, decides."""

COMMON_SIGNS: Signs = (
    ("content_filter", Meaning.REFUSED),
    ("content_policy", Meaning.REFUSED),
    ("moderation_blocked", Meaning.REFUSED),
    ("insufficient_quota", Meaning.ACCESS),
    ("invalid_api_key", Meaning.ACCESS),
    ("incorrect api key", Meaning.ACCESS),
    ("model_not_found", Meaning.ACCESS),
    ("rate_limit", Meaning.WAIT),
    ("server_error", Meaning.WAIT),
    ("overloaded", Meaning.WAIT),
    ("session_expired", Meaning.WAIT),
)

DASHSCOPE_SIGNS: Signs = (
    ("data_inspection_failed", Meaning.REFUSED),
    ("datainspectionfailed", Meaning.REFUSED),
    ("arrearage", Meaning.ACCESS),
    ("invalidapikey", Meaning.ACCESS),
    ("modelnotfound", Meaning.ACCESS),
    ("accessdenied", Meaning.ACCESS),
    ("throttling", Meaning.WAIT),
    ("internalerror", Meaning.WAIT),
    *COMMON_SIGNS,
)

ZHIPU_SIGNS: Signs = (
    *((f"code {number} ", Meaning.ACCESS) for number in ("1000", "1001", "1002", "1003", "1004", "1113", "1211")),
    ("code 1301 ", Meaning.REFUSED),
    *((f"code {number} ", Meaning.WAIT) for number in ("1302", "1303", "1305", "500")),
    *COMMON_SIGNS,
)

GEMINI_SIGNS: Signs = (
    ("api key", Meaning.ACCESS),
    ("permission_denied", Meaning.ACCESS),
    ("is not found for api version", Meaning.ACCESS),
    ("resource_exhausted", Meaning.WAIT),
    ("quota", Meaning.WAIT),
    ("unavailable", Meaning.WAIT),
    *COMMON_SIGNS,
)

DOUBAO_SIGNS: Signs = (
    ("code 45000002 ", Meaning.EMPTY),
    ("code 45000003 ", Meaning.EMPTY),
    *((f"code {number} ", Meaning.WAIT) for number in ("55000001", "55000030", "55002070")),
    *COMMON_SIGNS,
)


_AGAIN = re.compile(
    r"\b(?:try again|retry) (?:in|after) (\d{1,6}(?:\.\d{1,9})?) ?(ms|s|m)(?:econds?|inutes?)?\b", re.IGNORECASE
)
_UNITS_S: Mapping[str, float] = {"ms": 0.001, "s": 1.0, "m": 60.0}


def failure(
    message: str,
    *,
    who: str,
    code: str = "",
    status: int | None = None,
    retry_after_s: float | None = None,
    signs: Signs = COMMON_SIGNS,
    otherwise: Meaning = Meaning.WAIT,
) -> ArenaError:
    """The error that a refusal stands for.

    Signs decide first, then the HTTP status: 401, 402, 403 and 404 are access; 408, 409, 425, 429 and from 500 up are
    to be tried again; any other from 400 up is a request that was not accepted.

    Args:
        message: The other side's words.
        who: Which system, for the message.
        code: The vendor's code and type.
        status: Of HTTP, where there is one.
        retry_after_s: How long it asks us to wait.
        signs: The vendor's codes.
        otherwise: Without sign and status.
    """
    said = " ".join(message.split())[:240] or "no reason given"
    place = " ".join(part for part in (f"HTTP {status}" if status else "", code) if part)
    text = f"{who}: {place}: {said}" if place else f"{who}: {said}"
    meaning = _sign(f"code {code} {message}".lower(), signs) or _status(status) or otherwise
    match meaning:
        case Meaning.REFUSED:
            return Refused(text)
        case Meaning.EMPTY:
            return EmptyAnswer(text)
        case Meaning.ACCESS:
            return AccessError(f"{text}; check the key, the quota and settings.model")
        case Meaning.REJECTED:
            return RequestRejected(text)
        case Meaning.WAIT:
            asked_s = retry_after_s if retry_after_s is not None else _asked_s(message)
            return InfrastructureError(text, retry_after_s=asked_s)


def told(body: bytes | str) -> tuple[str, str]:
    """(code, message) of an error body: JSON in any of the vendors' shapes, or plain text."""
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return "", re.sub(r"<[^>]*>", " ", text)
    return told_by(value) if isinstance(value, Mapping) else ("", text)


def told_by(value: Mapping[str, object]) -> tuple[str, str]:
    """(code, message) of an error object, or of the object that holds one under `error`."""
    inner = value.get("error", value)
    if not isinstance(inner, Mapping):
        return "", str(inner)
    names = (inner.get(key) for key in ("code", "type", "status", "status_code"))
    code = " ".join(dict.fromkeys(str(name) for name in names if name is not None))
    return code, str(inner.get("message") or inner.get("detail") or value.get("message") or "")


def retry_after(headers: Mapping[str, str], *, now_s: float) -> float | None:
    """Seconds that the other side asks us to wait (RFC 9110, 10.2.3, or `retry-after-ms`); None if it does not.

    Args:
        headers: Of the response, names in any case.
        now_s: The present as seconds since 1970, to which a date is compared.
    """
    low = {name.lower(): value.strip() for name, value in headers.items()}
    for name, unit_s in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        value = low.get(name)
        if value is None:
            continue
        seconds = float(value) * unit_s if _is_number(value) else _until(value, now_s)
        if seconds is not None and math.isfinite(seconds):
            return max(0.0, seconds)
    return None


def _asked_s(message: str) -> float | None:
    """Seconds to wait where they stand in the words alone, as events on a websocket have no headers."""
    found = _AGAIN.search(message)
    return float(found.group(1)) * _UNITS_S[found.group(2).lower()] if found else None


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def _until(date: str, now_s: float) -> float | None:
    parsed = email.utils.parsedate_tz(date)
    try:
        return None if parsed is None else email.utils.mktime_tz(parsed) - now_s
    except (ValueError, OverflowError):  # a date that no calendar has
        return None


def _sign(text: str, signs: Signs) -> Meaning | None:
    return next((meaning for words, meaning in signs if words in text), None)


def _status(status: int | None) -> Meaning | None:
    if status is None or status < 400:
        return None
    if status in (401, 402, 403, 404):
        return Meaning.ACCESS
    if status in (408, 409, 425, 429) or status >= 500:
        return Meaning.WAIT
    return Meaning.REJECTED

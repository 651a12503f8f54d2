"""Names and content hashes: what makes two things the same."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from enum import Enum
from typing import NewType

SampleId = NewType("SampleId", str)
SuiteName = NewType("SuiteName", str)
SuiteHash = NewType("SuiteHash", str)
SystemName = NewType("SystemName", str)
JudgeName = NewType("JudgeName", str)
StudyName = NewType("StudyName", str)
MatchId = NewType("MatchId", str)
TakeId = NewType("TakeId", str)
ResponseKey = NewType("ResponseKey", str)
AudioHash = NewType("AudioHash", str)

RULE_FAILURE = JudgeName("rule:failure")
"""The judge that decides when one of two takes is a failure."""


# json.dumps would make one for every value.
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
_SCALARS = frozenset({str, int, float, bool, type(None)})
_FIELDS: dict[
    type, tuple[str, ...]
] = {}  # of the dataclasses met so far: asking for them takes longer than reading them


def _plain(value: object) -> object:
    kind = type(value)
    # Most values are these; keys of 100,000 responses are taken whenever a run begins.
    if kind in _SCALARS:
        return value
    if kind is list or kind is tuple:
        return [v if type(v) in _SCALARS else _plain(v) for v in value]  # type: ignore[attr-defined]  # by its kind
    names = _FIELDS.get(kind)
    if names is not None:
        return {n: v if type(v := getattr(value, n)) in _SCALARS else _plain(v) for n in names}
    if isinstance(value, Enum):
        return value.value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        _FIELDS[kind] = tuple(f.name for f in dataclasses.fields(value))
        return _plain(value)
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if isinstance(value, (set, frozenset)):
        return sorted(str(_plain(v)) for v in value)
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    raise TypeError(f"{type(value).__name__} has no canonical form")


def canonical_json(value: object) -> str:
    """One text for one value: sorted keys, no white space, finite numbers only.

    Raises:
        TypeError: The value holds something that is no record, mapping, sequence, enum or scalar.
        ValueError: A number is NaN or infinite.
    """
    return _ENCODER.encode(_plain(value))


def content_hash(*parts: object) -> str:
    """SHA-256 (64 hex digits) of the canonical JSON of the parts."""
    return hashlib.sha256(canonical_json(list(parts)).encode()).hexdigest()


def joined_hash(*texts: str) -> str:
    """`content_hash` of parts whose canonical JSON is at hand."""
    return hashlib.sha256(f"[{','.join(texts)}]".encode()).hexdigest()

"""What pages send, in types that refuse everything else."""

import json
from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from s2s_arena.records.studies import Criterion, Outcome

Key = Annotated[str, Field(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")]
AssignmentId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Second = Annotated[float, Field(ge=0.0, le=3600.0, allow_inf_nan=False)]
Spans = Annotated[list[tuple[Second, Second]], Field(max_length=200)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Heard(_Body):
    """Intervals of each clip that were played, in seconds."""

    instruction: Spans = []
    first: Spans = []
    second: Spans = []


class HeardBody(_Body):
    """What was heard so far for one assignment."""

    assignment: AssignmentId
    heard: Heard


class VoteBody(_Body):
    """A vote. The page makes `key` once for each vote; sending the same again is safe."""

    key: Key
    assignment: AssignmentId
    outcome: Outcome
    criteria: dict[Criterion, Outcome] = {}
    both_bad: bool | None = None
    reason: Annotated[str, Field(max_length=500)] = ""
    heard: Heard = Heard()
    played: Annotated[list[Annotated[str, Field(pattern="^(instruction|first|second)$")]], Field(max_length=60)] = []
    seconds: Annotated[float, Field(ge=0.0, le=86400.0, allow_inf_nan=False)] = 0.0


class UndoBody(_Body):
    """Taking the last vote back."""

    key: Key
    assignment: AssignmentId


class PracticeBody(_Body):
    """A choice on a practice item; it is not recorded as a vote."""

    item: Annotated[str, Field(pattern="^[0-9]$")]
    outcome: Outcome


class CheckBody(_Body):
    """Answers of the headphone and hearing check, or why it cannot be done."""

    answers: dict[Annotated[str, Field(max_length=4)], Annotated[str, Field(max_length=2)]] = {}
    unavailable: bool = False


class WorkBody(_Body):
    """What is said about one item of a job on a suite. `heard` is by number of the clip."""

    item: AssignmentId
    answers: Annotated[
        dict[Annotated[str, Field(max_length=60)], Annotated[str, Field(max_length=120)]], Field(max_length=8)
    ]
    comment: Annotated[str, Field(max_length=500)] = ""
    heard: Annotated[dict[Annotated[str, Field(pattern="^[0-9]{1,2}$")], Spans], Field(max_length=20)] = {}
    seconds: Annotated[float, Field(ge=0.0, le=86400.0, allow_inf_nan=False)] = 0.0


class Handover(_Body):
    """Which item is meant."""

    item: AssignmentId


def raw_of(body: Mapping[str, object]) -> str:
    """One text for what a page sent."""
    return json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))

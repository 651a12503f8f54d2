"""What systems answered: responses, failures, and the take that a judge hears."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from s2s_arena.records.identity import (
    ResponseKey,
    SampleId,
    SystemName,
    TakeId,
    canonical_json,
    content_hash,
    joined_hash,
)
from s2s_arena.records.speech import AudioRef


class FailureKind(StrEnum):
    """What went wrong. `rated` ones are the system's own: the take loses by rule."""

    REFUSED = "refused"
    SILENT = "silent"
    EMPTY = "empty"
    TIMED_OUT = "timed_out"
    BROKEN = "broken"  # the answer is not audio
    CRASHED = "crashed"  # the system itself raised
    INFRASTRUCTURE = "infrastructure"  # network, 429, 5xx after all retries: never rated

    @property
    def rated(self) -> bool:
        """Whether a take that failed so loses a match."""
        return self is not FailureKind.INFRASTRUCTURE


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why there is no usable answer."""

    kind: FailureKind
    message: str
    attempts: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What an answer took; None where the system does not say."""

    tokens_in: int | None = None
    tokens_out: int | None = None
    audio_in_s: float | None = None
    audio_out_s: float | None = None
    cost_usd: float | None = None


NO_RECORDING = "no_recording"
"""Flag of a response that is known only by the votes on it; it alone has neither speech nor a failure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One system's answer to one turn: speech or a failure, never both missing where the answer was recorded."""

    key: ResponseKey
    sample: SampleId
    turn: int
    system: SystemName
    settings: str  # Card.settings_hash
    speech: AudioRef | None
    text: str | None = None  # the system's own words, if it tells them
    first_audio_s: float | None = None
    total_s: float | None = None
    usage: Usage = field(default_factory=Usage)
    failure: Failure | None = None
    flags: tuple[str, ...] = ()  # checks that did not pass but do not fail the take
    versions: Mapping[str, str] = field(default_factory=dict)
    run: str = ""
    raw: Mapping[str, str] = field(default_factory=dict)  # what the adapter told besides: later turns may need it


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What a later look at a kept response found. The response stays as it is; reports show both."""

    response: ResponseKey
    system: SystemName
    examiner: str  # name and version of all that looked and listened
    flags: tuple[str, ...] = ()
    failure: Failure | None = None  # the answer is not usable after all
    heard: str | None = None  # what the ears understood; None where none listened
    language: str | None = None  # in which language
    error_rate: float | None = None  # of the speech against the system's own words; None where it told none

    @property
    def key(self) -> str:
        """Store key."""
        return content_hash("examined", self.response, self.examiner)


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """All of one system's turns on one sample: the unit that is judged."""

    id: TakeId
    sample: SampleId
    system: SystemName
    responses: tuple[ResponseKey, ...]
    failure: FailureKind | None = None

    @property
    def key(self) -> str:
        """Store key."""
        return self.id


def seen(response: Response, later: Examined | None) -> Response:
    """The response with what a later look found in it."""
    if later is None:
        return response
    flags = (*response.flags, *(flag for flag in later.flags if flag not in response.flags))
    return replace(response, flags=flags, failure=response.failure or later.failure)


def response_key(
    *, sample: SampleId, turn: int, audio: Sequence[str], system: SystemName, settings: str, seed: int
) -> ResponseKey:
    """Content hash of everything an answer depends on.

    Args:
        sample: The sample's id.
        turn: Index of the turn, from 0.
        audio: Hashes of the user's speech up to and including this turn.
        system: The system's name.
        settings: `Card.settings_hash`.
        seed: The seed given to the system.
    """
    return ResponseKey(content_hash("response", sample, turn, list(audio), system, settings, seed))


class ResponseKeys:
    """`response_key` for many samples with one system: the same keys at half the time.

    Args:
        system: The system's name.
        settings: `Card.settings_hash`.
        seed: The seed given to the system.
    """

    def __init__(self, *, system: SystemName, settings: str, seed: int) -> None:
        self._rest = canonical_json(system), canonical_json(settings), canonical_json(seed)

    def __call__(self, sample: SampleId, audio: Sequence[str]) -> tuple[ResponseKey, ...]:
        """One for each turn; `audio` holds the hash of each turn's speech."""
        id, heard, keys = canonical_json(sample), "", []
        for turn, hash in enumerate(audio):
            heard = f"{heard},{canonical_json(hash)}" if turn else canonical_json(hash)
            keys.append(ResponseKey(joined_hash('"response"', id, str(turn), f"[{heard}]", *self._rest)))
        return tuple(keys)


def take_of(responses: Sequence[Response]) -> Take:
    """The take made of a system's responses to all turns of one sample, in turn order.

    A take has failed if any of its turns has; the first failure is named.

    Raises:
        ValueError: No responses, or they are of several systems or samples.
    """
    turns = sorted(responses, key=lambda r: r.turn)
    if not turns or len({(r.sample, r.system) for r in turns}) != 1:
        raise ValueError("a take is made of one system's responses to one sample")
    failure = next((r.failure.kind for r in turns if r.failure), None)
    keys = tuple(r.key for r in turns)
    return Take(
        id=TakeId(content_hash("take", list(keys))),
        sample=turns[0].sample,
        system=turns[0].system,
        responses=keys,
        failure=failure,
    )

"""How a loopback server answers: how fast, in which pieces, and what goes wrong when."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from s2s_arena.audio.waveform import Waveform


class WireFault(StrEnum):
    """What can go wrong with one answer."""

    SLOW = "slow"  # comes late, but comes
    STALLED = "stalled"  # begins, then nothing more, and the connection stays open
    DROPPED = "dropped"  # the connection is gone in the middle of the answer
    TRUNCATED_BASE64 = "truncated-base64"  # a piece of base64 has lost its end
    WRONG_RATE = "wrong-rate"  # made at another rate: said in the header where the wire has one, else unsaid
    SECOND_CHOICE = "second-choice"  # chat: text in choices[0], audio in choices[1]
    CANCELLED = "cancelled"  # half of the audio, then the answer is called off
    RATE_LIMITED = "rate-limited"  # 429 with Retry-After, before anything else
    UNAUTHORISED = "unauthorised"  # 401
    SERVER_ERROR = "server-error"  # 500, or the wire's own word for it
    MALFORMED = "malformed"  # a message that is not what the wire allows
    CONTENT_FILTER = "content-filter"  # the vendor declines
    SILENCE = "silence"  # audio in which there is nothing
    STOPS_EARLY = "stops-early"  # all in order, but the speech ends before its text


Script = Callable[[int], WireFault | None]
"""What goes wrong with the nth answer, from 0."""


def faultless(number: int) -> None:
    """The script in which nothing goes wrong."""


def once(*faults: WireFault | None) -> Script:
    """These faults, one for each of the first answers; afterwards nothing goes wrong."""
    return lambda number: faults[number] if number < len(faults) else None


def always(fault: WireFault) -> Script:
    """The same fault every time."""
    return lambda number: fault


def some(share: float, *faults: WireFault, seed: int = 0) -> Script:
    """One of the faults in that share (0..1) of the answers, drawn by the answer's number: the same in every run."""

    def script(number: int) -> WireFault | None:
        draw = random.Random(f"{seed}/{number}")
        return draw.choice(faults) if draw.random() < share else None

    return script


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """How a server answers.

    Attributes:
        script: What goes wrong when.
        latency_s: From the end of the question to the first audio.
        gap_s: Between two pieces of audio.
        piece_s: Audio in one piece of a streamed answer.
        slow_s: What the fault SLOW adds to the latency.
        stalled_s: How long the fault STALLED holds the connection before it gives up.
        retry_after: The header that the fault RATE_LIMITED sends.
        recordings: Said instead of tones: which one depends on what was heard. Their text is their number.
        odd_pieces: Streamed pieces of raw audio end in the middle of a sample.
        keep: How many of the last questions are remembered; None keeps all.
    """

    script: Script = faultless
    latency_s: float = 0.0
    gap_s: float = 0.0
    piece_s: float = 0.2
    slow_s: float = 0.05
    stalled_s: float = 20.0
    retry_after: str = "1"
    recordings: tuple[Waveform, ...] = ()
    odd_pieces: bool = False
    keep: int | None = None

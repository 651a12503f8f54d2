"""What came back from a system, looked at before it is believed: is it speech, and what is odd about it."""

from dataclasses import dataclass

from s2s_arena.audio.checks import Limits, check, flags
from s2s_arena.audio.waveform import Waveform
from s2s_arena.records.responses import FailureKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`failure` and `message` if the answer is not usable; else `flags`, which do not fail it."""

    failure: FailureKind | None = None
    message: str = ""
    flags: tuple[str, ...] = ()


def examine(speech: object, *, limits: Limits | None = None) -> Finding:
    """What is wrong with the speech of an answer.

    BROKEN if it is no waveform, EMPTY without frames, SILENT if nothing in it is active; otherwise the flags of
    `audio.checks.flags`: too_short, too_long, too_quiet, clipped, mostly_silence, long_lead, long_tail, noisy,
    ends_abruptly.
    """
    if not isinstance(speech, Waveform):
        return Finding(failure=FailureKind.BROKEN, message=f"the answer is {type(speech).__name__}, not a Waveform")
    measured = check(speech)
    if measured.empty:
        return Finding(failure=FailureKind.EMPTY, message="the answer has no audio")
    if measured.silent:
        message = f"{measured.duration_s:.1f} s of silence (peak {measured.peak_dbfs:.0f} dBFS)"
        return Finding(failure=FailureKind.SILENT, message=message)
    return Finding(flags=flags(measured, limits))

"""What a browser sends as a recording: decoded before it is believed, and told what is odd about it."""

from collections.abc import Sequence

from s2s_arena.audio import files
from s2s_arena.audio.checks import check, flags
from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import AudioError, InputError

LONGEST_S = 120.0
LOWEST_HZ = 16_000
UNUSABLE = frozenset({"empty", "silent", "too_short"})
DOUBTFUL = frozenset({"too_quiet", "clipped", "mostly_silence", "noisy", "ends_abruptly", "too_long"})


class Doubtful(InputError):
    """A recording in which something is odd; `flags` says what, `final` whether it cannot be kept at all."""

    def __init__(self, found: Sequence[str], *, final: bool) -> None:
        super().__init__(f"recording: {', '.join(f.replace('_', ' ') for f in found)}; record it again")
        self.flags, self.final = tuple(found), final


def examined(content: bytes, *, anyway: bool) -> tuple[Waveform, tuple[str, ...]]:
    """The recording, and what is odd about it.

    Args:
        content: As uploaded.
        anyway: The speaker has been told what is odd, and keeps it.

    Raises:
        AudioError: See `decoded`.
        Doubtful: It holds no speech; or something is odd and it is not to be kept anyway.
    """
    wave = decoded(content)
    found = flags(check(wave))
    bad = [flag for flag in found if flag in UNUSABLE]
    if bad:
        raise Doubtful(bad, final=True)
    odd = tuple(flag for flag in found if flag in DOUBTFUL)
    if odd and not anyway:
        raise Doubtful(odd, final=False)
    return wave, odd


def decoded(content: bytes) -> Waveform:
    """What was uploaded, decoded as what it is, whatever it says it is.

    Raises:
        AudioError: No WAV, damaged, longer than two minutes, or below 16 kHz.
    """
    if content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        raise AudioError("recording: not a WAV file; reload the page and record it again")
    wave = files.read(content, name="recording", longest_s=LONGEST_S)
    if wave.rate_hz < LOWEST_HZ:
        raise AudioError(f"recording: {wave.rate_hz} Hz, at least {LOWEST_HZ} are needed; use another microphone")
    return wave

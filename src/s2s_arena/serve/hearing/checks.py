"""The check of headphones and hearing before voting: three tones of which one is quiet, and faint beeps to count."""

import io
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import soundfile
from numpy.typing import NDArray

from s2s_arena.records.identity import content_hash

RATE_HZ = 24_000
HEADPHONE_TRIALS, HEARING_TRIALS = 3, 2
ATTEMPTS = 3
_TONE_HZ, _BEEP_HZ = 200.0, 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One question of the check; `right` never leaves the server."""

    id: str
    kind: str  # quietest | beeps
    right: str
    choices: tuple[str, ...]


def trials(seed: str) -> tuple[Trial, ...]:
    """The questions for one attempt; another seed, other answers."""
    rng = np.random.default_rng(int(content_hash("check", seed)[:12], 16))
    tones = [str(n) for n in (rng.permutation(3) + 1)[:HEADPHONE_TRIALS]]
    beeps = [str(n) for n in (rng.permutation(4) + 2)[:HEARING_TRIALS]]
    return (
        *(Trial(id=f"q{n}", kind="quietest", right=right, choices=("1", "2", "3")) for n, right in enumerate(tones)),
        *(
            Trial(id=f"b{n}", kind="beeps", right=r, choices=("1", "2", "3", "4", "5", "6"))
            for n, r in enumerate(beeps)
        ),
    )


def passed(asked: tuple[Trial, ...], answers: Mapping[str, str]) -> bool:
    """Whether all headphone questions and all but one hearing question were answered rightly."""
    right = [answers.get(trial.id) == trial.right for trial in asked]
    return all(right[:HEADPHONE_TRIALS]) and sum(right[HEADPHONE_TRIALS:]) >= HEARING_TRIALS - 1


def sound(trial: Trial) -> bytes:
    """The stereo WAV of a question.

    Of three low tones one is 6 dB quieter and another has its channels in opposite phase: over loudspeakers that one
    cancels and seems the quietest, over headphones it does not (Woods et al. 2017). Beeps are at -46 dBFS.
    """
    if trial.kind == "quietest":
        quiet = int(trial.right) - 1
        opposite = (quiet + 1) % 3
        parts = []
        for place in range(3):
            tone = _tone(_TONE_HZ, 0.9) * (0.5 if place == quiet else 1.0) * 0.2
            parts += [np.stack([tone, -tone if place == opposite else tone], axis=1), _rest(0.45)]
    else:
        beep = _tone(_BEEP_HZ, 0.15) * 0.005
        parts = [part for _ in range(int(trial.right)) for part in (np.stack([beep, beep], axis=1), _rest(0.3))]
    longest = round(4.5 * RATE_HZ)  # so that the number of beeps is not told by the length of the file
    whole = np.concatenate([_rest(0.25), *parts])
    padded = np.concatenate([whole, np.zeros((max(0, longest - len(whole)), 2))])
    buffer = io.BytesIO()
    soundfile.write(buffer, padded, RATE_HZ, format="WAV", subtype="PCM_16")
    return buffer.getvalue()


def _tone(hz: float, seconds: float) -> NDArray[np.float64]:
    times = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    ramp = np.minimum(1.0, np.minimum(times, times[::-1]) / 0.05)
    wave: NDArray[np.float64] = ramp * np.sin(2 * np.pi * hz * times)
    return wave


def _rest(seconds: float) -> NDArray[np.float64]:
    return np.zeros((round(seconds * RATE_HZ), 2))

"""Small signals and records for the tests of cues."""

import numpy as np

from s2s_arena.audio.waveform import Waveform
from s2s_arena.protocols import PitchTrack
from s2s_arena.records.cues import Cues, Prosody, Transcript, Word
from s2s_arena.records.identity import AudioHash

RATE_HZ = 16_000


def tone(seconds, *, hz=150.0, level=0.2, rate_hz=RATE_HZ):
    """A buzz with harmonics; `hz` may be an array over its samples."""
    count = round(seconds * rate_hz)
    phase = 2 * np.pi * np.cumsum(np.broadcast_to(np.asarray(hz, dtype=float), (count,))) / rate_hz
    wave = sum(np.sin(k * phase) / k for k in range(1, 6))
    return (level * wave / np.sqrt(np.mean(wave**2))).astype(np.float32)


def silence(seconds, *, rate_hz=RATE_HZ):
    return np.zeros(round(seconds * rate_hz), dtype=np.float32)


def wave(*pieces, rate_hz=RATE_HZ):
    return Waveform(np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.float32), rate_hz)


def track(f0_hz, *, step_s=0.016, voiced=None):
    f0 = np.asarray(f0_hz, dtype=float)
    heard = np.ones(f0.shape, dtype=bool) if voiced is None else np.asarray(voiced)
    return PitchTrack(np.arange(f0.size) * step_s, f0, heard, np.where(heard, 0.9, 0.1))


def transcript(text, *, language="en", times=None, probability=0.99, **more):
    words = text.split()
    times = times or [(0.3 * n, 0.3 * n + 0.3) for n in range(len(words))]
    return Transcript(
        text=text,
        language=language,
        language_probability=probability,
        words=tuple(Word(text=w, start_s=a, end_s=b) for w, (a, b) in zip(words, times, strict=True)),
        **more,
    )


def prosody(**given):
    """Plain English female speech, of four seconds, unless told otherwise."""
    plain = {
        "duration_s": 4.2,
        "speech_s": 4.0,
        "lead_s": 0.1,
        "tail_s": 0.1,
        "pauses": (),
        "syllables_per_s": 5.0,
        "f0_median_hz": 220.0,
        "f0_range_st": 9.2,
        "f0_sd_st": 2.8,
        "f0_final_slope_st_s": -8.0,
        "intensity_dbfs": -26.0,
        "intensity_sd_db": 6.8,
        "voiced_share": 0.68,
    }
    return Prosody(**{**plain, **given})


def cues(*, heard=None, heads=None, checks=None, **given):
    return Cues(
        audio=AudioHash("a" * 64),
        extractor="test",
        transcript=transcript("the morning train leaves the station at nine") if heard is None else heard,
        prosody=prosody(**given),
        quality=None,
        heads=heads or {},
        checks=checks or {"brightness_db": -23.0, "note_share": 0.1, "worded_share": 0.95},
    )

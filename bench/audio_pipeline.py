"""How fast a clip goes through the build: decode, resample, loudness, mix, encode; python bench/audio_pipeline.py.

Processor time of one thread, so that what else runs on the machine does not count. A clip is decoded from FLAC at
48 kHz, brought to 24 kHz, measured (ITU-R BS.1770), levelled, mixed over its active speech with other noise, and
encoded as FLAC. The limit is 150 times real time.
"""

import argparse
import json
import time
from collections.abc import Callable

import numpy as np

from s2s_arena.audio import files
from s2s_arena.audio.loudness import gain, loudness_lufs
from s2s_arena.audio.mixing import mix_at_snr
from s2s_arena.audio.resampling import resample
from s2s_arena.audio.waveform import Waveform

LIMIT = 150.0
STORED_HZ, SPOKEN_HZ, NOISE_HZ = 48_000, 24_000, 44_100


def speechlike(seconds: float, rate_hz: int, *, seed: int) -> Waveform:
    """Harmonics under a syllable's envelope with pauses: what FLAC and activity detection find in speech."""
    rng = np.random.default_rng(seed)
    at = np.arange(round(seconds * rate_hz)) / rate_hz
    f0 = 140 * 2 ** (0.3 * np.sin(2 * np.pi * 0.4 * at))
    phase = 2 * np.pi * np.cumsum(f0) / rate_hz
    tone = sum(np.sin(k * phase) / k for k in range(1, 20))
    syllables = np.clip(np.sin(2 * np.pi * 4.0 * at), 0, 1) * (np.sin(2 * np.pi * 0.35 * at) > -0.7)
    samples = 0.05 * tone * syllables + 0.001 * rng.standard_normal(at.size)
    return Waveform(samples.astype(np.float32), rate_hz)


def through(content: bytes, noise: Waveform, spent: dict[str, float]) -> bytes:
    """One clip from bytes to bytes, the processor time of each step added up."""

    def step(name: str, work: Callable[[], object]) -> object:
        began = time.thread_time()
        made = work()
        spent[name] = spent.get(name, 0.0) + time.thread_time() - began
        return made

    wave = step("decode", lambda: files.read(content))
    assert isinstance(wave, Waveform)
    spoken = step("resample", lambda: resample(wave, SPOKEN_HZ))
    assert isinstance(spoken, Waveform)
    loudness = step("loudness", lambda: loudness_lufs(spoken))
    assert isinstance(loudness, float)
    levelled = gain(spoken, -23.0 - loudness)
    mixed = step("mix", lambda: mix_at_snr(levelled, noise, snr_db=10.0))
    assert isinstance(mixed, Waveform)
    made = step("encode", lambda: files.encode_flac(mixed))
    assert isinstance(made, bytes)
    return made


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--clips", type=int, default=20)
    options.add_argument("--seconds", type=float, default=6.0)
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    clips = [files.encode_flac(speechlike(given.seconds, STORED_HZ, seed=n)) for n in range(given.clips)]
    hiss = 0.05 * np.random.default_rng(0).standard_normal(round(4.0 * NOISE_HZ))
    noise = Waveform(hiss.astype(np.float32), NOISE_HZ)
    through(clips[0], noise, {})  # libraries are loaded once
    spent: dict[str, float] = {}
    began = time.thread_time()
    for clip in clips:
        through(clip, noise, spent)
    whole_s = time.thread_time() - began
    audio_s = given.clips * given.seconds
    rate = audio_s / whole_s
    if given.json:
        print(json.dumps({"audio_s": audio_s, "processor_s": whole_s, "times_real_time": rate, "steps_s": spent}))
        return
    print(f"{audio_s:.0f} s of audio in {whole_s:.2f} s of processor time: {rate:.0f} times real time of {LIMIT:g}")
    for name, seconds in spent.items():
        print(f"  {name:<9}{audio_s / seconds:8.0f} times real time, {seconds / whole_s:5.0%}")


if __name__ == "__main__":
    main()

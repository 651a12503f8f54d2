"""Known factors put into plain readings and measured again by other instruments: python bench/measurement.py.

WORLD changes pace, pitch level and pitch range; samples are inserted for a pause and scaled for loudness. What
measures them is the package's cue chain: swift-f0 for pitch, energy for time and level, Whisper's word times for
the place of the pause. Every factor is compared with the untouched recording, not with WORLD's copy of it.
"""

import argparse
import json
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from plain_speech import Reading, parts, readings
from s2s_arena.audio.activity import FRAME_S, active_spans
from s2s_arena.audio.loudness import gain
from s2s_arena.audio.waveform import Waveform
from s2s_arena.cues.asked import pause_after
from s2s_arena.cues.prosody import measure
from s2s_arena.models import world
from s2s_arena.models.swift import SwiftPitch
from s2s_arena.protocols import Transcriber
from s2s_arena.records.cues import Prosody, Transcript

PACES = (0.75, 1.3)
SHIFTS_ST = (-3.0, 3.0)
SPREADS = (0.6, 1.4)
GAINS_DB = (-6.0, 4.0)
PAUSE_S = 0.5
WITHIN = 0.05


@dataclass(frozen=True)
class Trial:
    """One factor put in and found: as ratios."""

    factor: str
    given: float
    found: float | None
    clip: str

    @property
    def error(self) -> float:
        return math.inf if self.found is None else abs(self.found / self.given - 1.0)


Delivery = Callable[[Waveform, Transcript | None], Prosody]


def trials(reading: Reading, *, hear: Delivery, ears: Transcriber | None) -> Iterator[Trial]:
    """All factors on one clip; the pause only with ears."""
    # The words are the same in every version, so they are taken as known: only the signal is measured.
    script = Transcript(text=reading.text, language=reading.language)
    plain = hear(reading.wave, script)
    taken = world.analyse(reading.wave)

    def trial(factor: str, given: float, before: float | None, after: float | None) -> Trial:
        found = None if before is None or after is None else after / before
        return Trial(factor, given, found, reading.name)

    for pace in PACES:
        said = hear(world.synthesise(world.stretch(taken, 1.0 / pace)), script)
        yield trial(f"pace x{pace}", pace, plain.syllables_per_s, said.syllables_per_s)
    for shift in SHIFTS_ST:
        moved = world.shift_pitch(taken, semitones=shift, spread=1.0, level_hz=taken.level_hz)
        said = hear(world.synthesise(moved), script)
        yield trial(f"pitch level {shift:+g} st", 2.0 ** (shift / 12.0), plain.f0_median_hz, said.f0_median_hz)
    for spread in SPREADS:
        spread_out = world.shift_pitch(taken, semitones=0.0, spread=spread, level_hz=taken.level_hz)
        said = hear(world.synthesise(spread_out), script)
        yield trial(f"pitch range x{spread}", spread, plain.f0_range_st, said.f0_range_st)
    for decibels in GAINS_DB:
        said = hear(gain(reading.wave, decibels), script)
        levels = [10.0 ** (p.intensity_dbfs / 20.0) for p in (plain, said) if p.intensity_dbfs is not None]
        yield trial(f"loudness {decibels:+g} dB", 10.0 ** (decibels / 20.0), levels[0], levels[1])
    if ears is not None:
        yield _pause(reading, hear, ears)


def _pause(reading: Reading, hear: Delivery, ears: Transcriber) -> Trial:
    """Half a second inserted at the quietest place between two words in the middle, found by word times."""
    heard = ears.transcribe(reading.wave, language=reading.language)
    middle = len(heard.words) // 2
    word, following = heard.words[middle - 1], heard.words[middle]
    centre = round(0.5 * (word.end_s + following.start_s) * reading.wave.rate_hz)
    spread = round(0.12 * reading.wave.rate_hz)
    low, high = max(0, centre - spread), min(reading.wave.frames, centre + spread)
    smooth = np.convolve(np.square(reading.wave.samples[low:high], dtype=np.float64), np.ones(240) / 240, mode="same")
    cut = low + int(np.argmin(smooth))
    pieces = (reading.wave.samples[:cut], np.zeros(round(PAUSE_S * reading.wave.rate_hz)), reading.wave.samples[cut:])
    paused = Waveform(np.concatenate(pieces).astype(np.float32), reading.wave.rate_hz)
    again = ears.transcribe(paused, language=reading.language)
    # The quietest place may be at a neighbouring boundary; the pause is after the last word begun well before it.
    cut_s = cut / reading.wave.rate_hz
    last = [word for word in heard.words if 0.5 * (word.start_s + word.end_s) <= cut_s][-1]
    index = min(range(len(again.words)), key=lambda i: abs(again.words[i].start_s - last.start_s))
    found = pause_after(again.words, index, hear(paused, again).pauses)
    before = _gap_at(reading.wave, cut_s)
    return Trial(f"pause {PAUSE_S:g} s", PAUSE_S, found - before if found else None, reading.name)


def _gap_at(wave: Waveform, at_s: float) -> float:
    """The silence that was there before, seconds: the end of one sound to the start of the next; 0 inside a sound."""
    spans = active_spans(wave, bridge_s=0.0, shortest_s=0.0)
    around = [(a.end_s, b.start_s) for a, b in pairwise(spans) if a.end_s - FRAME_S <= at_s <= b.start_s + FRAME_S]
    silent_s = max((end - start for start, end in around), default=0.0)
    return silent_s + FRAME_S if silent_s else 0.0  # as in cues.prosody.pauses_between


def table(found: list[Trial]) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for factor in dict.fromkeys(t.factor for t in found):
        errors = np.array([t.error for t in found if t.factor == factor])
        rows.append(
            {
                "factor": factor,
                "clips": errors.size,
                "median": round(float(np.median(errors)), 4),
                "p95": round(float(np.percentile(errors, 95, method="higher")), 4),
                "within_5_percent": round(float((errors <= WITHIN).mean()), 3),
            }
        )
    return rows


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--each", type=int, default=20, help="texts per voice and language")
    options.add_argument("--languages", default="en,zh")
    options.add_argument("--no-ears", action="store_true", help="leave the pause out: it needs Whisper")
    options.add_argument("--json", action="store_true")
    options.add_argument("--worst", type=int, default=0, help="name the worst clips per factor")
    given = options.parse_args()
    shared, pitch, begun = parts(), SwiftPitch(), time.monotonic()
    ears = None if given.no_ears else shared.transcriber("whisper-base")

    def hear(wave: Waveform, transcript: Transcript | None) -> Prosody:
        return measure(wave, pitch=pitch.track(wave), transcript=transcript)

    found: list[Trial] = []
    voices: dict[str, int] = {}
    for reading in readings(shared, languages=tuple(given.languages.split(",")), each=given.each):
        found += trials(reading, hear=hear, ears=ears)
        voices[reading.voice] = voices.get(reading.voice, 0) + 1
    rows = table(found)
    if given.json:
        print(json.dumps({"clips": voices, "factors": rows, "seconds": round(time.monotonic() - begun)}))
        return
    print(f"{sum(voices.values())} clips: {voices}")
    print(f"{'factor':<20}{'clips':>6}{'median':>9}{'95th':>9}{'within 5 %':>12}")
    for row in rows:
        print(
            f"{row['factor']:<20}{row['clips']:>6}{row['median']:>9.2%}{row['p95']:>9.2%}{row['within_5_percent']:>12.1%}"
        )
    for factor in dict.fromkeys(t.factor for t in found):
        for trial in sorted((t for t in found if t.factor == factor), key=lambda t: -t.error)[: given.worst]:
            print(f"  {factor}: {trial.clip} found {trial.found} for {trial.given:.3f} ({trial.error:.1%})")


if __name__ == "__main__":
    main()

"""Suites of made speech for the review tests."""

import csv
from pathlib import Path

import numpy as np

from s2s_arena.audio.waveform import Waveform
from s2s_arena.records.cues import Transcript
from s2s_arena.records.identity import SampleId, SuiteName
from s2s_arena.records.samples import Sample, Suite, Turn
from s2s_arena.records.taxonomy import Level
from s2s_arena.store.memory import MemoryStore


def talk(hz: float = 200.0, *, seconds: float = 2.0, level: float = 0.2, rate_hz: int = 16_000) -> Waveform:
    """Bursts of tone with gaps, quiet at both ends: what instruments take for clean speech."""
    t = np.arange(round(seconds * rate_hz)) / rate_hz
    bursts = (np.sin(2 * np.pi * 2.5 * t) > -0.6) & (t > 0.15) & (t < seconds - 0.15)
    fine = 1e-4 * np.random.default_rng(0).standard_normal(t.size)
    return Waveform((level * np.sin(2 * np.pi * hz * t) * bursts + fine).astype(np.float32), rate_hz)


def suite_of(store: MemoryStore, count: int = 8, *, name: str = "trial", **turn: object) -> Suite:
    """Samples s0, s1, ... over the four levels; every other one is sad, the others happy."""
    samples = tuple(
        Sample(
            id=SampleId(f"s{i}"),
            language="en",
            level=list(Level)[i % 4],
            domain="social",
            task="sarcasm_detection",
            turns=(
                Turn(
                    script=f"this is sentence number {i}",
                    language="en",
                    speech=store.put_audio(talk(150 + 10 * i)),
                    labels={"emotion": "sad" if i % 2 else "happy"},
                    **turn,
                ),
            ),
        )
        for i in range(count)
    )
    suite = Suite(name=SuiteName(name), samples=samples)
    store.put(suite)
    return suite


class Listening:
    """Implements `Transcriber`: hears what is set for a clip's hash, in a language; counts how often it was asked."""

    def __init__(self, texts: dict[str, str], *, language: str = "en", sure: float = 0.9) -> None:
        self.texts = texts
        self.language = language
        self.sure = sure
        self.asked = 0

    @property
    def identity(self) -> str:
        return "listening/1"

    def transcribe(self, speech: Waveform, *, language: str | None = None) -> Transcript:
        self.asked += 1
        return Transcript(
            text=self.texts.get(speech.hash(), ""),
            language=language or self.language,
            language_probability=self.sure,
        )


def right_ears(suite: Suite, **more: object) -> Listening:
    return Listening({t.speech.hash: t.script for s in suite.samples for t in s.turns if t.speech}, **more)


def refill(path: Path, **columns: object) -> Path:
    """Fills columns of a form in place: each a value, or a function of the row."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        for name, value in columns.items():
            row[name] = value(row) if callable(value) else value
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path

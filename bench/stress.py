"""Does the stress instrument find the stressed word? python bench/stress.py: readings with one, and plain ones.

The texts are those of bench/plain_speech.py, none of which is in the seed suite. Weights and threshold are fitted on
every other text and tried on the rest. What must not be flagged are plain readings at other paces and in other moods.
Prints the table [stress] of src/s2s_arena/build/labels/thresholds.toml.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from label_fitting import stress_fit, text_of
from plain_speech import TEXTS, parts
from s2s_arena.audio import files
from s2s_arena.audio.waveform import Waveform
from s2s_arena.build.checks import words
from s2s_arena.build.labels.stress import excesses
from s2s_arena.build.languages import spaced
from s2s_arena.cues.words import place
from s2s_arena.models import weights
from s2s_arena.models.swift import SwiftPitch
from s2s_arena.records.identity import content_hash
from s2s_arena.records.speech import Delivery, Segment, Utterance

VOICES = {"en": ("hibari", "kokoro-male"), "zh": ("kokoro-female",)}
PLAIN = (Delivery(rate=0.88), Delivery(rate=1.15), Delivery(emotion="sad"), Delivery(emotion="happy"))
"""Readings without a stressed word that differ from the plain one."""


@dataclass(frozen=True)
class Reading:
    voice: str
    language: str
    text: str
    number: int
    delivery: Delivery
    word: str | None


def readings(texts: dict[str, int], stressed: int) -> Iterator[Reading]:
    for language, voices in VOICES.items():
        for number, text in enumerate(TEXTS[language][: texts[language]]):
            for at, voice in enumerate(voices):
                rng = np.random.default_rng([number, at])
                for word in chosen(text, language, rng, stressed):
                    yield Reading(voice, language, text, number, Delivery(emphasis=(word,)), word)
                yield Reading(voice, language, text, number, PLAIN[(number + at) % len(PLAIN)], None)


def chosen(text: str, language: str, rng: np.random.Generator, count: int) -> list[str]:
    """Words to stress, by lot among those of more than three letters; pairs of characters where none are spaced."""
    if spaced(language):
        able = sorted({word for word in words(text) if len(word) > 3})
        return [able[n] for n in sorted(rng.permutation(len(able))[:count])]
    letters = "".join(words(text))
    starts = sorted(rng.permutation(range(1, len(letters) - 3, 2))[:count])
    return [letters[start : start + 2] for start in starts]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--english", type=int, default=10, help="texts")
    options.add_argument("--chinese", type=int, default=4, help="texts")
    options.add_argument("--stressed", type=int, default=2, help="words a text and voice")
    options.add_argument("--measured", type=Path, help="measurements of an earlier run; nothing is spoken")
    given = options.parse_args()
    rows = json.loads(given.measured.read_text()) if given.measured else measured(given)
    table, report = stress_fit(rows)
    sys.stdout.write(text_of({"stress": table}).split("\n\n", 1)[1])
    for line in report:
        print(line, file=sys.stderr)


def measured(given: argparse.Namespace) -> list[dict[str, object]]:
    shared, pitch = parts(), SwiftPitch()
    ears = shared.transcriber("whisper-base")
    folder = weights.default_cache() / "bench" / "stress"
    folder.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, object]] = []
    began = time.monotonic()
    heard: dict[str, object] = {}

    def spoken(voice: str, language: str, text: str, delivery: Delivery) -> Waveform:
        path = folder / f"{content_hash(voice, language, text, delivery)[:16]}.flac"
        if not path.is_file():
            segment = Segment(text=text, language=language, delivery=delivery)
            files.write_flac(path, shared.speaker(voice).speak(Utterance(segments=(segment,)), seed=1))
        return files.read(path)

    for number, one in enumerate(readings({"en": given.english, "zh": given.chinese}, given.stressed)):
        plain = spoken(one.voice, one.language, one.text, Delivery())
        key = f"{one.voice}/{one.text}"
        if key not in heard:
            heard[key] = ears.transcribe(plain, language=one.language)
        transcript = heard[key]
        found = excesses(spoken(one.voice, one.language, one.text, one.delivery), plain, transcript.words, pitch=pitch)
        names = [word.text for word in transcript.words]
        spot = place(one.word, names, one.language) if one.word else None
        rows.append(
            {
                "voice": one.voice,
                "language": one.language,
                "text": one.number,
                "word": one.word,
                "spot": list(spot) if spot else None,
                "names": names,
                "excess": [[e.length, e.level_db, e.pitch_st] for e in found],
            }
        )
        if number % 10 == 0:
            print(f"{number + 1} readings, {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    (folder / "measured.json").write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")
    return rows


if __name__ == "__main__":
    main()

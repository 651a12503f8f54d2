"""Measures plain speech of the package's own voices: python bench/norms.py > src/s2s_arena/cues/data/norms.toml."""

import sys

from plain_speech import parts, readings
from s2s_arena.cues import norms
from s2s_arena.cues.extract import Extractor
from s2s_arena.models.swift import SwiftPitch

HEADING = """Plain speech: [mean, standard deviation] by "language/gender"; units in cues/norms.py.
Measured on the package's own voices reading plainly, by bench/norms.py; measure again when they change."""


def main() -> None:
    shared = parts()
    ears = shared.transcriber("whisper-base")
    extractor = Extractor(ears, None, SwiftPitch(), None)
    heard = []
    for reading in readings(shared):
        cues = extractor.hear(reading.wave, audio=reading.wave.hash(), language=reading.language)
        heard.append((cues, reading.gender))
    sys.stdout.write(norms.write(norms.measured(heard), heading=f"{HEADING}\n{len(heard)} clips."))


if __name__ == "__main__":
    main()

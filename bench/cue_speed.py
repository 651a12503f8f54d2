"""What hearing an utterance costs: processor seconds for ten seconds of speech, by instrument.

    python -m bench.cue_speed FOLDER [--clips 20] [--most 3.5]

FOLDER holds speech (FLAC or WAV), or is a workspace whose answers are heard. Needs the extra `local`. One thread:
set OMP_NUM_THREADS=1 S2S_ARENA_THREADS=1. Processor seconds grow by up to a half while other work shares the cores.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

from s2s_arena.audio import files
from s2s_arena.audio.waveform import Waveform
from s2s_arena.compose import open_workspace
from s2s_arena.compose.perception import Perception
from s2s_arena.errors import CardError
from s2s_arena.models import weights
from s2s_arena.models.parts import LocalParts
from s2s_arena.records.responses import Response


def speech(folder: Path) -> Iterator[Waveform]:
    """Clips of a workspace's answers, else of the folder's files."""
    if (folder / "arena.toml").is_file():
        with open_workspace(folder) as arena:
            for response in list(arena.store.all(Response)):
                if response.speech is not None and response.system not in ("echo", "silence"):
                    yield arena.store.audio(response.speech.hash)
        return
    for path in sorted(each for each in folder.rglob("*") if each.suffix.lower() in (".flac", ".wav")):
        yield files.read(path)


def timed(obj: Any, name: str, label: str, spent: Counter[str]) -> None:
    """Count what a method takes under a label."""
    method: Callable[..., Any] = getattr(obj, name)

    def call(*args: Any, **options: Any) -> Any:
        began = time.process_time()
        try:
            return method(*args, **options)
        finally:
            spent[label] += time.process_time() - began

    setattr(obj, name, call)


def no_cards(name: str) -> NoReturn:
    raise CardError(f"voice {name}: nothing is spoken here")


def main() -> int:
    """Print the table; status 1 where hearing takes longer than `--most`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--clips", type=int, default=20)
    parser.add_argument("--most", type=float, default=3.5)
    given = parser.parse_args()
    waves = [wave for wave, _ in zip(speech(given.folder), range(given.clips + 1), strict=False)]
    if len(waves) < 2:
        parser.error(f"{given.folder}: {len(waves)} clips of speech; two at least are needed, as FLAC, WAV or answers")
    with tempfile.TemporaryDirectory() as empty:
        parts = LocalParts(weights.default_cache(), Path(empty), voice=no_cards)
        extractor = Perception(parts, heads=Path(empty)).extractor
        extractor.hear(waves[0], audio=waves[0].hash())  # loads everything
        spent: Counter[str] = Counter()
        ears, chain = extractor._transcriber, extractor
        timed(ears, "transcribe", "ears: language and words", spent)
        timed(ears, "_encode_window", "  of it the encoder", spent)
        timed(chain._encoder, "encode", "features for heads (kept from the ears)", spent)
        timed(chain._pitch, "track", "swift-f0", spent)
        timed(chain._quality, "rate", "DNSMOS", spent)
        began, seconds, wall = time.process_time(), 0.0, time.perf_counter()
        for wave in waves[1:]:
            extractor.hear(wave, audio=wave.hash())
            seconds += wave.duration_s
        spent["all"] = time.process_time() - began
        wall = time.perf_counter() - wall
    print(f"{len(waves) - 1} clips, {seconds:.1f} s of speech; seconds of the processor for 10 s of speech:")
    for label, value in spent.most_common():
        print(f"  {label:<42} {10.0 * value / seconds:.2f}")
    print(f"  wall {10.0 * wall / seconds:.2f}")
    return 1 if 10.0 * spent["all"] / seconds > given.most else 0


if __name__ == "__main__":
    sys.exit(main())

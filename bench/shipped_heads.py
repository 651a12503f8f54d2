"""Make the shipped heads anew: speak clips of known delivery with the local voices, then train on them.

    python bench/shipped_heads.py FOLDER [--clips 480] [--out heads.npz]

FOLDER keeps the clips and their features, so that a longer or interrupted run goes on where it stopped. Needs
the extra `local`. The clips are our own sentences in Apache-2.0 voices; no listener's score is used.
"""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn, cast

from s2s_arena.audio.waveform import Waveform
from s2s_arena.cues import prosody
from s2s_arena.cues.heads import SHIPPED
from s2s_arena.cues.training.clips import Target
from s2s_arena.cues.training.speech import TrainingVoice, make_training_speech
from s2s_arena.cues.training.trainer import TrainingSummary, train_from_clips
from s2s_arena.errors import CardError
from s2s_arena.models import registry, weights
from s2s_arena.models.parts import LocalParts
from s2s_arena.models.swift import SwiftPitch
from s2s_arena.protocols import Speaker
from s2s_arena.records.cues import Prosody, Transcript
from s2s_arena.records.speech import Traits
from s2s_arena.records.systems import Setting

TARGETS = ("expressive", "arousal", "emotion", "gender")  # age is not learnt: see docs/heads.md
EVERYWHERE = ("en", "zh", "ja")


class Counted:
    """Progress as one line in fifty, on standard error."""

    def begin(self, what: str, total: int) -> None:
        self.what, self.total, self.done = what, total, 0

    def advance(self, note: str = "") -> None:
        self.done += 1
        if self.done % 50 == 0:
            print(f"{self.what}: {self.done}/{self.total}", file=sys.stderr, flush=True)

    def end(self) -> None:
        print(f"{self.what}: done", file=sys.stderr, flush=True)


def no_cards(name: str) -> NoReturn:
    raise CardError(f"voice {name}: the voices here are made without cards")


def voices(parts: LocalParts, *, threads: int) -> list[TrainingVoice]:
    """Eleven speakers of two engines: women, men, a child each, old people."""

    def build(family: str, settings: Mapping[str, Setting]) -> Speaker:
        return cast(Speaker, registry.build(family, {**settings, "threads": threads, "aligner": ""}, parts))

    hibari = build("hibari", {})
    alpha = build("kokoro", {"female": "jf_alpha", "male": "jm_kumo"})
    blend = build("kokoro", {"female": "jf_gongitsune+jf_tebukuro"})
    nezumi = build("kokoro", {"female": "jf_nezumi"})
    cast_list: list[tuple[str, Speaker, tuple[str, ...], Traits]] = [
        ("hibari-woman", hibari, ("en",), Traits(gender="female")),
        ("alpha-woman", alpha, EVERYWHERE, Traits(gender="female")),
        ("kumo-man", alpha, EVERYWHERE, Traits(gender="male")),
        ("hibari-man", hibari, ("en",), Traits(gender="male")),
        ("blend-woman", blend, EVERYWHERE, Traits(gender="female")),
        ("hibari-child", hibari, ("en",), Traits(age="child")),
        ("kumo-old-man", alpha, EVERYWHERE, Traits(gender="male", age="elder")),
        ("hibari-old-woman", hibari, ("en",), Traits(gender="female", age="elder")),
        ("nezumi-woman", nezumi, EVERYWHERE, Traits(gender="female")),
        ("blend-child", blend, EVERYWHERE, Traits(age="child")),
        ("hibari-old-man", hibari, ("en",), Traits(gender="male", age="elder")),
    ]
    return [
        TrainingVoice(name=name, speaker=speaker, languages=languages, traits=traits)
        for name, speaker, languages, traits in cast_list
    ]


def make(folder: Path, *, clips: int, out: Path, seed: int, threads: int) -> TrainingSummary:
    """Speak, hear, train, write."""
    parts = LocalParts(weights.default_cache(), folder, voice=no_cards)
    listing = make_training_speech(
        voices(parts, threads=threads), out=folder / "clips", clips=clips, seed=seed, progress=Counted()
    )
    pitch = SwiftPitch()

    rows = [json.loads(line) for line in listing.read_text(encoding="utf-8").splitlines()]
    words = {row["audio"]: Transcript(text=row["sentence"], language=row["language"]) for row in rows}

    def delivery(path: Path, speech: Waveform) -> Prosody:
        return prosody.measure(speech, pitch=pitch.track(speech), transcript=words[path.name])

    return train_from_clips(
        [Target(name=name, source=listing, column=name, group_column="voice") for name in TARGETS],
        encoder=parts.encoder("whisper-base"),
        out=out,
        seed=seed,
        prosody=delivery,
        cache=folder / "features",
        repeats=1,
        title="Shipped heads",
        licence="Apache-2.0",
        training=(
            "our own sentences in English, Chinese and Japanese, spoken by Kokoro-82M and hibari voices with "
            "deliveries carried out by WORLD; labels are what was asked, no listener was"
        ),
        notes=("Figures are for voices held out whole.", "See docs/heads.md for how listeners agree with them."),
        progress=Counted(),
    )


def main() -> int:
    """Print the cross-validated figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--clips", type=int, default=480)
    parser.add_argument("--out", type=Path, default=SHIPPED)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    summary = make(given.folder, clips=given.clips, out=given.out, seed=given.seed, threads=given.threads)
    print(f"{summary.out}  {summary.identity}  on {summary.encoder}")
    for head in summary.heads:
        print(f"{head.name:<12} {head.clips:>5} clips  {head.groups:>3} voices  {head.measure} {head.figure:.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

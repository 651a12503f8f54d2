"""Options that name recorded backgrounds, for commands that set speech in noise."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from s2s_arena.build.recorded_noise import NoiseFolder, lacking
from s2s_arena.build.scenes import SCENES
from s2s_arena.cli.console import say
from s2s_arena.errors import InputError

NoisePlace = Annotated[
    Path | None,
    typer.Option(
        "--noise-folder", help="Recorded backgrounds: MUSAN, DEMAND, ESC-50, or a folder with one subfolder a scene."
    ),
]
NoiseLicence = Annotated[str, typer.Option("--noise-licence", help="Their licence, where the folder does not tell it.")]
NoiseCategories = Annotated[
    list[str] | None,
    typer.Option(
        "--noise-category",
        help="SCENE=CATEGORY, e.g. cafe=talk: what of the collection stands for a scene; repeat.",
    ),
]


def noise_of(folder: Path | None, *, licence: str, categories: Sequence[str]) -> NoiseFolder | None:
    """The collection that the options name; says which scenes it lacks. InputError for options that do not fit."""
    pairs: dict[str, str] = {}
    for pair in categories:
        scene, equals, category = pair.partition("=")
        if not equals or not scene or not category:
            raise InputError(f"--noise-category {pair}: SCENE=CATEGORY needed, e.g. --noise-category cafe=talk")
        pairs[scene] = category
    if folder is None:
        if pairs or licence != "unknown":
            raise InputError("--noise-licence and --noise-category: they are for --noise-folder; give that too")
        return None
    found = NoiseFolder.read(folder, licence=licence, categories=pairs)
    made = lacking(found, SCENES)
    if made:
        say(f"  {folder}: has no recording of {', '.join(made)}; these scenes are made as usual")
    return found

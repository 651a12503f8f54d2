"""`s2s-arena suite dub`: people's recordings take the place of a suite's voices."""

from pathlib import Path
from typing import Annotated

import typer

from s2s_arena.build.dubbing import dub as dub_suite
from s2s_arena.build.importing import stage as importing
from s2s_arena.cli.console import TerminalProgress, command, print_json, say
from s2s_arena.cli.noise import NoiseCategories, NoiseLicence, NoisePlace, noise_of
from s2s_arena.cli.options import HERE, AsJson, Quiet, SuiteName, Workspace
from s2s_arena.compose import open_workspace


@command
def dub(
    folder: Annotated[Path, typer.Argument(help="Folder with recordings.csv, whose column 'sample' names samples.")],
    workspace: Workspace = HERE,
    suite: SuiteName = None,
    licence: Annotated[str, typer.Option(help="Of recordings whose row states none.")] = "unknown",
    skip_bad: Annotated[
        bool, typer.Option(help="Leave out what cannot be read and list it, instead of stopping.")
    ] = False,
    noise_folder: NoisePlace = None,
    noise_licence: NoiseLicence = "unknown",
    noise_category: NoiseCategories = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Replace the speech of a suite's samples by people's recordings, as a new version of the suite.

    A background that a script asks for is mixed in behind the recording: made, or taken from --noise-folder.
    """
    noise = noise_of(noise_folder, licence=noise_licence, categories=noise_category or ())
    with open_workspace(workspace) as arena:
        chosen = arena.suite(suite)
        read = importing.run(
            folder,
            name=f"{chosen.name}-recordings",
            store=arena.store,
            format="recordings",
            licence=licence,
            strict=not skip_bad,
            progress=TerminalProgress(quiet=quiet or as_json),
        )
        done = dub_suite(chosen, read.suite, store=arena.store, seed=arena.config.workspace.seed, noise=noise)
        arena.store.put(done.suite)
    made = done.suite
    problems = [*read.problems, *done.ignored]
    if as_json:
        print_json(
            {
                "suite": made.name,
                "version": made.version,
                "hash": made.hash,
                "samples": len(made.samples),
                "replaced": list(done.replaced),
                "problems": problems,
                "warnings": list(read.warnings),
            }
        )
        return
    for line in (*problems, *(f"doubtful: {warning}" for warning in read.warnings)):
        say(f"  {line}")
    say(
        f"suite {made.name} version {made.version}: {len(done.replaced)} of {len(made.samples)} samples spoken by "
        f"people, hash {made.hash[:12]}; review it next"
    )

"""`s2s-arena suite build`: speak scripts with the local voices and freeze the suite."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from s2s_arena.build import stage
from s2s_arena.build.augment.speaking import is_growth
from s2s_arena.build.augment.speaking import load as load_grown
from s2s_arena.build.labels import stage as labelling
from s2s_arena.build.labels.remembering import Remembering
from s2s_arena.build.recorded_noise import NoiseFolder
from s2s_arena.build.scripts import SHIPPED, load, shipped
from s2s_arena.build.subset import subset
from s2s_arena.build.voices import Casting, qualities, speakable
from s2s_arena.cli.console import TerminalProgress, command, print_json, print_plan, print_table, say
from s2s_arena.cli.noise import NoiseCategories, NoiseLicence, NoisePlace, noise_of
from s2s_arena.cli.options import HERE, AsJson, JustPlan, Quiet, Workspace
from s2s_arena.compose import Arena, open_workspace
from s2s_arena.compose.labels import label_meter
from s2s_arena.errors import InputError, SuiteError
from s2s_arena.protocols import Transcriber
from s2s_arena.records.samples import Sample


@command
def build(
    which: Annotated[
        str | None, typer.Argument(help=f"A suite that ships with the package: {', '.join(SHIPPED)}.")
    ] = None,
    workspace: Workspace = HERE,
    scripts: Annotated[
        Path | None,
        typer.Option(help="Scripts to speak instead: a TOML file, a folder of them, or what suite augment grew."),
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name of the suite.")] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="A part of so many samples that still covers levels, domains, languages.")
    ] = None,
    voices: Annotated[
        str, typer.Option(help="Voices to speak with, by comma; +name adds to the usual ones. See suite voices.")
    ] = "",
    noise_folder: NoisePlace = None,
    noise_licence: NoiseLicence = "unknown",
    noise_category: NoiseCategories = None,
    check: Annotated[
        bool, typer.Option(help="Transcribe what was spoken, measure its labels, and list what disagrees.")
    ] = True,
    plan: JustPlan = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Speak scripts with the local voices, set them in noise, check them, and freeze the suite.

    Without an argument, the starter suite. Samples in a language that no installed voice knows are listed as not
    yet spoken and left out. Stopped, the same command goes on.
    """
    if which is not None and scripts is not None:
        raise InputError(f"suite build {which} --scripts {scripts}: choose one")
    samples = _read(scripts) if scripts else shipped(which or "starter")
    wanted = name or (scripts.stem if scripts else which or "starter")
    with open_workspace(workspace) as arena:
        if limit is not None:
            samples = subset(samples, limit)
        noise = noise_of(noise_folder, licence=noise_licence, categories=noise_category or ())
        names = tuple(part.strip() for part in voices.split(",") if part.strip())
        if plan:
            _print_plan(arena, samples, names=names, noise=noise, as_json=as_json)
            return
        progress = TerminalProgress(quiet=quiet or as_json)
        ears = Remembering(arena.transcriber()) if check else None
        summary = build_suite(arena, samples, name=wanted, ears=ears, progress=progress, names=names, noise=noise)
        measured = labelling.run(summary.suite.samples, label_meter(arena, ears), progress=progress) if ears else None
    _tell_built(summary, measured, as_json=as_json)


def build_suite(
    arena: Arena,
    samples: tuple[Sample, ...],
    *,
    name: str,
    progress: TerminalProgress,
    ears: Transcriber | None = None,
    names: Sequence[str] = (),
    noise: NoiseFolder | None = None,
) -> stage.Summary:
    """Speak samples with the workspace's voices (those of `names`, if given); `ears`, if given, transcribe them.

    Backgrounds are made, or taken from `noise` where it has some of the scene.

    Raises:
        SuiteError: No voice knows the language of any sample; and as `build.stage.run`.
    """
    voices = arena.speakers(names)
    cards = [card for card, _ in voices.values()]
    spoken, unspoken = speakable(samples, cards)
    if not spoken:
        asked = ", ".join(sorted({turn.language for sample in unspoken for turn in sample.turns}))
        known = ", ".join(f"{card.name} ({'/'.join(card.languages)})" for card in cards)
        raise SuiteError(
            f"suite {name}: no voice speaks {asked} (voices: {known}); choose one that does with --voices, see "
            "s2s-arena suite voices"
        )
    seed = arena.config.workspace.seed
    casting = Casting(cards, seed=seed)
    needed = {casting(sample, turn) for sample in spoken for turn in range(len(sample.turns))}
    return stage.run(
        spoken,
        name=name,
        speakers={voice: make() for voice, (_, make) in voices.items() if voice in needed},
        voice_of=casting,
        store=arena.store,
        seed=seed,
        progress=progress,
        transcriber=ears,
        unspoken=unspoken,
        qualities=qualities(cards),
        noise=noise,
    )


def _read(path: Path) -> tuple[Sample, ...]:
    return load_grown(path) if is_growth(path) else load(path)


def _print_plan(
    arena: Arena, samples: Sequence[Sample], *, names: Sequence[str], noise: NoiseFolder | None, as_json: bool
) -> None:
    voices = arena.speakers(names)
    cards = [card for card, _ in voices.values()]
    spoken, unspoken = speakable(samples, cards)
    seed = arena.config.workspace.seed
    speakers = {voice: make() for voice, (_, make) in voices.items()}
    would = stage.plan(
        spoken, speakers=speakers, voice_of=Casting(cards, seed=seed), store=arena.store, seed=seed, noise=noise
    )
    print_plan({**dataclasses.asdict(would), "not_yet_spoken": len(unspoken)}, as_json=as_json)


def _tell_built(summary: stage.Summary, measured: labelling.Summary | None, *, as_json: bool) -> None:
    suite = summary.suite
    if as_json:
        print_json(
            {
                "suite": suite.name,
                "samples": len(suite.samples),
                "hash": suite.hash,
                "problems": [
                    *(f"{p.sample}: {p.kind}: {p.message}" for p in summary.problems),
                    *(f"{w.sample}: label: {w.label}: {w.message}" for w in (measured.wrong if measured else ())),
                ],
                "not_yet_spoken": [{"id": s.id, "language": s.language} for s in summary.unspoken],
                "measured": measured.as_json() if measured else None,
            }
        )
        return
    for problem in summary.problems:
        say(f"  {problem.sample} turn {problem.turn}: {problem.kind}: {problem.message}")
    for sample in summary.unspoken:
        say(f"  {sample.id}: not yet spoken: none of these voices knows {sample.language}; see --voices")
    if measured:
        _tell_measured(measured)
    say(
        f"suite {suite.name}: {len(suite.samples)} samples, {summary.spoken} turns spoken, {summary.reused} kept from "
        f"before, {len(summary.unspoken)} not yet spoken, {len(summary.problems)} to listen to, "
        f"hash {suite.hash[:12]}"
    )


def _tell_measured(measured: labelling.Summary) -> None:
    for one in measured.wrong:
        say(f"  {one.sample} turn {one.turn}: label {one.label}: not shown: {one.message}")
    rows = [("label " + kind, tally) for kind, tally in measured.labels.items()]
    rows += [("plain, no " + kind, tally) for kind, tally in measured.controls.items()]
    rows += [("samples, all labels", measured.samples), ("plain samples", measured.plain)]
    print_table(
        "labels as measured",
        ("", "right", "wrong", "not measurable", "right, %"),
        [
            (
                name,
                str(t.right),
                str(t.wrong),
                str(t.unmeasured),
                "" if t.share_right is None else f"{100 * t.share_right:.1f}",
            )
            for name, t in rows
        ],
    )

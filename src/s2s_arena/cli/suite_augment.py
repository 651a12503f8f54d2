"""`s2s-arena suite augment`: grow new scripts from seed scripts with a writer."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from s2s_arena.build.augment import files, stage
from s2s_arena.build.augment.speaking import load as load_grown
from s2s_arena.build.augment.targets import PER_TASK
from s2s_arena.build.scripts import load, seed
from s2s_arena.cli.console import TerminalProgress, command, out, print_json, print_plan, say
from s2s_arena.cli.options import AsJson, JustPlan, Quiet, names
from s2s_arena.compose.writers import LOCAL, writer
from s2s_arena.errors import InputError
from s2s_arena.records.samples import Sample

SECONDS_A_CALL = 20.0
CALLS_A_SCRIPT = 2.0
"""What the embedded mind took on two cores, for plans."""


@command
def augment(
    folder: Annotated[Path, typer.Option("--out", help="Folder of the growth: journal and scripts.")] = Path("grown"),
    tasks: Annotated[str | None, typer.Option(help="Seed tasks, comma-separated; all by default.")] = None,
    per_task: Annotated[int, typer.Option(min=1, help="Scripts a task.")] = PER_TASK,
    scripts: Annotated[
        Path | None, typer.Option(help="Seed scripts: a TOML file (one task) or a folder; the seed suite by default.")
    ] = None,
    others: Annotated[
        list[Path] | None, typer.Option("--differ-from", help="Further scripts that new ones must differ from.")
    ] = None,
    by: Annotated[
        str, typer.Option("--writer", help="'local', or the address of an OpenAI-compatible endpoint.")
    ] = LOCAL,
    model: Annotated[str | None, typer.Option(help="Model at the endpoint, or weights of the local mind.")] = None,
    key_env: Annotated[str | None, typer.Option(help="Variable with the endpoint's key; '' for none.")] = None,
    number: Annotated[int, typer.Option("--seed", help="Another number gives other scripts.")] = 0,
    prefix: Annotated[str, typer.Option(help="Of ids.")] = "aug",
    levels: Annotated[str | None, typer.Option(help="Shares, e.g. L2=1,L4=2; the paper's by default.")] = None,
    languages: Annotated[str | None, typer.Option(help="Shares, e.g. en=3,zh=1; the paper's by default.")] = None,
    corpus: Annotated[bool, typer.Option("--corpus", help="One file a task instead of one for all.")] = False,
    plan: JustPlan = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Grow new scripts from seeds by self-instruction: one script a call, five seeds in context, every reply checked.

    Stopped or killed, the same command goes on; a larger number grows further. Speak them with
    s2s-arena suite build --scripts FOLDER.
    """
    seeds = _scripts(scripts) if scripts else seed()
    known = tuple(dict.fromkeys(str(s.seed_task or s.task) for s in seeds if s.task))
    growth = stage.Growth(
        tasks=names(tasks) or known,
        per_task=per_task,
        seed=number,
        prefix=prefix,
        levels=_shares("levels", levels),
        languages=_shares("languages", languages),
    )
    if plan:
        wanted = per_task * len(growth.tasks)
        calls = CALLS_A_SCRIPT * wanted
        hours = calls * SECONDS_A_CALL / 3600
        print_plan({"tasks": len(growth.tasks), "scripts": wanted, "calls": calls, "hours": hours}, as_json=as_json)
        return
    summary = stage.run(
        growth,
        seeds,
        writer=writer(by, model=model, key_env=key_env),
        folder=folder,
        others=[(t.script, t.language) for path in others or () for s in _scripts(path) for t in s.turns],
        progress=TerminalProgress(quiet=quiet or as_json),
    )
    written = files.write(summary.scripts, folder, corpus=corpus)
    _tell(summary, written, as_json=as_json)


def _scripts(path: Path) -> Sequence[Sample]:
    return load_grown(path) if path.suffix.lower() in (".json", ".jsonl") else load(path)


def _shares(option: str, text: str | None) -> dict[str, float] | None:
    if text is None:
        return None
    shares = {}
    for part in names(text):
        key, equals, value = part.partition("=")
        try:
            shares[key.strip()] = float(value)
        except ValueError:
            equals = ""
        if not equals:
            raise InputError(f"--{option} {part}: KEY=SHARE needed, e.g. L2=1,L4=2")
    return shares


def _tell(summary: stage.Summary, written: Sequence[Path], *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "scripts": len(summary.scripts),
                "given_up": list(summary.given_up),
                "calls": summary.calls,
                "acceptance": round(summary.acceptance, 4),
                "rejections": dict(summary.rejections),
                "asked_characters": summary.asked_characters,
                "replied_characters": summary.replied_characters,
                "seconds": round(summary.seconds, 1),
                "files": [str(path) for path in written],
            }
        )
        return
    for reason, count in summary.rejections.items():
        out().print(f"  {reason:20} {count}")
    for id in summary.given_up:
        say(f"  {id}: given up after {stage.ROUNDS} choices of seeds with {stage.RETRIES} retries each")
    say(
        f"{len(summary.scripts)} scripts of {summary.calls} calls ({summary.acceptance:.0%} accepted), "
        f"{summary.asked_characters} characters asked, {summary.replied_characters} written, "
        f"{summary.seconds / 60:.0f} minutes of the writer; in {', '.join(str(path) for path in written)}"
    )

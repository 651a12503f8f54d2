"""`s2s-arena suite`: build, import, list, show and count spoken suites."""

import dataclasses
from pathlib import Path
from typing import Annotated

import typer

from s2s_arena.build.importing import stage as importing
from s2s_arena.cli import (
    suite_augment,
    suite_build,
    suite_dub,
    suite_publish,
    suite_review,
    suite_stats,
    suite_verify,
    suite_voices,
    suite_withdraw,
)
from s2s_arena.cli.console import TerminalProgress, command, out, print_json, print_table, say
from s2s_arena.cli.options import HERE, AsJson, Quiet, SuiteName, Workspace
from s2s_arena.compose import open_workspace
from s2s_arena.errors import InputError
from s2s_arena.records.identity import SampleId
from s2s_arena.records.samples import Sample, Suite
from s2s_arena.records.taxonomy import LevelScheme

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Build, import, list, show and count spoken test suites."""


app.command("build")(suite_build.build)
app.command("voices")(suite_voices.voices)
app.command("augment")(suite_augment.augment)
app.command("stats")(suite_stats.stats)
app.command("dub")(suite_dub.dub)
app.command("review")(suite_review.review)
app.command("verify")(suite_verify.verify)
app.command("publish")(suite_publish.publish)
app.command("withdraw")(suite_withdraw.withdraw)


@app.command("import")
@command
def import_suite(
    path: Annotated[Path, typer.Argument(help="A folder of audio, or a JSON, JSONL, CSV or Parquet file.")],
    workspace: Workspace = HERE,
    name: Annotated[str | None, typer.Option(help="Name of the suite; the file's or folder's by default.")] = None,
    format: Annotated[str, typer.Option(help="auto, or one of the formats in docs/suites.md.")] = "auto",
    level_scheme: Annotated[LevelScheme, typer.Option(help="paper: L1-L4; v1: L0-L3.")] = LevelScheme.PAPER,
    column: Annotated[
        list[str] | None, typer.Option(help="FIELD=COLUMN, e.g. audio=path; repeat for each field that differs.")
    ] = None,
    language: Annotated[str | None, typer.Option(help="Language of samples that do not say theirs (BCP 47).")] = None,
    licence: Annotated[str, typer.Option(help="Licence of what is imported.")] = "unknown",
    source: Annotated[str | None, typer.Option(help="Where it comes from.")] = None,
    skip_bad: Annotated[
        bool, typer.Option(help="Leave out what cannot be read and list it, instead of stopping.")
    ] = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Bring in recordings, or somebody else's benchmark, as a suite."""
    columns: dict[str, str] = {}
    for pair in column or ():
        field, equals, of = pair.partition("=")
        if not equals or not field or not of:
            raise InputError(f"--column {pair}: FIELD=COLUMN needed, e.g. --column audio=path")
        columns[field] = of
    with open_workspace(workspace) as arena:
        summary = importing.run(
            path,
            name=name or path.stem,
            store=arena.store,
            format=format,
            level_scheme=level_scheme,
            columns=columns or None,
            language=language,
            licence=licence,
            source=source or path.name,
            strict=not skip_bad,
            progress=TerminalProgress(quiet=quiet or as_json),
        )
    suite = summary.suite
    if as_json:
        print_json(
            {
                "suite": suite.name,
                "samples": len(suite.samples),
                "hash": suite.hash,
                "problems": list(summary.problems),
                "warnings": list(summary.warnings),
            }
        )
        return
    for line in (*summary.problems, *(f"doubtful: {warning}" for warning in summary.warnings)):
        say(f"  {line}")
    say(
        f"suite {suite.name}: {len(suite.samples)} samples, {len(summary.problems)} left out, hash {suite.hash[:12]}, "
        f"licence {' and '.join(sorted({s.provenance.licence for s in suite.samples}))}"
    )


@app.command("list")
@command
def list_suites(workspace: Workspace = HERE, as_json: AsJson = False) -> None:
    """List the suites of the workspace."""
    with open_workspace(workspace) as arena:
        suites = list(arena.store.all(Suite))
    rows = [{"suite": s.name, "samples": len(s.samples), "hash": s.hash, "version": s.version} for s in suites]
    if as_json:
        print_json(rows)
    else:
        columns = ("suite", "samples", "hash", "version")
        print_table("", columns, [tuple(str(r[c])[:16] for c in columns) for r in rows])


@app.command("show")
@command
def show(
    sample: Annotated[str | None, typer.Argument(help="Id of a sample; without it, all are listed.")] = None,
    workspace: Workspace = HERE,
    suite: SuiteName = None,
    as_json: AsJson = False,
) -> None:
    """Show the samples of a suite, or one of them whole."""
    with open_workspace(workspace) as arena:
        chosen = arena.suite(suite)
        audio = arena.layout.root / "audio"
    if sample is not None:
        try:
            one = chosen.sample(SampleId(sample))
        except KeyError:
            raise InputError(f"sample '{sample}': not in suite {chosen.name}; see s2s-arena suite show") from None
        _show_sample(one, audio, as_json=as_json)
        return
    rows = [
        {
            "id": s.id,
            "level": s.level.value if s.level else "",
            "domain": s.domain or "",
            "task": s.task or "",
            "language": s.language,
            "seconds": round(sum(t.speech.duration_s for t in s.turns if t.speech), 1),
            "script": " / ".join(t.script for t in s.turns),
        }
        for s in chosen.samples
    ]
    if as_json:
        print_json({"suite": chosen.name, "hash": chosen.hash, "samples": rows})
    else:
        columns = ("id", "level", "domain", "task", "language", "seconds", "script")
        print_table(f"suite {chosen.name}", columns, [tuple(str(r[c]) for c in columns) for r in rows])


def _show_sample(sample: Sample, audio: Path, *, as_json: bool) -> None:
    facts: dict[str, object] = {
        "id": sample.id,
        "level": sample.level.value if sample.level else None,
        "domain": sample.domain,
        "task": sample.task,
        "language": sample.language,
        "twin_group": sample.twin_group,
        "guideline": sample.guideline,
        "expects": [f"{e.cue} {e.want}" for e in sample.expects],
        "references": list(sample.references),
        "turns": [
            {
                "script": t.script,
                "labels": dict(t.labels),
                "voice": t.voice,
                "background": f"{t.background.scene} at {t.background.snr_db:g} dB" if t.background else None,
                "audio": str(audio / t.speech.hash[:2] / f"{t.speech.hash}.flac") if t.speech else None,
                "seconds": round(t.speech.duration_s, 2) if t.speech else None,
            }
            for t in sample.turns
        ],
        "attributes": dict(sample.attributes),
        "provenance": dataclasses.asdict(sample.provenance),
        "hash": sample.hash,
    }
    if as_json:
        print_json(facts)
        return
    for key, value in facts.items():
        if value not in (None, [], {}, ""):
            out().print(f"{key:12} {value}")

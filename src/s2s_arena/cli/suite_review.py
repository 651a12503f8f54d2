"""`s2s-arena suite review`: automatic checks, forms for people and back, agreement, and the frozen suite."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from s2s_arena.build.review import automatic, freezing, identification, people
from s2s_arena.build.review.decisions import REVIEWERS, agreement, decide
from s2s_arena.build.review.ears import Ears
from s2s_arena.cli.console import TerminalProgress, command, print_json, print_table, say
from s2s_arena.cli.options import HERE, AsJson, Quiet, SuiteName, Workspace, names
from s2s_arena.compose import Arena, open_workspace
from s2s_arena.compose.labels import label_meter
from s2s_arena.errors import InputError
from s2s_arena.ratings.agreement import Estimate
from s2s_arena.records.samples import Suite
from s2s_arena.records.scores import Review


@command
def review(
    workspace: Workspace = HERE,
    suite: SuiteName = None,
    forms: Annotated[
        Path | None, typer.Option(help="Write a form for each reviewer, and the clips, into this folder.")
    ] = None,
    people_named: Annotated[
        str | None, typer.Option("--people", help="Names or pseudonyms of those who get forms: ann,bo,chen,dee.")
    ] = None,
    form_format: Annotated[str, typer.Option(help="Of the forms: csv or jsonl.")] = "csv",
    filled: Annotated[
        list[Path] | None, typer.Option(help="Read a filled form, or a folder of them, in; repeat for each.")
    ] = None,
    identify: Annotated[
        bool, typer.Option(help="Forms in which people name the cue they hear, without being told; three of them.")
    ] = False,
    freeze: Annotated[bool, typer.Option(help="Freeze what the majority keeps, with its review recorded.")] = False,
    reviewers: Annotated[
        int, typer.Option(min=0, help="How many must have reviewed every sample; 0: instruments alone.")
    ] = REVIEWERS,
    discard_flagged: Annotated[
        bool, typer.Option(help="When freezing, leave out what instruments find grave, whatever people say.")
    ] = False,
    ears: Annotated[
        bool, typer.Option(help="Have words, language and labels checked by the local instruments.")
    ] = True,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Check a suite, gather what people think of it, and freeze what they keep.

    Without further options every sample is checked by instruments and the state of the review is shown.
    """
    with open_workspace(workspace) as arena:
        chosen = arena.suite(suite)
        rng = np.random.default_rng(arena.config.workspace.seed)
        if forms is not None:
            _write_forms(arena, chosen, forms, given=people_named, suffix=form_format, identify=identify, rng=rng)
            return
        if filled:
            _read_forms(arena, chosen, filled, identify=identify)
        elif freeze:
            frozen = freezing.freeze(
                chosen, arena.store.all(Review), reviewers=reviewers, discard_flagged=discard_flagged
            )
            arena.store.put(frozen.suite)
            _tell_frozen(frozen, as_json=as_json)
            return
        else:
            transcriber = arena.transcriber() if ears else None
            summary = automatic.run(
                chosen,
                store=arena.store,
                ears=Ears(transcriber, arena.store) if transcriber else None,
                labels=label_meter(arena, transcriber) if transcriber else None,
                progress=TerminalProgress(quiet=quiet or as_json),
            )
            if not as_json:
                _tell_findings(summary)
        _tell_state(arena, chosen, rng=rng, as_json=as_json)


def _write_forms(
    arena: Arena,
    suite: Suite,
    folder: Path,
    *,
    given: str | None,
    suffix: str,
    identify: bool,
    rng: np.random.Generator,
) -> None:
    if suffix not in ("csv", "jsonl"):
        raise InputError(f"--form-format {suffix}: not known; csv or jsonl")
    asked = identification.LISTENERS if identify else REVIEWERS
    who = names(given) or tuple(f"reviewer{n}" for n in range(1, asked + 1))
    if identify:
        paths = identification.export(suite, folder, listeners=who, store=arena.store, rng=rng, suffix=f".{suffix}")
    else:
        paths = people.export(suite, folder, reviewers=who, store=arena.store, rng=rng, suffix=f".{suffix}")
    for path in paths:
        say(f"  {path}")
    fill = "answer with one of the options" if identify else "decision: keep or discard, with a reason if discarded"
    say(f"{len(paths)} forms ({fill}); read them in with --filled FILE{' --identify' if identify else ''}")


def _read_forms(arena: Arena, suite: Suite, filled: list[Path], *, identify: bool) -> None:
    if identify:
        say(f"{identification.fill(filled, suite=suite, store=arena.store)} new answers")
        return
    done = people.fill(filled, suite=suite, store=arena.store)
    for line in done.contradictions:
        say(f"  {line}")
    say(f"{done.new} new decisions, {done.kept} recorded before, {done.blank} rows left blank")


def _tell_findings(summary: automatic.Summary) -> None:
    for report in summary.doubtful:
        for finding in report.findings:
            say(f"  {report.sample} turn {finding.turn}: {finding.kind}: {finding.message}")
    kinds = Counter(finding.kind for report in summary.reports for finding in report.findings)
    listed = ", ".join(f"{kind} {count}" for kind, count in kinds.most_common()) or "none"
    clean = len(summary.reports) - len(summary.doubtful)
    say(f"{summary.reviewer}: {len(summary.reports)} samples, {clean} without a finding; findings: {listed}")


def _tell_state(arena: Arena, suite: Suite, *, rng: np.random.Generator, as_json: bool) -> None:
    reviews = list(arena.store.all(Review))
    decisions = decide(suite.samples, reviews)
    decided = [d for d in decisions if d.reviewers]
    figures = agreement(suite.samples, reviews, rng=rng)
    cues = identification.summary(suite, store=arena.store, rng=rng)
    if as_json:
        hashes = {sample.hash: sample.id for sample in suite.samples}
        findings = {
            hashes[r.sample_hash]: dict(r.answers)
            for r in reviews
            if r.sample_hash in hashes and r.reviewer.startswith(automatic.PREFIX) and r.answers
        }
        print_json(
            {
                "suite": suite.name,
                "hash": suite.hash,
                "samples": len(suite.samples),
                "findings": findings,
                "reviewed": len(decided),
                "decisions": [
                    {"sample": d.sample, "keep": d.keeps, "discard": d.discards, "reasons": dict(d.reasons)}
                    for d in decided
                ],
                "agreement": {
                    "percent": estimate_json(figures.percent),
                    "alpha": estimate_json(figures.alpha),
                    "unanimous": estimate_json(figures.unanimous),
                },
                "identified": [
                    {
                        "cue": c.cue,
                        "by_majority": estimate_json(c.by_majority),
                        "by_listener": estimate_json(c.by_listener),
                        "chance": c.chance,
                        "alpha": estimate_json(c.alpha),
                    }
                    for c in cues.cues
                ],
                "frozen": freezing.is_frozen(suite),
            }
        )
        return
    if decided:
        out = [d for d in decided if not d.kept]
        say(
            f"people: {len(decided)} of {len(decisions)} samples reviewed, {len(out)} of them not kept "
            f"({sum(d.tied for d in out)} by a tie); agreement {estimate_text(figures.percent)}, "
            f"Krippendorff's alpha {estimate_text(figures.alpha)}, unanimous {estimate_text(figures.unanimous)}"
        )
    if cues.cues:
        print_table(
            "cues identified without being told",
            ("cue", "by majority of three", "by one listener", "chance", "alpha"),
            [
                (c.cue, estimate_text(c.by_majority), estimate_text(c.by_listener), f"{c.chance:.2f}",
                 estimate_text(c.alpha))
                for c in cues.cues
            ],
        )  # fmt: skip
        for sample, want, said in cues.missed:
            say(f"  {sample}: {want} was heard as {said}")


def _tell_frozen(frozen: freezing.Frozen, *, as_json: bool) -> None:
    suite = frozen.suite
    if as_json:
        print_json(
            {
                "suite": suite.name,
                "version": suite.version,
                "hash": suite.hash,
                "samples": len(suite.samples),
                "discarded": dict(frozen.discarded),
                "flagged": list(frozen.flagged),
            }
        )
        return
    for id, why in frozen.discarded:
        say(f"  {id}: left out: {why}")
    say(
        f"suite {suite.name} version {suite.version}: {len(suite.samples)} samples frozen, {len(frozen.discarded)} "
        f"left out, {len(frozen.flagged)} kept although instruments flag them, hash {suite.hash[:12]}"
    )


def estimate_json(estimate: Estimate) -> dict[str, float | int | None]:
    """An estimate in the shape that `--json` prints."""
    return {"value": estimate.value, "low": estimate.low, "high": estimate.high, "cases": estimate.cases}


def estimate_text(estimate: Estimate) -> str:
    """An estimate with its interval, for people."""
    if estimate.value is None:
        return "-"
    span = f" [{estimate.low:.2f}, {estimate.high:.2f}]" if estimate.low is not None else ""
    return f"{estimate.value:.2f}{span}"

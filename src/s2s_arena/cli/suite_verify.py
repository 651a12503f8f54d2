"""`s2s-arena suite verify`: do people agree with a suite's levels and attributes, as in the paper's study?"""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from s2s_arena.build import verifying
from s2s_arena.build.splits import SPLITS, split_of
from s2s_arena.cli.console import command, print_json, print_table, say
from s2s_arena.cli.options import HERE, AsJson, SuiteName, Workspace, names
from s2s_arena.cli.suite_review import estimate_json, estimate_text
from s2s_arena.compose import open_workspace
from s2s_arena.errors import InputError


@command
def verify(
    workspace: Workspace = HERE,
    suite: SuiteName = None,
    forms: Annotated[
        Path | None, typer.Option(help="Draw samples and write a form for each verifier, and the clips, here.")
    ] = None,
    per_level: Annotated[int, typer.Option(min=1, help="How many samples of each level.")] = verifying.PER_LEVEL,
    people: Annotated[str | None, typer.Option(help="Names or pseudonyms of the verifiers; one by default.")] = None,
    split: Annotated[str | None, typer.Option(help="Only of this split: seed or augment.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of the draw; the workspace's by default.")] = None,
    form_format: Annotated[str, typer.Option(help="Of the forms: csv or jsonl.")] = "csv",
    filled: Annotated[
        list[Path] | None, typer.Option(help="Read a filled form, or a folder of them, in; repeat for each.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Ask people of a stratified draw: is the level right, are the attributes right?

    Shows agreement so far beside the paper's 90 and 93 %. (`s2s-arena verify`, without suite, checks hashes.)
    """
    if form_format not in ("csv", "jsonl"):
        raise InputError(f"--form-format {form_format}: not known; csv or jsonl")
    if split is not None and split not in SPLITS:
        raise InputError(f"--split {split}: not known; one of {', '.join(SPLITS)}")
    with open_workspace(workspace) as arena:
        chosen = arena.suite(suite)
        rng = np.random.default_rng(arena.config.workspace.seed if seed is None else seed)
        if forms is not None:
            samples = [s for s in chosen.samples if split is None or split_of(s) == split]
            drawn = verifying.draw(samples, per_level=per_level, rng=rng)
            who = names(people) or ("verifier1",)
            for path in verifying.export(drawn, forms, verifiers=who, store=arena.store, suffix=f".{form_format}"):
                say(f"  {path}")
            say(f"{len(drawn)} samples drawn; answer yes or no, then read the forms in with --filled FILE")
            return
        if filled:
            say(f"{verifying.fill(filled, suite=chosen, store=arena.store)} new answers")
        found = verifying.summary(chosen, store=arena.store, rng=rng)
    if as_json:
        print_json(
            {
                "suite": chosen.name,
                "hash": chosen.hash,
                "verifiers": list(found.verifiers),
                "questions": [
                    {
                        "question": q.question,
                        "share": estimate_json(q.share),
                        "levels": {level: estimate_json(e) for level, e in q.levels.items()},
                        "weighted": q.weighted,
                        "alpha": estimate_json(q.alpha),
                        "paper": estimate_json(q.paper),
                    }
                    for q in found.questions
                ],
                "disputed": [{"sample": s, "question": q, "comment": c} for s, q, c in found.disputed],
            }
        )
        return
    levels = sorted({level for q in found.questions for level in q.levels})
    print_table(
        f"verification of suite {chosen.name} by {len(found.verifiers)} people (share with its Wilson 95 % interval)",
        ("is it right?", "samples", "agreed", "paper", "weighted", *levels),
        [
            (
                q.question,
                str(q.share.cases),
                estimate_text(q.share),
                estimate_text(q.paper),
                "-" if q.weighted is None else f"{q.weighted:.2f}",
                *(estimate_text(q.levels[level]) if level in q.levels else "-" for level in levels),
            )
            for q in found.questions
        ],
    )
    for sample, question, comment in found.disputed:
        say(f"  {sample}: {question} disputed{': ' + comment if comment else ''}")

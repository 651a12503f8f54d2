"""The command `s2s-arena`: each group of commands is imported only when it is used."""

import os
from importlib import import_module
from typing import Annotated

import typer
from typer.core import TyperCommand, TyperGroup

from s2s_arena import __version__

GROUPS: dict[str, tuple[str, str]] = {
    "demo": ("demo", "The whole thing on embedded local models: speech in, leaderboard and HTML report out."),
    "init": ("init", "Begin a workspace."),
    "suite": ("suite", "Build, import, list, show and count spoken test suites."),
    "systems": ("systems", "The systems that can be evaluated, and what each needs."),
    "answer": ("answer", "Let systems answer a suite in speech."),
    "cluster": ("cluster", "Whether a Ray cluster would answer for us."),
    "judge": ("judge", "Let a judge hear matches and give verdicts."),
    "judges": ("judges", "The judges, and training heads for the embedded one."),
    "score": ("score", "Absolute scores by rubric items, per system and dimension."),
    "rank": ("rank", "Standings with intervals, of a workspace or of any file of matches."),
    "agree": ("agree", "How far judges agree: kappa, intervals, position and length bias."),
    "report": ("report", "A folder of pages in which every verdict can be heard."),
    "serve": ("serve", "Let people vote in a browser, blind, by personal links."),
    "study": ("study", "Studies in which people vote: create, invite, status, export."),
    "jobs": ("jobs", "Work of people on a suite beside voting: review, verify, identify, dub, answer."),
    "admin": ("admin", "Who leads the studies of a workspace."),
    "import": ("imports", "Bring in finished responses, and votes from elsewhere."),
    "bundle": ("bundle", "Export responses, votes and hashes so that another machine reproduces the board."),
    "verify": ("verify", "Replay the events and check every hash of a workspace."),
}
"""Command -> (module in s2s_arena.cli, one line of help)."""

ONE_THREAD = frozenset({"rank", "agree", "report"})
"""Commands whose matrices are so small that a second thread of numpy's linear algebra only burns time waiting."""


class LazyGroup(TyperGroup):
    """Lists every command from the table, and imports only the one that is invoked."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]  # typer keeps its context private
        return list(GROUPS)

    def get_command(self, ctx: typer.Context, cmd_name: str) -> TyperCommand | None:  # type: ignore[override]
        if cmd_name not in GROUPS:
            return None
        line = GROUPS[cmd_name][1]
        return TyperCommand(name=cmd_name, help=line, short_help=line)

    def resolve_command(self, ctx: typer.Context, args: list[str]):  # type: ignore[no-untyped-def,override]
        name, found, rest = super().resolve_command(ctx, args)
        if name is not None and found is not None:
            if name in ONE_THREAD:
                os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read when numpy is imported
            module: typer.Typer = import_module(f"s2s_arena.cli.{GROUPS[name][0]}").app
            found = typer.main.get_command(module)
            found.name = name
        return name, found, rest


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"s2s-arena {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Evaluate speech-to-speech systems in speech.

    A researcher or a product team comes with a few systems and leaves with a ranking they can defend.
    Start with: s2s-arena demo --quick
    """


def main() -> None:
    """Run the command line."""
    app()

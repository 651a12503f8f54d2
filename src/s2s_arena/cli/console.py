"""What the commands share: progress on standard error, results on standard output, one way to fail."""

import contextlib
import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TextIO, TypeVar

import typer

from s2s_arena.errors import ArenaError
from s2s_arena.rank.text_table import TextTable

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

P = ParamSpec("P")
T = TypeVar("T")

INTERRUPTED = 130
RED, PLAIN = "\x1b[31m", "\x1b[0m"


@dataclass(frozen=True, slots=True)
class Lines:
    """Where lines for people go, as they are: nothing is wrapped, and nothing in them is markup."""

    stream: TextIO

    def print(self, what: object, *, red: bool = False) -> None:
        """Write a line or a table; in red where a person may be looking and wants colours."""
        coloured = red and self.stream.isatty() and not os.environ.get("NO_COLOR")
        print(f"{RED}{what}{PLAIN}" if coloured else what, file=self.stream)


def err() -> Lines:
    """Standard error."""
    return Lines(sys.stderr)


def out() -> Lines:
    """Standard output."""
    return Lines(sys.stdout)


def say(text: str) -> None:
    """A line for people, on standard error."""
    err().print(text)


def print_json(value: object) -> None:
    """A result for machines, on standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n")


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table for people, on standard output; columns whose cells are all numbers align right."""
    table = TextTable(title=title or None)
    for i, name in enumerate(columns):
        numeric = bool(rows) and all(row[i].replace(".", "").replace("-", "").isdigit() or not row[i] for row in rows)
        table.add_column(name, right=numeric)
    for row in rows:
        table.add_row(*row)
    out().print(table)


def command(run: Callable[P, T]) -> Callable[P, T]:
    """Let errors of ours end a command with one line and their exit status, and Ctrl-C with 130."""

    @wraps(run)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return run(*args, **kwargs)
        except ArenaError as error:
            err().print(f"s2s-arena: {error}", red=True)
            raise typer.Exit(error.exit_status) from error
        except KeyboardInterrupt:
            err().print("s2s-arena: stopped; what was finished is kept, the same command goes on from there")
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:  # who reads our output has seen enough, as `head` does
            sys.stdout = None  # what is left of it has no reader either
            raise typer.Exit(1) from None
        except OSError as error:
            err().print(f"s2s-arena: {error.filename or 'system'}: {error.strerror or error}", red=True)
            raise typer.Exit(1) from error

    return guarded


def results_alone() -> contextlib.redirect_stdout[TextIO]:
    """While it lasts, what others print goes to standard error: Ray tells of dead machines on standard output."""
    return contextlib.redirect_stdout(sys.stderr)


class TerminalProgress:
    """Progress with counts, rate and time left: a bar on a terminal, a line every few seconds elsewhere."""

    def __init__(self, *, quiet: bool = False, every_s: float = 5.0) -> None:
        self._quiet = quiet
        self._every_s = every_s
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._what = ""
        self._total = 0
        self._done = 0
        self._began = self._told = 0.0

    def begin(self, what: str, total: int) -> None:
        self.end()
        self._what, self._total, self._done = what, total, 0
        self._began = self._told = time.monotonic()
        if self._quiet or total == 0:
            return
        if sys.stderr.isatty():
            self._bar = _bar()
            self._bar.start()
            self._task = self._bar.add_task(what, total=total, note="")
        else:
            say(f"{what}: 0/{total}")

    def advance(self, note: str = "") -> None:
        self._done += 1
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, advance=1, note=note[:60])
        elif not self._quiet and self._total:
            now = time.monotonic()
            if now - self._told >= self._every_s or self._done == self._total:
                self._told = now
                rate = self._done / max(now - self._began, 1e-9)
                left = (self._total - self._done) / max(rate, 1e-9)
                say(f"{self._what}: {self._done}/{self._total}  {rate:.2f}/s  {left:.0f} s left  {note[:60]}".rstrip())

    def end(self) -> None:
        if self._bar is not None:
            self._bar.stop()
        self._bar = self._task = None


def _bar() -> "Progress":
    # Only people at a terminal see a bar, and rich takes as long to import as a small board to make.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
        console=Console(stderr=True, highlight=False, soft_wrap=True),
    )


def print_plan(plan: Mapping[str, object], *, as_json: bool) -> None:
    """What a command would do, having spent nothing."""
    if as_json:
        print_json({"plan": dict(plan)})
    else:
        for key, value in plan.items():
            out().print(f"{key.replace('_', ' '):28} {value}")

"""A workspace opened for people: its hall, and the web application on it."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from s2s_arena.archive import backups, verifying
from s2s_arena.archive.backups import Backup
from s2s_arena.compose.arena import Arena, open_workspace
from s2s_arena.compose.desk_work import open_workshop
from s2s_arena.errors import MissingError, SuiteError, WorkspaceError
from s2s_arena.protocols import Seated, Shelved
from s2s_arena.records.samples import Suite
from s2s_arena.records.studies import Study
from s2s_arena.records.systems import JudgeCard, SystemCard
from s2s_arena.serve.alone import alone
from s2s_arena.serve.jobs.workshop import Workshop
from s2s_arena.serve.people.register import Register
from s2s_arena.serve.people.shelf import SqliteShelf, moved
from s2s_arena.serve.people.tokens import Signer, load_secret
from s2s_arena.serve.voting.hall import Hall
from s2s_arena.serve.voting.library import Library

if TYPE_CHECKING:
    from fastapi import FastAPI

REGISTER = "people.db"
SECRET = "serve.key"


def open_register(arena: Arena) -> Register:
    """People and conduct of a workspace: beside its records in a database server, or in a file of its own."""
    path = arena.layout.root / REGISTER
    if not isinstance(arena.store, Shelved):
        return Register(path)
    shelf = arena.store.shelf()
    if path.exists():
        moved(SqliteShelf(path), shelf)
        path.rename(path.with_suffix(".moved"))
    return Register(shelf)


def open_signer(arena: Arena) -> Signer:
    """What signs a workspace's links."""
    return Signer(load_secret(arena.layout.root / SECRET))


def library(arena: Arena) -> Library:
    """Studies, suites and takes of a workspace."""

    def suite(study: Study) -> Suite:
        found = arena.store.get(Suite, study.suite_hash)
        if found is None:
            raise SuiteError(
                f"study {study.name}: its suite {study.suite} is not in this workspace; build or import it"
            )
        return found

    return Library(
        study=arena.study,
        suite=suite,
        takes=arena.takes,
        suites=lambda: tuple(arena.store.all(Suite)),
        judge_cards=lambda: judge_cards(arena),
        system_cards=lambda: system_cards(arena),
        sampling=arena.config.study.sampling(),
        seed=arena.config.workspace.seed,
    )


def judge_cards(arena: Arena) -> dict[str, JudgeCard]:
    """Cards of judges by name."""
    return {name: found.card for name, found in arena.cards.judges().items()}


def system_cards(arena: Arena) -> dict[str, SystemCard]:
    """Cards of systems by name."""
    return {name: found.card for name, found in arena.cards.systems().items()}


def open_hall(arena: Arena, *, seat: int = 0) -> Hall:
    """The hall of a workspace; it reads every study that people vote in."""
    return Hall(arena.store, open_register(arena), open_signer(arena), library(arena), seat=seat)


def application(hall: Hall, workshop: Workshop | None = None) -> FastAPI:
    """The web application; without a workshop, voting alone.

    Raises:
        MissingError: The extra `serve` is not installed.
    """
    try:
        from s2s_arena.serve.app import create_app  # noqa: PLC0415  FastAPI is an optional dependency
    except ImportError as error:
        raise MissingError(f"serve: {error.name} is not installed; run pip install 's2s-arena[serve]'") from error
    return create_app(hall, workshop=workshop)


def run(arena: Arena, *, host: str, port: int, proxy: str | None = None, processes: int = 1) -> None:
    """Serve until stopped.

    Args:
        arena: The workspace.
        host: Address to listen on.
        port: Its port.
        proxy: Addresses whose X-Forwarded headers are believed, such as that of nginx.
        processes: On this port; more than one needs a database server.

    Raises:
        MissingError: The extra `serve` is not installed.
        WorkspaceError: The workspace is served already and is in a file, or the address is taken.
    """
    try:
        from s2s_arena.serve import server  # noqa: PLC0415  as FastAPI above
    except ImportError as error:
        raise MissingError(f"serve: {error.name} is not installed; run pip install 's2s-arena[serve]'") from error
    if processes == 1:
        _serve(arena, host=host, port=port, proxy=proxy, beside=False)
        return
    if not isinstance(arena.store, Seated):
        raise WorkspaceError(
            f"--processes {processes}: {arena.layout.root} keeps its records in a file, which one process serves; "
            "use a PostgreSQL workspace (s2s-arena init DIR --store postgresql://USER@HOST/DATABASE)"
        )
    server.free(host, port)
    open_register(arena).close()  # what lies in a file is moved once, before anybody serves
    server.keep_up(serve_beside, (arena.layout.root, host, port, proxy), processes=processes)


def serve_beside(root: Path, host: str, port: int, proxy: str | None) -> None:
    """One of several processes that serve a workspace on one port."""
    with open_workspace(root) as arena:
        _serve(arena, host=host, port=port, proxy=proxy, beside=True)


def _serve(arena: Arena, *, host: str, port: int, proxy: str | None, beside: bool) -> None:
    from s2s_arena.serve import server  # noqa: PLC0415  FastAPI is an optional dependency

    seats = arena.store.seat() if isinstance(arena.store, Seated) else nullcontext(0)
    shared = isinstance(arena.store, Seated)
    with alone(arena.layout.root, doing=f"a server on http://{host}:{port}", shared=shared), seats as seat:
        hall = open_hall(arena, seat=seat)
        app = application(hall, open_workshop(arena, hall))
        server.run(app, host=host, port=port, proxy=proxy, beside=beside)


def backup(arena: Arena, folder: Path) -> Backup:
    """A copy of the whole workspace while it is served: people, votes, records, audio, cards and the key of links.

    A PostgreSQL database is not in it: its own tools copy that.
    """
    layout, database = arena.layout, arena.config.workspace.database
    here = () if "://" in database or database.startswith(("memory", "env:")) else (database,)
    events = max((event.number or 0 for event in arena.store.events()), default=0)
    return backups.backup(
        layout.root,
        folder,
        # Votes first: whoever voted is then among the people, who are copied later.
        databases=(*here, *([] if isinstance(arena.store, Shelved) else [REGISTER])),
        plain=(SECRET, layout.config.name, layout.cards.name),
        audio=layout.audio.name,
        events=events,
        made=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def restore(folder: Path, root: Path) -> tuple[Backup, tuple[str, ...], verifying.Summary]:
    """Put a backup into a workspace and verify what is there then; a server on it is refused.

    Returns:
        The backup, what was moved aside, and what verification found.

    Raises:
        InputError: Not a backup, or not as it was copied; nothing has changed.
        WorkspaceError: The workspace is being served, or cannot be written.
    """
    found = backups.checked(folder)
    root.mkdir(parents=True, exist_ok=True)
    with alone(root, doing="restoring a backup"):
        aside = root / f"before-restore-{datetime.now(UTC).strftime('%Y%m%dT%H%M%SZ')}"
        moved = backups.restore(found, root, aside=aside)
        with open_workspace(root) as arena:
            return found, moved, verifying.run(arena.store)

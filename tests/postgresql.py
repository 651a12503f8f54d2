"""A PostgreSQL server of the tests' own: made in a temporary folder, reached by a socket, stopped at their end."""

import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

OWNER = "postgres" if os.geteuid() == 0 else None  # the server refuses to run as root
_SETPRIV = shutil.which("setpriv")
_ENDS_WITH_US = (_SETPRIV, "--pdeathsig", "QUIT") if _SETPRIV else ()  # also when the tests are killed


def binaries() -> Path | None:
    """Folder of `initdb` and `postgres`, if they and psycopg are here."""
    try:
        import pwd

        import psycopg  # noqa: F401

        if OWNER:
            pwd.getpwnam(OWNER)
    except (ImportError, KeyError):
        return None
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name), reverse=True)
    found = shutil.which("initdb")
    folders += [Path(found).resolve().parent] if found else []
    return next((folder for folder in folders if (folder / "postgres").exists()), None)


class Server:
    """A running server. `database()` gives the URL of a new, empty place in it."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self.folder = Path(tempfile.mkdtemp(prefix="s2s-pg-"))
        if OWNER:
            shutil.chown(self.folder, OWNER)
        self._run("initdb", "-D", self.folder / "data", "-A", "trust", "-U", "arena", "-E", "UTF8", "--no-locale")
        self._numbers = itertools.count()
        self.start()

    def start(self) -> None:
        """Start it, again if it was stopped."""
        settings = ("listen_addresses=", "max_connections=200", "shared_buffers=32MB")
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*_ENDS_WITH_US, self._programs / "postgres", "-D", self.folder / "data", "-k", self.folder]
                + [word for setting in settings for word in ("-c", setting)],
                stdout=log,
                stderr=log,
                user=OWNER,
                group=OWNER,
                extra_groups=[] if OWNER else None,
                cwd=self.folder,
            )
        for _ in range(300):
            if self._answers():
                return
            if self._process.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError(f"PostgreSQL did not start:\n{(self.folder / 'log').read_text()[-2000:]}")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: SIGINT cuts connections, SIGQUIT leaves everything to recovery."""
        self._process.send_signal(how)
        self._process.wait(timeout=60)

    def close(self) -> None:
        """Stop it for good."""
        if self._process.poll() is None:
            self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def url(self) -> str:
        """Of the whole server."""
        return f"postgresql://arena@/postgres?host={self.folder}"

    def database(self) -> str:
        """The URL of a new, empty schema: the same to a store as a database, and made in no time."""
        import psycopg

        name = f"t{next(self._numbers)}"
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {name}")
        return f"{self.url}&options=-csearch_path%3D{name}"

    def _answers(self) -> bool:
        import psycopg

        try:
            psycopg.connect(self.url, connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, program: str, *arguments: str | Path) -> None:
        subprocess.run(
            [self._programs / program, *arguments],
            check=True,
            capture_output=True,
            user=OWNER,
            group=OWNER,
            extra_groups=[] if OWNER else None,
            cwd=self.folder,
        )


def new_server() -> Server:
    """A server; skips where PostgreSQL is not installed."""
    programs = binaries()
    if programs is None:
        pytest.skip("PostgreSQL not installed")
    return Server(programs)

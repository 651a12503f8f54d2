"""The family `worker`: a card names a worker's file, and the environment it runs in is made from its requirements."""

import atexit
import fcntl
import hashlib
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from s2s_arena.errors import CardError, MissingError
from s2s_arena.models import settings as read
from s2s_arena.models.parts import Parts
from s2s_arena.models.worker.process import WorkerProcess
from s2s_arena.models.worker.supervisor import Worker
from s2s_arena.records.systems import Setting

OWN = frozenset({"file", "python", "requirements", "start_s", "request_s", "version"})
INSTALL_S = 3600


def build(settings: Mapping[str, Setting], parts: Parts) -> Worker:
    """A system from a card; the worker starts when it is first asked.

    Settings: file (the worker, relative to the card); python (its interpreter, by default this one); requirements (a
    file: it then runs in an environment made from it); start_s and request_s (how long it may take to load and to
    answer); version (of its weights). `options.*` is handed to the worker.

    Raises:
        CardError: An unknown setting, or no such file.
    """
    read.check_keys("worker", settings, known=OWN | {"options"})
    file = parts.folder / read.text(settings, "file")
    if not file.is_file():
        raise CardError(f"settings.file: {file} is no file; put the worker there or name another")
    python = read.text(settings, "python", sys.executable)
    requirements = read.text(settings, "requirements", "")
    if requirements and not (parts.folder / requirements).is_file():
        raise CardError(f"settings.requirements: {parts.folder / requirements} is no file; write it or leave it out")
    options = settings.get("options", {})
    if not isinstance(options, dict):
        raise CardError(f"settings.options: {options!r} given, a table needed")
    start_s, request_s = read.number(settings, "start_s", 600.0), read.number(settings, "request_s", 170.0)

    def start() -> WorkerProcess:
        own = environment(parts.folder / requirements, python=python, cache=parts.cache) if requirements else python
        return WorkerProcess(
            [str(own), str(file.resolve())],
            folder=file.resolve().parent,
            name=file.stem,
            settings=options,
            start_s=start_s,
        )

    content = hashlib.sha256(file.read_bytes()).hexdigest()[:12]
    worker = Worker(
        start, name=file.stem, version=f"{read.text(settings, 'version', '1')}+{content}", request_s=request_s
    )
    atexit.register(worker.close)
    return worker


def environment(requirements: Path, *, python: str, cache: Path) -> Path:
    """The interpreter of the environment that has what the file requires; made once, by one process at a time.

    Raises:
        MissingError: It could not be made; the installer's last line is in the message.
    """
    named = hashlib.sha256(python.encode() + requirements.read_bytes()).hexdigest()[:16]
    folder = cache / "workers" / named
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / "venv" / "bin" / "python"
    done = folder / "done"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if done.is_file() and made.exists():
            return made
        for command in (
            [python, "-m", "venv", "--clear", str(folder / "venv")],
            [str(made), "-m", "pip", "install", "--quiet", "-r", str(requirements)],
        ):
            ran = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_S, check=False)
            if ran.returncode:
                lines = (ran.stderr or ran.stdout).strip().splitlines() or [f"status {ran.returncode}"]
                raise MissingError(f"worker environment of {requirements}: {lines[-1][:200]}; mend it and run again")
        done.touch()
    return made

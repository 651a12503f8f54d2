"""The family `worker`: a card names a worker, and the environment it runs in is made from its requirements."""

import atexit
import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from s2s_arena.errors import CardError, MissingError
from s2s_arena.models import settings as read
from s2s_arena.models.parts import Parts
from s2s_arena.models.worker import gpus, places
from s2s_arena.models.worker.process import WorkerProcess
from s2s_arena.models.worker.supervisor import Worker, Workers
from s2s_arena.records.systems import Setting

OWN = frozenset({"worker", "file", "python", "python_env", "requirements", "start_s", "request_s", "version", "gpus"})
INSTALL_S = 3600


def build(settings: Mapping[str, Setting], parts: Parts) -> Worker | Workers:
    """A system from a card; its worker starts when it is first asked.

    Settings: worker (the name of one of ours) or file (one of your own, relative to the card); python (its
    interpreter, by default this one) or python_env (the variable that names it); requirements (a file: it then runs in
    an environment made from it); gpus (a list of numbers: one worker on each, and no other worker of ours beside it);
    start_s and request_s (how long it may take to load and to answer); version (of its weights). `options.*` is handed
    to the worker.

    Raises:
        CardError: An unknown setting, or no such file.
        MissingError: No such worker of ours here, or no such GPU.
    """
    read.check_keys("worker", settings, known=OWN | {"options"})
    return workers(settings, parts)


def workers(settings: Mapping[str, Setting], parts: Parts) -> Worker | Workers:
    """As `build`; settings that are not of a worker are passed over."""
    file = _file(settings, parts.folder)
    python = _python(settings)
    requirements = read.text(settings, "requirements", "")
    wanted = (file.parent if "worker" in settings else parts.folder) / requirements
    if requirements and not wanted.is_file():
        raise CardError(f"settings.requirements: {wanted} is no file; write it or leave it out")
    options = settings.get("options", {})
    if not isinstance(options, dict):
        raise CardError(f"settings.options: {options!r} given, a table needed")
    name = file.parent.name if file.stem == "worker" else file.stem
    start_s, request_s = read.number(settings, "start_s", 600.0), read.number(settings, "request_s", 170.0)

    def starting(gpu: str | None) -> WorkerProcess:
        own = environment(wanted, python=python, cache=parts.cache) if requirements else python
        return WorkerProcess(
            [str(own), str(file.resolve())],
            folder=file.resolve().parent,
            name=name,
            settings=options,
            start_s=start_s,
            gpu=gpu,
        )

    def worker(seat: gpus.Seat | None) -> Worker:
        return Worker(
            lambda: starting(seat.gpu if seat else None), name=name, version=version, request_s=request_s, seat=seat
        )

    version = f"{read.text(settings, 'version', '1')}+{_content(file)}"
    seats = [gpus.seat(number, parts.cache / "workers") for number in _gpus(settings)]
    made = Workers([worker(seat) for seat in seats]) if len(seats) > 1 else worker(seats[0] if seats else None)
    atexit.register(made.close)
    return made


def _file(settings: Mapping[str, Setting], folder: Path) -> Path:
    if ("worker" in settings) == ("file" in settings):
        raise CardError("settings.file: name a worker's file, or one of our workers as settings.worker, not both")
    if "worker" in settings:
        return places.find(read.text(settings, "worker"))
    file = folder / read.text(settings, "file")
    if not file.is_file():
        raise CardError(f"settings.file: {file} is no file; put the worker there or name another")
    return file


def _python(settings: Mapping[str, Setting]) -> str:
    variable = read.text(settings, "python_env", "")
    if not variable:
        return read.text(settings, "python", sys.executable)
    if "python" in settings:
        raise CardError("settings.python_env: name the interpreter, or the variable that names it, not both")
    return os.environ.get(variable, "").strip() or f"${variable}"


def _gpus(settings: Mapping[str, Setting]) -> list[int]:
    value = settings.get("gpus", [])
    if not isinstance(value, list) or not all(isinstance(n, int) and not isinstance(n, bool) and n >= 0 for n in value):
        raise CardError(f"settings.gpus: {value!r} given, a list of numbers needed, such as [0, 1]")
    if len(set(value)) != len(value):
        raise CardError(f"settings.gpus: {value!r} names a GPU twice; one worker sits on each")
    return [int(n) for n in value]


def _content(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12]


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

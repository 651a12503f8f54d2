"""One worker sits on a GPU: another sends it away, several share the work, other processes are left alone."""

import subprocess
import sys
import textwrap
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from s2s_arena.errors import CardError, MissingError
from s2s_arena.models import registry
from s2s_arena.models.worker import gpus, sdk
from s2s_arena.protocols import Request
from s2s_arena.testing.sound import tone

TELLS = f"""
import os, shutil, sys
sys.path.insert(0, {str(Path(sdk.__file__).parent)!r})
from sdk import serve
def answer(speech, *, out, **_):
    shutil.copy(speech, out)
    return {{"text": f"{{os.environ.get('CUDA_VISIBLE_DEVICES')}} {{os.getpid()}}"}}
serve(answer, name="tells", version="1")
"""


@pytest.fixture
def made(tmp_path, monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    (tmp_path / "tells.py").write_text(TELLS)
    workers = []

    def make(**settings):
        parts = SimpleNamespace(folder=tmp_path, cache=tmp_path / "cache")
        workers.append(registry.build("worker", {"file": "tells.py", "start_s": 30, **settings}, parts))
        return workers[-1]

    yield make
    for worker in workers:
        worker.close()


def asked(worker):
    """(GPU it sees, its process)."""
    gpu, process = worker.answer(Request(speech=tone(), sample="s")).text.split()
    return gpu, int(process)


def alive(process):
    return Path(f"/proc/{process}").exists()


def test_a_worker_sees_its_gpu_alone(made):
    assert asked(made(gpus=[3]))[0] == "3"
    assert asked(made())[0] == "None"


def test_it_is_counted_among_those_that_this_process_may_see(made, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "5,7")
    assert asked(made(gpus=[1]))[0] == "7"
    with pytest.raises(MissingError, match=r"settings\.gpus: GPU 2 named, 2 visible"):
        made(gpus=[2])


def test_the_next_systems_worker_takes_the_gpu_and_the_first_comes_back_when_asked(made):
    first, second = made(gpus=[0]), made(gpus=[0])
    _, one = asked(first)
    _, two = asked(second)
    assert not alive(one) and alive(two)
    _, again = asked(first)
    assert not alive(two) and again != one


def test_workers_on_several_gpus_answer_side_by_side(made):
    worker = made(gpus=[0, 1])
    said, threads = [], []
    for _ in range(8):
        threads.append(threading.Thread(target=lambda: said.append(asked(worker))))
        threads[-1].start()
    for thread in threads:
        thread.join()
    assert {gpu for gpu, _ in said} == {"0", "1"}
    assert len({process for _, process in said}) == 2


def test_a_gpu_that_another_process_uses_is_not_taken(made, tmp_path):
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            textwrap.dedent(f"""
            import sys
            from pathlib import Path
            from s2s_arena.models.worker.gpus import Seat
            class T:
                def close(self): pass
            with Seat("0", Path({str(tmp_path / "cache" / "workers")!r})).taken(T()):
                print("sitting", flush=True)
                sys.stdin.read()
            """),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout.readline() == "sitting\n"
    worker = made(gpus=[0])
    with pytest.raises(MissingError, match=f"GPU 0: in use by a worker of process {holder.pid}"):
        asked(worker)
    holder.communicate()
    assert asked(worker)[0] == "0"


def test_a_closed_worker_leaves_its_gpu(tmp_path):
    class Tenant:
        closed = 0

        def close(self):
            self.closed += 1

    one, two = Tenant(), Tenant()
    seat, other = gpus.Seat("0", tmp_path), gpus.Seat("0", tmp_path)
    with seat.taken(one):
        pass
    with pytest.raises(MissingError), other.taken(two):
        pass
    seat.leave(one)
    with other.taken(two):
        pass
    other.leave(two)
    assert one.closed == two.closed == 0


@pytest.mark.parametrize("given", ["0", [0, 0], [-1], [True]])
def test_bad_lists_of_gpus_are_named(made, given):
    with pytest.raises(CardError, match=r"settings\.gpus"):
        made(gpus=given)

"""The answer stage against a loopback system in another process: rate against the ideal, processor time, memory.

Usage: python bench/answering.py [--system NAME] [--requests 3000] [--store sqlite|memory] [--case 32,0.3] [--json]

The ideal rate is in flight / latency. Processor time is the driver's own, all its threads together; the loopback
server has its own process. Each case runs in a fresh workspace.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from s2s_arena.answer import stage
from s2s_arena.answer.contestants import Contestant
from s2s_arena.executors.threads import ThreadsExecutor
from s2s_arena.models import registry
from s2s_arena.protocols import Store
from s2s_arena.records.responses import Response
from s2s_arena.records.systems import Setting, SystemCard
from s2s_arena.store.memory import MemoryStore
from s2s_arena.store.opening import open_store
from s2s_arena.testing.worlds import rehearsal_suite

CASES = ((32, 0.3), (64, 2.0), (256, 4.0))
KEY_VARIABLE = "S2S_ARENA_BENCH_KEY"
SYSTEMS: Mapping[str, tuple[str, Mapping[str, Setting]]] = {
    "chat-openai": ("openai-chat", {"dialect": "openai", "model": "m", "key_env": KEY_VARIABLE}),
    "chat-vllm-omni": ("openai-chat", {"dialect": "vllm-omni", "model": "m", "key_env": KEY_VARIABLE}),
    "realtime-openai-ga": ("realtime", {"dialect": "openai", "model": "m", "key_env": KEY_VARIABLE}),
    "gemini-live": ("gemini-live", {"model": "m", "key_env": KEY_VARIABLE}),
    "wav": ("http-wav", {"asks": "json", "key_env": KEY_VARIABLE}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What one case came to."""

    system: str
    store: str
    in_flight: int
    latency_s: float
    requests: int
    answered: int
    seconds: float
    rate: float  # answers a second
    share_of_ideal: float
    cpu_ms: float  # the driver's processor time for one response
    kernel_ms: float  # of it, in the kernel: network, disk, threads
    server_cpu_ms: float  # the loopback server's, in its own process
    resident_mib: tuple[int, ...]  # after each fifth of the requests
    load: float  # of the machine, over the last minute, when the case ended


class Watch:
    """Implements `protocols.Progress`: notes the memory as the work goes on."""

    def __init__(self) -> None:
        self.resident_mib: list[int] = []
        self._total = 1
        self._done = 0

    def begin(self, what: str, total: int) -> None:
        self._total = total

    def advance(self, note: str = "") -> None:
        self._done += 1
        if self._done % max(1, self._total // 5) == 0:
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            self.resident_mib.append(round(pages * resource.getpagesize() / 2**20))

    def end(self) -> None: ...


@contextmanager
def serving(system: str, *, latency_s: float) -> Iterator[str]:
    """The address of a loopback server in a process of its own; its key is in the environment."""
    command = [sys.executable, "-m", "s2s_arena.testing.servers", system, "--latency", str(latency_s), "--keep", "1"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        if process.stdout is None or process.stdin is None:
            raise RuntimeError("the loopback server has no pipes")
        try:
            url, key = process.stdout.readline().split()
            os.environ[KEY_VARIABLE] = key
            yield url.removesuffix("/chat/completions")
        finally:
            process.stdin.close()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()


@contextmanager
def opened(kind: str, place: Path | None) -> Iterator[Store]:
    """A store of that kind in a fresh place: one that stays, in the folder given, or one that is removed."""
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder if place is None else tempfile.mkdtemp(dir=place))
        store: Store = MemoryStore() if kind == "memory" else open_store(where)
        try:
            yield store
        finally:
            store.close()


def measure(
    system: str, *, in_flight: int, latency_s: float, requests: int, store: str, place: Path | None = None
) -> Figures:
    """Run one case; its workspace stays in `place`, if that is given."""
    family, settings = SYSTEMS[system]
    before = _children_s()
    with opened(store, place) as kept, serving(system, latency_s=latency_s) as url:
        suite = rehearsal_suite(kept, samples=requests)
        given = {**settings, "url": url}
        card = SystemCard(name="far", title="Far", model=family, settings=given, concurrency=in_flight)
        # No part of a cascade is needed by a system that answers over a network.
        contestant = Contestant(card=card, load=lambda: registry.build(family, given, None))  # type: ignore[arg-type]
        watch = Watch()
        began, cpu, system_cpu = time.perf_counter(), time.process_time(), os.times().system
        stage.run(suite, [contestant], store=kept, executor=ThreadsExecutor(), concurrency=in_flight, progress=watch)
        seconds, cpu, system_cpu = (
            time.perf_counter() - began,
            time.process_time() - cpu,
            os.times().system - system_cpu,
        )
        answered = sum(response.failure is None for response in kept.all(Response))
    return Figures(
        system=system,
        store=store,
        in_flight=in_flight,
        latency_s=latency_s,
        requests=requests,
        answered=answered,
        seconds=round(seconds, 2),
        rate=round(answered / seconds, 1),
        share_of_ideal=round(answered / seconds / (in_flight / latency_s), 3),
        cpu_ms=round(cpu / requests * 1000, 2),
        kernel_ms=round(system_cpu / requests * 1000, 2),
        server_cpu_ms=round((_children_s() - before) / requests * 1000, 2),
        resident_mib=tuple(watch.resident_mib),
        load=round(os.getloadavg()[0], 1),
    )


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Run the cases asked for and print what they came to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--system", choices=sorted(SYSTEMS), default="chat-openai")
    parser.add_argument("--requests", type=int, default=3000)
    parser.add_argument("--store", choices=("sqlite", "memory"), default="sqlite")
    parser.add_argument("--case", action="append", help="IN_FLIGHT,LATENCY_S; by default 32,0.3 64,2 256,4")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    cases = [(int(n), float(s)) for n, s in (case.split(",") for case in given.case)] if given.case else CASES
    made = []
    # Removed when all is over: ext4 passes over every inode that was freed in the last minutes before it finds one to
    # give away, so that each file of a case would pay for the thousands of the case before it.
    with tempfile.TemporaryDirectory() as place:
        for in_flight, latency_s in cases:
            figures = measure(
                given.system,
                in_flight=in_flight,
                latency_s=latency_s,
                requests=given.requests,
                store=given.store,
                place=Path(place),
            )
            made.append(asdict(figures))
            if not given.json:
                print(
                    f"{figures.system} {figures.store}: {in_flight} in flight, {latency_s:g} s: "
                    f"{figures.rate:7.1f}/s = {figures.share_of_ideal:.1%} of the ideal; "
                    f"{figures.cpu_ms:.2f} ms CPU each ({figures.kernel_ms:.2f} in the kernel; "
                    f"server {figures.server_cpu_ms:.2f}); {figures.answered}/{figures.requests} answered; "
                    f"MiB {figures.resident_mib}; load {figures.load}",
                    flush=True,
                )
    if given.json:
        print(json.dumps(made, indent=2))


if __name__ == "__main__":
    main()

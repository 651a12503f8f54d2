"""Answering before a server that fails, by a driver that is killed: what is lost, kept twice or asked again.

Usage: python -P bench/killing.py [--requests 2000] [--share 0.2] [--kills 3] [--in-flight 64] [--folder DIR]

A loopback server in a process of its own spoils a share of its answers (limits, faults, drops, damage, refusals,
silence). The driver, a third process, is killed with SIGKILL at set shares of the work and started again; at the end
the records are counted. A journal tells what was asked and what was on the disk, in this order.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from s2s_arena.answer import stage
from s2s_arena.answer.asking import Retries
from s2s_arena.answer.contestants import Contestant
from s2s_arena.executors.threads import ThreadsExecutor
from s2s_arena.models import registry
from s2s_arena.protocols import Answer, Conversant, Request
from s2s_arena.records.responses import Response, Take, take_of
from s2s_arena.records.samples import Suite
from s2s_arena.records.systems import SystemCard
from s2s_arena.store.opening import open_store
from s2s_arena.testing.faults import FaultyStore, note
from s2s_arena.testing.worlds import rehearsal_suite

KEY_VARIABLE = "S2S_ARENA_BENCH_KEY"
FAULTS = "slow,dropped,truncated-base64,rate-limited,server-error,malformed,content-filter,silence,stops-early"
RETRIES = Retries(attempts=12, limited_attempts=12, first_wait_s=0.05, longest_wait_s=1.0)


@dataclass(frozen=True, slots=True)
class Watched:
    """Implements `protocols.Conversant`: tells a journal of each question that it passes on."""

    inner: Conversant
    journal: Path

    @property
    def identity(self) -> str:
        return self.inner.identity

    def answer(self, request: Request) -> Answer:
        note(self.journal, f"asked {request.sample}")
        return self.inner.answer(request)


def card_of(url: str, *, in_flight: int) -> SystemCard:
    settings = {"dialect": "openai", "model": "m", "key_env": KEY_VARIABLE, "url": url}
    return SystemCard(name="far", title="Far", model="openai-chat", settings=settings, concurrency=in_flight)


def drive(folder: Path, url: str, in_flight: int) -> int:
    """One run of the driver; 3 when some questions are left to the next run."""
    journal = folder / "journal"
    store = open_store(folder)
    (suite,) = store.all(Suite)
    card = card_of(url, in_flight=in_flight)

    def load() -> Watched:
        made = registry.build(card.model, card.settings, None)  # type: ignore[arg-type]  # it needs no part
        return Watched(made, journal)  # type: ignore[arg-type]  # a family of systems

    watched = FaultyStore(store, journal=journal)
    contestant = Contestant(card=card, load=load)
    summary = stage.run(
        suite, [contestant], store=watched, executor=ThreadsExecutor(), concurrency=in_flight, retries=RETRIES
    )
    store.close()
    return 3 if summary.unreached else 0


def done_by(journal: Path) -> int:
    return journal.read_text().count("Response ") if journal.exists() else 0


def measure(
    folder: Path, *, requests: int, share: float, kills: int, in_flight: int, latency_s: float = 0.3, seed: int = 0
) -> dict[str, object]:
    """Run it all in that folder and count."""
    store = open_store(folder)
    rehearsal_suite(store, samples=requests)
    store.close()
    journal = folder / "journal"
    began = time.perf_counter()
    command = [sys.executable, "-m", "s2s_arena.testing.servers", "chat-openai", "--latency", str(latency_s), "--keep"]
    command += ["1", "--faults", FAULTS, "--share", str(share), "--seed", str(seed)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        if server.stdin is None or server.stdout is None:
            raise RuntimeError("the loopback server has no pipes")
        try:
            url, key = server.stdout.readline().split()
            os.environ[KEY_VARIABLE] = key
            url = url.removesuffix("/chat/completions")
            deaths = _killed(folder, url, journal, in_flight=in_flight, at=_moments(requests, kills, seed=seed))
        finally:
            server.stdin.close()
        said = server.stdout.read()
    return {
        **counted(folder, journal, requests=requests),
        "deaths": deaths,
        "server": said.strip(),
        "seconds": round(time.perf_counter() - began, 1),
    }


def _moments(requests: int, kills: int, *, seed: int) -> list[int]:
    rng = random.Random(seed)
    return [round(requests * (n + rng.uniform(0.6, 1.0)) / (kills + 1)) for n in range(kills)]


def _killed(folder: Path, url: str, journal: Path, *, in_flight: int, at: list[int]) -> int:
    """Start the driver until it has finished; kill it when so many responses are kept."""
    left = list(at)
    deaths = 0
    while True:
        me = [sys.executable, "-P", str(Path(__file__)), "--drive", str(folder), "--url", url]
        with subprocess.Popen([*me, "--in-flight", str(in_flight)]) as driver:
            while driver.poll() is None:
                if left and done_by(journal) >= left[0]:
                    left.pop(0)
                    driver.send_signal(signal.SIGKILL)
                    deaths += 1
                    break
                time.sleep(0.02)
        if driver.returncode == 0:
            return deaths
        if driver.returncode not in (3, -signal.SIGKILL):
            raise RuntimeError(f"the driver ended with {driver.returncode}")


def counted(folder: Path, journal: Path, *, requests: int) -> dict[str, object]:
    """What the workspace holds, held against the journal."""
    store = open_store(folder)
    responses = list(store.all(Response))
    final = [r for r in responses if r.failure is None or r.failure.kind.rated]
    each = Counter((r.sample, r.system) for r in final)
    takes = list(store.all(Take))
    (suite,) = store.all(Suite)
    keys = {f"Response {r.key}" for r in responses}
    on_disk, again, asked = set(), 0, 0
    by_key = {f"Response {r.key}": r.sample for r in final}
    for line in journal.read_text().splitlines():
        kind, _, what = line.partition(" ")
        if kind == "Response":
            on_disk.add(by_key.get(line, line))
        elif kind == "asked":
            asked += 1
            again += what in on_disk
    told = [line for line in journal.read_text().splitlines() if line.startswith("Response ")]
    unreadable = sum(store.audio(r.speech.hash).frames != r.speech.frames for r in final if r.speech)
    result = {
        "requests": requests,
        "without_final_record": sum(each[s.id, "far"] == 0 for s in suite.samples),
        "with_two_final_records": sum(n > 1 for n in each.values()),
        "takes": len({(t.sample, t.system) for t in takes}),
        "takes_twice": len(takes) - len({(t.sample, t.system) for t in takes}),
        "takes_that_are_not_their_responses": sum(
            t != take_of([r for r in final if r.key in t.responses]) for t in takes
        )
        if len(takes) <= 5000
        else None,
        "lost_after_being_kept": sum(line not in keys for line in told),
        "asked_again_though_done": again,
        "asked": asked,
        "audio_unreadable": unreadable,
        "answered": sum(r.failure is None for r in final),
        "failures": Counter(r.failure.kind.value for r in final if r.failure),
    }
    store.close()
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--share", type=float, default=0.2)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--in-flight", type=int, default=64)
    parser.add_argument("--folder", type=Path, help="where to work; by default a folder that is removed")
    parser.add_argument("--drive", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--url", default="", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.drive:
        sys.exit(drive(given.drive, given.url, given.in_flight))
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        ways = {"requests": given.requests, "share": given.share, "kills": given.kills, "in_flight": given.in_flight}
        print(json.dumps(measure(Path(folder), **ways), indent=2))


if __name__ == "__main__":
    main()

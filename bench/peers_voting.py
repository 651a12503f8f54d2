"""Accepted votes a second of another program for annotation, beside ours: the same people, rate and time.

Label Studio (Apache-2.0) with SQLite, as `label-studio start` runs it, in an environment of its own:

    python3 -m venv PEER && PEER/bin/pip install label-studio
    python -m bench.peers_voting --label-studio PEER/bin/label-studio

Without it the bench says so and measures nothing. All annotators use one account, and each knows its tasks beforehand:
a vote is one request, as it is here, though ours answers with the next task too. `--next` asks for that as well.
"""

import argparse
import http.client
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from bench.serving import cpu_s

TOKEN = "0123456789abcdef0123456789abcdef01234567"
QUIET = {
    "LATEST_VERSION_CHECK": "false",
    "COLLECT_ANALYTICS": "false",
    "SENTRY_DSN": "",
    "FRONTEND_SENTRY_DSN": "",
    "FEATURE_FLAGS_OFFLINE": "true",
    "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
}
PAIR = """<View><Text name="asked" value="$asked"/><Audio name="a" value="$a"/><Audio name="b" value="$b"/>
<Choices name="better" toName="asked" choice="single"><Choice value="first"/><Choice value="second"/></Choices>
</View>"""
CHOSEN = {"from_name": "better", "to_name": "asked", "type": "choices", "value": {"choices": ["first"]}}


class Line:
    """One annotator's kept connection."""

    def __init__(self, port: int) -> None:
        self._to = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Status and JSON; status 0 where the connection broke."""
        head = {"authorization": f"Token {TOKEN}", "content-type": "application/json"}
        try:
            self._to.request(method, path, None if body is None else json.dumps(body), head)
            answer = self._to.getresponse()
            said = answer.read()
        except (OSError, http.client.HTTPException):
            self._to.close()
            return 0, None
        return answer.status, json.loads(said) if said[:1] in b"[{" and said else None


def peer(program: Path, folder: Path, port: int) -> subprocess.Popen[bytes]:
    """The server, listening, on a new database."""
    known = {"LABEL_STUDIO_BASE_DATA_DIR": str(folder), "HOME": str(folder), "NO_PROXY": "127.0.0.1"}
    env = {**os.environ, **QUIET, **known}
    login = ["--username", "bench@example.org", "--password", "of-the-bench-0", "--user-token", TOKEN]
    log = (folder / "server.log").open("wb")
    began = time.monotonic()
    if not (folder / "label_studio.sqlite3").exists():
        subprocess.run(
            [program, "init", "bench", *login, "--no-browser"], env=env, cwd=folder, stdout=log, stderr=log, check=True
        )
    # Tokens of this kind are switched off by default; a browser's session would cost the peer more, not less.
    with sqlite3.connect(folder / "label_studio.sqlite3") as db:
        db.execute("UPDATE jwt_auth_jwtsettings SET legacy_api_tokens_enabled = 1")
    started = [program, "start", "bench", "--no-browser", "--port", str(port), "--internal-host", "127.0.0.1"]
    served = subprocess.Popen(started, env=env, cwd=folder, stdout=log, stderr=log, start_new_session=True)
    while Line(port).ask("GET", "/health")[0] != 200:
        if served.poll() is not None or time.monotonic() - began > 900:
            served.kill()
            raise RuntimeError(
                f"label-studio did not come up; its log ends: {(folder / 'server.log').read_text()[-600:]}"
            )
        time.sleep(1.0)
    print(f"label-studio came up after {time.monotonic() - began:.0f} s", flush=True)
    return served


def study(port: int, *, tasks: int) -> tuple[int, list[int]]:
    """A project of comparisons: its id and the tasks' ids."""
    line = Line(port)
    status, made = line.ask("POST", "/api/projects", {"title": "bench", "label_config": PAIR, "maximum_annotations": 1})
    if status != 201:
        raise RuntimeError(f"label-studio: no project, status {status}: {made}")
    project = made["id"]
    rows = [{"asked": f"request {n}", "a": f"/{n}/a.wav", "b": f"/{n}/b.wav"} for n in range(tasks)]
    status, told = line.ask("POST", f"/api/projects/{project}/import", rows)
    if status != 201:
        raise RuntimeError(f"label-studio: no tasks, status {status}: {told}")
    ids: list[int] = []
    page = 1
    while len(ids) < tasks:
        status, told = line.ask("GET", f"/api/tasks?project={project}&page={page}&page_size=500&fields=task_only")
        if status != 200 or not told["tasks"]:
            raise RuntimeError(f"label-studio: {len(ids)} of {tasks} tasks listed, status {status}")
        ids += [task["id"] for task in told["tasks"]]
        page += 1
    return project, ids


def load(port: int, *, pid: int, annotators: int, rate: float, seconds: float, follow: bool) -> Mapping[str, float]:
    """Votes of all annotators, each at their share of the rate, as `bench.serving` sends them."""
    project, ids = study(port, tasks=round(rate * seconds * 1.1) + annotators)
    lock = threading.Lock()
    waits: list[float] = []
    refused: dict[int, int] = {}
    every = annotators / rate
    spent, begin = cpu_s(pid), time.monotonic() + 1.0

    def annotator(n: int) -> None:
        line, mine, due = Line(port), iter(ids[n::annotators]), begin + every * n / annotators
        while due < begin + seconds and (task := next(mine, None)) is not None:
            time.sleep(max(0.0, due - time.monotonic()))
            if time.monotonic() > begin + 2 * seconds:  # what is still due then was never served
                return
            vote = {"result": [CHOSEN], "lead_time": 3.5}
            status, _ = line.ask("POST", f"/api/tasks/{task}/annotations/?project={project}", vote)
            if status == 201 and follow:
                line.ask("GET", f"/api/projects/{project}/next/")
            with lock:
                waits.append(time.monotonic() - due)
                if status != 201:
                    refused[status] = refused.get(status, 0) + 1
            due += every

    threads = [threading.Thread(target=annotator, args=(n,)) for n in range(annotators)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.monotonic() - begin
    _, told = Line(port).ask("GET", f"/api/projects/{project}")
    accepted, stored = len(waits) - sum(refused.values()), told["total_annotations_number"]
    spent = (
        (cpu_s(pid) - spent) / max(1, stored) * 1000
    )  # those that were stored after the client gave up had their share
    p50, p99 = np.percentile(np.array(waits) * 1000, [50, 99])
    print(
        f"label-studio, asked for {rate:g} a second{' with the next task' if follow else ''}: {accepted} votes "
        f"accepted in {took:.1f} s: {accepted / took:.1f} a second; refused {refused or 0}"
    )
    print(
        f"from due to acknowledged: median {p50:.0f} ms, p99 {p99:.0f} ms; "
        f"{stored} annotations stored; server: {spent:.1f} ms of processor a vote",
        flush=True,
    )
    return {"rate": accepted / took, "p50_ms": float(p50), "p99_ms": float(p99)}


def main() -> None:
    """The peer, then ours, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--label-studio", type=Path, help="the peer's program; by default the one on PATH")
    parser.add_argument("--data", type=Path, help="keep the peer's database there (making it takes a minute)")
    parser.add_argument("--annotators", type=int, default=200)
    parser.add_argument("--rates", type=float, nargs="+", default=[10.0, 40.0], help="votes a second, one run for each")
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--next", action="store_true", help="ask the peer for the next task after each vote")
    parser.add_argument("--port", type=int, default=8898)
    given = parser.parse_args()
    found = given.label_studio or shutil.which("label-studio")
    if not found or not Path(found).exists():
        print(f"skipped: label-studio is not installed ({found or 'not on PATH'}); see python -m bench.peers_voting -h")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = given.data or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        served = peer(Path(found), folder, given.port)
        try:
            for rate in given.rates:
                load(
                    given.port,
                    pid=served.pid,
                    annotators=given.annotators,
                    rate=rate,
                    seconds=given.seconds,
                    follow=given.next,
                )
        finally:
            os.killpg(served.pid, signal.SIGTERM)
            served.wait()
    for rate in given.rates:
        print(f"ours, asked for {rate:g} a second:", flush=True)
        ours = [sys.executable, "-m", "bench.serving", "--annotators", str(given.annotators), "--rate", str(rate)]
        subprocess.run([*ours, "--seconds", str(given.seconds), "--port", str(given.port + 1)], check=True)


if __name__ == "__main__":
    main()

"""Answers a small suite by threads and on two Ray machines of which one dies in the middle; prints what came of both.

python ray_nodes.py SAMPLES
"""

import json
import sys
import threading
import time
import warnings
from dataclasses import replace

warnings.simplefilter("ignore")

from ray.cluster_utils import Cluster  # noqa: E402  warnings of its own at import

from s2s_arena.answer import stage  # noqa: E402
from s2s_arena.answer.contestants import Contestant  # noqa: E402
from s2s_arena.errors import Refused  # noqa: E402
from s2s_arena.executors.ray import RayExecutor  # noqa: E402
from s2s_arena.executors.threads import ThreadsExecutor  # noqa: E402
from s2s_arena.protocols import Answer, Request  # noqa: E402
from s2s_arena.records.responses import Response, Take  # noqa: E402
from s2s_arena.store.memory import MemoryStore  # noqa: E402
from s2s_arena.testing.systems import ScriptedSystem, spoken_words  # noqa: E402
from s2s_arena.testing.worlds import rehearsal_cards, rehearsal_suite  # noqa: E402

LATENCY_S = 0.1


def slowly(request: Request) -> Answer:
    time.sleep(LATENCY_S)
    if request.sample == "s001":
        raise Refused("never on this one")
    return spoken_words(request)


def load() -> ScriptedSystem:
    return ScriptedSystem(rule=slowly)


def ran(executor, *, samples: int, progress=None):
    store = MemoryStore()
    suite = rehearsal_suite(store, samples=samples, turns=2)
    card = rehearsal_cards(["one"], concurrency=4)[0]
    contestant = Contestant(card=card, load=load)
    stage.run(suite, [contestant], store=store, executor=executor, concurrency=4, progress=progress)
    records = [replace(r, total_s=None) for r in store.all(Response)]
    return sorted(map(repr, records)), sorted(store.keys(Take))


class Killer:
    """Implements `protocols.Progress`: takes a machine away after some answers."""

    def __init__(self, cluster, node, *, after: int) -> None:
        self._cluster, self._node, self._after = cluster, node, after
        self._done = 0
        self.killed = threading.Event()

    def begin(self, what: str, total: int) -> None: ...

    def advance(self, note: str = "") -> None:
        self._done += 1
        if self._done == self._after:
            self._cluster.remove_node(self._node, allow_graceful=False)
            self.killed.set()

    def end(self) -> None: ...


def started():
    """Two machines; on a busy one Ray gives up after 30 s, and a second try finds everything warm."""
    for _ in range(3):
        cluster = Cluster()
        try:
            cluster.add_node(num_cpus=1, include_dashboard=False)
            return cluster, cluster.add_node(num_cpus=1)
        except Exception as error:  # noqa: BLE001  Ray raises just this
            failed = error
            cluster.shutdown()
    raise failed


def main(samples: int) -> None:
    expected = ran(ThreadsExecutor(), samples=samples)
    cluster, node = started()
    try:
        whole = ran(RayExecutor(address=cluster.address), samples=samples)
        killer = Killer(cluster, node, after=samples // 2)
        halved = ran(RayExecutor(address=cluster.address), samples=samples, progress=killer)
        told = {
            "responses": len(expected[0]),
            "equal": whole == expected,
            "killed": killer.killed.is_set(),
            "equal_after_death": halved == expected,
        }
        print(json.dumps(told), flush=True)
    finally:
        import ray

        ray.shutdown()
        cluster.shutdown()


if __name__ == "__main__":
    main(int(sys.argv[1]))

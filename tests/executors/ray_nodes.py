"""Answers, examines and judges a small suite by threads and on two Ray machines of which one dies in the middle.

python ray_nodes.py SAMPLES; prints what came of both as JSON.
"""

import json
import os
import sys
import tempfile
import threading
import time
import warnings
from collections import Counter
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

warnings.simplefilter("ignore")

from ray.cluster_utils import Cluster  # noqa: E402  warnings of its own at import

from s2s_arena.answer import examining, stage  # noqa: E402
from s2s_arena.answer.contestants import Contestant  # noqa: E402
from s2s_arena.cues.extract import Extractor  # noqa: E402
from s2s_arena.errors import JudgeFailure, Refused  # noqa: E402
from s2s_arena.executors.ray import RayExecutor  # noqa: E402
from s2s_arena.executors.threads import ThreadsExecutor  # noqa: E402
from s2s_arena.judge import stage as judging  # noqa: E402
from s2s_arena.judge.local import build_local  # noqa: E402
from s2s_arena.protocols import Answer, Request  # noqa: E402
from s2s_arena.records.cues import Cues  # noqa: E402
from s2s_arena.records.identity import JudgeName, StudyName  # noqa: E402
from s2s_arena.records.matches import Match  # noqa: E402
from s2s_arena.records.responses import Examined, Response, Take  # noqa: E402
from s2s_arena.records.scores import Score  # noqa: E402
from s2s_arena.records.studies import Sampling, Study  # noqa: E402
from s2s_arena.records.systems import JudgeCard  # noqa: E402
from s2s_arena.store.memory import MemoryStore  # noqa: E402
from s2s_arena.testing.ears import ScriptedPitchTracker, ScriptedQuality, ScriptedTranscriber  # noqa: E402
from s2s_arena.testing.minds import ScriptedWriter  # noqa: E402
from s2s_arena.testing.sound import tones  # noqa: E402
from s2s_arena.testing.systems import ScriptedSystem  # noqa: E402
from s2s_arena.testing.worlds import rehearsal_cards, rehearsal_suite  # noqa: E402

LATENCY_S = 0.1
VOCABULARY = ("sample", "turn", "answer", "word", "s000", "s001", "one", "two")
SYSTEMS = ("one", "two")


def slowly(request: Request, *, words: int) -> Answer:
    time.sleep(LATENCY_S)
    if request.sample == "s001" and words == 2:
        raise Refused("never on this one")
    said = [f"{request.sample}", f"turn {request.turn}", request.speech.hash()[:8], "word", "answer"][:words]
    return Answer(speech=tones(said), text=" ".join(said), first_audio_s=0.1)


def system(words: int) -> ScriptedSystem:
    return ScriptedSystem(rule=partial(slowly, words=words))


def answered(executor, store, *, samples: int, progress=None):
    suite = rehearsal_suite(store, samples=samples, turns=2)
    systems = [
        Contestant(card=card, load=partial(system, words))
        for card, words in zip(rehearsal_cards(SYSTEMS, concurrency=4), (2, 5), strict=True)
    ]
    stage.run(suite, systems, store=store, executor=executor, concurrency=4, progress=progress)
    return sorted(repr(replace(r, total_s=None)) for r in store.all(Response)), sorted(store.keys(Take))


@dataclass
class Loads:
    """Loads something, and leaves a file for each time that it did."""

    folder: Path

    def note(self) -> None:
        Path(tempfile.mkstemp(prefix=f"{os.getpid()}-", dir=self.folder)[1]).touch()

    @property
    def once_each(self) -> bool:
        """Whether no process has loaded twice, and more than one has loaded."""
        times = Counter(file.name.partition("-")[0] for file in self.folder.iterdir())
        return len(times) > 1 and set(times.values()) == {1}


class Ears(Loads):
    def __call__(self) -> ScriptedTranscriber:
        self.note()
        return ScriptedTranscriber(VOCABULARY)


def examined(executor, store, *, loads: Path, progress=None):
    examining.run(
        next(iter(store.all(stage.Suite))),
        rehearsal_cards(SYSTEMS, concurrency=4),
        store=store,
        executor=executor,
        ears=Ears(loads),
        ears_name="scripted",
        concurrency=4,
        progress=progress,
    )
    return sorted(map(repr, store.all(Examined)))


def by_length(messages) -> float:
    """Odds of a mind that weighs what it reads."""
    return float(len(messages[-1].content) % 7) - 3.0


class Embedded:
    """The embedded judge with scripted instruments, which takes its time and fails on one sample."""

    def __init__(self, judge) -> None:
        self._judge = judge

    @property
    def identity(self) -> str:
        return self._judge.identity

    def decide(self, comparison):
        time.sleep(LATENCY_S)
        if comparison.sample.id == "s002":
            raise JudgeFailure("never on this one")
        return self._judge.decide(comparison)


CARD = JudgeCard(name="embedded", title="E", model="local-judge", orders="one")


class Judge(Loads):
    """Implements `judge.judging.Remembering`."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.store = MemoryStore()

    def remember(self, records) -> None:
        self.store.put(*records)

    def __call__(self) -> Embedded:
        self.note()
        ears = Extractor(ScriptedTranscriber(VOCABULARY), None, ScriptedPitchTracker(), ScriptedQuality())
        return Embedded(build_local(CARD, extractor=ears, writer=ScriptedWriter(odds=by_length), store=self.store))

    def __reduce__(self):
        return Judge, (self.folder,)


def judged(executor, store, *, loads: Path, matches: int, progress=None):
    suite = next(iter(store.all(stage.Suite)))
    study = Study(
        name=StudyName("nodes"),
        suite=suite.name,
        suite_hash=suite.hash,
        systems=SYSTEMS,
        judges=(JudgeName(CARD.name),),
        sampling=Sampling(round_size=6),
    )
    summary = judging.run(
        study, suite, CARD, Judge(loads), store=store, executor=executor, matches=matches, concurrency=4,
        progress=progress,
    )  # fmt: skip
    events = [e if e.verdict is None else replace(e, verdict=replace(e.verdict, seconds=None)) for e in store.events()]
    records = [sorted(map(repr, store.all(kind))) for kind in (Match, Cues, Score)]
    assert all(records) and summary.by_judge and summary.given_up and summary.by_rule, summary
    return list(map(repr, events)), records


class Killer:
    """Implements `protocols.Progress`: takes a machine away after some results."""

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
    cluster, node = started()
    scratch = Path(tempfile.mkdtemp())
    threads, ray_, dying = (MemoryStore() for _ in range(3))
    folder = {name: Path(tempfile.mkdtemp(dir=scratch)) for name in ("t", "e", "j", "te", "tj", "de", "dj")}
    told: dict[str, object] = {}
    try:
        with RayExecutor(address=cluster.address) as executor:
            expected = answered(ThreadsExecutor(), threads, samples=samples)
            killer = Killer(cluster, node, after=samples)
            told["answers"] = len(expected[0])
            told["answers_equal"] = answered(executor, ray_, samples=samples) == expected
            told["answers_equal_after_death"] = (
                answered(executor, dying, samples=samples, progress=killer) == expected and killer.killed.is_set()
            )
            node = cluster.add_node(num_cpus=1)
            cluster.wait_for_nodes()

            expected = examined(ThreadsExecutor(), threads, loads=folder["te"])
            told["examined"] = len(expected)
            told["examined_equal"] = examined(executor, ray_, loads=folder["e"]) == expected
            told["ears_loaded_once_each"] = Ears(folder["e"]).once_each

            expected = judged(ThreadsExecutor(), threads, loads=folder["tj"], matches=samples)
            told["events"] = len(expected[0])
            told["judged_equal"] = judged(executor, ray_, loads=folder["j"], matches=samples) == expected
            told["judge_loaded_once_each"] = Judge(folder["j"]).once_each
            killer = Killer(cluster, node, after=samples // 2)
            told["judged_equal_after_death"] = (
                judged(executor, dying, loads=folder["dj"], matches=samples, progress=killer) == expected
                and killer.killed.is_set()
            )
        print(json.dumps(told), flush=True)
    finally:
        import ray

        ray.shutdown()
        cluster.shutdown()


if __name__ == "__main__":
    main(int(sys.argv[1]))

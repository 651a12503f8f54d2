"""Runs a stage in processes that are killed with SIGKILL again and again, until it is finished.

    python kill_worker.py answer|judge FOLDER SEED KILLS

Each run is a process of its own, forked from this one so that libraries are loaded once. Half of the deaths come at a
chosen call of the store, the others at a random moment from outside. Workspaces are made as needed, FOLDER/0, 1, ...,
until there have been KILLS deaths; the last one is finished too. Prints how many died of what as JSON.
"""

import json
import os
import random
import signal
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from s2s_arena.answer import stage as answer_stage
from s2s_arena.answer.contestants import Contestant
from s2s_arena.errors import Refused
from s2s_arena.executors.threads import ThreadsExecutor
from s2s_arena.judge import stage as judge_stage
from s2s_arena.judge.comparison import Comparison, Decision
from s2s_arena.protocols import Answer, Request, Store
from s2s_arena.records.identity import JudgeName, StudyName, SuiteName
from s2s_arena.records.samples import Suite
from s2s_arena.records.studies import Outcome, Sampling, Study
from s2s_arena.records.systems import JudgeCard
from s2s_arena.store.opening import open_store
from s2s_arena.testing.faults import Fault, FaultyStore, note
from s2s_arena.testing.systems import ScriptedSystem, spoken_words
from s2s_arena.testing.worlds import rehearsal_cards, rehearsal_suite

SYSTEMS = ("one", "two", "three")
SAMPLES, TURNS, MATCHES = 5, 2, 20


class Judge:
    """Prefers the answer whose audio has the higher hash; tells a journal of each match it hears."""

    identity = "hash-judge/1"

    def __init__(self, journal: Path) -> None:
        self.journal = journal

    def decide(self, comparison: Comparison) -> Decision:
        first, second = comparison.first.identity, comparison.second.identity
        note(self.journal, f"heard {first[:16]} {second[:16]}")
        return Decision(outcome=Outcome.FIRST if first > second else Outcome.SECOND, parsed="strict")


def suite_of(store: Store) -> Suite:
    found = list(store.all(Suite, name=SuiteName("rehearsal")))
    return found[0] if found else rehearsal_suite(store, samples=SAMPLES, turns=TURNS)


def systems(journal: Path) -> list[Contestant]:
    def contestant(card) -> Contestant:
        def rule(request: Request) -> Answer:
            note(journal, f"asked {card.name} {request.sample} {request.turn}")
            if card.name == "three" and request.sample == "s001":
                raise Refused("never on this one")
            return spoken_words(request)

        return Contestant(card=card, load=lambda: ScriptedSystem(name=card.name, rule=rule))

    return [contestant(card) for card in rehearsal_cards(SYSTEMS, concurrency=3)]


def answer(store: Store, journal: Path, *, concurrency: int) -> None:
    answer_stage.run(
        suite_of(store), systems(journal), store=store, executor=ThreadsExecutor(), concurrency=concurrency
    )


def judge(store: Store, journal: Path, *, concurrency: int) -> None:
    suite = suite_of(store)
    study = Study(
        name=StudyName("main"),
        suite=suite.name,
        suite_hash=suite.hash,
        systems=tuple(card.system for card in rehearsal_cards(SYSTEMS)),
        judges=(JudgeName("hash"),),
        sampling=Sampling(round_size=6),
    )
    store.put(study)
    card = JudgeCard(name="hash", title="hash", model="scripted", orders="one")
    judge_stage.run(
        study, suite, card, lambda: Judge(journal), store=store, executor=ThreadsExecutor(), matches=MATCHES,
        concurrency=concurrency,
    )  # fmt: skip


STAGES: dict[str, Callable[..., None]] = {"answer": answer, "judge": judge}


def in_child(work: Callable[[], None]) -> int:
    child = os.fork()
    if child:
        return child
    try:
        work()
    except BaseException:  # noqa: BLE001  whatever it is, the child must not go on as the parent
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def run_once(stage: str, folder: Path, rng: random.Random) -> str:
    """One run in one process; how it ended: finished, or what killed it."""
    fault, delay_s = None, 60.0
    if rng.random() < 0.5:
        operation = rng.choice(("put", "put_audio") if stage == "answer" else ("put", "append", "append"))
        fault = Fault(rng.choice(("before", "after")), operation, rng.randint(1, 6))
    else:
        delay_s = rng.uniform(0.01, 0.2)
    concurrency = rng.choice((1, 3))
    journal = folder / "journal"

    def work() -> None:
        store = open_store(folder)
        STAGES[stage](FaultyStore(store, fault=fault, journal=journal), journal, concurrency=concurrency)
        store.close()

    child = in_child(work)
    signal.sigtimedwait([signal.SIGCHLD], delay_s)
    os.kill(child, signal.SIGKILL)  # it is not reaped yet, so the number cannot be another process
    _, status = os.waitpid(child, 0)
    while signal.sigtimedwait([signal.SIGCHLD], 0):
        pass  # this child's signal must not end the wait for the next one
    if os.WIFSIGNALED(status):
        return f"{fault.when}:{fault.operation}" if fault else "moment"
    if os.WEXITSTATUS(status):
        sys.exit(f"{stage} in {folder} failed")
    return "finished"


def main(stage: str, folder: Path, seed: int, kills: int) -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
    rng = random.Random(seed)
    deaths: Counter[str] = Counter()
    workspaces = 0
    while deaths.total() < kills:
        workspace = folder / str(workspaces)
        workspaces += 1
        workspace.mkdir()
        store = open_store(workspace)
        suite_of(store)
        if stage == "judge":
            answer(store, workspace / "unwatched", concurrency=1)
        store.close()
        while (end := run_once(stage, workspace, rng)) != "finished":
            deaths[end] += 1
    json.dump({"deaths": deaths, "workspaces": workspaces}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))

"""A run over 100,000 finished responses: how long until the first new question is asked, and to find that all is done.

Usage: python -P bench/resuming.py [--responses 100000]
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

from s2s_arena.answer import stage
from s2s_arena.answer.contestants import Contestant
from s2s_arena.answer.dialogues import dialogues
from s2s_arena.executors.threads import ThreadsExecutor
from s2s_arena.protocols import Answer, Request
from s2s_arena.records.identity import SampleId, SuiteName
from s2s_arena.records.responses import Response
from s2s_arena.records.samples import Sample, Suite, Turn
from s2s_arena.records.systems import SystemCard
from s2s_arena.store.opening import open_store
from s2s_arena.testing.sound import tone


class Asked:
    """Implements `protocols.Conversant`; notes when it was first asked."""

    identity = "asked/1"
    at = 0.0
    used = 0.0

    def answer(self, request: Request) -> Answer:
        if not self.at:
            self.at, self.used = time.perf_counter(), time.process_time()
        return Answer(speech=tone())


def main() -> None:
    """Fill a fresh workspace, then run over it twice."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--responses", type=int, default=100_000)
    count = parser.parse_args().responses
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder))
        speech = store.put_audio(tone())
        turn = Turn(script="tone", language="en", speech=speech)
        samples = tuple(Sample(id=SampleId(f"s{n:06d}"), language="en", turns=(turn,)) for n in range(count + 1))
        card = SystemCard(name="one", title="One", model="scripted")
        records = []
        for dialogue in dialogues(samples[:count], card, store=store, seed=0):
            key = dialogue.next_key
            dialogue.settle(key, None)
            records.append(
                Response(
                    key=key,
                    sample=dialogue.sample.id,
                    turn=0,
                    system=card.system,
                    settings=card.settings_hash,
                    speech=speech,
                )
            )
            records.append(dialogue.take(card))
        store.put(*records)
        system = Asked()
        contestant = Contestant(card=card, load=lambda: system)
        for some, what in ((samples, "to the first question"), (samples[:count], "to find that nothing is left")):
            began, cpu = time.perf_counter(), time.process_time()
            suite = Suite(name=SuiteName("many"), samples=some)
            stage.run(suite, [contestant], store=store, executor=ThreadsExecutor())
            ended = system.at if some is samples else time.perf_counter()
            used = (system.used if some is samples else time.process_time()) - cpu
            print(
                f"{count} finished responses: {ended - began:.2f} s {what}; {used:.2f} s of the processor; "
                f"load {os.getloadavg()[0]:.1f}",
                flush=True,
            )
        store.close()


if __name__ == "__main__":
    main()

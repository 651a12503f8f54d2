"""Samples x systems -> responses and takes: resumable, validated, failures kept."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from s2s_arena.answer.asking import Reply, Retries, ask
from s2s_arena.answer.contestants import Contestant
from s2s_arena.answer.dialogues import Dialogue, dialogues, selected, unreached_key
from s2s_arena.answer.planning import Plan, plan
from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import StoreError, SuiteError
from s2s_arena.protocols import Answer, Conversant, Exchange, Executor, Progress, Request, Store
from s2s_arena.records.identity import ResponseKey, SystemName
from s2s_arena.records.responses import FailureKind, Response, Take, Usage
from s2s_arena.records.runs import Run
from s2s_arena.records.samples import Sample, Suite
from s2s_arena.records.systems import SystemCard

__all__ = ["Contestant", "Plan", "Retries", "Summary", "SystemSummary", "plan", "run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemSummary:
    """What one system did in this run, and what was there before it."""

    system: SystemName
    kept: int = 0  # turns settled by earlier runs
    answered: int = 0  # turns answered now
    failures: Mapping[str, int] = field(default_factory=dict)  # kind -> turns that failed now
    takes: int = 0  # finished takes, of this and earlier runs
    failed_takes: int = 0  # among them, those that lose by rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What `run` did."""

    samples: int
    systems: tuple[SystemSummary, ...]

    @property
    def asked(self) -> int:
        """Turns put to systems now."""
        return sum(s.answered + sum(s.failures.values()) for s in self.systems)

    @property
    def unreached(self) -> int:
        """Turns that infrastructure kept from being answered; the next run tries them again."""
        return sum(s.failures.get(FailureKind.INFRASTRUCTURE, 0) for s in self.systems)


def run(
    suite: Suite,
    systems: Sequence[Contestant],
    *,
    store: Store,
    executor: Executor,
    seed: int = 0,
    limit: int | None = None,
    levels: Sequence[str] | None = None,
    tasks: Sequence[str] | None = None,
    concurrency: int = 1,
    retry_failed: bool = False,
    progress: Progress | None = None,
    run: Run | None = None,
    retries: Retries | None = None,
) -> Summary:
    """Let every system answer every sample that it has not answered yet.

    Turns are asked in waves: first turns of all samples, then second turns. A failed turn ends its dialogue. Each
    response is kept the moment it is there, in one transaction with its take if that makes it whole.

    Args:
        suite: Its samples must have been spoken.
        systems: Answered one after the other; a model is loaded only if there is something to ask it.
        store: Where responses and takes are kept.
        executor: Overlaps waiting.
        seed: Given to every system with every request; part of the keys.
        limit: At most so many samples, in suite order.
        levels: Only samples of these levels.
        tasks: Only samples of these tasks or seed tasks.
        concurrency: Requests in flight; a card's own limit holds too.
        retry_failed: Also ask again what failed by the system's fault. Infrastructure failures are always retried.
        progress: Told once for each turn.
        run: Kept, and named in every response.
        retries: How infrastructure failures are retried within this run.

    Raises:
        SuiteError: No sample fits, or one has no speech.
        MissingError: A system needs something that is not installed here.
        StoreError: The store could not write; what was kept before is intact.
    """
    samples = selected(suite, limit=limit, levels=levels, tasks=tasks)
    if run is not None:
        store.put(run)
    stage = _Stage(
        store=store,
        executor=executor,
        seed=seed,
        concurrency=concurrency,
        retry_failed=retry_failed,
        progress=progress,
        run=run.id if run else "",
        retries=retries or Retries(),
    )
    return Summary(samples=len(samples), systems=tuple(stage.system(samples, contestant) for contestant in systems))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stage:
    store: Store
    executor: Executor
    seed: int
    concurrency: int
    retry_failed: bool
    progress: Progress | None
    run: str
    retries: Retries

    def system(self, samples: Sequence[Sample], contestant: Contestant) -> SystemSummary:
        card = contestant.card
        state = dialogues(samples, card, store=self.store, seed=self.seed, retry_failed=self.retry_failed)
        self._complete_takes(state, card)
        kept = sum(d.turn for d in state)
        answered = 0
        failures: Counter[str] = Counter()
        if open_turns := sum(len(d.bases) - d.turn for d in state if not d.whole):
            if self.progress:
                self.progress.begin(f"answer: {card.name}", open_turns)
            try:
                conversant = contestant.load()
                for dialogue, reply in self._waves(state, card, conversant):
                    skipped = self._keep(dialogue, reply, card, conversant)
                    if reply.failure:
                        failures[reply.failure.kind] += 1
                    else:
                        answered += 1
                    self._tell(dialogue, reply, skipped)
            finally:
                if self.progress:
                    self.progress.end()
        return SystemSummary(
            system=card.system,
            kept=kept,
            answered=answered,
            failures=dict(failures),
            takes=sum(d.whole for d in state),
            failed_takes=sum(d.failure is not None for d in state),
        )

    def _complete_takes(self, state: Sequence[Dialogue], card: SystemCard) -> None:
        whole = [dialogue.take(card) for dialogue in state if dialogue.whole]
        known = self.store.keys(Take, system=card.system) if whole else set()
        self.store.put(*(take for take in whole if take.key not in known))

    def _waves(
        self, state: Sequence[Dialogue], card: SystemCard, system: Conversant
    ) -> Iterator[tuple[Dialogue, Reply]]:
        def work(dialogue: Dialogue) -> Reply:
            return ask(system, self._request(dialogue), timeout_s=card.timeout_s, retries=self.retries)

        for turn in range(max(len(d.bases) for d in state)):
            due = [d for d in state if d.turn == turn and not d.whole and not d.blocked]
            yield from self.executor.map(work, due, concurrency=max(1, min(self.concurrency, card.concurrency)))

    def _request(self, dialogue: Dialogue) -> Request:
        turns = dialogue.sample.turns
        # History comes from the store even when the answer was given a moment ago: an interrupted run and an
        # uninterrupted one must ask the same thing.
        history = tuple(
            Exchange(user=self._user(dialogue.sample, turn), answer=self._earlier(key))
            for turn, key in zip(range(len(turns)), dialogue.keys, strict=False)
        )
        return Request(
            speech=self._user(dialogue.sample, dialogue.turn),
            sample=dialogue.sample.id,
            turn=dialogue.turn,
            history=history,
            seed=self.seed,
        )

    def _user(self, sample: Sample, turn: int) -> Waveform:
        speech = sample.turns[turn].speech
        if speech is None:
            raise SuiteError(f"sample {sample.id}: turn {turn} has no speech; run s2s-arena suite build")
        return self.store.audio(speech.hash)

    def _earlier(self, key: ResponseKey) -> Answer:
        response = self.store.get(Response, key)
        if response is None or response.speech is None:
            raise StoreError(f"response {key}: is gone or has no speech; restore a backup")
        return Answer(
            speech=self.store.audio(response.speech.hash),
            text=response.text,
            first_audio_s=response.first_audio_s,
            usage=response.usage,
            raw=response.raw,
        )

    def _keep(self, dialogue: Dialogue, reply: Reply, card: SystemCard, system: Conversant) -> int:
        """Write what came back; how many later turns it makes unnecessary."""
        key = dialogue.next_key
        if reply.failure and not reply.failure.kind.rated:
            known = self.store.keys(Response, system=card.system, failure=FailureKind.INFRASTRUCTURE)
            key = unreached_key(dialogue.bases[dialogue.turn], known)
        answer = reply.answer
        response = Response(
            key=key,
            sample=dialogue.sample.id,
            turn=dialogue.turn,
            system=card.system,
            settings=card.settings_hash,
            speech=self.store.put_audio(answer.speech) if answer else None,
            text=answer.text if answer else None,
            first_audio_s=answer.first_audio_s if answer else None,
            total_s=reply.total_s,
            usage=self._usage(dialogue, answer),
            failure=reply.failure,
            flags=reply.flags,
            versions={"adapter": system.identity},
            run=self.run,
            raw=answer.raw if answer else {},
        )
        if reply.failure and not reply.failure.kind.rated:
            dialogue.blocked = True
            self.store.put(response)
        else:
            dialogue.settle(key, reply.failure.kind if reply.failure else None)
            self.store.put(response, *([dialogue.take(card)] if dialogue.whole else []))
        return len(dialogue.bases) - response.turn - 1 if reply.failure else 0

    def _usage(self, dialogue: Dialogue, answer: Answer | None) -> Usage:
        speech = dialogue.sample.turns[dialogue.turn].speech
        usage = answer.usage if answer else Usage()
        return replace(
            usage,
            audio_in_s=usage.audio_in_s if usage.audio_in_s is not None or speech is None else speech.duration_s,
            audio_out_s=answer.speech.duration_s if answer and usage.audio_out_s is None else usage.audio_out_s,
        )

    def _tell(self, dialogue: Dialogue, reply: Reply, skipped: int) -> None:
        if self.progress:
            what = reply.failure.kind.value if reply.failure else "answered"
            for _ in range(1 + skipped):
                self.progress.advance(f"{dialogue.sample.id} {what}")

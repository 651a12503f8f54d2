"""One system answers what it has not answered yet: asked at its pace, heard, kept, and asked again where it helps."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from s2s_arena.answer.asking import Reply, Retries
from s2s_arena.answer.contestants import Contestant
from s2s_arena.answer.dialogues import Dialogue, unreached_key
from s2s_arena.answer.feed import Feed
from s2s_arena.answer.keeping import Finished, Keeper
from s2s_arena.answer.pacing import Pacer
from s2s_arena.answer.pricing import Purse, expected_price, price_of
from s2s_arena.answer.questions import Asking, Question, request_of
from s2s_arena.protocols import Answer, Executor, Progress, Record, Store
from s2s_arena.records.identity import ResponseKey
from s2s_arena.records.responses import FailureKind, Response, Usage
from s2s_arena.records.systems import SystemCard


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """How systems are asked, the same for all of a run."""

    store: Store
    executor: Executor
    seed: int
    concurrency: int
    retries: Retries
    purse: Purse
    hedge_after_s: float | None
    progress: Progress | None
    run: str


@dataclass(slots=True)
class Tally:
    """What came of it."""

    answered: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    asked_again: int = 0
    spent_usd: float = 0.0


class OneSystem:
    """One system's part of a run.

    Args:
        contestant: Who answers.
        ways: How it is asked.
        state: Its dialogues, in the order in which they are to be asked by rank.
        tell: Told of each reply that is kept, and of how many later turns it makes unnecessary.
    """

    def __init__(
        self,
        contestant: Contestant,
        *,
        ways: Ways,
        state: Sequence[Dialogue],
        tell: Callable[[Dialogue, Reply, int], None],
    ) -> None:
        self._card = contestant.card
        self._ways = ways
        self._tell = tell
        self._open = [d for d in state if not d.whole]
        self._asking = Asking(contestant.load, card=self._card, retries=ways.retries, hedge_after_s=ways.hedge_after_s)
        self._by_sample = {d.sample.id: d for d in self._open}
        self._concurrency = max(1, min(ways.concurrency, self._card.concurrency))
        self._feed = Feed(
            len(self._open),
            pacer=Pacer(self._card.limits),
            may_start=self._may_start,
            # An executor may be ahead of us by as many answers again, each of which has cost something.
            unsettled=self._concurrency if ways.purse.limited else None,
        )
        self._unreached: set[str] | None = None
        self.tally = Tally()

    def answer(self) -> Tally:
        """Ask until nothing is left to ask, or the purse is shut."""
        concurrency = self._concurrency
        for dialogue in self._open:
            self._feed.add(dialogue)
        try:
            with Keeper(
                self._ways.store,
                concurrency=concurrency,
                records=self._records,
                kept=self._kept,
                stop=self._feed.close,
            ) as keeper:
                done = self._ways.executor.map(self._asking, self._questions(), concurrency=concurrency)
                for question, reply in done:
                    self._heard(self._by_sample[question.request.sample], reply, keeper)
        finally:
            self._feed.close()
        return self.tally

    # ------------------------------------------------------------------------------------------ asking

    def _may_start(self, dialogue: Dialogue) -> bool:
        speech = dialogue.sample.turns[dialogue.turn].speech
        usd = expected_price(self._card, audio_in_s=speech.duration_s if speech else 0.0) or 0.0
        if not self._ways.purse.open(usd):
            return False
        dialogue.reserved_usd = usd
        dialogue.attempts += 1
        return True

    def _questions(self) -> Iterator[Question]:
        """Each with its audio, made when it is its turn: whoever asks it need not reach the store."""
        for dialogue in self._feed:
            request = request_of(dialogue, store=self._ways.store, seed=self._ways.seed)
            yield Question(request=request, attempts=dialogue.attempts)

    def _heard(self, dialogue: Dialogue, reply: Reply, keeper: Keeper) -> None:
        usage = _usage(dialogue, reply.answer, card=self._card)
        cost = (usage.cost_usd or 0.0) * (2 if reply.hedged else 1) if reply.answer else 0.0
        self._ways.purse.settle(dialogue.reserved_usd, cost)
        self.tally.spent_usd += cost
        counts = [n for n in (usage.tokens_in, usage.tokens_out) if n is not None]
        self._feed.ended(tokens=sum(counts) if counts else None)
        if reply.again_after_s is None:
            keeper.keep(dialogue, reply)
            return
        self.tally.asked_again += 1
        if self._ways.retries.sleep is None:
            self._feed.add(dialogue, after_s=reply.again_after_s)
        else:
            self._ways.retries.sleep(reply.again_after_s)
            self._feed.add(dialogue)

    # ----------------------------------------------------------------------------------------- keeping

    def _records(self, finished: Finished) -> Sequence[Record]:
        dialogue, reply, answer = finished.dialogue, finished.reply, finished.reply.answer
        unreached = reply.failure is not None and not reply.failure.kind.rated
        key = self._unreached_key(dialogue) if unreached else dialogue.next_key
        response = Response(
            key=key,
            sample=dialogue.sample.id,
            turn=dialogue.turn,
            system=self._card.system,
            settings=self._card.settings_hash,
            speech=finished.speech,
            text=answer.text if answer else None,
            first_audio_s=answer.first_audio_s if answer else None,
            total_s=reply.total_s,
            usage=_usage(dialogue, answer, card=self._card),
            failure=reply.failure,
            flags=(*reply.flags, *(("hedged",) if reply.hedged else ())),
            versions={"adapter": reply.adapter},
            run=self._ways.run,
            raw=answer.raw if answer else {},
        )
        if unreached:
            dialogue.blocked = True
            return [response]
        dialogue.settle(key, reply.failure.kind if reply.failure else None)
        return [response, *([dialogue.take(self._card)] if dialogue.whole else [])]

    def _kept(self, finished: Finished) -> None:
        dialogue, reply = finished.dialogue, finished.reply
        if reply.failure:
            self.tally.failures[reply.failure.kind] += 1
        else:
            self.tally.answered += 1
        over = dialogue.whole or dialogue.blocked
        asked = dialogue.turn if not dialogue.blocked else dialogue.turn + 1
        self._tell(dialogue, reply, len(dialogue.bases) - asked if over else 0)
        if over:
            self._feed.leave()
        else:
            self._feed.add(dialogue)

    def _unreached_key(self, dialogue: Dialogue) -> ResponseKey:
        if self._unreached is None:
            kind = FailureKind.INFRASTRUCTURE
            self._unreached = self._ways.store.keys(Response, system=self._card.system, failure=kind)
        key = unreached_key(dialogue.bases[dialogue.turn], self._unreached)
        self._unreached.add(key)
        return key


def _usage(dialogue: Dialogue, answer: Answer | None, *, card: SystemCard) -> Usage:
    """What the answer took, completed by what we know: seconds of audio, and the price by the card."""
    speech = dialogue.sample.turns[dialogue.turn].speech
    usage = answer.usage if answer else Usage()
    heard = replace(
        usage,
        audio_in_s=usage.audio_in_s if usage.audio_in_s is not None or speech is None else speech.duration_s,
        audio_out_s=answer.speech.duration_s if answer and usage.audio_out_s is None else usage.audio_out_s,
    )
    return replace(heard, cost_usd=price_of(heard, card.price)) if answer else heard

"""One judge at work on one study: which matches are left, drawing more, judging them, appending what comes of it."""

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from s2s_arena.arena import ballot, schedule
from s2s_arena.errors import InfrastructureError
from s2s_arena.judge import hearing
from s2s_arena.judge.comparison import Comparison, Decision, Judge
from s2s_arena.judge.judging import Case, Judging, Said
from s2s_arena.judge.ledger import Ledger
from s2s_arena.judge.levels import Levels
from s2s_arena.protocols import Executor, Progress, Record, Store
from s2s_arena.ratings.bradley_terry import bradley_terry
from s2s_arena.ratings.elo import elo
from s2s_arena.records.cues import Cues
from s2s_arena.records.identity import MatchId, SampleId, TakeId
from s2s_arena.records.matches import Match, Purpose, Round
from s2s_arena.records.responses import Take
from s2s_arena.records.samples import Suite
from s2s_arena.records.studies import Sampler, Study
from s2s_arena.records.systems import JudgeCard
from s2s_arena.records.verdicts import Event, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """How a judge goes through a study.

    Attributes:
        short_circuit: A failed take loses by rule; if off, failed takes that have audio are heard.
        same_matches: All matches of the study are the judge's to decide, not only those drawn for it.
        attempts: How often it is asked before a match is given up.
        concurrency: Matches judged at once.
        budget_usd: No further match is begun once so much is spent; None for no limit.
    """

    short_circuit: bool = True
    same_matches: bool = False
    attempts: int = 3
    concurrency: int = 1
    budget_usd: float | None = None


@dataclass(slots=True)
class Tally:
    """What was added."""

    by_judge: int = 0
    by_rule: int = 0
    both_failed: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    cost_usd: float = 0.0
    dearest_usd: float = 0.0

    def spend(self, said: Said) -> None:
        """Count what a match cost; a reply that could not be used counts like the dearest one so far."""
        cost = said.decision.cost_usd or 0.0 if said.decision else 0.0
        self.dearest_usd = max(self.dearest_usd, cost)
        self.cost_usd += cost + len(said.failures) * self.dearest_usd


class Desk:
    """Reads rounds, matches and events at first; then only it adds to them.

    Args:
        study: Its systems, rules and sampling decide what is drawn.
        suite: The samples.
        card: The judge's card.
        judge: Loads the judge; called at the first match that has to be heard, by whoever the executor has do it.
        store: Where everything is kept.
        ways: How to go through the study.
        takes: What may be drawn; every take in the store by default.
    """

    def __init__(
        self,
        study: Study,
        suite: Suite,
        *,
        card: JudgeCard,
        judge: Callable[[], Judge],
        store: Store,
        ways: Ways,
        takes: Sequence[Take] | None = None,
    ) -> None:
        self._study = study
        self._suite = suite
        self._card = card
        self._judging = Judging(judge, card=card)
        self._judge: Said | None = None  # who it is, once it has been asked
        self._store = store
        self._ways = ways
        self._ledger = Ledger(card.judge, store.events(study=study.name))
        self._rounds = sorted(store.all(Round, study=study.name), key=lambda r: r.number)
        self._matches = sorted(store.all(Match, study=study.name), key=lambda m: (m.round, m.index))
        self._offered = takes
        self._levels = Levels(suite, store, takes)
        self._takes: dict[TakeId, Take] = {}
        self._audible: dict[TakeId, bool] = {}
        self._noted: defaultdict[SampleId, list[Record]] = defaultdict(list)
        self.tally = Tally()

    # ------------------------------------------------------------------------------------------ what is left

    def rated(self) -> int:
        """Comparisons that are decided, in all the orders they were drawn in."""
        return sum(
            all(self._settled(match) for match in group) and any(self._verdict(match) for match in group)
            for group in self._groups()
        )

    def given_up(self) -> int:
        """Matches without a verdict after all attempts."""
        return sum(
            self._ledger.failures(match.id) >= self._ways.attempts and self._verdict(match) is None
            for group in self._groups()
            for match in group
        )

    def pending(self, comparisons: int) -> list[Match]:
        """The next matches to judge, in the order of play: as many comparisons as are given, or what is left."""
        left: list[Match] = []
        for group in self._groups():
            unsettled = [match for match in group if not self._settled(match)]
            if unsettled and comparisons:
                comparisons -= 1
                left += unsettled
        return left

    def fruitless(self) -> bool:
        """Whether the last round brought no verdict: the judge, or every system, is down."""
        last = self._rounds[-1].number
        return not any(self._verdict(match) for match in self._matches if match.round == last)

    def _groups(self) -> list[list[Match]]:
        """The comparisons that are this judge's to decide, in the order of play; what people hear again is theirs."""
        own = {r.number for r in self._rounds if r.drawn_for == self._card.name}
        groups: dict[str, list[Match]] = {}
        for match in self._matches:
            if match.purpose is not Purpose.RATED:
                continue
            if self._ways.same_matches or match.round in own or self._ledger.own(match.id):
                groups.setdefault(match.group, []).append(match)
        return list(groups.values())

    def _verdict(self, match: Match) -> Verdict | None:
        """The verdict that counts: the judge's own, or the rule's where the rule applies."""
        verdict = self._ledger.own(match.id)
        return verdict or (self._ledger.verdict(match.id) if self._rule_speaks(match) else None)

    def _settled(self, match: Match) -> bool:
        if self._verdict(match) or self._ledger.failures(match.id) >= self._ways.attempts:
            return True
        return self._ledger.unrated(match.id) and self._rule_speaks(match)

    def _rule_speaks(self, match: Match) -> bool:
        """Whether a failed take settles the match without listening."""
        takes = [self._take(match.first), self._take(match.second)]
        if all(take.failure is None for take in takes):
            return False
        return self._ways.short_circuit or not all(self._audible[take.id] for take in takes)

    def _take(self, id: TakeId) -> Take:
        if id not in self._takes:
            self._takes[id] = take = hearing.take(id, store=self._store)
            self._audible[id] = take.failure is None or hearing.audible(take, store=self._store)
        return self._takes[id]

    # ---------------------------------------------------------------------------------------------- drawing

    def draw(self) -> None:
        """Store the next round and its matches. Raises InvalidMatchesError when nothing can be drawn."""
        games = self._ledger.games((m for group in self._groups() for m in group), systems=self._study.systems)
        count = len(self._study.systems)
        ratings = elo(games.pairs, games.scores, systems=count)
        wins = np.zeros((count, count))
        np.add.at(wins, (games.pairs[:, 0], games.pairs[:, 1]), games.scores)
        np.add.at(wins, (games.pairs[:, 1], games.pairs[:, 0]), 1.0 - games.scores)
        # Elo steers the paper's rule; D-optimal weighs gaps and their covariance, which must be of one fit.
        fit = bradley_terry(wins) if self._study.sampling.sampler is Sampler.D_OPTIMAL else None
        steering = ratings if fit is None else fit.ratings
        drawn, matches = schedule.draw_round(
            self._study,
            samples=self._suite.samples,
            takes=self._store.all(Take) if self._offered is None else self._offered,
            number=self._rounds[-1].number + 1 if self._rounds else 0,
            earlier=self._matches,
            ratings={system: float(steering[place]) for place, system in enumerate(self._study.systems)},
            covariance=None if fit is None else fit.covariance,
            ratings_from_event=self._ledger.last_event,
        )
        drawn = replace(drawn, drawn_for=self._card.name)
        self._store.put(drawn, *matches)
        self._rounds.append(drawn)
        self._matches.extend(matches)

    # ---------------------------------------------------------------------------------------------- judging

    def play(self, batch: Sequence[Match], *, executor: Executor, progress: Progress | None) -> None:
        """Judge matches at once, and append what comes of them in the order of play."""
        heard = [match for match in batch if not self._rule_speaks(match)]
        done: dict[MatchId, Said | None] = dict.fromkeys(match.id for match in batch)
        for match in heard:
            del done[match.id]
        waiting = deque(batch)

        def record() -> None:
            while waiting and waiting[0].id in done:
                match = waiting.popleft()
                note = self._record(match, done.pop(match.id))
                if progress:
                    progress.advance(note)

        record()
        if not heard:
            return
        self._introduce(executor)
        for case, said in executor.map(self._judging, self._cases(heard), concurrency=self._ways.concurrency):
            if case is None or said.version != self._version:
                raise InfrastructureError(
                    f"judge {self._card.name}: it is {self._version} on one machine and {said.version} on another; "
                    "they have other heads, weights or packages: see s2s-arena cluster doctor"
                )
            self.tally.spend(said)
            if said.decision is not None and said.decision.notes:
                self._store.put(*said.decision.notes)
                self._noted[case.heard.sample.id] += said.decision.notes
            done[case.match] = said
            record()

    def _introduce(self, executor: Executor) -> None:
        """Ask the judge who it is: what it hears depends on that."""
        if self._judge is None:
            for _, said in executor.map(self._judging, [None], concurrency=self._ways.concurrency):
                self._judge = said

    @property
    def _version(self) -> str:
        return self._judge.version if self._judge else ""

    @property
    def broke(self) -> bool:
        """Whether the budget is spent."""
        budget = self._ways.budget_usd
        return budget is not None and self.tally.cost_usd >= budget

    def _cases(self, matches: Sequence[Match]) -> Iterator[Case | None]:
        """The matches, as long as there is money; asked for one by one as places become free, with their audio."""
        levels = self._levels if self._judge and self._judge.levelled else None
        for match in matches:
            if self.broke:
                return
            heard = hearing.comparison(
                match, suite=self._suite, store=self._store, seed=self._study.seed, levels=levels
            )
            left = self._ways.attempts - self._ledger.failures(match.id)
            yield Case(match.id, heard, attempts=left, known=partial(self._known, heard))

    def _known(self, heard: Comparison) -> tuple[Record, ...]:
        """What is kept of these answers, and what this run has marked on their sample."""
        audio = [turn.audio.hash for take in (heard.first, heard.second) for turn in take.turns if turn.audio]
        cues = (each for hash in dict.fromkeys(audio) for each in self._store.all(Cues, audio=hash))
        return (*cues, *self._noted[heard.sample.id])

    def _record(self, match: Match, said: Said | None) -> str:
        """Append the events of one match, of which the rule speaks where the judge said nothing; says what happened."""
        stored = self._store.append(*self._events(match, said))
        self._ledger.add(stored)
        if said is None:
            if self._ledger.unrated(match.id):
                self.tally.both_failed += 1
                return ballot.BOTH_FAILED
            self.tally.by_rule += 1
            return "decided by rule: one answer failed"
        self.tally.failures.update(said.failures)
        if said.decision is None:
            return f"given up: {said.failures[-1]}"
        self.tally.by_judge += 1
        return f"{said.decision.outcome}: {said.decision.reason}"

    def _events(self, match: Match, said: Said | None) -> Iterator[Event]:
        study = self._study
        history = list(self._ledger.history(match.id))
        if said is None:
            first, second = self._take(match.first), self._take(match.second)
            event = ballot.rule_event(match, first, second, study=study, history=history)
            if event is not None:
                yield event
            return
        for reason in said.failures:
            event = ballot.failed(
                self._card.judge, study=study, match=match, reason=reason, history=history, judge_version=said.version
            )
            history.append(event)
            yield event
        if said.decision is not None:
            verdict = _verdict(said.decision, match=match, study=study, card=self._card, version=said.version)
            yield ballot.accept(verdict, study=study, match=match, history=history)


def _verdict(decision: Decision, *, match: Match, study: Study, card: JudgeCard, version: str) -> Verdict:
    return Verdict(
        match=match.id,
        study=match.study,
        judge=card.judge,
        order=(match.round, match.index),
        outcome=decision.outcome,
        criteria={asked: part for asked, part in decision.criteria.items() if asked in study.rules.criteria},
        margin=decision.margin,
        reason=decision.reason,
        raw=decision.raw,
        prompt_hash=decision.prompt_hash,
        parsed=decision.parsed,
        judge_version=version,
        model_version=decision.version,
        seconds=decision.seconds,
        cost_usd=decision.cost_usd,
        both_bad=decision.both_bad,
    )

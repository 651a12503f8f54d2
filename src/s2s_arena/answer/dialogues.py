"""How far each dialogue of a system has come: which turns are answered, which is next, and when the take is whole."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from s2s_arena.errors import SuiteError
from s2s_arena.protocols import Store
from s2s_arena.records.identity import ResponseKey, TakeId, content_hash
from s2s_arena.records.responses import FailureKind, Response, ResponseKeys, Take
from s2s_arena.records.samples import Sample, Suite
from s2s_arena.records.scores import Consent
from s2s_arena.records.speech import AudioRef
from s2s_arena.records.systems import SystemCard

SPOKEN_BY_PEOPLE = ("person", "imported")
"""Families whose answers may be a person's own voice, which can be withdrawn."""

RATED = tuple(kind for kind in FailureKind if kind.rated)


def selected(
    suite: Suite,
    *,
    limit: int | None = None,
    levels: Sequence[str] | None = None,
    tasks: Sequence[str] | None = None,
) -> tuple[Sample, ...]:
    """The samples to answer, in suite order: those of the levels and tasks (by task or seed task), at most `limit`.

    Raises:
        SuiteError: Nothing is left, or a turn has no speech.
    """
    chosen = [
        sample
        for sample in suite.samples
        if (levels is None or sample.level in levels)
        and (tasks is None or {sample.task, sample.seed_task} & set(tasks))
    ][:limit]
    if not chosen:
        raise SuiteError(f"suite {suite.name}: no sample of {levels=} {tasks=} {limit=}; see s2s-arena suite stats")
    for sample in chosen:
        _speech(sample)
    return tuple(chosen)


THIRD_PARTIES = "third_party_processing"


def consented(samples: Sequence[Sample], *, third_party: bool) -> tuple[Sample, ...]:
    """The samples that a system may hear: one that answers elsewhere only those whose speakers allow it."""
    return tuple(s for s in samples if not third_party or THIRD_PARTIES in s.provenance.consent)


def _speech(sample: Sample) -> tuple[AudioRef, ...]:
    refs = tuple(turn.speech for turn in sample.turns if turn.speech is not None)
    if not refs or len(refs) != len(sample.turns):
        raise SuiteError(f"sample {sample.id}: a turn has no speech; run s2s-arena suite build")
    return refs


@dataclass(slots=True)
class Dialogue:
    """One sample with one system. `keys` are those of the turns that are settled, in order."""

    sample: Sample
    bases: tuple[ResponseKey, ...]  # one a turn: what the answer depends on
    keys: tuple[ResponseKey, ...] = ()
    again: int = 0  # how often the next turn has failed before, when failures are to be tried again
    failure: FailureKind | None = None  # the dialogue ends with it
    blocked: bool = False  # by infrastructure, until the next run
    attempts: int = 0  # how often the next turn has been asked in this run
    reserved_usd: float = 0.0  # set aside for the next turn
    rank: tuple[int, int] = (0, 0)  # the lower, the earlier it is asked

    @property
    def turn(self) -> int:
        """Index of the next turn."""
        return len(self.keys)

    @property
    def whole(self) -> bool:
        """Nothing more is to be asked: all turns are answered, or one has failed."""
        return self.failure is not None or len(self.keys) == len(self.bases)

    @property
    def next_key(self) -> ResponseKey:
        """Under which the next turn's response is kept."""
        return attempt_key(self.bases[self.turn], self.again)

    def settle(self, key: ResponseKey, failure: FailureKind | None) -> None:
        """Note the response to the next turn."""
        self.keys = (*self.keys, key)
        self.again = 0
        self.attempts = 0
        self.failure = failure

    def take(self, card: SystemCard) -> Take:
        """The take, once the dialogue is whole; equal to `records.responses.take_of` of its responses."""
        id = TakeId(content_hash("take", list(self.keys)))
        return Take(id=id, sample=self.sample.id, system=card.system, responses=self.keys, failure=self.failure)


def attempt_key(base: ResponseKey, again: int) -> ResponseKey:
    """Key of the answer given after `again` earlier ones failed and were tried again: nothing is overwritten."""
    return base if again == 0 else ResponseKey(content_hash("again", base, again))


def unreached_key(base: ResponseKey, known: Iterable[str]) -> ResponseKey:
    """A key for one more infrastructure failure; never the answer's own, which stays free for the next run."""
    seen = set(known)
    n = 0
    while (key := content_hash("unreached", base, n)) in seen:
        n += 1
    return ResponseKey(key)


def dialogues(
    samples: Sequence[Sample], card: SystemCard, *, store: Store, seed: int, retry_failed: bool = False
) -> list[Dialogue]:
    """The state of every dialogue, from keys alone: cheap for 100,000 finished responses."""
    settings = card.settings_hash  # a content hash, costly to take again for each of 100,000 turns
    known = store.keys(Response, system=card.system, settings=settings)
    failed = {
        key: kind for kind in RATED for key in store.keys(Response, system=card.system, settings=settings, failure=kind)
    }
    keys = ResponseKeys(system=card.system, settings=settings, seed=seed)
    found = []
    for sample in samples:
        bases = keys(sample.id, [ref.hash for ref in _speech(sample)])
        dialogue = Dialogue(sample, bases)
        if known.issuperset(bases) and failed.keys().isdisjoint(bases):
            dialogue.keys = bases  # most dialogues of a run that goes on: nothing more to find out
        else:
            _follow(dialogue, known=known, failed=failed, retry_failed=retry_failed)
        found.append(dialogue)
    return found


def _follow(dialogue: Dialogue, *, known: Set[str], failed: Mapping[str, FailureKind], retry_failed: bool) -> None:
    """Settle what is answered, turn by turn and attempt by attempt."""
    while not dialogue.whole and dialogue.next_key in known:
        # A later attempt, if there is one, stands for the turn.
        while dialogue.next_key in failed and attempt_key(dialogue.bases[dialogue.turn], dialogue.again + 1) in known:
            dialogue.again += 1
        if dialogue.next_key in failed and retry_failed:
            dialogue.again += 1
            return
        dialogue.settle(dialogue.next_key, failed.get(dialogue.next_key))


def ranked(state: Sequence[Dialogue], *, first: Sequence[str] = ()) -> Sequence[Dialogue]:
    """The same dialogues, ranked by the place of their level in `first`, then as they stand."""
    place = {level: n for n, level in enumerate(first)}
    for n, dialogue in enumerate(state):
        dialogue.rank = (place.get(str(dialogue.sample.level or ""), len(place)), n)
    return state


def takes(
    suite: Suite, cards: Sequence[SystemCard], *, store: Store, seed: int = 0, samples: Sequence[Sample] | None = None
) -> tuple[Take, ...]:
    """The finished takes of the systems as their cards now stand, on the suite as it now is; in suite order.

    What people answered and have withdrawn is left out.
    """
    gone = {consent.audio for consent in store.all(Consent) if consent.withdrawn}
    return tuple(
        take
        for card in cards
        for dialogue in dialogues(suite.samples if samples is None else samples, card, store=store, seed=seed)
        if dialogue.whole
        for take in (dialogue.take(card),)
        if not (gone and card.model in SPOKEN_BY_PEOPLE and _withdrawn(take, gone, store=store))
    )


def _withdrawn(take: Take, gone: Set[str], *, store: Store) -> bool:
    found = (store.get(Response, key) for key in take.responses)
    return any(r is not None and r.speech is not None and r.speech.hash in gone for r in found)

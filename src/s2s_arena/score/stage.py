"""The score stage: every item of every answer marked once, and what it comes to per system and dimension."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from s2s_arena.errors import InputError, JudgeFailure
from s2s_arena.protocols import Executor, Progress, Store
from s2s_arena.records.cues import Cues
from s2s_arena.records.identity import AudioHash, SampleId, TakeId, content_hash
from s2s_arena.records.responses import Response, Take
from s2s_arena.records.runs import Run
from s2s_arena.records.samples import Sample, Suite
from s2s_arena.records.scores import Score
from s2s_arena.score.items import Item, Rubric
from s2s_arena.score.scorers import Dialogue, Scorer
from s2s_arena.score.sheet import Marked, Row, rows, worth_of

FLAGGED_BELOW = 0.5  # chance that a red flag is not there
Hear = Callable[[AudioHash], Cues | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What stands after `run`.

    Attributes:
        scorer: Whose marks.
        rows: Systems, best first.
        slices: The same by an attribute's value: (attribute, value) -> systems.
        marked: Marks made by this run.
        unmarked: Items that the scorer gave no mark, which are left out of means.
        unrated: Answers that infrastructure lost; they are not scored.
    """

    scorer: str
    rows: tuple[Row, ...]
    slices: Mapping[tuple[str, str], tuple[Row, ...]] = field(default_factory=dict)
    marked: int = 0
    unmarked: int = 0
    unrated: int = 0


def run(
    suite: Suite,
    takes: Sequence[Take],
    scorer: Scorer,
    *,
    rubric: Rubric,
    hear: Hear,
    store: Store,
    executor: Executor,
    by: Sequence[str] = (),
    run: Run | None = None,
    progress: Progress | None = None,
    concurrency: int = 1,
) -> Summary:
    """Mark what is not marked yet, and add up.

    Args:
        suite: The samples.
        takes: The answers.
        scorer: Who marks.
        rubric: The items.
        hear: What was heard in stored audio; called for answers with an item that is not marked.
        store: Keeps marks.
        executor: Overlaps waiting.
        by: level, domain, language or task: also scores by its values.
        run: Kept with the marks, if given.
        progress: Told of every answer.
        concurrency: Answers at once.

    Raises:
        InputError: No answer, an unknown attribute in `by`, or a sample without any item.
        InfrastructureError: The scorer cannot be reached; what it marked is kept.
    """
    samples = {sample.id: sample for sample in suite.samples}
    rated = [t for t in takes if t.sample in samples and (t.failure is None or t.failure.rated)]
    if not rated:
        raise InputError(f"suite {suite.name}: no answers to score; run s2s-arena answer first")
    items = {id: rubric.items(samples[id]) for id in {t.sample for t in rated}}
    if run is not None:
        store.put(run)
    done = _mark(
        [t for t in rated if t.failure is None],
        samples,
        items,
        scorer,
        hear=hear,
        store=store,
        executor=executor,
        progress=progress,
        concurrency=concurrency,
    )
    marks = {
        (take.id, item.name): _kept(take, item, scorer.identity, store) for take in rated for item in items[take.sample]
    }
    marked = [m for take in rated if (m := _marked(take, items[take.sample], marks)) is not None]
    unmarked = sum(marks[t.id, i.name] is None for t in rated if t.failure is None for i in items[t.sample])
    return Summary(
        scorer=scorer.identity,
        rows=rows(marked),
        slices=_slices(marked, samples, by),
        marked=done,
        unmarked=unmarked,
        unrated=sum(t.sample in samples for t in takes) - len(rated),
    )


def subject(take: Take, item: Item) -> str:
    """What a mark is of: an answer, against an item's words."""
    return content_hash("mark", take.id, item)


def _kept(take: Take, item: Item, scorer: str, store: Store) -> Score | None:
    return store.get(Score, content_hash("score", subject(take, item), item.name, scorer))


def _mark(
    takes: Sequence[Take],
    samples: Mapping[SampleId, Sample],
    items: Mapping[SampleId, tuple[Item, ...]],
    scorer: Scorer,
    *,
    hear: Hear,
    store: Store,
    executor: Executor,
    progress: Progress | None,
    concurrency: int,
) -> int:
    """How many marks were made."""
    left: dict[str, tuple[Take, list[Item]]] = {}
    for take in takes:
        missing = [item for item in items[take.sample] if _kept(take, item, scorer.identity, store) is None]
        if missing:
            left[take.id] = (take, missing)
    audio = {id: _audio(take, store) for id, (take, _) in left.items()}

    def score(id: str) -> list[Score]:
        take, missing = left[id]
        heard = tuple(hear(hash) if hash else None for hash in audio[id])
        dialogue = Dialogue(sample=samples[take.sample], heard=heard)
        return [made for item in missing if (made := _made(take, item, dialogue, scorer)) is not None]

    if progress:
        progress.begin("answers scored", len(left))
    count = 0
    for id, made in executor.map(score, left, concurrency=concurrency):
        store.put(*made)
        count += len(made)
        if progress:
            progress.advance(left[id][0].system)
    if progress:
        progress.end()
    return count


def _made(take: Take, item: Item, dialogue: Dialogue, scorer: Scorer) -> Score | None:
    try:
        mark = scorer.mark(item, dialogue)
    except JudgeFailure:
        return None  # asked again by the next run, counted as unmarked in this one
    return Score(
        subject=subject(take, item),
        scale=item.name,
        judge=scorer.identity,
        value=mark.value,
        reason=mark.reason,
        raw=mark.raw,
        prompt_hash=mark.prompt_hash,
    )


def _audio(take: Take, store: Store) -> tuple[AudioHash | None, ...]:
    responses = [store.get(Response, key) for key in take.responses]
    return tuple(r.speech.hash if r and r.speech else None for r in responses)


def _marked(take: Take, items: Sequence[Item], marks: Mapping[tuple[TakeId, str], Score | None]) -> Marked | None:
    """What an answer is worth; None where nothing of it was marked."""
    if take.failure is not None:
        worth = dict.fromkeys({item.dimension for item in items}, 0.0)
        return Marked(system=take.system, sample=take.sample, worth=worth, failed=True)
    known = [(item, score.value) for item in items if (score := marks[take.id, item.name]) is not None]
    flagged = any(item.red_flag and value < FLAGGED_BELOW for item, value in known)
    worth = worth_of(((item.dimension, item.worth(value)) for item, value in known), flagged=flagged)
    return Marked(system=take.system, sample=take.sample, worth=worth, flagged=flagged) if worth else None


def _slices(
    marked: Sequence[Marked], samples: Mapping[SampleId, Sample], by: Sequence[str]
) -> dict[tuple[str, str], tuple[Row, ...]]:
    found: dict[tuple[str, str], tuple[Row, ...]] = {}
    for name in by:
        if name not in ATTRIBUTES:
            raise InputError(f"--by {name}: not known; one of {', '.join(ATTRIBUTES)}")
        values = {id: ATTRIBUTES[name](sample) for id, sample in samples.items()}
        for value in sorted({values[m.sample] for m in marked}):
            found[name, value] = rows([m for m in marked if values[m.sample] == value])
    return found


ATTRIBUTES: Mapping[str, Callable[[Sample], str]] = {
    "level": lambda sample: str(sample.level or ""),
    "domain": lambda sample: sample.domain or "",
    "language": lambda sample: sample.language,
    "task": lambda sample: sample.task or "",
    "turns": lambda sample: str(len(sample.turns)),
}
"""What scores can be sliced by."""

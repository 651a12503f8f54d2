"""Task by instrument: what the embedded judge, its criteria and single instruments make of labelled pairs of clips.

    python -m bench.judge_pairs FOLDER [-w WORKSPACE] [--json]

FOLDER has a pairs.jsonl of {"folder", "set", "label", "instruction", "transcript_a", "transcript_b"} and in each folder
an a and a b; labels are 1 and 2 for the better (or faster) one, tie, and same or different. Every pair is put in both
orders, so that sides are even and accuracy is balanced; the two orders are one case of the Wilson interval. What
was heard is kept in WORKSPACE. Ties are listed and not counted: the judge gives none. Whether two clips are by the same
speaker, or say a word the same way, this judge is not made to tell; the distances given for those sets are put to the
middle of what the *other* pairs of the set have.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from s2s_arena.audio import files
from s2s_arena.audio.resampling import resample
from s2s_arena.audio.waveform import Waveform
from s2s_arena.compose import Arena, open_workspace
from s2s_arena.errors import JudgeFailure
from s2s_arena.judge.comparison import Comparison, HeardTake, HeardTurn, Judge
from s2s_arena.ratings.agreement import Estimate, wilson
from s2s_arena.records.cues import Cues
from s2s_arena.records.identity import SampleId, SuiteName, content_hash
from s2s_arena.records.samples import Expectation, Sample, Suite, Turn
from s2s_arena.records.speech import AudioRef
from s2s_arena.records.studies import Criterion, Outcome
from s2s_arena.workspace.layout import create

LANGUAGES = {"tmhintq": "zh", "thaimos": "th"}
REQUESTS = {"speed": "Please say this as fast as you can."}  # of sets without an instruction of their own
READ = "Please read this out clearly and naturally."
ALIKE = ("same", "different")

INSTRUMENTS: Mapping[str, Callable[[Cues], float | None]] = {
    "syllables a second": lambda c: c.prosody.syllables_per_s,
    "seconds": lambda c: c.prosody.duration_s,
    "pitch range": lambda c: c.prosody.f0_range_st,
    "DNSMOS overall": lambda c: c.quality.overall if c.quality else None,
    "DNSMOS signal": lambda c: c.quality.signal if c.quality else None,
    "DNSMOS P.808": lambda c: c.quality.p808 if c.quality else None,
    "ears' certainty": lambda c: c.transcript.log_probability if c.transcript else None,
    "head expressive": lambda c: c.heads.get("expressive"),
}
"""What more of is taken to win."""
APART = ("pitch apart", "encoder apart")
ORDER = ("judge", *map(str, Criterion), *INSTRUMENTS, *APART)


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """One pair: two clips at one rate, and what people said."""

    task: str
    label: str
    asked: str
    a: Waveform
    b: Waveform
    instruction: Waveform | None


def read(folder: Path) -> Iterator[Labelled]:
    """All pairs; both clips are band-limited to the lower rate of the two."""
    for line in (folder / "pairs.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        place = folder / row["folder"]
        found = {path.stem: files.read(path) for path in sorted(place.iterdir()) if path.suffix in (".flac", ".wav")}
        a, b = found["a"], found["b"]
        rate = min(a.rate_hz, b.rate_hz)
        a, b = (resample(wave, rate) if wave.rate_hz > rate else wave for wave in (a, b))
        said = row.get("instruction") or REQUESTS.get(row["set"], READ)
        label = {"a": "1", "b": "2"}.get(row["label"], row["label"])
        yield Labelled(task=row["set"], label=label, asked=said, a=a, b=b, instruction=found.get("instruction"))


def comparison(pair: Labelled, number: int, arena: Arena) -> Comparison:
    """The pair as the judge gets it, the first clip first."""
    language = LANGUAGES.get(pair.task, "en")
    expects = (Expectation(cue="rate", want="fast"),) if pair.task == "speed" else ()
    turn = Turn(script=pair.asked, language=language)
    sample = Sample(id=SampleId(f"{pair.task}-{number}"), language=language, turns=(turn,), expects=expects)
    takes = [HeardTake(turns=(HeardTurn(speech=w, audio=stored(w, arena)),)) for w in (pair.a, pair.b)]
    return Comparison(sample=sample, questions=(pair.instruction,), first=takes[0], second=takes[1], seed=number)


def stored(wave: Waveform, arena: Arena) -> AudioRef:
    """Kept under its hash, so that what is heard in it is kept too."""
    return arena.store.put_audio(wave)


def favours(judge: Judge, asked: Comparison, arena: Arena) -> dict[str, float | None]:
    """By the whole judge and by criterion: above 0 for the first clip; None for no opinion."""
    try:
        said = judge.decide(asked)
    except JudgeFailure:
        return {"judge": None}
    if said.notes:
        arena.store.put(*said.notes)
    found: dict[str, float | None] = {"judge": 1.0 if said.outcome is Outcome.FIRST else -1.0}
    for criterion in Criterion:
        part = said.criteria.get(criterion)
        won = None if part is None or part.outcome is None else part.outcome is Outcome.FIRST
        found[str(criterion)] = None if won is None else 1.0 if won else -1.0
    return found


def instruments(first: Cues, second: Cues) -> dict[str, float | None]:
    """The same by each instrument alone."""
    found: dict[str, float | None] = {}
    for name, value in INSTRUMENTS.items():
        a, b = value(first), value(second)
        found[name] = None if a is None or b is None else a - b
    return found


def distances(a: Waveform, b: Waveform, arena: Arena) -> dict[str, float]:
    """How unlike two clips are: in pitch, in the mean spectrum, and to the ears."""
    features = [arena.perception.encoder.encode(wave).mean(axis=0) for wave in (a, b)]
    heard = [arena.perception.hear(wave, audio=stored(wave, arena).hash) for wave in (a, b)]
    pitch = [cues.prosody.f0_median_hz or np.nan for cues in heard]
    alike = float(features[0] @ features[1] / np.linalg.norm(features[0]) / np.linalg.norm(features[1]))
    return dict(zip(APART, (abs(12.0 * float(np.log2(pitch[0] / pitch[1]))), 1.0 - alike), strict=True))


def right_by_others(values: Sequence[float], differ: Sequence[bool]) -> list[float]:
    """Whether each pair lies on its side of the middle between what the other pairs that differ and do not have."""
    x, y = np.array(values), np.array(differ)
    marks = []
    for place in range(x.size):
        rest = np.arange(x.size) != place
        middle = (np.nanmean(x[rest & y]) + np.nanmean(x[rest & ~y])) / 2.0
        marks.append(0.5 if np.isnan(x[place]) else float((x[place] > middle) == y[place]))
    return marks


def table(pairs: Sequence[Labelled], arena: Arena, judge: Judge) -> dict[str, dict[str, Estimate]]:
    """Task -> who was asked -> share right, each order counting a half; no opinion is no case."""
    marks: dict[str, dict[str, list[float]]] = {}
    apart: dict[str, list[tuple[bool, dict[str, float]]]] = {}
    for number, pair in enumerate(pairs):
        print(f"{number + 1}/{len(pairs)} {pair.task}", file=sys.stderr, flush=True)
        if pair.label in ALIKE:
            apart.setdefault(pair.task, []).append((pair.label == "different", distances(pair.a, pair.b, arena)))
            continue
        if pair.label not in ("1", "2"):
            continue
        asked = comparison(pair, number, arena)
        orders = []
        for heard in (asked, asked.swapped):
            said = favours(judge, heard, arena)
            cues = [cues_of(take, arena) for take in (heard.first, heard.second)]
            orders.append(said | instruments(*cues))
        wants = 1.0 if pair.label == "1" else -1.0
        for name in orders[0]:
            given = [
                side * value * wants for side, each in ((1.0, orders[0]), (-1.0, orders[1])) if (value := each[name])
            ]
            if given:
                mine = marks.setdefault(pair.task, {}).setdefault(name, [])
                mine.append(float(np.mean([value > 0.0 for value in given])))
    for task, rows in apart.items():
        for name in rows[0][1]:
            values = [found[name] for _, found in rows]
            marks.setdefault(task, {})[name] = right_by_others(values, [differ for differ, _ in rows])
    tasks = {task: {name: wilson(sum(m), len(m)) for name, m in mine.items()} for task, mine in marks.items()}
    every: dict[str, list[float]] = {}
    for rows_of_task in marks.values():
        for name, made in rows_of_task.items():
            every.setdefault(name, []).extend(made)
    return tasks | {"all": {name: wilson(sum(m), len(m)) for name, m in every.items()}}


def cues_of(take: HeardTake, arena: Arena) -> Cues:
    """What is heard in a clip; the store has it from the judge."""
    turn = take.turns[0]
    assert turn.audio is not None and turn.speech is not None
    known = arena.store.get(Cues, content_hash("cues", turn.audio.hash, arena.perception.identity))
    return known or arena.perception.hear(turn.speech, audio=turn.audio.hash)


def shown(name: str, found: Estimate) -> str:
    """Share, right of cases, and the interval."""
    value, low, high = found.value or 0.0, found.low or 0.0, found.high or 0.0
    return f"  {name:<20} {value:.2f}  {value * found.cases:4g} of {found.cases:<2} [{low:.2f}, {high:.2f}]"


def as_json(found: Mapping[str, Mapping[str, Estimate]]) -> dict[str, Any]:
    """For --json."""
    return {
        task: {name: {"value": e.value, "low": e.low, "high": e.high, "cases": e.cases} for name, e in mine.items()}
        for task, mine in found.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("-w", "--workspace", type=Path, default=Path(tempfile.gettempdir()) / "s2s-arena-judge-pairs")
    parser.add_argument("--judge", default="local")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    pairs = list(read(given.folder))
    create(given.workspace)
    with open_workspace(given.workspace) as arena:
        judge = arena.judge(given.judge, Suite(name=SuiteName("pairs"), samples=()))[1]()
        found = table(pairs, arena, judge)
        identity = judge.identity
    if given.json:
        print(json.dumps({"judge": identity, "tasks": as_json(found)}, indent=1))
        return
    ties = sum(pair.label == "tie" for pair in pairs)
    print(f"{identity}: {len(pairs)} pairs, {ties} of them ties and not counted; balanced accuracy, 95 % interval")
    for task, mine in found.items():
        print(task)
        for name in (n for n in ORDER if n in mine):
            print(shown(name, mine[name]))


if __name__ == "__main__":
    main()

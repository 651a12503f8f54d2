"""Finished recordings -> responses and takes of a named system: how people bring answers without a model.

Two formats. `folder`: one audio file (WAV, FLAC, MP3, Ogg) a turn, named `SAMPLE.wav` or `SAMPLE_turnN.wav`, in any
subfolder; N counts from 0, or from 1 where a sample has no turn 0; a `.txt` file of the same name is what the system
said in its own words. `csv` and `jsonl`: a table with `sample` and
`audio` (path, relative to the table) and, where known, `turn` (from 0), `text`, `first_audio_s`, `total_s` and
`failure` (a failure kind, for a turn without audio).
"""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from s2s_arena.answer.dialogues import dialogues
from s2s_arena.answer.validation import examine
from s2s_arena.audio import files
from s2s_arena.errors import InputError
from s2s_arena.protocols import Store
from s2s_arena.records import codec
from s2s_arena.records.identity import ResponseKey, SampleId
from s2s_arena.records.responses import Failure, FailureKind, Response, Usage, response_key
from s2s_arena.records.runs import Run
from s2s_arena.records.samples import Sample, Suite
from s2s_arena.records.speech import AudioRef
from s2s_arena.records.systems import SystemCard

FORMATS = ("folder", "csv", "jsonl")
SUFFIXES = frozenset({".wav", ".flac", ".mp3", ".ogg", ".opus", ".oga", ".aiff", ".aif"})
_TURN = re.compile(r"^(?P<sample>.+)_turn(?P<turn>\d+)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One turn's answer as a user's table or folder tells it."""

    sample: SampleId
    audio: str = ""
    turn: int = 0
    text: str | None = None
    first_audio_s: float | None = None
    total_s: float | None = None
    failure: FailureKind | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import did."""

    responses: int  # new ones
    kept: int  # turns that were there already
    failures: int  # of the new ones: silent, empty, or said to have failed
    takes: int  # finished takes of the system on the suite
    problems: tuple[str, ...]  # what was left out, and why


def imported_card(name: str, *, title: str = "") -> SystemCard:
    """The card of a system known by its recordings alone."""
    return SystemCard(name=name, title=title or name, model="imported")


def import_responses(
    path: Path,
    *,
    format: str,
    suite: Suite,
    card: SystemCard,
    store: Store,
    seed: int = 0,
    run: Run | None = None,
) -> Imported:
    """Keep a system's finished answers to a suite: all responses, or on any error none.

    Args:
        path: The folder, or the table.
        format: `folder`, `csv` or `jsonl`.
        suite: Its sample ids and turns name the recordings.
        card: Whose answers they are.
        store: Where responses and takes are kept. A turn that is there already stays as it is.
        seed: As for `stage.run`: what the answers are filed under.
        run: Kept, and named in every response.

    Raises:
        InputError: An unknown format, a table that cannot be read, or nothing in it that belongs to the suite.
        AudioError: A recording that is missing or damaged.
    """
    samples = {sample.id: sample for sample in suite.samples}
    entries = list(_entries(path, format=format, samples=samples))
    problems: list[str] = []
    chosen: dict[tuple[SampleId, int], Entry] = {}
    for entry in entries:
        what = f"{entry.audio or entry.sample} (sample {entry.sample}, turn {entry.turn})"
        if entry.sample not in samples:
            problems.append(f"{what}: suite {suite.name} has no such sample")
        elif not 0 <= entry.turn < len(samples[entry.sample].turns):
            problems.append(f"{what}: the sample has {len(samples[entry.sample].turns)} turns")
        elif (entry.sample, entry.turn) in chosen:
            problems.append(f"{what}: a second recording of the same turn")
        else:
            chosen[entry.sample, entry.turn] = entry
    if not chosen:
        raise InputError(f"{path}: nothing here belongs to suite {suite.name}; name files or rows by its sample ids")
    known = store.keys(Response, system=card.system, settings=card.settings_hash)
    root = path if format == "folder" else path.parent
    responses = []
    kept = 0
    for (id, turn), entry in chosen.items():
        key = response_key(
            sample=id,
            turn=turn,
            audio=[t.speech.hash for t in samples[id].turns[: turn + 1] if t.speech],
            system=card.system,
            settings=card.settings_hash,
            seed=seed,
        )
        if key in known:
            kept += 1
            continue
        responses.append(_response(entry, key=key, card=card, root=root, store=store, run=run))
    store.put(*([run] if run else []), *responses)
    state = dialogues([samples[id] for id in dict.fromkeys(id for id, _ in chosen)], card, store=store, seed=seed)
    takes = [dialogue.take(card) for dialogue in state if dialogue.whole]
    store.put(*takes)
    problems += [
        f"sample {d.sample.id}: {d.turn} of {len(d.bases)} turns; it cannot be judged" for d in state if not d.whole
    ]
    if missing := len(samples) - len(state):
        problems.append(f"{missing} of {len(samples)} samples of suite {suite.name} have no recording")
    return Imported(
        responses=len(responses),
        kept=kept,
        failures=sum(r.failure is not None for r in responses),
        takes=len(takes),
        problems=tuple(problems),
    )


def _response(
    entry: Entry, *, key: ResponseKey, card: SystemCard, root: Path, store: Store, run: Run | None
) -> Response:
    failure: Failure | None = None
    flags: tuple[str, ...] = ()
    speech: AudioRef | None = None
    if entry.failure is not None:
        failure = Failure(kind=entry.failure, message="imported as failed")
    else:
        wave, original = files.read_with_original(root / entry.audio)
        finding = examine(wave)
        flags = finding.flags
        if finding.failure is not None:
            failure = Failure(kind=finding.failure, message=finding.message)
        speech = store.put_audio(wave, original=original)
    return Response(
        key=key,
        sample=entry.sample,
        turn=entry.turn,
        system=card.system,
        settings=card.settings_hash,
        speech=speech,
        text=entry.text,
        first_audio_s=entry.first_audio_s,
        total_s=entry.total_s,
        usage=Usage(audio_out_s=speech.duration_s if speech else None),
        failure=failure,
        flags=flags,
        versions={"adapter": "imported/1"},
        run=run.id if run else "",
    )


def _entries(path: Path, *, format: str, samples: Mapping[SampleId, Sample]) -> Iterable[Entry]:
    if format not in FORMATS:
        raise InputError(f"format {format}: not known; give one of: {', '.join(FORMATS)}")
    if format == "folder":
        if not path.is_dir():
            raise InputError(f"{path}: is not a folder; name the folder of recordings")
        return _of_folder(path, samples=samples)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read ({error}); give a UTF-8 file") from error
    rows = _csv_rows(text) if format == "csv" else _json_rows(text, path=path)
    return _of_rows(rows, path=path)


def _of_folder(path: Path, *, samples: Mapping[SampleId, Sample]) -> Iterator[Entry]:
    found: dict[str, list[tuple[int | None, str]]] = {}
    for file in sorted(p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file()):
        place = file.relative_to(path)
        id, turn = _named(place, samples=samples)
        found.setdefault(id, []).append((turn, place.as_posix()))
    for id, recordings in found.items():
        numbers = [turn for turn, _ in recordings]
        from_one = None not in numbers and 0 not in numbers
        for turn, audio in recordings:
            yield Entry(sample=SampleId(id), audio=audio, turn=(turn or 0) - from_one, text=_words(path / audio))


def _words(recording: Path) -> str | None:
    path = recording.with_suffix(".txt")
    if not path.is_file():
        return None
    try:
        return path.read_text(encoding="utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read ({error}); give a UTF-8 file or remove it") from error


def _named(place: Path, *, samples: Mapping[SampleId, Sample]) -> tuple[str, int | None]:
    """Sample and turn of a recording; a sample whose own id ends in `_turnN` is matched whole first."""
    names = (place.with_suffix("").as_posix(), place.stem)
    for name in names:
        if name in samples:
            return name, None
    for name in names:
        match = _TURN.match(name)
        if match and match["sample"] in samples:
            return match["sample"], int(match["turn"])
    return place.stem, None


def _csv_rows(text: str) -> Iterator[tuple[int, Mapping[str, object]]]:
    reader = csv.DictReader(text.splitlines())
    for row in reader:
        yield reader.line_num, {name: value for name, value in row.items() if value not in ("", None)}


def _json_rows(text: str, *, path: Path) -> Iterator[tuple[int, Mapping[str, object]]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                row = json.loads(line)
            except json.JSONDecodeError as error:
                raise InputError(f"{path} line {number}: not JSON ({error.msg}); give one object a line") from error
            if not isinstance(row, dict):
                raise InputError(f"{path} line {number}: {type(row).__name__} given; give one object a line")
            yield number, {name: value for name, value in row.items() if value is not None}


def _of_rows(rows: Iterable[tuple[int, Mapping[str, object]]], *, path: Path) -> Iterator[Entry]:
    fields: Sequence[str] = tuple(Entry.__dataclass_fields__)
    for number, row in rows:
        try:
            entry = codec.parse(Entry, {name: value for name, value in row.items() if name in fields})
        except InputError as error:
            raise InputError(f"{path} line {number}: {error}") from error
        if not entry.audio and entry.failure is None:
            raise InputError(f"{path} line {number}: sample {entry.sample} has neither audio nor failure; give one")
        yield entry

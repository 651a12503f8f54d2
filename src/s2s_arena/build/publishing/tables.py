"""The rows of a published suite, one a spoken turn, and the Parquet files that hold them with their audio."""

import hashlib
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars

from s2s_arena.audio import files
from s2s_arena.build.splits import SPLITS, split_of
from s2s_arena.protocols import Progress, Store
from s2s_arena.records.codec import encode
from s2s_arena.records.samples import Sample

MOST_BYTES = 300_000_000  # of audio in one file: what viewers and loaders take well


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of the table.

    `kind` is string, int32, float32, strings (a list) or audio (a struct of `bytes` and `path`).
    """

    name: str
    kind: str
    meaning: str


COLUMNS: tuple[Column, ...] = (
    Column(name="id", kind="string", meaning="Id of the sample."),
    Column(name="turn", kind="int32", meaning="Turn of the dialogue, from 0; most samples have one."),
    Column(name="audio", kind="audio", meaning="What the user says: mono 16-bit FLAC."),
    Column(name="seconds", kind="float32", meaning="Length of the audio."),
    Column(name="script", kind="string", meaning="The words."),
    Column(name="language", kind="string", meaning="BCP 47 tag of the words."),
    Column(name="level", kind="string", meaning="L1 to L4 of the protocol."),
    Column(name="domain", kind="string", meaning="education, social, entertainment or medical."),
    Column(name="task", kind="string", meaning="Name of the task."),
    Column(name="labels", kind="string", meaning="What can be heard in the turn, as a JSON object."),
    Column(name="guideline", kind="string", meaning="What a judge should listen for in the answer."),
    Column(name="expects", kind="strings", meaning="What instruments can check in the answer, as 'cue want'."),
    Column(name="references", kind="strings", meaning="Answers that would be right."),
    Column(name="twin_group", kind="string", meaning="Same words, other delivery, another right answer."),
    Column(name="origin", kind="string", meaning="synthetic, recorded or corpus."),
    Column(name="source", kind="string", meaning="Where the sample comes from."),
    Column(name="voice", kind="string", meaning="Name of the synthetic voice, if any."),
    Column(name="licence", kind="string", meaning="SPDX name of the strictest licence in the sample."),
    Column(name="notice", kind="string", meaning="A warning that belongs to the sample."),
    Column(name="sample_hash", kind="string", meaning="Content hash of the whole sample, audio included."),
    Column(name="record", kind="string", meaning="The whole sample as canonical JSON; reading it back loses nothing."),
)

_TYPES: Mapping[str, polars.DataType] = {
    "string": polars.String(),
    "int32": polars.Int32(),
    "float32": polars.Float32(),
    "strings": polars.List(polars.String()),
    "audio": polars.Struct({"bytes": polars.Binary(), "path": polars.String()}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """One Parquet file that was written."""

    split: str
    path: str  # relative to the folder
    rows: int
    size: int  # bytes of the file
    raw: int  # bytes of its audio
    sha256: str


def write(
    samples: Sequence[Sample],
    folder: Path,
    *,
    licences: Mapping[str, str],
    store: Store,
    progress: Progress | None = None,
) -> tuple[Shard, ...]:
    """Writes `data/SPLIT-00000-of-0000N.parquet` for each split that has spoken samples; the same samples, same bytes.

    Args:
        samples: In their order.
        folder: Of the publication.
        licences: Sample id -> SPDX name.
        store: Has the audio.
        progress: Told of each sample.
    """
    (folder / "data").mkdir(parents=True, exist_ok=True)
    shards: list[Shard] = []
    if progress:
        progress.begin("packing audio", len(samples))
    for split in SPLITS:
        of_split = [sample for sample in samples if split_of(sample) == split]
        parts = _parts(of_split)
        for number, part in enumerate(parts):
            rows = []
            for sample in part:
                rows += list(_rows(sample, licences[sample.id], store))
                if progress:
                    progress.advance(sample.id)
            name = f"data/{split}-{number:05d}-of-{len(parts):05d}.parquet"
            shards.append(_shard(split, name, rows, folder))
    if progress:
        progress.end()
    return tuple(shards)


def _parts(samples: Sequence[Sample]) -> list[list[Sample]]:
    """Samples in runs of at most `MOST_BYTES` of PCM."""
    parts: list[list[Sample]] = []
    size = 0
    for sample in samples:
        spoken = sum(2 * turn.speech.frames for turn in sample.turns if turn.speech)
        if not spoken:
            continue
        if not parts or size + spoken > MOST_BYTES:
            parts.append([])
            size = 0
        parts[-1].append(sample)
        size += spoken
    return parts


def _rows(sample: Sample, licence: str, store: Store) -> Iterator[dict[str, object]]:
    record = encode(sample)
    for index, turn in enumerate(sample.turns):
        if turn.speech is None:
            continue
        name = f"{sample.id}.flac" if len(sample.turns) == 1 else f"{sample.id}-turn{index}.flac"
        yield {
            "id": sample.id,
            "turn": index,
            "audio": {"bytes": files.encode_flac(store.audio(turn.speech.hash)), "path": name},
            "seconds": turn.speech.duration_s,
            "script": turn.script,
            "language": turn.language,
            "level": sample.level.value if sample.level else None,
            "domain": sample.domain,
            "task": sample.task,
            "labels": json.dumps(dict(turn.labels), ensure_ascii=False, sort_keys=True),
            "guideline": sample.guideline,
            "expects": [f"{e.cue} {e.want}" for e in sample.expects],
            "references": list(sample.references),
            "twin_group": sample.twin_group,
            "origin": sample.provenance.origin,
            "source": sample.provenance.source,
            "voice": turn.voice,
            "licence": licence,
            "notice": sample.provenance.notice,
            "sample_hash": sample.hash,
            "record": record,
        }


def _shard(split: str, name: str, rows: list[dict[str, object]], folder: Path) -> Shard:
    table = polars.DataFrame(rows, schema={column.name: _TYPES[column.kind] for column in COLUMNS})
    buffer = io.BytesIO()
    # FLAC does not shrink further, and small row groups let viewers page.
    table.write_parquet(buffer, compression="zstd", row_group_size=100)
    content = buffer.getvalue()
    files.write_durably(folder / name, content)
    return Shard(
        split=split,
        path=name,
        rows=len(rows),
        size=len(content),
        raw=int(table["audio"].struct.field("bytes").bin.size().sum()),
        sha256=hashlib.sha256(content).hexdigest(),
    )

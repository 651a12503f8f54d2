"""`suite publish`: a folder that `datasets.load_dataset` opens, with a data card and Croissant metadata."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from s2s_arena.audio.files import write_durably
from s2s_arena.build.publishing.card import about, card
from s2s_arena.build.publishing.croissant import croissant
from s2s_arena.build.publishing.rights import Rights, rights
from s2s_arena.build.publishing.tables import Shard, write
from s2s_arena.build.withdrawing import tombstones
from s2s_arena.errors import SuiteError
from s2s_arena.protocols import Progress, Store
from s2s_arena.records.codec import encode
from s2s_arena.records.samples import Suite
from s2s_arena.records.scores import Consent

SUITE_FILE = "suite.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What was published."""

    folder: Path
    rights: Rights
    shards: tuple[Shard, ...]
    unspoken: int  # samples of the suite that have no speech and are not in the files


def run(
    suite: Suite,
    folder: Path,
    *,
    store: Store,
    voices: Mapping[str, str] | None = None,
    draft: bool = False,
    date: str = "",
    progress: Progress | None = None,
) -> Summary:
    """Writes the suite into a new or empty folder: `data/*.parquet`, `README.md`, `croissant.json`, `suite.json`.

    The same suite gives the same bytes. Rights are checked before anything is written.

    Args:
        suite: Frozen, unless `draft`.
        folder: Must not exist, or be empty.
        store: Has audio and consents.
        voices: Voice name -> licence of its speech.
        draft: Publish without a recorded review; the card says so.
        date: Of publication, ISO 8601; the metadata leaves it out if it is not given.
        progress: Told of each sample.

    Raises:
        SuiteError: Not frozen, nothing spoken, a licence or consent that forbids it, or a folder that is not empty.
    """
    checked = rights(suite, consents=store.all(Consent), voices=voices or {}, draft=draft)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SuiteError(f"{folder}: is not an empty folder; name a new one, so that no old file is published with it")
    # Written beside its place and moved there whole: a run that was stopped leaves nothing that looks published.
    partial = folder.parent / f".{folder.name}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    shards = write(suite.samples, partial, licences=checked.of, store=store, progress=progress)
    unspoken = [sample for sample in suite.samples if not any(turn.speech for turn in sample.turns)]
    record = {
        "name": suite.name,
        "version": suite.version,
        "description": suite.description,
        "licence": suite.licence,
        "published_under": checked.licence,
        "hash": suite.hash,
        "build": dict(suite.build),
        "samples": [sample.id for sample in suite.samples],
        "unspoken": [encode(sample) for sample in unspoken],
    }
    texts = {
        "README.md": card(suite, shards, checked, tombstones=tombstones(suite)),
        "croissant.json": croissant(suite, shards, licence=checked.licence, about=about(suite), date=date),
        SUITE_FILE: json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True) + "\n",
    }
    for name, text in texts.items():
        write_durably(partial / name, text.encode())
    if folder.exists():
        folder.rmdir()
    partial.rename(folder)
    return Summary(folder=folder, rights=checked, shards=shards, unspoken=len(unspoken))

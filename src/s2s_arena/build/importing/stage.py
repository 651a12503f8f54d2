"""`suite import`: one source read, checked whole, then stored as a frozen suite."""

import json
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, replace
from pathlib import Path

from s2s_arena.build.importing.common_voice import is_common_voice, read_common_voice
from s2s_arena.build.importing.demand import is_demand, read_demand
from s2s_arena.build.importing.drafts import Draft, decode, drafts
from s2s_arena.build.importing.esc50 import is_esc50, read_esc50
from s2s_arena.build.importing.folder import read_folder
from s2s_arena.build.importing.mtalk import is_mtalk, read_mtalk
from s2s_arena.build.importing.musan import is_musan, read_musan
from s2s_arena.build.importing.noise import read_noise
from s2s_arena.build.importing.parquet_folder import is_parquet_folder, read_parquet_folder
from s2s_arena.build.importing.preparing import (
    Heard,
    Preparation,
    again,
    listen,
    preparation,
    speaker_of,
)
from s2s_arena.build.importing.published import is_published, read_published
from s2s_arena.build.importing.ravdess import is_ravdess, read_ravdess
from s2s_arena.build.importing.recordings import is_recordings, read_recordings
from s2s_arena.build.importing.rows import Level, Source
from s2s_arena.build.importing.scripts import FIELDS, read_scripts
from s2s_arena.build.importing.table import read_table
from s2s_arena.build.importing.taxonomies import UNDETERMINED, language_of
from s2s_arena.errors import SuiteError
from s2s_arena.protocols import Progress, Store
from s2s_arena.records.identity import AudioHash, SuiteName
from s2s_arena.records.samples import Provenance, Sample, Suite
from s2s_arena.records.scores import Consent
from s2s_arena.records.taxonomy import LevelScheme

FORMATS = (
    "auto", "folder", "scripts", "table", "mtalk", "published", "parquet",
    "recordings", "ravdess", "common_voice", "noise", "musan", "demand", "esc50",
)  # fmt: skip
UNSTATED = ("", "unknown", "not stated")
"""What stands for a licence that nobody has stated: the corpus's own then counts, if it is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What came of an import."""

    suite: Suite
    problems: tuple[str, ...]  # one line for each thing left out
    warnings: tuple[str, ...]  # one line for each doubtful thing that was kept


def run(
    path: Path,
    *,
    name: str,
    store: Store,
    format: str = "auto",
    level_scheme: LevelScheme = LevelScheme.PAPER,
    columns: Mapping[str, str] | None = None,
    language: str | None = None,
    licence: str = "not stated",
    source: str = "",
    consent: tuple[str, ...] = ("evaluation",),
    strict: bool = True,
    progress: Progress | None = None,
) -> Summary:
    """Reads a source, checks all of it, then stores its audio and the suite.

    The same source gives the same suite: ids come from the source, order is the source's (folders: natural
    order of paths). Originals are kept beside the canonical audio.

    Args:
        path: A folder, or a .json, .jsonl, .csv, .tsv or .parquet file.
        name: Of the suite.
        store: Where audio and suite go.
        format: One of `FORMATS`; `auto` looks at the path and into the file.
        level_scheme: How the source names levels.
        columns: For tables: our field -> their column (see `table.read_table`).
        language: Of samples that state none, as a BCP 47 tag or a name; `und` if neither does.
        licence: Of the audio and texts.
        source: Where they come from; by default the name of the file or folder.
        consent: What the speakers allow.
        strict: One problem stops the import before anything is stored; otherwise bad samples are left out.
        progress: Told of each audio clip twice, as it is checked and as it is stored.

    Raises:
        SuiteError: Unreadable source, bad option, no sample left, or with `strict` any problem at all.
        StoreError: The store could not keep it.
    """
    if not name.strip():
        raise SuiteError("suite name '' is empty; give it a name")
    try:
        default_language = language_of(language or "")
    except ValueError as error:
        raise SuiteError(str(error)) from error
    if format == "published" or (format == "auto" and path.is_dir() and is_published(path)):
        suite = read_published(path, name=name, store=store, progress=progress)
        return Summary(suite=suite, problems=(), warnings=())
    found = read(path, format=format, columns=columns)
    return take_in(
        found,
        name=name,
        store=store,
        level_scheme=level_scheme,
        language=default_language,
        licence=licence,
        source=source or found.title or path.resolve().name,
        consent=consent,
        strict=strict,
        progress=progress,
    )


def take_in(
    found: Source,
    *,
    name: str,
    store: Store,
    level_scheme: LevelScheme = LevelScheme.PAPER,
    language: str = UNDETERMINED,
    licence: str = "not stated",
    source: str = "",
    consent: tuple[str, ...] = ("evaluation",),
    strict: bool = True,
    progress: Progress | None = None,
) -> Summary:
    """What `run` does with rows once they are read; recordings made in the browser come here without a file.

    Raises:
        SuiteError: No sample left, or with `strict` any problem at all.
        StoreError: The store could not keep it.
    """
    withdrawn = {consent.audio for consent in store.all(Consent) if consent.withdrawn}
    stated = licence if licence not in UNSTATED else found.licence or licence
    provenance = Provenance(
        origin=found.origin,
        source=source or found.title,
        licence=stated,
        consent=consent if found.consent is None else found.consent,
    )
    made, faults = drafts(found.rows, scheme=level_scheme, language=language, provenance=provenance)
    usable, prepared, refused, warnings = _usable(made, level=found.level, withdrawn=withdrawn, progress=progress)
    problems = (*found.problems, *faults, *refused)
    if problems and strict:
        more = f" (and {len(problems) - 1} more problems)" if len(problems) > 1 else ""
        raise SuiteError(f"{problems[0]}{more}; nothing was stored")
    if not usable:
        first = f"; the first problem: {problems[0]}" if problems else "; give a source that has some"
        raise SuiteError(f"{source or found.title}: no sample to import{first}")
    samples = _stored(usable, store, preparation=prepared, progress=progress)
    build = {"importer": found.form, "level_scheme": level_scheme.value}
    suite = Suite(name=SuiteName(name), samples=tuple(samples), licence=stated, build=build)
    store.put(suite)
    return Summary(suite=suite, problems=problems, warnings=tuple(warnings))


def read(path: Path, *, format: str = "auto", columns: Mapping[str, str] | None = None) -> Source:
    """The rows of a source, unchecked; raises SuiteError for what cannot be read at all."""
    if format not in FORMATS:
        raise SuiteError(f"format {format!r} is unknown; give one of {', '.join(FORMATS)}")
    if not path.exists():
        raise SuiteError(f"{path}: no such file or folder; check the path")
    form = _recognised(path, columns) if format == "auto" else format
    if columns is not None and form != "table":
        raise SuiteError(
            f"{path}: a column map is for tables, and this is read as {form}; drop the map or ask for table"
        )
    if form in _READERS:
        return _READERS[form](path)
    if (form in _FOLDERS) != path.is_dir():
        kind = "a folder" if path.is_dir() else "a file"
        raise SuiteError(f"{path}: {kind}, which format {form} does not read; choose another format")
    return _FOLDERS[form](path) if form in _FOLDERS else _FILES[form](path, columns)


_READERS: Mapping[str, Callable[[Path], Source]] = {
    "recordings": read_recordings,
    "common_voice": read_common_voice,
}
"""Formats that are given as a folder or as the table in it."""

_FOLDERS: Mapping[str, Callable[[Path], Source]] = {
    "folder": read_folder,
    "ravdess": read_ravdess,
    "noise": read_noise,
    "musan": read_musan,
    "demand": read_demand,
    "esc50": read_esc50,
    "parquet": read_parquet_folder,
}

_FILES: Mapping[str, Callable[[Path, Mapping[str, str] | None], Source]] = {
    "scripts": lambda path, _: read_scripts(path),
    "mtalk": lambda path, _: read_mtalk(path),
    "table": read_table,
}

_LAYOUTS: tuple[tuple[str, Callable[[Path], bool]], ...] = (
    ("recordings", is_recordings),
    ("common_voice", is_common_voice),
    ("esc50", is_esc50),
    ("demand", is_demand),
    ("musan", is_musan),
    ("ravdess", is_ravdess),
    ("parquet", is_parquet_folder),
)
"""Folders that tell what they are by their own files; any other is a plain folder of audio."""


def _recognised(path: Path, columns: Mapping[str, str] | None) -> str:
    if path.is_dir():
        return next((form for form, fits in _LAYOUTS if fits(path)), "folder")
    if columns is not None or path.suffix.lower() not in (".json", ".jsonl", ".ndjson"):
        return "table"
    try:
        text = path.read_text(encoding="utf-8-sig")
        lines = text.strip().split("\n", 1)
        content = json.loads(text if path.suffix.lower() == ".json" else lines[0])
    except (OSError, ValueError):
        return "scripts"  # whose reader says what is wrong
    if is_mtalk(content):
        return "mtalk"
    first = content[0] if isinstance(content, list) and content else content
    scripted = isinstance(first, dict) and "id" in first and (set(first) <= FIELDS or "model_a" in first)
    return "scripts" if scripted else "table"


def _usable(
    made: list[Draft], *, level: Level, withdrawn: Set[AudioHash], progress: Progress | None
) -> tuple[list[Draft], Preparation, list[str], list[str]]:
    usable: list[tuple[Draft, Heard]] = []
    refused: list[str] = []
    if progress:
        progress.begin("checking audio", len(made))
    for draft in made:
        heard = listen(draft, level=level, withdrawn=withdrawn)
        if heard.refused is None:
            usable.append((draft, heard))
        else:
            refused.append(heard.refused)
        if progress:
            progress.advance(draft.sample.id)
    if progress:
        progress.end()
    prepared = preparation(level, usable)
    if withdrawn and level is not Level.KEPT:
        # It was stored levelled, and its tombstone has the hash of that.
        gone = {id(draft): why for draft, _ in usable if (why := again(draft, prepared, withdrawn=withdrawn))}
        refused += gone.values()
        usable = [pair for pair in usable if id(pair[0]) not in gone]
    return [draft for draft, _ in usable], prepared, refused, [doubt for _, heard in usable for doubt in heard.doubts]


def _stored(
    usable: list[Draft],
    store: Store,
    *,
    preparation: Preparation,
    progress: Progress | None,
) -> list[Sample]:
    samples = []
    if progress:
        progress.begin("storing audio", len(usable))
    for draft in usable:
        turns = []
        for turn, clip in zip(draft.sample.turns, draft.clips, strict=True):
            if clip is None:
                turns.append(turn)
                continue
            given, original = decode(clip)
            wave = preparation.prepare(given, speaker=speaker_of(draft))
            speech = store.put_audio(wave, original=original)
            turns.append(replace(turn, speech=speech))
            allowed = draft.permission
            if allowed is not None and draft.speaker:
                store.put(
                    Consent(
                        audio=speech.hash,
                        speaker=draft.speaker,
                        purposes=allowed.purposes,
                        text_version=allowed.text_version,
                        at=allowed.at,
                    )
                )
        samples.append(replace(draft.sample, turns=tuple(turns)))
        if progress:
            progress.advance(draft.sample.id)
    if progress:
        progress.end()
    return samples

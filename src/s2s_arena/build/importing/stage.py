"""`suite import`: one source read, checked whole, then stored as a frozen suite."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from s2s_arena.build.importing.drafts import Draft, decode, drafts, heard
from s2s_arena.build.importing.folder import read_folder
from s2s_arena.build.importing.mtalk import is_mtalk, read_mtalk
from s2s_arena.build.importing.published import is_published, read_published
from s2s_arena.build.importing.rows import Source
from s2s_arena.build.importing.scripts import FIELDS, read_scripts
from s2s_arena.build.importing.table import read_table
from s2s_arena.build.importing.taxonomies import language_of
from s2s_arena.errors import SuiteError
from s2s_arena.protocols import Progress, Store
from s2s_arena.records.identity import SuiteName
from s2s_arena.records.samples import Provenance, Sample, Suite
from s2s_arena.records.taxonomy import LevelScheme

FORMATS = ("auto", "folder", "scripts", "table", "mtalk", "published")


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
    provenance = Provenance(origin="corpus", source=source or path.resolve().name, licence=licence, consent=consent)
    made, faults = drafts(found.rows, scheme=level_scheme, language=default_language, provenance=provenance)
    usable, refused, warnings = _usable(made, progress)
    problems = (*found.problems, *faults, *refused)
    if problems and strict:
        more = f" (and {len(problems) - 1} more problems)" if len(problems) > 1 else ""
        raise SuiteError(f"{problems[0]}{more}; nothing was stored")
    if not usable:
        first = f"; the first problem: {problems[0]}" if problems else "; give a source that has some"
        raise SuiteError(f"{path}: no sample to import{first}")
    samples = _stored(usable, store, progress)
    build = {"importer": found.form, "level_scheme": level_scheme.value}
    suite = Suite(name=SuiteName(name), samples=tuple(samples), licence=licence, build=build)
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
    if (form == "folder") != path.is_dir():
        kind = "a folder" if path.is_dir() else "a file"
        raise SuiteError(f"{path}: {kind}, which format {form} does not read; choose another format")
    if form == "folder":
        return read_folder(path)
    if form == "scripts":
        return read_scripts(path)
    return read_mtalk(path) if form == "mtalk" else read_table(path, columns)


def _recognised(path: Path, columns: Mapping[str, str] | None) -> str:
    if path.is_dir():
        return "folder"
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


def _usable(made: list[Draft], progress: Progress | None) -> tuple[list[Draft], list[str], list[str]]:
    usable, refused, warnings = [], [], []
    if progress:
        progress.begin("checking audio", len(made))
    for draft in made:
        why, doubts = heard(draft)
        if why is None:
            usable.append(draft)
            warnings += doubts
        else:
            refused.append(why)
        if progress:
            progress.advance(draft.sample.id)
    if progress:
        progress.end()
    return usable, refused, warnings


def _stored(usable: list[Draft], store: Store, progress: Progress | None) -> list[Sample]:
    samples = []
    if progress:
        progress.begin("storing audio", len(usable))
    for draft in usable:
        turns = []
        for turn, clip in zip(draft.sample.turns, draft.clips, strict=True):
            if clip is None:
                turns.append(turn)
                continue
            wave, original = decode(clip)
            turns.append(replace(turn, speech=store.put_audio(wave, original=original)))
        samples.append(replace(draft.sample, turns=tuple(turns)))
        if progress:
            progress.advance(draft.sample.id)
    if progress:
        progress.end()
    return samples

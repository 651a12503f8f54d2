"""A published suite read back: the records and audio of its Parquet files, checked against its own hashes."""

import json
from collections.abc import Set
from pathlib import Path

import polars

from s2s_arena.audio import files
from s2s_arena.errors import InputError, SuiteError
from s2s_arena.protocols import Progress, Store
from s2s_arena.records.codec import decode
from s2s_arena.records.identity import AudioHash, SampleId, SuiteName
from s2s_arena.records.samples import Sample, Suite
from s2s_arena.records.scores import Consent
from s2s_arena.records.speech import AudioRef

SUITE_FILE = "suite.json"
NEEDED = ("id", "turn", "audio", "record")


def is_published(folder: Path) -> bool:
    """Whether the folder is one that `suite publish` wrote."""
    return (folder / SUITE_FILE).is_file() and any((folder / "data").glob("*.parquet"))


def read_published(folder: Path, *, name: str, store: Store, progress: Progress | None = None) -> Suite:
    """The suite in a published folder, its audio stored; the hash is the one it was published with.

    Args:
        folder: Or a copy of it from a hub.
        name: Another name gives another suite of the same samples; the folder's own name keeps the suite's.
        store: Gets audio and suite. Nothing is stored unless all of it is sound.
        progress: Told of each file.

    Raises:
        SuiteError: Something is missing, damaged, or not what its hash says.
    """
    about = _about(folder)
    withdrawn = {consent.audio for consent in store.all(Consent) if consent.withdrawn}
    paths = sorted((folder / "data").glob("*.parquet"))
    samples: dict[SampleId, Sample] = {}
    # Two passes: what is wrong in the last file must not leave half a suite in the store.
    for store_it in (False, True):
        if progress:
            progress.begin("storing audio" if store_it else "checking audio", len(paths))
        for path in paths:
            _read(path, samples, store if store_it else None, withdrawn=withdrawn)
            if progress:
                progress.advance(path.name)
        if progress:
            progress.end()
        if not store_it:
            suite = _suite(folder, about, samples)
    if name not in (folder.name, folder.stem, ""):
        suite = Suite(
            name=SuiteName(name), samples=suite.samples, version=suite.version, description=suite.description,
            licence=suite.licence, build=suite.build,
        )  # fmt: skip
    store.put(suite)
    return suite


def _about(folder: Path) -> dict[str, object]:
    try:
        about = json.loads((folder / SUITE_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SuiteError(f"{folder / SUITE_FILE}: cannot be read ({error}); copy the published folder again") from error
    lacking = [key for key in ("name", "version", "hash", "samples", "build") if key not in about]
    if lacking:
        raise SuiteError(f"{folder / SUITE_FILE}: no {lacking[0]!r} in it; copy the published folder again")
    return dict(about)


def _read(path: Path, samples: dict[SampleId, Sample], store: Store | None, *, withdrawn: Set[AudioHash]) -> None:
    try:
        table = polars.read_parquet(path)
    except (polars.exceptions.PolarsError, OSError) as error:
        reason = str(error).strip().splitlines()[0]
        raise SuiteError(f"{path}: not readable as Parquet ({reason}); copy the published folder again") from error
    lacking = [column for column in NEEDED if column not in table.columns]
    if lacking:
        raise SuiteError(f"{path}: no column {lacking[0]!r}; this is no suite that s2s-arena published")
    for number, row in enumerate(table.select(NEEDED).iter_rows(named=True), start=1):
        where = f"{path.name} row {number}"
        try:
            sample = decode(Sample, row["record"])
            ref = sample.turns[row["turn"]].speech
        except (InputError, IndexError) as error:
            raise SuiteError(f"{where}: its record is damaged ({error}); copy the published folder again") from error
        wave = files.read(row["audio"]["bytes"], name=where)
        if ref is not None and ref.hash in withdrawn:
            raise SuiteError(f"{where}: sample {sample.id}: its speaker has withdrawn it; import a later version")
        if ref is None or wave.hash() != ref.hash or sample.id != row["id"]:
            raise SuiteError(f"{where}: its audio is not that of sample {sample.id}; copy the published folder again")
        samples[sample.id] = sample
        if store is not None:
            _keep(ref, store.put_audio(wave), where)


def _keep(wanted: AudioRef, kept: AudioRef, where: str) -> None:
    if AudioHash(wanted.hash) != kept.hash or wanted.frames != kept.frames:
        raise SuiteError(f"{where}: the store keeps other audio than was given; check its disk")


def _suite(folder: Path, about: dict[str, object], samples: dict[SampleId, Sample]) -> Suite:
    unspoken, order, build = about.get("unspoken", []), about["samples"], about["build"]
    if not isinstance(unspoken, list) or not isinstance(order, list) or not isinstance(build, dict):
        raise SuiteError(f"{folder / SUITE_FILE}: is damaged; copy the published folder again")
    for text in unspoken:
        sample = decode(Sample, str(text))
        samples[sample.id] = sample
    missing = [id for id in order if id not in samples]
    if missing:
        raise SuiteError(f"{folder}: sample {missing[0]} is in {SUITE_FILE} but in no file; copy all of data/")
    suite = Suite(
        name=SuiteName(str(about["name"])),
        samples=tuple(samples[SampleId(str(id))] for id in order),
        version=str(about["version"]),
        description=str(about.get("description", "")),
        licence=str(about.get("licence", "")),
        build={str(key): str(value) for key, value in build.items()},
    )
    if suite.hash != about["hash"]:
        raise SuiteError(
            f"{folder}: the samples give hash {suite.hash[:12]}, the suite was published with "
            f"{str(about['hash'])[:12]}; copy the published folder again"
        )
    return suite

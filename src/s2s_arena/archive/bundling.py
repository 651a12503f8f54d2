"""A workspace as one file: records, events, audio, boards and versions, to be reproduced elsewhere."""

import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from s2s_arena.audio.files import encode_flac, read
from s2s_arena.errors import InputError, WorkspaceError
from s2s_arena.protocols import Progress, Record, Store
from s2s_arena.records.codec import decode, encode
from s2s_arena.records.identity import AudioHash
from s2s_arena.records.responses import Response
from s2s_arena.records.samples import Suite
from s2s_arena.records.scores import Consent
from s2s_arena.records.verdicts import Event

FORMAT = 1
EPOCH = (1980, 1, 1, 0, 0, 0)  # equal content gives equal bytes
MANIFEST = "bundle.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What was packed or unpacked."""

    path: Path
    records: Mapping[str, int]
    events: int
    audio: int


def pack(
    store: Store,
    path: Path,
    *,
    kinds: Sequence[type[Record]],
    versions: Mapping[str, str],
    extra: Mapping[str, str] | None = None,
    audio: bool = True,
    progress: Progress | None = None,
) -> Summary:
    """Write everything in a store to a zip file.

    Args:
        store: What to pack.
        path: The file; replaced whole or not at all.
        kinds: Which records.
        versions: Distribution -> version: the lock file.
        extra: More text files by name: cards, configuration, boards.
        audio: Whether to pack the waveforms; without them votes replay, but nothing can be heard.
        progress: Told of each waveform.

    Raises:
        WorkspaceError: The file cannot be written.
    """
    counts: dict[str, int] = {}
    part = path.with_name(path.name + ".part")
    hashes = list(_hashes(store)) if audio else []
    if progress:
        progress.begin("bundle", len(hashes))
    try:
        with zipfile.ZipFile(part, "w") as bundle:
            for kind in kinds:
                lines = [encode(record) for record in store.all(kind)]
                counts[kind.__name__] = len(lines)
                _add(bundle, f"records/{kind.__name__}.jsonl", "".join(line + "\n" for line in lines))
            events = [encode(event) for event in store.events()]
            _add(bundle, "events.jsonl", "".join(line + "\n" for line in events))
            for hash in hashes:
                _add(bundle, f"audio/{hash}.flac", encode_flac(store.audio(hash)), compress=False)
                if progress:
                    progress.advance()
            for name, text in sorted((extra or {}).items()):
                _add(bundle, f"extra/{name}", text)
            lock = "".join(f"{name}=={version}\n" for name, version in sorted(versions.items()))
            _add(bundle, "requirements.lock", lock)
            manifest = {"format": FORMAT, "records": counts, "events": len(events), "audio": len(hashes)}
            _add(bundle, MANIFEST, json.dumps(manifest, indent=1, sort_keys=True) + "\n")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise WorkspaceError(f"bundle {path}: cannot be written ({error.strerror}); name another file") from error
    if progress:
        progress.end()
    return Summary(path=path, records=counts, events=len(events), audio=len(hashes))


def unpack(path: Path, store: Store, *, kinds: Sequence[type[Record]], progress: Progress | None = None) -> Summary:
    """Put everything of a bundle into a store; what is there already stays.

    Raises:
        InputError: Not a bundle, of a newer format, or a waveform that is not the one its name says.
    """
    by_name = {kind.__name__: kind for kind in kinds}
    try:
        with zipfile.ZipFile(path) as bundle:
            manifest = json.loads(bundle.read(MANIFEST))
            if manifest.get("format") != FORMAT:
                raise InputError(
                    f"bundle {path}: format {manifest.get('format')}, this version reads {FORMAT}; update s2s-arena"
                )
            sounds = [name for name in bundle.namelist() if name.startswith("audio/")]
            if progress:
                progress.begin("unpack", len(sounds))
            for name in sounds:
                wave = read(bundle.read(name), name=f"{path}:{name}")
                if wave.hash() != Path(name).stem:
                    raise InputError(f"bundle {path}: {name} is not the audio its name says; get the bundle again")
                store.put_audio(wave)
                if progress:
                    progress.advance()
            counts = dict.fromkeys(manifest["records"], 0)
            for name in counts:
                if name not in by_name:
                    raise InputError(f"bundle {path}: unknown record {name}; update s2s-arena")
                records = [decode(by_name[name], line) for line in _lines(bundle, f"records/{name}.jsonl")]
                counts[name] = store.put(*records) if records else 0
            events = [decode(Event, line) for line in _lines(bundle, "events.jsonl")]
            store.append(*events)
    except (OSError, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise InputError(f"bundle {path}: not a bundle ({error}); make one with s2s-arena bundle") from error
    if progress:
        progress.end()
    return Summary(path=path, records=counts, events=len(events), audio=len(sounds))


def extras(path: Path) -> dict[str, str]:
    """The text files packed as extra, by name."""
    with zipfile.ZipFile(path) as bundle:
        names = [name for name in bundle.namelist() if name.startswith("extra/")]
        return {name.removeprefix("extra/"): bundle.read(name).decode() for name in names}


def _lines(bundle: zipfile.ZipFile, name: str) -> Iterator[str]:
    yield from bundle.read(name).decode().splitlines()


def _add(bundle: zipfile.ZipFile, name: str, content: str | bytes, *, compress: bool = True) -> None:
    entry = zipfile.ZipInfo(name, date_time=EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
    bundle.writestr(entry, content)


def _hashes(store: Store) -> Iterator[AudioHash]:
    seen = {consent.audio for consent in store.all(Consent) if consent.withdrawn}  # erased, or about to be
    refs = [t.speech for s in store.all(Suite) for sample in s.samples for t in sample.turns]
    refs += [r.speech for r in store.all(Response)]
    for ref in refs:
        if ref is not None and ref.hash not in seen:
            seen.add(ref.hash)
            yield ref.hash

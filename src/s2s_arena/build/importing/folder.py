"""A folder of audio as a suite: one subfolder a task, or flat; texts by id from a JSON file beside the audio."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from s2s_arena.build.importing.locating import audio_files
from s2s_arena.build.importing.rows import Clip, Row, Source
from s2s_arena.build.importing.taxonomies import task_of
from s2s_arena.errors import SuiteError

TEXT_KEYS = ("text", "question", "prompt", "instruction", "script", "transcription", "transcript")
ID_KEYS = ("id", "ID", "name", "file", "audio", "index")


def read_folder(folder: Path) -> Source:
    """Every audio file as one sample whose id comes from its relative path.

    The folder above a file names its task: the innermost that is one of the paper's, else the innermost at all;
    files at the top have none. A JSON file anywhere in the
    folder that is a list of `{id, question}` (or text, prompt, ...), or an object of id to text, gives the texts
    of the audio beneath its own folder, by file name without suffix or by relative path.

    Raises:
        SuiteError: No audio file is in it.
    """
    paths = audio_files(folder)
    if not paths:
        raise SuiteError(f"{folder}: no audio file in it; give a folder with WAV, FLAC, MP3 or Ogg files")
    texts, problems = _texts(folder)
    relative = [path.relative_to(folder) for path in paths]
    plain = [id_from_path(path.with_suffix("")) for path in relative]
    taken = Counter(plain)
    stems = Counter(path.stem for path in paths)
    rows = []
    for path, inside, id in zip(paths, relative, plain, strict=True):
        # The same name with two suffixes is two samples, so both keep their suffix.
        own = id if taken[id] == 1 else f"{id}-{path.suffix[1:].lower()}"
        text = next((texts[key] for key in _keys(path, folder, alone=stems[path.stem] == 1) if key in texts), "")
        task = _task(inside.parts[:-1])
        rows.append(Row(where=str(inside), id=own, audio=Clip(name=str(inside), content=path), text=text, task=task))
    return Source(rows=tuple(rows), problems=tuple(problems), form="folder")


def id_from_path(path: Path) -> str:
    """The parts of a relative path joined by "-"; letters and digits of any script, ".", "_" and "-" stay."""
    return clean_id("-".join(path.parts))


def clean_id(text: str) -> str:
    """An id that may stand in a file name or an address: any other character becomes "-"."""
    return re.sub(r"[^\w.\-]+", "-", text.strip()).strip("-.")


def _task(folders: tuple[str, ...]) -> str:
    seeds = [name for name in folders if task_of(name)[1]]
    return (seeds or folders or ("",))[-1]


def _keys(path: Path, folder: Path, *, alone: bool) -> list[tuple[Path, str]]:
    """Under which (folder of the JSON file, id) its text may be kept.

    A bare name counts beside the file; further up only if no other file has it (`alone`).
    """
    keys = []
    for parent in path.parents:
        inside = path.relative_to(parent)
        keys += [(parent, inside.as_posix()), (parent, inside.with_suffix("").as_posix())]
        if alone:
            keys += [(parent, path.name), (parent, path.stem)]
        if parent == folder:
            break
    return keys


def _texts(folder: Path) -> tuple[Mapping[tuple[Path, str], str], list[str]]:
    found: dict[tuple[Path, str], str] = {}
    problems = []
    for path in sorted(folder.rglob("*.json")):
        try:
            content = json.loads(path.read_bytes())
        except (ValueError, OSError) as error:
            problems.append(f"{path.relative_to(folder)}: not readable as JSON ({error}); correct or remove it")
            continue
        for id, text in _pairs(content):
            key = (path.parent, id)
            if found.setdefault(key, text) != text:
                problems.append(f"{path.relative_to(folder)}: id {id!r} has two texts; keep one")
    return found, problems


def _pairs(content: object) -> list[tuple[str, str]]:
    if isinstance(content, dict):
        return [(str(id), text) for id, text in content.items() if isinstance(text, str)]
    pairs = []
    for entry in content if isinstance(content, list) else []:
        if isinstance(entry, dict):
            id = next((entry[key] for key in ID_KEYS if key in entry), None)
            text = next((entry[key] for key in TEXT_KEYS if isinstance(entry.get(key), str)), None)
            if id is not None and text is not None:
                pairs.append((str(id), text))
    return pairs

"""Finding the audio file that a row means, although folders were renamed and paths are another machine's."""

from collections import defaultdict
from pathlib import Path, PurePosixPath

from s2s_arena.build.importing.rows import natural

AUDIO_SUFFIXES = frozenset(
    {".wav", ".flac", ".mp3", ".ogg", ".oga", ".opus", ".aif", ".aiff", ".au", ".caf", ".w64", ".rf64"}
    # Not readable here, but meant as audio: passing over them in silence would lose samples.
    | {".m4a", ".aac", ".wma", ".webm", ".amr"}
)


def audio_files(folder: Path) -> list[Path]:
    """Audio files under the folder by their suffix, in natural order of relative paths; hidden ones are left out."""
    found = [
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in AUDIO_SUFFIXES
        and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]
    return sorted(found, key=lambda path: [natural(part) for part in path.relative_to(folder).parts])


class Locator:
    """Looks paths up beside one source file."""

    def __init__(self, base: Path) -> None:
        self._base = base
        self._by_name: dict[str, list[Path]] | None = None

    def find(self, given: str, *, by_name: bool = False) -> Path:
        """The file meant.

        The path itself, then relative to the source's folder (a leading "/" dropped), then the file of that name
        under the folder whose parent folders agree longest with the path's, counted from the file up; another
        audio suffix counts if none has this one. At least one parent must agree if the path has any: `audio_3.mp3`
        in another task's folder is another recording.

        Args:
            given: As the source has it.
            by_name: The name alone is enough, because names are unique in this source.

        Returns:
            If nothing fits, where the file should have been: reading it gives the error that names it.

        Raises:
            ValueError: Several files fit equally well.
        """
        plain = given.strip().replace("\\", "/")
        expected = self._base / plain.lstrip("/")
        for path in (Path(plain), expected):
            if (path.is_absolute() or path is expected) and _is_file(path):
                return path
        wanted = PurePosixPath(plain)
        above = tuple(part for part in wanted.parts[:-1] if part not in ("/", ".."))
        names = self._names()
        named = names.get(wanted.name) or names.get(wanted.stem) or []
        agreement = [_shared_end(path.relative_to(self._base).parts[:-1], above) for path in named]
        most = max(agreement, default=0)
        if not named or (most == 0 and above and not by_name):
            return expected
        best = [path for path, shared in zip(named, agreement, strict=True) if shared == most]
        if len(best) > 1:
            raise ValueError(f"audio {given!r} fits {best[0]} and {best[1]}; give its path relative to the file")
        return best[0]

    def _names(self) -> dict[str, list[Path]]:
        if self._by_name is None:
            self._by_name = defaultdict(list)
            for path in audio_files(self._base):
                self._by_name[path.name].append(path)
                if path.stem != path.name:
                    self._by_name[path.stem].append(path)
        return self._by_name


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name too long for the file system is a text in the wrong column
        return False


def _shared_end(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    shared = 0
    for a, b in zip(reversed(one), reversed(other), strict=False):
        if a != b:
            break
        shared += 1
    return shared

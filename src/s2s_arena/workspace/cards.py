"""Cards: TOML files that name a model and its settings, shipped with the package or kept in the workspace."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Generic, TypeVar

from s2s_arena.errors import CardError
from s2s_arena.records.systems import Card, JudgeCard, SystemCard, VoiceCard
from s2s_arena.workspace.toml_edge import from_table, parse_toml

C = TypeVar("C", bound=Card)


@dataclass(frozen=True, slots=True)
class Found(Generic[C]):
    """A card and where it lies; relative paths in its settings are meant from `folder`."""

    card: C
    folder: Path
    source: str  # package | workspace


def load_card(kind: type[C], path: Path) -> C:
    """One card from its file.

    Raises:
        CardError: Not TOML, an unknown key, a wrong type, a missing key, or a name that differs from the file's.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CardError(f"card {path}: cannot be read ({error})") from error
    try:
        table = parse_toml(text)
    except tomllib.TOMLDecodeError as error:
        raise CardError(f"card {path}: not TOML: {error}") from error
    table.setdefault("name", path.stem)
    card = from_table(kind, table, text=text, source=f"card {path}", error=CardError)
    if card.name != path.stem:
        raise CardError(f"card {path}: name is '{card.name}'; a card's name is its file's name, '{path.stem}'")
    if not card.name.replace("-", "").replace("_", "").replace(".", "").isalnum():
        raise CardError(f"card {path}: name '{card.name}' may hold letters, digits, '-', '_' and '.' only")
    return card


class Cards:
    """All cards of one workspace, or of the package alone: the workspace's own come first.

    Args:
        own: The workspace's `cards/` folder; None for the package's cards alone.
    """

    def __init__(self, own: Path | None = None) -> None:
        self._own = own

    def systems(self) -> dict[str, Found[SystemCard]]:
        """System cards by name."""
        return dict(self._all(SystemCard, "systems"))

    def judges(self) -> dict[str, Found[JudgeCard]]:
        """Judge cards by name."""
        return dict(self._all(JudgeCard, "judges"))

    def voices(self) -> dict[str, Found[VoiceCard]]:
        """Voice cards by name."""
        return dict(self._all(VoiceCard, "voices"))

    def system(self, name: str) -> Found[SystemCard]:
        """The system card of that name; CardError names those there are."""
        return self._one(SystemCard, "systems", name)

    def judge(self, name: str) -> Found[JudgeCard]:
        """The judge card of that name; CardError names those there are."""
        return self._one(JudgeCard, "judges", name)

    def voice(self, name: str) -> Found[VoiceCard]:
        """The voice card of that name; CardError names those there are."""
        return self._one(VoiceCard, "voices", name)

    def _folders(self, kind: str) -> Iterator[tuple[str, Path]]:
        shipped = resources.files("s2s_arena") / "cards" / kind
        with resources.as_file(shipped) as folder:
            yield "package", folder
        if self._own is not None:
            yield "workspace", self._own / kind

    def _all(self, kind: type[C], folder_name: str) -> Iterator[tuple[str, Found[C]]]:
        for source, folder in self._folders(folder_name):
            for path in sorted(folder.glob("*.toml")) if folder.is_dir() else ():
                yield path.stem, Found(load_card(kind, path), folder, source)

    def _one(self, kind: type[C], folder_name: str, name: str) -> Found[C]:
        found: Found[C] | None = None
        names: list[str] = []
        for source, folder in self._folders(folder_name):
            if folder.is_dir():
                names += [path.stem for path in folder.glob("*.toml")]
            path = folder / f"{name}.toml"
            if name and path.parent == folder and path.is_file():
                found = Found(load_card(kind, path), folder, source)
        if found is None:
            raise CardError(
                f"{folder_name[:-1]} '{name}': no such card; known: {', '.join(sorted(set(names))) or 'none'}; "
                f"add cards/{folder_name}/{name}.toml to the workspace"
            )
        return found

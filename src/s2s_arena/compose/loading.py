"""How a card's system is loaded: here with the parts that are loaded already, in another process with its own."""

from collections.abc import Callable
from pathlib import Path
from typing import cast

from s2s_arena.compose.perception import EARS, Perception
from s2s_arena.errors import CardError
from s2s_arena.models import registry
from s2s_arena.models.parts import LocalParts, Parts
from s2s_arena.models.weights import default_cache
from s2s_arena.protocols import Conversant, Transcriber
from s2s_arena.records.systems import SystemCard
from s2s_arena.workspace.cards import Cards, Found
from s2s_arena.workspace.layout import Layout


class SystemLoader:
    """Loads one system. It pickles as the card and the workspace's folder: parts are loaded where it is unpickled.

    There, the package's own voices and weights are those of that machine; the workspace's folder is looked for under
    the same path (its own voices, recordings and heads), and what needs none of it needs no such folder.

    Args:
        found: The card.
        root: The workspace's folder.
        parts: What this process has loaded; by default nothing yet.
    """

    def __init__(self, found: Found[SystemCard], *, root: Path, parts: Callable[[], Parts] | None = None) -> None:
        self._found = found
        self._root = root
        self._parts = parts or self._own_parts

    def __call__(self) -> Conversant:
        """The system. Raises CardError and MissingError."""
        card = self._found.card
        try:
            return cast(Conversant, registry.build(card.model, card.settings, self._parts()))
        except CardError as error:
            raise CardError(f"card {card.name}: {error}") from error

    def __reduce__(self) -> tuple[Callable[..., "SystemLoader"], tuple[object, ...]]:
        return _elsewhere, (self._found, self._root)

    def _own_parts(self) -> Parts:
        layout = Layout(self._root)
        cards = Cards(layout.cards if layout.config.is_file() else None)
        made: LocalParts = LocalParts(
            default_cache(),
            self._found.folder,
            voice=lambda name: cards.voice(name).card,
            perceiver=lambda: Perception(made, heads=layout.heads),
        )
        return made


class EarsLoader:
    """Loads the workspace's ears, here or in another process.

    Args:
        name: Of their weights.
        parts: What this process has loaded; by default nothing yet.
    """

    def __init__(self, name: str = EARS, *, parts: Callable[[], Parts] | None = None) -> None:
        self.name = name
        self._parts = parts or _no_parts

    def __call__(self) -> Transcriber:
        """The ears. Raises MissingError."""
        return self._parts().transcriber(self.name)

    def __reduce__(self) -> tuple[type["EarsLoader"], tuple[str]]:
        return EarsLoader, (self.name,)


def _no_parts() -> Parts:
    return LocalParts(default_cache(), Path(), voice=lambda name: Cards().voice(name).card)


def _elsewhere(found: Found[SystemCard], root: Path) -> SystemLoader:
    return SystemLoader(found, root=root)

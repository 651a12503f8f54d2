"""How a card's system or judge is loaded: here with the parts that are loaded, in another process with its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

from s2s_arena.compose import judges
from s2s_arena.compose.needs import require
from s2s_arena.compose.perception import EARS, HEADS, Perception
from s2s_arena.errors import CardError, MissingError
from s2s_arena.judge.comparison import Judge
from s2s_arena.judge.content import PAIRWISE, POINTWISE
from s2s_arena.models import registry
from s2s_arena.models.parts import LocalParts, Parts
from s2s_arena.models.weights import default_cache
from s2s_arena.protocols import Conversant, Record, Store, Transcriber
from s2s_arena.records.boards import JudgeReliability
from s2s_arena.records.samples import Suite
from s2s_arena.records.scores import Score
from s2s_arena.records.systems import JudgeCard, SystemCard
from s2s_arena.store.memory import MemoryStore
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
        """The system. Raises CardError, and MissingError with what this machine lacks."""
        card = self._found.card
        require(card)
        try:
            return cast(Conversant, registry.build(card.model, card.settings, self._parts()))
        except CardError as error:
            raise CardError(f"card {card.name}: {error}") from error

    def __reduce__(self) -> tuple[Callable[..., SystemLoader], tuple[object, ...]]:
        return _elsewhere, (self._found, self._root)

    def _own_parts(self) -> Parts:
        return _parts_at(self._root, self._found.folder)


class JudgeLoader:
    """Loads one judge for a suite. It pickles as the cards, the workspace's folder, the suite, and what is kept of
    the marks that a mind gave and of how reliable judges are; what was heard of answers comes with each match.

    Args:
        found: The card.
        suite: What is judged.
        root: The workspace's folder.
        find: Finds the cards of a panel's members.
        store: Where earlier work of the judge is kept.
        parts: What this process has loaded; by default nothing yet.
        perception: Hears answers; by default its own.
    """

    def __init__(
        self,
        found: Found[JudgeCard],
        *,
        suite: Suite,
        root: Path,
        find: Callable[[str], Found[JudgeCard]],
        store: Store,
        parts: LocalParts | None = None,
        perception: Callable[[], Perception] | None = None,
    ) -> None:
        self._found = found
        self._suite = suite
        self._root = root
        self._find = find
        self._store = store
        self._parts = parts
        self._perception = perception

    def __call__(self) -> Judge:
        """The judge. Raises CardError, and MissingError with what this machine lacks."""
        require(self._found.card)
        parts = self._parts or _parts_at(self._root, self._found.folder)
        heard = self._perception or (lambda: Perception(parts, heads=Layout(self._root).heads))
        return self._built(self._found, parts=parts, perception=heard())

    def remember(self, records: Sequence[Record]) -> None:
        """Know what was heard and marked elsewhere. For the process that a loader was sent to: it has no store."""
        self._store.put(*records)

    def _built(self, found: Found[JudgeCard], *, parts: LocalParts, perception: Perception) -> Judge:
        def member(name: str) -> Judge:
            other = self._find(name)
            if other.card.model == judges.PANEL:
                raise CardError(f"judge {found.card.name}: member {name} is a panel; name its members instead")
            require(other.card)
            return self._built(other, parts=parts, perception=perception)

        return judges.build(
            found.card,
            parts=parts.at(found.folder),
            perception=perception,
            store=self._store,
            suite=self._suite,
            named=member,
        )

    def __reduce__(self) -> tuple[Callable[..., JudgeLoader], tuple[object, ...]]:
        cards = {self._found.card.name: self._found}
        if self._found.card.model == judges.PANEL:
            named = self._found.card.settings.get("members")
            cards |= {name: self._find(name) for name in map(str, named if isinstance(named, list) else ())}
        known: list[Record] = [s for scale in (POINTWISE, PAIRWISE) for s in self._store.all(Score, scale=scale)]
        known += [record for name in cards for record in self._store.all(JudgeReliability, judge=name)]
        own_heads = (Layout(self._root).heads / HEADS).is_file()
        return _judge_elsewhere, (self._found, cards, self._suite, self._root, known, own_heads)


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

    def __reduce__(self) -> tuple[type[EarsLoader], tuple[str]]:
        return EarsLoader, (self.name,)


def check_settings(found: Found[SystemCard], cards: Cards) -> None:
    """Raise CardError for settings that the adapter does not take; nothing is asked and no model is loaded."""
    if not registry.is_light(found.card.model):
        return
    parts = LocalParts(default_cache(), found.folder, voice=cards.voice)
    try:
        registry.build(found.card.model, found.card.settings, parts)
    except CardError as error:
        raise CardError(f"card {found.card.name}: {error}") from error


def _parts_at(root: Path, folder: Path) -> LocalParts:
    """Parts of a workspace, of which none is loaded yet."""
    layout = Layout(root)
    cards = Cards(layout.cards if layout.config.is_file() else None)
    made: LocalParts = LocalParts(
        default_cache(),
        folder,
        voice=cards.voice,
        perceiver=lambda: Perception(made, heads=layout.heads),
    )
    return made


def _no_parts() -> Parts:
    return LocalParts(default_cache(), Path(), voice=Cards().voice)


def _elsewhere(found: Found[SystemCard], root: Path) -> SystemLoader:
    return SystemLoader(found, root=root)


def _judge_elsewhere(
    found: Found[JudgeCard],
    cards: dict[str, Found[JudgeCard]],
    suite: Suite,
    root: Path,
    known: Sequence[Record],
    own_heads: bool,
) -> JudgeLoader:
    heads = Layout(root).heads / HEADS
    if own_heads and not heads.is_file():
        raise MissingError(f"{heads}: heads of this workspace, not on this machine; mount it under the same path")
    store = MemoryStore()
    store.put(*known)
    return JudgeLoader(found, suite=suite, root=root, find=cards.__getitem__, store=store)

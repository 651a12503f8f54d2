"""The parts that systems and judges are made of, loaded once and shared: ears, minds, voices."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar, cast

from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import CardError
from s2s_arena.models import registry
from s2s_arena.protocols import Encoder, Speaker, Transcriber, Writer
from s2s_arena.records.cues import Cues
from s2s_arena.records.identity import AudioHash
from s2s_arena.records.systems import Setting, VoiceCard

T = TypeVar("T")


class Perceiver(Protocol):
    """Tells what can be heard in speech beyond its words."""

    def hear(self, speech: Waveform, *, audio: AudioHash, language: str | None = None) -> Cues: ...


class FoundVoice(Protocol):
    """A voice card and the folder that relative paths in its settings are meant from."""

    @property
    def card(self) -> VoiceCard: ...

    @property
    def folder(self) -> Path: ...


class Parts(Protocol):
    """What a factory may ask for. A name is a weight set, a path, or `family:name` for another family."""

    @property
    def cache(self) -> Path:
        """Where weights are assembled."""
        ...

    @property
    def folder(self) -> Path:
        """The card's folder: what relative paths in its settings are relative to."""
        ...

    def transcriber(self, name: str) -> Transcriber:
        """Ears by the name of their weights, e.g. whisper-base."""
        ...

    def encoder(self, name: str) -> Encoder:
        """The encoder of the ears of that name."""
        ...

    def writer(self, name: str) -> Writer:
        """A mind by the name of its weights, e.g. qwen2.5-coder-1.5b-instruct."""
        ...

    def speaker(self, name: str) -> Speaker:
        """A voice by the name of its card, e.g. kokoro-female."""
        ...

    def described(self, table: Mapping[str, Setting]) -> object:
        """A part that a card describes in place: its family, and that family's settings."""
        ...

    def perceiver(self) -> Perceiver | None:
        """The workspace's cue extractor, or None where there is none."""
        ...


@dataclass(slots=True)
class _Shared:
    made: dict[str, object] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)


class LocalParts:
    """Parts loaded in this process, each at most once.

    Args:
        cache: Where weights are assembled.
        folder: The folder of the card being built.
        voice: Finds a voice card by name; raises CardError when there is none.
        perceiver: Makes the cue extractor, at first use.
    """

    def __init__(
        self,
        cache: Path,
        folder: Path,
        *,
        voice: Callable[[str], FoundVoice],
        perceiver: Callable[[], Perceiver] | None = None,
    ) -> None:
        self._cache = cache
        self._folder = folder
        self._voice = voice
        self._perceiver = perceiver
        self._shared = _Shared()

    @property
    def cache(self) -> Path:
        return self._cache

    @property
    def folder(self) -> Path:
        return self._folder

    def at(self, folder: Path) -> "LocalParts":
        """The same loaded parts for a card in another folder."""
        twin = LocalParts(self._cache, folder, voice=self._voice, perceiver=self._perceiver)
        twin._shared = self._shared
        return twin

    def transcriber(self, name: str) -> Transcriber:
        return cast(Transcriber, self._named("whisper", name))

    def encoder(self, name: str) -> Encoder:
        return cast(Encoder, self._named("whisper", name))

    def writer(self, name: str) -> Writer:
        return cast(Writer, self._named("llama-cpp", name))

    def speaker(self, name: str) -> Speaker:
        def make() -> object:
            found = self._voice(name)
            card = found.card
            own: dict[str, Setting] = {"gender": card.gender, "name": card.name, "languages": list(card.languages)}
            return registry.build(card.model, {**own, **card.settings}, self.at(found.folder))

        return cast(Speaker, self._once(f"voice:{name}", make))

    def described(self, table: Mapping[str, Setting]) -> object:
        family = table.get("family")
        if not isinstance(family, str):
            raise CardError(f"a part described as {dict(table)!r}: no family named; add family")
        rest = {key: value for key, value in table.items() if key != "family"}
        return self._once(f"{family}:{json.dumps(rest, sort_keys=True)}", lambda: registry.build(family, rest, self))

    def perceiver(self) -> Perceiver | None:
        make = self._perceiver
        return None if make is None else cast(Perceiver, self._once("perceiver", make))

    def _named(self, family: str, name: str) -> object:
        head, colon, rest = name.partition(":")
        if colon and head in registry.families():
            family, name = head, rest
        settings: Mapping[str, Setting] = {"weights": name}
        return self._once(f"{family}:{name}", lambda: registry.build(family, settings, self))

    def _once(self, key: str, make: Callable[[], object]) -> object:
        with self._shared.lock:
            if key not in self._shared.made:
                self._shared.made[key] = make()
            return self._shared.made[key]

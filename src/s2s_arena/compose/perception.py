"""The chain that hears answers: ears, encoder, pitch, quality and heads, loaded when first needed."""

from __future__ import annotations

from pathlib import Path
from threading import Lock

from s2s_arena.audio.waveform import Waveform
from s2s_arena.cues.extract import Extractor
from s2s_arena.cues.heads import SHIPPED, Heads
from s2s_arena.models import weights
from s2s_arena.models.dnsmos import Dnsmos
from s2s_arena.models.parts import Parts
from s2s_arena.models.swift import SwiftPitch
from s2s_arena.models.whisper_layers import WhisperLayer, layer_of
from s2s_arena.protocols import Encoder, Transcriber
from s2s_arena.records.cues import Cues
from s2s_arena.records.identity import AudioHash

EARS = "whisper-base"
HEADS = "heads.npz"
"""File of the heads that are trained in a workspace."""


class Perception:
    """The workspace's cue extractor.

    Args:
        parts: Where ears and encoder come from, shared with the systems.
        heads: Folder of heads trained in the workspace; its `heads.npz` is used if there is one, else the shipped.
        ears: Name of the ears' weights.
    """

    def __init__(self, parts: Parts, *, heads: Path, ears: str = EARS) -> None:
        self._parts = parts
        self._heads = heads
        self._ears = ears
        self._lock = Lock()
        self._extractor: Extractor | None = None

    @property
    def transcriber(self) -> Transcriber:
        """The ears."""
        return self._parts.transcriber(self._ears)

    @property
    def encoder(self) -> Encoder:
        """The ears' encoder, whose features heads read."""
        return self._parts.encoder(self._ears)

    def layer(self, number: int) -> Encoder:
        """One layer of the ears' encoder as an encoder of its own, for heads.

        Raises:
            InputError: There is no such layer.
        """
        folder = weights.folder(self._ears, self._parts.cache)
        return WhisperLayer(folder, name=self._ears, layer=number)

    @property
    def extractor(self) -> Extractor:
        """The whole chain."""
        with self._lock:
            if self._extractor is None:
                self._extractor = self._make()
            return self._extractor

    @property
    def identity(self) -> str:
        """Of the whole chain; part of the keys of cues."""
        return self.extractor.identity

    def hear(self, speech: Waveform, *, audio: AudioHash, language: str | None = None) -> Cues:
        """What can be heard in an utterance."""
        return self.extractor.hear(speech, audio=audio, language=language)

    def _make(self) -> Extractor:
        own = self._heads / HEADS
        place = own if own.is_file() else SHIPPED
        heads = Heads.load(place) if place.is_file() else None
        encoder = self.encoder
        if heads is not None:
            number = layer_of(heads.encoder, name=self._ears)
            encoder = encoder if number is None else self.layer(number)
            heads.require(encoder.identity)
        return Extractor(self.transcriber, encoder, SwiftPitch(), Dnsmos(), heads)

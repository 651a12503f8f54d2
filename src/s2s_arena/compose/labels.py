"""The instruments that measure whether spoken samples show their labels."""

from s2s_arena.build.labels.meter import LabelMeter
from s2s_arena.build.labels.plain_readings import PlainReadings
from s2s_arena.compose.arena import Arena
from s2s_arena.compose.needs import missing
from s2s_arena.models.swift import SwiftPitch
from s2s_arena.protocols import Speaker, Transcriber


def label_meter(arena: Arena, ears: Transcriber | None) -> LabelMeter:
    """The label meter of a workspace: swift-f0 for pitch, the given ears for words in time, its voices for stress.

    Raises:
        MissingError: swift-f0 is not installed (extra `local`).
    """
    known = arena.cards.voices()

    def speaker(name: str) -> Speaker | None:
        """The voice of a name, if it runs here and may be asked: reading again must cost nothing."""
        found = known.get(name)
        if found is None or missing(found.card) or found.card.kind != "local":
            return None
        return arena.speakers([name])[name][1]()

    plain = PlainReadings(speaker, seed=arena.config.workspace.seed)
    return LabelMeter(arena.store, pitch=SwiftPitch(), ears=ears, plain=plain)

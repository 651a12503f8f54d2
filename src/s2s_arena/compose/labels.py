"""The instruments that measure whether spoken samples show their labels."""

from s2s_arena.build.labels.meter import LabelMeter
from s2s_arena.models.swift import SwiftPitch
from s2s_arena.protocols import Store, Transcriber


def label_meter(store: Store, ears: Transcriber | None) -> LabelMeter:
    """The label meter of a workspace: swift-f0 for pitch, the given ears for words in time.

    Raises:
        MissingError: swift-f0 is not installed (extra `local`).
    """
    return LabelMeter(store, pitch=SwiftPitch(), ears=ears)

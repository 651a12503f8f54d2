"""Which code runs a model family: our own families, and those that other distributions register by entry point."""

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from s2s_arena.errors import CardError, MissingError
from s2s_arena.records.systems import Setting

if TYPE_CHECKING:
    from s2s_arena.models.parts import Parts

GROUP = "s2s_arena.models"
"""The entry-point group: name = family, value = "module:factory"."""

BUILT_IN: Mapping[str, str] = {
    "whisper": "s2s_arena.models.whisper:build",
    "llama-cpp": "s2s_arena.models.llama_cpp:build",
    "word-vectors": "s2s_arena.models.word_vectors:build",
    "kokoro": "s2s_arena.models.kokoro:build",
    "hibari": "s2s_arena.models.hibari:build",
    "espeak-ng": "s2s_arena.models.espeak:build",
    "piper": "s2s_arena.models.piper:build",
    "openai-speech": "s2s_arena.models.remote.speaking:build",
    "doubao-speech": "s2s_arena.models.remote.doubao_speaking:build",
    "openai-hear": "s2s_arena.models.remote.hearing:build",
    "sensevoice": "s2s_arena.models.remote.hearing:build_sensevoice",
    "cosyvoice": "s2s_arena.models.remote.cosyvoice:build",
    "cascade": "s2s_arena.models.cascade:build",
    "tagged-cascade": "s2s_arena.models.tagged:build",
    "expressive": "s2s_arena.models.expressive:build",
    "echo": "s2s_arena.models.baselines:build_echo",
    "silence": "s2s_arena.models.baselines:build_silence",
    "replay": "s2s_arena.models.replay:build",
    "person": "s2s_arena.models.person:build",
    "openai-chat": "s2s_arena.models.remote.chat:build",
    "openai-text": "s2s_arena.models.remote.writing:build",
    "openai-listen": "s2s_arena.models.remote.judging_chat:build",
    "gemini-generate": "s2s_arena.models.remote.judging_gemini:build",
    "realtime": "s2s_arena.models.remote.realtime:build",
    "gemini-live": "s2s_arena.models.remote.gemini_live:build",
    "doubao": "s2s_arena.models.remote.doubao:build",
    "moshi": "s2s_arena.models.remote.moshi:build",
    "http-wav": "s2s_arena.models.remote.http_wav:build",
    "worker": "s2s_arena.models.worker.family:build",
    "worker-voice": "s2s_arena.models.worker.voice:build",
    "scripted": "s2s_arena.testing.systems:build",
}


WORKERS = ("worker", "worker-voice")
"""Families that run in a process of their own; `settings.worker` names one that comes with the package."""


@cache
def families() -> Mapping[str, str]:
    """Family -> "module:factory"; an entry point may add families, never replace one of ours."""
    found = {point.name: point.value for point in entry_points(group=GROUP)}
    return {**found, **BUILT_IN}


def is_remote(family: str) -> bool:
    """Whether a family of ours answers over a network."""
    return BUILT_IN.get(family, "").startswith("s2s_arena.models.remote.")


def is_light(family: str) -> bool:
    """Whether making one of a family of ours loads nothing: it only checks the settings."""
    return is_remote(family) or family in WORKERS


def build(family: str, settings: Mapping[str, Setting], parts: "Parts") -> object:
    """What the family's factory makes of the settings: an ear, a mind, a voice or a system.

    Raises:
        CardError: No such family, or the factory does not accept the settings.
        MissingError: The family's own packages are not installed.
    """
    known = families()
    if family not in known:
        raise CardError(f"model {family}: unknown family; one of {', '.join(sorted(known))}")
    module, _, factory = known[family].partition(":")
    try:
        make: Callable[[Mapping[str, Setting], Parts], object] | None = getattr(import_module(module), factory, None)
        if make is None:
            raise CardError(f"model {family}: {module} has no {factory}; mend its entry point")
        return make(settings, parts)
    except ModuleNotFoundError as error:
        raise MissingError(
            f"model {family}: package {error.name} is not installed; run pip install 's2s-arena[local]'"
        ) from error

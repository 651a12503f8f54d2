"""What validating and explaining a judge need: an editor of delivery, a voice, and controls that must fail."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np

from s2s_arena.compose.arena import Arena
from s2s_arena.errors import MissingError
from s2s_arena.judge.comparison import Judge
from s2s_arena.judge.controls import PermutedInstructions, RevoicedAnswers, permutation
from s2s_arena.judge.editing import Reshaper
from s2s_arena.judge.probes.kinds import Probe
from s2s_arena.judge.validation import Control
from s2s_arena.models.reshaper import WorldReshaper
from s2s_arena.protocols import Speaker
from s2s_arena.records.samples import Suite
from s2s_arena.records.systems import JudgeCard

VOICE = "kokoro-female"
EMBEDDED = "local-judge"
WORDS = "local-words"
SAME_WORDS = (Probe.MONOTONE, Probe.PACE, Probe.EMOTION)
"""Pairs whose answers differ in delivery alone: who hears words only cannot tell them apart."""


def reshaper() -> Reshaper | None:
    """The editor of delivery, or None where WORLD is not installed."""
    return WorldReshaper() if find_spec("pyworld") else None


def speaker(arena: Arena, voice: str | None) -> Speaker | None:
    """A voice, loaded; without a name the usual one, or None where it does not run here."""
    try:
        return arena.speakers([voice or VOICE])[voice or VOICE][1]()
    except MissingError:
        if voice is not None:
            raise
        return None


def controls(arena: Arena, card: JudgeCard, judge: Judge, *, suite: Suite, voice: Speaker | None) -> list[Control]:
    """The controls of a judge: wrong instructions, one neutral voice for all, and for the embedded one words alone.

    Args:
        arena: Where ears are.
        card: The judge's.
        judge: The judge.
        suite: Whose instructions are permuted.
        voice: Reads answers again; without one that control is left out.
    """
    made: list[Control] = []
    if len(suite.samples) > 1:
        others = permutation(suite.samples, rng=np.random.default_rng(0))
        permuted = PermutedInstructions(judge, others)
        made.append(Control(name="permuted", judge=permuted, probes=(Probe.OTHER,), by_criterion=True))
    if voice is not None:
        revoiced = RevoicedAnswers(judge, transcriber=arena.transcriber(), speaker=voice)
        made.append(Control(name="re-voiced", judge=revoiced, probes=(*SAME_WORDS, Probe.ROBOTIC)))
    if card.model == EMBEDDED:
        words = arena.judge(WORDS, suite)[1]()
        made.append(Control(name="words", judge=words, probes=SAME_WORDS))
    return made

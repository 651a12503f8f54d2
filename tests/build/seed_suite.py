"""The seed suite as its tests look at it: its samples, its twins, and which reply would satisfy a sample."""

from collections import defaultdict
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

import pytest

from s2s_arena.build.checks import has_word
from s2s_arena.build.expectations import DELIVERY
from s2s_arena.build.scripts import seed
from s2s_arena.cues.words import likeness
from s2s_arena.models.delivery import direct
from s2s_arena.records.samples import Sample

FOLDER = Path(str(files("s2s_arena.build"))) / "seed"
SAMPLES = seed()
SAID = 0.75  # likeness from which `cues.asked.contains` counts a text as said


def of(*domains: str) -> tuple[Sample, ...]:
    """The samples of these domains."""
    return tuple(sample for sample in SAMPLES if sample.domain in domains)


def every(samples: Iterable[Sample] = SAMPLES) -> pytest.MarkDecorator:
    """One test a sample."""
    return pytest.mark.parametrize("sample", samples, ids=lambda sample: sample.id)


def twins(samples: Iterable[Sample] = SAMPLES) -> dict[str, list[Sample]]:
    """Samples by twin group."""
    groups: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        if sample.twin_group:
            groups[sample.twin_group].append(sample)
    return groups


def answered_in(sample: Sample) -> str:
    """The language of a right answer."""
    return next((e.want for e in sample.expects if e.cue == "language"), sample.language)


def says(reply: str, option: str, language: str) -> bool:
    """Whether a reply says it: as the cues count it, or letter by letter."""
    if likeness(option, reply, language) > SAID:
        return True
    # Other languages tie articles and particles to their words: l'orage, 철자라는.
    return has_word(reply, option, language=language) or (language != "en" and option.strip().lower() in reply.lower())


def fits(sample: Sample, reply: str) -> bool:
    """Whether a reply has the words the sample asks for, and none that it bars."""
    language = answered_in(sample)

    def any_of(want: str) -> bool:
        return any(says(reply, option, language) for option in want.split("|"))

    needed = [any_of(e.want) for e in sample.expects if e.cue == "contains"]
    barred = [any_of(e.want) for e in sample.expects if e.cue == "lacks"]
    return all(needed) and not any(barred)


def wanted_delivery(sample: Sample) -> dict[str, str]:
    """How the answer is to sound."""
    return {e.cue: e.want for e in sample.expects if e.cue in DELIVERY}


def effective_rate(sample: Sample) -> float:
    """Of the turn: pace, emotion, style and age together."""
    [turn] = sample.turns
    return direct(turn.delivery, turn.traits, gender=turn.traits.gender or "female").rate

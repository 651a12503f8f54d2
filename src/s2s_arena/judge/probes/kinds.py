"""The probes: what each does to an answer, which criterion it must cost, and what making it needs."""

from dataclasses import dataclass
from enum import StrEnum

from s2s_arena.records.studies import Criterion


class Probe(StrEnum):
    """What is wrong with the worse answer of a pair."""

    SILENCE = "silence"
    HALF = "half"
    OTHER = "other"
    LANGUAGE = "language"
    ECHO = "echo"
    NOISE_0 = "noise-0"
    NOISE_5 = "noise-5"
    NOISE_10 = "noise-10"
    CLIPPING = "clipping"
    BAND = "band"
    MONOTONE = "monotone"
    PACE = "pace"
    EMOTION = "emotion"
    EMPHASIS = "emphasis"
    ROBOTIC = "robotic"
    PADDED = "padded"
    REAL = "real"  # two systems' answers as they are: nobody knows the worse, but a judge must agree with itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a probe is.

    Attributes:
        criterion: The one that the fault must cost; None where no fault was made.
        does: What is done, in words for the card.
        blatant: Whether nobody who listens can miss it.
        reshapes: Whether delivery has to be changed (WORLD).
        speaks: Whether a voice has to say something.
        words: Whether the answer's words have to be known.
    """

    criterion: Criterion | None
    does: str
    blatant: bool = False
    reshapes: bool = False
    speaks: bool = False
    words: bool = False


KINDS: dict[Probe, Kind] = {
    Probe.SILENCE: Kind(criterion=Criterion.INSTRUCTION, does="silence instead of the answer", blatant=True),
    Probe.HALF: Kind(criterion=Criterion.QUALITY, does="cut off in the middle", blatant=True),
    Probe.OTHER: Kind(criterion=Criterion.INSTRUCTION, does="the answer to another sample", blatant=True),
    Probe.LANGUAGE: Kind(criterion=Criterion.INSTRUCTION, does="speech in another language", blatant=True),
    Probe.ECHO: Kind(criterion=Criterion.INSTRUCTION, does="the user's own words played back", blatant=True),
    Probe.NOISE_0: Kind(criterion=Criterion.QUALITY, does="pink noise at 0 dB", blatant=True),
    Probe.NOISE_5: Kind(criterion=Criterion.QUALITY, does="pink noise at 5 dB"),
    Probe.NOISE_10: Kind(criterion=Criterion.QUALITY, does="pink noise at 10 dB"),
    Probe.CLIPPING: Kind(criterion=Criterion.QUALITY, does="5 % of spoken samples clipped"),
    Probe.BAND: Kind(criterion=Criterion.QUALITY, does="band-limited as by 8 kHz sampling"),
    Probe.MONOTONE: Kind(
        criterion=Criterion.EXPRESSIVENESS, does="monotone where a lively voice is asked", reshapes=True, words=True
    ),
    Probe.PACE: Kind(
        criterion=Criterion.EXPRESSIVENESS, does="slower where fast is asked, or faster", reshapes=True, words=True
    ),
    Probe.EMOTION: Kind(
        criterion=Criterion.EXPRESSIVENESS, does="another emotion than the one asked", speaks=True, words=True
    ),
    Probe.EMPHASIS: Kind(
        criterion=Criterion.EXPRESSIVENESS, does="another word stressed than the one asked", speaks=True, words=True
    ),
    Probe.ROBOTIC: Kind(criterion=Criterion.QUALITY, does="a machine's flat buzz", reshapes=True),
    Probe.PADDED: Kind(
        criterion=Criterion.INSTRUCTION, does="the same answer with empty talk added", speaks=True, words=True
    ),
    Probe.REAL: Kind(criterion=None, does="two systems' answers as they are"),
}

BLATANT: tuple[Probe, ...] = tuple(probe for probe, kind in KINDS.items() if kind.blatant)
SUBTLE: tuple[Probe, ...] = tuple(probe for probe, kind in KINDS.items() if kind.criterion and not kind.blatant)
NOISE_DB: dict[Probe, float] = {Probe.NOISE_0: 0.0, Probe.NOISE_5: 5.0, Probe.NOISE_10: 10.0}


def possible(*, reshapes: bool, speaks: bool) -> tuple[Probe, ...]:
    """The probes that can be made with or without an editor of delivery and a voice."""
    return tuple(p for p, k in KINDS.items() if (reshapes or not k.reshapes) and (speaks or not k.speaks))

"""Who marks: a text mind by its log-odds, on the words of a whole dialogue and what was measured in its sound."""

import math
from dataclasses import dataclass
from typing import Protocol

from s2s_arena.protocols import Message, Writer
from s2s_arena.records.cues import Cues
from s2s_arena.records.samples import Sample
from s2s_arena.score.items import Item, Scale, Texts

GRADES = (2, 3, 4, 5)
UNCALIBRATED = (
    "a mind's log-odds are not calibrated on people's marks: "
    "compare systems by them, do not read them as shares of people"
)
LEAST_SURE = 0.4  # an emotion less likely than this is not told


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialogue:
    """One answered sample: what was heard in each turn of the answer, None where there was no speech."""

    sample: Sample
    heard: tuple[Cues | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A scorer's mark of one item: 0..1 for a pass, 1..5 for a grade, and what it rests on."""

    value: float
    reason: str = ""
    raw: str = ""
    prompt_hash: str = ""


class Scorer(Protocol):
    """Marks one item of one dialogue."""

    @property
    def identity(self) -> str: ...

    def mark(self, item: Item, dialogue: Dialogue) -> Mark:
        """The mark. Raises JudgeFailure when there is none."""
        ...


class LogOddsScorer:
    """Implements `Scorer`: a pass is worth its probability, a grade is 1 plus the chances of 2, 3, 4 and 5 or more.

    The mind reads, it does not hear: of the sound it knows what instruments measured. Its odds are taken as they are
    (`UNCALIBRATED`), and whoever shows marks says so.

    Args:
        writer: The mind.
        texts: What it is asked with.
    """

    def __init__(self, writer: Writer, *, texts: Texts) -> None:
        self._writer = writer
        self._texts = texts
        self.identity = f"log-odds/1:{writer.identity}+{texts.hash[:12]}"

    def mark(self, item: Item, dialogue: Dialogue) -> Mark:
        texts, told = self._texts, self.told(dialogue)
        if item.scale is Scale.GRADE:
            odds = [self._odds(f"{told}\n{texts.grades.format(item=item.text, grade=grade)}") for grade in GRADES]
            value = 1.0 + sum(_probability(each) for each in odds)
        else:
            odds = [self._odds(f"{told}\n{texts.passes.format(item=item.text)}")]
            value = _probability(odds[0])
            value = 1.0 - value if item.red_flag else value
        return Mark(value=value, raw=" ".join(f"{each:.4f}" for each in odds), prompt_hash=texts.hash)

    def told(self, dialogue: Dialogue) -> str:
        """The dialogue as the mind reads it."""
        texts, sample = self._texts, dialogue.sample
        lines: list[str] = []
        for turn, cues in zip(sample.turns, dialogue.heard, strict=True):
            lines.append(texts.asked.format(question=turn.script))
            if turn.labels:
                labels = ", ".join(f"{name} {value}" for name, value in sorted(turn.labels.items()))
                lines.append(texts.heard.format(labels=labels))
            words = cues.transcript.text.strip() if cues and cues.transcript else ""
            lines.append(texts.replied.format(reply=words or texts.nothing))
            if cues is not None and words:
                lines.append(texts.measured.format(cues=measured(cues)))
        if sample.guideline:
            lines.append(texts.guideline.format(guideline=sample.guideline))
        return "\n".join(lines)

    def _odds(self, ask: str) -> float:
        messages = (Message(role="system", content=self._texts.system), Message(role="user", content=ask))
        return self._writer.log_odds(messages, yes=self._texts.yes, no=self._texts.no)


def measured(cues: Cues) -> str:
    """What instruments say of the sound, in a few words."""
    prosody = cues.prosody
    told: list[str] = []
    if prosody.syllables_per_s is not None:
        told.append(f"{prosody.syllables_per_s:.1f} syllables a second")
    if prosody.f0_range_st is not None:
        told.append(f"melody over {prosody.f0_range_st:.0f} semitones")
    if prosody.intensity_dbfs is not None:
        told.append(f"level {prosody.intensity_dbfs:.0f} dBFS")
    emotions = {k.removeprefix("emotion:"): v for k, v in cues.heads.items() if k.startswith("emotion:")}
    likely = max(emotions, key=lambda name: emotions[name], default=None)
    if likely is not None and emotions[likely] >= LEAST_SURE:
        told.append(f"sounds {likely}")
    if cues.quality is not None:
        told.append(f"sound quality {cues.quality.overall:.1f} of 5")
    return ", ".join(told) or "not measured"


def _probability(log_odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, log_odds))))

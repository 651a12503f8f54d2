"""What instruments find about one sample: each thing that a person should know before they keep it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from s2s_arena.records.identity import SampleId
from s2s_arena.records.samples import Sample

UNUSABLE = frozenset({"unspoken", "empty", "silent"})
"""Kinds that no vote can mend: there is nothing to hear."""

GRAVE = UNUSABLE | {"clipped", "too_quiet", "mostly_silence", "disagrees", "language", "snr", "label"}
"""Kinds for which a sample is discarded where no people review; the others are doubts to listen to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing found about one turn.

    `kind` is a flag of `audio.checks.flags`, or unspoken, disagrees (other words heard),
    language (another one heard), snr (not the
    ratio to its background that is stated), label (not shown by what was measured).
    """

    turn: int
    kind: str
    message: str

    @property
    def grave(self) -> bool:
        """Reason enough to discard the sample."""
        return self.kind in GRAVE


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelFinding:
    """Whether the speech of a turn shows one of its labels."""

    turn: int
    label: str  # e.g. pace=slow
    shown: bool | None  # None: no instrument can tell
    message: str = ""


class LabelMeter(Protocol):
    """Measures labels with other instruments than those that made the speech."""

    @property
    def identity(self) -> str:
        """Names instruments and thresholds; part of the reviewer's name under which findings are kept."""
        ...

    def findings(self, sample: Sample) -> Iterable[LabelFinding]:
        """One finding for each label of each turn that has one."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that instruments found about one sample."""

    sample: SampleId
    sample_hash: str
    findings: tuple[Finding, ...]
    measured: Mapping[str, float] = field(default_factory=dict)  # by turn and instrument: "0:agreement" ...
    labels: tuple[LabelFinding, ...] = ()

    @property
    def keep(self) -> bool:
        """Nothing grave was found."""
        return not any(finding.grave for finding in self.findings)

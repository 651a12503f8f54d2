"""All labels of a suite measured: right, wrong and not measurable by kind, and how often plain speech is flagged."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from s2s_arena.build.labels.meter import LabelMeter
from s2s_arena.protocols import Progress
from s2s_arena.records.identity import SampleId
from s2s_arena.records.samples import Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """A label that the speech does not show."""

    sample: SampleId
    turn: int
    label: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Labels of one kind; of controls, `right` are those that show nothing and `wrong` the false alarms."""

    right: int = 0
    wrong: int = 0
    unmeasured: int = 0

    @property
    def share_right(self) -> float | None:
        """Of the measured ones, 0..1; None if there are none."""
        measured = self.right + self.wrong
        return self.right / measured if measured else None

    def plus(self, right: bool | None) -> "Tally":
        """One more."""
        return Tally(
            right=self.right + (right is True),
            wrong=self.wrong + (right is False),
            unmeasured=self.unmeasured + (right is None),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What was measured.

    Attributes:
        labels: By kind.
        samples: Samples with a measurable label: right if all of them are.
        controls: By kind, for plain readings.
        plain: Plain readings: right if none of the kinds is flagged.
        wrong: Every label that is not shown.
        meter: Instruments and thresholds.
    """

    labels: Mapping[str, Tally]
    samples: Tally
    controls: Mapping[str, Tally]
    plain: Tally
    wrong: tuple[Wrong, ...]
    meter: str

    def as_json(self) -> dict[str, object]:
        """For machines."""
        return {
            "meter": self.meter,
            "labels": {kind: _tally(tally) for kind, tally in self.labels.items()},
            "samples": _tally(self.samples),
            "controls": {kind: _tally(tally) for kind, tally in self.controls.items()},
            "plain": _tally(self.plain),
            "wrong": [{"sample": w.sample, "turn": w.turn, "label": w.label, "message": w.message} for w in self.wrong],
        }


def run(samples: Iterable[Sample], meter: LabelMeter, *, progress: Progress | None = None) -> Summary:
    """Measures every label and every control; what was measured before is not measured again.

    Args:
        samples: With speech; turns without are passed over.
        meter: The instruments.
        progress: Told of each sample.
    """
    given = list(samples)
    labels: dict[str, Tally] = {}
    controls: dict[str, Tally] = {}
    whole, plain = Tally(), Tally()
    wrong: list[Wrong] = []
    if progress:
        progress.begin("measuring", len(given))
    for sample in given:
        found = list(meter.findings(sample))
        for one in found:
            kind = one.label.split("=", 1)[0]
            labels[kind] = labels.get(kind, Tally()).plus(one.shown)
            if one.shown is False:
                wrong.append(Wrong(sample=sample.id, turn=one.turn, label=one.label, message=one.message))
        measured = [one.shown for one in found if one.shown is not None]
        if measured:
            whole = whole.plus(all(measured))
        alarms = list(meter.controls(sample))
        for one in alarms:
            controls[one.label] = controls.get(one.label, Tally()).plus(None if one.shown is None else not one.shown)
        told = [one.shown for one in alarms if one.shown is not None]
        if told:
            plain = plain.plus(not any(told))
        if progress:
            progress.advance(sample.id)
    if progress:
        progress.end()
    return Summary(
        labels=dict(sorted(labels.items())),
        samples=whole,
        controls=dict(sorted(controls.items())),
        plain=plain,
        wrong=tuple(wrong),
        meter=meter.identity,
    )


def _tally(tally: Tally) -> dict[str, object]:
    share = tally.share_right
    return {
        "right": tally.right,
        "wrong": tally.wrong,
        "unmeasured": tally.unmeasured,
        "share_right": None if share is None else round(share, 4),
    }

"""What plain speech measures, by language and gender: the zero and the unit of every delivery score."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from s2s_arena.records.cues import Cues

MEASURES: tuple[str, ...] = ("rate", "pitch", "range", "volume", "dynamics", "pausing", "voicing", "brightness")
"""syllables/s · F0 median, semitones over 100 Hz · F0 range, st · active level, dBFS · SD of frame levels, dB ·
pause share of the time from first to last sound · voiced share · dB of 2-5 kHz over 0.1-1 kHz."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Norm:
    """Mean and standard deviation of a measure in plain speech."""

    mean: float
    sd: float

    def z(self, value: float) -> float:
        """Standard deviations above the mean."""
        return (value - self.mean) / self.sd


@dataclass(frozen=True, slots=True, kw_only=True)
class Norms:
    """Norms by measure, then by "language/gender" where "*" stands for any."""

    table: Mapping[str, Mapping[str, Norm]]

    def norm(self, measure: str, *, language: str | None = None, gender: str | None = None) -> Norm | None:
        """The most special norm there is for the language (its primary tag) and gender."""
        groups = self.table.get(measure, {})
        tag = language.split("-")[0] if language else "*"
        for group in (f"{tag}/{gender or '*'}", f"*/{gender or '*'}", f"{tag}/*", "*/*"):
            if group in groups:
                return groups[group]
        return None


def values(cues: Cues) -> Mapping[str, float]:
    """The `MEASURES` of one utterance, as far as they could be measured."""
    said = cues.prosody
    extent_s = said.speech_s + sum(pause.end_s - pause.start_s for pause in said.pauses)
    found = {
        "rate": said.syllables_per_s,
        "pitch": None if said.f0_median_hz is None else 12.0 * float(np.log2(said.f0_median_hz / 100.0)),
        "range": said.f0_range_st,
        "volume": said.intensity_dbfs,
        "dynamics": said.intensity_sd_db,
        "pausing": 1.0 - said.speech_s / extent_s if said.speech_s > 0 else None,
        "voicing": said.voiced_share if said.speech_s > 0 else None,
        "brightness": cues.checks.get("brightness_db"),
    }
    return {name: value for name, value in found.items() if value is not None}


def measured(heard: Iterable[tuple[Cues, str | None]]) -> Norms:
    """Norms of plain utterances, each with its speaker's gender if known, over all groups with five or more.

    Spreads are floored (see `FLOORS`): a unit smaller than what a listener notices would make trifles count.
    """
    groups: dict[str, dict[str, list[float]]] = {measure: {} for measure in MEASURES}
    for cues, gender in heard:
        tag = cues.transcript.language.split("-")[0] if cues.transcript else "*"
        for measure, value in values(cues).items():
            keys = {f"{tag}/*", "*/*"} | ({f"{tag}/{gender}", f"*/{gender}"} if gender else set())
            for key in keys:
                groups[measure].setdefault(key, []).append(value)
    return Norms(
        table={
            measure: {
                key: Norm(mean=float(np.mean(sample)), sd=max(FLOORS[measure], float(np.std(sample, ddof=1))))
                for key, sample in sorted(found.items())
                if len(sample) >= _FEWEST
            }
            for measure, found in groups.items()
        }
    )


FLOORS: Mapping[str, float] = {
    "rate": 0.4,
    "pitch": 2.5,  # speakers of one gender differ by about this much; a few voices of our own differ less
    "range": 1.0,
    "volume": 3.0,
    "dynamics": 0.5,
    "pausing": 0.05,
    "voicing": 0.04,
    "brightness": 1.5,
}
_FEWEST = 5


@cache
def shipped() -> Norms:
    """The package's own norms, measured on its own plain generated speech by `bench/norms.py`."""
    text = files("s2s_arena.cues").joinpath("data", "norms.toml").read_text(encoding="utf-8")
    return parse(text)


def parse(text: str) -> Norms:
    """Norms from the TOML that `write` makes."""
    table = tomllib.loads(text)
    return Norms(
        table={
            measure: {group: Norm(mean=float(pair[0]), sd=float(pair[1])) for group, pair in table[measure].items()}
            for measure in MEASURES
            if measure in table
        }
    )


def write(norms: Norms, *, heading: str = "") -> str:
    """TOML: a table a measure, a pair [mean, sd] a group."""
    lines = [f"# {line}" for line in heading.splitlines()]
    for measure, groups in norms.table.items():
        lines += ["", f"[{measure}]"]
        lines += [f'"{group}" = [{norm.mean:.3f}, {norm.sd:.3f}]' for group, norm in groups.items()]
    return "\n".join(lines) + "\n"

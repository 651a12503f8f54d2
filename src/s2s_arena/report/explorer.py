"""What the explorer page shows: matches with their audio, verdicts, cues and reasons, as one data file."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from s2s_arena.audio.files import encode_flac, write_durably
from s2s_arena.protocols import Store
from s2s_arena.records.cues import Cues
from s2s_arena.records.identity import AudioHash, TakeId
from s2s_arena.records.matches import Match
from s2s_arena.records.responses import Response, Take
from s2s_arena.records.samples import Sample, Suite
from s2s_arena.records.studies import Outcome
from s2s_arena.records.verdicts import Verdict
from s2s_arena.report.explained import Drawn

Row = list[list[str]]


class AudioFolder:
    """Copies stored audio beside the report, once each, named by hash.

    Args:
        store: Where the audio is.
        out: The report's folder.
    """

    def __init__(self, store: Store, out: Path) -> None:
        self._store = store
        self._folder = out / "audio"

    def file(self, hash: AudioHash | None) -> str | None:
        """Path relative to the report, or None."""
        if hash is None:
            return None
        name = f"{hash[:24]}.flac"
        path = self._folder / name
        if not path.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            write_durably(path, encode_flac(self._store.audio(hash)))
        return f"audio/{name}"


def data(
    suite: Suite,
    matches: Sequence[Match],
    verdicts: Mapping[str, Sequence[Verdict]],
    takes: Mapping[TakeId, Take],
    responses: Mapping[str, Response],
    cues: Mapping[AudioHash, Cues],
    *,
    audio: AudioFolder,
    explained: Mapping[str, Sequence[Drawn]] | None = None,
) -> dict[str, object]:
    """The explorer's data.

    Args:
        suite: The samples.
        matches: In order of play.
        verdicts: Current verdicts by match id.
        takes: By id.
        responses: By key.
        cues: By audio hash, of one extractor.
        audio: Where files go.
        explained: What moved judges, by match id.
    """
    drawn = explained or {}
    used_takes = {t for m in matches for t in (m.first, m.second)}
    used_samples = {m.sample for m in matches}
    return {
        "samples": {s.id: _sample(s, audio) for s in suite.samples if s.id in used_samples},
        "takes": {t: _take(takes[t], responses, cues, audio) for t in sorted(used_takes) if t in takes},
        "matches": [
            _match(m, verdicts.get(m.id, ()), drawn.get(m.id, ()))
            for m in matches
            if m.first in takes and m.second in takes
        ],
    }


def write(content: Mapping[str, object], path: Path) -> None:
    """As a script that sets one variable: pages opened from a disk may not fetch JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(content, ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")
    path.write_text(f"window.ARENA_MATCHES = {text};\n", encoding="utf-8")


def _sample(sample: Sample, audio: AudioFolder) -> dict[str, object]:
    return {
        "id": sample.id,
        "level": sample.level.value if sample.level else "",
        "domain": sample.domain or "",
        "task": sample.task or "",
        "language": sample.language,
        "guideline": sample.guideline,
        "turns": [
            {
                "script": turn.script,
                "language": turn.language,
                "audio": audio.file(turn.speech.hash) if turn.speech else None,
                "labels": [[k, v] for k, v in turn.labels.items()],
            }
            for turn in sample.turns
        ],
    }


def _take(
    take: Take, responses: Mapping[str, Response], cues: Mapping[AudioHash, Cues], audio: AudioFolder
) -> dict[str, object]:
    turns = []
    for key in take.responses:
        response = responses.get(key)
        if response is None:
            continue
        heard = cues.get(response.speech.hash) if response.speech else None
        turns.append(
            {
                "audio": audio.file(response.speech.hash) if response.speech else None,
                "text": response.text or "",
                "heard": heard.transcript.text if heard and heard.transcript else "",
                "failure": f"{response.failure.kind.value}: {response.failure.message}" if response.failure else "",
                "flags": list(response.flags),
                "cues": _cues(heard) if heard else [],
            }
        )
    return {"system": take.system, "turns": turns}


def _cues(cues: Cues) -> Row:
    p = cues.prosody
    figures: Iterable[tuple[str, str | None]] = (
        ("language", cues.transcript.language if cues.transcript else None),
        ("length", f"{p.duration_s:.1f} s, {p.speech_s:.1f} s of speech"),
        ("rate", _unit(p.syllables_per_s, "{:.1f} syllables/s")),
        ("pauses", str(len(p.pauses)) if p.pauses else None),
        ("pitch", _unit(p.f0_median_hz, "{:.0f} Hz")),
        ("pitch range", _unit(p.f0_range_st, "{:.1f} semitones")),
        ("level", _unit(p.intensity_dbfs, "{:.1f} dBFS")),
        ("DNSMOS", f"{cues.quality.overall:.2f} overall, {cues.quality.signal:.2f} signal" if cues.quality else None),
        ("heads", ", ".join(f"{k} {v:.2f}" for k, v in _loudest(cues.heads)) or None),
    )
    return [[name, text] for name, text in figures if text]


def _loudest(heads: Mapping[str, float]) -> list[tuple[str, float]]:
    scales = [(k, v) for k, v in heads.items() if ":" not in k]
    emotions = sorted(((k, v) for k, v in heads.items() if k.startswith("emotion:")), key=lambda kv: -kv[1])
    return scales + emotions[:2]


def _unit(value: float | None, form: str) -> str | None:
    return None if value is None else form.format(value)


def _match(match: Match, verdicts: Sequence[Verdict], explained: Sequence[Drawn]) -> dict[str, object]:
    return {
        "id": match.id[:16],
        "sample": match.sample,
        "first": match.first,
        "second": match.second,
        "purpose": match.purpose.value,
        "probability": f"{match.probability:.4g}",
        "verdicts": [_verdict(match, v) for v in verdicts],
        "explained": [asdict(each) for each in explained],
    }


def _winner(match: Match, outcome: Outcome | None) -> str:
    if outcome is None:
        return ""
    named: dict[Outcome, str] = {Outcome.FIRST: match.first_system, Outcome.SECOND: match.second_system}
    return named.get(outcome, outcome.value)


def _verdict(match: Match, verdict: Verdict) -> dict[str, object]:
    return {
        "judge": verdict.judge,
        "outcome": verdict.outcome.value,
        "winner": _winner(match, verdict.outcome),
        "reason": verdict.reason,
        "criteria": [
            {"name": name, "winner": _winner(match, c.outcome), "margin": f"{c.margin:+.2f}", "reason": c.reason}
            for name, c in verdict.criteria.items()
        ],
        "order": list(verdict.order),
        "parsed": verdict.parsed,
        "prompt_hash": verdict.prompt_hash[:16],
        "judge_version": verdict.judge_version,
        "raw": verdict.raw,
    }

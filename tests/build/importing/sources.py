"""Files that the import tests read, made on the spot."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from s2s_arena.audio import files
from s2s_arena.audio.waveform import Waveform


def speechlike(hz: float = 200.0, seconds: float = 0.6, rate_hz: int = 16_000) -> Waveform:
    time_s = np.arange(round(seconds * rate_hz)) / rate_hz
    return Waveform((0.3 * np.sin(2 * np.pi * hz * time_s)).astype(np.float32), rate_hz)


def put(path: Path, hz: float = 200.0) -> Path:
    """An audio file whose content depends on `hz`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    wave = speechlike(hz)
    path.write_bytes(files.encode_flac(wave) if path.suffix == ".flac" else files.encode_wav(wave))
    return path


def put_json(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


def put_lines(path: Path, records: Sequence[Mapping[str, object]]) -> Path:
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
    return path

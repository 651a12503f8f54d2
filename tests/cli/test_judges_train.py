"""Heads trained on a layer of the ears' encoder are heard through that layer."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from s2s_arena.audio.files import write_flac
from s2s_arena.audio.waveform import Waveform
from s2s_arena.cli.main import app
from s2s_arena.compose import open_workspace


def run(*args: object, status: int = 0) -> str:
    result = CliRunner().invoke(app, [str(a) for a in args])
    assert result.exit_code == status, (args, result.stdout, result.stderr, result.exception)
    return result.stdout or result.stderr


@pytest.mark.local
def test_a_middle_layer_can_be_learnt_from_and_the_judge_hears_through_it(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    lines = []
    at = np.arange(8000) / 16_000
    for n in range(24):
        hz = 150.0 * 2 ** (n / 12)
        wave = 0.2 * np.sin(2 * np.pi * hz * at) + 0.01 * rng.standard_normal(at.size)
        write_flac(tmp_path / f"{n}.flac", Waveform(wave.astype(np.float32), 16_000))
        lines.append(json.dumps({"audio": f"{n}.flac", "height": n}))
    (tmp_path / "clips.jsonl").write_text("\n".join(lines))
    run("init", tmp_path / "w")
    train = ("judges", "train", f"height={tmp_path / 'clips.jsonl'}", "-w", tmp_path / "w", "--repeats", 1, "--json")
    (head,) = json.loads(run(*train, "--layer", 3))["heads"]
    assert head["figure"] > 0.8
    with open_workspace(tmp_path / "w") as arena:
        assert "whisper-layer/whisper-base/3/1; heads/" in arena.perception.identity
    assert "layer 9 given; it has 1 to 6" in run(*train, "--layer", 9, status=2)

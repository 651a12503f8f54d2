"""`suite build --noise-folder`: recorded backgrounds from the command line."""

import json

import numpy as np
import pytest

from s2s_arena.audio import files
from s2s_arena.audio.waveform import Waveform
from tests.build.review.worlds import talk
from tests.cli.test_suite_voices import programs, run, workspace
from tests.models import voice_programs

__all__ = ["programs", "workspace"]  # fixtures

SCRIPTS = """
domain = "social"

[[sample]]
id = "cafe"
level = "L2"
task = "emotion_recognition_and_expression"
language = "en"
script = "Can you hear me over there?"
background = { scene = "cafe", snr_db = 10 }
labels = { noise = "cafe" }
"""


@pytest.fixture
def noises(tmp_path):
    wave = Waveform(np.random.default_rng(1).normal(0, 0.1, 32_000).astype(np.float32), 16_000)
    (tmp_path / "noises" / "cafe").mkdir(parents=True)
    files.write_wav(tmp_path / "noises" / "cafe" / "one.wav", wave)
    return tmp_path / "noises"


def test_a_build_takes_backgrounds_from_a_folder(workspace, programs, noises, tmp_path):
    voice_programs.espeak(programs)
    scripts = tmp_path / "scripts.toml"
    scripts.write_text(SCRIPTS, encoding="utf-8")
    build = ("suite", "build", "-w", workspace, "--scripts", scripts, "--no-check", "--voices", "espeak-ng", "--json")
    unlicensed = run(*build, "--noise-folder", noises)
    assert unlicensed.exit_code == 2 and "give --noise-licence" in unlicensed.stderr
    assert run(*build, "--noise-category", "cafe=talk").exit_code == 2
    assert run(*build, "--noise-folder", noises, "--noise-category", "cafe").exit_code == 2
    built = run(*build, "--noise-folder", noises, "--noise-licence", "CC-BY-4.0")
    assert built.exit_code == 0, built.stderr
    assert "these scenes are made as usual" in built.stderr
    shown = json.loads(run("suite", "show", "cafe", "-w", workspace, "--json").stdout)
    assert shown["attributes"]["noise_source"] == "noises: cafe/one.wav"
    assert shown["provenance"]["licence"] == "CC-BY-4.0"


def test_dubbing_takes_backgrounds_from_a_folder_too(workspace, programs, noises, tmp_path):
    voice_programs.espeak(programs)
    (tmp_path / "scripts.toml").write_text(SCRIPTS, encoding="utf-8")
    scripts = ("--scripts", tmp_path / "scripts.toml", "--name", "trial")
    assert run("suite", "build", "-w", workspace, *scripts, "--no-check", "--voices", "espeak-ng").exit_code == 0
    place = tmp_path / "recordings"
    place.mkdir()
    files.write_wav(place / "one.wav", talk(600))
    head = "file,speaker,consent,consent_date,licence,sample,text,language\n"
    (place / "recordings.csv").write_text(head + "one.wav,p1,evaluation,2026-01-02,CC-BY-4.0,cafe,,en\n")
    dub = ("suite", "dub", place, "-w", workspace, "--suite", "trial", "--json")
    assert run(*dub, "--noise-licence", "CC0-1.0").exit_code == 2
    done = run(*dub, "--noise-folder", noises, "--noise-licence", "CC-BY-4.0")
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["replaced"] == ["cafe"]
    shown = json.loads(run("suite", "show", "cafe", "-w", workspace, "--json").stdout)
    assert shown["attributes"]["noise_source"] == "noises: cafe/one.wav"
    assert shown["attributes"]["speaker"] == "p1" and "voice_quality" not in shown["attributes"]

"""Scripts that cannot be spoken: one clear line with id, value and remedy, exit status 2, and nothing is built."""

import json
from pathlib import Path

import pytest

from tests.cli.test_suite_voices import programs, run, workspace
from tests.models import voice_programs

__all__ = ["programs", "workspace"]  # fixtures

HEAD = 'domain = "social"\n[[sample]]\nid = "x"\nlevel = "L2"\n'


def script(language: str, words: str, more: str = "") -> str:
    return f'{HEAD}language = "{language}"\nscript = "{words}"\n{more}\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (script("en", "word " * 61), "sample x: script has 61 words, 60 at most fit one turn; shorten it"),
        (script("zh", "好" * 121), "sample x: script has 121 characters, 120 at most"),
        (script("en", "😀 !!! ..."), "has nothing to speak; write words"),
        (script("en", "Hello", 'background = { scene = "cafe", snr_db = 90 }'), "background.snr_db 90; use -20..60 dB"),
        (script("en", "Hello", 'background = { scene = "moon", snr_db = 9 }'), "background.scene 'moon'; use one of"),
        (script("en", "Hello", "delivery = { rate = 9.0 }"), "delivery.rate 9; use 0.5..2"),
        (script("en", "Hello", 'delivery = { emphasis = ["blue"] }'), "'blue' is not in the script"),
        (script("xx", "Hello"), "language 'xx' is not a known BCP 47 tag"),
        (script("sw", "Hujambo"), "no voice speaks sw (voices: espeak-ng"),
        (script("zh", "今天好"), "no voice speaks zh (voices: espeak-ng"),
        (script("en", "你好吗"), "holds Chinese or Japanese, which espeak-ng's en voice cannot read"),
        (script("en", "Hello", "volume = 3"), "unknown key 'volume'"),
        ("domain [[", "not valid TOML"),
        ('domain = "social"\n', "no [[sample]] in them"),
        (script("en", "Hello") + script("en", "Again").removeprefix('domain = "social"\n'), "id 'x' is already taken"),
    ],
)
def test_a_script_that_cannot_be_spoken(workspace: Path, programs: Path, tmp_path: Path, text: str, says: str) -> None:
    voice_programs.espeak(programs)
    path = tmp_path / "bad.toml"
    path.write_text(text, encoding="utf-8")
    done = run("suite", "build", "-w", workspace, "--scripts", path, "--voices", "espeak-ng", "--no-check", "-q")
    assert done.exit_code == 2 and says in done.stderr and done.stderr.strip().count("\n") == 0, done.stderr
    assert json.loads(run("suite", "list", "-w", workspace, "--json").stdout) == []


def test_one_that_cannot_does_not_cost_the_others_their_speech(workspace: Path, programs: Path, tmp_path: Path) -> None:
    voice_programs.espeak(programs)
    path = tmp_path / "mixed.toml"
    good = script("en", "A quiet evening").replace('"x"', '"good"')
    path.write_text(good + script("en", "你好吗").removeprefix('domain = "social"\n'), encoding="utf-8")
    build = ("suite", "build", "-w", workspace, "--scripts", path, "--voices", "espeak-ng", "--no-check", "-q")
    done = run(*build)
    assert done.exit_code == 2 and "1 of 2 turns could not be spoken, the others are kept" in done.stderr
    path.write_text(good, encoding="utf-8")
    assert "0 turns spoken, 1 kept from before" in " ".join(run(*build).output.split())

"""Bad input gives one clear line and exit status 2, and loses nothing."""

import csv
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner, Result

from s2s_arena.cli.main import app


def run(*args: object) -> Result:
    return CliRunner().invoke(app, [str(a) for a in args])


def refused(result: Result, *says: str) -> None:
    """Exit status 2, one line on standard error that says it."""
    message = result.stderr.strip()
    assert result.exit_code == 2, (result.exit_code, result.output, result.exception)
    assert "\n" not in message, message
    for words in says:
        assert words in message


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    place = tmp_path / "w"
    assert run("init", place).exit_code == 0
    return place


def wav(path: Path, *, seconds: float = 0.5, hz: float = 300.0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    t = np.arange(int(16000 * seconds)) / 16000
    soundfile.write(path, 0.3 * np.sin(2 * np.pi * hz * t) * (1 + 0.5 * np.sin(2 * np.pi * 3 * t)) / 1.5, 16000)
    return path


def suites(workspace: Path) -> list[str]:
    result = run("suite", "list", "-w", workspace, "--json")
    return [line for line in result.stdout.splitlines() if '"suite"' in line]


def test_a_folder_without_a_workspace(tmp_path: Path) -> None:
    refused(run("rank", "-w", tmp_path), "no arena.toml", "run s2s-arena init")


def test_a_workspace_without_suites_or_votes(workspace: Path) -> None:
    refused(run("suite", "stats", "-w", workspace), "no suite yet", "suite build")
    refused(run("rank", "-w", workspace), "nothing judged yet", "s2s-arena judge")


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("missing", None, "missing"),
        ("empty.wav", b"", "empty"),
        ("text.wav", b"this is no audio at all, but a plain text file", "text.wav"),
    ],
)
def test_audio_that_is_none(workspace: Path, tmp_path: Path, name: str, content: bytes | None, says: str) -> None:
    wav(tmp_path / "in" / "sing" / "good.wav")
    path = tmp_path / "in" / "sing" / name
    if content is not None:
        path.write_bytes(content)
        refused(run("suite", "import", tmp_path / "in", "-q", "-w", workspace), says)
    else:
        refused(run("suite", "import", tmp_path / "nowhere", "-q", "-w", workspace), "nowhere")
    assert suites(workspace) == []


def test_truncated_audio(workspace: Path, tmp_path: Path) -> None:
    path = wav(tmp_path / "in" / "sing" / "cut.wav")
    path.write_bytes(path.read_bytes()[:5000])
    refused(run("suite", "import", tmp_path / "in", "-q", "-w", workspace), "cut.wav")


def test_samples_that_are_not_numbers(workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "in" / "sing").mkdir(parents=True)
    samples = np.full(16000, np.nan, dtype=np.float32)
    soundfile.write(tmp_path / "in" / "sing" / "nan.wav", samples, 16000, subtype="FLOAT")
    refused(run("suite", "import", tmp_path / "in", "-q", "-w", workspace), "nan.wav", "finite")


def test_ten_hours_are_refused_from_the_header(workspace: Path, tmp_path: Path) -> None:
    path = tmp_path / "in" / "sing" / "long.flac"
    path.parent.mkdir(parents=True)
    with soundfile.SoundFile(path, "w", 8000, 1) as file:
        second = np.zeros(8000 * 60, dtype=np.int16)
        for _ in range(600):
            file.write(second)
    refused(run("suite", "import", tmp_path / "in", "-q", "-w", workspace), "long.flac")


def table(path: Path, *rows: dict[str, str]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"level": "L7"}, "L7"),
        ({"language": "klingonese"}, "klingonese"),
        ({"id": "one"}, "one"),
        ({"audio": "nowhere.wav"}, "nowhere.wav"),
    ],
)
def test_a_row_that_breaks_a_rule_keeps_the_whole_table_out(
    workspace: Path, tmp_path: Path, change: dict[str, str], says: str
) -> None:
    for name in ("a", "b"):
        wav(tmp_path / f"{name}.wav")
    good = {"id": "one", "audio": "a.wav", "text": "hello", "language": "en", "level": "L1"}
    bad = good | {"id": "two", "audio": "b.wav"} | change
    refused(run("suite", "import", table(tmp_path / "t.csv", good, bad), "-q", "-w", workspace), says)
    assert suites(workspace) == []


def test_skipping_what_is_bad_keeps_the_rest_and_lists_it(workspace: Path, tmp_path: Path) -> None:
    wav(tmp_path / "in" / "sing" / "good.wav")
    (tmp_path / "in" / "sing" / "bad.wav").write_bytes(b"")
    result = run("suite", "import", tmp_path / "in", "-w", workspace, "--skip-bad")
    assert result.exit_code == 0
    assert "bad.wav" in result.stderr
    assert len(suites(workspace)) == 1


def test_a_card_with_a_typo_is_named_with_its_line(workspace: Path) -> None:
    (workspace / "cards" / "systems" / "mine.toml").write_text('title = "Mine"\nmodle = "echo"\n', encoding="utf-8")
    refused(run("systems", "show", "mine", "-w", workspace), "mine.toml:2", "unknown key 'modle'", "'model'")


def test_a_system_nobody_knows(workspace: Path, tmp_path: Path) -> None:
    wav(tmp_path / "in" / "sing" / "a.wav")
    run("suite", "import", tmp_path / "in", "-q", "-w", workspace)
    refused(run("answer", "-w", workspace, "--systems", "nobody"), "nobody", "no such card")


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"system_a": "x", "system_b": "x", "winner": "x"}, "itself"),
        ({"system_a": "x", "system_b": "y", "winner": "z"}, "z"),
        ({"system_a": "x", "system_b": "y", "winner": "tie"}, "tie"),
    ],
)
def test_votes_that_no_board_can_count(tmp_path: Path, row: dict[str, str], says: str) -> None:
    good = {"system_a": "x", "system_b": "y", "winner": "x"}
    refused(run("rank", "--matches", table(tmp_path / "m.csv", good, row)), "row 2", says)


def test_a_workspace_of_a_newer_schema(workspace: Path) -> None:
    with sqlite3.connect(workspace / "arena.db") as database:
        database.execute("update arena_schema set version_num = '9999'")
    refused(run("suite", "list", "-w", workspace), "9999")


def test_a_database_that_is_none(workspace: Path) -> None:
    (workspace / "arena.db").write_bytes(b"a letter to my aunt" * 100)
    refused(run("suite", "list", "-w", workspace), "arena.db")


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    refused(run("init", tmp_path / "file"), "it is a file")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1.5 MB where the machine lets us mount one; elsewhere a limit on the size of files does as well."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1500k", "tmpfs", place], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no disk can be mounted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


def test_a_full_disk_and_a_read_only_folder_say_so_and_lose_nothing(small_disk: Path, tmp_path: Path) -> None:
    workspace = small_disk / "w"
    assert run("init", workspace).exit_code == 0
    wav(tmp_path / "few" / "hello.wav")
    assert run("suite", "import", tmp_path / "few", "-w", workspace).exit_code == 0
    for n in range(8):
        path = tmp_path / "many" / f"{n}.wav"
        path.parent.mkdir(exist_ok=True)
        soundfile.write(path, np.random.default_rng(n).uniform(-0.5, 0.5, 160_000), 16000)
    full = run("suite", "import", tmp_path / "many", "-w", workspace)
    assert full.exit_code == 2
    assert "No space left on device" in full.stderr.splitlines()[-1]
    assert "free some space" in full.stderr.splitlines()[-1]
    assert len(suites(workspace)) == 1
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    refused(run("suite", "import", tmp_path / "many", "-w", workspace), "cannot be written", "make its folder writable")
    subprocess.run(["mount", "-o", "remount,rw,size=20m", small_disk], check=True)
    assert run("suite", "import", tmp_path / "many", "-w", workspace).exit_code == 0
    assert len(suites(workspace)) == 2


def test_a_command_line_with_a_wrong_word(workspace: Path) -> None:
    assert run("rank", "-w", workspace, "--format", "yaml").exit_code == 2
    assert run("demo", "--quick", "--full").exit_code == 2
    assert run("nosuch").exit_code == 2

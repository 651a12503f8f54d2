"""From a folder of recordings to a published suite and a withdrawal, by the commands alone."""

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from s2s_arena.audio import files
from s2s_arena.cli.main import app

from ..build.review.worlds import refill, talk


def run(*args: object) -> Result:
    return CliRunner().invoke(app, [str(a) for a in args])


def done(*args: object) -> Result:
    result = run(*args)
    assert result.exit_code == 0, (result.stderr, result.exception)
    return result


def printed(*args: object) -> dict:
    return json.loads(done(*args, "--json").stdout)


def refused(result: Result, *says: str) -> None:
    message = result.stderr.strip()
    assert result.exit_code == 2, (result.exit_code, result.output, result.exception)
    assert "\n" not in message, message
    for words in says:
        assert words in message


def recordings(place: Path, *, licence: str = "CC-BY-4.0") -> Path:
    place.mkdir()
    with (place / "recordings.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("file", "speaker", "consent", "consent_date", "licence", "text", "level", "emotion"))
        for n in range(8):
            files.write_wav(place / f"r{n}.wav", talk(150 + 20 * n))
            allowed = "evaluation;third_party_processing;publication"
            row = (f"r{n}.wav", f"p{n % 2}", allowed, "2026-05-05", licence, f"This is clip {n}", f"L{n % 4 + 1}")
            writer.writerow((*row, ("sad", "happy")[n // 4]))
    return place


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    place = tmp_path / "w"
    done("init", place)
    done("suite", "import", recordings(tmp_path / "rec"), "-w", place, "--name", "mine", "--language", "en", "-q")
    return place


def reviewed(workspace: Path, tmp_path: Path) -> dict:
    """Four people keep all but r3, about which they are of two minds."""
    done("suite", "review", "-w", workspace, "--no-ears", "-q")
    done("suite", "review", "-w", workspace, "--forms", tmp_path / "forms", "--people", "a,b,c,d")
    filled = []
    for name in "abcd":
        form = tmp_path / "forms" / f"{name}.csv"
        doubts = name in "ab"
        refill(
            form,
            decision=lambda r, doubts=doubts: "discard" if doubts and r["sample"] == "r3" else "keep",
            reason=lambda r, doubts=doubts: "mismatch" if doubts and r["sample"] == "r3" else "",
        )
        filled += ["--filled", form]
    return printed("suite", "review", "-w", workspace, *filled)


def test_people_review_and_the_majority_is_frozen(workspace: Path, tmp_path: Path) -> None:
    state = reviewed(workspace, tmp_path)
    assert (state["samples"], state["reviewed"], state["frozen"]) == (8, 8, False)
    assert state["agreement"]["percent"]["value"] == pytest.approx((7 + 1 / 3) / 8)
    frozen = printed("suite", "review", "-w", workspace, "--freeze")
    assert (frozen["samples"], list(frozen["discarded"])) == (7, ["r3"])
    assert printed("suite", "review", "-w", workspace, "--no-ears")["frozen"]


def test_an_unreviewed_suite_does_not_freeze_and_is_not_published(workspace: Path, tmp_path: Path) -> None:
    refused(run("suite", "review", "-w", workspace, "--freeze"), "no automatic review", "suite review")
    refused(run("suite", "publish", tmp_path / "p", "-w", workspace), "no review is recorded", "--freeze", "--draft")
    done("suite", "review", "-w", workspace, "--no-ears", "-q")
    refused(run("suite", "review", "-w", workspace, "--freeze"), "fewer than 4 reviewers", "--filled")


def test_cues_are_identified_blindly(workspace: Path, tmp_path: Path) -> None:
    done("suite", "review", "-w", workspace, "--forms", tmp_path / "forms", "--people", "x,y,z", "--identify")
    filled = []
    for name in "xyz":
        filled += ["--filled", refill(tmp_path / "forms" / f"{name}-identify.csv", answer="sad")]
    [cue] = printed("suite", "review", "-w", workspace, "--identify", *filled)["identified"]
    assert cue["cue"] == "emotion" and cue["by_majority"]["value"] == 0.5 and cue["by_majority"]["cases"] == 8


def test_levels_and_attributes_are_verified_beside_the_paper(workspace: Path, tmp_path: Path) -> None:
    done("suite", "verify", "-w", workspace, "--forms", tmp_path / "forms", "--per-level", "1")
    form = refill(tmp_path / "forms" / "verifier1-verify.csv", level_right="yes", attributes_right="no")
    found = printed("suite", "verify", "-w", workspace, "--filled", form)
    level, attributes = found["questions"]
    assert (level["share"]["value"], level["share"]["cases"], level["paper"]["value"]) == (1.0, 4, 0.9)
    assert (attributes["share"]["value"], attributes["paper"]["value"]) == (0.0, 0.93)
    assert "verification of suite mine" in done("suite", "verify", "-w", workspace).stdout


def test_a_suite_is_published_comes_back_and_loses_a_speaker(workspace: Path, tmp_path: Path) -> None:
    done("suite", "review", "-w", workspace, "--no-ears", "-q")
    frozen = printed("suite", "review", "-w", workspace, "--freeze", "--reviewers", "0")
    out = printed("suite", "publish", tmp_path / "mine", "-w", workspace)
    assert (out["licence"], out["files"][0]["rows"]) == ("CC-BY-4.0", 8)
    done("init", tmp_path / "other")
    back = printed("suite", "import", tmp_path / "mine", "-w", tmp_path / "other")
    assert (back["suite"], back["hash"], back["samples"]) == ("mine", frozen["hash"], 8)
    gone = printed("suite", "withdraw", "p1", "-w", workspace)
    assert (gone["erased"], len(gone["samples"])) == (4, 4)
    assert len(list((workspace / "audio" / "originals").iterdir())) == 4
    assert printed("suite", "show", "-w", workspace)["hash"] == gone["suites"][0]["hash"]
    done("verify", "-w", workspace, "-q")
    refused(run("suite", "withdraw", "p9", "-w", workspace), "speaker 'p9'", "known speakers: p0, p1")


def test_recordings_of_unknown_licence_are_not_published(tmp_path: Path) -> None:
    place = tmp_path / "w"
    done("init", place)
    done("suite", "import", recordings(tmp_path / "rec", licence=""), "-w", place, "--language", "en", "-q")
    refused(run("suite", "publish", tmp_path / "p", "-w", place, "--draft"), "'unknown' is unknown", "--licence")


def test_recordings_take_the_place_of_a_suites_voices(workspace: Path, tmp_path: Path) -> None:
    place = recordings(tmp_path / "dubs")
    made = printed("suite", "dub", place, "-w", workspace, "-s", "mine")
    assert len(made["replaced"]) == 8 and made["suite"] == "mine" and "-dubbed-" in made["version"]


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("review", "--filled", "no.csv"), "no.csv: cannot be read"),
        (("review", "--forms", "f", "--form-format", "xlsx"), "--form-format xlsx: not known"),
        (("verify", "--forms", "f", "--split", "train"), "--split train: not known; one of seed, augment"),
        (("verify", "--forms", "f", "--split", "augment"), "no sample has a level"),
    ],
)
def test_wrong_options_are_named(workspace: Path, args: tuple[str, ...], says: str) -> None:
    refused(run("suite", args[0], "-w", workspace, *args[1:]), says)

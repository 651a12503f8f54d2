"""Files of votes from the command line: ranked, compared, imported, with every rejected row accounted for."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from s2s_arena.cli.main import app


def run(*args: object) -> Result:
    return CliRunner().invoke(app, [str(a) for a in args])


@pytest.fixture
def crowd(tmp_path: Path) -> Path:
    path = tmp_path / "crowd.csv"
    path.write_text(
        "left,right,winner,worker,prompt\nx,y,left,p,1\nx,x,left,p,1\nx,y,tie,q,1\ny,x,left,q,2\nx,y,y,p,2\n",
        encoding="utf-8",
    )
    return path


def test_rank_counts_what_it_left_out_and_lists_rejected_rows(crowd: Path, tmp_path: Path) -> None:
    out = tmp_path / "rejected.csv"
    result = run("rank", "--matches", crowd, "--format", "json", "--bootstraps", 20, "--rejected", out)
    board = json.loads(result.stdout)
    assert (board["matches"], board["unrated"]) == (3, {"tie": 1})
    assert [r["row"] for r in board["source"]["rejected"]] == [2]
    assert "1 of 5 rows rejected (row 2: x is matched with itself" in result.stderr
    assert "1 tie left out of the ratings; --ties half or davidson" in result.stderr
    with out.open(encoding="utf-8", newline="") as file:
        assert [(r["row"], r["given"]) for r in csv.DictReader(file)] == [("2", "x | x | left")]


def test_ties_are_worth_what_the_user_says(crowd: Path) -> None:
    half = json.loads(run("rank", "--matches", crowd, "-f", "json", "--ties", "half", "--bootstraps", 20).stdout)
    assert (half["matches"], half["unrated"]) == (4, {})
    refused = run("rank", "--matches", crowd, "--ties", "refuse")
    assert (refused.exit_code, "crowd.csv row 3: winner 'tie'" in refused.stderr) == (2, True)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (("--ties", "sometimes"), "--ties sometimes: not known"),
        (("--ties", "drop", "--allow-ties"), "contradicts --allow-ties"),
        (("--input-format", "chess"), "--input-format chess: not known"),
        (("--columns", "winner"), "--columns winner: not understood"),
        (("--level-scheme", "v3"), "--level-scheme v3: not known"),
        (("--bad-rows", "eat"), "--bad-rows eat: not known"),
    ],
)
def test_wrong_options_are_one_line(crowd: Path, given: tuple[str, ...], says: str) -> None:
    result = run("rank", "--matches", crowd, *given)
    assert result.exit_code == 2
    assert says in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_judges_of_a_crowd_are_compared(crowd: Path) -> None:
    made = json.loads(run("agree", "--matches", crowd, "--json").stdout)
    (pair,) = made["pairs"]
    assert (pair["one"], pair["other"], pair["agreement"]["cases"]) == ("p", "q", 2)
    assert made["alpha"]["cases"] == 2
    assert len(made["source"]["rejected"]) == 1


def test_votes_are_imported_ranked_and_imported_again(crowd: Path, tmp_path: Path) -> None:
    place = tmp_path / "w"
    run("init", place)
    made = json.loads(run("import", "votes", crowd, "-w", place, "--json").stdout)
    assert (made["votes"], made["new"], made["left_out"]) == (4, 4, {"rejected": 1})
    board = json.loads(run("rank", "-w", place, "-f", "json").stdout)
    assert (board["matches"], [s["system"] for s in board["systems"]]) == (4, ["y", "x"])
    again = json.loads(run("import", "votes", "table", crowd, "-w", place, "--json").stdout)
    assert (again["votes"], again["new"]) == (4, 0)
    assert run("import", "votes", "chess", crowd, "-w", place).exit_code == 2


def test_ranking_a_file_opens_no_store(crowd: Path) -> None:
    code = (
        "import sys; from s2s_arena.cli.main import app\n"
        f"app(['rank', '--matches', {str(crowd)!r}, '--bootstraps', '5'], standalone_mode=False)\n"
        "heavy = {'sqlalchemy', 'matplotlib', 'scipy.stats', 'jinja2'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_json_says_what_the_board_can_bear(crowd: Path) -> None:
    given = ("rank", "--matches", crowd, "--json", "--bootstraps", 120, "--plan-more", "--raters", "--ties", "davidson")
    made = json.loads(run(*given).stdout)["analysis"]
    assert set(made) == {"insight", "loops", "ties", "more", "crowd", "style", "factors", "powered"}
    assert set(made["insight"]["first"]) == set(made["insight"]["letters"]) == {"x", "y"}
    assert (made["ties"]["ties"], [plan["better"] for plan in made["more"]]) == (1, ["y"])
    assert {rater["judge"] for rater in made["crowd"]["raters"]} == {"p", "q"}
    brief = json.loads(run("rank", "--matches", crowd, "--json", "--bootstraps", 20, "--brief").stdout)
    assert brief["analysis"] is None


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (("--style-control",), "no length, loudness, silence or pace is known"),
        (("--factors",), "rank a workspace (-w), not a file"),
        (("--weights", "inverse-probability"), "do not say with which probability"),
        (("--weights", "heavy"), "--weights heavy: not known"),
        (("--anchor", "p"), "--anchor and --cheap go together"),
        (("--anchor", "p", "--cheap", "nobody"), "judge nobody: no rated votes; judges with votes: p, q"),
        (("--clusters", "moon"), "no column moon"),
        (("--elo-within", "0"), "--elo-within 0.0: above 0 points needed"),
        (("--judge", "nobody"), "judge nobody: no rows; judges with rows: p, q"),
    ],
)
def test_what_a_file_cannot_give_is_one_line(crowd: Path, given: tuple[str, ...], says: str) -> None:
    result = run("rank", "--matches", crowd, "--bootstraps", 20, *given)
    assert result.exit_code == 2, result.output
    assert says in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_a_cheap_judge_sharpens_people_from_the_command_line(tmp_path: Path) -> None:
    rows = ["system_a,system_b,winner,judge,sample"]
    for i in range(60):
        better = "x" if i % 3 else "y"
        rows.append(f"x,y,{better},model,{i}")
        if i < 20:
            rows.append(f"y,x,{better if i % 5 else 'x'},ann,{i}")
    path = tmp_path / "both.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    made = json.loads(run("rank", "--matches", path, "--json", "--anchor", "ann", "--cheap", "model").stdout)
    powered = made["analysis"]["powered"]
    assert (powered["matches"], powered["votes"], powered["anchor"]) == (60, 20, ["ann"])
    assert set(powered["systems"]["x"]) == {"rating", "low", "high"}
    table = run("rank", "--matches", path, "--anchor", "ann", "--cheap", "model").stdout
    assert "the board of ann, sharpened by model" in table
    assert "20 votes of people on 60 matches of model are worth" in table

"""`suite stats`: the paper's tables, task clusters and duplicates of a suite or of scripts."""

import json

import pytest
from typer.testing import CliRunner

from s2s_arena.cli.main import app


def stats(*options):
    return CliRunner().invoke(app, ["suite", "stats", *(str(o) for o in options)])


def test_the_seed_suite_is_the_papers_table_8():
    told = json.loads(stats("--scripts", "seed", "--json").stdout)
    assert told["samples"] == 293 and told["levels"] == {"L1": 32, "L2": 81, "L3": 80, "L4": 100}
    singing = {"domain": "entertainment", "task": "singing", "L1": 0, "L2": 3, "L3": 5, "L4": 2, "total": 10}
    assert singing in told["tasks"] and len(told["tasks"]) == 19
    assert sum(told["language_levels"]["en"].values()) == told["languages"]["en"]


@pytest.mark.local
def test_task_clusters_have_a_figure(tmp_path):
    figure = tmp_path / "tasks.svg"
    told = json.loads(stats("--scripts", "seed", "--figure", figure, "--duplicates", "--json").stdout)
    assert figure.stat().st_size > 5000 and told["near_duplicates"] == []
    names = told["task_names"]
    assert 3 <= names["k"] <= 30 and sum(len(c["tasks"]) for c in names["clusters"]) == len(names["merged"])
    shown = stats("--scripts", "seed", "--tasks")
    assert shown.exit_code == 0 and "clusters (mean silhouette" in shown.stdout


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--scripts", "seed", "--figure", "tasks.gif"], "give a name that ends in .svg or .png"),
        (["--scripts", "nowhere"], "no such file or folder"),
    ],
)
def test_bad_input_ends_with_one_line_and_status_2(options, told):
    done = stats(*options)
    assert done.exit_code == 2 and told in done.stderr

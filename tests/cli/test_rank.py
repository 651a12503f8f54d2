"""`rank` orders by what the workspace says, unless the command line says otherwise."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from s2s_arena.cli.main import app
from s2s_arena.compose import open_workspace
from s2s_arena.store.kinds import KINDS
from tests.worlds import small_study


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    place = tmp_path / "w"
    assert CliRunner().invoke(app, ["init", str(place)]).exit_code == 0
    (place / "arena.toml").write_text('[rank]\nmethod = "elo"\nbootstraps = 20\n', encoding="utf-8")
    world = small_study()
    with open_workspace(place) as arena:
        for kind in KINDS:
            arena.store.put(*world.store.all(kind.record))
        arena.store.append(*world.store.events())
    return place


@pytest.mark.parametrize(
    ("given", "expected"), [([], ("elo", 20)), (["--method", "bt", "--bootstraps", "30"], ("bt", 30))]
)
def test_the_workspace_says_how_to_rank_and_an_option_overrides_it(
    workspace: Path, given: list[str], expected: tuple[str, int]
) -> None:
    result = CliRunner().invoke(app, ["rank", "-w", str(workspace), "--format", "json", *given])
    board = json.loads(result.stdout)
    assert (board["method"], board["bootstraps"]) == expected


def test_ranking_a_file_loads_nothing_that_it_does_not_need(tmp_path: Path) -> None:
    file = tmp_path / "votes.csv"
    file.write_text("system_a,system_b,winner\n" + "a,b,a\na,b,b\nb,c,b\nc,a,c\n" * 5, encoding="utf-8")
    heavy = (
        "rich",
        "scipy",
        "numba",
        "sqlalchemy",
        "jinja2",
        "matplotlib",
        "s2s_arena.compose",
        "s2s_arena.boards.crowd",
    )
    code = (
        "import sys; from s2s_arena.cli.main import app\n"
        f"try: app(['rank', '--matches', {str(file)!r}])\n"
        f"finally: print('loaded:', [name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert "20 matches" in done.stdout
    assert "loaded: []" in done.stdout

from pathlib import Path

import pytest

from s2s_arena.errors import WorkspaceError
from s2s_arena.records.studies import Outcome, Sampler
from s2s_arena.workspace.config import Config, load
from s2s_arena.workspace.layout import create, find


def loaded(folder: Path, text: str) -> Config:
    path = folder / "arena.toml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def test_a_new_workspace_has_the_defaults(tmp_path: Path) -> None:
    layout = create(tmp_path / "new")
    config = load(layout.config)
    assert config.workspace.name == "new"
    assert config.study.rules().outcomes == (Outcome.FIRST, Outcome.SECOND)


def test_every_commented_default_is_the_default(tmp_path: Path) -> None:
    layout = create(tmp_path / "new")
    lines = layout.config.read_text(encoding="utf-8").splitlines()
    spoken = [
        line.removeprefix("# ").partition("   #")[0] if line.startswith("# ") and " = " in line else line
        for line in lines
    ]
    assert loaded(tmp_path, "\n".join(spoken)) == load(layout.config)


def test_creating_twice_changes_nothing(tmp_path: Path) -> None:
    layout = create(tmp_path / "new")
    layout.config.write_text('[workspace]\nname = "kept"\n', encoding="utf-8")
    assert load(create(tmp_path / "new").config).workspace.name == "kept"


def test_a_folder_with_other_things_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("precious")
    with pytest.raises(WorkspaceError, match="not empty"):
        create(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_folder_that_is_no_workspace_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="run s2s-arena init"):
        find(tmp_path)


def test_what_is_set_is_used(tmp_path: Path) -> None:
    config = loaded(
        tmp_path, '[study]\nsampler = "d-optimal"\noutcomes = ["first", "second", "tie"]\nround_size = 5\nfloor = 3\n'
    )
    assert config.study.sampling().sampler is Sampler.D_OPTIMAL
    assert (config.study.sampling().round_size, config.study.sampling().floor) == (5, 3)
    assert Outcome.TIE in config.study.rules().outcomes


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[study]\nround_sizes = 5\n", r":2: unknown key 'study.round_sizes'; did you mean 'round_size'"),
        ('[study]\nround_size = "many"\n', r":2: key 'study.round_size'"),
        ("[study]\nround_size = 0\n", "round_size is 0; at least 1"),
        ("[study]\nfloor = -1\n", "floor is -1; 0 or more"),
        ("[study]\nuniform_mix = 2.0\n", "uniform_mix is 2.0; 0..1"),
        ('[study]\norders = "three"\n', "orders is 'three'; one or both"),
        ('[study]\noutcomes = ["tie"]\n', "lacks first or second"),
        ('[study]\noutcomes = ["first", "draw"]\n', r":2: key 'study.outcomes"),
        ("[study\n", "not TOML"),
        ('[rank]\nmethod = "glicko"\n', "rank.method is 'glicko'; bt or elo"),
    ],
)
def test_a_wrong_configuration_is_refused_with_its_place(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(WorkspaceError, match=says) as caught:
        loaded(tmp_path, text)
    assert "\n" not in str(caught.value)

"""An open workspace finds the study that is meant."""

from pathlib import Path

import pytest

from s2s_arena.compose import open_workspace
from s2s_arena.errors import WorkspaceError
from s2s_arena.records.identity import StudyName, SuiteHash, SuiteName, SystemName
from s2s_arena.records.studies import Study
from s2s_arena.workspace.layout import create


def study(name: str, revision: int = 0) -> Study:
    systems = (SystemName("a"), SystemName("b"))
    return Study(
        name=StudyName(name), suite=SuiteName("s"), suite_hash=SuiteHash("0" * 64), systems=systems, revision=revision
    )


def test_without_a_name_the_default_study_is_meant_or_else_the_only_one(tmp_path: Path):
    create(tmp_path / "w")
    with open_workspace(tmp_path / "w") as arena:
        with pytest.raises(WorkspaceError, match="nothing judged yet"):
            arena.study()
        arena.store.put(study("pilot"), study("pilot", 1))
        assert arena.study() == study("pilot", 1)
        arena.store.put(study("again"))
        with pytest.raises(WorkspaceError, match="--study: again, pilot"):
            arena.study()
        arena.store.put(study("default"))
        assert arena.study().name == "default"

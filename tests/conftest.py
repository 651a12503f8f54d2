"""Fixtures shared by all tests."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real speech, votes and ratings for development; tests skip where it is absent."""
    given = os.environ.get("S2S_ARENA_SHARED")
    folder = Path(given) if given else Path(__file__).resolve().parents[2] / "shared"
    if not (folder / "data").is_dir():
        pytest.skip("shared data absent")
    return folder / "data"

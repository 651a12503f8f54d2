"""Worlds that are closed after each test."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.serve.worlds import World, world


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., World]]:
    """Makes worlds."""
    made: list[World] = []

    def build(**fields: Any) -> World:
        folder = tmp_path / f"w{len(made)}"
        folder.mkdir()
        made.append(world(folder, **fields))
        return made[-1]

    yield build
    for one in made:
        one.close()

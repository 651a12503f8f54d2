import pytest

from tests.worlds import World, small_study


@pytest.fixture(scope="module")
def world() -> World:
    return small_study()

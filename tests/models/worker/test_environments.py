"""A worker's environment is made from its requirements, once; one that cannot be made is named."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from s2s_arena.errors import MissingError
from s2s_arena.models import registry
from s2s_arena.models.worker import sdk
from s2s_arena.protocols import Request
from s2s_arena.testing.sound import tone

TELLS = f"""
import shutil, sys
sys.path.insert(0, {str(Path(sdk.__file__).parent)!r})
from sdk import serve
def answer(speech, *, out, **_):
    shutil.copy(speech, out)
    return {{"text": sys.prefix}}
serve(answer, name="tells", version="1")
"""


@pytest.fixture
def prefix(tmp_path):
    """Where a worker with these requirements runs."""

    def ask(requirements, **settings):
        (tmp_path / "tells.py").write_text(TELLS)
        (tmp_path / "requirements.txt").write_text(requirements)
        parts = SimpleNamespace(folder=tmp_path, cache=tmp_path / "cache")
        worker = registry.build("worker", {"file": "tells.py", "requirements": "requirements.txt", **settings}, parts)
        try:
            return worker.answer(Request(speech=tone(), sample="s")).text
        finally:
            worker.close()

    return ask


@pytest.mark.slow
def test_it_is_made_once_and_used_again(prefix, tmp_path):
    where = prefix("# nothing\n")
    assert where.startswith(str(tmp_path / "cache" / "workers"))
    made = (Path(where) / "pyvenv.cfg").stat().st_mtime_ns
    assert prefix("# nothing\n") == where
    assert (Path(where) / "pyvenv.cfg").stat().st_mtime_ns == made


def test_an_environment_that_cannot_be_made_is_named(prefix):
    with pytest.raises(
        MissingError, match=r"worker environment of .*requirements\.txt: status 1; mend it and run again"
    ):
        prefix("# nothing\n", python="false")

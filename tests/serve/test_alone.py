"""A second server on a workspace is refused in one line, and the lock ends with the first one, however it ends."""

import multiprocessing
import os

import pytest

from s2s_arena.errors import WorkspaceError
from s2s_arena.serve.alone import alone


def test_a_second_one_is_refused_and_told_who_the_first_is(tmp_path):
    with alone(tmp_path, doing="a server on http://127.0.0.1:8765"):
        with pytest.raises(WorkspaceError) as refused, alone(tmp_path, doing="another"):
            pass
        said = str(refused.value)
        assert f"process {os.getpid()}, a server on http://127.0.0.1:8765" in said
        assert "\n" not in said
    with alone(tmp_path, doing="another"):
        pass


def hold(root, ready):
    with alone(root, doing="a server"):
        ready.set()
        multiprocessing.Event().wait(60)


def test_a_killed_server_leaves_no_lock(tmp_path):
    context = multiprocessing.get_context("fork")
    ready = context.Event()
    first = context.Process(target=hold, args=(tmp_path, ready), daemon=True)
    first.start()
    assert ready.wait(30)
    with pytest.raises(WorkspaceError, match=f"process {first.pid}"), alone(tmp_path, doing="another"):
        pass
    first.kill()
    first.join()
    with alone(tmp_path, doing="another"):
        pass

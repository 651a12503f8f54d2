"""Clusters of task names: found where they are, with the silhouette that scikit-learn computes."""

import numpy as np
import pytest

from s2s_arena.build.tasks.clusters import FEWEST, MOST, clustered, silhouette
from s2s_arena.build.tasks.figure import draw, write

pytestmark = pytest.mark.local

GROUPS = {
    "whisper": ["quiet whisper reply", "quiet whisper secret", "a quiet whisper", "quiet whisper indoors"],
    "poem": ["poem recital", "poem recital outside", "short poem recital", "poem recital again"],
    "song": ["humming a song", "humming old song", "song humming", "loud song humming"],
    "joke": ["dry joke timing", "joke timing", "better joke timing", "joke timing first"],
    "诗": ["古诗", "古诗词", "写古诗", "读古诗"],
}
NAMES = [name for group in GROUPS.values() for name in group]


@pytest.fixture(scope="module")
def found():
    return clustered(NAMES, seed=1)


def test_groups_that_share_a_word_are_found_and_named_by_it(found):
    assert len(found.clusters) == 5
    groups = {frozenset(NAMES[i] for i in one.members): one.terms for one in found.clusters}
    assert set(groups) == {frozenset(group) for group in GROUPS.values()}
    assert all(word in groups[frozenset(group)] for word, group in GROUPS.items())


def test_k_has_the_best_silhouette_of_those_tried(found):
    assert list(found.silhouettes) == list(range(FEWEST, min(MOST, len(NAMES) - 1) + 1))
    assert max(found.silhouettes, key=found.silhouettes.get) == 5


def test_the_same_seed_gives_the_same_clusters(found):
    assert clustered(NAMES, seed=1) == found


def test_the_silhouette_is_scikit_learns():
    metrics = pytest.importorskip("sklearn.metrics", reason="extra 'local' not installed")
    rng = np.random.default_rng(3)
    points = rng.normal(size=(60, 4)).astype(np.float32)
    distances = np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2))
    for k in (2, 7, 59):
        labels = np.concatenate([np.arange(k), rng.integers(0, k, 60 - k)]).astype(np.int32)
        expected = metrics.silhouette_score(distances, labels, metric="precomputed")
        assert silhouette(distances, labels) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("names", [[], ["one"], ["a b", "c d", "e f"], ["!", "?", ".", ","]])
def test_too_few_names_have_no_clusters(names):
    assert clustered(names) is None


def test_the_number_is_chosen_on_a_sample_and_all_names_get_a_cluster(monkeypatch):
    monkeypatch.setattr("s2s_arena.build.tasks.clusters.SAMPLE", 12)
    found = clustered(NAMES, seed=1)
    assert found.sampled == 12
    assert sorted(i for one in found.clusters for i in one.members) == list(range(len(NAMES)))


def test_the_figure_names_every_cluster(found, tmp_path):
    figure = draw(found, title="20 task names")
    labels = [text.get_text() for text in figure.axes[1].get_yticklabels()]
    assert len(labels) == 5 and any("whisper" in label for label in labels)
    for name in ("clusters.svg", "clusters.png"):
        write(found, tmp_path / "new" / name, title="20 task names")
    assert "古" in (tmp_path / "new" / "clusters.svg").read_text(encoding="utf-8")
    assert (tmp_path / "new" / "clusters.png").read_bytes().startswith(b"\x89PNG")

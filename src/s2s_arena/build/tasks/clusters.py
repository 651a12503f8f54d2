"""Task names in clusters: TF-IDF of single words and pairs, k-means, k by the best silhouette (paper)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from s2s_arena.errors import MissingError

FEWEST, MOST = 3, 30
"""Numbers of clusters that are tried (paper)."""

SAMPLE = 5000
"""Most names on which the number is chosen (paper)."""

MAX_TERMS = 20_000
_TOKEN = r"(?u)[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+"
_TERMS_SHOWN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Names that share words.

    Attributes:
        terms: The weightiest words and pairs, at most four.
        members: Indices of its names, ascending.
    """

    terms: tuple[str, ...]
    members: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clustering:
    """All clusters, the largest first.

    Attributes:
        clusters: Every name is in one; none is empty.
        silhouettes: Mean silhouette, -1..1, by number of clusters tried.
        sampled: Names on which the number was chosen.
    """

    clusters: tuple[Cluster, ...]
    silhouettes: Mapping[int, float]
    sampled: int


def clustered(names: Sequence[str], *, seed: int = 0) -> Clustering | None:
    """Clusters of task names; None if there are fewer than four, or all say the same.

    Args:
        names: Normalised, distinct names.
        seed: Of the sample and of k-means: the same names and seed give the same clusters.

    Raises:
        MissingError: scikit-learn is not installed (extra `local`).
    """
    cluster, text = _sklearn()
    if len(names) <= FEWEST:
        return None
    vectorizer = text.TfidfVectorizer(ngram_range=(1, 2), token_pattern=_TOKEN, max_features=MAX_TERMS)
    try:
        vectors = vectorizer.fit_transform(names)
    except ValueError:  # no name has a word
        return None
    rng = np.random.default_rng(seed)
    chosen = np.sort(rng.permutation(len(names))[:SAMPLE])
    sample = vectors[chosen]
    # Rows have length 1, so the squared distance is 2 - 2 cos.
    cosines = np.asarray((sample @ sample.T).todense(), dtype=np.float32)
    distances = np.sqrt(np.maximum(2.0 - 2.0 * cosines, 0.0, dtype=np.float32))
    np.fill_diagonal(distances, 0.0)
    distinct = len(np.unique(distances.round(5), axis=0)) if len(chosen) <= MOST else MOST
    if distinct <= FEWEST:
        return None
    models: dict[int, Any] = {}
    silhouettes: dict[int, float] = {}
    for k in range(FEWEST, min(MOST, len(chosen) - 1, distinct) + 1):
        models[k] = cluster.KMeans(n_clusters=k, n_init=1, max_iter=100, random_state=seed).fit(sample)
        silhouettes[k] = silhouette(distances, models[k].labels_)
    best = max(silhouettes, key=lambda k: (silhouettes[k], -k))
    labels = models[best].predict(vectors)
    terms = vectorizer.get_feature_names_out()
    found = [_cluster(label, labels, models[best].cluster_centers_[label], terms) for label in range(best)]
    filled = [one for one in found if one.members]
    return Clustering(
        clusters=tuple(sorted(filled, key=lambda one: (-len(one.members), one.terms))),
        silhouettes=silhouettes,
        sampled=len(chosen),
    )


def silhouette(distances: NDArray[np.float32], labels: NDArray[np.int32]) -> float:
    """Mean silhouette, -1..1; a point alone in its cluster counts 0 (Rousseeuw 1987).

    Args:
        distances: Shape (points, points).
        labels: Shape (points,); at least two different ones.
    """
    kinds, of = np.unique(labels, return_inverse=True)
    member = np.zeros((labels.size, kinds.size), dtype=np.float32)
    member[np.arange(labels.size), of] = 1.0
    sizes = member.sum(axis=0)
    sums = distances @ member
    points = np.arange(labels.size)
    own = sums[points, of] / np.maximum(sizes[of] - 1.0, 1.0)
    means = sums / sizes
    means[points, of] = np.inf
    other = means.min(axis=1)
    larger = np.maximum(own, other)
    scores = np.where((sizes[of] > 1) & (larger > 0), (other - own) / np.where(larger > 0, larger, 1.0), 0.0)
    return float(scores.mean())


def _cluster(label: int, labels: NDArray[np.int32], centre: NDArray[np.float64], terms: NDArray[Any]) -> Cluster:
    weighty = [int(i) for i in np.argsort(-centre, kind="stable")[:_TERMS_SHOWN] if centre[i] > 0]
    return Cluster(
        terms=tuple(str(terms[i]) for i in weighty),
        members=tuple(int(i) for i in np.flatnonzero(labels == label)),
    )


def _sklearn() -> tuple[Any, Any]:
    try:
        import sklearn.cluster  # noqa: PLC0415 - optional dependency, extra `local`
        import sklearn.feature_extraction.text  # noqa: PLC0415
    except ImportError as error:
        raise MissingError(
            "package scikit-learn is not installed, which task clusters need; run pip install 's2s-arena[local]'"
        ) from error
    return sklearn.cluster, sklearn.feature_extraction.text

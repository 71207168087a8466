"""Every searched picture as a point, upright and flipped, by a projection fitted on the collection itself."""

import io
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import chain, repeat

import numpy as np

from curate.duplicates.clusters import fit_centres
from curate.duplicates.projection import (
    COPIES,
    DIMENSIONS,
    FITTED_ON,
    SPREAD_FROM,
    Projection,
    embed,
    fit_projection,
    flip_projection,
    jittered_features,
    pick_by_hash,
    quantised_features,
)
from curate.duplicates.row_cache import CacheFolder
from curate.duplicates.row_selection import RowSelection, cut
from curate.executors import map_ordered
from curate.features import FEATURES

__all__ = ["METHOD", "Embedding", "Fit", "embed_pictures"]

METHOD = "embed-1"
"""Raised whenever the same picture would get other features or other jitter."""

_PER_TASK = 512
_CENTRES_FROM = 100_000


@dataclass(frozen=True, slots=True)
class Fit:
    """What was learned from a collection.

    Attributes:
        samples: how many pictures the collection had.
        seed: of the jitter.
        projection: from features to points.
        centres: (K, 64) float32 unit vectors about which points lie; K = 0 where they were not asked for.
    """

    samples: int
    seed: int
    projection: Projection
    centres: np.ndarray

    def to_bytes(self) -> bytes:
        """For `from_bytes`."""
        file = io.BytesIO()
        size = np.array([self.samples, self.seed], np.int64)
        np.savez(file, size=size, mean=self.projection.mean, matrix=self.projection.matrix, centres=self.centres)
        return file.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Fit":
        """What `to_bytes` wrote."""
        with np.load(io.BytesIO(data), allow_pickle=False) as stored:
            samples, seed = stored["size"].tolist()
            return cls(samples, seed, Projection(stored["mean"], stored["matrix"]), stored["centres"])


@dataclass(frozen=True, slots=True)
class Embedding:
    """Points by flip, (N, 64) float32 unit vectors each, and the fit that made them."""

    points: dict[str, np.ndarray]
    fit: Fit


class Features:
    """Features of a collection's pictures, (N, 800) float16: kept in a folder, or made anew each time.

    A million pictures' are 1.6 GB, so that those of large collections are not kept in memory.
    """

    def __init__(
        self,
        pictures: np.ndarray,
        rows: np.ndarray,
        sample_ids: Sequence[str],
        *,
        cache_dir: CacheFolder | None,
        executor: Executor,
    ) -> None:
        """Make and keep them now, unless `cache_dir` is None; arguments as of `embed_pictures`."""
        self._pictures, self._sample_ids = RowSelection(pictures, rows), sample_ids
        self._cache_dir, self._executor = cache_dir, executor
        self._features: np.ndarray | None = None
        if cache_dir is not None:
            cache = cache_dir.rows(f"features-{METHOD}", "f2", (FEATURES,), what="features")
            self._features = cache.get(sample_ids, self._make)

    def of(self, chosen: np.ndarray) -> np.ndarray:
        """(M, 800) features of these pictures."""
        return self._make(chosen) if self._features is None else self._features[chosen]

    def points(self, chosen: np.ndarray, projections: Sequence[Projection]) -> list[np.ndarray]:
        """(M, 64) float32 points of these pictures, for each projection; their features are made once."""
        if self._features is None:
            points = self._run(_embed_pictures, self._pictures.take(chosen), repeat(projections))
        else:
            points = self._run(_embed_features, RowSelection(self._features, chosen), repeat(projections))
        return list(points.swapaxes(0, 1))

    def fit_projection(self, *, seed: int) -> Projection:
        """Fit on the 3,000 pictures whose ids hash lowest, among the 12,000 whose ids do."""
        chosen = pick_by_hash(self._sample_ids, FITTED_ON)
        spread = pick_by_hash(self._sample_ids, SPREAD_FROM)
        sample_ids = [self._sample_ids[index] for index in chosen]

        def jitter(missing: np.ndarray) -> np.ndarray:
            names = ([sample_ids[index] for index in missing[part]] for part in cut(len(missing), _PER_TASK))
            return self._run(_jitter_pictures, self._pictures.take(chosen[missing]), names, repeat(seed))

        if self._cache_dir is None:
            jittered = jitter(np.arange(len(chosen)))
        else:
            name, shape = f"jittered-{METHOD}-{seed}", (COPIES, FEATURES)
            cache = self._cache_dir.rows(name, "f2", shape, what="features of jittered pictures")
            jittered = cache.get(sample_ids, jitter)
        return fit_projection(self.of(spread), self.of(chosen), jittered, executor=self._executor)

    def _make(self, chosen: np.ndarray) -> np.ndarray:
        return self._run(_features_of, self._pictures.take(chosen))

    def _run(self, function: Callable[..., np.ndarray], rows: RowSelection, *columns: Iterable[object]) -> np.ndarray:
        """What a function makes of some rows at a time, in one array."""
        parts = map_ordered(self._executor, function, map(rows.take, cut(len(rows), _PER_TASK)), *columns)
        first = next(parts)
        results = np.empty((len(rows), *first.shape[1:]), first.dtype)
        end = 0
        for part in chain([first], parts):
            results[end : end + len(part)] = part
            end += len(part)
        return results


def _features_of(pictures: RowSelection) -> np.ndarray:
    return quantised_features(pictures[:])


def _jitter_pictures(pictures: RowSelection, sample_ids: Sequence[str], seed: int) -> np.ndarray:
    return jittered_features(pictures[:], sample_ids, seed=seed)


def _embed_pictures(pictures: RowSelection, projections: Sequence[Projection]) -> np.ndarray:
    return _embed_features(RowSelection(quantised_features(pictures[:]), np.arange(len(pictures))), projections)


def _embed_features(features: RowSelection, projections: Sequence[Projection]) -> np.ndarray:
    """(n, projections, 64) points."""
    values = features[:]
    return np.stack([embed(values, projection) for projection in projections], axis=1)


def embed_pictures(
    pictures: np.ndarray,
    rows: np.ndarray,
    sample_ids: Sequence[str],
    flips: Sequence[str],
    *,
    seed: int,
    fit: Fit | None,
    clusters: int,
    cache_dir: CacheFolder | None,
    executor: Executor,
) -> Embedding:
    """Fit, unless there is a fit, and embed.

    Args:
        pictures: (P, 48, 48) uint8.
        rows: (N,) which of them to embed; they are not copied.
        sample_ids: of these N.
        flips: keys of `FLIPS_AND_ROTATIONS`.
        seed: of the jitter.
        fit: an earlier one to use; None = fit now.
        clusters: how many centres a new fit shall have; 0 = none.
        cache_dir: where features are kept for the next search; None = keep none.
        executor: threads or processes.
    """
    features = Features(pictures, rows, sample_ids, cache_dir=cache_dir, executor=executor)
    if fit is None:
        projection = features.fit_projection(seed=seed)
        centres = np.zeros((0, DIMENSIONS), np.float32)
        if clusters:
            (points,) = features.points(pick_by_hash(sample_ids, _CENTRES_FROM), [projection])
            centres = fit_centres(points, clusters, executor=executor)
        fit = Fit(len(rows), seed, projection, centres)
    points_by_flip = features.points(np.arange(len(rows)), [flip_projection(fit.projection, flip) for flip in flips])
    return Embedding(dict(zip(flips, points_by_flip, strict=True)), fit)

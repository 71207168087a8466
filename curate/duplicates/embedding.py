"""Every searched picture as a point, upright and in other poses, by a projection fitted on the collection itself."""

import io
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

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
    jittered_features,
    pick_by_hash,
    quantised_features,
    turned,
)
from curate.duplicates.row_cache import CacheFolder
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
    """Points by pose, (N, 64) float32 unit vectors each, and the fit that made them."""

    points: dict[str, np.ndarray]
    fit: Fit


class Features:
    """Features of a collection's pictures, (N, 800) float16: kept in a folder, or made anew each time.

    A million pictures' are 1.6 GB, so that those of large collections are not held.
    """

    def __init__(
        self,
        pictures: np.ndarray,
        rows: np.ndarray,
        sample_ids: Sequence[str],
        *,
        kept_in: CacheFolder | None,
        executor: Executor,
    ) -> None:
        """Make and keep them now, unless `kept_in` is None; arguments as of `embed_pictures`."""
        self._pictures, self._rows, self._sample_ids = pictures, rows, sample_ids
        self._kept_in, self._executor = kept_in, executor
        self._held: np.ndarray | None = None
        if kept_in is not None:
            kept = kept_in.rows(f"features-{METHOD}", "f2", (FEATURES,), what="features")
            self._held = kept.get(sample_ids, lambda missing: self._run(self._make, missing))

    def of(self, chosen: np.ndarray) -> np.ndarray:
        """(M, 800) features of these pictures."""
        return self._make(chosen) if self._held is None else self._held[chosen]

    def points(self, chosen: np.ndarray, projections: Sequence[Projection]) -> list[np.ndarray]:
        """(M, 64) float32 points of these pictures, for each projection; their features are made once."""

        def place(part: np.ndarray) -> np.ndarray:
            """(P, projections, 64) points of some of them."""
            features = self.of(part)
            return np.stack([embed(features, projection) for projection in projections], axis=1)

        return list(self._run(place, chosen).swapaxes(0, 1))

    def fit_projection(self, *, seed: int) -> Projection:
        """Fit on the 3,000 pictures whose ids hash lowest, among the 12,000 whose ids do."""
        shown = pick_by_hash(self._sample_ids, FITTED_ON)
        spread = pick_by_hash(self._sample_ids, SPREAD_FROM)
        names = [self._sample_ids[index] for index in shown]

        def jitter(missing: np.ndarray) -> np.ndarray:
            return self._run(
                lambda part: jittered_features(
                    self._pictures[self._rows[shown[part]]], [names[index] for index in part], seed=seed
                ),
                missing,
            )

        if self._kept_in is None:
            jittered = jitter(np.arange(len(shown)))
        else:
            name, shape = f"jittered-{METHOD}-{seed}", (COPIES, FEATURES)
            jittered = self._kept_in.rows(name, "f2", shape, what="features of jittered pictures").get(names, jitter)
        return fit_projection(self._run(self.of, spread), self._run(self.of, shown), jittered, executor=self._executor)

    def _make(self, chosen: np.ndarray) -> np.ndarray:
        return quantised_features(self._pictures[self._rows[chosen]])

    def _run(self, function: Callable[[np.ndarray], np.ndarray], chosen: np.ndarray) -> np.ndarray:
        parts = [chosen[start : start + _PER_TASK] for start in range(0, len(chosen), _PER_TASK)]
        done = map_ordered(self._executor, function, parts)
        first = next(done)
        rows = np.empty((len(chosen), *first.shape[1:]), first.dtype)
        rows[: len(first)] = first
        end = len(first)
        for part in done:
            rows[end : end + len(part)] = part
            end += len(part)
        return rows


def embed_pictures(
    pictures: np.ndarray,
    rows: np.ndarray,
    sample_ids: Sequence[str],
    poses: Sequence[str],
    *,
    seed: int,
    fit: Fit | None,
    clusters: int,
    kept_in: CacheFolder | None,
    executor: Executor,
) -> Embedding:
    """Fit, unless there is a fit, and embed.

    Args:
        pictures: (P, 48, 48) uint8.
        rows: (N,) which of them to embed; they are not copied.
        sample_ids: of these N.
        poses: keys of `FLIPS_AND_ROTATIONS`.
        seed: of the jitter.
        fit: an earlier one to use; None = fit now.
        clusters: how many centres a new fit shall have; 0 = none.
        kept_in: where features are kept for the next search; None = keep none.
        executor: threads; the work shares the pictures.
    """
    features = Features(pictures, rows, sample_ids, kept_in=kept_in, executor=executor)
    if fit is None:
        projection = features.fit_projection(seed=seed)
        centres = np.zeros((0, DIMENSIONS), np.float32)
        if clusters:
            (shown,) = features.points(pick_by_hash(sample_ids, _CENTRES_FROM), [projection])
            centres = fit_centres(shown, clusters, executor=executor)
        fit = Fit(len(rows), seed, projection, centres)
    placed = features.points(np.arange(len(rows)), [turned(fit.projection, pose) for pose in poses])
    return Embedding(dict(zip(poses, placed, strict=True)), fit)

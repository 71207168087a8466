"""The search itself: candidates for every flip, verification, closure, and one verdict per pair."""

from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from curate.duplicates.alignment_cache import AlignmentCache
from curate.duplicates.candidates import cosine_pairs
from curate.duplicates.clusters import bucketed_pairs, threshold_for
from curate.duplicates.embedding import Embedding, Fit, embed_pictures
from curate.duplicates.pairs import DEFAULT_FLIPS, THOROUGH_FLIPS, CandidatePairs, merge_pairs
from curate.duplicates.row_cache import CacheFolder
from curate.duplicates.searchable import SearchablePictures
from curate.duplicates.thresholds import choose_gates, doubtful_score
from curate.duplicates.verify import verify_affine, verify_aligned, verify_blurred
from curate.hashing import hash_pairs
from curate.progress import Progress

__all__ = ["Scope", "search_pairs"]

_COSINE_ABOVE = {"identity": 0.58, "mirrored": 0.62, "rot180": 0.62, "rot90": 0.62, "rot270": 0.62}
_BLUR_WITHIN_BITS = 6
_ALL_PAIRS_UP_TO = 1_000
"""Below this size there is too little to fit a projection on, and few enough pairs to look at all of them."""
_BUDGET, _BUDGET_TRANSFORMED = 4.0, 2.0
"""Candidates for every picture where pictures are compared within clusters, upright and by each flip."""
_MOST_CLUSTERS, _POINTS_PER_CLUSTER = 2048, 128
_AFFINE_FROM_COARSE, _AFFINE_FROM_COARSE_IN_TRIANGLES = 0.78, 0.50
"""A warp is costly: among candidates it is tried on the likeliest fifth, among copies of one copy on nearly all."""


@dataclass(frozen=True, slots=True)
class Scope:
    """How candidates are found.

    Attributes:
        seed: of the jitter on which the projection is fitted.
        compare_all_up_to: up to this many pictures, all are compared with all; beyond, only within clusters.
        fit: what a larger collection goes on using; None = fit now.
        cache_dir: where features of smaller collections are kept.
    """

    seed: int
    compare_all_up_to: int
    fit: Fit | None
    cache_dir: CacheFolder


def search_pairs(
    collection: SearchablePictures,
    *,
    thorough: bool,
    scope: Scope,
    cache: AlignmentCache,
    executor: Executor,
    progress: Progress,
) -> tuple[np.ndarray, Fit | None]:
    """Every pair of samples that shows one photograph, or may.

    Args:
        collection: the pictures.
        thorough: also rotations by quarter turns, and the affine, block and blur tiers.
        scope: how candidates are found.
        cache: alignments measured before; new ones are added.
        executor: threads or processes.
        progress: progress callback.

    Returns:
        (K,) `pairs.PAIR`, one row per pair, ordered; and the fit by which candidates were found, None where every two
        pictures were aligned.
    """

    def verify(ends: np.ndarray, flip: str, *, affine_from: float = _AFFINE_FROM_COARSE) -> None:
        """Add what candidates of one flip are found to be."""
        candidates = CandidatePairs(ends, flip, choose_gates(collection, ends))
        alignment = cache.align(collection, candidates, executor=executor)
        doubtful = doubtful_score(collection, ends, candidates.gate)
        parts.append(verify_aligned(candidates, alignment, doubtful=doubtful))
        if thorough and flip == "identity":
            parts.append(
                verify_affine(collection.pictures, candidates, alignment, from_coarse=affine_from, executor=executor)
            )

    flips = THOROUGH_FLIPS if thorough else DEFAULT_FLIPS
    source = _CandidateSource(collection, flips, scope=scope, executor=executor)
    parts: list[np.ndarray] = []
    with progress("comparing pictures", len(flips) + thorough, unit="poses") as advance:
        for flip in flips:
            verify(source.of(flip), flip)
            advance(1)
        if thorough:
            rows = np.flatnonzero(collection.searchable)
            close = rows[hash_pairs(collection.hashes[rows, 0], within_bits=_BLUR_WITHIN_BITS)]
            candidates = CandidatePairs(close, "identity", choose_gates(collection, close))
            parts.append(verify_blurred(collection.pictures, candidates, executor=executor))
            advance(1)
        verify(close_triangles(merge_pairs(parts)), "identity", affine_from=_AFFINE_FROM_COARSE_IN_TRIANGLES)
    return merge_pairs(parts), source.fit


class _CandidateSource:
    """Pairs worth aligning, flip by flip."""

    def __init__(
        self, collection: SearchablePictures, flips: Sequence[str], *, scope: Scope, executor: Executor
    ) -> None:
        self._rows = np.flatnonzero(collection.searchable)
        self._executor = executor
        self._bucketed = len(self._rows) > scope.compare_all_up_to
        self._embedding: Embedding | None = None
        if len(self._rows) > _ALL_PAIRS_UP_TO:
            self._embedding = embed_pictures(
                collection.pictures,
                self._rows,
                [collection.sample_ids[row] for row in self._rows],
                flips,
                seed=scope.seed,
                fit=scope.fit if self._bucketed else None,
                clusters=min(_MOST_CLUSTERS, len(self._rows) // _POINTS_PER_CLUSTER) if self._bucketed else 0,
                cache_dir=None if self._bucketed else scope.cache_dir,
                executor=executor,
            )

    @property
    def fit(self) -> Fit | None:
        """The fit that was used; None where all pairs are aligned."""
        return None if self._embedding is None else self._embedding.fit

    def of(self, flip: str) -> np.ndarray:
        """(M, 2) int64 pairs, first < second, ordered."""
        if self._embedding is None:
            return self._rows[np.stack(np.triu_indices(len(self._rows), 1), axis=1)]
        points, others = (self._embedding.points[name] for name in ("identity", flip))
        above = _COSINE_ABOVE[flip]
        if not self._bucketed:
            return np.asarray(self._rows[cosine_pairs(points, others, above=above, executor=self._executor).pairs])
        budget = _BUDGET if flip == "identity" else _BUDGET_TRANSFORMED
        above = threshold_for(points, others, per_point=budget, at_least=above, executor=self._executor)
        centres = self._embedding.fit.centres
        return np.asarray(self._rows[bucketed_pairs(points, others, centres, above=above, executor=self._executor)])


def close_triangles(pairs: np.ndarray) -> np.ndarray:
    """(M, 2) ends, ordered, of pairs that share an upright duplicate in (K,) `PAIR` but are no duplicates in it."""
    neighbours: defaultdict[int, list[int]] = defaultdict(list)
    duplicates = pairs[pairs["duplicate"]]
    for one, two in duplicates["ends"][duplicates["flip"] == 0].tolist():
        neighbours[one].append(two)
        neighbours[two].append(one)
    known = set(map(tuple, duplicates["ends"].tolist()))
    beyond = {ends for members in neighbours.values() for ends in combinations(sorted(members), 2)} - known
    return np.array(sorted(beyond), np.int64).reshape(-1, 2)

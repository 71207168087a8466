"""The search itself: candidates for every pose, verification, closure, and one verdict per pair."""

from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from curate.duplicates.alignment_cache import AlignmentCache
from curate.duplicates.candidates import cosine_pairs, hash_pairs
from curate.duplicates.clusters import bucketed_pairs, threshold_for
from curate.duplicates.embedding import Embedding, Fit, embed_pictures
from curate.duplicates.row_cache import CacheFolder
from curate.duplicates.searchable import SearchablePictures
from curate.duplicates.thresholds import doubtful_score, needed_score
from curate.duplicates.verify import Verified, verify_affine, verify_aligned, verify_blurred
from curate.progress import Progress

__all__ = ["DEFAULT_PROBES", "THOROUGH_PROBES", "FoundPairs", "Scope", "search_pairs"]

DEFAULT_PROBES = ("identity", "mirrored")
THOROUGH_PROBES = ("identity", "mirrored", "rot180", "rot90", "rot270")
"""Transforms that are applied to the second picture of a pair before it is compared with the first."""

_COSINE_ABOVE = {"identity": 0.58, "mirrored": 0.62, "rot180": 0.62, "rot90": 0.62, "rot270": 0.62}
_BLUR_WITHIN_BITS = 6
_ALL_PAIRS_UP_TO = 1_000
"""Below this size there is too little to fit a projection on, and few enough pairs to look at all of them."""
_BUDGET, _BUDGET_TRANSFORMED = 4.0, 2.0
"""Candidates for every picture where pictures are compared within clusters, upright and in each other pose."""
_MOST_CLUSTERS, _POINTS_PER_CLUSTER = 2048, 128
_AFFINE_FROM_COARSE, _AFFINE_FROM_COARSE_NEAR_KIN = 0.78, 0.50
"""A warp is costly: among candidates it is tried on the likeliest fifth, among copies of one copy on nearly all."""


@dataclass(frozen=True, slots=True)
class Scope:
    """How candidates are found.

    Attributes:
        seed: of the jitter on which the projection is fitted.
        compare_all_up_to: so many pictures are compared each with each; more, only within clusters.
        fit: what a larger collection goes on using; None = fit now.
        kept_in: where features of smaller collections are kept.
    """

    seed: int
    compare_all_up_to: int
    fit: Fit | None
    kept_in: CacheFolder


@dataclass(frozen=True, slots=True)
class FoundPairs:
    """One row per pair of samples, ordered; parallel (K,) arrays.

    Attributes:
        pairs: (K, 2) int64 indices into the collection, first < second.
        probe: index into `THOROUGH_PROBES`: the second picture, so transformed, shows the first.
        tier: index into `verify.TIERS`.
        similarity: float32, on the tier's own scale.
        duplicate: True = the same photograph, False = a person should look.
        moved: True = more than saved again.
    """

    pairs: np.ndarray
    probe: np.ndarray
    tier: np.ndarray
    similarity: np.ndarray
    duplicate: np.ndarray
    moved: np.ndarray


def search_pairs(
    collection: SearchablePictures,
    *,
    thorough: bool,
    scope: Scope,
    cache: AlignmentCache,
    executor: Executor,
    progress: Progress,
) -> tuple[FoundPairs, Fit | None]:
    """Every pair of samples that shows one photograph, or may.

    Args:
        collection: the pictures.
        thorough: also rotations by quarter turns, and the affine, block and blur tiers.
        scope: how candidates are found.
        cache: alignments measured before; new ones are added.
        executor: threads.
        progress: told which pose is searched.

    Returns:
        The pairs, and the fit by which candidates were found; None where every two pictures were aligned.
    """

    def verify(pairs: np.ndarray, probe: str, *, affine_from: float = _AFFINE_FROM_COARSE) -> list[FoundPairs]:
        """Decide candidates of one pose."""
        needed = needed_score(collection, pairs)
        alignment = cache.align(collection, pairs, probe, needed, executor=executor)
        verified = [verify_aligned(alignment, needed=needed, doubtful=doubtful_score(collection, pairs))]
        if thorough and probe == "identity":
            verified.append(
                verify_affine(collection, pairs, alignment, needed, from_coarse=affine_from, executor=executor)
            )
        return [_tagged(pairs, probe, each) for each in verified]

    probes = THOROUGH_PROBES if thorough else DEFAULT_PROBES
    candidates = _Candidates(collection, probes, scope=scope, executor=executor)
    found: list[FoundPairs] = []
    with progress("comparing pictures", len(probes) + thorough, unit="poses") as advance:
        for probe in probes:
            found += verify(candidates.of(probe), probe)
            advance(1)
        if thorough:
            rows = np.flatnonzero(collection.searchable)
            close = rows[hash_pairs(collection.hashes[rows, 0], within_bits=_BLUR_WITHIN_BITS)]
            found.append(_tagged(close, "identity", verify_blurred(collection, close, executor=executor)))
            advance(1)
        found += verify(_two_steps_apart(_merge(found)), "identity", affine_from=_AFFINE_FROM_COARSE_NEAR_KIN)
    return _merge(found), candidates.fit


class _Candidates:
    """Pairs worth aligning, pose by pose."""

    def __init__(
        self, collection: SearchablePictures, probes: Sequence[str], *, scope: Scope, executor: Executor
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
                probes,
                seed=scope.seed,
                fit=scope.fit if self._bucketed else None,
                clusters=min(_MOST_CLUSTERS, len(self._rows) // _POINTS_PER_CLUSTER) if self._bucketed else 0,
                kept_in=None if self._bucketed else scope.kept_in,
                executor=executor,
            )

    @property
    def fit(self) -> Fit | None:
        """The fit that was used; None where all pairs are aligned."""
        return None if self._embedding is None else self._embedding.fit

    def of(self, probe: str) -> np.ndarray:
        """(M, 2) int64 pairs, first < second, ordered."""
        if self._embedding is None:
            return self._rows[np.stack(np.triu_indices(len(self._rows), 1), axis=1)]
        points, others = (self._embedding.points[pose] for pose in ("identity", probe))
        above = _COSINE_ABOVE[probe]
        if not self._bucketed:
            return np.asarray(self._rows[cosine_pairs(points, others, above=above, executor=self._executor).pairs])
        budget = _BUDGET if probe == "identity" else _BUDGET_TRANSFORMED
        above = threshold_for(points, others, per_point=budget, at_least=above, executor=self._executor)
        centres = self._embedding.fit.centres
        return np.asarray(self._rows[bucketed_pairs(points, others, centres, above=above, executor=self._executor)])


def _tagged(pairs: np.ndarray, probe: str, verified: Verified) -> FoundPairs:
    count = len(verified.which)
    number = np.full(count, THOROUGH_PROBES.index(probe), np.int64)
    return FoundPairs(
        pairs[verified.which], number, verified.tier, verified.similarity, verified.duplicate, verified.moved
    )


def _merge(found: list[FoundPairs]) -> FoundPairs:
    """One row per pair: a duplicate before a doubtful one, upright before transformed, simple tiers first."""
    columns = [
        np.concatenate([getattr(part, name) for part in found])
        for name in ("pairs", "probe", "tier", "similarity", "duplicate", "moved")
    ]
    pairs, probe, tier, similarity, duplicate, _ = columns
    order = np.lexsort((-similarity, tier, probe, ~duplicate, pairs[:, 1], pairs[:, 0]))
    first = np.ones(len(order), bool)
    first[1:] = (np.diff(pairs[order], axis=0) != 0).any(axis=1)
    return FoundPairs(*(column[order[first]] for column in columns))


def _two_steps_apart(found: FoundPairs) -> np.ndarray:
    """(M, 2) pairs that share an upright duplicate but were not found themselves, ordered."""
    upright = found.pairs[found.duplicate & (found.probe == 0)]
    neighbours: defaultdict[int, list[int]] = defaultdict(list)
    for one, two in upright.tolist():
        neighbours[one].append(two)
        neighbours[two].append(one)
    known = set(map(tuple, found.pairs[found.duplicate].tolist()))
    beyond = {pair for members in neighbours.values() for pair in combinations(sorted(members), 2)} - known
    return np.array(sorted(beyond), np.int64).reshape(-1, 2)

"""The search itself: candidates for every pose, verification, closure, and one verdict per pair."""

from collections import defaultdict
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from curate.duplicates.cache import VerdictCache
from curate.duplicates.candidates import cosine_pairs, hash_pairs
from curate.duplicates.collection import Collection
from curate.duplicates.gates import doubtful_score, needed_score
from curate.duplicates.projection import embed, fit_projection
from curate.duplicates.verify import Verified, verify_affine, verify_aligned, verify_blurred
from curate.executors import map_ordered
from curate.features import FEATURES, gradient_features, transform_features
from curate.progress import Progress

__all__ = ["DEFAULT_PROBES", "THOROUGH_PROBES", "FoundPairs", "search_pairs"]

DEFAULT_PROBES = ("identity", "mirrored")
THOROUGH_PROBES = ("identity", "mirrored", "rot180", "rot90", "rot270")
"""Transforms that are applied to the second picture of a pair before it is compared with the first."""

_COSINE_ABOVE = {"identity": 0.58, "mirrored": 0.62, "rot180": 0.62, "rot90": 0.62, "rot270": 0.62}
_BLUR_WITHIN_BITS = 6
_ALL_PAIRS_UP_TO = 1_000
"""Below this size there is too little to fit a projection on, and few enough pairs to look at all of them."""
_PER_TASK = 1024
_AFFINE_FROM_COARSE, _AFFINE_FROM_COARSE_NEAR_KIN = 0.78, 0.50
"""A warp is costly: among candidates it is tried on the likeliest fifth, among copies of one copy on nearly all."""


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
    collection: Collection,
    *,
    thorough: bool,
    seed: int,
    cache: VerdictCache,
    executor: Executor,
    progress: Progress,
) -> FoundPairs:
    """Every pair of samples that shows one photograph, or may.

    Args:
        collection: the pictures.
        thorough: also rotations by quarter turns, and the affine, block and blur tiers.
        seed: of the jitter on which the projection is fitted.
        cache: alignments measured before; new ones are added.
        executor: threads.
        progress: told which pose is searched.
    """

    def verify(pairs: np.ndarray, probe: str, *, affine_from: float = _AFFINE_FROM_COARSE) -> list[FoundPairs]:
        needed = needed_score(collection, pairs)
        alignment = cache.align(collection, pairs, probe, needed, executor=executor)
        verified = [verify_aligned(alignment, needed=needed, doubtful=doubtful_score(collection, pairs))]
        if thorough and probe == "identity":
            verified.append(
                verify_affine(collection, pairs, alignment, needed, from_coarse=affine_from, executor=executor)
            )
        return [_tagged(pairs, probe, each) for each in verified]

    probes = THOROUGH_PROBES if thorough else DEFAULT_PROBES
    rows = np.flatnonzero(collection.searchable)
    candidates = _Candidates(collection, rows, seed=seed, executor=executor)
    found: list[FoundPairs] = []
    with progress("comparing pictures", len(probes) + thorough, unit="poses") as advance:
        for probe in probes:
            found += verify(candidates.of(probe), probe)
            advance(1)
        if thorough:
            close = rows[hash_pairs(collection.hashes[rows, 0], within_bits=_BLUR_WITHIN_BITS)]
            found.append(_tagged(close, "identity", verify_blurred(collection, close, executor=executor)))
            advance(1)
        found += verify(_two_steps_apart(_merge(found)), "identity", affine_from=_AFFINE_FROM_COARSE_NEAR_KIN)
    return _merge(found)


class _Candidates:
    """Pairs worth aligning, pose by pose; features and projection are computed once."""

    def __init__(self, collection: Collection, rows: np.ndarray, *, seed: int, executor: Executor) -> None:
        self._rows = rows
        self._executor = executor
        self._exhaustive = len(rows) <= _ALL_PAIRS_UP_TO
        if self._exhaustive:
            return
        pictures = collection.pictures[rows]
        parts = [pictures[start : start + _PER_TASK] for start in range(0, len(pictures), _PER_TASK)]
        self._features = np.empty((len(rows), FEATURES), np.float32)
        for start, part in zip(
            range(0, len(rows), _PER_TASK), map_ordered(executor, gradient_features, parts), strict=True
        ):
            self._features[start : start + len(part)] = part
        names = [collection.sample_ids[row] for row in rows]
        self._projection = fit_projection(pictures, self._features, names, seed=seed, executor=executor)
        self._points = embed(self._features, self._projection)

    def of(self, probe: str) -> np.ndarray:
        """(M, 2) int64 pairs, first < second, ordered."""
        if self._exhaustive:
            return self._rows[np.stack(np.triu_indices(len(self._rows), 1), axis=1)]
        others = self._points
        if probe != "identity":
            others = embed(transform_features(self._features, probe), self._projection)
        close = cosine_pairs(self._points, others, above=_COSINE_ABOVE[probe], executor=self._executor)
        return np.asarray(self._rows[close.pairs])


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

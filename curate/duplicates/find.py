"""Find a workspace's duplicates: load, search, group, and replace the previous results."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field, replace
from itertools import compress

import numpy as np
from threadpoolctl import threadpool_limits

from curate.catalog import Catalog, duplicates
from curate.catalog.duplicates import Pair
from curate.coverage import KindRecall
from curate.duplicates import embedding
from curate.duplicates.alignment_cache import METHOD, AlignmentCache
from curate.duplicates.pairs import THOROUGH_FLIPS, TIERS
from curate.duplicates.recall import known_recall
from curate.duplicates.regroup import choose_keepers, settled_groups
from curate.duplicates.row_cache import CacheFolder
from curate.duplicates.search import Scope, search_pairs
from curate.duplicates.searchable import SearchablePictures, load_collection
from curate.duplicates.thresholds import GATES, doubt
from curate.errors import CacheDamaged
from curate.executors import local_threads
from curate.progress import Progress, silent
from curate.transforms import FLIPS_AND_ROTATIONS
from curate.workspace import Workspace
from curate.workspace.evidence import settle_pairs

__all__ = ["DuplicateReport", "find_duplicates"]

COMPARE_ALL_UP_TO = 100_000
_OUTGROWN_BY = 1.25

_KIND_BY_TIER = {"affine": "stretched", "blocks": "edited", "blur": "blurred"}
_INVERSE = {"mirrored": "mirrored", "rot90": "rot270", "rot180": "rot180", "rot270": "rot90"}
"""A flip makes the first picture of the second; the kind says what makes the second of the first."""


@dataclass(frozen=True, slots=True)
class DuplicateReport:
    """What a search found.

    Attributes:
        thorough: whether all tiers and rotations were tried.
        samples: distinct pictures in the workspace.
        fenced: pictures that no source delivers any more, searched because they belong with a gold or test picture.
        left_out: samples too empty to compare; they only count as exact copies.
        left_out_for: quality flag (blank, low-information) -> how many of these.
        pairs: kind -> verified pairs.
        doubtful: pairs that a person should look at.
        groups: groups of two or more samples that are delivered.
        grouped: samples in them.
        largest: samples in the largest.
        cut: pairs that were left out of groups because the chain was too long.
        fitted_on: pictures that were compared when the embedding was fitted; 0 = every two pictures were aligned.
        fit_reused: whether that was in an earlier search.
        remade: what was kept of earlier searches but damaged, or written by a curate that kept no checksums.
        recall: how many copies such a search is known to find, kind by kind.
    """

    thorough: bool
    samples: int
    left_out: int
    fenced: int = 0
    left_out_for: dict[str, int] = field(default_factory=dict)
    pairs: dict[str, int] = field(default_factory=dict)
    doubtful: int = 0
    groups: int = 0
    grouped: int = 0
    largest: int = 0
    cut: int = 0
    fitted_on: int = 0
    fit_reused: bool = False
    remade: tuple[str, ...] = ()
    recall: tuple[KindRecall, ...] = ()


def find_duplicates(
    workspace: Workspace,
    *,
    thorough: bool = False,
    compare_all_up_to: int = COMPARE_ALL_UP_TO,
    executor: Executor | None = None,
    progress: Progress = silent,
) -> DuplicateReport:
    """Search all samples for copies of one photograph and group them.

    The outcome depends on the pictures, the seed of curate.toml and `thorough` alone: not on the order in which sources
    came, on earlier searches, or on how many workers there are. Only beyond `compare_all_up_to` pictures does it depend
    on when the embedding was fitted: it is fitted anew once the collection has grown (or shrunk) by a quarter.

    Args:
        workspace: what to search; its tables of pairs and groups are replaced.
        thorough: also quarter turns, stretched, edited and blurred copies.
        compare_all_up_to: up to this many pictures, all are compared with all; beyond, only those nearby.
        executor: threads or processes; None = threads on all cores.
        progress: progress callback.

    Raises:
        WorkspaceLocked: another process writes to this workspace.
    """
    with workspace.locked("curate duplicates"), workspace.catalog() as catalog, threadpool_limits(1):
        cache_dir = CacheFolder(workspace.cache_folder)
        verdicts, remade = _unless_damaged(duplicates.load_verdicts, catalog, METHOD, what="measured pairs")
        with nullcontext(executor) if executor else local_threads() as pool:
            collection = load_collection(
                workspace, cache_dir=cache_dir, keep_up_to=compare_all_up_to, executor=pool, progress=progress
            )
            cache = AlignmentCache(verdicts)
            seed = workspace.config.seed
            stored, lost = _unless_damaged(duplicates.load_fit, catalog, embedding.METHOD, what="the embedding")
            frozen = _frozen_fit(stored, int(collection.searchable.sum()), seed)
            scope = Scope(seed, compare_all_up_to, frozen, cache_dir)
            pairs, fit = search_pairs(
                collection, thorough=thorough, scope=scope, cache=cache, executor=pool, progress=progress
            )
        if fit is not None and fit is not frozen and len(fit.centres):
            duplicates.save_fit(catalog, embedding.METHOD, fit.to_bytes())
        reused = fit is not None and fit is frozen
        report = _record(
            catalog, collection, pairs, thorough=thorough, fitted_on=fit.samples if fit else 0, reused=reused
        )
        duplicates.save_verdicts(catalog, METHOD, cache.save())
        return replace(report, remade=(*cache_dir.damaged, *remade, *lost))


def _unless_damaged(
    load: Callable[[Catalog, str], bytes | None], catalog: Catalog, method: str, *, what: str
) -> tuple[bytes | None, tuple[str, ...]]:
    """What an earlier search kept, and what of it is damaged and has to be made again."""
    try:
        return load(catalog, method), ()
    except CacheDamaged:
        return None, (what,)


def _frozen_fit(data: bytes | None, compared: int, seed: int) -> embedding.Fit | None:
    """The stored fit, unless the collection has outgrown it."""
    fit = None if data is None else embedding.Fit.from_bytes(data)
    if fit is None or fit.seed != seed:
        return None
    return fit if fit.samples / _OUTGROWN_BY <= compared <= fit.samples * _OUTGROWN_BY else None


def _record(
    catalog: Catalog, collection: SearchablePictures, rows: np.ndarray, *, thorough: bool, fitted_on: int, reused: bool
) -> DuplicateReport:
    pairs = _named_pairs(collection, rows)
    groups = settled_groups(settle_pairs(catalog, pairs))
    active = set(compress(collection.sample_ids, collection.active))
    sizes = [size for group in groups if (size := len(active.intersection(group.members))) > 1]
    report = DuplicateReport(
        thorough=thorough,
        samples=int(collection.active.sum()),
        fenced=int((~collection.active).sum()),
        left_out=int((~collection.searchable).sum()),
        left_out_for=dict(sorted(Counter(collection.left_out[~collection.searchable].tolist()).items())),
        pairs=dict(Counter(pair.kind for pair in pairs if pair.verdict == "duplicate").most_common()),
        doubtful=sum(pair.verdict == "review" for pair in pairs),
        groups=len(sizes),
        grouped=sum(sizes),
        largest=max(sizes, default=0),
        cut=sum(len(group.cut) for group in groups),
        fitted_on=fitted_on,
        fit_reused=reused,
        recall=known_recall(thorough=thorough),
    )
    stored = {**asdict(report), "covered": duplicates.covered_digest(active)}
    stored["covered_fence"] = duplicates.covered_digest(set(collection.sample_ids) - active)
    members = choose_keepers(catalog, groups, pairs)
    duplicates.replace_duplicates(catalog, pairs, members, thorough=thorough, report=stored)
    return report


def _named_pairs(collection: SearchablePictures, rows: np.ndarray) -> list[Pair]:
    """(K,) `pairs.PAIR` as they are stored."""
    one, two = rows["ends"].T
    column = np.array([tuple(FLIPS_AND_ROTATIONS).index(flip) for flip in THOROUGH_FLIPS])[rows["flip"]]
    bits = np.bitwise_count(collection.hashes[one, 0] ^ collection.hashes[two, column]).tolist()
    pairs = []
    for (ends, flip, tier, gate, similarity, duplicate, moved), count in zip(rows.tolist(), bits, strict=True):
        method = TIERS[tier]
        kind = _KIND_BY_TIER.get(method) or _INVERSE.get(THOROUGH_FLIPS[flip]) or ("re-cropped" if moved else "copy")
        score = round(min(max(similarity, 0.0), 1.0), 4)
        verdict = ("duplicate", "") if duplicate else ("review", doubt(method, score, GATES[gate]))
        sample_a, sample_b = (collection.sample_ids[end] for end in ends)
        pairs.append(Pair(sample_a, sample_b, kind, method, count, score, *verdict))
    return pairs

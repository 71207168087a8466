"""Find a workspace's duplicates: load, search, group, and put the outcome in the place of the last one."""

from collections import Counter
from collections.abc import Mapping
from concurrent.futures import Executor
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field

from threadpoolctl import threadpool_limits

from curate.catalog import Catalog, duplicates
from curate.catalog.duplicates import Grouped, Pair
from curate.duplicates.cache import METHOD, VerdictCache
from curate.duplicates.collection import Collection, load_collection
from curate.duplicates.gates import doubt, needed_score
from curate.duplicates.groups import Group, group_pairs
from curate.duplicates.search import THOROUGH_PROBES, FoundPairs, search_pairs
from curate.duplicates.verify import TIERS
from curate.executors import local_threads
from curate.progress import Progress, silent
from curate.transforms import FLIPS_AND_ROTATIONS
from curate.workspace import Workspace

__all__ = ["DuplicateReport", "find_duplicates"]

_KIND_BY_TIER = {"affine": "stretched", "blocks": "edited", "blur": "blurred"}
_INVERSE = {"mirrored": "mirrored", "rot90": "rot270", "rot180": "rot180", "rot270": "rot90"}
"""A probe turns the second picture into the first; the kind says what turns the first into the second."""


@dataclass(frozen=True, slots=True)
class DuplicateReport:
    """What a search found.

    Attributes:
        thorough: whether all tiers and rotations were tried.
        samples: distinct pictures in the workspace.
        left_out: samples too empty to compare; they only count as exact copies.
        left_out_for: quality flag (blank, low-information) -> how many of these.
        pairs: kind -> verified pairs.
        doubtful: pairs that a person should look at.
        groups: groups of two or more samples.
        grouped: samples in them.
        largest: samples in the largest.
        cut: pairs that were left out of groups because the chain was too long.
    """

    thorough: bool
    samples: int
    left_out: int
    left_out_for: dict[str, int] = field(default_factory=dict)
    pairs: dict[str, int] = field(default_factory=dict)
    doubtful: int = 0
    groups: int = 0
    grouped: int = 0
    largest: int = 0
    cut: int = 0


def find_duplicates(
    workspace: Workspace,
    *,
    thorough: bool = False,
    executor: Executor | None = None,
    progress: Progress = silent,
) -> DuplicateReport:
    """Search all samples for copies of one photograph and group them.

    The outcome depends on the pictures, the seed of curate.toml and `thorough` alone: not on the order in which sources
    came, on earlier searches, or on how many workers there are.

    Args:
        workspace: what to search; its tables of pairs and groups are replaced.
        thorough: also quarter turns, stretched, edited and blurred copies.
        executor: threads (the work shares the pictures); None = threads on all cores.
        progress: told how far it is.

    Raises:
        WorkspaceLocked: another process writes to this workspace.
    """
    with workspace.locked("curate duplicates"), workspace.catalog() as catalog, threadpool_limits(1):
        with nullcontext(executor) if executor else local_threads() as pool:
            collection = load_collection(workspace, executor=pool, progress=progress)
            cache = VerdictCache(duplicates.load_verdicts(catalog, METHOD))
            seed = workspace.config.seed
            found = search_pairs(
                collection, thorough=thorough, seed=seed, cache=cache, executor=pool, progress=progress
            )
        return _record(catalog, collection, found, cache, thorough=thorough)


def _record(
    catalog: Catalog, collection: Collection, found: FoundPairs, cache: VerdictCache, *, thorough: bool
) -> DuplicateReport:
    pairs = _named_pairs(collection, found)
    verified = {(pair.sample_a, pair.sample_b): pair.similarity for pair in pairs if pair.verdict == "duplicate"}
    groups = group_pairs(verified)
    report = DuplicateReport(
        thorough=thorough,
        samples=len(collection),
        left_out=int((~collection.searchable).sum()),
        left_out_for=dict(sorted(Counter(collection.left_out[~collection.searchable].tolist()).items())),
        pairs=dict(Counter(pair.kind for pair in pairs if pair.verdict == "duplicate").most_common()),
        doubtful=sum(pair.verdict == "review" for pair in pairs),
        groups=len(groups),
        grouped=sum(len(group.members) for group in groups),
        largest=max((len(group.members) for group in groups), default=0),
        cut=sum(len(group.cut) for group in groups),
    )
    stored = {**asdict(report), "covered": duplicates.covered_digest(collection.sample_ids)}
    members = _members(collection, groups, {pair for pair in pairs if pair.kind in _DAMAGING})
    duplicates.replace_duplicates(catalog, pairs, members, thorough=thorough, report=stored)
    duplicates.save_verdicts(catalog, METHOD, cache.save())
    return report


_DAMAGING = frozenset(("stretched", "edited", "blurred"))


def _named_pairs(collection: Collection, found: FoundPairs) -> list[Pair]:
    transforms = tuple(FLIPS_AND_ROTATIONS)
    needed = needed_score(collection, found.pairs).tolist()
    rows = zip(*(column.tolist() for column in asdict(found).values()), needed, strict=True)
    named = []
    for (one, two), probe_number, tier, similarity, duplicate, moved, goal in rows:
        probe = THOROUGH_PROBES[probe_number]
        bits = int(collection.hashes[one, 0] ^ collection.hashes[two, transforms.index(probe)]).bit_count()
        kind = _KIND_BY_TIER.get(TIERS[tier]) or _INVERSE.get(probe) or ("re-cropped" if moved else "copy")
        score = round(min(max(similarity, 0.0), 1.0), 4)
        judged = ("duplicate", "") if duplicate else ("review", doubt(TIERS[tier], score, goal))
        named.append(
            Pair(collection.sample_ids[one], collection.sample_ids[two], kind, TIERS[tier], bits, score, *judged)
        )
    return named


def _members(collection: Collection, groups: list[Group], damaging: set[Pair]) -> list[Grouped]:
    place = {sample_id: row for row, sample_id in enumerate(collection.sample_ids)}
    damage: Mapping[str, int] = Counter(sample for pair in damaging for sample in (pair.sample_a, pair.sample_b))
    members = []
    for group in groups:
        keeper = min(group.members, key=lambda sample: _keeper_order(collection, place[sample], damage.get(sample, 0)))
        members += [Grouped(group.group_id, sample, sample == keeper, group.diameter) for sample in group.members]
    return members


def _keeper_order(collection: Collection, row: int, damage: int) -> tuple[int, int, int, str]:
    """The largest picture is kept, then the least processed, then the one with the smallest sample_id.

    Processed is a picture with many stretched, edited or blurred pairs, and then one that takes few bytes.
    """
    return -int(collection.area[row]), damage, -int(collection.stored_bytes[row]), collection.sample_ids[row]

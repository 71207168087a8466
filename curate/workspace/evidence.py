"""What joins samples: duplicate pairs as people settled them, subjects and sequences."""

from collections.abc import Iterable, Iterator, Set
from typing import TYPE_CHECKING

import numpy as np

from curate.catalog import Catalog, decisions, duplicates, tables
from curate.catalog.duplicates import Pair
from curate.lineage import join_edges, key_edges
from curate.manifest import Fence

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["edge_table", "settle_pairs", "settled_pairs"]

_BY_PEOPLE = "people judged it"
_Edge = tuple[str, str, str, str | None]


def settled_pairs(catalog: Catalog, *, retired: bool = False) -> list[Pair]:
    """The pairs of the last search and those that people judged, ordered; people overrule the search.

    Args:
        catalog: where.
        retired: also pairs that the search found of samples without an active occurrence.
    """
    return settle_pairs(catalog, duplicates.pair_rows(catalog, retired=retired))


def settle_pairs(catalog: Catalog, pairs: Iterable[Pair]) -> list[Pair]:
    """These pairs and those that people judged, ordered; people overrule."""
    judged = decisions.settled_decisions(catalog).pairs
    found = {(pair.sample_a, pair.sample_b): pair for pair in pairs}
    for (one, two), same in judged.items():
        known = found.get((one, two)) or Pair(one, two, "copy", "reviewed", 0, 1.0, "", "")
        found[one, two] = known._replace(verdict="duplicate" if same else "different", reason=_BY_PEOPLE)
    return [found[ends] for ends in sorted(found)]


def edge_table(catalog: Catalog, known: Set[str], fence: Fence | None = None) -> "pd.DataFrame":
    """Columns sample_a, sample_b (a < b), kind and detail, ordered; keys have just enough edges to connect samples.

    Args:
        catalog: at one moment.
        known: samples that edges may connect.
        fence: its members count like active samples, and what its versions knew of them goes on holding.
    """
    import pandas as pd

    found = [*_pair_edges(catalog, fence, known), *_key_edges([*tables.shared_keys(catalog), *_fenced_keys(fence)])]
    table = pd.DataFrame(found, columns=["sample_a", "sample_b", "kind", "detail"], dtype="str")
    return table.sort_values(list(table.columns), ignore_index=True)


def _pair_edges(catalog: Catalog, fence: Fence | None, known: Set[str]) -> Iterator[_Edge]:
    """Verified pairs between known samples, and those that the fence knows and nobody has judged otherwise."""
    pairs = [pair for pair in settled_pairs(catalog, retired=True) if pair.sample_a in known and pair.sample_b in known]
    for pair in pairs:
        if pair.verdict == "duplicate":
            yield pair.sample_a, pair.sample_b, pair.kind, None
    different = {(pair.sample_a, pair.sample_b) for pair in pairs if pair.verdict == "different"}
    settled = {(pair.sample_a, pair.sample_b) for pair in pairs if pair.verdict == "duplicate"} | different
    for edge in fence.edges if fence else ():
        if edge[:2] not in settled:
            yield edge


def _fenced_keys(fence: Fence | None) -> Iterator[tuple[str, str | None, str | None]]:
    """sample_id, subject and sequence of the fence's members, where they have either."""
    if fence is None or fence.occurrences is None:
        return
    table = fence.occurrences[["sample_id", "subject", "sequence"]].astype(object)
    table = table[table["subject"].notna() | table["sequence"].notna()]
    for sample_id, *keys in table.itertuples(index=False, name=None):
        subject, sequence = (key if isinstance(key, str) else None for key in keys)
        yield sample_id, subject, sequence


def _key_edges(keys: list[tuple[str, str | None, str | None]]) -> Iterator[_Edge]:
    """Edges between samples that share a subject or a sequence."""
    names = sorted({row[0] for row in keys})
    index = {name: number for number, name in enumerate(names)}
    sample = np.array([index[row[0]] for row in keys], np.int64)
    shared = join_edges(
        key_edges(kind, sample, [row[column] for row in keys]) for kind, column in (("subject", 1), ("sequence", 2))
    )
    for (one, two), kind, detail in zip(shared.ends.tolist(), shared.kind, shared.detail, strict=True):
        yield names[one], names[two], kind, detail

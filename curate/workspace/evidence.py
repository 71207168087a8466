"""What joins samples: duplicate pairs as people settled them, subjects and sequences."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from curate.catalog import Catalog, decisions, duplicates, tables
from curate.catalog.duplicates import Pair
from curate.decisions import fold
from curate.lineage import join_edges, key_edges

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["edge_table", "settle_pairs", "settled_pairs"]

_BY_PEOPLE = "people judged it"


def settled_pairs(catalog: Catalog) -> list[Pair]:
    """The pairs of the last search and those that people judged, ordered; people overrule the search."""
    return settle_pairs(catalog, duplicates.pair_rows(catalog))


def settle_pairs(catalog: Catalog, pairs: Iterable[Pair]) -> list[Pair]:
    """These pairs and those that people judged, ordered; people overrule."""
    judged = fold(decisions.decision_rows(catalog)).pairs
    found = {(pair.sample_a, pair.sample_b): pair for pair in pairs}
    for (one, two), same in judged.items():
        known = found.get((one, two)) or Pair(one, two, "copy", "reviewed", 0, 1.0, "", "")
        found[one, two] = known._replace(verdict="duplicate" if same else "different", reason=_BY_PEOPLE)
    return [found[ends] for ends in sorted(found)]


def edge_table(catalog: Catalog) -> "pd.DataFrame":
    """Columns sample_a, sample_b (a < b), kind and detail, ordered; keys have just enough edges to connect samples."""
    import pandas as pd

    keys = tables.shared_keys(catalog)
    names = sorted({row[0] for row in keys})
    index = {name: number for number, name in enumerate(names)}
    sample = np.array([index[row[0]] for row in keys], np.int64)
    shared = join_edges(
        key_edges(kind, sample, [row[column] for row in keys]) for kind, column in (("subject", 1), ("sequence", 2))
    )
    found = [
        (row.sample_a, row.sample_b, row.kind, None) for row in settled_pairs(catalog) if row.verdict == "duplicate"
    ]
    for (one, two), kind, detail in zip(shared.ends.tolist(), shared.kind, shared.detail, strict=True):
        found.append((names[one], names[two], kind, detail))
    table = pd.DataFrame(found, columns=["sample_a", "sample_b", "kind", "detail"], dtype="str")
    return table.sort_values(list(table.columns), ignore_index=True)

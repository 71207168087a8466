"""Every place where a sample was found, with what was delivered there."""

from typing import TYPE_CHECKING

from curate.catalog import Catalog, tables
from curate.config import Config
from curate.emotions import LABELS
from curate.resolution import canonical_labels, panel_votes
from curate.sample import OUT, official_split
from curate.workspace.frames import frame, text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["occurrence_table"]

_VOTES = [f"votes_{label}" for label in LABELS]
_SHOWN = (
    "sample_id", "source", "key", "given_label", "given_raw", "official_split", "kept_out", "subject", "sequence",
    "file_digest", *_VOTES,
)  # fmt: skip


def occurrence_table(catalog: Catalog, config: Config) -> "pd.DataFrame":
    """The table that `Workspace.occurrences` describes.

    Args:
        catalog: where.
        config: by which labels and splits are read.
    """
    import pandas as pd

    with catalog.snapshot():
        table = frame(tables.occurrence_rows(catalog), tables.OccurrenceRow._fields)
        raw_labels = tables.read_raw_labels(catalog)
        voted, counts = panel_votes(catalog, config.policy.panel)
    canonical = dict(zip(raw_labels.id, canonical_labels(raw_labels, config), strict=True))
    raw = dict(zip(raw_labels.id, raw_labels.raw, strict=True))
    table["given_label"] = text(canonical.get(number) for number in table["given"])
    table["given_raw"] = text(raw.get(number) for number in table["given"])
    _add_splits(table, config)
    votes = pd.DataFrame(counts, index=voted, columns=_VOTES, dtype="Int16")
    table[_VOTES] = votes.reindex(table["row"]).to_numpy()
    table[_VOTES] = table[_VOTES].astype("Int16")
    return table[list(_SHOWN)]


def _add_splits(table: "pd.DataFrame", config: Config) -> None:
    """Add official_split and kept_out, by what each source's own names of splits mean."""
    delivered = table["split"].astype(object).where(table["split"].notna(), None)
    names = list(zip(table["source"].tolist(), delivered.tolist(), strict=True))
    meaning: dict[tuple[str, str | None], tuple[str | None, bool]] = {}
    for source, split in set(names):
        remapped = dict(config.splits.get(source, {}))
        meaning[source, split] = official_split(split, remapped), split is not None and remapped.get(split) == OUT
    table["official_split"] = text(meaning[each][0] for each in names)
    table["kept_out"] = [meaning[each][1] for each in names]

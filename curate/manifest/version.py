"""Version: what was released, as tables and as arrays of pictures."""

from collections.abc import Callable
from concurrent.futures import Executor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from curate.manifest.files import read_header, read_table
from curate.manifest.header import Parent
from curate.manifest.pictures import PictureSource, read_squares
from curate.progress import Progress, silent
from curate.scores import read_scores, score_table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Version", "to_pandas"]

_SHORT = 12
"""Hex digits by which people tell digests apart."""


class Version:
    """One released version; reading only. Tables are pandas data frames with Arrow-backed text."""

    def __init__(self, manifests: Path, name: str, *, state: Path) -> None:
        """Open a version.

        Args:
            manifests: the folder of all versions.
            name: which one.
            state: the workspace's `.curate`, which holds the pictures.

        Raises:
            VersionNotFound: no version of that name.
            VersionDamaged: its manifest.json is not as it was written.
        """
        self.folder = manifests / name
        self.header = read_header(manifests, name)
        self.state = state

    def __repr__(self) -> str:
        """Its name and what it holds, in one line."""
        splits = ", ".join(f"{split} {count:,}" for split, count in self.header.split_sizes.items())
        origin = f"child of {self.header.parent_name}" if self.header.parent else "starts a line"
        digest = self.header.digest[:_SHORT]
        return f"<Version {self.name}: {self.header.rows:,} pictures ({splits}), digest {digest}, {origin}>"

    @property
    def name(self) -> str:
        """Its name, such as `v3`."""
        return self.header.name

    def rows(self) -> "pd.DataFrame":
        """One row per picture, ordered by sample_id; of a derived version by parent and transform.

        Columns: sample_id; label; label_origin (given, majority, priority, votes, group, reviewed, patch); label_by
        (who, or which patch; missing = nobody in particular); label_at (when it was reviewed, ISO 8601); split (train,
        val, test); gold (bool: in the gold test); held (why the picture would have been left out, were it not gold;
        missing = it would not); moved_from (its official split before the repair; missing = not moved); group_id (of
        its duplicates; missing = none); lineage_id; subject; sequence; sources (names, separated by `, `); width,
        height, mode; parent and transform (of an augmented version; missing = as it is); votes_<label> (missing = no
        votes).
        """
        return to_pandas(self.table("rows"))

    def occurrences(self) -> "pd.DataFrame":
        """Every occurrence of the version's sources, by source and key, left-out ones too.

        Columns: those of `Workspace.occurrences`, and left_out (why its sample is no row; missing = it is one).
        """
        return to_pandas(self.table("occurrences"))

    def edges(self) -> "pd.DataFrame":
        """Evidence of lineage, ordered: sample_a, sample_b, kind, detail.

        The kind is that of a duplicate pair, `subject`, `sequence`, `augmented-from` or `lineage` (of one lineage
        group elsewhere, or earlier); the detail says which subject, sequence, transform or group.
        """
        return to_pandas(self.table("edges"))

    def scores(self) -> "pd.DataFrame":
        """One row per benchmark run and part that it was scored on; columns as in `scores.score_table`.

        Raises:
            ScoreDamaged: a file in the version's `scores` folder is no score.
        """
        return score_table(read_scores(self.folder.parent, self.name))

    def table(self, name: str, *, columns: list[str] | None = None) -> pa.Table:
        """`rows`, `occurrences` or `edges` as an Arrow table.

        Raises:
            VersionDamaged: the file is missing or no Parquet.
        """
        return read_table(self.folder / f"{name}.parquet", columns=columns)

    def pictures(
        self,
        split: str | None = None,
        *,
        size_px: int = 48,
        mode: str = "L",
        executor: Executor | None = None,
        progress: Progress = silent,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Pictures and labels in row order.

        Args:
            split: train, val or test; None = all rows.
            size_px: side of the square; the largest centred square is cut out and resized.
            mode: `L` (gray) or `RGB`.
            executor: threads or processes; None = threads on all cores.
            progress: progress callback.

        Returns:
            (N, size_px, size_px) uint8, or (N, size_px, size_px, 3); and (N,) int64, index into `header.classes`.

        Raises:
            PicturesMissing: this workspace does not hold them.
        """
        place = self._places(split)
        chosen = self._identities.take(pa.array(place))
        found = read_squares(self.source, chosen, size_px=size_px, mode=mode, executor=executor, progress=progress)
        index = {label: number for number, label in enumerate(self.header.classes)}
        labels = self.table("rows", columns=["label"]).column("label").to_pylist()
        return found, np.array([index[labels[row]] for row in place.tolist()], np.int64)

    @property
    def identity(self) -> Parent:
        """Its name and digest, as its children record them."""
        return Parent(self.name, self.header.digest)

    @property
    def source(self) -> PictureSource:
        """Where its pictures come from."""
        return PictureSource(self.name, self.state, self.header.recipe)

    @cached_property
    def _identities(self) -> pa.Table:
        return self.table("rows", columns=["sample_id", "split", "parent", "transform"])

    def _places(self, split: str | None) -> np.ndarray:
        splits = self._identities.column("split").to_pylist()
        return np.array([row for row, name in enumerate(splits) if split in (None, name)], np.int64)


def to_pandas(table: pa.Table) -> "pd.DataFrame":
    """Text as Arrow-backed `str`, votes as nullable `Int16`."""
    import pandas as pd

    types: dict[pa.DataType, Callable[[], Any]] = {
        pa.large_string(): lambda: pd.StringDtype(na_value=np.nan),
        pa.int16(): pd.Int16Dtype,
    }
    frame: pd.DataFrame = table.to_pandas(types_mapper=lambda kind: types[kind]() if kind in types else None)
    return frame

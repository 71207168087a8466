"""Which rows a derived version has, and the pictures that they show."""

from collections.abc import Mapping
from concurrent.futures import Executor
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from curate.derive import ORIGINAL
from curate.images import sample_digest
from curate.manifest.pictures import PictureSource, read_in_order
from curate.manifest.schema import ROWS
from curate.progress import Progress

__all__ = ["EVERY_SPLIT", "Expansion", "describe_pictures", "expand"]

EVERY_SPLIT = "all"
_DESCRIBED = ("sample_id", "width", "height", "mode")


class Expansion(NamedTuple):
    """The rows of a derived version before it is known what they show; parallel arrays in canonical order.

    Attributes:
        origin: (N,) int64, row of the parent version.
        transform: (N,) object; None = the row stays as it is.
    """

    origin: np.ndarray
    transform: np.ndarray

    @property
    def made(self) -> np.ndarray:
        """(N,) bool: the row shows a picture that was made, not one that was delivered."""
        return np.array([each not in (None, ORIGINAL) for each in self.transform.tolist()], bool)


def expand(rows: pa.Table, recipe: Mapping[str, Any], *, splits: str) -> Expansion:
    """The rows of a derived version.

    A row of the chosen splits becomes one for each transform, in the recipe's order. Gold pictures always stay, also
    where the recipe keeps no originals.

    Args:
        rows: of the parent; columns split and gold.
        recipe: of which only the transforms count.
        splits: the split to augment, or `EVERY_SPLIT`.
    """
    names = recipe["transforms"]
    origin: list[int] = []
    transform: list[str | None] = []
    columns = (rows.column(name).to_pylist() for name in ("split", "gold"))
    for row, (split, gold) in enumerate(zip(*columns, strict=True)):
        chosen = splits in (split, EVERY_SPLIT)
        shown = [*([None] * (gold and ORIGINAL not in names)), *names] if chosen else [None]
        origin += [row] * len(shown)
        transform += shown
    return Expansion(np.array(origin, np.int64), np.array(transform, object))


def describe_pictures(
    source: PictureSource,
    rows: pa.Table,
    expansion: Expansion,
    *,
    executor: Executor | None,
    progress: Progress,
) -> pa.Table:
    """Make every derived picture once, and say what it is.

    Args:
        source: the parent's stored pictures, with the recipe.
        rows: of the parent; column sample_id.
        expansion: which pictures to make.
        executor: threads or processes; None = threads on all cores.
        progress: progress callback.

    Returns:
        A row for each picture that was made: sample_id (of the derived pixels), width, height, mode.

    Raises:
        PicturesMissing: some are not in this workspace.
    """
    parents = rows.column("sample_id").take(pa.array(expansion.origin[expansion.made]))
    transforms = pa.array(expansion.transform[expansion.made].tolist(), pa.large_string())
    wanted = pa.table({"sample_id": parents, "parent": parents, "transform": transforms})
    descriptions = list(read_in_order(source, wanted, then=_describe, executor=executor, progress=progress))
    columns = list(zip(*descriptions, strict=True)) or [()] * len(_DESCRIBED)
    return pa.table([list(column) for column in columns], pa.schema([ROWS.field(name) for name in _DESCRIBED]))


def _describe(pixels: np.ndarray) -> tuple[str, int, int, str]:
    height, width = pixels.shape[:2]
    return sample_digest(pixels).hex(), width, height, "L" if pixels.ndim == 2 else "RGB"

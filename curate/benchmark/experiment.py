"""What is trained on and what is scored: rows of a version under one protocol, before any picture is read."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.manifest import Version
from curate.manifest.pictures import PictureSource, read_squares
from curate.progress import Progress, silent

__all__ = ["EvalSet", "Experiment", "content_digest", "near_copies", "read_eval_set"]


@dataclass(frozen=True, slots=True)
class EvalSet:
    """Rows that are trained on or scored together.

    Attributes:
        keys: (N,) str, unique name of each row: its sample_id, or where that is not unique, what makes it so.
        table: N rows: sample_id, parent, transform: which pictures.
        labels: (N,) int64.
        groups: (N,) str, lineage group of each row.
        copies: (N,) str, duplicate group of each row: rows of one group show one photograph.
        votes: (N, K) float32 counts, of rows without votes zero.
        source: where the pictures are.
    """

    keys: np.ndarray
    table: pa.Table
    labels: np.ndarray
    groups: np.ndarray
    copies: np.ndarray
    votes: np.ndarray
    source: PictureSource

    def take(self, rows: np.ndarray) -> "EvalSet":
        """Some of its rows, by a mask or by their places."""
        chosen = np.flatnonzero(rows) if rows.dtype == bool else rows
        return EvalSet(
            keys=self.keys[chosen],
            table=self.table.take(pa.array(chosen)),
            labels=self.labels[chosen],
            groups=self.groups[chosen],
            copies=self.copies[chosen],
            votes=self.votes[chosen],
            source=self.source,
        )

    @property
    def delivered(self) -> int:
        """How many different delivered pictures the rows show or are made from."""
        return len(pc.unique(pc.coalesce(self.table.column("parent"), self.table.column("sample_id"))))

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, slots=True)
class Experiment:
    """One version under one protocol.

    Attributes:
        version: which.
        protocol: its name.
        source: the one source that it is restricted to; None = all.
        leaks: the protocol lets copies of scored pictures into training.
        classes: names, in the order of labels.
        train: what is trained on.
        stopping: what a recipe may choose by; None = nothing is held out for that.
        stopping_is: in words.
        read_scored: reads the parts that are scored, by name; called once, after training.
    """

    version: Version
    protocol: str
    source: str | None
    leaks: bool
    classes: tuple[str, ...]
    train: EvalSet
    stopping: EvalSet | None
    stopping_is: str
    read_scored: Callable[[], dict[str, EvalSet]]


def read_eval_set(part: EvalSet, *, size_px: int, mode: str, progress: Progress = silent) -> np.ndarray:
    """(N, size_px, size_px) uint8, or (N, size_px, size_px, 3), in row order.

    Raises:
        PicturesMissing: some are not in this workspace.
    """
    return read_squares(part.source, part.table, size_px=size_px, mode=mode, progress=progress)


def content_digest(*parts: EvalSet | None) -> str:
    """64 hex that stand for the rows of some parts: their pictures, labels and votes, in order."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(b"part\n")
        if part is None:
            continue
        for row in zip(part.keys.tolist(), part.labels.tolist(), strict=True):
            digest.update(f"{row[0]}\t{row[1]}\n".encode())
        digest.update(np.ascontiguousarray(part.votes, "<f4").tobytes())
    return digest.hexdigest()


def near_copies(train: EvalSet, scored: EvalSet) -> np.ndarray:
    """(N,) bool: the scored rows of which training holds another picture of the same photograph."""
    return np.isin(scored.copies, np.unique(train.copies))

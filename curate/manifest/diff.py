"""What changed between two versions: rows added, removed, relabelled, moved, withdrawn."""

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.derive import ORIGINAL
from curate.manifest.version import Version, to_pandas

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ClassChange", "VersionDiff", "diff_versions"]

_COLUMNS = ["sample_id", "label", "label_origin", "label_by", "split", "parent", "transform", "sources"]


@dataclass(frozen=True, slots=True)
class ClassChange:
    """One label in either version: its rows before and after, and where the difference comes from."""

    label: str
    before: int
    after: int
    added: int
    removed: int
    relabelled_to: int
    relabelled_from: int


@dataclass(frozen=True, slots=True)
class VersionDiff:
    """What turns version `a` into version `b`.

    Attributes:
        a, b: their names.
        same: rows in both with the same label and split.
        added: rows that are only in b: columns sample_id, label, split, transform.
        removed: rows that are only in a: the same columns, and why, never empty: what b's occurrences say, or which of
            the sources no longer deliver the picture, or what became of the augmented pictures.
        relabelled: rows in both with another label: sample_id, split, label_a, label_b, label_origin, label_by.
        moved: rows in both that lie in another split: sample_id, label, split_a, split_b.
        withdrawn: those of `removed` that b withdrew, with the edge that joined them to a higher split: sample_id,
            split, sample_a, sample_b, kind, detail.
        classes: label by label.
    """

    a: str
    b: str
    same: int
    added: "pd.DataFrame"
    removed: "pd.DataFrame"
    relabelled: "pd.DataFrame"
    moved: "pd.DataFrame"
    withdrawn: "pd.DataFrame"
    classes: tuple[ClassChange, ...]


def diff_versions(a: Version, b: Version) -> VersionDiff:
    """Compare two versions row by row; a row is identified by its picture, or by its parent and transform.

    Raises:
        VersionDamaged: a file of either cannot be read.
    """
    old, new = (version.table("rows", columns=_COLUMNS) for version in (a, b))
    place = pc.index_in(_keys(new), value_set=_keys(old)).combine_chunks()
    matched = np.asarray(pc.fill_null(place, -1).to_numpy(zero_copy_only=False), np.int64)
    kept = np.flatnonzero(matched >= 0)
    before, after = old.take(pa.array(matched[kept])), new.take(pa.array(kept))
    gone = np.ones(len(old), bool)
    gone[matched[kept]] = False
    relabelled = _differs(before, after, "label")
    moved = _differs(before, after, "split")
    shown = ["sample_id", "label", "split", "transform"]
    removed = old.filter(pa.array(gone))
    added = new.take(pa.array(np.flatnonzero(matched < 0)))
    return VersionDiff(
        a=a.name,
        b=b.name,
        same=int(np.logical_not(relabelled | moved).sum()),
        added=to_pandas(added.select(shown)),
        removed=_with_reasons(removed, shown, b),
        relabelled=_both(before, after, relabelled, "label", ["split"], ["label_origin", "label_by"]),
        moved=_both(before, after, moved, "split", ["label"], []),
        withdrawn=_withdrawn(b, removed),
        classes=_class_changes(old, new, added, removed, before, after),
    )


def _delivered(rows: pa.Table) -> pa.ChunkedArray:
    """sample_id of the picture that a source delivered: of an augmented one, its parent."""
    return pc.coalesce(rows.column("parent"), rows.column("sample_id"))


def _keys(rows: pa.Table) -> pa.ChunkedArray:
    """What identifies a row: its picture; of an augmented picture its parent and transform."""
    transform = rows.column("transform")
    if transform.null_count == len(rows):
        return rows.column("sample_id")
    shown = _delivered(rows)
    made = pc.binary_join_element_wise(shown, pc.fill_null(transform, ""), pa.scalar(" ", pa.large_string()))
    return pc.if_else(pc.not_equal(pc.fill_null(transform, ORIGINAL), ORIGINAL), made, shown)


def _differs(before: pa.Table, after: pa.Table, name: str) -> np.ndarray:
    return np.asarray(pc.not_equal(before.column(name), after.column(name)).to_numpy(), bool)


def _both(
    before: pa.Table, after: pa.Table, chosen: np.ndarray, name: str, lead: list[str], tail: list[str]
) -> "pd.DataFrame":
    mask = pa.array(chosen)
    old, new = before.filter(mask), after.filter(mask)
    columns = {each: new.column(each) for each in ("sample_id", *lead)}
    columns |= {f"{name}_a": old.column(name), f"{name}_b": new.column(name)}
    columns |= {each: new.column(each) for each in tail}
    return to_pandas(pa.table(columns))


def _with_reasons(removed: pa.Table, shown: list[str], b: Version) -> "pd.DataFrame":
    import pandas as pd

    table = b.table("occurrences", columns=["sample_id", "left_out"])
    place = pc.index_in(_delivered(removed), value_set=table.column("sample_id")).to_pylist()
    reasons = table.column("left_out").to_pylist()
    sources, transforms = (removed.column(name).to_pylist() for name in ("sources", "transform"))
    result = to_pandas(removed.select(shown))
    result["why"] = pd.array(
        [
            _not_delivered(its_sources or "", b) if number is None else reasons[number] or _not_made(transform, b)
            for number, its_sources, transform in zip(place, sources, transforms, strict=True)
        ],
        dtype="str",
    )
    return result


def _not_delivered(sources: str, b: Version) -> str:
    """Of a picture that no source of b delivers."""
    here = {each.name for each in b.header.sources}
    gone = [name for name in sources.split(", ") if name and name not in here]
    still = [name for name in sources.split(", ") if name in here]
    reasons = [f"{name} is no source of {b.name}" for name in gone]
    reasons += [f"{name} no longer delivers it" for name in still]
    return "; ".join(reasons) or f"no source of {b.name} delivers it"


def _not_made(transform: str | None, b: Version) -> str:
    """Of a picture that b has, but not in this shape."""
    if b.header.derived is None:
        return f"{b.name} is not augmented"
    what = "as it is" if transform in (None, ORIGINAL) else f"by {transform}"
    return f"the augmentation of {b.name} does not hold it {what}"


def _withdrawn(b: Version, removed: pa.Table) -> "pd.DataFrame":
    import pandas as pd

    names = set(removed.column("sample_id").to_pylist())
    listed = [
        {"sample_id": each.sample_id, "split": each.split, **each.edge}
        for each in b.header.withdrawn
        if each.sample_id in names
    ]
    return pd.DataFrame(listed, columns=["sample_id", "split", "sample_a", "sample_b", "kind", "detail"])


def _class_changes(
    old: pa.Table, new: pa.Table, added: pa.Table, removed: pa.Table, before: pa.Table, after: pa.Table
) -> tuple[ClassChange, ...]:
    mask = pa.array(_differs(before, after, "label"))
    tables = (old, new, added, removed, after.filter(mask), before.filter(mask))
    counts = [_count(table) for table in tables]
    labels = sorted({label for each in counts for label in each})
    return tuple(ClassChange(label, *(each[label] for each in counts)) for label in labels)


def _count(rows: pa.Table) -> Counter[str]:
    found = rows.column("label").value_counts()
    return Counter({each["values"].as_py(): each["counts"].as_py() for each in found})

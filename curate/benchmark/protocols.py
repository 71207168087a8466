"""The protocols: which rows are trained on and which are scored.

leak-free           the version's own splits; the gold test with the newest labels
official            one source as it was delivered, its own labels and splits, copies and all
augment-then-split  the published mistake: turned and zoomed copies of all pictures first, a random split afterwards
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from curate.benchmark.experiment import EvalSet, Experiment
from curate.benchmark.gold import gold_labels
from curate.components import connect_names
from curate.derive import X4
from curate.errors import Untrainable
from curate.lineage import NOT_COPIES
from curate.manifest import Version
from curate.manifest.pictures import PictureSource
from curate.names import check_known, look_up
from curate.seeding import derive_seed

__all__ = ["PROTOCOLS", "Protocol", "make_experiment"]

_TRAINED_SHARE = 0.8


class Protocol(NamedTuple):
    """How rows are dealt out.

    Attributes:
        summary: one line.
        leaks: copies of scored pictures may be trained on.
        make: (version, source, hold_out) -> task.
    """

    summary: str
    leaks: bool
    make: Callable[[Version, str | None, bool], Experiment]


def make_experiment(
    version: Version, protocol: str, *, source: str | None = None, hold_out: bool = False
) -> Experiment:
    """The rows of a version under a protocol; what is scored is not read yet.

    Args:
        version: which.
        protocol: a key of `PROTOCOLS`.
        source: the one to score, for `official`; None = the only one.
        hold_out: the recipe chooses by something: hold a tenth of training out where the protocol has no split for it.

    Raises:
        Untrainable: no such protocol or source, an empty split, or one class only.
    """
    how = look_up(protocol, PROTOCOLS, what="no protocol", error=Untrainable)
    if source is not None and protocol != "official":
        raise Untrainable(f"--source belongs to the protocol official; {protocol} takes every source of {version.name}")
    task = how.make(version, source, hold_out)
    where = f"{version.name} under the protocol {protocol}"
    if len(np.unique(task.train.labels)) < 2:
        what = "no picture" if not len(task.train) else "pictures of one class only"
        raise Untrainable(f"{where} has {what} to train on; freeze a version with more, or take another protocol")
    if hold_out and not task.stopping:
        raise Untrainable(f"{where} has no val pictures, by which this recipe stops; freeze with a val split")
    return task


def _leak_free(version: Version, _source: str | None, _hold_out: bool) -> Experiment:  # noqa: FBT001
    if not version.header.split_sizes["test"]:
        raise Untrainable(f"{version.name} has no test pictures; freeze a version with a test split")
    rows = _rows(version)
    split = rows.split
    val = rows.part.take(split == "val")

    def read_scored() -> dict[str, EvalSet]:
        """Val, test, and gold with its newest labels; called when training is over."""
        again = _rows(version)
        test, gold = (again.part.take(each) for each in (split == "test", again.gold))
        newest = gold_labels(version).places(gold.keys.tolist(), version.header.classes)
        gold = replace(gold, labels=newest).take(newest >= 0)
        parts = {"val": again.part.take(split == "val"), "test": test, "gold": gold}
        return {name: part for name, part in parts.items() if len(part)}

    train = rows.part.take(split == "train")
    return _experiment(version, "leak-free", None, train, val if len(val) else None, "val", read_scored)


def _official(version: Version, source: str | None, hold_out: bool) -> Experiment:  # noqa: FBT001
    if version.header.derived:
        raise Untrainable(
            f"{version.name} is augmented, and the protocol official takes pictures as they were delivered; benchmark "
            f"{version.header.parent_name}, or {version.name} under another protocol"
        )
    chosen = _choose_source(version, source)
    part, split = _occurrences(version, chosen)

    def read_scored() -> dict[str, EvalSet]:
        """The official val and test, as delivered; called when training is over."""
        parts = {name: part.take(split == name) for name in ("val", "test")}
        return {name: rows for name, rows in parts.items() if len(rows)}

    if not np.isin(split, ("val", "test")).any():
        raise Untrainable(
            f"{chosen} has no official val or test pictures with a label of {version.name}; take the protocol leak-free"
        )
    train, stopping = _hold_out(part.take(split == "train")) if hold_out else (part.take(split == "train"), None)
    return _experiment(version, "official", chosen, train, stopping, "a tenth of train, whole lineages", read_scored)


def _augment_then_split(version: Version, _source: str | None, hold_out: bool) -> Experiment:  # noqa: FBT001
    part = _rows(version).part
    if not version.header.derived:
        part = _expand(part, version)
    rng = np.random.default_rng(derive_seed(version.header.seed, "augment-then-split"))
    trained = np.zeros(len(part), bool)
    for label in np.unique(part.labels):
        rows = rng.permutation(np.flatnonzero(part.labels == label))
        trained[rows[: round(len(rows) * _TRAINED_SHARE)]] = True
    train, stopping = _hold_out(part.take(trained)) if hold_out else (part.take(trained), None)
    what = "a tenth of train, whole lineages"
    return _experiment(
        version, "augment-then-split", None, train, stopping, what, lambda: {"test": part.take(~trained)}
    )


PROTOCOLS: Mapping[str, Protocol] = {
    "leak-free": Protocol(
        "the version's own splits; the gold test with the newest labels", leaks=False, make=_leak_free
    ),
    "official": Protocol("one source with its own labels and splits, copies and all", leaks=True, make=_official),
    "augment-then-split": Protocol(
        "the published mistake: augment first, split at random", leaks=True, make=_augment_then_split
    ),
}


def _experiment(
    version: Version,
    protocol: str,
    source: str | None,
    train: EvalSet,
    stopping: EvalSet | None,
    stopping_is: str,
    read_scored: Callable[[], dict[str, EvalSet]],
) -> Experiment:
    return Experiment(
        version=version,
        protocol=protocol,
        source=source,
        leaks=PROTOCOLS[protocol].leaks,
        classes=version.header.classes,
        train=train,
        stopping=stopping,
        stopping_is=stopping_is if stopping else "none",
        read_scored=read_scored,
    )


class _Rows(NamedTuple):
    part: EvalSet
    split: np.ndarray
    gold: np.ndarray


def _rows(version: Version) -> _Rows:
    """All rows of a version."""
    classes = list(version.header.classes)
    columns = ["sample_id", "parent", "transform", "label", "split", "gold", "group_id", "lineage_id"]
    table = version.table("rows", columns=[*columns, *(f"votes_{label}" for label in classes)])
    sample, parent, transform, group = (
        table.column(name).to_pylist() for name in ("sample_id", "parent", "transform", "group_id")
    )
    delivered = [first or name for first, name in zip(parent, sample, strict=True)]
    part = EvalSet(
        keys=np.array([f"{n} {t}" if t else n for n, t in zip(sample, transform, strict=True)], object),
        table=table.select(["sample_id", "parent", "transform"]),
        labels=_index(table.column("label").to_pylist(), classes),
        groups=np.array(table.column("lineage_id").to_pylist(), object),
        copies=np.array([each or name for each, name in zip(group, delivered, strict=True)], object),
        votes=_votes(table, classes),
        source=version.source,
    )
    return _Rows(part, np.array(table.column("split").to_pylist(), object), np.array(table.column("gold").to_pylist()))


def _occurrences(version: Version, source: str) -> tuple[EvalSet, np.ndarray]:
    """The occurrences of a source with a given label of the version's classes, and their official splits."""
    classes = list(version.header.classes)
    columns = ["sample_id", "source", "key", "given_label", "official_split"]
    table = version.table("occurrences", columns=[*columns, *(f"votes_{label}" for label in classes)])
    sources, given = (table.column(name).to_pylist() for name in ("source", "given_label"))
    table = table.take(pa.array([n for n, each in enumerate(sources) if each == source and given[n] in classes]))
    sample = table.column("sample_id").to_pylist()
    blank = pa.nulls(len(sample), pa.large_string())
    part = EvalSet(
        keys=np.array(table.column("key").to_pylist(), object),
        table=pa.table({"sample_id": table.column("sample_id"), "parent": blank, "transform": blank}),
        labels=_index(table.column("given_label").to_pylist(), classes),
        groups=_joined(version, sample, but=()),
        copies=_joined(version, sample, but=NOT_COPIES),
        votes=_votes(table, classes),
        source=version.source,
    )
    return part, np.array(table.column("official_split").to_pylist(), object)


def _joined(version: Version, samples: list[str], *, but: tuple[str, ...]) -> np.ndarray:
    """(N,) str: the smallest sample_id that lineage edges, but those of some kinds, lead to."""
    edges = version.table("edges")
    kinds = edges.column("kind").to_pylist()
    kept = edges.take(pa.array([n for n, kind in enumerate(kinds) if kind not in but], pa.int64()))
    return np.array(connect_names(pa.chunked_array([samples], pa.large_string()), kept).to_pylist(), object)


def _expand(part: EvalSet, version: Version) -> EvalSet:
    """Four rows for each: as it is, turned both ways, and zoomed."""
    transforms = list(X4["transforms"])
    each = np.repeat(np.arange(len(part)), len(transforms))
    wide = part.take(each)
    sample = wide.table.column("sample_id")
    applied = transforms * len(part)
    table = pa.table({"sample_id": sample, "parent": sample, "transform": pa.array(applied, pa.large_string())})
    keys = np.array([f"{key} {name}" for key, name in zip(wide.keys, applied, strict=True)], object)
    return replace(wide, keys=keys, table=table, source=PictureSource(version.name, version.state, X4))


def _hold_out(train: EvalSet) -> tuple[EvalSet, EvalSet]:
    """Nine tenths and one tenth, lineage groups whole; which, depends on the groups alone."""
    tenth = {group: derive_seed(0, "stopping", group) % 10 == 0 for group in set(train.groups.tolist())}
    held_out = np.array([tenth[group] for group in train.groups.tolist()], bool)
    return train.take(~held_out), train.take(held_out)


def _choose_source(version: Version, source: str | None) -> str:
    known = [each.name for each in version.header.sources]
    if source is None and len(known) == 1:
        return known[0]
    if not source:
        raise Untrainable(f"the protocol official is about one source; name it by --source: {', '.join(known)}")
    check_known(source, known, what="no source", error=Untrainable, where=f" in {version.name}")
    return source


def _index(labels: list[str], classes: list[str]) -> np.ndarray:
    index = {label: position for position, label in enumerate(classes)}
    return np.array([index[label] for label in labels], np.int64)


def _votes(table: pa.Table, classes: list[str]) -> np.ndarray:
    columns = [table.column(f"votes_{label}").to_numpy() for label in classes]
    votes = np.array(columns, np.float32).T.reshape(-1, len(classes))
    return np.nan_to_num(votes)

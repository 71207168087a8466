"""What is chosen for one version alone: classes, sources, and splits from a file."""

import csv
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from curate.emotions import LABELS
from curate.errors import VersionError
from curate.names import check_known
from curate.sample import OFFICIAL_SPLITS, official_split
from curate.version.placement import NO_SPLIT, Candidates, Placement

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["NOTHING_CHOSEN", "Choice", "SplitFile", "choose", "describe_choice", "read_splits"]

_DELIMITERS = {".tsv": "\t", ".tab": "\t"}


@dataclass(frozen=True, slots=True)
class SplitFile:
    """Splits that somebody asks for.

    Attributes:
        name: of the file.
        splits: sample_id -> train, val or test.
        unknown: keys and sample_ids that the workspace does not hold, in order.
    """

    name: str
    splits: Mapping[str, str]
    unknown: tuple[str, ...]

    @property
    def digest(self) -> str:
        """sha256 over what it says of pictures that are here, ordered."""
        lines = (f"{sample_id} {split}\n" for sample_id, split in sorted(self.splits.items()))
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def asked(self, names: np.ndarray) -> np.ndarray:
        """(S,) index into `OFFICIAL_SPLITS` for each of these samples, or `NO_SPLIT`."""
        codes = {split: code for code, split in enumerate(OFFICIAL_SPLITS)}
        return np.array([codes.get(self.splits.get(name, ""), NO_SPLIT) for name in names.tolist()], np.int64)


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen; nothing of it = a version of all that the workspace holds, by its curate.toml.

    Attributes:
        classes: labels that the version holds; empty = those of the policy.
        sources: whose pictures it holds and whose labels count; None = all.
        said: how these were given, `classes`, `only` and `without`; part of the header and of the digest.
        splits: asked for, for lineage groups that neither the parent nor a patch places; None = none.
    """

    classes: tuple[str, ...] = ()
    sources: frozenset[str] | None = None
    said: Mapping[str, list[str]] = field(default_factory=dict)
    splits: SplitFile | None = None


NOTHING_CHOSEN = Choice()


def choose(
    known: Sequence[str],
    *,
    classes: Sequence[str] = (),
    only: Sequence[str] = (),
    without: Sequence[str] = (),
    splits: SplitFile | None = None,
) -> Choice:
    """Check what was chosen.

    Args:
        known: names of the sources that there are.
        classes: labels that the version holds; empty = those of the policy.
        only: sources; empty = all.
        without: sources that are left out.
        splits: of `read_splits`.

    Raises:
        VersionError: an unknown label or source, both `only` and `without`, or no source remains.
    """
    for label in classes:
        _check(label, LABELS, "--classes", "label")
    if len(set(classes)) < len(classes):
        raise VersionError(f"--classes {','.join(classes)}: name each once")
    if only and without:
        raise VersionError("--only and --without say the same in two ways; give one of them")
    for option, names in (("--only", only), ("--without", without)):
        for name in names:
            _check(name, known, option, "source")
    sources = frozenset(only) if only else frozenset(known) - set(without) if without else None
    if sources is not None and not sources:
        raise VersionError(f"--without {' '.join(without)}: no source remains")
    said = {"classes": list(classes), "only": sorted(only), "without": sorted(without)}
    return Choice(tuple(classes), sources, {name: values for name, values in said.items() if values}, splits)


def _check(name: str, known: Sequence[str], option: str, what: str) -> None:
    check_known(name, known, what=f"{option} {name}: there is no {what}", error=VersionError)


def read_splits(path: Path, occurrences: "pd.DataFrame") -> SplitFile:
    """Read a table with a column `split` and `sample_id` or `key`, and `source` where keys are not unique.

    Args:
        path: CSV, or TSV by its name; splits by any of their usual names.
        occurrences: of `Workspace.occurrences`.

    Raises:
        VersionError: no such table, a split that nobody knows, a key that several pictures have, one picture in two
            splits, or nothing in it is here.
    """
    found: dict[str, str] = {}
    unknown: list[str] = []
    ids = set(occurrences["sample_id"])
    by_key: dict[tuple[str, str], set[str]] = {}
    for sample_id, source, key in occurrences[["sample_id", "source", "key"]].itertuples(index=False):
        by_key.setdefault(("", key), set()).add(sample_id)
        by_key.setdefault((source, key), set()).add(sample_id)
    for line, row in _rows(path):
        split = official_split(row.get("split") or "")
        if split is None:
            raise VersionError(f"{path}, line {line}: `{row.get('split')}` is no split; write train, val or test")
        name = (row.get("sample_id") or "").lower() or row.get("key") or ""
        meant = {name} & ids if row.get("sample_id") else by_key.get((row.get("source") or "", name), set())
        if len(meant) > 1:
            raise VersionError(f"{path}, line {line}: several pictures have the key `{name}`; add a column `source`")
        unknown += [] if meant else [name]
        for sample_id in meant:
            if found.setdefault(sample_id, split) != split:
                raise VersionError(
                    f"{path}, line {line}: `{name}` ({sample_id[:12]}) is in {split} here and in {found[sample_id]} "
                    "above; name one split for each picture"
                )
    if not found:
        raise VersionError(f"{path} names no picture of this workspace; its keys are such as `{_example(occurrences)}`")
    return SplitFile(path.name, found, tuple(unknown))


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file, delimiter=_DELIMITERS.get(path.suffix.lower(), ","))
            names = set(table.fieldnames or ())
            if "split" not in names or not names & {"sample_id", "key"}:
                raise VersionError(f"{path} needs the columns `split` and `sample_id` or `key`; it has {sorted(names)}")
            for row in table:
                yield table.line_num, row
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise VersionError(f"{path} cannot be read as a table ({error})") from None


def _example(occurrences: "pd.DataFrame") -> str:
    return str(occurrences["key"].iloc[0]) if len(occurrences) else "none yet"


def describe_choice(choice: Choice, own: Candidates, placed: Placement, names: np.ndarray) -> dict[str, Any]:
    """What a header says of a choice: `chosen`, which belongs to the digest, and what became of a file of splits."""
    chosen: dict[str, Any] = dict(choice.said)
    described: dict[str, Any] = {}
    if choice.splits is not None:
        chosen["splits"] = choice.splits.digest
        described["splits_file"] = _outcome(choice.splits, own, placed, names)
    return {"chosen": chosen, **described} if chosen else {}


def _outcome(file: SplitFile, own: Candidates, placed: Placement, names: np.ndarray) -> dict[str, Any]:
    asked = file.asked(names)
    held = (asked != NO_SPLIT) & (placed.split != NO_SPLIT)
    other = held & (placed.split != asked)
    gold = other & own.gold
    return {
        "name": file.name,
        "followed": int((held & ~other).sum()),
        "gold": int(gold.sum()),
        "settled": int((other & placed.settled & ~gold).sum()),
        "joined": int((other & ~placed.settled).sum()),
        "left_out": int(((asked != NO_SPLIT) & (placed.split == NO_SPLIT)).sum()),
        "unknown": len(file.unknown),
        "such_as": next(iter(file.unknown), None),
    }

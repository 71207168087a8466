"""The header of a derived version: what its manifest.json says beside the digests."""

from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version as installed_version
from typing import Any

import pyarrow as pa

from curate.augment.expansion import EVERY_SPLIT
from curate.manifest import Derivation, Header, Version
from curate.sample import OFFICIAL_SPLITS

__all__ = ["CROSS_SPLIT", "describe"]

CROSS_SPLIT = "an augmented picture equals a picture of another split"
_INHERITED = (
    "format", "line", "gold", "held", "classes", "seed", "ratios", "keep_copies", "keep_official_splits", "policy",
    "labels", "splits", "search", "sources",
)  # fmt: skip


def describe(
    name: str,
    parent: Version,
    rows: pa.Table,
    *,
    recipe: Mapping[str, Any],
    splits: str,
    crossing: int,
    created: str,
    serial: int,
) -> Header:
    """Everything but digests.

    Args:
        name: of the derived version.
        parent: what it was made from, whose line, gold test and configuration it has.
        rows: its own.
        recipe: what makes its pictures.
        splits: which of them are augmented.
        crossing: how many augmented pictures were left out because they would join two splits.
        created: now.
        serial: its place in the order of releases.
    """
    return Header.from_json(
        {
            **{key: parent.header[key] for key in _INHERITED},
            **{key: parent.header[key] for key in ("chosen",) if key in parent.header},
            "name": name,
            "parent": asdict(parent.identity),
            "created": created,
            "tool": _tools(recipe),
            "rows": len(rows),
            "counts": _counts(rows),
            "left_out": {**parent.header.left_out, **({CROSS_SPLIT: crossing} if crossing else {})},
            "withdrawn": [],
            "moved": [],
            "derived": asdict(Derivation(dict(recipe), splits)),
            "test_augmented": splits in ("test", EVERY_SPLIT),
            "serial": serial,
        }
    )


def _tools(recipe: Mapping[str, Any]) -> dict[str, str]:
    """Versions of what makes the pictures; the steps of recipes are albumentations'."""
    names = {"curate": "curate-fer"}
    if "steps" in recipe:
        names |= {"albumentations": "albumentations", "opencv": "opencv-python-headless"}
    return {shown: installed_version(name) for shown, name in names.items()}


def _counts(rows: pa.Table) -> dict[str, dict[str, int]]:
    found = rows.group_by(["split", "label"]).aggregate([([], "count_all")]).to_pylist()
    counts: dict[str, dict[str, int]] = {split: {} for split in OFFICIAL_SPLITS}
    for each in sorted(found, key=lambda each: str(each["label"])):
        counts[each["split"]][each["label"]] = each["count_all"]
    return counts

"""The gold test of a line, with the labels of the line's newest version; which pictures of it a version holds."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from curate.manifest import Version, release_order, version_names

__all__ = ["GoldLabels", "gold_labels", "gold_members"]


class GoldLabels(NamedTuple):
    """What the newest version of a line says of its gold test.

    Attributes:
        version: its name.
        label: by sample_id.
    """

    version: str
    label: dict[str, str]

    def places(self, keys: Iterable[str], classes: tuple[str, ...]) -> np.ndarray:
        """(N,) int64 label of each picture as a position in `classes`; -1 = it has none of these labels now."""
        index = {label: position for position, label in enumerate(classes)}
        return np.array([index.get(self.label.get(key, ""), -1) for key in keys], np.int64)


def gold_labels(version: Version) -> GoldLabels:
    """Labels of the gold test of the version's line, as its newest version that was not derived has them.

    Raises:
        VersionDamaged: a version of the line cannot be read.
    """
    manifests = version.folder.parent
    known = [Version(manifests, name, state=version.state) for name in version_names(manifests)]
    line = [each for each in known if each.header.line == version.header.line and not each.header.derived]
    newest = release_order(line or [version])[-1]
    rows = newest.table("rows", columns=["sample_id", "label", "gold"])
    columns = (rows.column(name).to_pylist() for name in ("sample_id", "label", "gold"))
    return GoldLabels(newest.name, {name: label for name, label, gold in zip(*columns, strict=True) if gold})


def gold_members(version: Version) -> set[str]:
    """The gold pictures of a version, by sample_id; turned and zoomed copies of an augmented one do not count.

    Raises:
        VersionDamaged: its rows cannot be read.
    """
    rows = version.table("rows", columns=["sample_id", "gold", "transform"])
    columns = (rows.column(name).to_pylist() for name in ("sample_id", "gold", "transform"))
    return {name for name, gold, transform in zip(*columns, strict=True) if gold and not transform}

"""A page that shows what each transform does to a face."""

from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from curate.derive import ORIGINAL
from curate.gallery import Section, Tile, write_gallery
from curate.images import encode_png
from curate.manifest import Version
from curate.manifest.pictures import PictureSource, read_in_order

__all__ = ["write_transforms_gallery"]


class _Face(NamedTuple):
    sample_id: str
    label: str


def write_transforms_gallery(version: Version, path: Path) -> int:
    """Write a section for each transform, with the same faces in each: one of every label, as one HTML file.

    Args:
        version: a derived one.
        path: the file; one that is there is replaced.

    Returns:
        How many faces are shown.

    Raises:
        PicturesMissing: this workspace does not hold them.
        StorageFull: there is no space for it.
    """
    recipe, parent = version.header.recipe or {}, version.header.parent_name
    faces = _faces(version)
    transforms = list(dict.fromkeys([ORIGINAL, *recipe["transforms"]]))
    source = PictureSource(parent, version.state, recipe)
    parents = [face.sample_id for _ in transforms for face in faces]
    wanted = {"sample_id": parents, "parent": parents, "transform": [name for name in transforms for _ in faces]}
    pictures = read_in_order(source, pa.table(wanted), then=encode_png)
    sections = [
        Section(name, tuple(Tile(next(pictures), (face.label, face.sample_id[:12])) for face in faces))
        for name in transforms
    ]
    note = f"What {recipe['name']} makes of one face of every label. The pictures are those of your own datasets."
    write_gallery(path, f"Augmentation of {parent}", sections, note=note)
    return len(faces)


def _faces(version: Version) -> list[_Face]:
    """The first augmented picture of every label."""
    rows = version.table("rows", columns=["label", "parent"])
    first: dict[str, str] = {}
    for label, parent in zip(rows.column("label").to_pylist(), rows.column("parent").to_pylist(), strict=True):
        if parent is not None:
            first.setdefault(label, parent)
    return [_Face(first[label], label) for label in version.header.classes if label in first]

"""`image-folder`: SPLIT/CLASS/NAME.png, as Keras and curate's own reader take it, and metadata.csv."""

from collections import Counter
from pathlib import Path

import pyarrow as pa
from pyarrow import csv

from curate.derive import ORIGINAL
from curate.images import encode_png
from curate.manifest import Version
from curate.version.export.writing import Export, Work, Written, pictures_in_order, rows_with_origins

__all__ = ["IMAGE_FOLDER"]

_MOST_FILES = 10_000
"""In one folder; above, file managers and network drives slow down. Classes with more get folders 0000, 0001, ...
inside theirs. Their names are decimal because some pairs of hex digits (`fe`, `af`) name an emotion."""


def _write(work: Work) -> Written:
    rows = rows_with_origins(work.version)
    names = _file_names(rows)
    _make_folders(work.folder, work.version, names)
    for name, data in zip(names, pictures_in_order(work, rows, then=encode_png), strict=True):
        (work.folder / name).write_bytes(data)
    table = rows.add_column(0, "file_name", pa.array(names, pa.large_string()))
    csv.write_csv(table, work.folder / "metadata.csv")
    return Written(len(rows), files=len(names) + 1)


def _file_names(rows: pa.Table) -> list[str]:
    """The path of every row: the sample_id, or that of the parent and the transform."""
    columns = [rows.column(name).to_pylist() for name in ("sample_id", "parent", "transform", "split", "label")]
    sizes = Counter(zip(*columns[3:], strict=True))
    begun: Counter[tuple[str, str]] = Counter()
    names = []
    for sample_id, parent, transform, split, label in zip(*columns, strict=True):
        stem = sample_id if transform in (None, ORIGINAL) else f"{parent}-{transform}"
        shard = f"{begun[split, label] // _MOST_FILES:04d}/" if sizes[split, label] > _MOST_FILES else ""
        begun[split, label] += 1
        names.append(f"{split}/{label}/{shard}{stem}.png")
    return names


def _make_folders(folder: Path, version: Version, names: list[str]) -> None:
    """Every split has a folder for every class, so that all splits number the classes alike."""
    splits = {name.split("/")[0] for name in names}
    wanted = {f"{split}/{label}" for split in splits for label in version.header.classes}
    for path in sorted(wanted | {name.rpartition("/")[0] for name in names}):
        (folder / path).mkdir(parents=True, exist_ok=True)


IMAGE_FOLDER = Export(
    name="image-folder",
    summary="SPLIT/CLASS/SAMPLE.png of every picture's own size and mode, and metadata.csv",
    write=_write,
)
"""Load a split with `keras.utils.image_dataset_from_directory("DIR/train")`; take all of it in with `curate ingest`."""

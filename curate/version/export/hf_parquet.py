"""`hf-parquet`: Parquet files and a dataset card, as the `datasets` library loads them."""

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from curate.emotions import LABELS
from curate.manifest import Version
from curate.version.export.card import dataset_card
from curate.version.export.writing import ORIGINS, Export, Work, Written, files_in_order, rows_with_origins

__all__ = ["HF_PARQUET"]

_SPLITS = {"train": "train", "val": "validation", "test": "test"}
"""What the `datasets` library calls them."""
_TEXTS = (
    "sample_id", "label_origin", "group_id", "lineage_id", "subject", "sequence", "sources", "parent", "transform",
    *ORIGINS,
)  # fmt: skip
_PER_GROUP = 512
_SHARD_BYTES = 500_000_000
"""Source: `max_shard_size` of `Dataset.push_to_hub` is 500 MB,
https://huggingface.co/docs/datasets/package_reference/main_classes."""


def _write(work: Work) -> Written:
    rows = rows_with_origins(work.version)
    (work.folder / "data").mkdir()
    present = [split for split in _SPLITS if pc.any(pc.equal(rows.column("split"), split)).as_py()]
    files = 0
    for split in present:
        files += _write_split(work, rows.filter(pc.equal(rows.column("split"), split)), _SPLITS[split])
    card = dataset_card(work.version, [_SPLITS[split] for split in present])
    (work.folder / "README.md").write_text(card, encoding="utf-8")
    return Written(len(rows), files + 1)


def _write_split(work: Work, rows: pa.Table, split: str) -> int:
    """Write the files of a split; how many. Their number is part of their names, so they are named at the end."""
    schema = _schema(work.version)
    groups = _groups(rows, files_in_order(work, rows), work.version, schema)
    drafts: list[Path] = []
    for group in groups:
        drafts.append(work.folder / "data" / f"{split}-{len(drafts):05d}.draft")
        _write_file(drafts[-1], schema, group, groups)
    for number, draft in enumerate(drafts):
        draft.rename(draft.with_name(f"{split}-{number:05d}-of-{len(drafts):05d}.parquet"))
    return len(drafts)


def _write_file(path: Path, schema: pa.Schema, first: pa.Table, others: Iterator[pa.Table]) -> None:
    """Write row groups until the file is large enough."""
    with pq.ParquetWriter(path, schema, compression="zstd", use_dictionary=["label_origin", "sources"]) as writer:
        writer.write_table(first)
        size = first.nbytes
        while size < _SHARD_BYTES and (group := next(others, None)) is not None:
            writer.write_table(group)
            size += group.nbytes


def _groups(rows: pa.Table, pictures: Iterable[bytes], version: Version, schema: pa.Schema) -> Iterator[pa.Table]:
    names = version.header.classes
    found = iter(pictures)
    start = 0
    while data := list(islice(found, _PER_GROUP)):
        part = rows.slice(start, len(data))
        start += len(data)
        image = pa.StructArray.from_arrays([pa.array(data, pa.binary()), pa.nulls(len(data), pa.string())], _IMAGE)
        label = pc.index_in(part.column("label"), value_set=pa.array(names, pa.large_string()))
        columns = [image, label.cast(pa.int64()), part.column("gold"), *(part.column(name) for name in _TEXTS)]
        columns = [column.cast(field.type) for column, field in zip(columns, schema, strict=False)]
        yield pa.table([*columns, _votes(part)], schema=schema)


def _votes(part: pa.Table) -> pa.StructArray:
    """One struct of counts by label for each row; missing where nobody voted."""
    counts = [part.column(f"votes_{label}").combine_chunks() for label in LABELS]
    missing = counts[0].is_null()
    for each in counts[1:]:
        missing = pc.and_(missing, each.is_null())
    return pa.StructArray.from_arrays(counts, fields=list(_VOTES), mask=missing)


_IMAGE = ["bytes", "path"]
_VOTES = pa.struct([(label, pa.int16()) for label in LABELS])


def _schema(version: Version) -> pa.Schema:
    """Columns, and in the metadata what the `datasets` library makes of them (class `Features`)."""
    fields = [
        ("image", pa.struct([("bytes", pa.binary()), ("path", pa.string())])),
        ("label", pa.int64()),
        ("gold", pa.bool_()),
        *((name, pa.string()) for name in _TEXTS),
        ("votes", _VOTES),
    ]
    features: dict[str, Any] = {
        "image": {"_type": "Image"},
        "label": {"names": list(version.header.classes), "_type": "ClassLabel"},
        "gold": {"dtype": "bool", "_type": "Value"},
        **{name: {"dtype": "string", "_type": "Value"} for name in _TEXTS},
        "votes": {label: {"dtype": "int16", "_type": "Value"} for label in LABELS},
    }
    return pa.schema(fields, metadata={"huggingface": json.dumps({"info": {"features": features}})})


HF_PARQUET = Export(
    name="hf-parquet",
    summary="Parquet with Image, ClassLabel and votes, and a dataset card: datasets.load_dataset(DIR)",
    write=_write,
)
"""Pictures are the delivered files, or PNG, of their own size and mode; see `writing.files_in_order`."""

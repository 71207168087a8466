"""`fer2013-csv`: fer2013.csv with the columns emotion, pixels and Usage; 48x48 gray and seven emotions."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.emotions import FER2013_IDS
from curate.manifest.pictures import centred_square
from curate.version.export.writing import Export, Work, Written, pictures_in_order

__all__ = ["FER2013_CSV"]

_SIDE_PX = 48
_COLUMNS = ["sample_id", "label", "split", "width", "height", "mode", "parent", "transform"]
_IDS = {label: number for number, label in FER2013_IDS.items()}
_USAGE = {"train": "Training", "val": "PublicTest", "test": "PrivateTest"}
"""As the competition calls its splits; see `emotions.FER2013_IDS` for the source."""


def _write(work: Work) -> Written:
    everything = work.version.table("rows", columns=_COLUMNS)
    rows = everything.filter(pc.is_in(everything.column("label"), value_set=pa.array(list(_IDS), pa.large_string())))
    labels, splits = (rows.column(name).to_pylist() for name in ("label", "split"))
    with (work.folder / "fer2013.csv").open("wb") as file:
        file.write(b"emotion,pixels,Usage\n")
        found = pictures_in_order(work, rows, then=_pixel_text)
        for label, split, pixels in zip(labels, splits, found, strict=True):
            file.write(b"%d,%b,%b\n" % (_IDS[label], pixels, _USAGE[split].encode()))
    remarks = _remarks(rows, left_out=len(everything) - len(rows))
    if work.version.header.derived is not None:
        remarks += (_NO_LINEAGE,)
    return Written(len(rows), files=1, remarks=remarks)


_NO_LINEAGE = (
    "it does not say which pictures were made of which, so that whoever splits it anew may divide them; export an "
    "image-folder for that"
)


def _remarks(rows: pa.Table, *, left_out: int) -> tuple[str, ...]:
    square = pc.and_(pc.equal(rows.column("width"), _SIDE_PX), pc.equal(rows.column("height"), _SIDE_PX))
    other = len(rows) - (pc.sum(pc.and_(square, pc.equal(rows.column("mode"), "L"))).as_py() or 0)
    remarks = []
    if left_out:
        remarks.append(f"{left_out:,} pictures were left out: FER-2013 has no number for their labels")
    if other:
        remarks.append(f"{other:,} pictures were cut to their middle square, resized to 48x48 and turned gray")
    return tuple(remarks)


_CELLS = np.array([list(f"{value} ".encode().ljust(4, b"\0")) for value in range(256)], np.uint8)
"""(256, 4): each gray value as digits and a space, filled up with zeros."""


def _pixel_text(pixels: np.ndarray) -> bytes:
    cells = _CELLS[centred_square(pixels, size_px=_SIDE_PX, mode="L").ravel()].ravel()
    return bytes(cells[cells > 0])[:-1]


FER2013_CSV = Export(
    name="fer2013-csv",
    summary="fer2013.csv: emotion 0-6, 48x48 gray values, Usage; other labels left out",
    write=_write,
)
"""`curate ingest DIR` reads it back to the same samples, labels and splits."""

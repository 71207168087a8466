"""The few pictures that a report shows, as small PNG files; a workspace that does not hold them is no error."""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
import pyarrow as pa

from curate.derive import ORIGINAL
from curate.errors import PicturesMissing
from curate.gallery import Tile
from curate.images import encode_png
from curate.manifest import Version
from curate.manifest.pictures import PictureSource, read_in_order
from curate.report.markup import Markup, faces, note

__all__ = ["PictureRequest", "ReportImages"]

_LARGEST_PX = 128


class PictureRequest(NamedTuple):
    """A picture to show: a transform of a sample, and the lines below it."""

    sample_id: str
    lines: tuple[str, ...]
    transform: str = ORIGINAL


class ReportImages:
    """The pictures of one version and of whatever its workspace holds beside them."""

    def __init__(self, version: Version) -> None:
        """Nothing is read yet."""
        self._source = PictureSource(version.header.name, version.state, version.header.recipe)
        self.count = 0

    def row_of(self, wanted: Sequence[PictureRequest]) -> Markup:
        """The pictures side by side; a sentence instead where some are not in this workspace."""
        parents = [each.sample_id for each in wanted]
        columns = {"sample_id": parents, "parent": parents, "transform": [each.transform for each in wanted]}
        rows = pa.table({name: pa.array(values, pa.large_string()) for name, values in columns.items()})
        try:
            pngs = list(read_in_order(self._source, rows, then=_small_png))
        except PicturesMissing:
            return note("These pictures are not in this workspace; ingest the sources of the version to see them here.")
        self.count += len(pngs)
        return faces(Tile(png, each.lines) for png, each in zip(pngs, wanted, strict=True))


def _small_png(pixels: np.ndarray) -> bytes:
    scale = _LARGEST_PX / max(pixels.shape[:2])
    if scale < 1:
        size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    return encode_png(pixels)

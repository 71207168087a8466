"""What a patch says of a picture so that its copies can be recognised, and nothing from which it could be re-made."""

from collections.abc import Sequence
from concurrent.futures import Executor
from contextlib import nullcontext
from typing import NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from curate.catalog import Catalog, pictures
from curate.errors import PicturesMissing
from curate.executors import local_threads, map_ordered
from curate.hashing import Quality, detailed_hashes, flag_quality, measure_quality, perceptual_hashes, to_gray
from curate.images import decode
from curate.manifest.pictures import in_chunks
from curate.progress import Progress, silent

__all__ = ["STATISTICS", "Prints", "is_recognisable", "print_pictures", "prints_of_catalog"]

STATISTICS = ("width", "height", "brightness", "contrast", "entropy")
"""Pixels; mean and standard deviation of the luma in hundredths of a gray level; entropy in thousandths of a bit."""

_EMPTY = {"blank", "low-information"}


class Prints(NamedTuple):
    """N pictures as numbers.

    Attributes:
        coarse: (N,) uint64, 64-bit pHash.
        fine: (N, 4) uint64, 256-bit pHash.
        statistics: (N, 5) int64, in the order of `STATISTICS`.
    """

    coarse: np.ndarray
    fine: np.ndarray
    statistics: np.ndarray

    def take(self, index: np.ndarray) -> "Prints":
        """Some of them, in that order."""
        return Prints(*(column[index] for column in self))


def print_pictures(pictures: Sequence[np.ndarray]) -> Prints:
    """Hashes and statistics of canonical pictures, (H, W) or (H, W, 3) uint8 of any sizes, in their order."""
    prints = Prints(
        np.zeros(len(pictures), np.uint64),
        np.zeros((len(pictures), 4), np.uint64),
        np.zeros((len(pictures), len(STATISTICS)), np.int64),
    )
    by_shape: dict[tuple[int, ...], list[int]] = {}
    for index, pixels in enumerate(pictures):
        by_shape.setdefault(pixels.shape, []).append(index)
    for shape, indices in by_shape.items():
        gray = to_gray(np.stack([pictures[index] for index in indices]))
        quality = measure_quality(gray)
        prints.coarse[indices] = perceptual_hashes(gray)[:, 0]
        prints.fine[indices] = detailed_hashes(gray)
        prints.statistics[indices, :2] = shape[1], shape[0]
        measures = (quality.brightness * 25500, quality.contrast * 25500, quality.entropy * 1000)
        prints.statistics[indices, 2:] = np.stack(measures, axis=1).round()
    return prints


def prints_of_catalog(
    catalog: Catalog, sample_ids: Sequence[str], *, executor: Executor | None = None, progress: Progress = silent
) -> Prints:
    """The same of stored pictures.

    Args:
        catalog: where they are stored.
        sample_ids: which, in ascending order, each once.
        executor: threads or processes; None = threads on all cores.
        progress: progress callback.

    Raises:
        PicturesMissing: the catalog does not hold all of them.
    """
    pools = nullcontext(executor) if executor else local_threads()
    files = (file.data for file in pictures.read(catalog, sample_ids, strict=False))
    parts = [print_pictures([])]
    # The arithmetic runs on our own workers; a second set of threads below them only gets in the way.
    with threadpool_limits(1), pools as pool, progress("hashing pictures", len(sample_ids), unit="pictures") as advance:
        for part in map_ordered(pool, _decode_and_print, in_chunks(files)):
            parts.append(part)
            advance(len(part.coarse))
    prints = Prints(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
    if len(prints.coarse) < len(sample_ids):
        raise PicturesMissing(
            f"{len(sample_ids) - len(prints.coarse):,} of {len(sample_ids):,} pictures are not in {catalog.path}, and "
            "their hashes cannot be made; ingest their sources"
        )
    return prints


def is_recognisable(prints: Prints) -> np.ndarray:
    """(N,) bool: pictures that show enough to be recognised by a hash; blank ones all look alike to it."""
    brightness, contrast, entropy = prints.statistics[:, 2:].T.astype(float)
    none = np.ones(len(brightness))
    flags = flag_quality(Quality(brightness / 25500, contrast / 25500, none, entropy / 1000))
    return np.array([not _EMPTY & set(text.split()) for text in flags], bool)


def _decode_and_print(files: list[bytes]) -> Prints:
    return print_pictures([decode(data, max_megapixels=np.inf).pixels for data in files])

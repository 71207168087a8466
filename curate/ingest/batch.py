"""What happens to a batch of delivered pictures: decode, digest, hash, measure. Pure, so that it may run anywhere."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from curate.errors import PictureError
from curate.hashing import flag_quality, measure_quality, perceptual_hashes, to_gray
from curate.images import Picture, decode, encode_png, sample_digest
from curate.ingest.pixel_rows import parse_pixel_rows
from curate.sample import IngestedItem, Problem, Sample, SourceItem

__all__ = ["Batch", "process_batch"]

_PIXELS_HELD = 16 * 2**20
"""Decoded pixels are measured and dropped whenever this many are in memory."""
_PIXELS_ALONE = 2**18
"""Larger pictures are measured one by one: nothing is gained by copying them together."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What became of a batch, in order of delivery."""

    ingested: list[IngestedItem] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def process_batch(items: Sequence[SourceItem], *, max_megapixels: float) -> Batch:
    """Turn delivered pictures into occurrences of samples; broken ones into problems."""
    batch = Batch()
    waiting: list[tuple[SourceItem, Picture]] = []
    pixels = 0
    for item, picture in _decode(items, max_megapixels):
        if isinstance(picture, PictureError):
            kind, where = ("broken-picture", "") if item.form == "file" else ("broken-row", f"{item.key}: ")
            batch.problems.append(Problem(item.key, kind, f"{where}{picture}; it was left out"))
            continue
        waiting.append((item, picture))
        pixels += picture.pixels.size
        if pixels > _PIXELS_HELD:
            batch.ingested.extend(_measure(waiting))
            waiting, pixels = [], 0
    batch.ingested.extend(_measure(waiting))
    return batch


def _decode(items: Sequence[SourceItem], max_megapixels: float) -> Iterator[tuple[SourceItem, Picture | PictureError]]:
    rows = iter(parse_pixel_rows([item.data for item in items if item.form == "pixel-row"]))
    for item in items:
        if item.form == "pixel-row":
            parsed = next(rows)
            yield item, parsed if isinstance(parsed, PictureError) else Picture(parsed)
            continue
        try:
            yield item, decode(item.data, max_megapixels=max_megapixels)
        except PictureError as error:
            yield item, error


def _measure(decoded: Sequence[tuple[SourceItem, Picture]]) -> Iterator[IngestedItem]:
    """Digest, hash and measure pictures, in their order; small ones of one shape together."""
    samples: dict[int, Sample] = {}
    shapes: dict[tuple[int, ...], list[int]] = {}
    for index, (_, picture) in enumerate(decoded):
        alone = picture.pixels.size > _PIXELS_ALONE
        shapes.setdefault((*picture.pixels.shape, index if alone else 0), []).append(index)
    for indices in shapes.values():
        first = decoded[indices[0]][1].pixels
        stack = first[None] if len(indices) == 1 else np.stack([decoded[index][1].pixels for index in indices])
        samples.update(zip(indices, _samples(stack), strict=True))
    return (_ingested(*pair, samples[index]) for index, pair in enumerate(decoded))


def _samples(pictures: np.ndarray) -> list[Sample]:
    gray = to_gray(pictures)
    hashes = perceptual_hashes(gray).astype(">u8")
    quality = measure_quality(gray)
    flags = flag_quality(quality)
    brightness, contrast, sharpness, entropy = (measure.tolist() for measure in quality)
    mode = "L" if pictures.ndim == 3 else "RGB"
    height, width = gray.shape[1:]
    return [
        Sample(
            digest=sample_digest(pixels),
            mode=mode,
            width=width,
            height=height,
            hashes=hashes[row].tobytes(),
            brightness=brightness[row],
            contrast=contrast[row],
            sharpness=sharpness[row],
            entropy=entropy[row],
            flags=flags[row],
        )
        for row, pixels in enumerate(pictures)
    ]


def _ingested(item: SourceItem, picture: Picture, sample: Sample) -> IngestedItem:
    notes = tuple(Problem(item.key, "several-frames", note) for note in picture.notes)
    stored = item.data if item.form == "file" else encode_png(picture.pixels)
    return IngestedItem(item, sample, hashlib.sha256(item.data).digest(), stored, notes)

"""Sources whose pictures look changed: blurred, sharpened, equalised, cut in half and the like, by a sample of them.

Copies that were changed like this may not be found, so that a count of leaks is no more than a lower bound. Each sign
is a measure of one picture that hardly any picture of an untouched dataset shows; a source looks changed where a
quarter of the sampled pictures show it. That is a look and no proof: a dataset may have been photographed like that.

Limits were chosen on 400 pictures each of FER+ (lossless), FER-2013 (JPEG), CK+48, JAFFE and SFEW as they are, and on
those of FER+ after 37 changes. No sign is shown by more than 1 % of any of the first four, but black corners by 3.5 %;
of SFEW, small frames of films, 5.3 % are blurred and 4.6 % have black corners. Of FER+, blurred with a sigma of one
pixel, 93 % show it; with gray levels reduced to 64 or fewer 100 %; equalised 77 %; rotated by 15 degrees, cut or masked
100 %; enlarged from 24 pixels 35 %. Not seen: median filters, darker or paler pictures (the search finds these), JPEG.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from curate.audit.dataset import Facts, Occurrences
from curate.audit.values import Processed
from curate.catalog import Catalog, pictures
from curate.coverage import SearchCoverage
from curate.features import matching_pictures
from curate.hashing import measure_quality, to_gray
from curate.images import decode

__all__ = ["find_processed", "overlooks", "signs_of"]

_PICTURES, _FEWEST = 200, 20
_SHARE = 0.25
_FINDS = 0.95
_NEGATIVE = -0.5
"""Correlation of mean pictures; between the sources named above it lies between -0.07 and 0.97."""

_INVERTED_FOUND = (0.0, 0.0)
_BLANK_CONTRAST = 0.01
_CORNER = 16
"""A corner is this part of the shorter side."""
_BLACK, _FLAT_LEVELS = 8, 3


class _Signs(NamedTuple):
    """Measures of one picture, see `_SIGNS`.

    Attributes:
        sharpness: of `hashing.Quality`, at 48 pixels.
        filled: share of the gray levels between the darkest and the lightest that occur, in (0, 1].
        unevenness: largest distance of the distribution of gray levels from an even one, in [0, 1].
        black_corners: how many are black, 0 to 4.
        flat: share of the pixels within the most frequent three adjacent gray levels.
        asymmetry: mean difference from the mirrored picture, in gray levels.
        aspect: width / height.
    """

    sharpness: float
    filled: float
    unevenness: float
    black_corners: int
    flat: float
    asymmetry: float
    aspect: float


class _Sign(NamedTuple):
    """What a change leaves behind, and shares of copies changed like this that the default and thorough search find."""

    why: str
    shown_by: Callable[[_Signs], bool]
    found: tuple[float, float]


_SIGNS = {
    "blurred": _Sign("are softer than untouched faces", lambda p: p.sharpness < 0.34, (0.03, 1.0)),
    "sharpened or noisy": _Sign("are harsher than untouched faces", lambda p: p.sharpness > 1.42, (0.95, 0.96)),
    "posterised": _Sign("leave out most gray levels", lambda p: p.filled < 0.5, (0.0, 0.0)),
    "equalised": _Sign("use all gray levels alike", lambda p: p.unevenness < 0.03, (0.90, 0.91)),
    "rotated or masked": _Sign("have black corners", lambda p: p.black_corners > 1, (0.0, 0.0)),
    "partly covered": _Sign("are one gray level for two fifths or more", lambda p: p.flat >= 0.4, (0.0, 0.0)),
    "cut in half": _Sign(
        "are half as wide as high, or the other way round",
        lambda p: 0.45 <= p.aspect <= 0.55 or 1.82 <= p.aspect <= 2.2,
        (0.0, 0.0),
    ),
    "mirrored onto itself": _Sign("have two equal halves", lambda p: p.asymmetry < 2, (0.08, 0.12)),
}
"""How a source looks -> by which sign. Shares that are found: of 250 photographs of FER-2013, FER+ and CK+48, changed
(blurred with a sigma of 2 pixels; noise of 20 gray levels; half masked) and saved as JPEG of quality 95; reduced to 16
gray levels and saved as PNG, they have too low an entropy to be compared at all. Of other changes that leave the same
sign more are found: 100 % of sharpened copies, 98 % of posterised ones that were saved as JPEG, and of those rotated by
15 degrees 57 % by a thorough search."""


def find_processed(
    facts: Facts, occurrences: Occurrences, catalog: Catalog, *, max_megapixels: float
) -> tuple[Processed, ...]:
    """Sources that look changed, in order of their names.

    Args:
        facts: the workspace.
        occurrences: those audited; sources with fewer than 20 samples are not judged.
        catalog: where the pictures are.
        max_megapixels: limit of decoding.
    """
    grays = {}
    for number in np.unique(occurrences.source):
        # The lowest ids, which are hashes, are a random choice.
        sample = np.unique(occurrences.sample[occurrences.source == number])[:_PICTURES]
        if len(sample) >= _FEWEST:
            files = pictures.read(catalog, (facts.samples.sample_id[index] for index in sample))
            grays[facts.sources[number]] = [_gray(file.data, max_megapixels) for file in files]
    shown = [each for name in sorted(grays) for each in _looks(name, grays[name])]
    return (*shown, *_negatives(grays))


def overlooks(search: SearchCoverage, processed: Processed) -> bool:
    """Whether the last search misses more than a few copies that were changed like this."""
    return processed.found[search.thorough] < _FINDS


def signs_of(gray: np.ndarray) -> _Signs:
    """Measures of one (H, W) uint8 picture that is not blank."""
    small = matching_pictures(gray)
    counts = np.bincount(gray.ravel(), minlength=256)
    used = np.flatnonzero(counts)
    even = np.abs(np.cumsum(counts) / gray.size - np.arange(1, 257) / 256).max()
    runs = np.convolve(np.bincount(small.ravel(), minlength=256), np.ones(_FLAT_LEVELS), "valid")
    side = max(2, round(min(gray.shape) / _CORNER))
    corners = [gray[rows, columns] for rows in _ends(side) for columns in _ends(side)]
    return _Signs(
        sharpness=float(measure_quality(small[None]).sharpness[0]),
        filled=len(used) / float(used[-1] - used[0] + 1),
        unevenness=float(even),
        black_corners=sum(int(corner.max()) <= _BLACK for corner in corners),
        flat=float(runs.max() / small.size),
        asymmetry=float(np.abs(small - small[:, ::-1].astype(np.float32)).mean()),
        aspect=gray.shape[1] / gray.shape[0],
    )


def _ends(side: int) -> tuple[slice, slice]:
    return slice(None, side), slice(-side, None)


def _gray(data: bytes, max_megapixels: float) -> np.ndarray:
    return np.asarray(to_gray(decode(data, max_megapixels=max_megapixels).pixels[None])[0])


def _looks(source: str, pictures: Sequence[np.ndarray]) -> Iterator[Processed]:
    signs = [signs_of(gray) for gray in pictures if gray.std() >= 255 * _BLANK_CONTRAST]
    for name, sign in _SIGNS.items():
        share = sum(map(sign.shown_by, signs)) / max(len(signs), 1)
        if len(signs) >= _FEWEST and share >= _SHARE:
            yield Processed(source, name, sign.why, share, len(signs), sign.found)


def _negatives(pictures: dict[str, list[np.ndarray]]) -> Iterator[Processed]:
    """Sources whose mean picture is dark where the mean pictures of most others are light."""
    means = {name: np.mean([matching_pictures(gray) for gray in each], axis=0) for name, each in pictures.items()}
    for name in sorted(means):
        others = [_correlation(means[name], mean) for other, mean in means.items() if other != name]
        if others and np.median(others) < _NEGATIVE:
            why = "are dark on average where those of other sources are light"
            yield Processed(name, "inverted", why, 1.0, len(pictures[name]), _INVERTED_FOUND)


def _correlation(one: np.ndarray, two: np.ndarray) -> float:
    """In [-1, 1]; 0 where either is flat."""
    a, b = one - one.mean(), two - two.mean()
    scale = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / scale if scale else 0.0

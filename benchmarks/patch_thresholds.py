"""From which distances on a picture counts as a re-encoded copy when a patch is applied: the tables to read it from.

    python benchmarks/patch_thresholds.py [--people 400] [--size 48] [--seed 0]

A collection of generated faces is encoded again in many ways, and its hashes are compared with those of the collection.
It holds what makes this hard, all of it with other labels than the pictures it resembles:

    other emotion   the same person in the same pose and light, with another expression
    other person    another person in that pose and light
    shifted         the same photograph, moved by a pixel and cut
    quarter pixel   the same photograph, moved by a quarter of a pixel
    saved before    the same photograph, once saved as JPEG of quality 60

The first table says how far copies are from their originals, the second how far pictures are from what resembles them,
the third what matching makes of it: copies matched, and wrong matches, when everything is there ("all"), and when the
original of each copy is not ("missing": each match is one of pictures that only resemble each other).
"""

import argparse
import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import cv2
import numpy as np

from curate.emotions import BASIC_EMOTIONS
from curate.executors import local_threads
from curate.faces import draw_face, make_face
from curate.images import decode, encode_jpeg
from curate.seeding import derive_seed
from curate.version.patch.matching import LIMITS, RE_ENCODED, Limits, match_copies
from curate.version.patch.nearest import NONE, Assignment
from curate.version.patch.prints import Prints, print_pictures

KINDS = ("original", "other emotion", "other person", "shifted", "quarter pixel", "saved before")
UNLIKE = ("other emotion", "other person", "shifted")
"""Kinds that must not pass for the original when it is missing; the last two cannot be told from copies."""

CODINGS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    **{
        f"JPEG {quality}": lambda pixels, quality=quality: coded(pixels, quality)
        for quality in (95, 92, 85, 75, 50, 30)
    },
    **{
        f"x{scale} JPEG 90": lambda pixels, scale=scale: coded(resized(pixels, scale), 90)
        for scale in (2, 1.5, 0.8, 0.5)
    },
}
_FINE, _MARGIN, _RATIO = (8, 12, 16, 20), (2, 4, 6), (1.0, 1.5, 2.0)


class Collection(NamedTuple):
    """Pictures, what each is (index into `KINDS`), and the original that it goes with."""

    pictures: list[np.ndarray]
    kind: np.ndarray
    family: np.ndarray


def main() -> None:
    """Print the three tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=400)
    parser.add_argument("--size", type=int, default=48)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    held = make_collection(options.people, options.seed, options.size)
    known = print_pictures(held.pictures)
    print(f"{len(held.pictures):,} pictures of {options.size} x {options.size} pixels")
    print(f"\n{'copies':<16}{'bits of 64':>18}{'bits of 256':>18}{'brightness':>18}{'contrast':>18}")
    print(f"{'':<16}" + f"{'50%   99%   max':>18}" * 4)
    encoded = {name: print_pictures([code(pixels) for pixels in held.pictures]) for name, code in CODINGS.items()}
    for name, copies in encoded.items():
        print(f"{name:<16}" + "".join(f"{spread(column):>18}" for column in differences(known, copies)))
    print(f"\n{'resemblance':<16}{'bits of 64':>18}{'bits of 256':>18}\n{'':<16}" + f"{'min   1%   50%':>18}" * 2)
    for number, kind in enumerate(KINDS[1:], 1):
        of_kind = np.flatnonzero(held.kind == number)
        columns = differences(known.take(held.family[of_kind]), known.take(of_kind))[:2]
        print(f"{kind:<16}" + "".join(f"{spread(column, (0, 1, 50)):>18}" for column in columns))
    print_outcomes(held, known, encoded)


def make_collection(people: int, seed: int, size_px: int) -> Collection:
    """Every family has one picture of each kind; the second person of a family is a person of its own."""
    pictures: list[np.ndarray] = []
    for person in range(people):
        pose = derive_seed(seed, "pose", person)
        own = make_face(seed, 2 * person), make_face(seed, 2 * person + 1)
        emotion, other = BASIC_EMOTIONS[person % 7], BASIC_EMOTIONS[(person + 1 + person % 5) % 7]
        original = draw_face(own[0], emotion, seed=derive_seed(pose, "a"), pose_seed=pose, size_px=size_px)
        pictures += [
            original,
            draw_face(own[0], other, seed=derive_seed(pose, "b"), pose_seed=pose, size_px=size_px),
            draw_face(own[1], emotion, seed=derive_seed(pose, "c"), pose_seed=pose, size_px=size_px),
            moved(original, 1.0),
            moved(original, 0.25),
            coded(original, 60),
        ]
    kind = np.tile(np.arange(len(KINDS)), people)
    return Collection(pictures, kind, np.repeat(np.arange(people) * len(KINDS), len(KINDS)))


def moved(pixels: np.ndarray, by_px: float) -> np.ndarray:
    """Moved to the left and up; what comes in at the edge repeats it."""
    shift = np.array([[1, 0, -by_px], [0, 1, -by_px]])
    how = {"flags": cv2.INTER_CUBIC, "borderMode": cv2.BORDER_REPLICATE}
    return np.asarray(cv2.warpAffine(pixels, shift, pixels.shape[::-1], **how))


def coded(pixels: np.ndarray, quality: int) -> np.ndarray:
    """After it was saved as JPEG."""
    return decode(encode_jpeg(pixels, quality)).pixels


def resized(pixels: np.ndarray, scale: float) -> np.ndarray:
    """Larger by cubic interpolation, or smaller by averaging areas."""
    side = round(len(pixels) * scale)
    return np.asarray(cv2.resize(pixels, (side, side), interpolation=cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA))


def differences(one: Prints, two: Prints) -> tuple[np.ndarray, ...]:
    """Bits of both hashes, and gray levels of mean and deviation, by which pictures differ, one by one."""
    apart = np.abs(one.statistics - two.statistics) / 100
    fine = np.bitwise_count(one.fine ^ two.fine).sum(axis=1)
    return np.bitwise_count(one.coarse ^ two.coarse), fine, apart[:, 2], apart[:, 3]


def spread(values: np.ndarray, shares: tuple[int, ...] = (50, 99, 100)) -> str:
    """Percentiles of a column."""
    return " ".join(f"{value:5.3g}" for value in np.percentile(values, shares))


def print_outcomes(held: Collection, known: Prints, encoded: dict[str, Prints]) -> None:
    """Copies of all pictures, and of originals that the collection lacks, at several limits."""
    count = len(held.kind)
    assignment = Assignment(np.arange(count), np.full(count, NONE))
    unlike = np.flatnonzero(np.isin(held.kind, [KINDS.index(kind) for kind in UNLIKE]))
    originals = np.flatnonzero(held.kind == 0)
    names = "".join(f"{name.replace(' JPEG 90', ''):>13}" for name in encoded)
    print(f"\n{'fine':>5}{'margin':>7}{'ratio':>6}{names}{'missing':>9}")
    for fine, margin, ratio in itertools.product(_FINE, _MARGIN, _RATIO):
        limits = replace(LIMITS, fine_bits=fine, margin_bits=margin, margin_ratio=ratio)
        cells, missing = "", 0
        for copies in encoded.values():
            found = matched(known, copies, assignment, limits)
            right = found == np.arange(count)
            cells += f"{f'{right.mean():.1%} {((found != NONE) & ~right).sum():>4}':>13}"
            lacking = matched(known.take(unlike), copies.take(originals), assignment.take(unlike), limits)
            missing += int((lacking != NONE).sum())
        print(f"{fine:>5}{margin:>7}{ratio:>6}{cells}{missing:>9}")


def matched(known: Prints, copies: Prints, assignment: Assignment, limits: Limits) -> np.ndarray:
    """(F,) index of the copy with which each known picture was matched, or `NONE`."""
    with local_threads() as pool:
        found = match_copies(known, copies, assignment, np.full(len(known.coarse), NONE), limits=limits, executor=pool)
    return np.where(found.kind == RE_ENCODED, found.local, NONE)


if __name__ == "__main__":
    main()

"""How well `curate duplicates` finds planted copies, on pictures of your own.

    python benchmarks/duplicates.py WORKSPACE [--pictures 2000] [--seed 0]

Takes pictures from a workspace, makes second sources of changed copies of some of them, searches each together with the
originals in a fresh workspace, and prints per change how many copies were found, how many of these with the right kind,
and how many pairs of different originals were joined that a search of the originals alone does not join.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from curate.duplicates import find_duplicates
from curate.images import decode, encode_jpeg, encode_png
from curate.ingest import ingest_source
from curate.transforms import flip_pictures
from curate.workspace import Workspace

Change = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def warp(
    picture: np.ndarray, *, degrees: float = 0, zoom: float = 1, aspect: float = 1, shift: tuple = (0, 0)
) -> np.ndarray:
    """A picture rotated, zoomed, stretched and shifted about its centre."""
    side = len(picture)
    matrix = cv2.getRotationMatrix2D(((side - 1) / 2,) * 2, degrees, zoom)
    matrix[0] *= aspect
    matrix[0, 2] += (side - 1) / 2 * (1 - aspect)
    matrix[:, 2] += shift
    return cv2.warpAffine(picture, matrix, (side, side), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def recrop(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Shifted by up to 3 pixels and zoomed by 0.87 to 1.15."""
    return warp(
        picture, zoom=float(np.exp(rng.uniform(np.log(0.87), np.log(1.15)))), shift=tuple(rng.uniform(-3, 3, 2))
    )


def caption(picture: np.ndarray, _rng: np.random.Generator) -> np.ndarray:
    """Text over the lowest sixth, as stock photographs carry it."""
    changed = picture.copy()
    side = len(changed)
    cv2.putText(changed, "STOCK", (2, side - 3), cv2.FONT_HERSHEY_SIMPLEX, side / 96, 255, 1, cv2.LINE_AA)
    return changed


def enlarge(picture: np.ndarray, _rng: np.random.Generator) -> np.ndarray:
    """224 pixels wide."""
    return cv2.resize(picture, (224, 224), interpolation=cv2.INTER_CUBIC)


CHANGES: dict[str, tuple[Change, int, str, bool]] = {
    "mirrored": (lambda p, _: flip_pictures(p, "mirrored"), 80, "mirrored", False),
    "re-cropped": (recrop, 80, "re-cropped copy", False),
    "re-encoded": (lambda p, _: p, 80, "copy", False),
    "224 px": (enlarge, 85, "copy", False),
    "rot90": (lambda p, _: flip_pictures(p, "rot90"), 80, "rot90 rot270", True),
    "rot180": (lambda p, _: flip_pictures(p, "rot180"), 80, "rot180", True),
    "rot270": (lambda p, _: flip_pictures(p, "rot270"), 80, "rot90 rot270", True),
    "5 degrees": (lambda p, _: warp(p, degrees=5), 80, "stretched re-cropped copy", True),
    "10 degrees": (lambda p, _: warp(p, degrees=10), 80, "stretched re-cropped", True),
    "zoom 0.8": (lambda p, _: warp(p, zoom=0.8), 80, "re-cropped stretched", True),
    "zoom 1.3": (lambda p, _: warp(p, zoom=1.3), 80, "re-cropped stretched", True),
    "aspect 8 %": (lambda p, _: warp(p, aspect=1.08), 80, "stretched re-cropped copy", True),
    "blurred": (lambda p, _: cv2.GaussianBlur(p, (21, 21), 0), 80, "blurred", True),
    "text": (caption, 80, "edited copy", True),
}
"""Name -> change, JPEG quality, kinds that describe it, whether only a thorough search looks for it."""


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--pictures", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="*", default=list(CHANGES), choices=list(CHANGES))
    arguments = parser.parse_args()
    originals = pick(Workspace(arguments.workspace), arguments.pictures, arguments.seed)
    print(
        f"{len(originals):,} originals\n{'change':12s} {'found':>7s} {'kind right':>10s} {'joined':>7s} {'seconds':>8s}"
    )
    for name in arguments.only:
        found, right, joined, seconds = measure(name, originals, arguments.seed)
        print(f"{name:12s} {found:7.4f} {right:10.4f} {joined:7d} {seconds:8.1f}", flush=True)
    return 0


def pick(workspace: Workspace, count: int, seed: int) -> list[np.ndarray]:
    """Square pictures of the workspace, one per duplicate group, without odd ones."""
    table = workspace.samples()
    table = table[(table["flags"] == "") & (table["width"] == table["height"])]
    alone = table[~table["group_id"].duplicated() | table["group_id"].isna()]
    chosen = alone.sample(min(count, len(alone)), random_state=seed)["sample_id"]
    return [decode(workspace.picture_bytes(sample_id)).pixels for sample_id in chosen]


def measure(name: str, originals: list[np.ndarray], seed: int) -> tuple[float, float, int, float]:
    """Share found, share of these whose kind is right, foreign pairs joined, seconds of the search."""
    change, quality, kinds, thorough = CHANGES[name]
    rng = np.random.default_rng(seed)
    with tempfile.TemporaryDirectory() as folder:
        first, second = Path(folder, "originals/happy"), Path(folder, "changed/happy")
        first.mkdir(parents=True)
        second.mkdir(parents=True)
        for number, picture in enumerate(originals):
            (first / f"{number}.png").write_bytes(encode_png(picture))
            (second / f"{number}.jpg").write_bytes(encode_jpeg(np.asarray(change(picture, rng)), quality))
        workspace = Workspace.create(Path(folder, "workspace"))
        for source in (first.parent, second.parent):
            ingest_source(workspace, source)
        started = time.perf_counter()
        find_duplicates(workspace, thorough=thorough)
        seconds = time.perf_counter() - started
        rows = workspace.occurrences()
        number = {sample: Path(key).stem for sample, key in zip(rows["sample_id"], rows["key"], strict=True)}
        pairs = workspace.pairs().query("verdict == 'duplicate'")
    same = pairs["sample_a"].map(number) == pairs["sample_b"].map(number)
    found = pairs[same]
    right = found["kind"].isin(kinds.split())
    return len(found) / len(originals), float(right.mean()), int((~same).sum()), seconds


if __name__ == "__main__":
    sys.exit(main())

"""How long the exact search for close perceptual hashes takes, beside other tools.

    python benchmarks/pair_search.py [--workspace DIR] [--large] [--runs 3] [--embedding [PICTURES]]

The hashes are those of a workspace, or generated. Larger sets are half such hashes with 2 to 24 random bits flipped and
half uniformly random ones. Every run is a process of its own, whose peak of memory is printed; the seconds are those of
the search alone. `--large` adds 10 million hashes; `--embedding` adds the whole search by embedding on a million
pictures, or so many, as `benchmarks/embedding_path.py` does on its own.

Other tools take part where they are installed (faiss-cpu, imagehash, imagededup), with one thread, on the same hashes.
"""

import argparse
import importlib.util
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from embedding_path import measure_embedding_path

from curate.hashing import hash_pairs

_SEED = 0
_COLLECTION = 36_000
_BARS = ((None, 6, 0.2), (None, 10, 0.5), (1_000_000, 4, 1.5), (1_000_000, 6, 6.0), (1_000_000, 8, 20.0))
_LARGE_BARS = ((10_000_000, 4, 60.0),)
_SIDE_BY_SIDE = ((3_000, 10), (None, 6), (None, 10))
_ROW = "{:<34}{:>11}{:>7}{:>12}{:>10}{:>9}{:>10}"


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workspace", type=Path)
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--embedding", type=int, nargs="?", const=1_000_000, metavar="PICTURES")
    parser.add_argument("--step", nargs=3, metavar=("TOOL", "FILE", "BITS"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        tool, file, bits = options.step
        print(json.dumps(run_step(tool, Path(file), int(bits))))
        return
    real = workspace_hashes(options.workspace) if options.workspace else generate_collection(_COLLECTION)
    with tempfile.TemporaryDirectory() as name:
        print(f"{len(real):,} hashes {'of ' + str(options.workspace) if options.workspace else '(generated)'}")
        print(_ROW.format("", "hashes", "bits", "pairs", "median s", "bar s", "peak MiB"))
        for count, bits, bar_s in (*_BARS, *(_LARGE_BARS if options.large else ())):
            hashes = real if count is None else enlarge(real, count)
            measure("curate hash_pairs", hashes, bits, Path(name), runs=options.runs, bar=f"{bar_s:g}")
        for count, bits in _SIDE_BY_SIDE:
            for tool, (module, _, most) in _TOOLS.items():
                if importlib.util.find_spec(module) is None:
                    print(f"{tool}: {module} is not installed")
                elif count is not None or most is None:
                    measure(tool, real[:count], bits, Path(name), runs=options.runs)
    if options.embedding:
        measure_embedding_path(options.workspace, options.embedding, alone=False)


def workspace_hashes(folder: Path) -> np.ndarray:
    """The hashes of a workspace's samples, in their order."""
    from curate.workspace import Workspace

    return np.array([int(text, 16) for text in Workspace(folder).samples()["hash"]], np.uint64)


def generate_collection(count: int) -> np.ndarray:
    """Hashes like those of a collection of faces: their bits are uneven, and one in twenty has a near copy."""
    rng = np.random.default_rng(_SEED)
    ones = rng.uniform(0.2, 0.8, 64)
    bits = rng.random((count, 64)) < ones
    copies = count // 20
    bits[:copies] = bits[copies : 2 * copies] ^ (rng.random((copies, 64)) < 0.05)
    return rng.permutation(np.packbits(bits, axis=1).view(">u8").ravel().astype(np.uint64))


def enlarge(hashes: np.ndarray, count: int) -> np.ndarray:
    """Half perturbed hashes of the collection, half random ones."""
    rng = np.random.default_rng(_SEED)
    half = count // 2
    perturbed = rng.choice(hashes, half)
    flips = rng.integers(2, 25, half)
    for flip in range(24):
        bit = np.uint64(1) << rng.integers(0, 64, half, dtype=np.uint64)
        perturbed ^= np.where(flip < flips, bit, np.uint64(0))
    return rng.permutation(np.concatenate([perturbed, rng.integers(0, 2**64, count - half, dtype=np.uint64)]))


def measure(tool: str, hashes: np.ndarray, bits: int, folder: Path, *, runs: int, bar: str = "") -> None:
    """Run one tool in processes of its own and print a row of the table."""
    file = folder / "hashes.npy"
    np.save(file, hashes)
    command = [sys.executable, __file__, "--step", tool, str(file), str(bits)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    seconds, peaks_mib, pairs = [], [], 0
    for _ in range(runs):
        process = subprocess.run(command, capture_output=True, env=environment)
        if process.returncode != 0:
            print(f"{tool}: {process.stderr.decode(errors='replace').strip().splitlines()[-1]}")
            return
        pairs, duration_s, peak_mib = json.loads(process.stdout.splitlines()[-1])
        seconds.append(duration_s)
        peaks_mib.append(peak_mib)
    median = f"{statistics.median(seconds):.2f}"
    print(_ROW.format(tool, f"{len(hashes):,}", bits, f"{pairs:,}", median, bar, f"{max(peaks_mib):.0f}"), flush=True)


def run_step(tool: str, file: Path, bits: int) -> tuple[int, float, float]:
    """How many pairs one tool finds, in how many seconds, and this process's peak of resident memory in MiB."""
    pairs, duration_s = _TOOLS[tool][1](np.load(file), bits)
    status = Path("/proc/self/status").read_text(encoding="ascii")  # getrusage counts the parent's memory, too
    peak_kib = int(status.split("VmHWM:")[1].split()[0])
    return pairs, duration_s, peak_kib / 1024


def _timed(search: Callable[[], int]) -> tuple[int, float]:
    began = time.perf_counter()
    pairs = search()
    return pairs, time.perf_counter() - began


def search_with_curate(hashes: np.ndarray, bits: int) -> tuple[int, float]:
    """This package's own search."""
    return _timed(lambda: len(hash_pairs(hashes, within_bits=bits)))


def search_by_plain_pigeonhole(hashes: np.ndarray, bits: int) -> tuple[int, float]:
    """The simplest search that misses none: hashes that agree in one of bits + 1 bands, compared all with all."""
    edges = [round(64 * band / (bits + 1)) for band in range(bits + 2)]
    masks = [np.uint64((1 << high) - (1 << low)) for low, high in itertools.pairwise(edges)]

    def search() -> int:
        count = 0
        for number, mask in enumerate(masks):
            ranked = hashes[np.argsort(hashes & mask)]
            cuts = np.flatnonzero(np.diff(ranked & mask)) + 1
            for group in np.split(ranked, cuts):
                for row in range(0, len(group) - 1, 64):
                    differing = group[row : row + 64, None] ^ group[row + 1 :]
                    later = np.arange(differing.shape[1]) >= np.arange(len(differing))[:, None]
                    close = differing[later & (np.bitwise_count(differing) <= bits)]
                    first = ((close[:, None] & np.array(masks[:number], np.uint64)) != 0).all(axis=1)
                    count += int(first.sum())
        return count

    return _timed(search)


def search_with_faiss_flat(hashes: np.ndarray, bits: int) -> tuple[int, float]:
    """Faiss, comparing all with all."""
    import faiss

    return _timed(lambda: _faiss_pairs(faiss.IndexBinaryFlat(64), hashes, bits))


def search_with_faiss_hash(hashes: np.ndarray, bits: int) -> tuple[int, float]:
    """Faiss, multi-index hashing: four tables of 16 bits, flips so that no pair within the distance is missed."""
    import faiss

    def search() -> int:
        index = faiss.IndexBinaryMultiHash(64, 4, 16)
        index.nflip = bits // 4
        return _faiss_pairs(index, hashes, bits)

    return _timed(search)


def _faiss_pairs(index: "faiss.IndexBinary", hashes: np.ndarray, bits: int) -> int:  # noqa: F821
    codes = hashes.astype(">u8").view(np.uint8).reshape(-1, 8)
    index.add(codes)
    limits, _, labels = index.range_search(codes, bits + 1)  # the radius itself is not included
    queries = np.repeat(np.arange(len(codes)), np.diff(limits.astype(np.int64)))
    return int((queries < labels).sum())


def search_with_imagehash(hashes: np.ndarray, bits: int) -> tuple[int, float]:
    """What the documentation of imagehash shows: subtract every two."""
    import imagehash

    objects = [imagehash.hex_to_hash(f"{value:016x}") for value in hashes.tolist()]
    return _timed(lambda: sum(int(one - two <= bits) for row, one in enumerate(objects) for two in objects[:row]))


def _distance_bits(one: str, two: str) -> int:
    return (int(one, 16) ^ int(two, 16)).bit_count()


def search_with_imagededup(hashes: np.ndarray, bits: int, method: str) -> tuple[int, float]:
    """The search of imagededup on its own, with a quicker distance than it brings along."""
    from imagededup.handlers.search.retrieval import HashEval

    named = {str(row): f"{value:016x}" for row, value in enumerate(hashes.tolist())}

    def search() -> int:
        evaluation = HashEval(
            named, named, _distance_bits, verbose=False, threshold=bits, search_method=method, num_dist_workers=1
        )
        return sum(len(found) for found in evaluation.retrieve_results().values()) // 2

    return _timed(search)


_TOOLS = {
    "curate hash_pairs": ("curate", search_with_curate, None),
    "plain pigeonhole, bits + 1 bands": ("curate", search_by_plain_pigeonhole, None),
    "faiss IndexBinaryFlat": ("faiss", search_with_faiss_flat, None),
    "faiss IndexBinaryMultiHash": ("faiss", search_with_faiss_hash, None),
    "imagehash, every two": ("imagehash", search_with_imagehash, 3_000),
    "imagededup brute force": (
        "imagededup",
        lambda hashes, bits: search_with_imagededup(hashes, bits, "brute_force_cython"),
        3_000,
    ),
    "imagededup BK-tree": ("imagededup", lambda hashes, bits: search_with_imagededup(hashes, bits, "bktree"), 3_000),
}
"""Tool -> (module it needs, search, most hashes with which it finishes soon; None = any)."""


if __name__ == "__main__":
    main()

"""The search by embedding, end to end on many pictures in memory: seconds by stage, peak memory, planted copies found.

    python benchmarks/embedding_path.py [--workspace DIR] [--pictures 1000000]

The pictures are made at run time: each mixes two faces of a workspace (or generated ones), both shifted, zoomed,
turned a little and perhaps mirrored. One in a hundred is a planted copy of another: half re-cropped, half mirrored.

Beside it, on fewer pictures made alike, other tools where they are installed: imagededup (PHash, CNN), and faiss (exact
and clustered search) on the same points.
"""

import argparse
import functools
import hashlib
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from mixed_pictures import load_faces, make_pictures
from threadpoolctl import threadpool_limits

from curate.duplicates import search
from curate.duplicates.alignment_cache import AlignmentCache
from curate.duplicates.groups import group_pairs
from curate.duplicates.row_cache import CacheFolder
from curate.duplicates.searchable import SearchablePictures
from curate.executors import local_threads
from curate.hashing import perceptual_hashes
from curate.progress import silent

_COMPARE_ALL_UP_TO = 100_000
_PEERS_UP_TO, _CNN_UP_TO = 10_000, 2_000
_POINTS_UP_TO = 100_000
_STAGES = {
    "embed_pictures": "features, fit, embedding, clusters",
    "threshold_for": "threshold for the budget",
    "cosine_pairs": "candidates, all pairs",
    "bucketed_pairs": "candidates, within clusters",
    "verify_aligned": "verdicts",
    "close_triangles": "closure",
    "merge_pairs": "one verdict a pair",
}


def main() -> None:
    """Measure, and print tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workspace", type=Path)
    parser.add_argument("--pictures", type=int, default=1_000_000)
    parser.add_argument("--alone", action="store_true", help="no other tools")
    parser.add_argument("--step", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        print(json.dumps(_STEPS[options.step](load_faces(options.workspace), options.pictures)))
        return
    measure_embedding_path(options.workspace, options.pictures, alone=options.alone)


def measure_embedding_path(workspace: Path | None, pictures: int, *, alone: bool) -> None:
    """Print the search itself, then other tools beside it, unless it shall be alone."""
    print(
        f"\nSearch by embedding, {pictures:,} pictures mixed from {'a workspace' if workspace else 'generated faces'}"
    )
    found = _in_process("curate", workspace, pictures) or {"stages": {}, "facts": {}}
    print(f"  {'stage':<44}{'seconds':>11}{'of processors':>15}")
    for stage, (clock, working) in found["stages"].items():
        print(f"  {stage:<44}{clock:>11.1f}{working:>15.1f}")
    for name, value in found["facts"].items():
        print(f"  {name:<44}{value:>11}")
    if alone:
        return
    print("\nSide by side: planted copies found, wrong pairs, seconds")
    for step, (module, most, what) in _PEERS.items():
        if module and importlib.util.find_spec(module) is None:
            print(f"  {what}: {module} is not installed, skipped")
        elif (row := _in_process(step, workspace, min(pictures, most))) is not None:
            print(f"  {what:<40}{min(pictures, most):>9,}  " + "  ".join(f"{k} {v}" for k, v in row["facts"].items()))


def _in_process(step: str, workspace: Path | None, pictures: int) -> dict[str, Any] | None:
    """One step in a process of its own, so that its peak of memory is its own."""
    command = [sys.executable, __file__, "--step", step, "--pictures", str(pictures)]
    command += ["--workspace", str(workspace)] if workspace else []
    done = subprocess.run(command, capture_output=True)
    if done.returncode:
        print(f"  {step}: {(done.stderr.decode(errors='replace').strip().splitlines() or ['killed'])[-1]}")
        return None
    return dict(json.loads(done.stdout.splitlines()[-1]))


def as_collection(pictures: np.ndarray) -> SearchablePictures:
    """Pictures without a workspace."""
    count = len(pictures)
    unknown = np.full(count, None, object)
    hashes = np.zeros((count, 8), np.uint64)  # only the thorough search and the names of pairs need them
    ids = [hashlib.sha256(str(number).encode()).hexdigest() for number in range(count)]
    plain = np.zeros(count, np.int64)
    return SearchablePictures(
        ids, pictures, hashes, plain, plain, unknown, np.zeros(count, bool), unknown, np.ones(count, bool)
    )


class Stopwatch:
    """Seconds by stage: of the clock, and of the processors, which other work on the machine changes less."""

    def __init__(self) -> None:
        self.stages: dict[str, tuple[float, float]] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add what happens inside to a stage."""
        began, began_working = time.perf_counter(), time.process_time()
        try:
            yield
        finally:
            clock, working = self.stages.get(name, (0.0, 0.0))
            clock += time.perf_counter() - began
            self.stages[name] = (clock, working + time.process_time() - began_working)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Time the stages of `search.search_pairs` that are called inside."""
        places = [(search, name, stage) for name, stage in _STAGES.items()]
        places.append((AlignmentCache, "align", "alignment of the candidates"))
        before = [(place, name, getattr(place, name)) for place, name, _ in places]
        for place, name, stage in places:
            setattr(place, name, self._timed(stage, getattr(place, name)))
        try:
            yield
        finally:
            for place, name, function in before:
                setattr(place, name, function)

    def _timed(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            with self.stage(stage):
                return function(*args, **kwargs)

        return call


def run_curate(faces: np.ndarray, count: int) -> dict[str, Any]:
    """The default search, from pictures to groups."""
    watch = Stopwatch()
    with local_threads() as executor, threadpool_limits(1), tempfile.TemporaryDirectory() as folder:
        with watch.stage("making the pictures"):
            pictures, planted = make_pictures(faces, count, executor)
        scope = search.Scope(0, _COMPARE_ALL_UP_TO, None, CacheFolder(Path(folder)))
        collection = as_collection(pictures)
        with watch.stage("everything else"):
            with watch.watching():
                found, _ = search.search_pairs(
                    collection, thorough=False, scope=scope, cache=AlignmentCache(), executor=executor, progress=silent
                )
            verified = found["ends"][found["duplicate"]]
            with watch.stage("groups"):
                names = [tuple(collection.sample_ids[index] for index in pair) for pair in verified]
                groups = group_pairs({(min(pair), max(pair)): 1.0 for pair in names})
    facts = _judged(verified, planted) | {
        "doubtful pairs": f"{int((~found['duplicate']).sum()):,}",
        "groups": f"{len(groups):,}",
        "peak memory": f"{_peak_mib():,.0f} MiB",
        "of it the pictures": f"{pictures.nbytes / 2**20:,.0f} MiB",
        "threads": str(len(os.sched_getaffinity(0))),
    }
    return {"stages": watch.stages, "facts": facts}


def _judged(pairs: np.ndarray, planted: np.ndarray) -> dict[str, str]:
    """Planted copies found by kind, and pairs that were not planted."""
    found = set(map(tuple, np.sort(pairs, axis=1).tolist()))
    hits = np.array([tuple(sorted(pair)) in found for pair in planted.tolist()])
    return {
        "planted re-crops found": f"{hits[::2].mean():.4f}",
        "planted mirrored copies found": f"{hits[1::2].mean():.4f}",
        "pairs not planted": f"{len(found) - int(hits.sum()):,}",
    }


def _peak_mib() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def run_curate_beside(faces: np.ndarray, count: int) -> dict[str, Any]:
    """The same search, in the peers' row."""
    result = run_curate(faces, count)
    facts = {name: result["facts"][name] for name in ("planted re-crops found", "planted mirrored copies found")}
    facts["pairs not planted"] = result["facts"]["pairs not planted"]
    return {"facts": facts | {"s": f"{result['stages']['everything else'][0]:.1f}"}}


def run_imagededup(faces: np.ndarray, count: int, *, method: str, limit: float) -> dict[str, Any]:
    """What imagededup finds in picture files, by its own defaults but for the threshold."""
    from imagededup.methods import CNN, PHash

    with local_threads() as executor, tempfile.TemporaryDirectory() as folder:
        pictures, planted = make_pictures(faces, count, executor)
        for number, picture in enumerate(pictures):
            cv2.imwrite(f"{folder}/{number}.png", picture)
        began = time.perf_counter()
        if method == "CNN":
            found = CNN(verbose=False).find_duplicates(image_dir=folder, min_similarity_threshold=limit)
        else:
            found = PHash(verbose=False).find_duplicates(image_dir=folder, max_distance_threshold=int(limit))
        seconds = time.perf_counter() - began
    pairs = [(int(Path(one).stem), int(Path(two).stem)) for one, others in found.items() for two in others]
    return {"facts": _judged(np.array(pairs, np.int64).reshape(-1, 2), planted) | {"s": f"{seconds:.1f}"}}


def run_points(faces: np.ndarray, count: int, *, tool: str) -> dict[str, Any]:
    """Candidates only: pairs of upright points above one cosine, by several searches for them."""
    from curate.duplicates.candidates import cosine_pairs
    from curate.duplicates.clusters import bucketed_pairs, threshold_for
    from curate.duplicates.embedding import embed_pictures

    with local_threads() as executor, threadpool_limits(1):
        pictures, planted = make_pictures(faces, count, executor)
        ids = as_collection(pictures).sample_ids
        clusters = min(2048, count // 128)
        made = embed_pictures(
            pictures, np.arange(count), ids, ["identity"], seed=0, fit=None, clusters=clusters, cache_dir=None,
            executor=executor,
        )  # fmt: skip
        points = made.points["identity"]
        above = threshold_for(points, points, per_point=4.0, at_least=0.58, executor=executor)
        began = time.perf_counter()
        if tool == "all":
            pairs = cosine_pairs(points, points, above=above, executor=executor).pairs
        elif tool == "clusters":
            pairs = bucketed_pairs(points, points, made.fit.centres, above=above, executor=executor)
    if tool.startswith("faiss"):
        began = time.perf_counter()
        pairs = _faiss_pairs(points, above, tool)
    seconds = time.perf_counter() - began
    upright = _judged(pairs, planted)["planted re-crops found"]
    return {"facts": {"candidates": f"{len(pairs):,}", "planted re-crops among them": upright, "s": f"{seconds:.1f}"}}


def _faiss_pairs(points: np.ndarray, above: float, tool: str) -> np.ndarray:
    import faiss

    if tool == "faiss-ivf":
        quantizer = faiss.IndexFlatIP(points.shape[1])
        index = faiss.IndexIVFFlat(quantizer, points.shape[1], 1024, faiss.METRIC_INNER_PRODUCT)
        index.train(points)
        index.nprobe = 16
    else:
        index = faiss.IndexFlatIP(points.shape[1])
    index.add(points)
    found = []
    for start in range(0, len(points), 10_000):
        limits, _, labels = index.range_search(points[start : start + 10_000], above)
        query = start + np.repeat(np.arange(len(limits) - 1), np.diff(limits.astype(np.int64)))
        found.append(np.stack([query, labels], axis=1)[query < labels])
    return np.concatenate(found)


def run_hashes(faces: np.ndarray, count: int) -> dict[str, Any]:
    """This package's own perceptual hashes alone, within 10 bits, unverified."""
    from curate.hashing import hash_pairs

    with local_threads() as executor:
        pictures, planted = make_pictures(faces, count, executor)
    began = time.perf_counter()
    hashes = np.concatenate([perceptual_hashes(pictures[i : i + 512]) for i in range(0, count, 512)])
    pairs = hash_pairs(hashes[:, 0], within_bits=10)
    return {"facts": _judged(pairs, planted) | {"s": f"{time.perf_counter() - began:.1f}"}}


_PEERS = {
    "curate-beside": ("", _PEERS_UP_TO, "curate, verified"),
    "curate-hashes": ("", _PEERS_UP_TO, "curate, hashes within 10 bits only"),
    "imagededup-phash": ("imagededup", _PEERS_UP_TO, "imagededup PHash, within 10 bits"),
    "imagededup-cnn": ("imagededup", _CNN_UP_TO, "imagededup CNN, similarity 0.9"),
    "points-all": ("", _POINTS_UP_TO, "64-d points: curate, all pairs"),
    "points-clusters": ("", _POINTS_UP_TO, "64-d points: curate, clusters"),
    "points-faiss": ("faiss", _POINTS_UP_TO, "64-d points: faiss IndexFlatIP"),
    "points-faiss-ivf": ("faiss", _POINTS_UP_TO, "64-d points: faiss IndexIVFFlat"),
}
"""Step -> (module it needs, most pictures with which it finishes soon, what it is)."""

_STEPS: dict[str, Callable[[np.ndarray, int], dict[str, Any]]] = {
    "curate": run_curate,
    "curate-beside": run_curate_beside,
    "curate-hashes": run_hashes,
    "imagededup-phash": lambda faces, count: run_imagededup(faces, count, method="PHash", limit=10),
    "imagededup-cnn": lambda faces, count: run_imagededup(faces, count, method="CNN", limit=0.9),
    "points-all": lambda faces, count: run_points(faces, count, tool="all"),
    "points-clusters": lambda faces, count: run_points(faces, count, tool="clusters"),
    "points-faiss": lambda faces, count: run_points(faces, count, tool="faiss-flat"),
    "points-faiss-ivf": lambda faces, count: run_points(faces, count, tool="faiss-ivf"),
}


if __name__ == "__main__":
    main()

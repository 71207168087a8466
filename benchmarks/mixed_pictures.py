"""Any number of different face-like pictures, with planted copies among them, made from a few thousand faces."""

from concurrent.futures import Executor
from pathlib import Path

import cv2
import numpy as np

from curate.executors import local_threads, map_ordered
from curate.progress import silent

_PER_TASK = 2_000
_COPIES_PER_CENT = 1
_BASE_FACES = 2_000


def load_faces(workspace: Path | None) -> np.ndarray:
    """(F, 48, 48) uint8: those of a workspace, or generated ones."""
    from curate.duplicates.row_cache import CacheFolder
    from curate.duplicates.searchable import load_collection
    from curate.workspace import Workspace

    if workspace is None:
        from curate.faces import draw_face, make_face

        return np.stack([draw_face(make_face(0, number), "happy", seed=number) for number in range(_BASE_FACES)])
    here = Workspace(workspace)
    cache_dir = CacheFolder(here.cache_folder)
    with local_threads() as executor:
        return load_collection(here, cache_dir=cache_dir, keep_up_to=0, executor=executor, progress=silent).pictures


def make_pictures(faces: np.ndarray, count: int, executor: Executor) -> tuple[np.ndarray, np.ndarray]:
    """(N, 48, 48) uint8 mixed pictures, and (M, 2) planted pairs (original, copy); the copies come last."""
    copies = count * _COPIES_PER_CENT // 100
    pictures = np.empty((count, *faces.shape[1:]), np.uint8)
    originals = np.random.default_rng(1).choice(count - copies, copies, replace=False)

    def mix(start: int) -> None:
        rng = np.random.default_rng([2, start])
        for row in range(start, min(start + _PER_TASK, count - copies)):
            one, two = (_moved(faces[rng.integers(len(faces))], rng, far=True) for _ in range(2))
            pictures[row] = cv2.addWeighted(one, 0.5, two, 0.5, 0)

    def copy(start: int) -> None:
        rng = np.random.default_rng([3, start])
        for row in range(start, min(start + _PER_TASK, copies)):
            picture = pictures[originals[row]]
            changed = picture[:, ::-1] if row % 2 else _moved(picture, rng, far=False)
            noisy = changed + rng.normal(0, 3, changed.shape)
            pictures[count - copies + row] = np.clip(noisy, 0, 255).astype(np.uint8)

    for make, end in ((mix, count - copies), (copy, copies)):
        for _ in map_ordered(executor, make, range(0, end, _PER_TASK)):
            pass
    return pictures, np.stack([originals, np.arange(count - copies, count)], axis=1)


def _moved(picture: np.ndarray, rng: np.random.Generator, *, far: bool) -> np.ndarray:
    """Shifted by up to 3 pixels and zoomed by 0.87 to 1.15; far: more, turned, and perhaps mirrored."""
    reach = 4 if far else 3
    zoom = np.exp(rng.uniform(-0.14, 0.14)) * (rng.uniform(0.95, 1.25) if far else 1)
    matrix = cv2.getRotationMatrix2D((23.5, 23.5), rng.uniform(-8, 8) if far else 0, zoom)
    matrix[:, 2] += rng.uniform(-reach, reach, 2)
    mirrored = picture[:, ::-1] if far and rng.integers(2) else picture
    return cv2.warpAffine(mirrored, matrix, (48, 48), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)

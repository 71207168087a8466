"""The pictures of a workspace as they are compared, and what is known about them beforehand."""

from concurrent.futures import Executor
from dataclasses import dataclass
from operator import itemgetter

import numpy as np

from curate.catalog import Catalog, duplicates
from curate.duplicates.row_cache import CacheFolder
from curate.executors import map_ordered
from curate.features import MATCH_PX, matching_picture_of
from curate.manifest import Fence
from curate.progress import Progress
from curate.transforms import FLIPS_AND_ROTATIONS
from curate.workspace import Workspace

__all__ = ["SearchablePictures", "load_collection"]

_PER_TASK = 512
_UNSEARCHABLE = ("blank", "low-information")
"""Quality flags of pictures that resemble everything of their kind: empty frames, placeholders, icons."""
_BLURRY = "blurry"


@dataclass(frozen=True, slots=True)
class SearchablePictures:
    """N samples ordered by sample_id, so that i < j means that sample i comes first in a pair; parallel arrays.

    Attributes:
        sample_ids: 64 hex digits each.
        pictures: (N, 48, 48) uint8.
        hashes: (N, 8) uint64, in the order of `transforms.FLIPS_AND_ROTATIONS`.
        area: (N,) int64, pixels of the picture as stored.
        stored_bytes: (N,) int64, size of its file.
        left_out: (N,) object; the quality flag for which a picture is not compared, or None.
        blurry: (N,) bool.
        subject: (N,) object; the person's `namespace:id`, or None where nobody says.
        active: (N,) bool; False = no source delivers it, but it belongs with what a version holds in its test.
    """

    sample_ids: list[str]
    pictures: np.ndarray
    hashes: np.ndarray
    area: np.ndarray
    stored_bytes: np.ndarray
    left_out: np.ndarray
    blurry: np.ndarray
    subject: np.ndarray
    active: np.ndarray

    @property
    def searchable(self) -> np.ndarray:
        """(N,) bool."""
        return np.array([flag is None for flag in self.left_out], bool)

    def __len__(self) -> int:
        return len(self.sample_ids)


def load_collection(
    workspace: Workspace, *, cache_dir: CacheFolder, keep_up_to: int, executor: Executor, progress: Progress
) -> SearchablePictures:
    """Decode every sample's stored picture for comparison, or take up what an earlier search decoded.

    What belongs with the gold and test pictures of any version is among the samples, delivered or not.

    Args:
        workspace: whose samples.
        cache_dir: where decoded pictures are kept for the next search.
        keep_up_to: pictures of larger collections are not kept for the next search.
        executor: threads or processes.
        progress: progress callback.
    """
    with workspace.catalog() as catalog:
        fence = workspace.fence()
        rows = list(duplicates.picture_rows(catalog))
        active = {row[0] for row in rows}
        gone = duplicates.retired_picture_rows(catalog, fence.members - active)
        rows = sorted([*rows, *gone], key=itemgetter(0))
        subjects = {**_fenced_subjects(fence), **duplicates.sample_subjects(catalog)}
        sample_ids = [row[0] for row in rows]

        def read(chosen: np.ndarray) -> np.ndarray:
            names = [sample_ids[index] for index in chosen]
            return _read_pictures(catalog, names, executor=executor, progress=progress)

        if len(rows) <= keep_up_to:
            cache = cache_dir.rows("pictures-1", "u1", (MATCH_PX, MATCH_PX), what="decoded pictures")
            pictures = cache.get(sample_ids, read)
        else:
            pictures = read(np.arange(len(rows)))
    flags = [set(row[2].split()) for row in rows]
    hashes = np.frombuffer(b"".join(row[3] for row in rows), ">u8").astype(np.uint64)
    return SearchablePictures(
        sample_ids=sample_ids,
        pictures=pictures,
        hashes=hashes.reshape(len(rows), len(FLIPS_AND_ROTATIONS)),
        area=np.array([row[1] for row in rows], np.int64),
        stored_bytes=np.array([row[4] for row in rows], np.int64),
        left_out=np.array([next((flag for flag in _UNSEARCHABLE if flag in raised), None) for raised in flags], object),
        blurry=np.array([_BLURRY in raised for raised in flags], bool),
        subject=np.array([subjects.get(row[0]) for row in rows], object),
        active=np.array([row[0] in active for row in rows], bool),
    )


def _fenced_subjects(fence: Fence) -> dict[str, str]:
    """sample_id -> subject, of pictures that a test once held (the alphabetically first, if several)."""
    if fence.occurrences is None:
        return {}
    known = fence.occurrences[fence.occurrences["subject"].notna()]
    return {str(name): str(subject) for name, subject in known.groupby("sample_id")["subject"].min().items()}


def _read_pictures(catalog: Catalog, sample_ids: list[str], *, executor: Executor, progress: Progress) -> np.ndarray:
    """(N, 48, 48) uint8; files are read a few at a time."""
    pictures = np.empty((len(sample_ids), MATCH_PX, MATCH_PX), np.uint8)
    chunks = (sample_ids[start : start + _PER_TASK] for start in range(0, len(sample_ids), _PER_TASK))
    with progress("reading pictures", len(sample_ids), unit="pictures") as advance:
        start = 0
        for part in map_ordered(executor, _prepare, (duplicates.picture_files(catalog, chunk) for chunk in chunks)):
            pictures[start : start + len(part)] = part
            start += len(part)
            advance(len(part))
    return pictures


def _prepare(files: list[bytes]) -> np.ndarray:
    return np.stack([matching_picture_of(data) for data in files])

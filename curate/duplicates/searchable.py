"""The pictures of a workspace as they are compared, and what is known about them beforehand."""

from concurrent.futures import Executor
from dataclasses import dataclass
from operator import attrgetter

import numpy as np

from curate.catalog import duplicates, pictures
from curate.duplicates.row_cache import CacheFolder
from curate.features import MATCH_PX, pictures_for_matching
from curate.manifest import Fence
from curate.progress import Progress
from curate.transforms import FLIPS_AND_ROTATIONS
from curate.workspace import Workspace

__all__ = ["SearchablePictures", "load_collection"]

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
        rows = list(pictures.locate(catalog))
        active = {row.sample_id for row in rows}
        gone = pictures.locate(catalog, fence.members - active, strict=False)
        rows = sorted([*rows, *gone], key=attrgetter("sample_id"))
        subjects = {**_fenced_subjects(fence), **duplicates.sample_subjects(catalog)}
        sample_ids = [row.sample_id for row in rows]

        def read(chosen: np.ndarray) -> np.ndarray:
            files = (file.data for file in pictures.read(catalog, (sample_ids[index] for index in chosen)))
            return pictures_for_matching(files, len(chosen), executor=executor, progress=progress)

        if len(rows) <= keep_up_to:
            cache = cache_dir.rows("pictures-1", "u1", (MATCH_PX, MATCH_PX), what="decoded pictures")
            reduced = cache.get(sample_ids, read)
        else:
            reduced = read(np.arange(len(rows)))
    flags = [set(row.flags.split()) for row in rows]
    hashes = np.frombuffer(b"".join(row.hashes for row in rows), ">u8").astype(np.uint64)
    return SearchablePictures(
        sample_ids=sample_ids,
        pictures=reduced,
        hashes=hashes.reshape(len(rows), len(FLIPS_AND_ROTATIONS)),
        area=np.array([row.area for row in rows], np.int64),
        stored_bytes=np.array([row.stored_bytes for row in rows], np.int64),
        left_out=np.array([next((flag for flag in _UNSEARCHABLE if flag in raised), None) for raised in flags], object),
        blurry=np.array([_BLURRY in raised for raised in flags], bool),
        subject=np.array([subjects.get(row.sample_id) for row in rows], object),
        active=np.array([row.sample_id in active for row in rows], bool),
    )


def _fenced_subjects(fence: Fence) -> dict[str, str]:
    """sample_id -> subject, of pictures that a test once held (the alphabetically first, if several)."""
    if fence.occurrences is None:
        return {}
    known = fence.occurrences[fence.occurrences["subject"].notna()]
    return {str(name): str(subject) for name, subject in known.groupby("sample_id")["subject"].min().items()}

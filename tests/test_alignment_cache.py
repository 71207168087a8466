"""Alignments are measured once, and what an older curate saved is read."""

import io

import numpy as np
from layouts import face

from curate.duplicates.alignment_cache import AlignmentCache
from curate.duplicates.pairs import CandidatePairs
from curate.duplicates.searchable import SearchablePictures
from curate.executors import local_threads

FACES = 6


class _NoPool:
    """An executor that must not be asked for anything."""


def collection() -> SearchablePictures:
    nothing = np.full(FACES, None, object)
    counts, yes = np.ones(FACES, np.int64), np.ones(FACES, bool)
    return SearchablePictures(
        sample_ids=[f"{number:016x}{number:048x}" for number in range(FACES)],
        pictures=np.stack([face(number) for number in range(FACES)]),
        hashes=np.zeros((FACES, 8), np.uint64),
        area=counts, stored_bytes=counts, left_out=nothing, blurry=~yes, subject=nothing, active=yes,
    )  # fmt: skip


def test_alignments_saved_with_older_field_names_are_not_measured_again() -> None:
    pairs = np.stack(np.triu_indices(FACES, 1), axis=1)
    candidates = CandidatePairs(pairs, "mirrored", np.zeros(len(pairs), np.uint8))
    cache = AlignmentCache()
    with local_threads(1) as executor:
        measured = cache.align(collection(), candidates, executor=executor)
    rows = np.load(io.BytesIO(cache.save()))
    rows.dtype.names = tuple({"flip": "probe"}.get(name, name) for name in rows.dtype.names)
    file = io.BytesIO()
    np.save(file, rows)
    again = AlignmentCache(file.getvalue()).align(collection(), candidates, executor=_NoPool())  # type: ignore[arg-type]
    assert all(np.array_equal(one, two) for one, two in zip(measured, again, strict=True))

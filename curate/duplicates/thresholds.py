"""How much likeness a pair needs to count, and what to tell a person who is asked to judge it.

Where both people are known, pictures of one sitting look like copies, so only 0.95 counts; where a picture is blurred
throughout, little is left that could differ, so only 0.97 counts. The other tiers do not apply to either.
"""

import math

import numpy as np

from curate.duplicates.alignment import DOUBTFUL, SAME_PHOTOGRAPH
from curate.duplicates.methods import BLOCKS_SAME, ECC_SAME
from curate.duplicates.searchable import SearchablePictures

__all__ = ["doubt", "doubtful_score", "needed_score"]

KNOWN_SUBJECTS_SAME, BLURRY_SAME = 0.95, 0.97

_THIRDS_DIFFER = "alike as a whole, but one third of the picture differs"


def needed_score(collection: SearchablePictures, pairs: np.ndarray) -> np.ndarray:
    """(M,) float32: the aligned score from which each of (M, 2) pairs counts as one photograph."""
    needed = np.full(len(pairs), SAME_PHOTOGRAPH, np.float32)
    known = np.array([subject is not None for subject in collection.subject], bool)
    needed[known[pairs].all(axis=1)] = KNOWN_SUBJECTS_SAME
    needed[collection.blurry[pairs].any(axis=1)] = BLURRY_SAME
    return needed


def doubtful_score(collection: SearchablePictures, pairs: np.ndarray) -> np.ndarray:
    """(M,) float32: the aligned score from which a person should look at a pair that does not count.

    Infinite where two people are known to be different. Where more than 0.90 is needed, alignment stops early on most
    pairs that miss it by far, so that not all pairs above this score come out.
    """
    doubtful = np.where(needed_score(collection, pairs) > SAME_PHOTOGRAPH, SAME_PHOTOGRAPH, DOUBTFUL)
    known = np.array([subject is not None for subject in collection.subject], bool)
    subject = collection.subject[pairs]
    strangers = known[pairs].all(axis=1) & (subject[:, 0] != subject[:, 1])
    return np.where(strangers, np.inf, doubtful).astype(np.float32)


def doubt(method: str, similarity: float, needed: float) -> str:
    """Why a pair is left to a person, in plain words.

    Args:
        method: of `verify.TIERS`.
        similarity: on that tier's own scale.
        needed: the aligned score that this pair needs.
    """
    wanted = {"aligned": round(needed, 2), "affine": ECC_SAME, "blocks": BLOCKS_SAME}.get(method, 0.0)
    if similarity >= wanted:
        return _THIRDS_DIFFER
    seen = f"{math.floor(similarity * 100) / 100:.2f}, {wanted:.2f} is needed"
    if method == "affine":
        return f"similarity after a warp {seen}"
    if method == "blocks":
        return f"median similarity of nine parts {seen}"
    because = {KNOWN_SUBJECTS_SAME: " between pictures of a known person", BLURRY_SAME: " where a picture is blurred"}
    return f"aligned similarity {seen}{because.get(wanted, '')}"

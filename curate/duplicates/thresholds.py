"""How much likeness a pair needs to count, and what to tell a person who is asked to judge it.

Where both people are known, pictures of one sitting look like copies, so only 0.95 counts; where a picture is blurred
throughout, little is left that could differ, so only 0.97 counts. The other tiers do not apply to either.
"""

import math
from typing import NamedTuple

import numpy as np

from curate.duplicates.alignment import DOUBTFUL, SAME_PHOTOGRAPH
from curate.duplicates.methods import BLOCKS_SAME, ECC_SAME
from curate.duplicates.searchable import SearchablePictures

__all__ = ["GATES", "PLAIN", "Gate", "choose_gates", "doubt", "doubtful_score", "needed_score"]


class Gate(NamedTuple):
    """The aligned score that a pair needs, and why it is more than usual, in words."""

    needed: float
    because: str


PLAIN, _KNOWN_SUBJECTS, _BLURRY = range(3)
GATES = (
    Gate(SAME_PHOTOGRAPH, ""),
    Gate(0.95, " between pictures of a known person"),
    Gate(0.97, " where a picture is blurred"),
)
_NEEDED = np.array([gate.needed for gate in GATES], np.float32)
_THIRDS_DIFFER = "alike as a whole, but one third of the picture differs"


def choose_gates(collection: SearchablePictures, ends: np.ndarray) -> np.ndarray:
    """(M,) uint8 index into `GATES` of each of (M, 2) pairs."""
    gate = np.full(len(ends), PLAIN, np.uint8)
    gate[_both_known(collection, ends)] = _KNOWN_SUBJECTS
    gate[collection.blurry[ends].any(axis=1)] = _BLURRY
    return gate


def needed_score(gate: np.ndarray) -> np.ndarray:
    """(M,) float32: the aligned score from which each pair counts as one photograph."""
    return np.asarray(_NEEDED[gate])


def doubtful_score(collection: SearchablePictures, ends: np.ndarray, gate: np.ndarray) -> np.ndarray:
    """(M,) float32: the aligned score from which a person should look at a pair that does not count.

    Infinite where two people are known to be different. Where more than 0.90 is needed, alignment stops early on most
    pairs that miss it by far, so that not all pairs above this score come out.
    """
    one, two = collection.subject[ends].T
    strangers = _both_known(collection, ends) & (one != two)
    return np.where(strangers, np.inf, np.where(gate == PLAIN, DOUBTFUL, SAME_PHOTOGRAPH)).astype(np.float32)


def _both_known(collection: SearchablePictures, ends: np.ndarray) -> np.ndarray:
    known = np.array([subject is not None for subject in collection.subject], bool)
    return np.asarray(known[ends].all(axis=1))


def doubt(tier: str, similarity: float, gate: Gate) -> str:
    """Why a pair is left to a person, in plain words.

    Args:
        tier: of `pairs.TIERS`.
        similarity: on that tier's own scale.
        gate: of `GATES`.
    """
    needed = {"aligned": gate.needed, "affine": ECC_SAME, "blocks": BLOCKS_SAME}.get(tier, 0.0)
    if similarity >= needed:
        return _THIRDS_DIFFER
    measured = f"{math.floor(similarity * 100) / 100:.2f}, {needed:.2f} is needed"
    if tier == "affine":
        return f"similarity after a warp {measured}"
    if tier == "blocks":
        return f"median similarity of nine parts {measured}"
    return f"aligned similarity {measured}{gate.because}"

"""What there is to review, as arrays: `loading` reads it once, then it is asked thousands of times."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from curate.labels import UNRESOLVED

__all__ = [
    "CONTRADICTED",
    "COPIES_DIFFER",
    "KINDS",
    "LOOKS_OTHERWISE",
    "SPLITS",
    "UNLABELLED",
    "UNMAPPED",
    "Place",
    "ReviewItems",
]

SPLITS = ("", "train", "val", "test")
CONTRADICTED = "given labels contradict each other"
UNMAPPED = "the given label is none that is known"
UNLABELLED = "nobody gave a label"
LOOKS_OTHERWISE = "looks like something else"
COPIES_DIFFER = "copies have other labels"
KINDS = ("", CONTRADICTED, UNMAPPED, UNLABELLED, LOOKS_OTHERWISE, COPIES_DIFFER)
"""Why a picture is worth a look; empty = nothing speaks against its label."""


class Place(NamedTuple):
    """One occurrence of a picture, as text to show; a split or label that is not known is empty."""

    source: str
    key: str
    given: str
    split: str


@dataclass(frozen=True)
class ReviewItems:
    """All samples, by sample_id; parallel arrays of N unless said otherwise.

    Attributes:
        ids: sample_ids, ascending.
        number: sample_id -> its place in the arrays.
        label: (N,) int8 index into `LABELS` of the label before any review, by the policy; `UNRESOLVED` = none.
        origin: (N,) int8 index into `ORIGINS`: what settled it.
        given: (N, len(LABELS)) bool; labels that a source gave the picture itself.
        judged: (N,) int8; the label that `curate suspects` judged; `UNRESOLVED` = none.
        suggested, second: (N,) int8 likewise; `UNRESOLVED` = no suggestion.
        quality: (N,) float32 in [0, 1] of the label of now, lower = more suspect; NaN = not known.
        scope: (N,) int8 index into `scope.SCOPES`: would the next version hold it?
        kind: (N,) int8 index into `KINDS`.
        reason: N sentences, what the evidence says of each picture; may be empty.
        group: (N,) int64 number of the duplicate group; `UNRESOLVED` = none.
        steps: (N,) int16 steps between the two most distant members of the group; 0 = none.
        hashes: (N,) uint64 perceptual hashes.
        split: (N,) int8 index into `SPLITS`, the highest of its occurrences.
        sources: names.
        in_source: (len(sources), N) bool.
        patched: sample_id -> the patch that speaks of it, and the label that it gives (empty = open).
        classes: labels that versions hold.
        places: (M,) occurrences, sorted by sample; those of sample n are `places[first[n]:first[n + 1]]`.
        first: (N + 1,) int64.
        votes: (M, len(LABELS)) int16 annotators' votes of the policy's panel at each place.
        probabilities: (N, len(LABELS)) float32 by label; None = not known.
    """

    ids: list[str]
    number: dict[str, int]
    label: np.ndarray
    origin: np.ndarray
    given: np.ndarray
    judged: np.ndarray
    suggested: np.ndarray
    second: np.ndarray
    quality: np.ndarray
    scope: np.ndarray
    kind: np.ndarray
    reason: list[str]
    group: np.ndarray
    steps: np.ndarray
    hashes: np.ndarray
    split: np.ndarray
    sources: tuple[str, ...]
    in_source: np.ndarray
    patched: Mapping[str, tuple[str, str]]
    classes: tuple[str, ...]
    places: list[Place]
    first: np.ndarray
    votes: np.ndarray
    probabilities: np.ndarray | None

    def places_of(self, number: int) -> list[Place]:
        """Where the picture was found."""
        return self.places[self.first[number] : self.first[number + 1]]

    def members(self, number: int) -> list[int]:
        """The other members of its duplicate group."""
        if self.group[number] == UNRESOLVED:
            return []
        return [each for each in np.flatnonzero(self.group == self.group[number]).tolist() if each != number]

    def look_alikes(self, number: int, count: int) -> list[tuple[int, int]]:
        """Pictures with the nearest perceptual hashes, and how many of 64 bits differ; nearest first.

        Of photographs with copies only the nearest one is among them, and of its own photograph none.
        """
        bits = np.bitwise_count(self.hashes ^ self.hashes[number]).astype(np.int64)
        bits[[number, *self.members(number)]] = 99
        found: dict[tuple[bool, int], int] = {}
        for each in np.argsort(bits, kind="stable").tolist():
            if bits[each] > 64 or len(found) == count:
                break
            grouped = bool(self.group[each] != UNRESOLVED)
            found.setdefault((grouped, int(self.group[each]) if grouped else each), each)
        return [(each, int(bits[each])) for each in found.values()]

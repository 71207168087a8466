"""What was given to a picture, by whom; and why its label is what it is now."""

from collections import defaultdict
from typing import Any

import numpy as np

from curate.emotions import LABELS
from curate.labels import ORIGINS, UNRESOLVED
from curate.review.items import KINDS, ReviewItems

__all__ = ["given_text", "givers", "why"]

_WHY = {
    "given": "as given",
    "majority": "most sources say so",
    "priority": "the source that is trusted most says so",
    "votes": "annotators' votes say so",
    "group": "most of its copies say so",
}


def given_text(items: ReviewItems, number: int) -> str:
    """The labels that sources gave the picture, as the log keeps them: `angry, fear`; empty = none that is known."""
    return ", ".join(LABELS[code] for code in np.flatnonzero(items.given[number]).tolist())


def givers(items: ReviewItems, number: int) -> list[dict[str, Any]]:
    """What was given and by whom: sources, then a patch, then annotators.

    Returns:
        One dict each: label (as delivered where nobody said what it means; empty for votes, and where a patch leaves it
        open), and by, in words.
    """
    sources: defaultdict[str, dict[str, None]] = defaultdict(dict)
    votes: defaultdict[str, np.ndarray] = defaultdict(lambda: np.zeros(len(LABELS), np.int64))
    start = int(items.first[number])
    for row, place in enumerate(items.places_of(number), start):
        if place.given:
            sources[place.given][place.source] = None
        if items.votes[row].any():
            votes[place.source] += items.votes[row]
    found = [{"label": label, "by": ", ".join(names)} for label, names in sources.items()]
    patch = items.patched.get(items.ids[number])
    if patch is not None:
        found.append({"label": patch[1], "by": f"patch {patch[0]}" + ("" if patch[1] else ", which leaves it open")})
    return found + [{"label": "", "by": _as_votes(source, counts)} for source, counts in votes.items()]


def why(items: ReviewItems, number: int) -> str:
    """Why the label is what it is, before any review; of an open label, why it is open."""
    if items.label[number] == UNRESOLVED:
        return KINDS[items.kind[number]]
    origin = ORIGINS[items.origin[number]]
    patch = items.patched.get(items.ids[number])
    return f"patch {patch[0]} says so" if origin == "patch" and patch else _WHY.get(origin, "")


def _as_votes(source: str, counts: np.ndarray) -> str:
    order = np.argsort(-counts, kind="stable")
    counted = ", ".join(f"{LABELS[code].replace('_', ' ')} {counts[code]}" for code in order.tolist() if counts[code])
    return f"{counts.sum()} votes of {source}: {counted}"

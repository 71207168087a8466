"""What the screen shows of a picture: texts, and pictures as data URIs, so that the browser asks for no file."""

import base64
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import cv2
import numpy as np

from curate.catalog import Catalog, pictures
from curate.emotions import LABELS
from curate.images import decode_reduced, encode_png
from curate.labels import UNRESOLVED
from curate.review.decision_state import DecisionState
from curate.review.given import givers, why
from curate.review.items import ReviewItems
from curate.review.reach import reached
from curate.review.scope import HELD, SCOPES
from curate.transforms import flip_picture

__all__ = ["ThumbnailCache", "face", "full_card", "label_now"]

_LARGEST_PX = 512
_LOOK_ALIKES, _DUPLICATES, _PLACES, _LINES = 6, 6, 8, 6


class ThumbnailCache:
    """Pictures of a catalog as PNG data URIs, the last few thousand kept."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self.uri = lru_cache(maxsize=4000)(self._uri)

    def _uri(self, sample_id: str, screen: str = "") -> str:
        """One picture; mirrored where the screen says so, reduced where it is larger than a screen needs."""
        pixels = decode_reduced(pictures.read_one(self._catalog, sample_id), least_px=_LARGEST_PX).pixels
        if screen == "repeat-mirrored":
            pixels = flip_picture(pixels, "mirrored")
        scale = _LARGEST_PX / max(pixels.shape[:2])
        if scale < 1:
            size = tuple(max(1, round(side * scale)) for side in pixels.shape[1::-1])
            pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
        return "data:image/png;base64," + base64.b64encode(encode_png(pixels)).decode("ascii")


def label_now(items: ReviewItems, state: DecisionState, number: int) -> str:
    """The label of a picture after review so far, in words; `excluded`, or empty where it is open."""
    verdict = state.pictures.get(items.ids[number])
    if verdict is not None:
        return verdict.label or "excluded"
    return words(int(items.label[number]))


def words(code: int) -> str:
    """A label by its number; empty for `UNRESOLVED`."""
    return "" if code == UNRESOLVED else LABELS[code]


def face(
    items: ReviewItems,
    state: DecisionState,
    thumbnails: ThumbnailCache,
    number: int,
    *,
    note: str = "",
    blind: bool = False,
) -> dict[str, Any]:
    """A small picture with its label; blind = that before any review."""
    sample_id = items.ids[number]
    label = words(int(items.label[number])) if blind else label_now(items, state, number)
    return {
        "sample": sample_id,
        "picture": thumbnails.uri(sample_id),
        "label": label,
        "note": note,
    }


def full_card(
    items: ReviewItems,
    state: DecisionState,
    thumbnails: ThumbnailCache,
    number: int,
    *,
    screen: str = "queue",
    blind: bool = False,
) -> dict[str, Any]:
    """Everything that helps to decide one picture.

    Args:
        items: what there is.
        state: what was decided.
        thumbnails: the pictures.
        number: which picture.
        screen: `queue`, or that of a hidden repeat, which looks the same but may be mirrored.
        blind: leave out what reviewers said before, also of copies.
    """
    sample_id = items.ids[number]
    suggested = [words(int(codes[number])) for codes in (items.suggested, items.second)]
    quality = float(items.quality[number])
    others = items.members(number)
    together, apart = reached(items, state, number, blind=blind)
    copies = [face(items, state, thumbnails, each, blind=blind) for each in others[:_DUPLICATES]]
    similar = [
        face(items, state, thumbnails, each, note=f"{bits} of 64 bits", blind=blind)
        for each, bits in items.look_alikes(number, _LOOK_ALIKES)
    ]
    return {
        "sample": sample_id,
        "screen": screen,
        "picture": thumbnails.uri(sample_id, screen),
        "label": words(int(items.label[number])),
        "why": why(items, number),
        "given": givers(items, number),
        "suggested": [each for each in suggested if each],
        "quality": None if np.isnan(quality) else round(quality, 4),
        "reason": _reason(items, number),
        "chances": _chances(items, number),
        "copies": copies,
        "group": [items.ids[each] for each in (number, *others)],
        "reach": [items.ids[each] for each in together],
        "apart": apart,
        "scope": SCOPES[items.scope[number]] if items.scope[number] != HELD else "",
        "similar": similar,
        "places": [place._asdict() for place in items.places_of(number)[:_PLACES]],
        "more_places": max(0, len(items.places_of(number)) - _PLACES),
        "history": [] if blind else list(_history(state, sample_id))[-_LINES:],
    }


def _reason(items: ReviewItems, number: int) -> str:
    """What the evidence says; it speaks of the label that was judged, which may not be that of now."""
    judged, text = int(items.judged[number]), items.reason[number]
    return f"judged as {words(judged)}: {text}" if text and judged not in (UNRESOLVED, items.label[number]) else text


def _chances(items: ReviewItems, number: int) -> dict[str, float] | None:
    if items.probabilities is None or not items.probabilities[number].any():
        return None
    values = items.probabilities[number].tolist()
    return {label: round(value, 4) for label, value in zip(LABELS, values, strict=True) if value}


def _history(state: DecisionState, sample_id: str) -> Iterable[str]:
    for line in (each for each in state.lines_of(sample_id) if each.kind != "skip"):
        said = {"relabel": line.label, "confirm": f"{line.label} (confirmed)"}.get(line.kind, line.kind)
        yield f"{line.reviewer}: {said}, {line.at[:10]}"

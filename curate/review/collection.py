"""What there is to review, as arrays: read once, then asked thousands of times."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from curate.emotions import LABEL_INDEX, LABELS
from curate.labels import OPEN
from curate.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "CONTRADICTED",
    "KINDS",
    "SPLITS",
    "UNLABELLED",
    "UNMAPPED",
    "Collection",
    "Place",
    "read_collection",
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
class Collection:
    """All samples, by sample_id; parallel arrays of N unless said otherwise.

    Attributes:
        ids: sample_ids, ascending.
        number: sample_id -> its place in the arrays.
        label: (N,) int8 index into `LABELS` of the label before any review; `OPEN` = none.
        suggested, second: (N,) int8 likewise; `OPEN` = no suggestion.
        quality: (N,) float32 in [0, 1] of the label, lower = more suspect; NaN = not scored.
        kind: (N,) int8 index into `KINDS`.
        reason: N sentences, what the evidence says of each picture; may be empty.
        group: (N,) int64 number of the duplicate group; `OPEN` = none.
        kept: (N,) bool; the member of its group that the search for copies would keep in a version.
        hashes: (N,) uint64 perceptual hashes.
        split: (N,) int8 index into `SPLITS`, the highest of its occurrences.
        sources: names.
        in_source: (len(sources), N) bool.
        places: (M,) occurrences, sorted by sample; those of sample n are `places[first[n]:first[n + 1]]`.
        first: (N + 1,) int64.
        probabilities: (N, len(LABELS)) float32 by label; None = not known.
    """

    ids: list[str]
    number: dict[str, int]
    label: np.ndarray
    suggested: np.ndarray
    second: np.ndarray
    quality: np.ndarray
    kind: np.ndarray
    reason: list[str]
    group: np.ndarray
    kept: np.ndarray
    hashes: np.ndarray
    split: np.ndarray
    sources: tuple[str, ...]
    in_source: np.ndarray
    places: list[Place]
    first: np.ndarray
    probabilities: np.ndarray | None

    def places_of(self, number: int) -> list[Place]:
        """Where the picture was found."""
        return self.places[self.first[number] : self.first[number + 1]]

    def members(self, number: int) -> list[int]:
        """The other members of its duplicate group."""
        if self.group[number] == OPEN:
            return []
        return [each for each in np.flatnonzero(self.group == self.group[number]).tolist() if each != number]

    def look_alikes(self, number: int, count: int) -> list[tuple[int, int]]:
        """Pictures with the nearest perceptual hashes but for copies, and how many of 64 bits differ; nearest first."""
        bits = np.bitwise_count(self.hashes ^ self.hashes[number]).astype(np.int64)
        bits[[number, *self.members(number)]] = 99
        near = np.argpartition(bits, min(count, len(bits) - 1))[:count]
        near = near[np.lexsort((near, bits[near]))]
        return [(each, int(bits[each])) for each in near.tolist() if bits[each] <= 64]


def read_collection(
    workspace: Workspace, suspects: "Callable[[Workspace], pd.DataFrame]" = Workspace.suspects
) -> Collection:
    """Everything to review, as it is at this moment.

    Args:
        workspace: where.
        suspects: where suspects come from, with the columns of `Workspace.suspects`; `prob_<label>` columns are shown
            where there are any.
    """
    with workspace.snapshot() as view:
        samples, occurrences, log, suspected = view.samples(), view.occurrences(), view.decisions(), suspects(view)
        groups = view.groups()
    ids = samples["sample_id"].tolist()
    number = {sample_id: place for place, sample_id in enumerate(ids)}
    judged = _read_judged(suspected, number)
    label = _before_review(samples, _shown_labels(log))
    label = np.where(label != OPEN, label, judged.given)
    places, first, sample = _read_places(occurrences, number)
    group = _group_numbers(samples)
    kind = _open_kinds(label, sample, places)
    kind[(kind == 0) & _looks_otherwise(label, judged)] = KINDS.index(LOOKS_OTHERWISE)
    kind[(kind == 0) & _copies_differ(group, sample, places)] = KINDS.index(COPIES_DIFFER)
    names = tuple(sorted({place.source for place in places}))
    return Collection(
        ids=ids,
        number=number,
        label=label,
        suggested=judged.suggested,
        second=judged.second,
        quality=judged.quality,
        kind=kind,
        reason=[text or KINDS[code] for text, code in zip(judged.reason, kind.tolist(), strict=True)],
        group=group,
        kept=samples["sample_id"].isin(groups["sample_id"][groups["keeper"].astype(bool)]).to_numpy(bool),
        hashes=np.array([int(text, 16) for text in samples["hash"]], np.uint64),
        split=_highest_split(places, sample, len(ids)),
        sources=names,
        in_source=_source_members(names, places, sample, len(ids)),
        places=places,
        first=first,
        probabilities=judged.probabilities,
    )


class _Judged(NamedTuple):
    """What suspects say of all samples, as in `Collection`."""

    given: np.ndarray
    suggested: np.ndarray
    second: np.ndarray
    quality: np.ndarray
    reason: list[str]
    probabilities: np.ndarray | None


def _read_judged(suspects: "pd.DataFrame", number: dict[str, int]) -> _Judged:
    table = suspects[suspects["sample_id"].isin(list(number))]
    where = np.array([number[each] for each in table["sample_id"]], np.int64)
    quality = np.full(len(number), np.nan, np.float32)
    quality[where] = table["quality"].to_numpy(np.float32)
    reason = [""] * len(number)
    for place, text in zip(where.tolist(), table["reason"].fillna("").tolist(), strict=True):
        reason[place] = text
    given, suggested, second = (
        _spread(table[name], where, len(number)) for name in ("given_label", "suggested_label", "second_suggestion")
    )
    return _Judged(given, suggested, second, quality, reason, _probabilities(table, where, len(number)))


def _codes(labels: "pd.Series[str]") -> np.ndarray:
    return np.array([LABEL_INDEX.get(each, OPEN) if isinstance(each, str) else OPEN for each in labels], np.int8)


def _shown_labels(log: "pd.DataFrame") -> dict[str, str]:
    """sample_id -> the label that reviewers were shown last."""
    told = log[log["given"] != ""]
    return dict(zip(told["sample_id"], told["given"], strict=True))


def _before_review(samples: "pd.DataFrame", shown: Mapping[str, str]) -> np.ndarray:
    """The labels that were there before anybody looked."""
    codes = _codes(samples["label"])
    for row in np.flatnonzero((samples["label_origin"] == "reviewed").to_numpy(bool)).tolist():
        codes[row] = LABEL_INDEX.get(shown.get(samples["sample_id"].iloc[row], ""), OPEN)
    return codes


def _spread(labels: "pd.Series[str]", where: np.ndarray, count: int) -> np.ndarray:
    codes = np.full(count, OPEN, np.int8)
    codes[where] = _codes(labels)
    return codes


def _read_places(occurrences: "pd.DataFrame", number: dict[str, int]) -> tuple[list[Place], np.ndarray, np.ndarray]:
    sample = np.array([number[each] for each in occurrences["sample_id"]], np.int64)
    order = np.argsort(sample, kind="stable")
    table = occurrences.iloc[order]
    columns = [table[name].fillna("").tolist() for name in ("source", "key", "given_label", "given_raw")]
    splits = table["official_split"].fillna("").tolist()
    places = [
        Place(source, key, label or raw, split) for source, key, label, raw, split in zip(*columns, splits, strict=True)
    ]
    first = np.searchsorted(sample[order], np.arange(len(number) + 1))
    return places, first, sample[order]


def _highest_split(places: list[Place], sample: np.ndarray, count: int) -> np.ndarray:
    highest = np.zeros(count, np.int8)
    np.maximum.at(highest, sample, np.array([SPLITS.index(place.split) for place in places], np.int8))
    return highest


def _source_members(names: tuple[str, ...], places: list[Place], sample: np.ndarray, count: int) -> np.ndarray:
    member = np.zeros((len(names), count), bool)
    index = {name: row for row, name in enumerate(names)}
    member[[index[place.source] for place in places], sample] = True
    return member


def _group_numbers(samples: "pd.DataFrame") -> np.ndarray:
    import pandas as pd

    return pd.factorize(samples["group_id"], use_na_sentinel=True)[0].astype(np.int64)


def _open_kinds(label: np.ndarray, sample: np.ndarray, places: list[Place]) -> np.ndarray:
    """Why labels are open; 0 where they are not."""
    kind = np.full(len(label), KINDS.index(UNLABELLED), np.int8)
    kind[sample[[bool(place.given) for place in places]]] = KINDS.index(UNMAPPED)
    kind[sample[[place.given in LABEL_INDEX for place in places]]] = KINDS.index(CONTRADICTED)
    kind[label != OPEN] = 0
    return kind


def _looks_otherwise(label: np.ndarray, judged: _Judged) -> np.ndarray:
    """(N,) bool: another label is the most likely one, or, where that is not known, the label probably wrong."""
    probabilities = judged.probabilities
    if probabilities is None:
        return np.asarray(np.nan_to_num(judged.quality, nan=1.0) < 0.5)
    return np.asarray((probabilities.max(axis=1) > 0) & (probabilities.argmax(axis=1) != label))


def _copies_differ(group: np.ndarray, sample: np.ndarray, places: list[Place]) -> np.ndarray:
    """(N,) bool: members of the duplicate group were given different labels."""
    code = np.array([LABEL_INDEX.get(place.given, OPEN) for place in places], np.int64)
    counted = (code != OPEN) & (group[sample] != OPEN)
    held = np.zeros((group.max(initial=OPEN) + 1, len(LABELS)), bool)
    held[group[sample[counted]], code[counted]] = True
    return np.asarray(np.append(held.sum(axis=1) > 1, np.False_)[group])


def _probabilities(table: "pd.DataFrame", where: np.ndarray, count: int) -> np.ndarray | None:
    if not any(f"prob_{label}" in table for label in LABELS):
        return None
    spread = np.zeros((count, len(LABELS)), np.float32)
    for column, label in enumerate(LABELS):
        if f"prob_{label}" in table:
            spread[where, column] = table[f"prob_{label}"].to_numpy(np.float32)
    return spread

"""Reading what there is to review."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from curate.catalog import tables
from curate.emotions import LABEL_INDEX, LABELS
from curate.labels import ORIGINS, UNRESOLVED
from curate.resolution import resolve_catalog
from curate.review.items import (
    CONTRADICTED,
    COPIES_DIFFER,
    KINDS,
    LOOKS_OTHERWISE,
    SPLITS,
    UNLABELLED,
    UNMAPPED,
    Place,
    ReviewItems,
)
from curate.review.scope import newest_gold, quality_now, sort_by_scope
from curate.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["read_items"]

_VOTES = [f"votes_{label}" for label in LABELS]


def read_items(
    workspace: Workspace, suspects: "Callable[[Workspace], pd.DataFrame]" = Workspace.suspects
) -> ReviewItems:
    """Everything to review, as it is at this moment.

    Args:
        workspace: where.
        suspects: where suspects come from, with the columns of `Workspace.suspects`; `prob_<label>` columns are shown
            where there are any.
    """
    with workspace.snapshot() as view:
        samples, occurrences, suspected = view.samples(), view.occurrences(), suspects(view)
        groups, patched, classes = view.groups(), view.patched(), view.config.policy.classes
        label, origin = _before_review(view, samples)
        gold = newest_gold(view)
    ids = samples["sample_id"].tolist()
    number = {sample_id: place for place, sample_id in enumerate(ids)}
    judged = _read_judged(suspected, number)
    places, first, sample, votes = _read_places(occurrences, number)
    group = _group_numbers(samples)
    kept = samples["sample_id"].isin(groups["sample_id"][groups["keeper"].astype(bool)]).to_numpy(bool)
    settled = (label == judged.suggested) & (label != judged.given) & (label != UNRESOLVED)
    kind = _open_kinds(label, sample, places)
    kind[(kind == 0) & _looks_otherwise(label, judged)] = KINDS.index(LOOKS_OTHERWISE)
    kind[(kind == 0) & _copies_differ(group, sample, places)] = KINDS.index(COPIES_DIFFER)
    names = tuple(sorted({place.source for place in places}))
    return ReviewItems(
        ids=ids,
        number=number,
        label=label,
        origin=origin,
        given=_given_labels(places, sample, len(ids)),
        judged=judged.given,
        suggested=judged.suggested,
        second=judged.second,
        quality=quality_now(judged.quality, judged.given, label, judged.suggested, judged.probabilities),
        scope=sort_by_scope(
            samples,
            occurrences,
            set(patched["sample_id"][patched["left_out"].notna()]),
            label=label,
            settled=settled,
            kept=kept,
            gold=gold,
            classes=classes,
        ),
        kind=kind,
        reason=[text or KINDS[code] for text, code in zip(judged.reason, kind.tolist(), strict=True)],
        group=group,
        steps=_steps(groups, number),
        hashes=np.array([int(text, 16) for text in samples["hash"]], np.uint64),
        split=_highest_split(places, sample, len(ids)),
        sources=names,
        in_source=_source_members(names, places, sample, len(ids)),
        patched=_patched_labels(patched),
        classes=classes,
        places=places,
        first=first,
        votes=votes,
        probabilities=judged.probabilities,
    )


class _Judged(NamedTuple):
    """What suspects say of all samples, as in `ReviewItems`."""

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
    return np.array(
        [LABEL_INDEX.get(each, UNRESOLVED) if isinstance(each, str) else UNRESOLVED for each in labels], np.int8
    )


def _before_review(view: Workspace, samples: "pd.DataFrame") -> tuple[np.ndarray, np.ndarray]:
    """(N,) int8 labels as if nobody had reviewed anything, and what settled them, as in `ReviewItems`."""
    if not (samples["label_origin"] == "reviewed").any():
        index = {name: code for code, name in enumerate(ORIGINS)}
        return _codes(samples["label"]), np.array([index[each] for each in samples["label_origin"]], np.int8)
    with view.catalog() as catalog:
        numbers, resolved = resolve_catalog(catalog, view.config, reviewed=False)
        rows = np.array([row[0] for row in tables.sample_rows(catalog)], np.int64)
    place = np.searchsorted(numbers, rows)
    return resolved.label[place].astype(np.int8), resolved.origin[place].astype(np.int8)


def _given_labels(places: list[Place], sample: np.ndarray, count: int) -> np.ndarray:
    given = np.zeros((count, len(LABELS)), bool)
    code = np.array([LABEL_INDEX.get(place.given, UNRESOLVED) for place in places], np.int64)
    given[sample[code != UNRESOLVED], code[code != UNRESOLVED]] = True
    return given


def _patched_labels(patched: "pd.DataFrame") -> dict[str, tuple[str, str]]:
    columns = (patched[name].tolist() for name in ("sample_id", "patch"))
    return {
        sample_id: (patch, label)
        for sample_id, patch, label in zip(*columns, patched["label"].fillna("").tolist(), strict=True)
    }


def _spread(labels: "pd.Series[str]", where: np.ndarray, count: int) -> np.ndarray:
    codes = np.full(count, UNRESOLVED, np.int8)
    codes[where] = _codes(labels)
    return codes


def _read_places(
    occurrences: "pd.DataFrame", number: dict[str, int]
) -> tuple[list[Place], np.ndarray, np.ndarray, np.ndarray]:
    """`places` and `first` of `ReviewItems`, the sample of each place, and `votes`."""
    sample = np.array([number[each] for each in occurrences["sample_id"]], np.int64)
    order = np.argsort(sample, kind="stable")
    table = occurrences.iloc[order]
    columns = [table[name].fillna("").tolist() for name in ("source", "key", "given_label", "given_raw")]
    splits = table["official_split"].fillna("").tolist()
    places = [
        Place(source, key, label or raw, split) for source, key, label, raw, split in zip(*columns, splits, strict=True)
    ]
    first = np.searchsorted(sample[order], np.arange(len(number) + 1))
    votes = table[_VOTES].fillna(0).to_numpy(np.int16)
    return places, first, sample[order], votes


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


def _steps(groups: "pd.DataFrame", number: dict[str, int]) -> np.ndarray:
    steps = np.zeros(len(number), np.int16)
    known = groups[groups["sample_id"].isin(list(number))]
    steps[[number[each] for each in known["sample_id"]]] = known["diameter"].to_numpy(np.int16)
    return steps


def _open_kinds(label: np.ndarray, sample: np.ndarray, places: list[Place]) -> np.ndarray:
    """Why labels are open; 0 where they are not."""
    kind = np.full(len(label), KINDS.index(UNLABELLED), np.int8)
    kind[sample[[bool(place.given) for place in places]]] = KINDS.index(UNMAPPED)
    kind[sample[[place.given in LABEL_INDEX for place in places]]] = KINDS.index(CONTRADICTED)
    kind[label != UNRESOLVED] = 0
    return kind


def _looks_otherwise(label: np.ndarray, judged: _Judged) -> np.ndarray:
    """(N,) bool: another label is the most likely one, or, where that is not known, the label probably wrong."""
    probabilities = judged.probabilities
    if probabilities is None:
        return np.asarray(np.nan_to_num(judged.quality, nan=1.0) < 0.5)
    return np.asarray((probabilities.max(axis=1) > 0) & (probabilities.argmax(axis=1) != label))


def _copies_differ(group: np.ndarray, sample: np.ndarray, places: list[Place]) -> np.ndarray:
    """(N,) bool: members of the duplicate group were given different labels."""
    code = np.array([LABEL_INDEX.get(place.given, UNRESOLVED) for place in places], np.int64)
    counted = (code != UNRESOLVED) & (group[sample] != UNRESOLVED)
    held = np.zeros((group.max(initial=UNRESOLVED) + 1, len(LABELS)), bool)
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

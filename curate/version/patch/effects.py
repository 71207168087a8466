"""What a patch says of each picture, and what becomes of what an earlier patch says. Pure."""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from curate.catalog.patches import Effect, Patched
from curate.emotions import LABELS
from curate.sample import OFFICIAL_SPLITS
from curate.version.patch.nearest import NONE, Assignment
from curate.version.placement import COPY, KEPT_OUT

__all__ = ["NOTHING", "PatchOutcome", "effects_of", "label_of_reason", "outcomes_of", "settle"]

NOTHING = Effect(None, None, gold=False, left_out=None)

_LABEL_REASON = re.compile(r"label (?:is )?(\w+)(?: is not listed)?")
_BY_A_PERSON = "excluded: "


def label_of_reason(reason: str) -> str | None:
    """The label for which a picture was left out of a version; None where it was another reason, or an open label."""
    found = _LABEL_REASON.fullmatch(reason)
    return found[1] if found and found[1] in LABELS else None


def outcomes_of(table: pa.Table) -> Assignment:
    """Label and split of every row of a patch as numbers."""
    codes = []
    for name, words in (("label", LABELS), ("split", OFFICIAL_SPLITS)):
        index = {word: number for number, word in enumerate(words)}
        codes.append(np.array([index.get(word, NONE) for word in table.column(name).to_pylist()], np.int64))
    return Assignment(*codes)


def effects_of(table: pa.Table, matched: np.ndarray) -> list[Effect]:
    """What a patch says of its pictures.

    A copy is left out only where the picture that was kept instead of it is here; else it stands in for that one, with
    its label and split. A picture that was left out for its label gets that label, and this workspace's classes decide.

    Args:
        table: the patch.
        matched: (F,) bool, the pictures that are here.
    """
    rows = [
        _PatchRow(*row) for row in zip(*(table.column(name).to_pylist() for name in _PatchRow._fields), strict=True)
    ]
    kept = {row.group_id for row, here in zip(rows, matched.tolist(), strict=True) if here and row.left_out is None}
    return [_effect(row, kept) for row in rows]


class _PatchRow(NamedTuple):
    label: str | None
    split: str | None
    gold: bool
    left_out: str | None
    group_id: str | None


def _effect(row: _PatchRow, kept: set[str | None]) -> Effect:
    if row.left_out is None:
        return Effect(row.label, row.split, row.gold, None)
    if row.left_out == COPY and row.group_id is not None and row.group_id not in kept:
        return Effect(row.label, row.split, gold=False, left_out=None)
    if row.left_out == KEPT_OUT or _LABEL_REASON.fullmatch(row.left_out):
        return Effect(row.label, None, gold=False, left_out=None)
    return Effect(row.label, None, gold=False, left_out=row.left_out.removeprefix(_BY_A_PERSON))


class PatchOutcome(NamedTuple):
    """What becomes of what a patch says, by sample_id.

    Attributes:
        said: everything that it says.
        new: of this, what is to be taken over.
        conflicts: what another patch says, which differs; it stays unless it is among `new`.
    """

    said: dict[str, Effect]
    new: dict[str, Effect]
    conflicts: dict[str, Patched]


def settle(
    said: Iterable[tuple[str, Effect]], known: Mapping[str, Patched], *, digest: str, replace: bool
) -> PatchOutcome:
    """Hold what a patch says against what holds already.

    Args:
        said: sample_id and effect.
        known: what holds already, by sample_id.
        digest: of the patch's version; what it said before may change without conflict.
        replace: where an earlier patch says otherwise, the new one wins.
    """
    settled = PatchOutcome(dict(said), {}, {})
    for sample_id, effect in settled.said.items():
        earlier = known.get(sample_id)
        if effect == NOTHING or (earlier is not None and earlier.effect == effect):
            continue
        conflict = earlier is not None and earlier.digest != digest
        if earlier is not None and conflict:
            settled.conflicts[sample_id] = earlier
        if replace or not conflict:
            settled.new[sample_id] = effect
    return settled

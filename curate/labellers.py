"""Who labels what, and how far labellers agree: sources, panels of annotators, and labels that mean nothing yet."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np

from curate.catalog import tables
from curate.config import Config
from curate.emotions import LABELS, nearest_label
from curate.labels import UNRESOLVED, Ballots, PanelVotes, plurality
from curate.resolution import canonical_labels

__all__ = [
    "Disagreement",
    "LabelHint",
    "Labeller",
    "Unmapped",
    "compare_labellers",
    "find_unmapped",
    "hint_labels",
    "labellers_of",
    "most_frequent",
]

_LONGEST_NUMBER = 3
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
"""Source: TOML 1.0, https://toml.io/en/v1.0.0#keys."""


class Labeller(NamedTuple):
    """A source, or one panel of its annotators.

    Attributes:
        name: as people read it.
        source: whose labels or votes.
        panel: None = the source's given labels.
        label: (samples,) index into `LABELS`; `UNRESOLVED` where the labeller says nothing, or contradicts itself.
    """

    name: str
    source: str
    panel: str | None
    label: np.ndarray


@dataclass(frozen=True, slots=True)
class Disagreement:
    """How two labellers label the samples that both label.

    Attributes:
        a, b: their names.
        shared: samples that both label.
        agreement: share of them, in [0, 1], with one label.
        confusions: (label by a, label by b, samples), most frequent first; only where they differ.
    """

    a: str
    b: str
    shared: int
    agreement: float
    confusions: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A label that nobody said the meaning of; `nearest` is the canonical label it is spelt most like."""

    source: str
    label: str
    pictures: int
    nearest: str | None


class LabelHint(NamedTuple):
    """What to do about labels without a meaning.

    Attributes:
        source: which carries them.
        text: one sentence.
        choices: one line for each numbering that its numbers may follow; empty for names.
    """

    source: str
    text: str
    choices: tuple[str, ...] = ()


def labellers_of(sources: Sequence[str], samples: int, *, given: Ballots, votes: PanelVotes) -> list[Labeller]:
    """Every source that gives labels, then every panel of annotators, by source and name.

    Args:
        sources: their names by number.
        samples: how many samples there are.
        given: the given labels.
        votes: of every panel that counts.
    """

    def label_of(sample: np.ndarray, counts: np.ndarray) -> np.ndarray:
        together = np.zeros((samples, len(LABELS)), np.int64)
        np.add.at(together, sample, counts)
        return plurality(together)

    ballots = np.eye(len(LABELS), dtype=np.int64)[given.label]
    labellers, panels = [], []
    for number, source in enumerate(sources):
        mask = given.source == number
        if mask.any():
            labellers.append(Labeller(source, source, None, label_of(given.sample[mask], ballots[mask])))
        for panel in np.unique(votes.panel[votes.source == number]).tolist():
            mask = (votes.source == number) & (votes.panel == panel)
            label = label_of(votes.sample[mask], votes.counts[mask])
            panels.append(Labeller(f"{source} votes {panel}", source, panel, label))
    return [*labellers, *panels]


def compare_labellers(labellers: Iterable[Labeller], *, source: str | None = None) -> tuple[Disagreement, ...]:
    """Every two labellers that share samples; two panels of one source are no labellers of their own.

    Args:
        labellers: whom to compare.
        source: only pairs that involve it; None = all.
    """
    found = [
        _compare(a, b)
        for a, b in combinations(labellers, 2)
        if (source is None or source in (a.source, b.source)) and (a.source != b.source or a.panel is None)
    ]
    return tuple(each for each in found if each.shared)


def most_frequent(confusion: np.ndarray) -> tuple[tuple[str, str, int], ...]:
    """(row label, column label, count) of the cells of a (K, K) table that are not zero, largest first."""
    order = np.argsort(-confusion, axis=None, kind="stable")[: int((confusion > 0).sum())]
    rows, columns = np.unravel_index(order, confusion.shape)
    return tuple((LABELS[i], LABELS[j], int(confusion[i, j])) for i, j in zip(rows, columns, strict=True))


def find_unmapped(raw_labels: tables.RawLabels, given_ids: np.ndarray, config: Config) -> tuple[Unmapped, ...]:
    """Labels as delivered that stand for no canonical label, most frequent first.

    Args:
        raw_labels: all labels as delivered.
        given_ids: (N,) row id of the given label of each occurrence; 0 = none.
        config: with the user's `[labels]`.
    """
    counts = np.bincount(given_ids, minlength=max(raw_labels.id, default=0) + 1)
    rows = zip(raw_labels.id, raw_labels.source, raw_labels.raw, canonical_labels(raw_labels, config), strict=True)
    found = [
        Unmapped(source, raw, int(counts[number]), nearest_label(raw))
        for number, source, raw, label in rows
        if label is None and counts[number]
    ]
    return tuple(sorted(found, key=lambda each: (-each.pictures, each.source, each.label)))


def hint_labels(
    unmapped: Iterable[Unmapped], numberings: Mapping[str, Mapping[int, str]] | None = None
) -> tuple[LabelHint, ...]:
    """What to write into curate.toml: one hint for every name, and one for all numbers of a source.

    Args:
        unmapped: labels without a meaning.
        numberings: dataset -> number -> label. Those that have all numbers of a source are listed; none is suggested,
            because numbers mean different things in different datasets. None = nothing is said of them.
    """
    numbered: dict[str, dict[str, int]] = {}
    hints = []
    for each in unmapped:
        if each.label.isdecimal() and len(each.label) <= _LONGEST_NUMBER:
            numbered.setdefault(each.source, {})[each.label] = each.pictures
            continue
        line = f"{json.dumps(each.label, ensure_ascii=False)} = {json.dumps(each.nearest or '...')}"
        text = (
            f"{each.source}: {each.pictures:,} pictures are labelled `{each.label}`, which means nothing here; write "
            f"{line} under {_table_of(each.source)} in curate.toml"
        )
        hints.append(LabelHint(each.source, text))
    return (*(_hint_numbers(source, counts, numberings) for source, counts in numbered.items()), *hints)


def _hint_numbers(
    source: str, counts: Mapping[str, int], numberings: Mapping[str, Mapping[int, str]] | None
) -> LabelHint:
    ordered = sorted(counts, key=int)
    choices = []
    for name, ids in (numberings or {}).items():
        if all(int(number) in ids for number in ordered):
            lines = ", ".join(f'"{number}" = "{ids[int(number)]}"' for number in ordered)
            given = ", ".join(f"{ids[int(number)]} {counts[number]:,}" for number in ordered)
            choices.append(f"{name}: {lines} would give {given}")
    text = (
        f"{source}: {sum(counts.values()):,} pictures are labelled by numbers ({', '.join(ordered)}), which every "
        f"dataset numbers in its own way; look at some, and write what each means under "
        f"{_table_of(source)} in curate.toml"
    )
    if numberings is not None:
        text += "; as in" if choices else "; no numbering known here has all of them"
    return LabelHint(source, text, tuple(choices))


def _table_of(source: str) -> str:
    """`[labels.SOURCE]` as TOML wants it."""
    return f"[labels.{source if _BARE_KEY.fullmatch(source) else json.dumps(source, ensure_ascii=False)}]"


def _compare(a: Labeller, b: Labeller) -> Disagreement:
    both = (a.label != UNRESOLVED) & (b.label != UNRESOLVED)
    confusion = np.zeros((len(LABELS), len(LABELS)), np.int64)
    np.add.at(confusion, (a.label[both], b.label[both]), 1)
    agreed, shared = int(np.trace(confusion)), int(both.sum())
    np.fill_diagonal(confusion, 0)
    return Disagreement(a.name, b.name, shared, agreed / max(shared, 1), most_frequent(confusion))

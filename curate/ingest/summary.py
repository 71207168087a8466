"""What a workspace holds after ingest: classes by source, copies, conflicts, and who contradicts whom."""

from collections import Counter
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from curate.catalog import Catalog, tables
from curate.config import Config
from curate.emotions import LABELS, nearest_label
from curate.labels import OPEN, plurality
from curate.resolution import canonical_givens, label_codes, resolve_catalog
from curate.workspace import Workspace

__all__ = ["Disagreement", "IngestSummary", "Unmapped", "summarise"]


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A label that nobody said the meaning of; `nearest` is the canonical label it is spelt most like."""

    source: str
    label: str
    pictures: int
    nearest: str | None


@dataclass(frozen=True, slots=True)
class Disagreement:
    """How two labellers label the samples that both of them label.

    Attributes:
        a: a source, or the votes of one panel of a source.
        b: the other.
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
class IngestSummary:
    """The state of a workspace in counts.

    Attributes:
        occurrences: pictures in all sources.
        samples: distinct pictures.
        identical_groups: samples that occur more than once.
        conflicting: samples whose given labels contradict each other.
        open_labels: samples without a resolved label.
        labels: resolved label -> samples.
        given: source -> given label (`none`, `unmapped` where there is none) -> occurrences.
        votes: source -> panel -> occurrences with votes.
        unmapped: labels without a meaning.
        disagreements: between every two labellers that share samples.
        problems: source -> kind -> count.
    """

    occurrences: int
    samples: int
    identical_groups: int
    conflicting: int
    open_labels: int
    labels: dict[str, int]
    given: dict[str, dict[str, int]]
    votes: dict[str, dict[str, int]]
    unmapped: tuple[Unmapped, ...]
    disagreements: tuple[Disagreement, ...]
    problems: dict[str, dict[str, int]]


def summarise(workspace: Workspace) -> IngestSummary:
    """Count what the workspace holds, under its curate.toml as it stands now."""
    config = workspace.config
    with workspace.catalog() as catalog, catalog.snapshot():
        links = tables.read_links(catalog)
        givens = tables.read_givens(catalog)
        names = {row.id: row.name for row in tables.source_rows(catalog)}
        numbers, resolved = resolve_catalog(catalog, config)
        sample = np.searchsorted(numbers, links.sample)
        labellers, votes = _labellers(catalog, config, links, sample, names)
        problems: dict[str, Counter[str]] = {}
        for source, _key, kind, _reason in tables.problem_rows(catalog):
            problems.setdefault(source, Counter())[kind] += 1
    return IngestSummary(
        occurrences=len(links.sample),
        samples=len(numbers),
        identical_groups=int((np.bincount(sample, minlength=len(numbers)) > 1).sum()),
        conflicting=int(resolved.contradicted.sum()),
        open_labels=int((resolved.label == OPEN).sum()),
        labels=_count_labels(resolved.label),
        given=_count_given(links, givens, config, names),
        votes=votes,
        unmapped=_unmapped(links, givens, config),
        disagreements=_disagreements(labellers),
        problems={source: dict(kinds) for source, kinds in problems.items()},
    )


@dataclass(frozen=True, slots=True)
class _Labeller:
    """Somebody who labels samples: (samples,) index into `LABELS` or `OPEN`; a source, or a panel of one."""

    name: str
    source: str
    panel: str | None
    label: np.ndarray


def _labellers(
    catalog: Catalog, config: Config, links: tables.Links, sample: np.ndarray, names: dict[int, str]
) -> tuple[list[_Labeller], dict[str, dict[str, int]]]:
    samples = int(sample.max(initial=-1)) + 1
    codes = label_codes(tables.read_givens(catalog), config)[links.given]
    found = []
    for number, name in names.items():
        own = (links.source == number) & (codes != OPEN)
        if own.any():
            counts = np.zeros((samples, len(LABELS)), np.int64)
            np.add.at(counts, (sample[own], codes[own]), 1)
            found.append(_Labeller(name, name, None, plurality(counts)))
    voted, panels, counts_by_row = tables.read_votes(catalog)
    place = np.searchsorted(links.occurrence, voted)
    of_panel = np.array(panels, dtype=np.str_)
    votes: dict[str, dict[str, int]] = {}
    for number, name in names.items():
        for panel in sorted(set(of_panel[links.source[place] == number])):
            own = (links.source[place] == number) & (of_panel == panel)
            counts = np.zeros((samples, len(LABELS)), np.int64)
            np.add.at(counts, sample[place[own]], counts_by_row[own])
            votes.setdefault(name, {})[str(panel)] = int(own.sum())
            found.append(_Labeller(f"{name} votes {panel}", name, str(panel), plurality(counts)))
    return found, votes


def _disagreements(labellers: list[_Labeller]) -> tuple[Disagreement, ...]:
    pairs = [(a, b) for a, b in combinations(labellers, 2) if a.source != b.source or a.panel is None]
    return tuple(found for a, b in pairs if (found := _compare(a, b)).shared)


def _compare(a: _Labeller, b: _Labeller) -> Disagreement:
    both = (a.label != OPEN) & (b.label != OPEN)
    confusion = np.zeros((len(LABELS), len(LABELS)), np.int64)
    np.add.at(confusion, (a.label[both], b.label[both]), 1)
    agreed = int(np.trace(confusion))
    np.fill_diagonal(confusion, 0)
    order = np.argsort(-confusion, axis=None, kind="stable")[: int((confusion > 0).sum())]
    rows, columns = np.unravel_index(order, confusion.shape)
    confusions = [(LABELS[i], LABELS[j], int(confusion[i, j])) for i, j in zip(rows, columns, strict=True)]
    shared = int(both.sum())
    return Disagreement(a.name, b.name, shared, agreed / max(shared, 1), tuple(confusions))


def _count_labels(label: np.ndarray) -> dict[str, int]:
    counts = np.bincount(label[label != OPEN], minlength=len(LABELS))
    return {name: int(count) for name, count in zip(LABELS, counts, strict=True) if count}


def _count_given(
    links: tables.Links, givens: tables.Givens, config: Config, names: dict[int, str]
) -> dict[str, dict[str, int]]:
    canonical = [label or "unmapped" for label in canonical_givens(givens, config)]
    meaning = {0: "none", **dict(zip(givens.id, canonical, strict=True))}
    result: dict[str, dict[str, int]] = {}
    for number, name in names.items():
        ids, counts = np.unique(links.given[links.source == number], return_counts=True)
        tally = Counter[str]()
        for given, count in zip(ids.tolist(), counts.tolist(), strict=True):
            tally[meaning[given]] += count
        result[name] = dict(tally)
    return result


def _unmapped(links: tables.Links, givens: tables.Givens, config: Config) -> tuple[Unmapped, ...]:
    counts = np.bincount(links.given, minlength=max(givens.id, default=0) + 1)
    rows = zip(givens.id, givens.source, givens.raw, canonical_givens(givens, config), strict=True)
    found = [
        Unmapped(source, raw, int(counts[number]), nearest_label(raw))
        for number, source, raw, label in rows
        if label is None and counts[number]
    ]
    return tuple(sorted(found, key=lambda each: (-each.pictures, each.source, each.label)))

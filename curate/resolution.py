"""Labels of a catalog's samples under the user's configuration: what `labels` folds, read from where it is stored."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from curate.catalog import Catalog, decisions, duplicates, patches, tables
from curate.config import Config
from curate.emotions import LABEL_INDEX, LABELS, canonical_label, code_meanings
from curate.labels import UNRESOLVED, Ballots, Resolved, resolve_labels
from curate.leaks import NO_SPLIT
from curate.sample import OFFICIAL_SPLITS, official_split

__all__ = ["canonical_labels", "label_codes", "panel_votes", "resolve_catalog", "split_codes"]


def canonical_labels(raw_labels: tables.RawLabels, config: Config) -> list[str | None]:
    """The canonical label of each label as delivered; None = unmapped.

    Two-letter codes are read where all labels of a source that nothing else explains are codes of one dataset.
    """
    rows = list(zip(raw_labels.source, raw_labels.raw, raw_labels.name, strict=True))
    labels = [_mapped(raw, name, config.label_map(source)) for source, raw, name in rows]
    unexplained: defaultdict[str, set[str]] = defaultdict(set)
    for (source, _, name), label in zip(rows, labels, strict=True):
        if label is None:
            unexplained[source].add(name)
    codes = {source: code_meanings(names) for source, names in unexplained.items()}
    return [
        codes[source].get(name) if label is None else label
        for (source, _, name), label in zip(rows, labels, strict=True)
    ]


def label_codes(raw_labels: tables.RawLabels, config: Config) -> np.ndarray:
    """Index into `LABELS` by row id of the given label; `UNRESOLVED` for unmapped labels and for id 0 (none)."""
    codes = np.full(max(raw_labels.id, default=0) + 1, UNRESOLVED, np.int64)
    for number, label in zip(raw_labels.id, canonical_labels(raw_labels, config), strict=True):
        codes[number] = UNRESOLVED if label is None else LABEL_INDEX[label]
    return codes


def split_codes(source: Sequence[str], split: Sequence[str | None], config: Config) -> np.ndarray:
    """(N,) index into `OFFICIAL_SPLITS` of what each source's own name of a split means; `NO_SPLIT` = none."""
    meaning = {
        (name, raw): official_split(raw, dict(config.splits.get(name, {})))
        for name, raw in set(zip(source, split, strict=True))
    }
    code = {key: NO_SPLIT if name is None else OFFICIAL_SPLITS.index(name) for key, name in meaning.items()}
    return np.fromiter((code[key] for key in zip(source, split, strict=True)), np.int64)


def panel_votes(catalog: Catalog, panel: str) -> tuple[np.ndarray, np.ndarray]:
    """Votes of one panel.

    Args:
        catalog: where they are stored.
        panel: its name, or `newest` for the last in alphabetical order on each occurrence.

    Returns:
        (M,) int64 occurrence row ids, ascending, and (M, len(LABELS)) int64 counts.
    """
    occurrence, panels, counts = tables.read_votes(catalog)
    if panel == "newest":
        kept = np.append(occurrence[1:] != occurrence[:-1], True)[: len(occurrence)]
    else:
        kept = np.array([name == panel for name in panels], bool)
    return occurrence[kept], counts[kept]


def resolve_catalog(
    catalog: Catalog, config: Config, *, sources: Collection[str] | None = None, reviewed: bool = True
) -> tuple[np.ndarray, Resolved]:
    """The label of every sample by the policy of curate.toml.

    Args:
        catalog: where labels and votes are stored, at one moment.
        config: its policy and labels.
        sources: names of those whose labels and votes count; None = all.
        reviewed: whether what reviewers decided counts; without, the labels are those that they were shown.

    Returns:
        The samples' catalog row ids, ascending, and their labels.
    """
    links = tables.read_links(catalog)
    source_ids, names = tables.source_names(catalog)
    numbers, sample = np.unique(links.sample, return_inverse=True)
    source = np.searchsorted(source_ids, links.source)
    label = label_codes(tables.read_raw_labels(catalog), config)[links.given]
    counts_in = np.array([sources is None or name in sources for name in names], bool)[source]
    given = (label != UNRESOLVED) & counts_in
    votes = np.zeros((len(numbers), len(LABELS)), np.int64)
    voted, counts = panel_votes(catalog, config.policy.panel)
    voted_row = np.searchsorted(links.occurrence, voted)
    np.add.at(votes, sample[voted_row[counts_in[voted_row]]], counts[counts_in[voted_row]])
    ballots = Ballots(sample[given], source[given], label[given])
    first = duplicates.group_numbers(catalog)
    groups = np.array([first.get(number, UNRESOLVED) for number in numbers.tolist()], np.int64)
    resolved = resolve_labels(
        len(numbers),
        ballots,
        votes,
        policy=config.policy,
        sources=names,
        groups=groups,
        patched=_codes_of(patches.patched_labels(catalog), numbers),
        reviewed=_codes_of(_reviewed_labels(catalog), numbers) if reviewed else None,
    )
    return numbers, resolved


def _reviewed_labels(catalog: Catalog) -> dict[int, str]:
    """Sample row id -> the label on which its reviewers agree."""
    verdicts = decisions.settled_decisions(catalog).pictures
    labels = {sample_id: verdict.label for sample_id, verdict in verdicts.items() if verdict.label}
    return {number: labels[sample_id] for sample_id, number in tables.sample_numbers(catalog, list(labels)).items()}


def _codes_of(labels: Mapping[int, str], numbers: np.ndarray) -> np.ndarray:
    return np.array([LABEL_INDEX.get(labels.get(number, ""), UNRESOLVED) for number in numbers.tolist()], np.int64)


def _mapped(raw: str, name: str, label_map: dict[str, str]) -> str | None:
    return label_map[raw] if raw in label_map else canonical_label(name, label_map)

"""One reading of the catalog as arrays, so that all figures of an audit speak of one moment."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter

import numpy as np

from curate.catalog import Catalog, decisions, duplicates, tables
from curate.catalog.duplicates import Pair
from curate.components import connect, star_edges
from curate.config import Config
from curate.coverage import SearchCoverage, read_coverage
from curate.labels import UNRESOLVED
from curate.resolution import label_codes, resolve_catalog, split_codes
from curate.workspace.evidence import settled_pairs

__all__ = ["Facts", "Occurrences", "Samples", "Votes", "read_facts"]

_MEASURES = attrgetter("brightness", "contrast", "sharpness", "entropy")
_TRANSFORMED = ("mirrored", "rot90", "rot180", "rot270")


@dataclass(frozen=True, slots=True)
class Samples:
    """Parallel (S,) values, by sample_id.

    Attributes:
        number: catalog row ids.
        label: resolved, index into `LABELS` or `UNRESOLVED`.
        measures: (S, 4) float64: brightness, contrast, sharpness, entropy.
        flags: quality flags, separated by spaces.
        group: index of the first sample of the duplicate group; its own where it has no copy.
        near: the same, without mirrored and rotated pairs.
        excluded: bool; reviewers say that no version should hold it.
    """

    sample_id: list[str]
    number: np.ndarray
    label: np.ndarray
    measures: np.ndarray
    flags: list[str]
    group: np.ndarray
    near: np.ndarray
    excluded: np.ndarray


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Parallel (N,) int64 arrays, by source, in order of delivery.

    Attributes:
        number: catalog row ids.
        sample, source: index into the samples, and into `Facts.sources`.
        given_id: catalog row id of the given label; 0 = none.
        given: index into `LABELS`; `UNRESOLVED` = none or unmapped.
        label: the given label, or the resolved one where the source gives no labels at all.
        split: index into `sample.OFFICIAL_SPLITS`, or `leaks.NO_SPLIT`.
        subject, sequence: index into the names; -1 = none.
    """

    number: np.ndarray
    sample: np.ndarray
    source: np.ndarray
    given_id: np.ndarray
    given: np.ndarray
    label: np.ndarray
    split: np.ndarray
    subject: np.ndarray
    sequence: np.ndarray

    def where(self, chosen: np.ndarray) -> "Occurrences":
        """The occurrences of a (N,) bool mask."""
        return Occurrences(*(getattr(self, name)[chosen] for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class Votes:
    """Parallel (M,) values: occurrence row id, panel, and (M, len(LABELS)) counts; by occurrence, then panel."""

    occurrence: np.ndarray
    panel: np.ndarray
    counts: np.ndarray


@dataclass(frozen=True, slots=True)
class Facts:
    """All that an audit looks at.

    Attributes:
        sources, subjects, sequences: names by number.
        doubtful: (K, 2) indices of the samples of pairs that the search left to people and that nobody has judged.
        problems: source -> kind -> count.
        search: what the last duplicate search covered.
    """

    sources: list[str]
    subjects: list[str]
    sequences: list[str]
    samples: Samples
    occurrences: Occurrences
    votes: Votes
    raw_labels: tables.RawLabels
    problems: dict[str, dict[str, int]]
    search: SearchCoverage
    doubtful: np.ndarray


def read_facts(catalog: Catalog, config: Config, *, also: Iterable[str] = ()) -> Facts:
    """Read the catalog at one moment, under curate.toml as it stands now.

    Args:
        catalog: what to read.
        config: its settings.
        also: samples that belong to the facts, too, if no source delivers them any more; they have no occurrences.
    """
    with catalog.snapshot():
        gone = tables.retired_sample_rows(catalog, also)
        pairs = settled_pairs(catalog, retired=bool(gone))
        samples = _read_samples(catalog, config, pairs, gone)
        raw_labels = tables.read_raw_labels(catalog)
        names, occurrences = _read_occurrences(catalog, config, samples, raw_labels)
        occurrence, panels, counts = tables.read_votes(catalog)
        votes = Votes(occurrence, np.array(panels, dtype=np.str_), counts)
        problems, search = _count_problems(catalog), read_coverage(catalog, tables.active_ids(catalog))
    index = _index(samples.sample_id)
    open_pairs = [pair for pair in pairs if pair.verdict == "review" and {pair.sample_a, pair.sample_b} <= index.keys()]
    doubtful = _ends(open_pairs, index)
    return Facts(*names, samples, occurrences, votes, raw_labels, problems, search, doubtful)


def _read_occurrences(
    catalog: Catalog, config: Config, samples: Samples, raw_labels: tables.RawLabels
) -> tuple[tuple[list[str], list[str], list[str]], Occurrences]:
    """Names of sources, subjects and sequences, and the occurrences that speak of them by number."""
    columns = list(zip(*tables.occurrence_rows(catalog), strict=True)) or [()] * 9
    row, sample_id, source, _key, given, split, subject, sequence, _digest = columns
    names: tuple[list[str], list[str], list[str]] = ([], [], [])
    index = _index(samples.sample_id)
    given_id = _numbers(label or 0 for label in given)
    source_code = _codes(source, names[0])
    sample = _numbers(index[name] for name in sample_id)
    codes = label_codes(raw_labels, config)[given_id]
    return names, Occurrences(
        number=_numbers(row),
        sample=sample,
        source=source_code,
        given_id=given_id,
        given=codes,
        label=_shown_labels(codes, given_id, source_code, samples.label[sample]),
        split=split_codes(source, split, config),
        subject=_codes(subject, names[1]),
        sequence=_codes(sequence, names[2]),
    )


def _read_samples(
    catalog: Catalog, config: Config, pairs: Sequence[Pair], gone: Sequence[tables.SampleRow] = ()
) -> Samples:
    rows = sorted([*tables.sample_rows(catalog), *gone], key=attrgetter("sample_id"))
    sample_id = [row.sample_id for row in rows]
    number = _numbers(row.row for row in rows)
    numbers, resolved = resolve_catalog(catalog, config)
    group, near = _groups(catalog, sample_id, pairs)
    verdicts = decisions.settled_decisions(catalog).pictures
    left_out = {name for name, verdict in verdicts.items() if not verdict.label}
    return Samples(
        sample_id=sample_id,
        number=number,
        label=_labels_of(number, numbers, resolved.label),
        measures=np.array([_MEASURES(row) for row in rows], np.float64).reshape(-1, 4),
        flags=[row.flags for row in rows],
        group=group,
        near=near,
        excluded=np.array([name in left_out for name in sample_id], bool),
    )


def _labels_of(wanted: np.ndarray, numbers: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Labels by catalog row id, of ascending `numbers`; `UNRESOLVED` for others."""
    known = np.isin(wanted, numbers)
    result = np.full(len(wanted), UNRESOLVED)
    result[known] = labels[np.searchsorted(numbers, wanted[known])]
    return result


def _groups(catalog: Catalog, sample_id: list[str], pairs: Sequence[Pair]) -> tuple[np.ndarray, np.ndarray]:
    """Group by sample, and the parts of groups that hang together without mirrored and rotated pairs.

    A group without such pairs is near as a whole, whatever holds it together (a reviewer's word, for one).
    """
    index = _index(sample_id)
    members = [row for row in duplicates.group_rows(catalog) if row.sample_id in index]
    key = _codes([row.group_id for row in members], [])
    group = connect(len(index), star_edges(_numbers(index[row.sample_id] for row in members), key))
    same = [pair for pair in pairs if pair.verdict == "duplicate" and {pair.sample_a, pair.sample_b} <= index.keys()]
    ends = _ends(same, index)
    transformed = np.array([pair.kind in _TRANSFORMED for pair in same], bool)
    in_one_group = group[ends[:, 0]] == group[ends[:, 1]]
    mixed = np.isin(group, group[ends[transformed & in_one_group, 0]])
    whole = np.stack([np.arange(len(index)), group], axis=1)[~mixed]
    return group, connect(len(index), np.concatenate([whole, ends[in_one_group & ~transformed]]))


def _index(sample_id: list[str]) -> dict[str, int]:
    return {name: index for index, name in enumerate(sample_id)}


def _ends(pairs: Sequence[Pair], index: dict[str, int]) -> np.ndarray:
    return np.array([(index[pair.sample_a], index[pair.sample_b]) for pair in pairs], np.int64).reshape(-1, 2)


def _shown_labels(given: np.ndarray, given_id: np.ndarray, source: np.ndarray, resolved: np.ndarray) -> np.ndarray:
    gives = np.bincount(source, weights=given_id > 0) > 0 if len(source) else np.zeros(0, bool)
    return np.where(gives[source], given, resolved) if len(source) else np.full(0, UNRESOLVED)


def _count_problems(catalog: Catalog) -> dict[str, dict[str, int]]:
    counts: dict[str, Counter[str]] = {}
    for source, _key, kind, _reason in tables.problem_rows(catalog):
        counts.setdefault(source, Counter())[kind] += 1
    return {source: dict(kinds.most_common()) for source, kinds in counts.items()}


def _codes(values: Iterable[str | None], names: list[str]) -> np.ndarray:
    """Numbers for texts in order of appearance, -1 for None; `names` is filled with the texts."""
    known: dict[str | None, int] = {None: -1}
    result = _numbers(known.setdefault(value, len(known) - 1) for value in values)
    names.extend(name for name in known if name is not None)
    return result


def _numbers(values: Iterable[int]) -> np.ndarray:
    return np.fromiter(values, np.int64)

"""Can the source be recognised from the picture, and would that give the label away?

A model trained on several sources can learn to tell them apart by grain, light or crop, and then answer with the class
that is frequent in the source. That pays only where class shares differ, so both are measured.

The classifier is a ridge on one-hot targets over gradient features and quality measures, with the sources weighted
alike, scored out of fold. Copies, subjects and sequences stay in one fold. Sources that share most of their samples
are one dataset twice and count as one; samples that lie in several are left out.
"""

from itertools import combinations
from typing import NamedTuple

import numpy as np

from curate.audit.dataset import Facts, Occurrences
from curate.audit.values import Shortcut
from curate.catalog import Catalog, pictures
from curate.components import connect, star_edges
from curate.emotions import LABELS
from curate.executors import local_threads
from curate.features import gradient_features, pictures_for_matching
from curate.labels import UNRESOLVED
from curate.progress import Progress, silent

__all__ = ["measure_shortcut"]

_FEWEST, _MOST_EACH, _MOST = 50, 4_000, 12_000
_FOLDS = 5
_RIDGE = 0.01
_GRADIENT_WEIGHT = 0.1
"""Scale of the 800 gradient features, so that three measures are not lost among them. Measured: of two piles of 60
faces, one at half the light, 0.98 are recognised (at full scale 0.83); CK+48 from FER-2013 0.97 either way."""
_NORMAL_95 = 1.959964
_DISTANCE, _TIMES_CHANCE = 0.1, 2.0


class _Chosen(NamedTuple):
    """Samples of one dataset each; parallel arrays of indices of samples, datasets and lineages."""

    sample: np.ndarray
    dataset: np.ndarray
    lineage: np.ndarray


def measure_shortcut(facts: Facts, catalog: Catalog, *, progress: Progress = silent) -> Shortcut | None:
    """How well sources can be recognised; None where fewer than two have 50 samples and 5 lineages of their own.

    Args:
        facts: the workspace.
        catalog: where its pictures are.
        progress: progress callback; pictures that were read.
    """
    names, chosen = _samples_of_one_dataset(facts)
    if len(names) < 2:
        return None
    few = _thin_out(chosen, len(names))
    files = (file.data for file in pictures.read(catalog, (facts.samples.sample_id[number] for number in few.sample)))
    with local_threads() as threads:
        reduced = pictures_for_matching(
            files, len(few.sample), executor=threads, progress=progress, task="telling sources apart"
        )
    features = _describe(reduced, facts.samples.measures[few.sample, :3])
    hit = _predict_datasets(features, few.dataset, _folds(few)) == few.dataset
    accuracy, low, high = _balanced_accuracy(hit, few)
    chance, samples = 1 / len(names), tuple(np.bincount(few.dataset).tolist())
    distances, differ = _class_distances(facts.samples.label, chosen, names)
    return Shortcut(tuple(names), samples, accuracy, low, high, chance, low > chance, distances, differ)


def _samples_of_one_dataset(facts: Facts) -> tuple[list[str], _Chosen]:
    """Datasets with enough samples that no other one shares, and these samples, by dataset and id."""
    count = len(facts.samples.sample_id)
    inside = np.zeros((len(facts.sources), count), bool)
    inside[facts.occurrences.source, facts.occurrences.sample] = True
    datasets = _merge_sources(inside)
    member = np.array([inside[sources].any(axis=0) for sources in datasets], bool).reshape(len(datasets), count)
    alone = member.sum(axis=0) == 1
    lineage = _lineages(facts.samples.group, facts.occurrences)
    names: list[str] = []
    parts = []
    for sources, mask in zip(datasets, member, strict=True):
        sample = np.flatnonzero(mask & alone)
        if len(sample) >= _FEWEST and len(np.unique(lineage[sample])) >= _FOLDS:
            parts.append(_Chosen(sample, np.full(len(sample), len(names)), lineage[sample]))
            names.append(" + ".join(facts.sources[source] for source in sources))
    columns = zip(*parts, strict=True) if parts else np.zeros((3, 1, 0), np.int64)
    return names, _Chosen(*(np.concatenate(column) for column in columns))


def _merge_sources(inside: np.ndarray) -> list[list[int]]:
    """Sources grouped with those that share more than half of the smaller one's samples."""
    shared = inside.astype(np.float32) @ inside.T.astype(np.float32)
    size = np.diag(shared)
    edges = np.argwhere(shared * 2 > np.minimum(size[:, None], size))
    first = connect(len(size), edges)
    return [np.flatnonzero(first == index).tolist() for index in np.unique(first)]


def _lineages(group: np.ndarray, occurrences: Occurrences) -> np.ndarray:
    edges = [np.stack([np.arange(len(group)), group], axis=1)]
    edges += [star_edges(occurrences.sample, key) for key in (occurrences.subject, occurrences.sequence)]
    return connect(len(group), np.concatenate(edges))


def _thin_out(chosen: _Chosen, datasets: int) -> _Chosen:
    """At most 4,000 samples of each dataset and 12,000 in all: those with the lowest ids, which are hashes."""
    most = min(_MOST_EACH, _MOST // datasets)
    rank = np.concatenate([np.arange(count) for count in np.bincount(chosen.dataset)])
    return _Chosen(*(values[rank < most] for values in chosen))


def _folds(chosen: _Chosen) -> np.ndarray:
    """(N,) fold of each sample: lineages whole, dealt out in turn within each dataset."""
    lineage, first, which = np.unique(chosen.lineage, return_index=True, return_inverse=True)
    order = np.argsort(chosen.dataset[first], kind="stable")
    size = np.bincount(chosen.dataset[first])
    fold = np.empty(len(lineage), np.int64)
    fold[order] = np.concatenate([np.arange(count) for count in size]) % _FOLDS
    return fold[which]


def _describe(pictures: np.ndarray, measures: np.ndarray) -> np.ndarray:
    gradients = _standardised(gradient_features(pictures)) * _GRADIENT_WEIGHT
    return np.concatenate([gradients, _standardised(measures)], axis=1)


def _standardised(values: np.ndarray) -> np.ndarray:
    """Columns of mean 0 and deviation 1, float32; a constant one is all zero."""
    scale = values.std(axis=0)
    return np.asarray((values - values.mean(axis=0)) / np.where(scale > 0, scale, 1), np.float32)


def _predict_datasets(features: np.ndarray, dataset: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """(N,) dataset of each sample by a ridge fitted on the other folds, whose products are the sums less the fold's."""
    values = np.concatenate([features, np.ones((len(features), 1), np.float32)], axis=1)
    target = np.eye(dataset.max() + 1, dtype=np.float32)[dataset]
    weighted = values * (target @ (1 / target.sum(axis=0)) / target.shape[1])[:, None]
    held_out = [fold == index for index in range(_FOLDS)]
    grams = np.stack([values[mask].T @ weighted[mask] for mask in held_out])
    moments = np.stack([weighted[mask].T @ target[mask] for mask in held_out])
    whole = grams.sum(axis=0) + _RIDGE * np.eye(values.shape[1], dtype=np.float32)
    predicted = np.empty(len(values), np.int64)
    for mask, gram, moment in zip(held_out, grams, moments.sum(axis=0) - moments, strict=True):
        predicted[mask] = (values[mask] @ np.linalg.solve(whole - gram, moment)).argmax(axis=1)
    return predicted


def _balanced_accuracy(hit: np.ndarray, chosen: _Chosen) -> tuple[float, float, float]:
    """Mean recall and its 95 % interval; each lineage is one trial, and two hits and two misses are added per source.

    Source: Agresti and Coull 1998, Approximate is better than "exact", The American Statistician 52, 119-126.
    """
    recalls, variances = [], []
    for index in range(chosen.dataset.max() + 1):
        mask = chosen.dataset == index
        recall, trials = hit[mask].mean(), len(np.unique(chosen.lineage[mask]))
        adjusted = (recall * trials + 2) / (trials + 4)
        recalls.append(recall)
        variances.append(adjusted * (1 - adjusted) / (trials + 4))
    mean, half = float(np.mean(recalls)), float(_NORMAL_95 * np.sqrt(np.sum(variances)) / len(recalls))
    return mean, max(mean - half, 0.0), min(mean + half, 1.0)


def _class_distances(
    label: np.ndarray, chosen: _Chosen, names: list[str]
) -> tuple[tuple[tuple[str, str, float], ...], bool]:
    """Total variation distance of class shares between every two datasets, and whether one is more than chance."""
    shares, trials = [], []
    for index in range(len(names)):
        known = (chosen.dataset == index) & (label[chosen.sample] != UNRESOLVED)
        counts = np.bincount(label[chosen.sample[known]], minlength=len(LABELS))
        shares.append(counts / max(counts.sum(), 1))
        trials.append(max(len(np.unique(chosen.lineage[known])), 1))
    distances, differ = [], False
    for a, b in combinations([index for index, share in enumerate(shares) if share.any()], 2):
        distance = float(np.abs(shares[a] - shares[b]).sum() / 2)
        # Of a difference of two shares by chance, the mean size is sqrt(2 / pi) standard deviations.
        pooled = (shares[a] + shares[b]) / 2
        deviations = np.sqrt(pooled * (1 - pooled) * (1 / trials[a] + 1 / trials[b]))
        spread = np.sqrt(2 / np.pi) * deviations.sum() / 2
        differ |= bool(distance > max(_DISTANCE, _TIMES_CHANCE * spread))
        distances.append((names[a], names[b], distance))
    return tuple(sorted(distances, key=lambda row: -row[2])), differ

"""The default model of suspects: a kernel ridge on four descriptors together.

No label is predicted by a model that has seen it, or any label of its lineage group.

Constants were chosen on half of FER-2013's lineage groups; `benchmarks/suspects.py` measures them on the other half.
"""

from concurrent.futures import Executor
from functools import partial
from typing import NamedTuple

import numpy as np

from curate.executors import map_ordered
from curate.progress import Progress, silent
from curate.seeding import derive_seed
from curate.suspects.calibration import calibrate_out_of_fold
from curate.suspects.dataset import LabelDataset
from curate.suspects.descriptors import (
    Descriptor,
    Reduced,
    Reduction,
    describe_edges,
    describe_patches,
    describe_shapes,
    describe_texture,
    fit_reduction,
)
from curate.suspects.kernel_ridge import RidgeProblem, join_views, predict_out_of_fold
from curate.suspects.out_of_fold import Learner, learn_out_of_fold

__all__ = ["FOLDS", "OutOfFold", "describe_pictures", "predict_labels"]

FOLDS = 5
_FITTED_ON = 4_000
"""Pictures that components are found on."""
_LANDMARKS, _RIDGE = 4_000, 0.2
_SIZE = 0.7
"""Mean square length of a described picture; see `join_views`."""
_SLOPE, _LEAST = 4.0, 1e-6
"""Of a softmax of the kernel ridge's scores, see `calibrate_out_of_fold`; the least probability of a learner."""
_PER_TASK = 512


class OutOfFold(NamedTuple):
    """Predictions of N labels by models that were not fitted on them; parallel arrays.

    Attributes:
        probs: (N, K) probabilities of the given label; rows sum to 1.
        fold: (N,) int64, the fold that was held out.
        half: (N,) bool; a division that keeps lineage groups whole.
    """

    probs: np.ndarray
    fold: np.ndarray
    half: np.ndarray


def describe_pictures(dataset: LabelDataset, *, seed: int, executor: Executor, progress: Progress = silent) -> Reduced:
    """Describe every picture in four ways, side by side and weighted; labels play no part."""
    sample = dataset.pictures[pick_rows(dataset, _FITTED_ON, seed)]
    plans = (
        ("edges", describe_edges(), 400, 0.7),
        ("shapes", describe_shapes(sample, seed=derive_seed(seed, "suspects", "shapes")), 400, 1.0),
        ("patches", describe_patches(sample, seed=derive_seed(seed, "suspects", "patches")), 400, 1.0),
        ("texture", describe_texture(), 300, 0.7),
    )
    views = []
    with progress("describing pictures", len(plans) * len(dataset), unit="pictures") as advance:
        for name, descriptor, components, _ in plans:
            fit_seed = derive_seed(seed, "suspects", name)
            reduction = fit_reduction(descriptor, sample, components=components, seed=fit_seed)
            parts = []
            for part in map_ordered(executor, partial(_reduce, descriptor, reduction), _chunks(dataset.pictures)):
                parts.append(part)
                advance(len(part.even))
            views.append(Reduced(*(np.concatenate(column) for column in zip(*parts, strict=True))))
    return join_views(views, [weight for *_, weight in plans], size=_SIZE)


def predict_labels(
    dataset: LabelDataset,
    described: Reduced | None,
    *,
    seed: int,
    executor: Executor,
    learner: Learner | None = None,
    squares: np.ndarray | None = None,
    progress: Progress = silent,
) -> OutOfFold:
    """Probabilities of the given label by models that saw neither the sample nor anything of its lineage group.

    Gold samples are predicted, but nothing is fitted on them.

    Args:
        dataset: the labels.
        described: of `describe_pictures`; None = the learner, which is needed then, predicts alone.
        seed: of folds and everything random.
        executor: threads or processes; the learner is called here, one fold after the other.
        learner: another model; its probabilities are multiplied with those of the kernel ridge, and calibrated again.
        squares: the pictures as the learner takes them, of `read_squares_for`; None = those of the dataset.
        progress: progress callback.
    """
    fold, half = divide(dataset, seed=seed)
    calibrate = partial(calibrate_out_of_fold, label=dataset.label, fold=fold, fitted=~dataset.gold)
    if described:
        scores = _predict_by_kernel(dataset, described, fold, seed=seed, executor=executor, progress=progress)
        probs = calibrate(_share(scores, dataset.group), slope=_SLOPE)
    if learner:
        pictures = dataset.pictures if squares is None else squares
        learned = learn_out_of_fold(dataset, learner, fold, pictures=pictures, seed=seed, progress=progress)
        logs = _share(np.log(np.maximum(learned, _LEAST)), dataset.group)
        # A root of the product, where rows are too few to tell: both models err on the same pictures.
        probs = calibrate(logs + np.log(probs), slope=0.5) if described else calibrate(logs, slope=1.0)
    return OutOfFold(probs, fold, half)


def _predict_by_kernel(
    dataset: LabelDataset, described: Reduced, fold: np.ndarray, *, seed: int, executor: Executor, progress: Progress
) -> np.ndarray:
    """(N, K) float32 scores."""
    fitted = ~dataset.gold
    classes = len(dataset.classes)
    share = np.bincount(dataset.label[fitted], minlength=classes) / max(fitted.sum(), 1)
    problem = RidgeProblem((np.eye(classes)[dataset.label] - share).astype(np.float32), fold, fitted)
    landmarks = pick_rows(dataset, _LANDMARKS, seed)
    with progress("predicting labels", len(dataset), unit="pictures") as advance:
        return predict_out_of_fold(described, problem, landmarks, ridge=_RIDGE, executor=executor, advance=advance)


def divide(dataset: LabelDataset, *, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """(N,) fold and (N,) half of every sample: lineage groups whole, dealt out class by class in random order.

    Gold samples are dealt out last, so that their labels do not move any other sample to another fold.
    """
    lineage, first = np.unique(dataset.lineage, return_index=True)
    names = [dataset.sample_ids[row] for row in first]
    drawn = np.array([derive_seed(seed, "suspects", "fold", name) for name in names])
    rank = np.empty(len(lineage), np.int64)
    rank[np.lexsort((drawn, dataset.label[first], dataset.gold[first]))] = np.arange(len(lineage))
    position = rank[np.searchsorted(lineage, dataset.lineage)]
    return position % FOLDS, position // FOLDS % 2 == 0


def pick_rows(dataset: LabelDataset, count: int, seed: int) -> np.ndarray:
    """(M,) rows, ascending, drawn by sample_id among all but gold samples; M is `count` or what there is."""
    rows = np.flatnonzero(~dataset.gold)
    drawn = np.array([derive_seed(seed, "suspects", "pick", dataset.sample_ids[row]) for row in rows])
    return np.sort(rows[np.argsort(drawn, kind="stable")[:count]])


def _share(scores: np.ndarray, group: np.ndarray) -> np.ndarray:
    """(N, K) mean scores of each sample's duplicate group: one face, cropped and lit a little differently."""
    _, member, counts = np.unique(group, return_inverse=True, return_counts=True)
    sums = np.zeros((len(counts), scores.shape[1]))
    np.add.at(sums, member, scores)
    return np.asarray((sums / counts[:, None])[member])


def _reduce(descriptor: Descriptor, reduction: Reduction, pictures: np.ndarray) -> Reduced:
    return reduction.apply(descriptor.describe(pictures))


def _chunks(pictures: np.ndarray) -> list[np.ndarray]:
    return [pictures[start : start + _PER_TASK] for start in range(0, len(pictures), _PER_TASK)]

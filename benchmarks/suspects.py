"""How well `curate suspects` finds the labels that ten annotators contradict.

    python benchmarks/suspects.py WORKSPACE [--half report] [--noise 0.1] [--keep PREDICTIONS.npz] [--recipe R]

The workspace holds FER-2013 as `fer2013`, FER+ and the outcome of `curate duplicates`; PrivateTest pictures are left
out. A label is contradicted where another of FER+'s ten columns (panel 2017) has strictly most votes; ties count as not
contradicted, and pictures that are mostly unknown or no face are left out. Constants of the method were chosen on one
half of the lineage groups (`--half tune`). Votes are the judge and never evidence. With `--recipe`, that benchmark
recipe is fitted out of fold, too, and judged alone and multiplied with the classical model.
"""

import argparse
import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits

from curate.benchmark import find_recipe, recipe_as_function
from curate.emotions import LABEL_INDEX, LABELS
from curate.executors import local_threads
from curate.labels import UNRESOLVED, plurality
from curate.progress import silent
from curate.seeding import derive_seed
from curate.suspects import RANKS, Learner, score_dataset
from curate.suspects.dataset import LabelDataset, load_dataset
from curate.suspects.descriptors import Reduced
from curate.suspects.label_quality import LabelScores
from curate.suspects.model import OutOfFold, describe_pictures, predict_labels
from curate.suspects.out_of_fold import read_squares_for
from curate.workspace import Workspace

PANEL, SOURCE = "2017", "fer2013"


class Judge(NamedTuple):
    """What the annotators think of N labels; parallel arrays.

    Attributes:
        majority: (N,) int64 index into `LABELS`; `UNRESOLVED` where votes are tied or missing.
        judged: (N,) bool; a face that was voted on.
        wrong: (N,) bool; the label is contradicted.
        tune: (N,) bool; the half on which constants were chosen.
    """

    majority: np.ndarray
    judged: np.ndarray
    wrong: np.ndarray
    tune: np.ndarray


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--half", choices=("report", "tune", "all"), default="report")
    parser.add_argument("--noise", type=float, default=0.1, help="share of wrong labels to inject; 0 = skip")
    parser.add_argument(
        "--keep", type=Path, help="where predictions are kept, to be used by benchmarks/review_budget.py"
    )
    parser.add_argument("--recipe", help="of `curate recipes`; kept predictions are then those of both models together")
    arguments = parser.parse_args()
    workspace = Workspace(arguments.workspace)
    dataset, described, predicted = run_timed(workspace)
    judge = ask_annotators(workspace, dataset)
    chosen = judge.judged & {"report": ~judge.tune, "tune": judge.tune, "all": True}[arguments.half]
    wrong = judge.wrong[chosen].mean()
    print(f"{chosen.sum():,} labels ({arguments.half} half), {wrong:.3f} contradicted")
    print_table(dataset, predicted, judge, chosen)
    if arguments.noise:
        inject_noise(dataset, described, judge, arguments.noise)
    if arguments.recipe:
        alone, predicted = ask_recipe(workspace, dataset, described, arguments.recipe)
        for name, probs in ((f"{arguments.recipe} alone", alone), (f"classical x {arguments.recipe}", predicted)):
            print(f"\n{name}")
            print_table(dataset, probs, judge, chosen)
    if arguments.keep:
        np.savez(arguments.keep, **predicted._asdict())
    return 0


def run_timed(workspace: Workspace) -> tuple[LabelDataset, Reduced, OutOfFold]:
    """All that `find_suspects` does before it judges, without the PrivateTest pictures."""
    wall, cpu = time.perf_counter(), sum(os.times()[:4])
    seed = workspace.config.seed
    with threadpool_limits(1, user_api="blas"), local_threads() as executor:
        dataset = without_private_test(workspace, load_dataset(workspace, executor=executor, progress=silent))
        described = describe_pictures(dataset, seed=seed, executor=executor)
        predicted = predict_labels(dataset, described, seed=seed, executor=executor)
        score_dataset(dataset, predicted, rank="balanced")
    print(f"{time.perf_counter() - wall:.0f} s, {sum(os.times()[:4]) - cpu:.0f} core-seconds")
    return dataset, described, predicted


def ask_recipe(
    workspace: Workspace, dataset: LabelDataset, described: Reduced, name: str
) -> tuple[OutOfFold, OutOfFold]:
    """A recipe out of fold, alone and multiplied with the classical model; networks are trained once for both."""
    wall, cpu = time.perf_counter(), sum(os.times()[:4])
    recipe, seed = find_recipe(name), workspace.config.seed
    with (
        TemporaryDirectory() as folder,
        recipe_as_function(recipe, folder=Path(folder) / "runs", device="cpu") as fit,
        threadpool_limits(1, user_api="blas"),
        local_threads() as executor,
    ):
        both = []
        learner = Learner(name, fit, size_px=recipe.size_px, mode=recipe.mode)
        squares = read_squares_for(learner, workspace, dataset, executor=executor)
        for used in (None, described):
            both.append(predict_labels(dataset, used, seed=seed, executor=executor, learner=learner, squares=squares))
            seconds, core_seconds = time.perf_counter() - wall, sum(os.times()[:4]) - cpu
            print(f"{name}: {seconds:.0f} s, {core_seconds:.0f} core-seconds so far", flush=True)
    return both[0], both[1]


def without_private_test(workspace: Workspace, dataset: LabelDataset) -> LabelDataset:
    """The dataset without every sample that occurs in PrivateTest."""
    rows = workspace.occurrences()
    hidden = set(rows.loc[(rows["source"] == SOURCE) & (rows["official_split"] == "test"), "sample_id"])
    return keep_rows(dataset, np.array([sample_id not in hidden for sample_id in dataset.sample_ids]))


def keep_rows(dataset: LabelDataset, mask: np.ndarray) -> LabelDataset:
    """The dataset with some of its rows."""
    arrays = ("pictures", "label", "lineage", "group", "copies", "ballots", "votes", "gold")
    ids = [dataset.sample_ids[row] for row in np.flatnonzero(mask)]
    return replace(dataset, sample_ids=ids, **{name: getattr(dataset, name)[mask] for name in arrays})


def ask_annotators(workspace: Workspace, dataset: LabelDataset) -> Judge:
    """The majority of FER+ on every label."""
    votes = workspace.votes()
    counted = votes[votes["panel"] == PANEL].groupby("sample_id")[list(LABELS)].sum()
    counts = counted.reindex(dataset.sample_ids).fillna(0).to_numpy(np.int64)
    majority = plurality(counts)
    faces = ~np.isin(counts.argmax(axis=1), (LABEL_INDEX["unknown"], LABEL_INDEX["not_a_face"])) | (
        majority == UNRESOLVED
    )
    given = np.array([LABEL_INDEX[name] for name in dataset.classes])[dataset.label]
    _, first, lineage = np.unique(dataset.lineage, return_index=True, return_inverse=True)
    even = np.array([derive_seed(0, "tune", dataset.sample_ids[row]) % 2 == 0 for row in first])
    return Judge(
        majority, faces & (counts.sum(axis=1) > 0), (majority != UNRESOLVED) & (majority != given), even[lineage]
    )


def print_table(dataset: LabelDataset, predicted: OutOfFold, judge: Judge, chosen: np.ndarray) -> None:
    """Every order, by what it finds."""
    print(f"{'order':18s} AUROC P@500 P@1000 P@3000 lift10 within top1 top2")
    self_confidence = predicted.probs[np.arange(len(dataset)), dataset.label]
    print_row("self-confidence", dataset, -self_confidence, judge, chosen, None)
    for rank in RANKS:
        rates, scores = score_dataset(dataset, predicted, rank=rank)
        print_row(rank, dataset, -scores.quality, judge, chosen, scores)
    print("error rates", dict(zip(dataset.classes, rates.rate.round(2).tolist(), strict=True)), end=" ")
    print(f"reliability {rates.reliability:.2f}")
    true = [judge.wrong[chosen & (dataset.label == code)].mean() for code in range(len(dataset.classes))]
    print("contradicted", dict(zip(dataset.classes, np.round(true, 2).tolist(), strict=True)))


def print_row(
    name: str,
    dataset: LabelDataset,
    doubt: np.ndarray,
    judge: Judge,
    chosen: np.ndarray,
    scores: LabelScores | None,
) -> None:
    """AUROC, precision in the first 500, 1,000, 3,000, lift of the first tenth, mean AUROC within classes.

    The last two columns: how often the first, or one of both suggestions, is the majority of contradicted labels.
    """
    wrong, order = judge.wrong[chosen], np.argsort(-doubt[chosen], kind="stable")
    share = chosen.sum() / judge.judged.sum()
    precisions = [wrong[order[: round(count * share)]].mean() for count in (500, 1000, 3000)]
    lift = wrong[order[: len(order) // 10]].mean() / wrong.mean()
    label = dataset.label[chosen]
    within = np.mean([auroc(wrong[label == n], doubt[chosen][label == n]) for n in np.unique(label)])
    values = " ".join(f"{value:5.3f}" for value in (auroc(wrong, doubt[chosen]), *precisions, lift, within))
    print(f"{name:18s} {values}", end=" ")
    if scores is not None:
        codes = np.array([*(LABEL_INDEX[name] for name in dataset.classes), UNRESOLVED])
        asked = chosen & judge.wrong & np.isin(judge.majority, codes[:-1])
        first, second = (codes[part][asked] == judge.majority[asked] for part in scores[1:])
        print(f"{first.mean():.3f} {(first | second).mean():.3f}", end="")
    print(flush=True)


def auroc(wrong: np.ndarray, doubt: np.ndarray) -> float:
    """Share of (wrong, right) pairs in the right order; a tie counts one half."""
    return float(roc_auc_score(wrong, doubt)) if 0 < wrong.mean() < 1 else float("nan")


def inject_noise(dataset: LabelDataset, described: Reduced, judge: Judge, share: float) -> None:
    """Take the majority as true labels, replace some at random, and look for these; copies are no evidence here."""
    codes = np.array([LABEL_INDEX[name] for name in dataset.classes])
    known = np.isin(judge.majority, codes)
    clean = keep_rows(dataset, known)
    described = Reduced(described.even[known], described.odd[known])
    true = np.searchsorted(codes, judge.majority[known])
    rng = np.random.default_rng(derive_seed(0, "noise"))
    wrong = rng.random(len(true)) < share
    label = np.where(wrong, (true + rng.integers(1, len(codes), len(true))) % len(codes), true)
    nothing = np.zeros_like(clean.ballots)
    noisy = replace(clean, label=label, ballots=nothing, votes=nothing)
    with threadpool_limits(1, user_api="blas"), local_threads() as executor:
        predicted = predict_labels(noisy, described, seed=0, executor=executor)
    self_confidence = predicted.probs[np.arange(len(label)), label]
    print(f"\n{len(label):,} labels, {wrong.mean():.3f} of them replaced at random; AUROC:")
    print(f"  self-confidence {auroc(wrong, -self_confidence):.3f}")
    for rank in RANKS:
        quality = score_dataset(noisy, predicted, rank=rank)[1].quality
        print(f"  {rank} {auroc(wrong, -quality):.3f}")


if __name__ == "__main__":
    sys.exit(main())

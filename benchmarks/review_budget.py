"""How many wrong labels a reviewer corrects who looks at a tenth of the pictures in queue order.

    python benchmarks/review_budget.py WORKSPACE [--predictions PREDICTIONS.npz] [--half report]

The reviewer is an oracle that answers with FER+'s majority; see `benchmarks/suspects.py` for the workspace, the judge
and the two halves. Predictions kept by that script are used again; if it was run with `--recipe`, they are those of
both models together. Beside the orders of `curate suspects` stand those of the model's self-confidence and of cleanlab
on the same predictions, if cleanlab is installed.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from suspects import ask_annotators, run_timed, without_private_test

from curate.executors import local_threads
from curate.progress import silent
from curate.suspects import RANKS, score_dataset
from curate.suspects.dataset import LabelDataset, load_dataset
from curate.suspects.model import OutOfFold
from curate.workspace import Workspace

BUDGETS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5)


def main() -> int:
    """Print labels corrected by order and budget."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--predictions", type=Path)
    parser.add_argument("--half", choices=("report", "tune", "all"), default="report")
    arguments = parser.parse_args()
    workspace = Workspace(arguments.workspace)
    dataset, predicted = take_predictions(workspace, arguments.predictions)
    judge = ask_annotators(workspace, dataset)
    chosen = judge.judged & {"report": ~judge.tune, "tune": judge.tune, "all": True}[arguments.half]
    wrong = judge.wrong[chosen]
    print(f"{len(wrong):,} labels ({arguments.half} half), {wrong.sum():,} contradicted")
    print("reviewed           " + "".join(f"{budget:>13.0%}" for budget in BUDGETS))
    for name, doubt in all_orders(dataset, predicted).items():
        print_curve(name, wrong[np.argsort(-doubt[chosen], kind="stable")])
    print_curve("perfect", np.sort(wrong)[::-1])
    return 0


def take_predictions(workspace: Workspace, kept: Path | None) -> tuple[LabelDataset, OutOfFold]:
    """Predictions from a file, or made anew."""
    if kept is None:
        dataset, _, predicted = run_timed(workspace)
        return dataset, predicted
    with local_threads() as executor:
        dataset = load_dataset(workspace, executor=executor, progress=silent)
    with np.load(kept) as stored:
        return without_private_test(workspace, dataset), OutOfFold(**stored)


def all_orders(dataset: LabelDataset, predicted: OutOfFold) -> dict[str, np.ndarray]:
    """Name -> (N,) doubt, higher = looked at earlier."""
    orders = {rank: -score_dataset(dataset, predicted, rank=rank)[1].quality for rank in RANKS}
    rows = np.arange(len(dataset))
    return {
        **orders,
        "self-confidence": -predicted.probs[rows, dataset.label],
        **cleanlab_orders(dataset.label, predicted.probs),
    }


def cleanlab_orders(label: np.ndarray, probs: np.ndarray) -> dict[str, np.ndarray]:
    """Issues by cleanlab's defaults before all others, and its two other ways to score."""
    try:
        from cleanlab.filter import find_label_issues
        from cleanlab.rank import get_label_quality_scores
    except ImportError:
        print("cleanlab is not installed: its orders are left out", file=sys.stderr)
        return {}
    issues = find_label_issues(label, probs, n_jobs=1)
    score = get_label_quality_scores
    return {
        "cleanlab issues": issues - score(label, probs),
        "cleanlab margin": -score(label, probs, method="normalized_margin"),
        "cleanlab adjusted": -score(label, probs, method="normalized_margin", adjust_pred_probs=True),
    }


def print_curve(name: str, wrong: np.ndarray) -> None:
    """Labels corrected and their ratio to random order, at each budget."""
    found = [(int(wrong[: round(budget * len(wrong))].sum()), budget * wrong.sum()) for budget in BUDGETS]
    print(f"{name:18s} " + "".join(f"{count:>7,} {count / random:4.2f}x" for count, random in found))


if __name__ == "__main__":
    sys.exit(main())

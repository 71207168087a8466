"""Train one run anew, in a copy of the workspace that knows nothing of it, and compare what it predicts."""

import shutil
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np

from curate.runs.folder import run_folder
from curate.workspace import Workspace
from study.training import QUICK, Runs, train_on_one_core

__all__ = ["train_again"]


def train_again(folder: Path, version: str, *, now: Callable[[], datetime]) -> int:
    """Print whether a run of seed 0 repeats itself; 0 = to the last bit."""
    with tempfile.TemporaryDirectory() as scratch:
        copied = Path(scratch) / "workspace"
        shutil.copytree(folder, copied, ignore=shutil.ignore_patterns("runs", "scores", "cache"))
        said = []
        for workspace in (Workspace(folder), Workspace(copied)):
            fingerprint = train_on_one_core(workspace.folder, Runs(version, QUICK), 0, now())
            name = f"{QUICK}--leak-free--seed0"
            said.append(run_folder(workspace.version(version), name, fingerprint).read_predictions("gold"))
    same = said[0] is not None and said[1] is not None and np.array_equal(said[0].pred_probs, said[1].pred_probs)
    print(f"{version}, {QUICK}, seed 0, trained anew: its predictions are {'the same' if same else 'NOT the same'}")
    return 0 if same else 1

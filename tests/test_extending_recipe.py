"""The examples of "Add a recipe" are run as they stand in the document."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_versions import CREATED, random_pictures, small_version

from curate.benchmark import benchmark_version, recipes
from curate.benchmark.experiment import read_eval_set
from curate.benchmark.protocols import make_experiment
from curate.scores import read_scores

PAGE = Path(__file__).resolve().parent.parent / "docs" / "extending.md"
TEXT = re.split(r"^## ", PAGE.read_text(encoding="utf-8").partition("\n## Add a recipe\n")[2], flags=re.MULTILINE)[0]
FILE, LINE, TEST, NETWORK, LOADING = re.findall(r"```python\n(.*?)```", TEXT, flags=re.DOTALL)


def run(code: str, **names: Any) -> dict[str, Any]:
    exec(compile(code, str(PAGE), "exec"), names)  # noqa: S102
    return names


def test_the_example_with_its_line_its_test_and_its_run_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = run(FILE)
    recipe = module["CLASS_MEANS"]
    assert LINE.strip() == f'"{recipe.name}": CLASS_MEANS,'
    run(TEST, np=np, random_pictures=random_pictures, CLASS_MEANS=recipe)["test_class_means_learn"]()
    networks = {"small-stages": run(NETWORK)["SMALL_STAGES"]}
    monkeypatch.setattr(recipes, "RECIPES", {**recipes.RECIPES, **networks, recipe.name: recipe})
    workspace, version = small_version(tmp_path, people=16)
    for name in (recipe.name, *networks):
        (score,) = benchmark_version(workspace, "v1", created=CREATED, recipe=name, seeds=(0,), device="cpu")
        assert (score.recipe, score.recipe_revision, score.epochs) == (name, 1, 3 if name in networks else 0)
    part = make_experiment(version, "leak-free").read_scored()["gold"]
    monkeypatch.chdir(workspace.folder)
    loaded = run(LOADING, pictures=read_eval_set(part, size_px=48, mode="L"))
    measures = read_scores(workspace.manifests, "v1")[0].scored["gold"]
    assert np.isclose((loaded["pred_probs"].argmax(axis=1) == part.labels).mean(), measures.accuracy)

"""Damaged deliveries: whatever the bytes, ingest answers with a named error or with problems, never with a crash."""

import runpy
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

mutations = runpy.run_path(str(Path(__file__).parents[1] / "benchmarks" / "mutations.py"))

pytestmark = pytest.mark.filterwarnings("ignore:::PIL")


def test_damaged_sources_are_read_reported_or_refused_but_never_crash(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    outcomes = list(mutations["run"](150, 7, tmp_path))
    assert [outcome for outcome in outcomes if outcome.result == "crashed"] == []
    assert set(Counter(outcome.result for outcome in outcomes)) == {"read", "reported", "refused"}
    assert {outcome.kind for outcome in outcomes} == set(mutations["KINDS"])


def test_damage_is_the_same_for_the_same_seed() -> None:
    first, again, other = (mutations["damage"]("zip", np.random.default_rng(seed)) for seed in (5, 5, 6))
    assert first == again != other


def test_undamaged_sources_are_read_without_a_problem(tmp_path: Path) -> None:
    workspace = mutations["Workspace"].create(tmp_path / "workspace")
    for kind, (make, form) in mutations["KINDS"].items():
        files, path = make(), tmp_path / f"{kind}.{'csv' if form == 'file' else form}"
        if form == "folder":
            for name, content in files.items():
                (path / name).parent.mkdir(parents=True, exist_ok=True)
                (path / name).write_bytes(content)
        else:
            path.write_bytes(mutations["pack"](form, files))
        assert mutations["ingest"](workspace, path, files, {"name": kind}) == ("read", "{}")

"""Fixtures: generated datasets and workspaces."""

import os
from pathlib import Path

import pytest

from curate.demo import Planted, plant
from curate.workspace import Workspace


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    """Two small generated datasets with planted faults; read only."""
    return plant(tmp_path_factory.mktemp("downloads"), seed=7, people=30)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """An empty workspace."""
    return Workspace.create(tmp_path / "workspace")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of the real datasets."""
    folder = os.environ.get("CURATE_TEST_DATA")
    if not folder:
        pytest.skip("CURATE_TEST_DATA names no folder with the real datasets")
    return Path(folder)

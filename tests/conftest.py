"""Fixtures: generated datasets and workspaces."""

import os
import shutil
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from curate.demo import Planted, plant
from curate.duplicates import DuplicateReport, find_duplicates
from curate.ingest import ingest_source
from curate.workspace import Workspace

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell starts what it sends to the background without it, and so would every command that a test interrupts.
    signal.signal(signal.SIGINT, signal.default_int_handler)

_FIRST = ("test_histories", "realdata", "test_reviewer_browser", "test_training", "test_study", "test_duplicates")
"""What takes longest begins first, so that two processes end together."""


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests of one file run in one process, and those of the real data all in one, which build it once.

    Histories are long and need nothing that is built before, so that each test of them may run beside the other.
    """
    groups = {item: "realdata" if item.get_closest_marker("realdata") else item.path.stem for item in items}
    if config.pluginmanager.hasplugin("xdist"):
        for item, group in groups.items():
            item.add_marker(pytest.mark.xdist_group(item.name if group == "test_histories" else group))
    items.sort(key=lambda item: _FIRST.index(groups[item]) if groups[item] in _FIRST else len(_FIRST))


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


@pytest.fixture(scope="session")
def fer2013(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with fer2013.csv, fer2013_folder.zip and fer2013new.csv."""
    folder = tmp_path_factory.mktemp("fer2013")
    subprocess.run([sys.executable, str(real_data / "build_fer2013.py"), str(folder)], check=True)
    with zipfile.ZipFile(real_data / "ferplus.zip") as archive:
        archive.extract("fer2013new.csv", folder)
    return folder


@pytest.fixture(scope="session")
def merged(real_data: Path, fer2013: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """FER-2013 as a table, then FER+, then CK+48."""
    workspace = Workspace.create(tmp_path_factory.mktemp("merged"))
    for path in (fer2013 / "fer2013.csv", real_data / "ferplus.zip", real_data / "ck48.zip"):
        ingest_source(workspace, path)
    return workspace


@pytest.fixture(scope="session")
def merged_searched(merged: Workspace, tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, DuplicateReport]:
    """A copy of `merged` after a default search for duplicates; read only."""
    folder = tmp_path_factory.mktemp("searched") / "workspace"
    shutil.copytree(merged.folder, folder)
    workspace = Workspace(folder)
    return workspace, find_duplicates(workspace)

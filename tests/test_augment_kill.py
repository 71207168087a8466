"""A `curate augment` that is killed, by a real SIGKILL, leaves no version or a whole one, and can be run again."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from released import fer2013_workspace, freeze

from curate.manifest import verify_version
from curate.workspace import Workspace

KILLS = 8
_WORKER = """
import datetime, os, signal, sys
from curate.augment import augment_version
from curate.workspace import Workspace

folder, kill_at = sys.argv[1], int(sys.argv[2])
events = 0

def count(_event, arguments):
    global events
    if arguments and str(arguments[0]).startswith(folder):
        events += 1
        if events == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

workspace = Workspace(folder)
sys.addaudithook(count)
augment_version(workspace, created=datetime.datetime(2026, 1, 3, tzinfo=datetime.UTC))
print(events)
"""
"""Counts what the process does to the workspace's files, and kills it when it is about to do the n-th thing."""


def augment(folder: Path, kill_at: int = 0) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", _WORKER, str(folder), str(kill_at)]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = fer2013_workspace(tmp_path_factory.mktemp("origin"))
    freeze(workspace)
    return workspace


@pytest.fixture(scope="module")
def undisturbed(origin: Workspace, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, int]:
    """The digest of the version, and how many events there are."""
    workspace = Workspace(shutil.copytree(origin.folder, tmp_path_factory.mktemp("undisturbed") / "w"))
    done = augment(workspace.folder)
    return workspace.version("v1-x4").header["digest"], int(done.stdout)


def leftovers(workspace: Workspace) -> list[str]:
    return sorted(path.name for path in workspace.folder.rglob("*.draft"))


@pytest.mark.parametrize("number", range(KILLS))
def test_a_kill_leaves_no_version_or_a_whole_one(
    number: int, origin: Workspace, undisturbed: tuple[str, int], tmp_path: Path
) -> None:
    digest, events = undisturbed
    workspace = Workspace(shutil.copytree(origin.folder, tmp_path / "w"))
    assert augment(workspace.folder, 1 + (events - 1) * number // (KILLS - 1)).returncode == -signal.SIGKILL
    for name in workspace.version_names():
        assert verify_version(workspace.manifests, name, state=workspace.state).findings == ()
    if "v1-x4" not in workspace.version_names():
        assert augment(workspace.folder).returncode == 0
    found = verify_version(workspace.manifests, "v1-x4", state=workspace.state)
    assert (found.findings, found.rows, found.digest) == ((), 196, digest)
    assert leftovers(workspace) == []

"""Two benchmarks of one version at once, as two people or two terminals start them."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from small_versions import small_version

from curate.benchmark import check_scores
from curate.lock import waiting_lock
from curate.progress import silent

ROUNDS = 3
CODE = """
import datetime as dt, sys, time
from pathlib import Path
from curate.benchmark import benchmark_version
from curate.workspace import Workspace
workspace = Workspace(sys.argv[1])
Path(sys.argv[2]).touch()
for number in range(int(sys.argv[3])):
    while not (Path(sys.argv[1]) / f"start{number}").exists():
        time.sleep(0.002)
    created = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    made = benchmark_version(workspace, "v1", created=created, recipe="hog-ridge", seeds=(0, 1))
    print([score.sha256 for score in made], flush=True)
"""


def test_two_benchmarks_of_one_version_end_well_with_the_same_scores(tmp_path: Path) -> None:
    workspace, version = small_version(tmp_path, people=16)
    processes = []
    for number in range(2):
        arguments = [str(workspace.folder), str(tmp_path / f"ready{number}"), str(ROUNDS)]
        command = [sys.executable, "-c", CODE, *arguments]
        processes.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
    try:
        for number in range(ROUNDS):
            shutil.rmtree(version.folder / "scores", ignore_errors=True)
            shutil.rmtree(workspace.state / "runs", ignore_errors=True)
            (workspace.folder / f"start{number}").touch()
            said = [process.stdout.readline() if process.stdout else "" for process in processes]
            assert said[0] == said[1] != ""
            assert len(set(json.loads(said[0].replace("'", '"')))) == 2
            assert check_scores(version)[:3] == (2, 2, ())
        assert [process.wait(timeout=60) for process in processes] == [0, 0]
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def test_a_lock_that_is_free_is_taken_without_waiting(tmp_path: Path) -> None:
    one, other = tmp_path / "new" / ".a.lock", tmp_path / ".b.lock"
    with waiting_lock(one, progress=silent), waiting_lock(other, progress=silent):
        assert (one.is_file(), other.is_file()) == (True, True)

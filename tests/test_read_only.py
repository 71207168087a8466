"""A workspace that may not be written to: what only reads works, what writes says so in one line."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from small_versions import small_version

from curate.catalog.migrations import MIGRATIONS
from curate.errors import NotWritable
from curate.workspace import Workspace

CURATE = [sys.executable, "-c", "from curate.cli import main; main()"]
NOBODY = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
ALL = """
import contextlib, io, json, os, sys
from curate.cli import main
kept, outcomes = os.dup(1), []
for command in json.loads(sys.argv[1]):
    sys.argv = ["curate", *command.split()]
    code, said = 0, io.StringIO()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(said):
        try:
            main()
        except SystemExit as leaving:
            code = leaving.code or 0
    outcomes.append((command, code, said.getvalue()))
os.write(kept, json.dumps(outcomes).encode())
"""
READING = (
    "status", "show {sample}", "audit", "diff v1 v2", "verify", "leaderboard", "compare v1 v2", "formats", "recipes",
    "report v1 --output {free}/report.html", "export v1 {free}/export --to csv", "patch export v1 {free}/v1.patch",
    "benchmark v1 --recipe hog-ridge --seeds 1",
)  # fmt: skip
WRITING = (
    "ingest {free}", "duplicates", "suspects", "review --port {port}", "freeze v3", "augment v1 --x4", "forget faces",
    "benchmark v1 --recipe hog-ridge --seeds 2", "patch apply {free}/v1.patch", "report v1",
    "export v1 inside --to csv",
)  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with two versions, both scored."""
    workspace, _ = small_version(tmp_path_factory.mktemp("made"))
    for command in ("freeze v2", *(f"benchmark {version} --recipe hog-ridge --seeds 1" for version in ("v1", "v2"))):
        assert curate(workspace.folder, command).returncode == 0
    return workspace.folder


@pytest.fixture
def mounted(made: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of it on a file system that is mounted read-only."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounting = subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(disk)], capture_output=True, text=True, check=False)
    if mounting.returncode != 0:
        pytest.skip(f"no file system can be mounted here: {mounting.stderr.strip()}")
    try:
        shutil.copytree(made, disk / "workspace")
        yield disk / "workspace"
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.fixture
def of_root(made: Path) -> Iterator[Path]:
    """A copy of it that another user may read."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(made, Path(folder, "workspace"))
        subprocess.run(["chmod", "-R", "a+rX,go-w", folder], check=True)
        tried = [*NOBODY, *CURATE[:2], "import curate.cli", str(folder)]
        try:
            seen = subprocess.run(tried, capture_output=True, text=True, check=False, cwd=folder)
        except FileNotFoundError:
            pytest.skip("no setpriv to become another user with")
        if seen.returncode != 0:
            pytest.skip(f"nobody else can run it here: {seen.stderr.strip()}")
        yield Path(folder, "workspace")


def close_for_writing(folder: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(folder.parent)], check=True)


def curate(
    folder: Path, command: str, *, user: tuple[str, ...] = (), program: str = ""
) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "HOME": str(Path.cwd().root), "MPLCONFIGDIR": tempfile.gettempdir()}
    line = [*user, sys.executable, "-c", program, command] if program else [*user, *CURATE, *command.split()]
    return subprocess.run(line, capture_output=True, text=True, timeout=120, check=False, cwd=folder, env=environment)


def check_all(folder: Path, free: Path, *, user: tuple[str, ...] = ()) -> None:
    """Reading works, writing says so, and nothing changes."""
    sample = sqlite3.connect(f"{(folder / '.curate' / 'catalog.sqlite').as_uri()}?mode=ro&immutable=1", uri=True)
    with closing(sample) as connection:
        name = connection.execute("SELECT lower(hex(digest)) FROM samples").fetchone()[0]
    before = content(folder)
    named = {"sample": name, "free": str(free), "port": str(1024 + os.getpid() % 50000)}
    reading, writing = ([each.format(**named) for each in commands] for commands in (READING, WRITING))
    outcomes = json.loads(curate(folder, json.dumps([*reading, *writing]), user=user, program=ALL).stdout)
    for command, code, said in outcomes[: len(reading)]:
        assert (command, code, said.count("Traceback")) == (command, int(command == "audit"), 0), said
    for command, code, said in outcomes[len(reading) :]:
        (line,) = said.splitlines()
        assert (command, code, "cannot be written to: it is read-only, or" in line) == (command, 3, True), line
    assert content(folder) == before


def content(folder: Path) -> dict[str, tuple[int, int]]:
    return {str(each): (each.stat().st_size, each.stat().st_mtime_ns) for each in sorted(folder.rglob("*"))}


def test_on_a_read_only_file_system(mounted: Path, tmp_path: Path) -> None:
    close_for_writing(mounted)
    check_all(mounted, tmp_path)


def test_as_a_user_without_rights(of_root: Path) -> None:
    with tempfile.TemporaryDirectory() as free:
        Path(free).chmod(0o777)
        check_all(of_root, Path(free), user=tuple(NOBODY))


def test_what_its_owner_writes_meanwhile_is_read(of_root: Path) -> None:
    with Workspace(of_root).catalog() as catalog:
        with catalog.transaction() as connection:
            connection.execute("UPDATE sources SET licence = 'a licence that was just written'")
        told = curate(of_root, "status --json", user=tuple(NOBODY))
        assert (told.returncode, "that was just written" in told.stdout) == (0, True)


def test_a_catalog_of_an_older_curate_says_that_it_has_to_be_brought_up_to_date(mounted: Path) -> None:
    with closing(sqlite3.connect(mounted / ".curate" / "catalog.sqlite")) as connection:
        connection.execute("DROP TABLE claims")
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) - 1}")
    close_for_writing(mounted)
    told = curate(mounted, "status")
    assert (told.returncode, told.stdout) == (3, "")
    assert (
        f"was written by an older curate (schema {len(MIGRATIONS) - 1}, this one needs {len(MIGRATIONS)})"
        in told.stderr
    )
    assert told.stderr.endswith("run `curate status` once where it can, and it is brought up to date\n")


def test_versions_without_a_catalog_can_be_read(mounted: Path) -> None:
    shutil.rmtree(mounted / ".curate")
    close_for_writing(mounted)
    assert [curate(mounted, each).returncode for each in ("status", "verify", "leaderboard", "diff v1 v2")] == [0] * 4
    with pytest.raises(NotWritable), Workspace(mounted).catalog() as catalog, catalog.transaction():
        pass


def test_what_a_command_that_was_killed_left_in_the_log_is_read_or_said(mounted: Path) -> None:
    program = (
        "import os, sys; from curate.workspace import Workspace\n"
        "with Workspace(sys.argv[1]).catalog() as catalog:\n"
        "    with catalog.transaction() as connection: connection.execute(\"UPDATE sources SET licence = 'left'\")\n"
        "    os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", program, str(mounted)], check=True)
    index = mounted / ".curate" / "catalog.sqlite-shm"
    close_for_writing(mounted)
    told = curate(mounted, "status --json")
    assert (told.returncode, '"left"' in told.stdout) == (0, True)
    subprocess.run(["mount", "-o", "remount,rw", str(mounted.parent)], check=True)
    index.unlink()
    close_for_writing(mounted)
    told = curate(mounted, "status")
    assert told.returncode == 3
    assert "a command that was cut off left a part of it in its log" in told.stderr

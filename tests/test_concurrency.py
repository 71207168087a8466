"""Several processes and one workspace: one writes, all may read, and nobody waits for the dead."""

import multiprocessing
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from multiprocessing.synchronize import Barrier as BarrierType
from pathlib import Path

import pytest
from catalog_content import catalog_content
from layouts import VOTE_HEADER, png, table_text, votes_for, write_zip

from curate.catalog import Catalog
from curate.demo import Planted
from curate.errors import CatalogDamaged, CatalogTooNew, WorkspaceLocked
from curate.ingest import ingest_source, summarise
from curate.lock import lock_holder, locked
from curate.workspace import Workspace

CURATE = [sys.executable, "-c", "from curate.cli import main; main()"]
HOLD = """
import sys
from curate.workspace import Workspace
with Workspace(sys.argv[1]).locked("curate ingest"):
    print("held", flush=True)
    sys.stdin.read()
"""
INGEST = """
import sys
from curate.ingest import ingest_source
from curate.workspace import Workspace
print("begin", flush=True)
ingest_source(Workspace(sys.argv[1]), sys.argv[2], batch_pictures=int(sys.argv[3]))
"""


@contextmanager
def running(command: list[str]) -> Iterator["subprocess.Popen[str]"]:
    """A process that has said its first word, ended at the end."""
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            yield process
        finally:
            process.kill()


def holder(workspace: Workspace) -> list[str]:
    return [sys.executable, "-c", HOLD, str(workspace.folder)]


def catalog_path(workspace: Workspace) -> Path:
    return workspace.folder / ".curate" / "catalog.sqlite"


def curate(*arguments: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([*CURATE, *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture(scope="module")
def voted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """FER+ in small: pictures with votes, enough of them to be read for a while in small batches."""
    pictures = {f"FER2013Train/fer{number:07d}.png": png(number) for number in range(400)}
    votes = [["Training", f"fer{number:07d}.png", *votes_for("happy")] for number in range(400)]
    table = table_text(VOTE_HEADER, votes)
    return write_zip(tmp_path_factory.mktemp("ferplus") / "ferplus.zip", {"fer2013new.csv": table, **pictures})


def test_a_second_ingest_is_refused_and_told_who_holds_the_workspace(workspace: Workspace, planted: Planted) -> None:
    with running(holder(workspace)) as first:
        told = curate("ingest", "--workspace", workspace.folder, planted.sequences)
    (line,) = told.stderr.splitlines()
    assert told.returncode == 3
    assert line.startswith(f"curate: {workspace.folder} is in use by `curate ingest` (process {first.pid} on ")
    assert line.endswith("); wait for it, or stop it")


def test_a_refused_ingest_does_not_harm_the_one_at_work(
    workspace: Workspace, voted: Path, planted: Planted, tmp_path: Path
) -> None:
    alone = Workspace.create(tmp_path / "alone")
    ingest_source(alone, voted)
    with running([sys.executable, "-c", INGEST, str(workspace.folder), str(voted), "1"]) as first:
        while workspace.lock_holder() is None:
            assert first.poll() is None
        with pytest.raises(WorkspaceLocked, match=rf"in use by `curate ingest` \(process {first.pid} on "):
            ingest_source(workspace, planted.sequences)
        assert first.wait(60) == 0
    assert catalog_content(workspace.folder) == catalog_content(alone.folder)


def test_a_holder_that_is_killed_frees_the_workspace_at_once(workspace: Workspace, planted: Planted) -> None:
    with running(holder(workspace)) as first:
        first.kill()
        first.wait()
        assert workspace.lock_holder() is None
        assert ingest_source(workspace, planted.sequences).occurrences == 94


def test_status_names_the_process_that_holds_the_workspace(workspace: Workspace) -> None:
    with running(holder(workspace)) as first:
        told = curate("status", "--workspace", workspace.folder)
    assert (told.returncode, told.stderr) == (0, "")
    assert f"in use by `curate ingest` (process {first.pid} on " in told.stdout
    assert "nobody is writing to it" in curate("status", "--workspace", workspace.folder).stdout


def test_looking_who_holds_the_workspace_turns_no_writer_away(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.touch()
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            lock_holder(path)

    watchers = [threading.Thread(target=look) for _ in range(2)]
    for watcher in watchers:
        watcher.start()
    try:
        for _ in range(300):
            with locked(path, "curate ingest"):
                pass
    finally:
        done.set()
        for watcher in watchers:
            watcher.join()


def test_samples_can_be_read_while_an_ingest_runs(workspace: Workspace, planted: Planted) -> None:
    with running([sys.executable, "-c", INGEST, str(workspace.folder), str(planted.faces), "2"]) as process:
        seen = {len(workspace.samples())}
        while process.poll() is None:
            seen.add(len(workspace.samples()))
        assert process.returncode == 0
    assert len(workspace.samples()) == 440
    assert seen - {0, 440}


def test_votes_can_be_read_while_an_ingest_runs(workspace: Workspace, voted: Path) -> None:
    with running([sys.executable, "-c", INGEST, str(workspace.folder), str(voted), "2"]) as process:
        while process.poll() is None:
            workspace.samples()
            workspace.occurrences()
            summarise(workspace)
        assert process.returncode == 0


def test_all_reads_of_a_snapshot_see_one_moment(workspace: Workspace) -> None:
    count = "SELECT count(*) FROM sources"
    source = "INSERT INTO sources VALUES (NULL, 'late', 'ck48', 'late.zip', '', 'incomplete', 0, '', NULL)"
    with workspace.catalog() as reader, workspace.catalog() as writer:
        with reader.snapshot() as outer:
            before = outer.execute(count).fetchone()
            with writer.transaction() as connection:
                connection.execute(source)
            with reader.snapshot() as inner:
                assert inner.execute(count).fetchone() == before == (0,)
            assert outer.execute(count).fetchone() == before
        with reader.snapshot() as later:
            assert later.execute(count).fetchone() == (1,)


def _open_together(folder: Path, together: BarrierType) -> None:
    for number in range(20):
        together.wait()
        Catalog(folder / f"{number}.sqlite").close()


def test_processes_that_open_a_new_catalog_at_the_same_moment_all_get_it(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    together = context.Barrier(3, timeout=30)
    processes = [context.Process(target=_open_together, args=(tmp_path, together)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]


def test_a_catalog_of_a_newer_curate_is_refused(workspace: Workspace) -> None:
    workspace.samples()
    with closing(sqlite3.connect(catalog_path(workspace))) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(CatalogTooNew, match=r"newer curate \(schema 99, this one knows \d+\); upgrade curate"):
        workspace.samples()


@pytest.mark.parametrize(
    "script",
    [
        "CREATE TABLE songs (title TEXT)",
        "CREATE TABLE samples (id INTEGER PRIMARY KEY); PRAGMA user_version = 1",
        "PRAGMA application_id = 252006675",
        "PRAGMA user_version = 3",
    ],
)
def test_another_programs_database_is_refused_and_left_as_it_was(workspace: Workspace, script: str) -> None:
    with closing(sqlite3.connect(catalog_path(workspace))) as connection:
        connection.executescript(script)
    before = catalog_path(workspace).read_bytes()
    with pytest.raises(CatalogDamaged, match="another program's database; move it away"):
        workspace.samples()
    assert catalog_path(workspace).read_bytes() == before


@pytest.mark.parametrize("content", [b"garbage", b"garbage" * 5000, b"SQLite format 3\x00" + bytes(5000)])
def test_a_file_that_is_no_catalog_is_refused_in_one_line(workspace: Workspace, content: bytes) -> None:
    catalog_path(workspace).write_bytes(content)
    with pytest.raises(CatalogDamaged, match="not a readable catalog"):
        workspace.samples()
    told = curate("status", "--workspace", workspace.folder)
    assert (told.returncode, told.stdout, told.stderr.count("\n")) == (3, "", 1)
    assert told.stderr.startswith("curate: ")
    assert catalog_path(workspace).read_bytes() == content


def test_an_interrupted_ingest_says_so_in_one_line_and_goes_on_when_run_again(
    workspace: Workspace, planted: Planted, tmp_path: Path
) -> None:
    alone = Workspace.create(tmp_path / "alone")
    ingest_source(alone, planted.faces)
    command = [*CURATE, "ingest", "--workspace", str(workspace.folder), str(planted.faces)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            while workspace.lock_holder() is None:
                assert process.poll() is None
            process.send_signal(signal.SIGINT)
            output = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 130
    assert output == ("", "curate: interrupted; what was committed stays, and the same command goes on from there\n")
    assert curate("ingest", "--workspace", workspace.folder, planted.faces).returncode == 0
    assert catalog_content(workspace.folder) == catalog_content(alone.folder)

"""A disk that is really full: one clear line, nothing lost, and the same command completes once there is room."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from catalog_content import catalog_content, catalog_faults

from curate.demo import Planted
from curate.errors import StorageFull
from curate.ingest import ingest_source
from curate.workspace import Workspace

CURATE = [sys.executable, "-c", "from curate.cli import main; main()"]
LIMITED = [
    sys.executable,
    "-c",
    "import resource, sys; limit = int(sys.argv.pop(1)); resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit));"
    "from curate.cli import main; main()",
]


def run(command: list[str], *arguments: object) -> "subprocess.CompletedProcess[str]":
    line = [*command, *map(str, arguments)]
    return subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)


def says_full(told: "subprocess.CompletedProcess[str]", path: Path | str) -> bool:
    """Whether a command ended with exit code 3 and the one line that it should."""
    (line,) = told.stderr.splitlines()
    return told.returncode == 3 and line.startswith(f"curate: {path} could not be written (") and "free some" in line


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """A function that mounts a file system of the given size, or changes the size of the mounted one."""
    place = tmp_path / "disk"
    place.mkdir()

    def mount(options: str) -> Path:
        options = f"remount,{options}" if place.is_mount() else options
        made = run(["mount", "-t", "tmpfs", "-o", options, "tmpfs"], place)
        if made.returncode != 0:
            pytest.skip(f"no file system can be mounted here: {made.stderr.strip()}")
        return place

    try:
        yield mount
    finally:
        if place.is_mount():
            subprocess.run(["umount", str(place)], check=True)


@pytest.fixture
def expected(tmp_path: Path, planted: Planted) -> dict[str, list[tuple[object, ...]]]:
    """The content of an undisturbed ingest of `planted.faces`, from a workspace as deep as that on the disk."""
    workspace = Workspace.create(tmp_path / "roomy" / "workspace")
    ingest_source(workspace, planted.faces)
    return catalog_content(workspace.folder)


def fill(place: Path) -> Path:
    """Leave not one byte free."""
    ballast = place / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            return ballast
    raise AssertionError("the disk has no end")


@pytest.mark.parametrize("size", ["12k", "32k", "64k", "160k", "1m"])
def test_an_ingest_on_a_full_disk_says_so_and_completes_once_there_is_room(
    size: str,
    disk: Callable[[str], Path],
    planted: Planted,
    expected: dict[str, list[tuple[object, ...]]],
) -> None:
    workspace = Workspace.create(disk(f"size={size}") / "workspace").folder
    told = run(CURATE, "ingest", "--workspace", workspace, planted.faces)
    assert says_full(told, workspace / ".curate" / "catalog.sqlite")
    assert told.stdout == ""
    disk("size=16m")
    assert catalog_faults(workspace) == []
    assert run(CURATE, "ingest", "--workspace", workspace, planted.faces).returncode == 0
    assert catalog_content(workspace) == expected


def test_batches_before_the_disk_was_full_are_kept(
    disk: Callable[[str], Path], planted: Planted, expected: dict[str, list[tuple[object, ...]]]
) -> None:
    workspace = Workspace.create(disk("size=1m") / "workspace")
    with pytest.raises(StorageFull, match="Everything committed before is intact"):
        ingest_source(workspace, planted.faces, batch_pictures=32)
    (source,) = workspace.sources().to_dict("records")
    assert source["state"] == "incomplete"
    assert 32 <= source["occurrences"] < len(expected["occurrences"])
    disk("size=16m")
    ingest_source(workspace, planted.faces, batch_pictures=32)
    assert catalog_content(workspace.folder) == expected


def test_a_disk_without_room_for_the_lock_says_so(
    disk: Callable[[str], Path], planted: Planted, expected: dict[str, list[tuple[object, ...]]]
) -> None:
    workspace = Workspace.create(disk("size=64k") / "workspace").folder
    ballast = fill(workspace.parent)
    assert says_full(run(CURATE, "ingest", "--workspace", workspace, planted.faces), workspace / ".curate" / "lock")
    ballast.unlink()
    disk("size=16m")
    assert run(CURATE, "ingest", "--workspace", workspace, planted.faces).returncode == 0
    assert catalog_content(workspace) == expected


def test_a_disk_without_room_for_a_configuration_gets_no_half_a_workspace(disk: Callable[[str], Path]) -> None:
    folder = disk("size=64k") / "workspace"
    ballast = fill(folder.parent)
    assert says_full(run(CURATE, "init", folder), folder / "curate.toml")
    with pytest.raises(StorageFull, match=r"curate\.toml could not be written"):
        Workspace.create(folder)
    assert not (folder / "curate.toml").exists()
    ballast.unlink()
    assert run(CURATE, "init", folder).returncode == 0


def test_a_configuration_that_cannot_be_changed_stays_as_it_was(disk: Callable[[str], Path], planted: Planted) -> None:
    workspace = Workspace.create(disk("size=1m") / "workspace")
    workspace.samples()
    with workspace.locked("a test"):  # the lock's own page is taken
        before = (workspace.folder / "curate.toml").read_bytes()
    fill(workspace.folder.parent)
    with pytest.raises(StorageFull):
        ingest_source(workspace, planted.faces)
    assert (workspace.folder / "curate.toml").read_bytes() == before
    names = sorted(path.name for path in workspace.folder.iterdir())
    assert names == [".curate", ".gitignore", "curate.toml", "manifests"]


@pytest.mark.parametrize("files", [2, 3, 4, 6, 7, 8])
def test_a_disk_that_takes_no_more_files_says_so(files: int, disk: Callable[[str], Path], planted: Planted) -> None:
    folder = disk(f"size=16m,nr_inodes={files}") / "workspace"
    told = [run(CURATE, "init", folder)]
    if told[0].returncode == 0:
        told.append(run(CURATE, "ingest", "--workspace", folder, planted.faces))
    (line,) = told[-1].stderr.splitlines()
    assert told[-1].returncode == 3
    assert line.startswith(f"curate: {folder}")
    assert "free some space" in line
    disk("size=16m,nr_inodes=100")
    if not (folder / "curate.toml").exists():
        assert run(CURATE, "init", folder).returncode == 0
    assert run(CURATE, "ingest", "--workspace", folder, planted.faces).returncode == 0


@pytest.mark.parametrize(("limit", "name"), [(16, "lock"), (200, "catalog.sqlite"), (300_000, "catalog.sqlite")])
def test_a_limit_on_file_size_is_a_full_disk_too(
    limit: int, name: str, workspace: Workspace, planted: Planted, expected: dict[str, list[tuple[object, ...]]]
) -> None:
    folder = workspace.folder
    assert says_full(run(LIMITED, limit, "ingest", "--workspace", folder, planted.faces), folder / ".curate" / name)
    assert (folder / ".curate" / "lock").read_bytes() == b""
    assert run(CURATE, "ingest", "--workspace", folder, planted.faces).returncode == 0
    assert catalog_faults(folder) == []
    content = {name: rows for name, rows in catalog_content(folder).items() if name != "sources"}
    assert content == {name: rows for name, rows in expected.items() if name != "sources"}


@pytest.mark.parametrize("arguments", [["formats"], ["formats", "--json"]])
def test_output_that_goes_to_a_full_disk_is_one_line_too(arguments: list[str]) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        told = subprocess.run([*CURATE, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert says_full(told, "standard output")

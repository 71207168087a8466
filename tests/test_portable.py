"""What must hold on Windows and macOS, too, as far as Linux can show it."""

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path, PurePosixPath

import pytest
from layouts import png, write_zip

from curate.errors import NotWritable, VersionError, VersionExists
from curate.ingest import ingest_source
from curate.ingest.declared import locate
from curate.ingest.delivery.members import clean_path
from curate.manifest import check_new_name
from curate.storage import move, replace_file, sync_file, sync_folder
from curate.workspace import Workspace

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted([*(ROOT / "curate").rglob("*.py"), *(ROOT / "ui").rglob("*.py")])
ELSEWHERE_MISSING = re.compile(
    r"^\s*(import|from) (fcntl|resource|pwd|grp|termios)\b|os\.(fork|getuid|geteuid|mkfifo|symlink|killpg|setsid)\("
    r"|signal\.SIG(KILL|HUP|USR|ALRM|CHLD)|symlink_to\(|get_context\(\"fork",
    re.MULTILINE,
)
COMMANDS = (
    "status", "problems", "audit", "log", "versions", "formats", "recipes", "duplicates", "--help", "ingest",
    "freeze {0} --even-if-unchanged", "diff {0} {0}", "verify", "leaderboard", "report {0}",
)  # fmt: skip
ALL = """
import sys
from curate.cli import main
commands = sys.argv[1:]
for command in commands:
    sys.argv = ["curate", *command.split()]
    code = 0
    try:
        main()
    except SystemExit as leaving:
        code = leaving.code or 0
    print("ended:", command, code)
"""


def curate(*arguments: object, encoding: str = "utf-8") -> "subprocess.CompletedProcess[bytes]":
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    command = [sys.executable, "-m", "curate", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, timeout=120, check=False, env=environment)


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace whose source and files have names that old code pages lack."""
    folder = tmp_path_factory.mktemp("named")
    workspace = Workspace.create(folder / "workspace")
    pictures = {
        f"train/{label}/{label} → 日本 {number}.png": png(number + first)
        for number in range(4)
        for label, first in (("happy", 0), ("sad", 4))
    }
    ingest_source(
        workspace, write_zip(folder / "Gesichter ü → 顔.zip", {**pictures, "train/sad/破.png": b"no picture"})
    )
    return workspace


def test_nothing_is_used_that_only_one_system_has() -> None:
    assert [path.name for path in MODULES if ELSEWHERE_MISSING.search(path.read_text(encoding="utf-8"))] == []


def test_every_text_file_is_opened_as_utf8() -> None:
    command = [sys.executable, "-m", "ruff", "check", "--preview", "--select", "PLW1514", "--isolated"]
    ruff = Path(sys.executable).with_name("ruff")
    if ruff.exists():
        command[:3] = [str(ruff)]
    places = [ROOT / name for name in ("curate", "ui", "tests", "benchmarks")]
    checked = subprocess.run([*command, *places], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout.strip()) == (0, "All checks passed!")


def test_the_package_runs_as_a_module() -> None:
    assert b"curate" in curate("--version").stdout


@pytest.mark.parametrize("encoding", ["cp437", "cp1252"])
def test_a_console_with_an_old_code_page_shows_what_it_can(named: Workspace, encoding: str) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    commands = [command.format(encoding) for command in COMMANDS]
    done = subprocess.run(
        [sys.executable, "-c", ALL, *commands], capture_output=True, check=False, env=environment, cwd=named.folder
    )
    assert (done.returncode, b"Traceback" in done.stderr) == (0, False), done.stderr
    shown = done.stdout.decode(encoding)
    assert [line for line in shown.splitlines() if line.startswith("ended: ")] == [
        f"ended: {command} {int(command == 'audit')}" for command in commands
    ]
    assert "Gesichter ü ? ?" in shown


def test_json_reads_the_same_in_every_code_page(named: Workspace) -> None:
    old, new = (
        json.loads(curate("status", "--json", "--workspace", named.folder, encoding=encoding).stdout.decode(encoding))
        for encoding in ("cp437", "utf-8")
    )
    assert old == new
    assert "顔" in old["sources"][0]["name"]


@pytest.mark.parametrize("name", ["con", "NUL", "aux.v1", "Com1", "lpt9", "v1."])
def test_a_version_has_no_name_that_windows_refuses(tmp_path: Path, name: str) -> None:
    with pytest.raises(VersionError, match="no folder on Windows can have that name"):
        check_new_name(tmp_path, name)


def test_versions_whose_names_differ_in_case_only_are_one(tmp_path: Path) -> None:
    (tmp_path / "V1").mkdir()
    with pytest.raises(VersionExists, match="there is a version V1 already"):
        check_new_name(tmp_path, "v1")
    assert check_new_name(tmp_path, "v10") == "v10"


def test_a_path_that_was_written_on_windows_is_found(workspace: Workspace) -> None:
    (workspace.folder / "data").mkdir()
    (workspace.folder / "data" / "ck.zip").touch()
    assert locate(workspace, r"data\ck.zip") == (workspace.folder / "data" / "ck.zip").resolve()


def test_keys_of_a_zip_from_windows_have_slashes(workspace: Workspace, tmp_path: Path) -> None:
    ingest_source(workspace, write_zip(tmp_path / "made.zip", {rf"train\happy\{n}.png": png(n) for n in range(2)}))
    assert workspace.occurrences()["key"].tolist() == ["train/happy/0.png", "train/happy/1.png"]


@pytest.mark.parametrize(
    ("name", "path", "is_refused"),
    [
        (r"a\b.png", "a/b.png", False),
        (r"C:\a\b.png", "C:/a/b.png", True),
        (r"\\host\share\b.png", "//host/share/b.png", True),
        (r"a\..\..\b.png", "a/../../b.png", True),
    ],
)
def test_paths_of_windows_in_archives(name: str, path: str, is_refused: bool) -> None:
    cleaned, refusal = clean_path(name)
    assert (cleaned, refusal is not None) == (path, is_refused)


def test_files_whose_names_differ_in_case_only_are_two(workspace: Workspace, tmp_path: Path) -> None:
    names = ("train/happy/A.png", "train/happy/a.png")
    ingest_source(workspace, write_zip(tmp_path / "cases.zip", {name: png(n) for n, name in enumerate(names)}))
    assert sorted(workspace.occurrences()["key"]) == sorted(names)


def held_open(times: int, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Let the next replacements fail, as those of a file that another program has open on Windows."""
    tried: list[Path] = []
    replace = Path.replace

    def refuse(self: Path, target: Path) -> Path:
        tried.append(self)
        if len(tried) <= times:
            raise PermissionError(13, "The process cannot access the file", str(self))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refuse)
    return tried


def test_a_file_that_is_open_for_a_moment_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = held_open(2, monkeypatch)
    replace_file(tmp_path / "x.txt", "new")
    assert (len(tried), (tmp_path / "x.txt").read_text(encoding="utf-8")) == (3, "new")


def test_a_file_that_stays_open_elsewhere_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.txt").write_text("old", encoding="utf-8")
    held_open(1000, monkeypatch)
    with pytest.raises(NotWritable, match=r"x\.txt cannot be replaced: another program has it open; close it there"):
        replace_file(tmp_path / "x.txt", "new")
    assert [each.name for each in tmp_path.iterdir()] == ["x.txt"]
    assert (tmp_path / "x.txt").read_text(encoding="utf-8") == "old"


def test_a_finished_folder_takes_the_place_of_an_empty_one(tmp_path: Path) -> None:
    for name in ("draft", "target"):
        (tmp_path / name).mkdir()
    (tmp_path / "draft" / "x").touch()
    move(tmp_path / "draft", tmp_path / "target")
    assert [each.name for each in (tmp_path / "target").iterdir()] == ["x"]


def test_flushing_works_where_folders_cannot_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x").write_bytes(b"1")
    sync_file(tmp_path / "x")

    def refuse(path: Path, flags: int) -> int:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "open", refuse)
    sync_folder(tmp_path)


def test_paths_in_curate_toml_are_written_with_slashes(workspace: Workspace, tmp_path: Path) -> None:
    ingest_source(workspace, write_zip(tmp_path / "made.zip", {"train/happy/0.png": png(0)}))
    (entry,) = workspace.config.sources
    assert PurePosixPath(entry.path).parts == ("..", "made.zip")


def test_tests_start_processes_as_every_system_can() -> None:
    """`ProcessPoolExecutor` forks on Linux unless it is told how to start; `spawn` is the way of Windows and macOS."""
    pools = [
        path.name
        for path in [*MODULES, *sorted((ROOT / "tests").rglob("*.py")), *sorted((ROOT / "benchmarks").rglob("*.py"))]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") == "ProcessPoolExecutor"
        and "mp_context" not in [each.arg for each in node.keywords]
    ]
    assert pools == []

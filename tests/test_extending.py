"""What `docs/extending.md` shows is done as it says, in a copy of the tree, and works."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from browsing import chromium

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")


def blocks(heading: str) -> list[tuple[str, str]]:
    """(language, text) of the code blocks of a walk."""
    walk = re.split(r"^## ", PAGE.partition(f"\n## {heading}\n")[2], flags=re.MULTILINE)[0]
    return re.findall(r"^```(\w+)\n(.*?)^```", walk, flags=re.MULTILINE | re.DOTALL)


def insert(path: Path, diff: str) -> None:
    """Put each line that a diff adds below the line that stands above it there, and take out those that it removes."""
    text, above, removed = path.read_text(encoding="utf-8"), "", []
    for line in diff.splitlines():
        if line.startswith("+"):
            assert text.count(f"\n{above}\n") == 1, above
            text = text.replace(f"\n{above}\n", f"\n{above}\n{line[1:]}\n")
        removed += [line[1:]] * line.startswith("-")
        above = line[1:]
    for line in removed:
        text = text.replace(f"\n{line}\n", "\n")
    path.write_text(text, encoding="utf-8")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of what a developer edits."""
    shutil.copytree(ROOT / "curate", tmp_path / "tree/curate", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "ui", tmp_path / "tree/ui", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "tree/tests").mkdir()
    for name in ("conftest.py", "layouts.py", "small_versions.py", "browsing.py"):
        shutil.copy(ROOT / "tests" / name, tmp_path / "tree/tests")
    return tmp_path / "tree"


def run(tree: Path, *arguments: str | Path) -> str:
    """What Python says with the copy in the place of the tree."""
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    command = [sys.executable, *map(str, arguments)]
    result = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def follow(tree: Path, heading: str, *, file: str, registry: str, test: str) -> None:
    """Do what a walk says: write the file, insert the line, write the test and run it."""
    (_, code), (_, line), (_, check) = blocks(heading)
    (tree / file).write_text(code, encoding="utf-8")
    (tree / test).write_text(check, encoding="utf-8")
    insert(tree / registry, line)
    assert "1 passed" in run(tree, "-m", "pytest", "-q", "-p", "no:cacheprovider", test)


def test_a_reader_is_one_file_and_one_line(tree: Path) -> None:
    where = {"file": "curate/ingest/readers/moods.py", "registry": "curate/ingest/registry.py"}
    follow(tree, "Add a reader", **where, test="tests/test_moods.py")
    listed = run(tree, "-c", "from curate.cli import main; main()", "formats", "--json")
    assert "pictures, and moods.txt with a picture, a number and a person in each line" in listed


def test_an_export_is_one_file_and_one_line(tree: Path) -> None:
    where = {"file": "curate/version/export/file_list.py", "registry": "curate/version/export/registry.py"}
    follow(tree, "Add an export", **where, test="tests/test_file_list.py")


@pytest.mark.skipif(chromium() is None, reason="no Chromium")
def test_a_page_is_one_file_and_one_line(tree: Path) -> None:
    where = {"file": "ui/screens/problems.py", "registry": "ui/app.py"}
    follow(tree, "Add a page", **where, test="tests/test_problems_page.py")

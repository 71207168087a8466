"""Installing: what is imported is the package, wherever the clone lies. No network: the build's tools are borrowed."""

import re
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BUILT_FROM = ("curate", "ui", "pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE")
SCRIPT = """\
from importlib.resources import files
from curate import Workspace, __version__
import curate._ui.launch
from curate.html import render
pages = files("curate._ui")
print(curate.__file__, __version__, (pages / "app.py").is_file(), (pages / "boards" / "queue.js").is_file(), sep="\\n")
print("<title>" in render("gallery.html", title="", note="", pages=[], sections=[]))
"""


def has(name: str, least: int) -> bool:
    try:
        return int(version(name).split(".")[0]) >= least
    except PackageNotFoundError:
        return False


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone named like the package, and a script beside it."""
    for name in BUILT_FROM:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / "curate" / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif (ROOT / name).exists():
            shutil.copy(ROOT / name, tmp_path / "curate" / name)
    (tmp_path / "script.py").write_text(SCRIPT)
    return tmp_path / "curate"


def below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*.*") if "__pycache__" not in path.parts}


def environment(folder: Path) -> Path:
    """The interpreter of a new environment that borrows what is installed for this one, but not curate itself."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    borrowed = [path for path in sys.path if Path(path).name == "site-packages"]
    (packages / "borrowed.pth").write_text("".join(f"{path}\n" for path in borrowed))
    return folder / "bin" / "python"


@pytest.mark.skipif(not (has("pip", 23) and has("setuptools", 77)), reason="needs pip and setuptools 77")
@pytest.mark.parametrize("how", [["-e"], []], ids=["editable", "plain"])
def test_a_script_beside_a_clone_imports_the_package(clone: Path, tmp_path: Path, how: list[str]) -> None:
    python = environment(tmp_path / "venv")
    quiet = ["--quiet", "--disable-pip-version-check", "--no-index", "--no-deps", "--no-build-isolation"]
    subprocess.run([python, "-m", "pip", "install", *quiet, "--ignore-installed", *how, clone], check=True)
    ran = subprocess.run([python, "script.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.stderr == ""
    place, *rest = ran.stdout.splitlines()
    assert Path(place).is_relative_to(clone if how else tmp_path / "venv")
    assert rest == [version("curate-fer"), "True", "True", "True"]
    if not how:
        assert below(Path(place).parent / "_ui") == below(ROOT / "ui")


def test_the_readme_says_how_to_install_and_nothing_else() -> None:
    setup = (ROOT / "README.md").read_text(encoding="utf-8").split("## Set up")[1].split("\n## ")[0]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"^make install\b", setup, flags=re.MULTILINE)
    assert re.search(r"^install:", makefile, flags=re.MULTILINE)

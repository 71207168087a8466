"""The tree keeps its promises: who imports whom, what is loaded when, and what may appear where."""

import ast
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
VOCABULARY = (
    "errors", "names", "storage", "checksums", "spreadsheets", "seeding", "progress", "executors", "components",
    "emotions", "sample", "leaks", "transforms", "derive", "heads", "images", "hashing", "features", "faces", "html",
    "gallery",
)  # fmt: skip
STORES = (
    "config",
    "decisions",
    "catalog",
    "coverage",
    "labels",
    "resolution",
    "labellers",
    "lineage",
    "lock",
    "scores",
    "manifest",
    "runs",
    "workspace",
)
STAGES = ("ingest", "duplicates", "suspects", "review", "version", "augment", "audit", "benchmark")
FRONT = ("report", "next_steps", "terminal", "demo", "cli", "_ui", "__init__", "__main__")
"""What shows results imports what it shows, and what stands before it here."""
ORDER = (*VOCABULARY, *STORES)
MODULES = sorted((ROOT / "curate").rglob("*.py"))
SCREENS = sorted((ROOT / "ui").rglob("*.py"))


def room(path: Path) -> str:
    """The first part of a module's name below `curate`."""
    if path in SCREENS:
        return "_ui"
    return path.relative_to(ROOT / "curate").parts[0].removesuffix(".py")


def imported_rooms(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    return {name.split(".")[1] for name in names if name.startswith("curate.")} - {room(path)}


def test_every_module_has_a_room() -> None:
    assert {room(path) for path in MODULES} <= {*ORDER, *STAGES, *FRONT}


@pytest.mark.parametrize("path", [path for path in MODULES if room(path) in ORDER], ids=str)
def test_vocabulary_and_stores_import_only_what_stands_before_them(path: Path) -> None:
    assert imported_rooms(path) <= set(ORDER[: ORDER.index(room(path))])


@pytest.mark.parametrize("path", [path for path in MODULES if room(path) in STAGES], ids=str)
def test_stages_do_not_import_each_other(path: Path) -> None:
    assert not imported_rooms(path) & {*STAGES, *FRONT}


def test_a_report_needs_no_front_of_another_kind() -> None:
    for path in MODULES:
        if room(path) == "report":
            assert not imported_rooms(path) & {*FRONT} - {"report"}, path


def test_no_two_classes_share_a_name() -> None:
    defined = Counter(
        node.name
        for path in [*MODULES, *SCREENS]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    )
    assert [name for name, count in defined.items() if count > 1] == []


def test_sql_lives_in_the_catalog_alone() -> None:
    sql = re.compile(r"\b(SELECT .+ FROM|INSERT (OR \w+ )?INTO|DELETE FROM|CREATE TABLE)\b|import sqlite3")
    assert {room(path) for path in MODULES if sql.search(path.read_text(encoding="utf-8"))} == {"catalog"}


def test_pictures_are_opened_in_one_place() -> None:
    openers = re.compile(r"Image\.open|cv2\.imread|cv2\.imdecode")
    assert {room(path) for path in MODULES if openers.search(path.read_text(encoding="utf-8"))} == {"images"}


@pytest.mark.parametrize("path", SCREENS, ids=str)
def test_the_browser_reviewer_shows_and_decides_nothing_of_its_own(path: Path) -> None:
    assert not imported_rooms(path) & {"catalog", "ingest", "duplicates", "version", "augment", "demo", "cli"}


def test_only_the_browser_reviewer_knows_streamlit() -> None:
    assert not [path for path in MODULES if re.search(r"import streamlit|from streamlit", path.read_text("utf-8"))]


def test_every_package_is_installed() -> None:
    setuptools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    packages = {".".join(path.parent.relative_to(ROOT).parts) for path in MODULES if path.name == "__init__.py"}
    assert set(setuptools["packages"]) == packages
    assert setuptools["package-dir"] == {"": "."}


def test_every_direct_dependency_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(name for group in project["optional-dependencies"].values() for name in group),
    ]
    names = {re.split(r"[\[<>=]", name)[0] for name in wanted} - {project["name"]}
    pinned = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert names <= {line.split("==")[0].lower() for line in pinned if not line.startswith("#")}


def loaded_by(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(*{{name.split('.')[0] for name in sys.modules}})"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(result.stdout.split())


def test_the_command_line_loads_nothing_heavy() -> None:
    heavy = {"tensorflow", "keras", "streamlit", "albumentations", "sklearn", "pandas", "numpy", "cv2", "PIL", "scipy"}
    assert not loaded_by("import curate.cli") & {*heavy, "matplotlib"}


def test_ingest_loads_neither_pandas_nor_scipy() -> None:
    assert not loaded_by("import curate.ingest") & {"pandas", "scipy", "tensorflow", "streamlit", "sklearn"}


def test_the_benchmark_loads_no_backend_before_it_trains() -> None:
    heavy = {"tensorflow", "keras", "jax", "torch", "sklearn", "matplotlib", "scipy", "tensorboard"}
    assert not loaded_by("import curate.benchmark") & heavy


def test_a_report_loads_no_plots_before_it_draws() -> None:
    assert not loaded_by("import curate.report") & {
        "matplotlib",
        "tensorflow",
        "keras",
        "sklearn",
        "streamlit",
        "jinja2",
    }


def test_the_benchmark_names_backends_in_one_place() -> None:
    named = re.compile(r"\b(import (tensorflow|jax|torch)|tf\.|jax\.|torch\.)")
    files = [path for path in MODULES if room(path) in ("benchmark", "runs")]
    assert {path.name for path in files if named.search(path.read_text(encoding="utf-8"))} == {"keras_backend.py"}


BANNED = {"told", "stray", "strays", "kin", "kinship", "voice", "voices", "lend", "lending", "fate", "fates", "judging"}
"""Words that no name of the code has: each has meant several things, or hides what the thing is."""


def names_in(path: Path) -> Iterator[str]:
    """Every name that a file defines or uses."""
    yield path.stem
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        for field in ("name", "arg", "id", "attr", "asname"):
            name = getattr(node, field, None)
            if isinstance(name, str):
                yield name


def words_of(name: str) -> set[str]:
    """The words of a name in snake_case or CamelCase, in small letters."""
    return {
        word for part in name.split(".") for word in re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", part).lower().split("_")
    }


def test_names_are_words_of_the_field() -> None:
    banned = {
        str(path.relative_to(ROOT))
        for path in [*MODULES, *SCREENS]
        if any(words_of(name) & BANNED for name in names_in(path))
    }
    assert banned == set()


PACKAGES = sorted(path for path in [*MODULES, *SCREENS] if path.name == "__init__.py" and path.parent.name != "curate")


def modules_of(package: Path) -> set[str]:
    """Names of the modules and packages that lie in a package."""
    modules = {path.stem for path in package.parent.glob("*.py")} - {"__init__", "__main__"}
    return modules | {path.parent.name for path in package.parent.glob("*/__init__.py")}


def listed_in(package: Path) -> list[str]:
    """Names that stand before two or more spaces at the beginning of a line of a package's docstring."""
    text = ast.get_docstring(ast.parse(package.read_text(encoding="utf-8"))) or ""
    return re.findall(r"^(\w+)/? {2,}\S", text, flags=re.MULTILINE)


def test_every_package_says_what_each_of_its_modules_holds() -> None:
    wrong = {
        str(package.parent.relative_to(ROOT))
        for package in PACKAGES
        if sorted(listed_in(package)) != sorted(modules_of(package))
    }
    assert wrong == set()

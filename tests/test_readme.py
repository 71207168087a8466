import re
from pathlib import Path

import pytest
import typer

from curate.cli import app

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
GUIDE = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "manifests").glob("*/README.md"))]


def commands(app: typer.Typer = app) -> set[str]:
    """`freeze`, and with both words those of a group, such as `patch apply`."""
    own = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    groups = {
        f"{group.name} {name}" for group in app.registered_groups for name in commands(group.typer_instance or app)
    }
    return own | groups


def commands_in(text: str, *, before: str) -> set[str]:
    """Commands that stand in a text at the beginning of a line, after `before`."""
    groups = {group.name for group in app.registered_groups}
    found = re.findall(rf"^{before}curate (\w+)(?: (\w+))?", text, flags=re.MULTILINE)
    return {f"{one} {two}" if one in groups else one for one, two in found}


def test_every_command_is_documented() -> None:
    assert commands_in(README, before=r"\| `") == commands()


def test_the_guide_speaks_of_every_command() -> None:
    assert {command for command in commands() if not re.search(rf"\bcurate {command}\b", GUIDE)} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_of_a_page_is_real(page: Path) -> None:
    blocks = re.findall(r"^```\n(.*?)^```", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    assert {command for block in blocks for command in commands_in(block, before="")} <= commands()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
    local = [link for link in links if "://" not in link]
    assert [link for link in local if not (page.parent / link).exists()] == []


def test_set_up_takes_make_targets_that_exist() -> None:
    setup = re.search(r"## Set up.*?```\n(.*?)```", README, flags=re.DOTALL)
    targets = re.findall(r"^make (\w+)", setup.group(1) if setup else "", flags=re.MULTILINE)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert targets == ["install", "demo", "test"]
    assert all(re.search(rf"^{target}:", makefile, flags=re.MULTILINE) for target in targets)


def test_every_format_is_documented() -> None:
    from curate.ingest import FORMATS

    rows = "".join(f"| `{form.name}` | {form.summary} |\n" for form in FORMATS.values())
    assert f"| name | layout |\n|---|---|\n{rows}\n" in GUIDE


def test_every_export_format_is_documented() -> None:
    from curate.version import EXPORTS

    assert re.findall(r"^\| `--to ([\w-]+)` \|", GUIDE, flags=re.MULTILINE) == list(EXPORTS)


def test_example_settings_are_valid(tmp_path: Path) -> None:
    from curate.config import read_config

    example = re.search(r"```toml\n(.*?)```", GUIDE, flags=re.DOTALL)
    (tmp_path / "curate.toml").write_text(example.group(1) if example else "", encoding="utf-8")
    assert read_config(tmp_path).source_labels == {"kdef": {"AF": "fear"}}


def test_the_python_of_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from layouts import face, pixel_text, table_text

    monkeypatch.chdir(tmp_path)
    (tmp_path / "fer2013.csv").write_bytes(table_text(["emotion", "pixels"], [[3, pixel_text(face(1))]]))
    example = re.search(r"```python\n(.*?)```", README, flags=re.DOTALL)
    exec(example.group(1) if example else "raise AssertionError", {})  # noqa: S102


SHORT = (
    "README.md",
    "CONTRIBUTING.md",
    "docs/architecture.md",
    "docs/extending.md",
    "docs/glossary.md",
    "docs/guide.md",
)


def sentence_lengths(text: str) -> list[int]:
    """Words of each sentence; code and links count as one word, tables and headings are left out."""
    text = re.sub(r"^```.*?^```", "\n\n", text, flags=re.MULTILINE | re.DOTALL)
    lines = ["" if re.match(r"\s*(\||#|    \S)", line) else line for line in text.splitlines()]
    paragraphs = re.split(r"\n\s*\n|^\s*(?:[-*]|\d+\.)\s+", "\n".join(lines), flags=re.MULTILINE)
    lengths = []
    for paragraph in paragraphs:
        plain = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", re.sub(r"`[^`]*`", "code", paragraph))
        sentences = re.split(r"(?<=[.!?:])\s+", re.sub(r"[*_>]", "", plain))
        lengths += [len(re.findall(r"\w[\w'.,%-]*", sentence)) for sentence in sentences]
    return [length for length in lengths if length > 1]


@pytest.mark.parametrize("name", SHORT)
def test_sentences_are_short(name: str) -> None:
    lengths = sentence_lengths((ROOT / name).read_text(encoding="utf-8"))
    assert max(lengths) <= 40
    assert sum(lengths) / len(lengths) < 16


def test_the_architecture_names_every_room() -> None:
    rooms = re.findall(r"^\| `(\w+)` \|", (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8"), flags=re.M)
    there = {
        path.stem for path in (ROOT / "curate").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert sorted(rooms) == sorted(there - {"__init__", "__main__"})

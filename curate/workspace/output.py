"""Where pages and tables that show pictures go: `out/` of the workspace, which git ignores."""

from pathlib import Path

from curate.storage import replace_file, space_needed

__all__ = ["OUTPUT_FOLDER", "output_path"]

OUTPUT_FOLDER = "out"


def output_path(workspace_folder: Path, path: Path) -> Path:
    """The place of a page or table: a bare name lies in `out/`, a path with a folder stays as it is.

    `out/` is made when it is needed, with a .gitignore of its own that holds back everything: pictures of faces are not
    committed by oversight, also in workspaces older than this rule.

    Raises:
        StorageFull: there is no space for it.
    """
    out = workspace_folder / OUTPUT_FOLDER
    place = out / path.name if path == Path(path.name) else path
    if place.absolute().parent.resolve() == out.resolve():
        _make_ignored(out)
    return place


def _make_ignored(folder: Path) -> None:
    with space_needed(folder):
        folder.mkdir(exist_ok=True)
    ignored = folder / ".gitignore"
    if not ignored.exists():
        replace_file(ignored, "*\n")

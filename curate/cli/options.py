"""What the commands have in common: options, and the way to a workspace."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from curate.errors import VersionDamaged
from curate.terminal import complain, written

if TYPE_CHECKING:
    from curate.manifest import Version
    from curate.workspace import Workspace

__all__ = [
    "JsonOption",
    "NewerArgument",
    "OlderArgument",
    "VersionArgument",
    "WorkspaceOption",
    "file_option",
    "open_workspace",
    "readable_versions",
    "workspace_class",
    "write_beside",
]

WorkspaceOption = Annotated[
    Path, typer.Option("--workspace", help="Folder of the workspace, or one below it.", show_default="this folder")
]
VersionArgument = Annotated[str, typer.Argument(metavar="VERSION", help="Name of a version.")]
OlderArgument = Annotated[str, typer.Argument(metavar="A", help="The older version.")]
NewerArgument = Annotated[str, typer.Argument(metavar="B", help="The newer version.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def file_option(text: str, *, default: str = "") -> Any:
    """An option that takes a file to write; `text` is its help, `default` what the help shows as such."""
    return typer.Option(parser=_output_file, metavar="FILE", help=text, show_default=default or True)


def _output_file(text: str) -> Path:
    """Absolute where a folder is named (`./a.html`), else bare (`a.html`), which lies in `out/`."""
    path = Path(text).absolute() if os.path.dirname(text) else Path(text)  # noqa: PTH120 - Path forgets a leading ./
    if path.is_dir():
        raise typer.BadParameter(f"{text} is a folder; name a file")
    return path


def open_workspace(folder: Path) -> "Workspace":
    """The workspace in a folder or above it; numpy and the rest are only loaded now."""
    return workspace_class()(folder)


def write_beside(workspace: "Workspace", file: Path | None, write: Callable[[Path], object]) -> None:
    """Write a file that was asked for beside the result, and say where it lies; nothing where none was."""
    from curate.workspace.output import output_path

    if file is not None:
        path = output_path(workspace.folder, file)
        write(path)
        written(path)


def workspace_class() -> "type[Workspace]":
    """`Workspace`, loaded when a command needs it."""
    from curate.workspace import Workspace

    return Workspace


def readable_versions(workspace: "Workspace") -> "list[Version]":
    """The versions whose header can be read, oldest first; a line about each other one."""
    from curate.manifest import release_order

    versions = []
    for name in workspace.version_names():
        try:
            versions.append(workspace.version(name))
        except VersionDamaged as error:
            complain(str(error))
    return release_order(versions)

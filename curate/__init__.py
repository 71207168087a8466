"""curate: facial-emotion datasets that can be trusted.

The flow is the tree; each stage is a package of its own and meets the others only through what is stored:

    import curate
    from curate.ingest import ingest_source

    workspace = curate.Workspace.create("my-data")   # later: curate.Workspace("my-data") opens it
    ingest_source(workspace, "fer2013.csv")         # any layout: see `curate formats`
    workspace.samples(), workspace.occurrences()     # what is there, as data frames
    workspace.problems()                             # what could not be taken in, and why
"""

from typing import TYPE_CHECKING

from curate.errors import CurateError

if TYPE_CHECKING:
    from curate.workspace import Workspace

__version__: str

__all__ = ["CurateError", "Workspace", "__version__"]


def __getattr__(name: str) -> object:
    """Import what is used when it is first used, so that `curate --help` is instant."""
    if name == "__version__":
        from importlib.metadata import version

        return version("curate-fer")
    if name == "Workspace":
        from curate.workspace import Workspace

        return Workspace
    raise AttributeError(f"module 'curate' has no attribute {name!r}")

"""The command line: parse, call one stage, print. Stages are imported when their command runs.

sources            init, ingest, status, forget, formats, demo
checks             duplicates, audit
reviewing          suspects
review_server      review
versions           freeze, diff, verify
derived            augment, export
training           benchmark, compare, leaderboard, recipes
pages              report, view
listing            versions, log
show_sample        show
problems           problems
patches            patch export, patch apply
labels             labels import
options            what the commands have in common
hints              the next sensible command, after every command
records            records of the catalog as tables
summaries          what an ingest brought and a workspace holds
advice             what to write into curate.toml after an ingest
printing_versions  how versions are printed
printing_scores    how scores are printed
printing_patches   how patches are printed
"""

import os
import sys
from typing import Annotated

import typer

from curate.cli import (
    checks,
    derived,
    labels,
    listing,
    pages,
    patches,
    problems,
    review_server,
    reviewing,
    show_sample,
    sources,
    training,
    versions,
)
from curate.cli.hints import with_hint
from curate.errors import CurateError
from curate.storage import space_needed
from curate.terminal import complain, replace_unencodable, say

__all__ = ["app", "main"]

app = typer.Typer(
    name="curate",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:  # noqa: FBT001
    if wanted:
        import curate

        say(f"curate {curate.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version of curate.")
    ] = False,
) -> None:
    """Make facial-emotion datasets that can be trusted."""


for command in (
    sources.init,
    sources.ingest,
    checks.duplicates,
    checks.audit,
    reviewing.suspects,
    review_server.review,
    versions.freeze,
    versions.diff,
    versions.verify,
    derived.augment,
    derived.export,
    training.benchmark,
    training.compare,
    training.leaderboard,
    pages.report,
    training.recipes,
    sources.status,
    listing.versions,
    listing.log,
    show_sample.show,
    problems.problems,
    pages.view,
    sources.forget,
    sources.formats,
    sources.demo,
):
    app.command()(with_hint(command))
app.add_typer(patches.app, name="patch")
app.add_typer(labels.app, name="labels")

_INTERRUPTED = 130


def main() -> None:
    """Run `curate`; every error of this package becomes one line and exit code 3, an interrupt one line and 130."""
    replace_unencodable()
    try:
        with space_needed():
            try:
                app()
            finally:
                sys.stdout.flush()
    except CurateError as error:
        complain(str(error))
        _close_stdout()
        sys.exit(3)
    except PermissionError as error:  # of a file, to read or to write it
        complain(f"{error.filename or 'a file'} is closed to this user ({error.strerror}); ask for the right to it")
        _close_stdout()
        sys.exit(3)
    except BrokenPipeError:  # whoever read our output, such as `head`, has seen enough
        _close_stdout()
        sys.exit(1)
    except (KeyboardInterrupt, SystemExit) as leaving:  # Typer makes an exit of most interrupts
        if isinstance(leaving, SystemExit) and leaving.code != _INTERRUPTED:
            raise
        complain("interrupted; what was committed stays, and the same command goes on from there")
        sys.exit(_INTERRUPTED)


def _close_stdout() -> None:
    """What could not be printed must not be tried again on the way out."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)

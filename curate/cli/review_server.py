"""The command that starts the browser reviewer."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from curate.cli.options import WorkspaceOption, open_workspace
from curate.terminal import say

__all__ = ["review"]


def review(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Where the reviewer listens.")] = 8501,
    host: Annotated[
        str, typer.Option(help="Address to listen on; any but this machine's own can be reached by other machines.")
    ] = "127.0.0.1",
    votes: Annotated[int, typer.Option(min=1, help="How many reviewers decide each picture; ties come back.")] = 1,
    workspace: WorkspaceOption = Path(),
) -> None:
    """Start the browser reviewer: one key decides a picture, nothing is lost. Stop it with Ctrl-C.

    Example: curate review --votes 2
    """
    from curate._ui.launch import check_startable, keep_token, printed_address, serve

    here = open_workspace(workspace)
    here.check_writable()
    check_startable(host, port)
    token = keep_token(here.state / "review_token")
    say(f"Reviewing {here.folder}; open {printed_address(host, port, token)}")
    sys.stdout.flush()
    serve(str(here.folder), host=host, port=port, votes=votes, token=token)

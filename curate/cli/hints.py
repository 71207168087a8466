"""Every command ends with the next sensible one: a line on stderr, as programs read the result."""

import functools
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from curate.cli.options import open_workspace
from curate.errors import CurateError
from curate.terminal import print_table

if TYPE_CHECKING:
    from curate.next_steps import LoopState, NextStep

__all__ = ["print_loop", "step_line", "with_hint"]

_SAYS_IT_ITSELF = ("demo", "status")
_WITHOUT_WORKSPACE = {
    "formats": "next: `curate ingest PATH` recognises the layout by itself",
    "recipes": "next: `curate benchmark VERSION --recipe NAME` trains and scores one",
}
_FOUND_SOMETHING = 1


def with_hint(command: Callable[..., None]) -> Callable[..., None]:
    """The command, followed by what to do next; not with `--json`, not after an error."""
    if command.__name__ in _SAYS_IT_ITSELF:
        return command

    @functools.wraps(command)
    def run(**options: Any) -> None:
        leaving = None
        try:
            command(**options)
        except typer.Exit as exit_:
            if exit_.exit_code not in (0, _FOUND_SOMETHING):
                raise
            leaving = exit_
        if not options.get("as_json"):
            _print_hint(command.__name__, options)
        if leaving is not None:
            raise leaving

    return run


def step_line(step: "NextStep", folder: Path) -> str:
    """The step as one line that can be typed where the user is, for a workspace in `folder`."""
    inside = Path.cwd().resolve().is_relative_to(folder)
    where = "" if inside else f" --workspace {shlex.quote(str(folder))}"
    return f"next: `curate {step.command}{where}` {step.does}"


def print_loop(state: "LoopState") -> None:
    """The stages of the loop, what there is of each, and which of them comes next."""
    from curate.next_steps import next_steps, stages

    here = next_steps(state)[0].stage
    rows = [("next" if stage.name == here else "", *stage) for stage in stages(state)]
    print_table("Where in the loop this is", ["", "stage", "what there is"], rows)


def _print_hint(name: str, options: dict[str, Any]) -> None:
    line = _WITHOUT_WORKSPACE.get(name)
    folder = options.get("folder") if name == "init" else options.get("workspace")
    if line is None and folder is not None:
        from curate.next_steps import next_step, read_loop_state

        try:
            here = open_workspace(folder)
            line = step_line(next_step(read_loop_state(here), after=name), here.folder)
        except CurateError:  # the command has done its work; what is wrong here is said by the command that needs it
            return
    if line:
        sys.stdout.flush()
        sys.stderr.write(line + "\n")

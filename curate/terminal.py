"""What a person sees: tables on stdout, progress bars and one-line errors on stderr."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from curate.progress import Advance

__all__ = ["bars", "complain", "open_file", "print_json", "print_table", "say", "without_decoder_noise", "written"]


_WIDTH_OF_FILES = 160
"""Columns of a table that goes to a file or a pipe, where nobody can widen the window."""


def say(text: str) -> None:
    """A line of the result."""
    sys.stdout.write(text + "\n")


def written(path: Path) -> None:
    """Where a file lies that was asked for beside the result; on stderr, as programs read the result."""
    sys.stderr.write(f"written: {path}\n")


def open_file(path: Path) -> bool:
    """Show a file with the program that this machine has for it; False where nobody sits before a desktop."""
    if sys.platform == "linux":
        opener = shutil.which("xdg-open")
        if opener is None or not {"DISPLAY", "WAYLAND_DISPLAY"} & set(os.environ):
            return False
        detached = ["/bin/sh", "-c", '"$0" "$1" > /dev/null 2>&1 &', opener, str(path)]  # some viewers stay till closed
        return subprocess.run(detached, check=False).returncode == 0
    import typer

    return typer.launch(str(path)) == 0


def complain(text: str) -> None:
    """A line about what went wrong."""
    sys.stderr.write(f"curate: {text}\n")


def print_json(value: Any) -> None:
    """One JSON object on stdout."""
    json.dump(value, sys.stdout, indent=2, ensure_ascii=False, default=str)
    sys.stdout.write("\n")


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table whose numbers are right-aligned; texts from files are shown as they are, never as markup."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    filled = [list(row) for row in rows]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for index, name in enumerate(columns):
        numbers = all(isinstance(row[index], int | float | None) for row in filled)
        table.add_column(Text(name), justify="right" if numbers else "left", overflow="fold")
    for row in filled:
        table.add_row(*(Text(_cell(value)) for value in row))
    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else _WIDTH_OF_FILES)
    console.print(Text(f"\n{title}", "bold"))
    console.print(table)


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) else str(value)


@contextmanager
def bars(task: str, total: int | None, *, unit: str) -> Iterator[Advance]:
    """A progress bar with rate and time left, where stderr is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
    from rich.text import Text

    class Rate(TextColumn):
        def render(self, task: Any) -> Text:
            return Text("" if task.speed is None else f"{task.speed:,.0f} {unit}/s", style="progress.data.speed")

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    console = Console(file=sys.stderr)
    with Progress(*columns, Rate(""), TimeRemainingColumn(), console=console, disable=not console.is_terminal) as shown:
        number = shown.add_task(task, total=total)
        yield lambda done: shown.advance(number, done)
        shown.update(number, total=shown.tasks[number].completed)


@contextmanager
def without_decoder_noise() -> Iterator[None]:
    """Keep what native decoders print about damaged files off the screen; damage is reported as problems.

    They write to file descriptor 2 behind Python's back, so that is where they are silenced; `sys.stderr` goes on.
    """
    own = sys.__stderr__
    if own is None or sys.stderr is not own:  # somebody captures it: leave all as it is
        yield
        return
    own.flush()
    kept = os.dup(2)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 2)
    os.close(silence)
    try:
        with open(kept, "w", encoding=own.encoding, errors=own.errors, buffering=1, closefd=False) as visible:
            sys.stderr = visible
            yield
    finally:
        sys.stderr = own
        os.dup2(kept, 2)
        os.close(kept)

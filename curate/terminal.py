"""What a person sees: tables on stdout, progress bars and one-line errors on stderr.

Names and labels come from strangers, and a terminal obeys some characters. All that is printed goes through here, where
such characters are replaced by what one would type for them in Python.
"""

import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from curate.progress import Advance

__all__ = [
    "bars",
    "complain",
    "open_file",
    "print_json",
    "print_records",
    "print_table",
    "remark",
    "replace_unencodable",
    "say",
    "visible",
    "without_decoder_noise",
    "written",
]

_OBEYED = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # control characters: C0, DEL, C1
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # direction
    "\xad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200d\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"  # invisible
    "\u2028\u2029\ud800-\udfff]"  # ends of lines, and what is no character at all, such as undecodable file names
)
"""Characters that a terminal obeys or does not show.

Source: Unicode 15, general categories Cc, Cf, Cs, Zl and Zp, but for number signs, which are seen; and
Default_Ignorable_Code_Point, but for variation selectors, which follow many an emoji.
"""

_WIDTH_OF_FILES = 160
"""Columns of a table that goes to a file or a pipe, where nobody can widen the window."""


def visible(text: str) -> str:
    r"""The text on one line; `\x1b` and the like stand in it for characters that a terminal obeys or does not show."""
    return _OBEYED.sub(lambda match: match.group().encode("unicode_escape").decode("ascii"), text)


def replace_unencodable() -> None:
    """Let `?` stand for characters that the console's encoding lacks, as on a Windows with an old code page.

    What goes to stderr is escaped by Python itself.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def say(text: str) -> None:
    """A line of the result."""
    sys.stdout.write(visible(text) + "\n")


def remark(text: str) -> None:
    """A line beside the result; on stderr, as programs read the result."""
    sys.stderr.write(visible(text) + "\n")


def written(path: Path) -> None:
    """Where a file lies that was asked for beside the result."""
    remark(f"written: {path}")


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
    remark(f"curate: {text}")


def print_json(value: Any) -> None:
    """One JSON object on stdout; what a terminal obeys or lacks is an escape in it, so that texts read the same."""
    is_utf8 = (sys.stdout.encoding or "utf-8").lower().startswith("utf")
    text = json.dumps(value, indent=2, ensure_ascii=not is_utf8, default=str)
    sys.stdout.write(_OBEYED.sub(lambda match: _json_escape(match.group()), text) + "\n")


def _json_escape(character: str) -> str:
    """Of a character in a string of JSON; its line ends are our own, as those in strings are escaped already."""
    return character if character == "\n" else json.dumps(character)[1:-1]


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table whose numbers are right-aligned; texts from files are shown as they are, never as markup.

    One without rows is a sentence.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    filled = [list(row) for row in rows]
    if not filled:
        say(f"{title}: none")
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for index, name in enumerate(columns):
        numbers = all(isinstance(row[index], int | float | None) for row in filled)
        table.add_column(Text(visible(name)), justify="right" if numbers else "left", overflow="fold")
    for row in filled:
        table.add_row(*(Text(_cell(value)) for value in row))
    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else _WIDTH_OF_FILES)
    console.print(Text(f"\n{visible(title)}", "bold"))
    console.print(table)


def print_records(title: str, records: Sequence[Mapping[str, object]]) -> None:
    """A table of records that have the same keys; its columns are called like them."""
    print_table(title, list(records[0]) if records else [], [list(record.values()) for record in records])


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) else visible(str(value))


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
    with Progress(*columns, Rate(""), TimeRemainingColumn(), console=console, disable=not console.is_terminal) as bar:
        task_id = bar.add_task(visible(task), total=total)
        yield lambda done: bar.advance(task_id, done)
        bar.update(task_id, total=bar.tasks[task_id].completed)


@contextmanager
def without_decoder_noise() -> Iterator[None]:
    """Keep what native decoders print about damaged files off the screen; damage is reported as problems.

    They write to file descriptor 2 behind Python's back, so that is where they are silenced; `sys.stderr` goes on.
    """
    stderr = sys.__stderr__
    if stderr is None or sys.stderr is not stderr:  # somebody captures it: leave all as it is
        yield
        return
    stderr.flush()
    screen = os.dup(2)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 2)
    os.close(silence)
    try:
        with open(screen, "w", encoding=stderr.encoding, errors=stderr.errors, buffering=1, closefd=False) as loud:
            sys.stderr = loud
            yield
    finally:
        sys.stderr = stderr
        os.dup2(screen, 2)
        os.close(screen)

"""Tables that people open in a spreadsheet program, which takes some texts for formulas and runs them.

File names, labels and names of reviewers come from elsewhere. In tables for people, a text that would become a formula
gets an apostrophe before it, which spreadsheet programs take for "this is text". Tables for programs (`curate export`,
patches, logs of runs) are written as they are, because they must read back the same.

Tables that people bring are read in the ways in which programs write them.
"""

import csv
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Generator, Mapping, Sequence
from io import BufferedReader, RawIOBase, TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from curate.storage import space_needed

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "DELIMITERS",
    "KEY_COLUMNS",
    "LABEL_COLUMNS",
    "find_columns",
    "read_rows",
    "to_csv",
    "unguarded",
    "write_csv",
]

_BEGIN_FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""Source: OWASP, CSV Injection, https://owasp.org/www-community/attacks/CSV_Injection."""

DELIMITERS = (",", "\t", ";", "|")
"""What may stand between columns; spreadsheet programs write `;` where the comma is the decimal sign."""

KEY_COLUMNS = (
    *("path", "file", "filename", "file_name", "filepath", "file_path", "image", "image_path", "image_name", "img"),
    *("img_path", "img_name", "picture", "photo", "pth", "name"),
)
LABEL_COLUMNS = ("label", "emotion", "class", "expression", "labels", "emotion_label", "class_name", "label_name")
"""Names that people give to columns of paths and of labels, the likeliest first."""

_SEPARATORS = re.compile(r"[\s.-]+")
_LINE_END = "\r\n"
"""As in RFC 4180, section 2; also, only then are texts quoted that hold either, and none becomes a row of its own."""


def to_csv(table: "pd.DataFrame") -> str:
    """The table as CSV for people; numbers, missing values and harmless texts as they are."""
    texts = {str(name): _as_text(column) for name, column in table.items() if _holds_text(column)}
    return table.assign(**texts).to_csv(index=False, lineterminator=_LINE_END)


def write_csv(table: "pd.DataFrame", path: Path) -> None:
    """Write `to_csv` to a file.

    Raises:
        StorageFull: there is no space for it.
    """
    with space_needed(path), path.open("w", encoding="utf-8", newline="") as file:
        file.write(to_csv(table))


def _holds_text(column: "pd.Series[str]") -> bool:
    return str(column.dtype) in ("object", "str", "string", "category")


def _as_text(column: "pd.Series[str]") -> "pd.Series[str]":
    marked = column.map(lambda cell: isinstance(cell, str) and cell.startswith(_BEGIN_FORMULAS)).astype(bool)
    return column.astype(object).mask(marked, "'" + column.astype(str))


def unguarded(cell: str) -> str:
    """A text without the apostrophe that `to_csv` puts before what would be a formula."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_BEGIN_FORMULAS) else cell


def read_rows(file: BinaryIO, *, delimiter: str = ",") -> Generator[list[str], None, None]:
    """The rows of a table, with its header, without empty ones; line ends of any system, UTF-8 or marked UTF-16.

    Bytes that are no text appear as backslash escapes, as they do in the names of files. The file is closed.

    Raises:
        csv.Error: it is no table from here on; whatever reading the file may raise is raised, too.
    """
    with BufferedReader(cast(RawIOBase, file)) as whole:
        encoding = "utf-16" if whole.peek(2)[:2] in (BOM_UTF16_LE, BOM_UTF16_BE) else "utf-8-sig"
        with TextIOWrapper(whole, encoding=encoding, errors="backslashreplace", newline="") as text:
            yield from (row for row in csv.reader(text, delimiter=delimiter) if any(cell.strip() for cell in row))


def find_columns(header: Sequence[str], names: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Where a table holds what is looked for.

    Args:
        header: names of its columns; case, spaces, hyphens and dots do not matter.
        names: what is looked for -> names that people give it, the likeliest first.

    Returns:
        What was found -> place of the column.
    """
    plain = [_SEPARATORS.sub("_", name.strip().casefold()) for name in header]
    found = {}
    for wanted, synonyms in names.items():
        place = next((plain.index(name) for name in synonyms if name in plain), None)
        if place is not None:
            found[wanted] = place
    return found

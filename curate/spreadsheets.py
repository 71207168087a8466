"""Tables that people open in a spreadsheet program, which takes some texts for formulas and runs them.

File names, labels and names of reviewers come from elsewhere. In tables for people, a text that would become a formula
gets an apostrophe before it, which spreadsheet programs take for "this is text". Tables for programs (`curate export`,
patches, logs of runs) are written as they are, because they must read back the same.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from curate.storage import space_needed

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["to_csv", "write_csv"]

_BEGIN_FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""Source: OWASP, CSV Injection, https://owasp.org/www-community/attacks/CSV_Injection."""

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

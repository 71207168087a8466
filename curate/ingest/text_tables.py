"""Tables as text: CSV in the ways in which programs write it, a row at a time."""

import codecs
import csv
from collections.abc import Iterator
from io import TextIOWrapper

from curate.errors import SourceUnreadable
from curate.ingest.delivery import READ_ERRORS, Delivery

__all__ = ["column_places", "read_head", "read_rows"]

_HEAD_BYTES = 2**16
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_rows(delivery: Delivery, path: str, *, delimiter: str = ",") -> Iterator[list[str]]:
    """The rows of a table, with its header, without empty ones; line ends of any system, UTF-8 or marked UTF-16.

    Bytes that are no text appear as backslash escapes, as they do in the names of files.

    Raises:
        SourceUnreadable: the table breaks off here.
    """
    encoding = "utf-16" if read_head(delivery, path)[:2] in _UTF16 else "utf-8-sig"
    with TextIOWrapper(delivery.open(path), encoding=encoding, errors="backslashreplace", newline="") as text:
        try:
            yield from (row for row in csv.reader(text, delimiter=delimiter) if any(cell.strip() for cell in row))
        except (*READ_ERRORS, csv.Error) as error:
            raise SourceUnreadable(f"{path} breaks off or is no table: {error}; fetch it again") from None


def read_head(delivery: Delivery, path: str) -> bytes:
    """The first bytes of a file; none where it cannot be read."""
    try:
        with delivery.open(path) as file:
            return file.read(_HEAD_BYTES)
    except (*READ_ERRORS, SourceUnreadable):
        return b""


def column_places(header: list[str]) -> dict[str, int]:
    """Column name, in lower case and without spaces around it, -> its place; of two alike the first."""
    names = [name.strip().casefold() for name in header]
    return {name: names.index(name) for name in names}

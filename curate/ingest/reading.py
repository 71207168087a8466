"""What a reader promises: to say whether a delivery is its format, and to yield what was delivered, one by one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum

from curate.ingest.delivery import ARCHIVE_SUFFIXES, Delivery, Member
from curate.sample import Problem, SourceItem

__all__ = [
    "PICTURE_SUFFIXES",
    "Certainty",
    "Format",
    "Options",
    "Reading",
    "Recognition",
    "ignored_file",
    "is_archive",
    "is_picture",
    "read_pictures",
]

PICTURE_SUFFIXES = frozenset(
    (".jpg", ".jpeg", ".jpe", ".png", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm", ".ppm", ".pnm")
)


_ARCHIVES = (*ARCHIVE_SUFFIXES, ".7z", ".rar")


class Certainty(IntEnum):
    """How sure a reader is that a delivery is its own."""

    POSSIBLE = 1
    CERTAIN = 2


@dataclass(frozen=True, slots=True)
class Recognition:
    """A reader's claim to a delivery, with its reason in words."""

    certainty: Certainty
    why: str


@dataclass(frozen=True, slots=True)
class Options:
    """What the user says about a source.

    Attributes:
        source: its name, the namespace of subjects where the format knows none.
        labels: a side table of labels or votes, already opened.
    """

    source: str
    labels: Delivery | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A delivery being read.

    Attributes:
        total: how many items will come, for the progress bar; None = not known.
        items: what was delivered, and what could not be read, in the delivery's order; the same on every reading.
        remarks: what the reader wants to tell the user, such as the agreement of a side table.
    """

    total: int | None
    items: Iterator[SourceItem | Problem]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Format:
    """One dataset layout.

    Attributes:
        name: as `--format` takes it.
        summary: one line for `curate formats`.
        recognise: None = certainly not this format.
        read: may raise `SourceError` before the first item; a broken item is a problem.
        in_bulk: pixels come as text that is parsed many at once, which threads do best; picture files are many small
            steps that hold Python's lock, which processes do best.
        takes_labels: whether `--labels FILE` means anything to it.
        revision: raised when the reader begins to read a delivery differently, so that it is read again.
    """

    name: str
    summary: str
    recognise: Callable[[Delivery], Recognition | None]
    read: Callable[[Delivery, Options], Reading]
    in_bulk: bool = False
    takes_labels: bool = False
    revision: int = 1


def is_picture(member: Member) -> bool:
    """Whether the file name says picture."""
    return member.suffix in PICTURE_SUFFIXES


def is_archive(member: Member) -> bool:
    """Whether the file name says archive."""
    return member.suffix in _ARCHIVES


def ignored_file(member: Member, reason: str) -> Problem:
    """The problem of a file that no reader has a use for; an archive may hold what is missed."""
    if is_archive(member):
        reason = "an archive inside the delivery, which was not opened; unpack it and ingest it by itself"
        return Problem(member.path, "nested-archive", reason)
    return Problem(member.path, "ignored-file", reason)


def read_pictures(
    delivery: Delivery, describe: Callable[[str, bytes], SourceItem], members: list[Member]
) -> Iterator[SourceItem | Problem]:
    """Contents of picture members, each described by its path."""
    for path, content in delivery.read([member.path for member in members]):
        yield content if isinstance(content, Problem) else describe(path, content)

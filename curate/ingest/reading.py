"""What a reader promises: to say whether a delivery is its format, and to yield what was delivered, one by one."""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from curate.ingest.delivery import ARCHIVE_SUFFIXES, Delivery, Member
from curate.sample import Problem, SourceItem

__all__ = [
    "PICTURE_SUFFIXES",
    "Format",
    "Options",
    "Reading",
    "Recognition",
    "Specificity",
    "ignored_files",
    "is_archive",
    "pictures_in",
    "read_pictures",
]

PICTURE_SUFFIXES = frozenset(
    (".jpg", ".jpeg", ".jpe", ".png", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm", ".ppm", ".pnm")
)
_ARCHIVES = (*ARCHIVE_SUFFIXES, ".7z", ".rar")


class Specificity(IntEnum):
    """What a reader's claim to a delivery rests on; the most specific claim wins.

    Attributes:
        PICTURES: there are pictures.
        FOLDERS: a layout that many datasets have, such as class folders.
        RECORDS: a file that says what pictures show, and names pictures that are there.
        DATASET: names or columns that only one dataset has.
    """

    PICTURES = 1
    FOLDERS = 2
    RECORDS = 3
    DATASET = 4


@dataclass(frozen=True, slots=True)
class Recognition:
    """A reader's claim to a delivery, with its reason in words."""

    specificity: Specificity
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
        remarks: what the reader has to say to the user, such as the agreement of a side table.
    """

    total: int | None
    items: Iterator[SourceItem | Problem]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Format:
    """One dataset layout.

    Attributes:
        name: as `--format` takes it.
        summary: one line in Markdown for `curate formats` and the guide.
        recognise: None = certainly not this format.
        read: may raise `SourceError` before the first item; a broken item is a problem.
        numberings: dataset -> number -> label, to be offered for labels that are numbers; never applied unasked.
        in_bulk: pixels come as text that is parsed many at once, which threads do best; picture files are many small
            steps that hold Python's lock, which processes do best.
        takes_labels: whether `--labels FILE` means anything to it.
        revision: raised when the reader begins to read a delivery differently, so that it is read again.
    """

    name: str
    summary: str
    recognise: Callable[[Delivery], Recognition | None]
    read: Callable[[Delivery, Options], Reading]
    numberings: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    in_bulk: bool = False
    takes_labels: bool = False
    revision: int = 1


def pictures_in(delivery: Delivery) -> list[Member]:
    """The members whose names say picture, in the delivery's order."""
    return [member for member in delivery.members if member.suffix in PICTURE_SUFFIXES]


def is_archive(member: Member) -> bool:
    """Whether the file name says archive."""
    return member.suffix in _ARCHIVES


def ignored_files(delivery: Delivery, used: Container[Member], reason: str) -> Iterator[Problem]:
    """Problems of the members that a reader has no use for; an archive may hold what is missed."""
    for member in delivery.members:
        if member in used:
            continue
        if is_archive(member):
            nested = "an archive inside the delivery, which was not opened; unpack it and ingest it by itself"
            yield Problem(member.path, "nested-archive", nested)
        else:
            yield Problem(member.path, "ignored-file", reason)


def read_pictures(
    delivery: Delivery, describe: Callable[[str, bytes], SourceItem], members: Iterable[Member]
) -> Iterator[SourceItem | Problem]:
    """Contents of picture members, each described by its path; one that cannot be read as a problem."""
    for path, content in delivery.read([member.path for member in members]):
        yield content if isinstance(content, Problem) else describe(path, content)

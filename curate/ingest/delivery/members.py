"""What a delivery holds, and which of its members are too dangerous or too strange to touch.

Nothing is ever unpacked to disk; an unsafe name could do no harm here, but it marks an archive that was made to.
"""

import lzma
import os
import re
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO, BinaryIO, NamedTuple, cast

from curate.errors import SourceUnreadable
from curate.sample import Problem

__all__ = [
    "LFS_POINTER",
    "READ_ERRORS",
    "Delivery",
    "Failure",
    "Listing",
    "Member",
    "clean_path",
    "is_clutter",
    "is_lfs_pointer",
]

READ_ERRORS = (
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, struct.error),
    *(OSError, EOFError, ValueError, RuntimeError, LookupError, OverflowError),
)
"""What reading damaged or deceitful files and archives raises."""

MAX_PICTURE_BYTES = 256 * 2**20
MAX_TABLE_BYTES = 16 * 2**30
MAX_COMPRESSION_RATIO = 250.0
"""Deflate reaches 1,032 at most, on constant bytes; real pictures and tables stay below 20."""
LFS_POINTER = "lfs-pointer"
_LFS_BEGINNING, _LFS_BELOW_BYTES = b"version https://git-lfs.github.com/spec/", 1024
"""Source: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md, The Pointer."""
_LFS_REASON = "a Git LFS pointer, not the file itself; run `git lfs pull` in the repository that it comes from"
_TABLES = (".csv", ".txt", ".tsv")
_RATIO_MATTERS_FROM_BYTES = 2**20
_CLUTTER = re.compile(r"(^|/)(__MACOSX/|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$|\.git/)", re.IGNORECASE)


class Member(NamedTuple):
    """One file of a delivery.

    Attributes:
        path: inside the delivery, with `/`; unique, and fit for storing.
        size: in bytes, as the delivery states it.
        check: a cheap content check (an archive's CRC) or an empty text; equal files have equal checks.
    """

    path: str
    size: int
    check: str = ""

    @property
    def parts(self) -> tuple[str, ...]:
        """Folder names and the file name."""
        return tuple(self.path.split("/"))

    @property
    def suffix(self) -> str:
        """Lower-case extension with its dot, or an empty text."""
        return os.path.splitext(self.path)[1].lower()  # noqa: PTH122 - a path object costs more than reading the member


class Failure(NamedTuple):
    """A member that cannot be read, for the user and for the list of problems."""

    sentence: str
    problem: Problem


@dataclass(frozen=True)
class Delivery:
    """A dataset as delivered, whatever it came in.

    Attributes:
        name: of the file or folder.
        members: all are safe to read.
        problems: these name what is not.
        unpack: one member as a stream, by its path; raises `READ_ERRORS`.
        failure: what to say of a path, and of what `unpack` raised.
        fingerprint: changes when the delivery changes; does not depend on this program's version.
        close: lets go of open files.
    """

    name: str
    members: tuple[Member, ...]
    problems: tuple[Problem, ...]
    unpack: Callable[[str], IO[bytes]]
    failure: Callable[[str, Exception], Failure]
    fingerprint: Callable[[], str]
    close: Callable[[], None] = lambda: None

    def open(self, path: str) -> BinaryIO:
        """One member as a stream, for tables.

        Raises:
            SourceUnreadable: the member is broken.
        """
        try:
            return cast(BinaryIO, self.unpack(path))
        except READ_ERRORS as error:
            raise SourceUnreadable(self.failure(path, error).sentence) from None

    def read(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes | Problem]]:
        """Contents of members, in the delivery's own order; a broken one as a problem."""
        wanted = set(paths)
        for path, size, _ in self.members:
            if path in wanted:
                try:
                    with self.unpack(path) as file:
                        yield path, file.read(min(size + 1, MAX_PICTURE_BYTES))
                except READ_ERRORS as error:
                    yield path, self.failure(path, error).problem


@dataclass(slots=True)
class Listing:
    """Collects members while a delivery is listed; refuses what is dangerous, a pointer, or there already."""

    members: list[Member] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    _paths: set[str] = field(default_factory=set)

    def add(self, member: Member, refusal: str | None, *, packed: int, unpack: Callable[[], IO[bytes]]) -> bool:
        """Take in a member, or note why not.

        Args:
            member: what was listed.
            refusal: why it must not be read; None = nothing is known against it yet.
            packed: bytes that it takes in the delivery.
            unpack: its content as a stream.

        Returns:
            Whether it was taken in.
        """
        refusal = refusal or _unsafe_size(member, packed)
        if refusal is None and member.path in self._paths:
            refusal = "the name occurs twice; the first file of that name is used"
        if refusal is not None:
            self.problems.append(Problem(member.path, "refused-member", refusal))
        elif _is_small_pointer(member, unpack):
            self.problems.append(Problem(member.path, LFS_POINTER, _LFS_REASON))
        else:
            self._paths.add(member.path)
            self.members.append(member)
            return True
        return False


def clean_path(name: str) -> tuple[str, str | None]:
    """A member's path as it can be shown and stored, and why it must not be read (None = fine).

    Bytes that are not UTF-8 appear as backslash escapes.
    """
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace").replace("\x00", "\\x00")
    # Whatever system made the archive, a backslash that separates folders is a separator.
    path = text if "\\x" in text else text.replace("\\", "/")
    if path.startswith("/") or path[1:2] == ":":
        return path, "an absolute path leaves the folder"
    parts = path.split("/")
    if ".." in parts:
        return path, "the path leaves the folder"
    named = [part for part in parts if part not in ("", ".")]
    return ("/".join(named), None) if named else (path, "it has no name")


def is_lfs_pointer(data: bytes) -> bool:
    """Whether a file's content is what Git LFS puts in its place until it is fetched."""
    return data.startswith(_LFS_BEGINNING)


def is_clutter(path: str) -> bool:
    """Whether the operating system, not the dataset's maker, left this file."""
    return _CLUTTER.search(path) is not None


def _unsafe_size(member: Member, packed: int) -> str | None:
    """Why a member of that size must not be unpacked; None = fine."""
    limit = MAX_TABLE_BYTES if member.suffix in _TABLES else MAX_PICTURE_BYTES
    if member.size > limit:
        return f"{member.size:,} bytes are over the limit of {limit:,}"
    if member.size > _RATIO_MATTERS_FROM_BYTES and member.size > packed * MAX_COMPRESSION_RATIO:
        return f"{packed:,} bytes claim to unpack to {member.size:,}: an archive bomb"
    return None


def _is_small_pointer(member: Member, unpack: Callable[[], IO[bytes]]) -> bool:
    if not len(_LFS_BEGINNING) < member.size < _LFS_BELOW_BYTES:
        return False
    try:
        with unpack() as file:
            return is_lfs_pointer(file.read(64))
    except READ_ERRORS:  # its reader will find that, too
        return False

"""Folders and single files as deliveries."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from curate.errors import SourceUnreadable
from curate.ingest.delivery.members import MAX_PICTURE_BYTES, Listing, Member, clean_path, in_order, is_clutter
from curate.sample import Problem

__all__ = ["FileDelivery", "FolderDelivery"]


class FolderDelivery:
    """A folder on disk. Links are not followed."""

    def __init__(self, folder: Path) -> None:
        self.name = folder.name
        self._paths: dict[str, Path] = {}
        self._stamps: list[str] = []
        listing = Listing()
        for entry in _walk(folder, listing):
            self._add(folder, entry, listing)
        self.members = tuple(listing.members)
        self.problems = tuple(listing.problems)

    def fingerprint(self) -> str:
        """Digest over every file's path, size and time of last change."""
        return hashlib.sha256("\n".join(self._stamps).encode()).hexdigest()

    def open(self, path: str) -> BinaryIO:
        """One file as a stream."""
        try:
            return self._paths[path].open("rb")
        except OSError as error:
            raise SourceUnreadable(f"{self._paths[path]} cannot be read: {error.strerror}") from None

    def read(self, paths: Sequence[str]) -> Iterator[tuple[str, bytes | Problem]]:
        """Contents of files; one that cannot be read as a problem."""
        for path, *_ in in_order(self.members, paths):
            try:
                yield path, self._paths[path].read_bytes()
            except OSError as error:
                yield path, Problem(path, "unreadable-file", f"cannot be read: {error.strerror}")

    def close(self) -> None:
        """Nothing is held open."""

    def _add(self, folder: Path, entry: "os.DirEntry[str]", listing: Listing) -> None:
        path, refusal = clean_path(os.path.relpath(entry.path, folder))
        if is_clutter(path):
            return
        if entry.is_symlink():
            refusal = "a link; only real files are read"
        elif not entry.is_file(follow_symlinks=False):
            refusal = "not a regular file"
        status = entry.stat(follow_symlinks=False)
        self._stamps.append(f"{path}\x1f{status.st_size}\x1f{status.st_mtime_ns}")
        member, file = Member(path, status.st_size), Path(entry.path)
        if listing.add(member, refusal, packed=status.st_size, unpack=lambda: file.open("rb")):
            self._paths[path] = file


class FileDelivery:
    """A single file that is no archive."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self._path = path
        self._key, _ = clean_path(path.name)
        self.members: tuple[Member, ...] = (Member(self._key, path.stat().st_size),)
        self.problems: tuple[Problem, ...] = ()

    def fingerprint(self) -> str:
        """sha256 of the file."""
        return file_sha256(self._path)

    def open(self, path: str) -> BinaryIO:  # noqa: ARG002
        """The file as a stream."""
        return self._path.open("rb")

    def read(self, paths: Sequence[str]) -> Iterator[tuple[str, bytes | Problem]]:
        """The file's content, if it is asked for and not too large for a picture."""
        if self._key in paths:
            with self._path.open("rb") as file:
                yield self._key, file.read(MAX_PICTURE_BYTES)

    def close(self) -> None:
        """Nothing is held open."""


def file_sha256(path: Path) -> str:
    """sha256 of a file as hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _walk(folder: Path, listing: Listing) -> Iterator["os.DirEntry[str]"]:
    """All entries below a folder that are not folders, in alphabetical order of their paths."""
    try:
        with os.scandir(folder) as entries:
            ordered = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        listing.problems.append(Problem(str(folder), "unreadable-folder", f"cannot be listed: {error.strerror}"))
        return
    for entry in ordered:
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(Path(entry.path), listing)
        else:
            yield entry

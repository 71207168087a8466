"""Folders and single files as deliveries."""

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import BinaryIO

from curate.ingest.delivery.members import Delivery, Failure, Listing, Member, clean_path, is_clutter
from curate.sample import Problem

__all__ = ["file_sha256", "open_file", "open_folder"]


def open_folder(folder: Path) -> Delivery:
    """A folder on disk; links are not followed. Its fingerprint is of each file's path, size and time of change."""
    files: dict[str, Path] = {}
    stamps: list[str] = []
    listing = Listing()
    for entry in _walk(folder, listing):
        path, refusal = clean_path(os.path.relpath(entry.path, folder))
        if is_clutter(path):
            continue
        if entry.is_symlink():
            refusal = "a link; only real files are read"
        elif not entry.is_file(follow_symlinks=False):
            refusal = "not a regular file"
        status, file = entry.stat(follow_symlinks=False), Path(entry.path)
        stamps.append(f"{path}\x1f{status.st_size}\x1f{status.st_mtime_ns}")
        member = Member(path, status.st_size)
        if listing.add(member, refusal, packed=status.st_size, unpack=partial(_open, file)):
            files[path] = file
    fingerprint = hashlib.sha256("\n".join(stamps).encode()).hexdigest
    return _delivery(folder.name, files, listing=listing, fingerprint=fingerprint)


def open_file(file: Path) -> Delivery:
    """A single file that is no archive; its reader finds what is wrong with it."""
    path, _ = clean_path(file.name)
    listing = Listing([Member(path, file.stat().st_size)])
    return _delivery(file.name, {path: file}, listing=listing, fingerprint=partial(file_sha256, file))


def _delivery(name: str, files: Mapping[str, Path], *, listing: Listing, fingerprint: Callable[[], str]) -> Delivery:
    def failure(path: str, error: Exception) -> Failure:
        what = f"cannot be read: {error.strerror if isinstance(error, OSError) else error}"
        return Failure(f"{files[path]} {what}", Problem(path, "unreadable-file", what))

    members, problems = tuple(listing.members), tuple(listing.problems)
    return Delivery(name, members, problems, lambda path: _open(files[path]), failure, fingerprint)


def _open(file: Path) -> BinaryIO:
    return file.open("rb")


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

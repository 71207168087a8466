"""Zip and tar archives as deliveries, read in place."""

import tarfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, cast

from curate.errors import SourceUnreadable
from curate.ingest.delivery.folder import file_sha256
from curate.ingest.delivery.members import (
    MAX_COMPRESSION_RATIO,
    MAX_TABLE_BYTES,
    READ_ERRORS,
    Listing,
    Member,
    clean_path,
    common_order,
    is_clutter,
    is_lfs_pointer,
    is_table,
    may_be_lfs_pointer,
    unsafe_size,
)
from curate.sample import Problem

__all__ = ["TarDelivery", "ZipDelivery"]

_ENCRYPTED = 0x1
_UNIX_TYPE_SHIFT, _UNIX_TYPE_MASK, _UNIX_REGULAR = 16, 0o170000, 0o100000


class ZipDelivery:
    """A zip archive."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self._path = path
        try:
            self._archive = zipfile.ZipFile(path)
        except READ_ERRORS as error:
            raise SourceUnreadable(f"{path} is a broken zip archive ({error}); fetch it again") from None
        self._infos: dict[str, zipfile.ZipInfo] = {}
        listing = Listing()
        for info in self._archive.infolist():
            self._add(info, listing)
        self.members = tuple(listing.members)
        self.problems = tuple(listing.problems)

    def fingerprint(self) -> str:
        """sha256 of the archive."""
        return file_sha256(self._path)

    def open(self, path: str) -> BinaryIO:
        """One member as a stream."""
        try:
            return cast(BinaryIO, self._archive.open(self._infos[path]))
        except READ_ERRORS as error:
            raise SourceUnreadable(f"{path} in {self._path} cannot be unpacked: {error}") from None

    def read(self, paths: Sequence[str]) -> Iterator[tuple[str, bytes | Problem]]:
        """Contents of members; a broken one as a problem."""
        for path in common_order(self.members, paths):
            try:
                with self._archive.open(self._infos[path]) as member:
                    yield path, member.read(self._infos[path].file_size + 1)
            except READ_ERRORS as error:
                yield path, _cannot_unpack(path, error)

    def close(self) -> None:
        """Close the archive."""
        self._archive.close()

    def _add(self, info: zipfile.ZipInfo, listing: Listing) -> None:
        path, refusal = clean_path(info.orig_filename)
        if info.filename.endswith("/") or is_clutter(path):
            return
        unix_type = (info.external_attr >> _UNIX_TYPE_SHIFT) & _UNIX_TYPE_MASK
        if unix_type not in (0, _UNIX_REGULAR):
            refusal = "a link or a device; only regular files are read"
        elif info.flag_bits & _ENCRYPTED:
            refusal = "encrypted; unpack it with its password first"
        refusal = refusal or unsafe_size(info.file_size, info.compress_size, is_table=is_table(path))
        pointer = refusal is None and may_be_lfs_pointer(info.file_size) and self._is_pointer(info)
        if listing.add(Member(path, info.file_size, f"{info.CRC:08x}"), refusal, pointer=pointer):
            self._infos[path] = info

    def _is_pointer(self, info: zipfile.ZipInfo) -> bool:
        try:
            with self._archive.open(info) as member:
                return is_lfs_pointer(member.read(64))
        except READ_ERRORS:  # its reader will find that, too
            return False


class TarDelivery:
    """A tar archive, plain or compressed; read from front to back."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self._path = path
        self._infos: dict[str, tarfile.TarInfo] = {}
        listing = Listing()
        try:
            self._archive = tarfile.open(path)  # noqa: SIM115 - open as long as the delivery
        except READ_ERRORS as error:
            raise SourceUnreadable(f"{path} is a broken tar archive ({error}); fetch it again") from None
        packed, unpacked = path.stat().st_size, 0  # a tar is compressed as a whole
        try:
            for info in self._archive:
                unpacked += info.size
                if unpacked > MAX_TABLE_BYTES and unpacked > packed * MAX_COMPRESSION_RATIO:
                    reason = f"{packed:,} bytes unpack to over {unpacked:,}: an archive bomb; the rest was not read"
                    listing.problems.append(Problem(info.name, "refused-member", reason))
                    break
                self._add(info, packed, listing)
        except READ_ERRORS as error:
            last = listing.members[-1].path if listing.members else "its beginning"
            reason = f"the archive breaks off after {last} ({error}); what follows is lost: fetch it again"
            listing.problems.append(Problem("", "broken-archive", reason))
        self.members = tuple(listing.members)
        self.problems = tuple(listing.problems)

    def fingerprint(self) -> str:
        """sha256 of the archive."""
        return file_sha256(self._path)

    def open(self, path: str) -> BinaryIO:
        """One member as a stream."""
        try:
            return cast(BinaryIO, self._archive.extractfile(self._infos[path]))
        except READ_ERRORS as error:
            raise SourceUnreadable(f"{path} in {self._path} cannot be unpacked: {error}") from None

    def read(self, paths: Sequence[str]) -> Iterator[tuple[str, bytes | Problem]]:
        """Contents of members; a broken one as a problem."""
        for path in common_order(self.members, paths):
            try:
                yield path, self.open(path).read()
            except (*READ_ERRORS, SourceUnreadable) as error:
                yield path, _cannot_unpack(path, error)

    def close(self) -> None:
        """Close the archive."""
        self._archive.close()

    def _add(self, info: tarfile.TarInfo, packed: int, listing: Listing) -> None:
        path, refusal = clean_path(info.name)
        if info.isdir() or is_clutter(path):
            return
        if not info.isreg():
            refusal = "a link or a device; only regular files are read"
        refusal = refusal or unsafe_size(info.size, packed, is_table=is_table(path))
        pointer = refusal is None and may_be_lfs_pointer(info.size) and self._is_pointer(info)
        if listing.add(Member(path, info.size), refusal, pointer=pointer):
            self._infos[path] = info

    def _is_pointer(self, info: tarfile.TarInfo) -> bool:
        """Asked while the archive is being listed, where the content comes next."""
        try:
            return is_lfs_pointer(cast(BinaryIO, self._archive.extractfile(info)).read(64))
        except READ_ERRORS:  # its reader will find that, too
            return False


def _cannot_unpack(path: str, error: Exception) -> Problem:
    return Problem(path, "broken-member", f"cannot be unpacked: {error}; fetch the archive again")

"""Zip and tar archives as deliveries, read in place."""

import tarfile
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import IO, cast

from curate.errors import SourceUnreadable
from curate.ingest.delivery.folder import file_sha256
from curate.ingest.delivery.members import (
    MAX_COMPRESSION_RATIO,
    MAX_TABLE_BYTES,
    READ_ERRORS,
    Delivery,
    Failure,
    Listing,
    Member,
    clean_path,
    is_clutter,
)
from curate.sample import Problem

__all__ = ["open_tar", "open_zip"]

_ENCRYPTED = 0x1
_UNIX_TYPE_SHIFT, _UNIX_TYPE_MASK, _UNIX_REGULAR = 16, 0o170000, 0o100000
_NOT_REGULAR = "a link or a device; only regular files are read"


def open_zip(path: Path) -> Delivery:
    """A zip archive.

    Raises:
        SourceUnreadable: its table of contents is broken.
    """
    try:
        archive = zipfile.ZipFile(path)
    except READ_ERRORS as error:
        raise SourceUnreadable(f"{path} is a broken zip archive ({error}); fetch it again") from None
    infos: dict[str, zipfile.ZipInfo] = {}
    listing = Listing()
    for info in archive.infolist():
        name, refusal = clean_path(info.orig_filename)
        if info.filename.endswith("/") or is_clutter(name):
            continue
        if (info.external_attr >> _UNIX_TYPE_SHIFT) & _UNIX_TYPE_MASK not in (0, _UNIX_REGULAR):
            refusal = _NOT_REGULAR
        elif info.flag_bits & _ENCRYPTED:
            refusal = "encrypted; unpack it with its password first"
        member = Member(name, info.file_size, f"{info.CRC:08x}")
        if listing.add(member, refusal, packed=info.compress_size, unpack=partial(archive.open, info)):
            infos[name] = info
    return _delivery(path, listing, unpack=lambda name: archive.open(infos[name]), close=archive.close)


def open_tar(path: Path) -> Delivery:
    """A tar archive, plain or compressed; read from front to back.

    Raises:
        SourceUnreadable: it is broken from its beginning.
    """
    try:
        archive = tarfile.open(path)  # noqa: SIM115 - open as long as the delivery
    except READ_ERRORS as error:
        raise SourceUnreadable(f"{path} is a broken tar archive ({error}); fetch it again") from None
    infos: dict[str, tarfile.TarInfo] = {}
    listing = Listing()
    packed, unpacked = path.stat().st_size, 0  # a tar is compressed as a whole
    try:
        for info in archive:
            unpacked += info.size
            if unpacked > MAX_TABLE_BYTES and unpacked > packed * MAX_COMPRESSION_RATIO:
                reason = f"{packed:,} bytes unpack to over {unpacked:,}: an archive bomb; the rest was not read"
                listing.problems.append(Problem(info.name, "refused-member", reason))
                break
            name, refusal = clean_path(info.name)
            if info.isdir() or is_clutter(name):
                continue
            refusal = refusal if info.isreg() else _NOT_REGULAR
            # Whether it is a pointer is asked here, where its content comes next.
            if listing.add(Member(name, info.size), refusal, packed=packed, unpack=partial(_extract, archive, info)):
                infos[name] = info
    except READ_ERRORS as error:
        last = listing.members[-1].path if listing.members else "its beginning"
        reason = f"the archive breaks off after {last} ({error}); what follows is lost: fetch it again"
        listing.problems.append(Problem("", "broken-archive", reason))
    return _delivery(path, listing, unpack=lambda name: _extract(archive, infos[name]), close=archive.close)


def _delivery(
    path: Path, listing: Listing, *, unpack: Callable[[str], IO[bytes]], close: Callable[[], None]
) -> Delivery:
    def failure(name: str, error: Exception) -> Failure:
        what = f"cannot be unpacked: {error}"
        problem = Problem(name, "broken-member", f"{what}; fetch the archive again")
        return Failure(f"{name} in {path} {what}", problem)

    fingerprint = partial(file_sha256, path)
    return Delivery(path.name, tuple(listing.members), tuple(listing.problems), unpack, failure, fingerprint, close)


def _extract(archive: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    return cast(IO[bytes], archive.extractfile(info))  # None only for what is no regular file

"""One view of everything a dataset is delivered as: a folder, a zip, a tar, or a single file.

members   what a delivery holds; which members are refused, and why
folder    folders and single files
archives  zip and tar archives
"""

import tarfile
import zipfile
from pathlib import Path

from curate.errors import SourceNotFound, SourceUnreadable
from curate.ingest.delivery.archives import open_tar, open_zip
from curate.ingest.delivery.folder import open_file, open_folder
from curate.ingest.delivery.members import LFS_POINTER, READ_ERRORS, Delivery, Member, is_lfs_pointer

__all__ = ["ARCHIVE_SUFFIXES", "LFS_POINTER", "READ_ERRORS", "Delivery", "Member", "open_delivery"]


ARCHIVE_SUFFIXES = (".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz")


def open_delivery(path: Path) -> Delivery:
    """Open what lies at `path`, by its content rather than its name.

    Raises:
        SourceNotFound: nothing lies there.
        SourceUnreadable: an archive whose table of contents is broken, or no permission.
    """
    try:
        if not path.exists():
            raise SourceNotFound(f"{path} does not exist; check the path")
        if path.is_dir():
            return open_folder(path)
        if not path.is_file():
            raise SourceUnreadable(f"{path} is neither a file nor a folder; name one")
        _refuse_pointer(path)
        if zipfile.is_zipfile(path):
            return open_zip(path)
        if tarfile.is_tarfile(path):
            return open_tar(path)
        if path.suffix.lower() in ARCHIVE_SUFFIXES:
            raise SourceUnreadable(
                f"{path} is no zip or tar that can be opened: empty, cut short or another kind; fetch it again"
            )
        return open_file(path)
    except (OSError, EOFError) as error:
        raise SourceUnreadable(f"{path} cannot be read: {error}") from None


def _refuse_pointer(path: Path) -> None:
    with path.open("rb") as file:
        if is_lfs_pointer(file.read(64)):
            raise SourceUnreadable(
                f"{path} is a Git LFS pointer, not the file itself; run `git lfs pull` in its repository"
            )

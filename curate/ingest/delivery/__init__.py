"""One view of everything a dataset is delivered as: a folder, a zip, a tar, or a single file.

members   what a delivery holds; which members are refused, and why
folder    folders and single files
archives  zip and tar archives
"""

import tarfile
import zipfile
from pathlib import Path

from curate.errors import SourceNotFound, SourceUnreadable
from curate.ingest.delivery.archives import TarDelivery, ZipDelivery
from curate.ingest.delivery.folder import FileDelivery, FolderDelivery
from curate.ingest.delivery.members import READ_ERRORS, Delivery, Member

__all__ = ["READ_ERRORS", "Delivery", "Member", "open_delivery"]


def open_delivery(path: Path) -> Delivery:
    """Open what lies at `path`, by its content rather than its name.

    Raises:
        SourceNotFound: nothing lies there.
        SourceUnreadable: an archive whose table of contents is broken, or no permission.
    """
    if not path.exists():
        raise SourceNotFound(f"{path} does not exist; check the path")
    try:
        if path.is_dir():
            return FolderDelivery(path)
        if zipfile.is_zipfile(path):
            return ZipDelivery(path)
        if tarfile.is_tarfile(path):
            return TarDelivery(path)
        return FileDelivery(path)
    except (OSError, EOFError) as error:
        raise SourceUnreadable(f"{path} cannot be read: {error}") from None

"""Versions on disk: what was released, immutable.

schema    the columns of the tables, and the digest of their content
header    what manifest.json says, typed
files     the four files: written whole or not at all, sealed, read back
version   Version: tables, and pictures as arrays
order     in which order versions were released, and which descends from which
fence     what gold and test pictures belong with, whether their sources are still there or not
pictures  where the pictures of a version come from
picture_check  are its pictures what their ids say?
check     is everything as it was released, and does nothing leak?
diff      what changed between two versions
"""

from curate.manifest.check import Finding, Verification, check_files, gold_digest, verify_version
from curate.manifest.diff import VersionDiff, diff_versions
from curate.manifest.fence import GONE, Fence, read_fence
from curate.manifest.files import Tables, check_name, check_new_name, version_names, write_version
from curate.manifest.header import Derivation, Header, Parent, PatchRecord, SourceRecord
from curate.manifest.order import ancestors, next_serial, release_order
from curate.manifest.version import Version

__all__ = [
    "GONE",
    "Derivation",
    "Fence",
    "Finding",
    "Header",
    "Parent",
    "PatchRecord",
    "SourceRecord",
    "Tables",
    "Verification",
    "Version",
    "VersionDiff",
    "ancestors",
    "check_files",
    "check_name",
    "check_new_name",
    "diff_versions",
    "gold_digest",
    "next_serial",
    "read_fence",
    "release_order",
    "verify_version",
    "version_names",
    "write_version",
]

"""Versions on disk: what was released, immutable.

schema    the columns of the tables, and the digest of their content
files     the four files: written whole or not at all, sealed, read back
version   Version: tables, and pictures as arrays
pictures  where the pictures of a version come from
check     is everything as it was released, and does nothing leak?
diff      what changed between two versions
"""

from curate.manifest.check import Finding, Verification, check_files, gold_digest, verify_version
from curate.manifest.diff import VersionDiff, diff_versions
from curate.manifest.files import Tables, check_name, version_names, write_version
from curate.manifest.version import Version

__all__ = [
    "Finding",
    "Tables",
    "Verification",
    "Version",
    "VersionDiff",
    "check_files",
    "check_name",
    "diff_versions",
    "gold_digest",
    "verify_version",
    "version_names",
    "write_version",
]

"""From working state to releases.

release_evidence  what the workspace and the parent say of every sample
choice            classes, sources and splits of one version alone
placement         which samples a version holds, and in which split
splits            dealing lineage groups out, whole and stratified
rows              the tables of a release
header            what manifest.json says beside the digests
freeze            release a version
patch             share a version without its pictures, and take one over
export            write a version in the formats that others read
"""

from curate.version.choice import Choice, choose, read_splits
from curate.version.export import EXPORTS, ExportReport, export_version
from curate.version.freeze import DEFAULT_RATIOS, NEWEST, freeze_version

__all__ = [
    "DEFAULT_RATIOS",
    "EXPORTS",
    "NEWEST",
    "Choice",
    "ExportReport",
    "choose",
    "export_version",
    "freeze_version",
    "read_splits",
]

"""What a report is about: one version, its tables and scores, and what other stages know of it."""

from functools import cached_property
from typing import TYPE_CHECKING

from curate.manifest import Header, Version
from curate.report.evidence import Evidence
from curate.report.images import ReportImages
from curate.scores import Score, find_scores

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ReportedVersion"]


class ReportedVersion:
    """One version as its report's sections see it; every table is read once."""

    def __init__(self, version: Version, evidence: Evidence) -> None:
        """Nothing is read yet."""
        self.version = version
        self.evidence = evidence
        self.images = ReportImages(version)

    @property
    def name(self) -> str:
        """The version's."""
        return self.version.name

    @property
    def header(self) -> Header:
        """The version's manifest."""
        return self.version.header

    @cached_property
    def rows(self) -> "pd.DataFrame":
        """`Version.rows`."""
        return self.version.rows()

    @cached_property
    def occurrences(self) -> "pd.DataFrame":
        """`Version.occurrences`."""
        return self.version.occurrences()

    @cached_property
    def edges(self) -> "pd.DataFrame":
        """`Version.edges`."""
        return self.version.edges()

    def parent_of(self, header: Header) -> Version | None:
        """The parent that a header names, of this version or an ancestor; None where another version has its name.

        Raises:
            VersionNotFound, VersionDamaged: it cannot be read here.
        """
        if header.parent is None:
            return None
        parent = Version(self.version.folder.parent, header.parent.name, state=self.version.state)
        return parent if parent.header.digest == header.parent.digest else None

    @cached_property
    def scores(self) -> list[Score]:
        """The scores of this very version; those of an earlier one of that name do not count, nor do damaged ones."""
        sound = find_scores(self.version.folder.parent, self.name).sound
        left_out = self.evidence.damaged_scores
        digest = self.header.digest
        return [score for score in sound if score.version_digest == digest and score.name not in left_out]

"""Everything that can go wrong and that a caller can do something about.

CurateError
├── WorkspaceNotFound       no curate.toml here or above
├── WorkspaceExists         `init` on a workspace
├── WorkspaceLocked         another process writes to the workspace
├── NotWritable             nothing may be written there: a read-only folder, or somebody else's
├── CatalogTooNew           the catalog was written by a newer curate
├── CatalogTooOld           the catalog was written by an older curate, and may not be brought up to date
├── CatalogDamaged          the catalog is not a readable SQLite file
├── CacheDamaged            what was kept to save work is not as it was written (caught: it is made again)
├── StorageFull             the disk is full; what was committed before is intact
├── ConfigError             curate.toml says something that cannot be meant
├── SampleNotFound          no sample, or several, with that id
├── FilterError             a filter of samples cannot be meant
├── NothingToScore          too few labelled pictures to find suspects among
├── InvalidAction              what a reviewer asked for cannot be decided
├── ReviewerUnavailable     the browser reviewer cannot be started
├── VersionError            a version cannot be made or used
│   ├── VersionNotFound     no such version
│   ├── VersionExists       the name is taken; versions never change
│   ├── VersionUnchanged    it would be its parent again
│   ├── VersionDamaged      its files are not what was released
│   ├── NothingToRelease    no picture would be in it
│   └── PicturesMissing     its pictures are not in this workspace
├── PatchError              a patch cannot be made, or a file is no patch that can be applied
├── ExportError             a version cannot be written there, or in that format
├── BenchmarkError          a version cannot be scored, or scores cannot be compared
│   ├── UnknownRecipe       no such recipe or option
│   ├── TrainingUnavailable Keras or its backend is not installed
│   ├── NoSuchDevice        no GPU where one was asked for
│   ├── Untrainable         empty splits, one class, no such protocol: nothing to train or score on
│   ├── TrainingDiverged    the loss is no number any more
│   ├── NotComparable       two versions without scores that may be compared
│   ├── ScoreDamaged        a file of scores, predictions or a model cannot be read
│   └── RunNotFound         the model of a run is not in this workspace
├── PictureError            bytes that are no usable picture (collected as problems, never the end of a run)
└── SourceError             one source cannot be taken in; the others go on
    ├── SourceNotFound      no such file, folder or source name
    ├── SourceUnreadable    an archive or table is broken as a whole
    ├── SourceNameTaken     two sources want one name
    ├── UnknownFormat       no reader recognises it, or no such format
    ├── AmbiguousFormat     several readers recognise it
    └── LabelTableMismatch  a side table does not belong to its pictures

Every message says what, where, and the way out.
"""

__all__ = [
    "AmbiguousFormat",
    "BenchmarkError",
    "CacheDamaged",
    "CatalogDamaged",
    "CatalogTooNew",
    "CatalogTooOld",
    "ConfigError",
    "CurateError",
    "ExportError",
    "FilterError",
    "InvalidAction",
    "LabelTableMismatch",
    "NoSuchDevice",
    "NotComparable",
    "NotWritable",
    "NothingToRelease",
    "NothingToScore",
    "PatchError",
    "PictureError",
    "PicturesMissing",
    "ReviewerUnavailable",
    "RunNotFound",
    "SampleNotFound",
    "ScoreDamaged",
    "SourceError",
    "SourceNameTaken",
    "SourceNotFound",
    "SourceUnreadable",
    "StorageFull",
    "TrainingDiverged",
    "TrainingUnavailable",
    "UnknownFormat",
    "UnknownRecipe",
    "Untrainable",
    "VersionDamaged",
    "VersionError",
    "VersionExists",
    "VersionNotFound",
    "VersionUnchanged",
    "WorkspaceExists",
    "WorkspaceLocked",
    "WorkspaceNotFound",
]


class CurateError(Exception):
    """Root of all errors that this package raises on purpose."""


class WorkspaceNotFound(CurateError):
    """No workspace here."""


class WorkspaceExists(CurateError):
    """There is a workspace here already."""


class WorkspaceLocked(CurateError):
    """Another process holds the workspace."""


class NotWritable(CurateError):
    """Nothing may be written there."""


class CatalogTooNew(CurateError):
    """The catalog needs a newer curate."""


class CatalogTooOld(CurateError):
    """The catalog has to be brought up to date, and cannot be written to."""


class CatalogDamaged(CurateError):
    """The catalog cannot be read."""


class CacheDamaged(CurateError):
    """What was kept to save work does not fit its checksum."""


class StorageFull(CurateError):
    """No space left for the catalog."""


class ConfigError(CurateError):
    """curate.toml has a mistake."""


class SampleNotFound(CurateError):
    """No single sample has that id."""


class FilterError(CurateError):
    """A filter of samples cannot be meant."""


class NothingToScore(CurateError):
    """Too few labelled pictures."""


class InvalidAction(CurateError):
    """A key press that decides nothing."""


class ReviewerUnavailable(CurateError):
    """The browser reviewer cannot be started."""


class VersionError(CurateError):
    """A version cannot be made or used."""


class VersionNotFound(VersionError):
    """There is no such version."""


class VersionExists(VersionError):
    """Another version has this name."""


class VersionUnchanged(VersionError):
    """A version would equal its parent."""


class VersionDamaged(VersionError):
    """A version's files are not what was released."""


class NothingToRelease(VersionError):
    """A version would be empty."""


class PicturesMissing(VersionError):
    """The pictures of a version are not here."""


class PatchError(CurateError):
    """A patch cannot be made or applied."""


class ExportError(CurateError):
    """A version cannot be written there, or in that format."""


class BenchmarkError(CurateError):
    """A version cannot be scored, or its scores cannot be compared."""


class UnknownRecipe(BenchmarkError):
    """There is no such recipe."""


class TrainingUnavailable(BenchmarkError):
    """What trains networks is not installed."""


class NoSuchDevice(BenchmarkError):
    """The device that was asked for is not there."""


class Untrainable(BenchmarkError):
    """There is nothing to train or to score on."""


class TrainingDiverged(BenchmarkError):
    """The loss is no number any more."""


class NotComparable(BenchmarkError):
    """These scores must not be compared."""


class ScoreDamaged(BenchmarkError):
    """A file of scores cannot be read."""


class RunNotFound(BenchmarkError):
    """See the tree above."""


class PictureError(CurateError):
    """These bytes are no usable picture."""


class SourceError(CurateError):
    """A source cannot be taken in."""


class SourceNotFound(SourceError):
    """There is no such source."""


class SourceUnreadable(SourceError):
    """The source is broken as a whole."""


class SourceNameTaken(SourceError):
    """Another source has this name."""


class UnknownFormat(SourceError):
    """No reader fits."""


class AmbiguousFormat(SourceError):
    """Several readers fit."""


class LabelTableMismatch(SourceError):
    """A side table of labels belongs to other pictures."""

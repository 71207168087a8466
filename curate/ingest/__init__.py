"""From the layouts people have to one catalog of distinct pictures.

loop          read, process on all cores, record
declared      which entry of curate.toml a path means; forgetting a source
delivery      folders, zips, tars and files, as one
registry      every format, and which one a delivery has
reading       what a reader promises
readers       one file for each format
batch         what happens to a batch of pictures
pixel_rows    pictures from the text of a table's pixel column
"""

from curate.ingest.declared import declared_sources, forget_source
from curate.ingest.loop import IngestReport, ingest_source
from curate.ingest.registry import FORMATS, NUMBERINGS
from curate.workspace.summary import IngestSummary, summarise

__all__ = [
    "FORMATS",
    "NUMBERINGS",
    "IngestReport",
    "IngestSummary",
    "declared_sources",
    "forget_source",
    "ingest_source",
    "summarise",
]

"""From the layouts people have to one catalog of distinct pictures.

delivery      folders, zips, tars and files, as one
registry      every format; which one a delivery has
fer2013_csv, ferplus, ck48, table, image_folder    one reader each
vote_tables   the vote tables of FER+
own_exports   what curate's own exports say of their pictures
picture_tables    tables of paths and labels, and which picture each row means
loop          read, process on all cores, record
batch         what happens to a batch of pictures
summary       what the workspace now holds
"""

from curate.ingest.declared import declared_sources, forget_source
from curate.ingest.loop import IngestReport, ingest_source
from curate.ingest.registry import FORMATS
from curate.workspace.summary import IngestSummary, summarise

__all__ = [
    "FORMATS",
    "IngestReport",
    "IngestSummary",
    "declared_sources",
    "forget_source",
    "ingest_source",
    "summarise",
]

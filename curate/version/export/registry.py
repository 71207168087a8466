"""Every format that a version can be written in."""

from curate.errors import ExportError
from curate.names import look_up
from curate.version.export.fer2013_csv import FER2013_CSV
from curate.version.export.hf_parquet import HF_PARQUET
from curate.version.export.image_folder import IMAGE_FOLDER
from curate.version.export.rows_csv import ROWS_CSV
from curate.version.export.writing import Export

__all__ = ["EXPORTS", "find_export"]

EXPORTS: dict[str, Export] = {
    "image-folder": IMAGE_FOLDER,
    "hf-parquet": HF_PARQUET,
    "fer2013-csv": FER2013_CSV,
    "csv": ROWS_CSV,
}
"""By name."""


def find_export(name: str) -> Export:
    """The format of that name.

    Raises:
        ExportError: there is none; the message lists them and the closest.
    """
    return look_up(name, EXPORTS, what="no export format", error=ExportError)

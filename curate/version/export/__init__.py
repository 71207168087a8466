"""Versions in the formats that others read.

registry      every format by name
run           write one, whole or not at all
writing       what a format gets and gives back; pictures in row order
image_folder  split and class folders of PNG files
hf_parquet    Parquet for the `datasets` library
fer2013_csv   the table of FER-2013
rows_csv      the rows, without pictures
card          the dataset card that goes with Parquet
"""

from curate.version.export.registry import EXPORTS
from curate.version.export.run import ExportReport, export_version

__all__ = ["EXPORTS", "ExportReport", "export_version"]

"""The published patch of fer2013.csv on the class folders of JPEGs in which most people have FER-2013."""

import csv
import datetime as dt
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from curate.ingest import ingest_source
from curate.version.patch import PatchReport, apply_patch
from curate.version.placement import COPY
from curate.workspace import Workspace

pytestmark = pytest.mark.realdata

PUBLISHED = Path(__file__).parents[1] / "manifests" / "fer2013" / "fer-v3.patch"
NOW = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def patched(fer2013: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, PatchReport]:
    """The workspace of the JPEGs after the patch, and what applying it did."""
    jpegs = Workspace.create(tmp_path_factory.mktemp("jpegs"))
    ingest_source(jpegs, fer2013 / "fer2013_folder.zip")
    return jpegs, apply_patch(jpegs, PUBLISHED, applied=NOW).report


@pytest.fixture(scope="module")
def made_from(patched: tuple[Workspace, PatchReport], merged: Workspace, real_data: Path) -> pd.Series:
    """The sample of fer2013.csv that each JPEG was made from, by the JPEG's sample_id."""
    of_row = merged.occurrences().query("source == 'fer2013'").set_index("key")["sample_id"]
    with (real_data / "fer2013_rows.csv").open(newline="") as file:
        names = [
            ("train/" if row["usage"] == "Training" else "test/") + row["folder_name"] for row in csv.DictReader(file)
        ]
    of_name = {name: of_row[f"row:{number}"] for number, name in enumerate(names)}
    rows = patched[0].occurrences()
    return pd.Series([of_name[key] for key in rows["key"]], index=rows["sample_id"])


def test_nearly_all_jpegs_are_matched(patched: tuple[Workspace, PatchReport], made_from: pd.Series) -> None:
    report = patched[1]
    assert report.unmatched_local <= 0.02 * made_from.index.nunique()
    assert report.identical + report.re_encoded >= 0.98 * 34_037


def test_no_jpeg_gets_a_wrong_label_or_split(patched: tuple[Workspace, PatchReport], made_from: pd.Series) -> None:
    got = patched[0].patched().set_index("sample_id")
    matched = made_from[made_from.index.isin(got.index)]  # the patch says nothing of PrivateTest
    said = pq.read_table(PUBLISHED).to_pandas().set_index("sample_id").loc[matched]
    own = got.loc[matched.index]
    in_version = said["left_out"].isna().to_numpy()
    swapped = (own["left_out"] == COPY).to_numpy()  # its copy, another picture of the same photograph, is kept instead
    assert (in_version & swapped).sum() <= 3
    assert own["label"][in_version].tolist() == said["label"][in_version].tolist()
    for column in ("split", "gold"):
        assert own[column][in_version & ~swapped].tolist() == said[column][in_version & ~swapped].tolist()

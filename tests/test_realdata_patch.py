"""A patch of fer2013.csv on the class folders of JPEGs in which most people have FER-2013."""

import csv
import datetime as dt
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from curate.ingest import ingest_source
from curate.version import freeze_version
from curate.version.patch import PatchReport, apply_patch, export_patch
from curate.version.placement import COPY
from curate.workspace import Workspace

pytestmark = pytest.mark.realdata

PUBLISHED = Path(__file__).parents[1] / "manifests" / "fer2013" / "fer-v3.patch"
NOW = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def patched(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Workspace, PatchReport]:
    """The workspace of the table, that of the JPEGs after its patch, and what applying it did."""
    folder = tmp_path_factory.mktemp("fer2013")
    subprocess.run([sys.executable, str(real_data / "build_fer2013.py"), str(folder)], check=True)
    table, jpegs = Workspace.create(folder / "table"), Workspace.create(folder / "jpegs")
    ingest_source(table, folder / "fer2013.csv")
    ingest_source(jpegs, folder / "fer2013_folder.zip")
    freeze_version(table, "v1", created=NOW)
    export_patch(table, "v1", folder / "v1.patch")
    return table, jpegs, apply_patch(jpegs, folder / "v1.patch", applied=NOW).report


@pytest.fixture(scope="module")
def pairs(patched: tuple[Workspace, Workspace, PatchReport], real_data: Path) -> pd.DataFrame:
    """One row per JPEG, indexed by its sample_id: `of`, the sample of the table that it was made from."""
    table, jpegs, _ = patched
    of_row = table.occurrences().set_index("key")["sample_id"]
    with (real_data / "fer2013_rows.csv").open(newline="") as file:
        names = [
            ("train/" if row["usage"] == "Training" else "test/") + row["folder_name"] for row in csv.DictReader(file)
        ]
    of_name = {name: of_row[f"row:{number}"] for number, name in enumerate(names)}
    rows = jpegs.occurrences()
    return pd.DataFrame({"of": [of_name[key] for key in rows["key"]]}, index=rows["sample_id"])


def test_nearly_all_jpegs_are_matched(patched: tuple[Workspace, Workspace, PatchReport]) -> None:
    report = patched[2]
    assert report.rows == 34_037
    assert report.coverage >= 0.98


def test_no_jpeg_gets_a_wrong_label_or_split(
    patched: tuple[Workspace, Workspace, PatchReport], pairs: pd.DataFrame
) -> None:
    table, jpegs, _ = patched
    truth, given = table.samples().set_index("sample_id"), jpegs.samples().set_index("sample_id")
    labelled = pairs[given["label_origin"].reindex(pairs.index).eq("patch")]
    expected = truth["label"].reindex(labelled["of"]).to_numpy(object)
    assert len(labelled) >= 0.98 * len(pairs)
    assert (given["label"].reindex(labelled.index).to_numpy(object) != expected).sum() == 0
    splits = table.version("v1").rows().set_index("sample_id")["split"]
    applied = jpegs.patched().set_index("sample_id")["split"].reindex(labelled.index)
    assert (applied.to_numpy(object) != splits.reindex(labelled["of"]).to_numpy(object)).sum() == 0


def test_the_published_patch_recognises_the_jpegs(
    patched: tuple[Workspace, Workspace, PatchReport], pairs: pd.DataFrame, tmp_path: Path
) -> None:
    jpegs = Workspace.create(tmp_path / "jpegs")
    ingest_source(jpegs, patched[1].folder.parent / "fer2013_folder.zip")
    report = apply_patch(jpegs, PUBLISHED, applied=NOW).report
    assert report.unmatched_local <= 0.02 * pairs.index.nunique()
    got = jpegs.patched().set_index("sample_id")
    matched = pairs[pairs.index.isin(got.index)]  # of pictures that it left out for their split, it says nothing
    said = pq.read_table(PUBLISHED).to_pandas().set_index("sample_id").loc[matched["of"]]
    swapped = (got["left_out"].reindex(matched.index) == COPY).to_numpy()  # a twin of the same photograph is kept
    in_version = said["left_out"].isna().to_numpy() & ~swapped
    assert swapped[said["left_out"].isna().to_numpy()].sum() <= 3
    for column in ("label", "split", "gold"):
        truth, own = said[column], got[column].reindex(matched.index)
        assert own[in_version].tolist() == truth[in_version].tolist()

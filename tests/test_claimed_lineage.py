"""A delivery may claim any lineage in its metadata.csv; whatever that joins is said, and undone by forgetting it."""

import datetime as dt
from pathlib import Path

import pytest
from layouts import png, write_tree
from small_versions import face_folder
from typer.testing import CliRunner

from curate.cli import app
from curate.duplicates import find_duplicates
from curate.ingest import forget_source, ingest_source
from curate.version import freeze_version
from curate.workspace import Workspace

NOON = dt.datetime(2026, 1, 2, 12, tzinfo=dt.UTC)


@pytest.fixture
def joined(workspace: Workspace, tmp_path: Path) -> Workspace:
    """A workspace with v1, and a delivery whose metadata.csv says that all pictures belong together."""
    ingest_source(workspace, face_folder(tmp_path, people=12))
    find_duplicates(workspace)
    freeze_version(workspace, "v1", created=NOON)
    samples = sorted(set(workspace.occurrences()["sample_id"]))
    claims = [f"happy/{place}.png,{samples[0]},{sample},rot90,,\n" for place, sample in enumerate(samples)]
    header = "file_name,lineage_id,parent,transform,subject,sequence\n"
    pictures = {f"happy/{place}.png": png(1000 + place) for place in range(len(samples))}
    ingest_source(
        workspace, write_tree(tmp_path / "claims", {**pictures, "metadata.csv": (header + "".join(claims)).encode()})
    )
    find_duplicates(workspace)
    return workspace


def test_a_lineage_group_that_takes_in_the_collection_is_said_with_its_evidence(joined: Workspace) -> None:
    told = CliRunner().invoke(app, ["freeze", "v2", "--workspace", str(joined.folder)])
    assert told.exit_code == 0
    said = " ".join(told.output.split())
    group = joined.version("v2").header["largest_group"]
    assert group["pictures"] == group["of"] == len(joined.samples())
    assert f"one lineage group holds {group['pictures']:,} of {group['of']:,} pictures" in said
    assert "were withdrawn: they belong with a higher split (because of augmented-from" in said
    assert "`curate forget SOURCE` undoes it" in said


def test_forgetting_the_delivery_undoes_what_it_joined(joined: Workspace) -> None:
    forget_source(joined, "claims")
    find_duplicates(joined)
    made = freeze_version(joined, "v2", created=NOON + dt.timedelta(hours=1))
    assert made.header["digest"] == joined.version("v1").header["digest"]
    assert made.header["largest_group"] == joined.version("v1").header["largest_group"]

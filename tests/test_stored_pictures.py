"""The picture store: the only way to a picture's bytes."""

import pytest
from layouts import png, write_tree

from curate import Workspace
from curate.catalog import pictures
from curate.errors import CatalogDamaged, PicturesMissing
from curate.ingest import ingest_source

UNKNOWN = "f" * 64


@pytest.fixture
def faces(workspace: Workspace) -> Workspace:
    write_tree(workspace.folder / "faces", {f"happy/{number}.png": png(number) for number in range(3)})
    ingest_source(workspace, workspace.folder / "faces")
    return workspace


def test_files_come_in_the_order_in_which_they_are_asked_for(faces: Workspace) -> None:
    ids = faces.samples()["sample_id"].tolist()
    asked = [ids[2], ids[0], ids[2]]
    with faces.catalog() as catalog:
        assert [file.sample_id for file in pictures.read(catalog, asked)] == asked
        assert [row.sample_id for row in pictures.locate(catalog, asked)] == asked
        assert [row.sample_id for row in pictures.locate(catalog)] == ids
        sizes = [len(file.data) for file in pictures.read(catalog, ids)]
        assert [(row.area, row.stored_bytes, row.location) for row in pictures.locate(catalog)] == [
            (48 * 48, size, None) for size in sizes
        ]


def test_a_sample_without_a_picture_is_damage_unless_it_may_be_passed_over(faces: Workspace) -> None:
    ids = faces.samples()["sample_id"].tolist()
    with faces.catalog() as catalog:
        for select in (pictures.read, pictures.locate):
            with pytest.raises(CatalogDamaged, match=f"the picture of sample {UNKNOWN} is gone"):
                list(select(catalog, [UNKNOWN, ids[0]]))
            assert [row.sample_id for row in select(catalog, [UNKNOWN, ids[0]], strict=False)] == [ids[0]]


def test_a_picture_that_lies_elsewhere_is_located_and_cannot_be_read_yet(faces: Workspace) -> None:
    sample_id = faces.samples()["sample_id"][0]
    with faces.catalog() as catalog:
        with catalog.transaction() as connection:
            connection.execute(
                "UPDATE pictures SET location = 's3://faces/1.png' WHERE sample ="
                " (SELECT id FROM samples WHERE digest = ?)",
                (bytes.fromhex(sample_id),),
            )
        assert next(pictures.locate(catalog, [sample_id])).location == "s3://faces/1.png"
    with pytest.raises(PicturesMissing, match=r"lies at s3://faces/1\.png, .* upgrade curate"):
        faces.picture_bytes(sample_id)

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from layouts import png, write_tree, write_zip
from test_readers import TestFerplus

from curate.errors import SampleNotFound, WorkspaceExists, WorkspaceNotFound
from curate.ingest import ingest_source
from curate.version import freeze_version
from curate.workspace import Workspace

VOTES = [
    "votes_angry", "votes_disgust", "votes_fear", "votes_happy", "votes_neutral", "votes_sad", "votes_surprise",
    "votes_contempt", "votes_unknown", "votes_not_a_face",
]  # fmt: skip


def edit(workspace: Workspace, old: str, new: str) -> None:
    path = workspace.folder / "curate.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def filled(workspace: Workspace, tmp_path: Path) -> Workspace:
    """An image folder and FER+ pictures, one of them shared."""
    files = {"train/grin/1.png": png(1), "test/sad/PublicTest_2.png": png(4), "test/sad/PrivateTest_3.png": png(5)}
    ingest_source(workspace, write_tree(tmp_path / "faces", files))
    ingest_source(workspace, write_zip(tmp_path / "ferplus.zip", TestFerplus().files()))
    return workspace


def test_the_columns_are_the_documented_ones(filled: Workspace) -> None:
    assert list(filled.samples().columns) == [
        "sample_id", "width", "height", "mode", "label", "label_origin", "label_by", "label_at", "excluded",
        "group_id", "lineage_id", "hash", "brightness", "contrast",
        "sharpness", "entropy", "flags",
    ]  # fmt: skip
    assert list(filled.occurrences().columns) == [
        "sample_id", "source", "key", "given_label", "given_raw", "official_split", "kept_out", "subject", "sequence",
        "file_digest", *VOTES,
    ]  # fmt: skip
    assert list(filled.votes().columns) == [
        "sample_id", "source", "key", "panel", *(name.removeprefix("votes_") for name in VOTES),
    ]  # fmt: skip
    assert list(filled.problems().columns) == ["source", "key", "kind", "reason"]


def test_an_empty_workspace_has_empty_tables(workspace: Workspace) -> None:
    tables = (
        workspace.samples(),
        workspace.occurrences(),
        workspace.votes(),
        workspace.problems(),
        workspace.sources(),
    )
    assert [len(table) for table in tables] == [0] * 5


def test_editing_the_label_map_takes_effect_at_once(filled: Workspace) -> None:
    assert filled.samples().query("label == 'happy' and label_origin == 'given'").empty
    edit(filled, "\n[labels]", '\n[labels]\n"grin" = "happy"\n')
    (shared,) = filled.occurrences().query("given_label == 'happy'")["sample_id"]
    assert filled.samples().set_index("sample_id").loc[shared, ["label", "label_origin"]].tolist() == ["happy", "given"]


def test_a_label_map_may_speak_of_one_source_only(filled: Workspace) -> None:
    edit(filled, "\n[labels]", '\n[labels.elsewhere]\n"grin" = "happy"\n')
    assert filled.occurrences()["given_label"].dropna().tolist() == ["sad", "sad"]


def test_remapping_splits_takes_effect_at_once(filled: Workspace) -> None:
    edit(filled, "\n[splits]", '\n[splits.faces]\nPublicTest = "test"\nPrivateTest = "none"\n')
    faces = filled.occurrences().query("source == 'faces'").set_index("key")["official_split"]
    assert faces.fillna("none").to_dict() == {
        "test/sad/PrivateTest_3.png": "none",
        "test/sad/PublicTest_2.png": "test",
        "train/grin/1.png": "train",
    }


def test_votes_label_pictures_that_nobody_labelled(filled: Workspace) -> None:
    table = filled.occurrences().merge(filled.samples(), on="sample_id").set_index("key")
    assert table.loc["FER2013Valid/fer0000001.png", ["label", "label_origin"]].tolist() == ["fear", "votes"]


def test_the_policy_chooses_the_panel(filled: Workspace) -> None:
    newest = filled.occurrences().set_index("key").loc["FER2013Train/fer0000000.png", VOTES]
    edit(filled, 'panel = "newest"', 'panel = "2016"')
    older = filled.occurrences().set_index("key").loc["FER2013Train/fer0000000.png", VOTES]
    assert (newest[newest > 0].to_dict(), older[older > 0].to_dict()) == ({"votes_happy": 10}, {"votes_surprise": 10})


def test_the_hash_is_what_imagehash_writes(filled: Workspace) -> None:
    import io

    import imagehash
    from PIL import Image

    for sample_id, hashed in filled.samples()[["sample_id", "hash"]].itertuples(index=False):
        with Image.open(io.BytesIO(filled.picture_bytes(sample_id))) as picture:  # noqa: TID251
            assert hashed == str(imagehash.phash(picture))


def test_quality_columns_are_measured(filled: Workspace) -> None:
    assert np.isfinite(filled.samples()[["brightness", "contrast", "sharpness", "entropy"]].to_numpy()).all()


def test_a_workspace_is_found_from_a_folder_below_it(workspace: Workspace) -> None:
    below = workspace.folder / "a/b"
    below.mkdir(parents=True)
    assert Workspace(below).folder == workspace.folder


def test_no_workspace_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceNotFound, match="curate init"):
        Workspace(tmp_path)


def test_a_workspace_says_what_it_holds(filled: Workspace) -> None:
    assert repr(filled) == f"<Workspace {filled.folder}: 2 sources, 5 samples, no version>"
    freeze_version(filled, "v1", created=datetime(2026, 1, 1, tzinfo=UTC))
    freeze_version(filled, "v0", created=datetime(2026, 1, 2, tzinfo=UTC))
    assert repr(filled) == f"<Workspace {filled.folder}: 2 sources, 5 samples, 2 versions, the newest v0>"


def test_saying_what_a_workspace_holds_changes_nothing_and_never_fails(workspace: Workspace) -> None:
    assert repr(workspace) == f"<Workspace {workspace.folder}: no source, no version>"
    assert not (workspace.state / "catalog.sqlite").exists()
    (workspace.state / "catalog.sqlite").write_bytes(b"not a catalog, but long enough to look at" * 100)
    assert repr(workspace) == f"<Workspace {workspace.folder}: unreadable>"


def test_a_version_says_what_it_holds(filled: Workspace) -> None:
    made = freeze_version(filled, "v1", created=datetime(2026, 1, 1, tzinfo=UTC))
    counts = {split: sum(labels.values()) for split, labels in made.header["counts"].items()}
    assert repr(made) == (
        f"<Version v1: {made.header['rows']} pictures (train {counts['train']}, val {counts['val']}, test "
        f"{counts['test']}), digest {made.header['digest'][:12]}, starts a line>"
    )
    child = freeze_version(filled, "v2", created=datetime(2026, 1, 2, tzinfo=UTC))
    assert repr(child).endswith("child of v1>")


def test_sample_ids_can_be_the_index(filled: Workspace) -> None:
    index = filled.samples().set_index("sample_id").index
    assert (index.is_unique, index.is_monotonic_increasing) == (True, True)


def test_a_workspace_is_not_made_twice(workspace: Workspace) -> None:
    with pytest.raises(WorkspaceExists):
        Workspace.create(workspace.folder)


def test_a_sample_is_found_by_the_beginning_of_its_id(filled: Workspace) -> None:
    sample_id = filled.samples()["sample_id"][0]
    assert filled.find_sample(sample_id[:16].upper()) == sample_id
    for prefix in ("xyz", "", "0" * 65, "0" * 64):
        with pytest.raises(SampleNotFound):
            filled.find_sample(prefix)

"""Exports that come back in: what was made of one photograph stays on one side, whatever was forgotten meanwhile."""

import datetime as dt
import shutil
from pathlib import Path

import pytest
from layouts import png, write_tree
from small_versions import face_folder

from curate.augment import augment_version
from curate.duplicates import find_duplicates
from curate.ingest import forget_source, ingest_source
from curate.manifest import Version, verify_version
from curate.version import export_version, freeze_version
from curate.workspace import Workspace

NOON = dt.datetime(2026, 1, 2, 12, tzinfo=dt.UTC)


def freeze(workspace: Workspace, name: str) -> Version:
    """A version after a search, an hour after the last one."""
    find_duplicates(workspace)
    later = NOON + dt.timedelta(hours=len(workspace.version_names()))
    made = freeze_version(workspace, name, created=later, ratios=(50, 0, 50))
    assert verify_version(workspace.manifests, name, state=workspace.state).findings == ()
    return made


def divided(version: Version, photograph: dict[str, str]) -> int:
    """How many test pictures show a photograph that training shows, too."""
    rows = version.rows()
    shown = rows["sample_id"].map(photograph)
    return int(shown[rows["split"] == "test"].isin(shown[rows["split"] == "train"]).sum())


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, dict[str, str]]:
    """A workspace with v1 and v1-x4, augmented in all splits, and the photograph that each of its pictures shows."""
    folder = tmp_path_factory.mktemp("released")
    workspace = Workspace.create(folder / "workspace")
    ingest_source(workspace, face_folder(folder, people=6))
    freeze(workspace, "v1")
    made = augment_version(workspace, created=NOON + dt.timedelta(minutes=1), splits="all").rows()
    return workspace, dict(zip(made["sample_id"], made["parent"], strict=True))


def exported(workspace: Workspace, folder: Path, name: str = "v1-x4") -> Path:
    export_version(workspace.version(name), folder / "export", to="image-folder")
    return folder / "export"


def copy_of(workspace: Workspace, folder: Path) -> Workspace:
    shutil.copytree(workspace.folder, folder / "own")
    return Workspace(folder / "own")


def without_originals(folder: Path) -> Path:
    """The export without the pictures that were augmented, as if only the others had been passed on."""
    for path in sorted(folder.rglob("*.png")):
        if "-" not in path.name:
            path.unlink()
    return folder


@pytest.mark.parametrize("change", [lambda folder: folder, without_originals], ids=["whole", "without-originals"])
def test_an_augmented_export_keeps_its_siblings_together_in_a_fresh_workspace(
    released: tuple[Workspace, dict[str, str]], tmp_path: Path, change: object
) -> None:
    folder = change(exported(released[0], tmp_path))  # type: ignore[operator]
    fresh = Workspace.create(tmp_path / "fresh")
    ingest_source(fresh, folder)
    version = freeze(fresh, "f1")
    assert (version.rows()["split"] == "test").sum() > 20
    assert divided(version, released[1]) == 0


def test_the_edges_of_an_export_lead_to_the_parent_or_else_to_the_siblings(
    workspace: Workspace, tmp_path: Path
) -> None:
    parent, other = "a" * 64, "b" * 64
    header = "file_name,sample_id,parent,transform,lineage_id,subject,sequence"
    lines = [
        f"train/happy/1.png,{parent},{parent},rot90,{other},ck:S001,",
        f"train/happy/2.png,{parent},{parent},zoom-1.7,{other},ck:S001,ck:S001_002",
        f"test/happy/3.png,{'c' * 64},,,{'c' * 64},,",
    ]
    files = {line.split(",")[0]: png(number) for number, line in enumerate(lines)}
    table = {"metadata.csv": "\n".join([header, *lines]).encode()}
    report = ingest_source(workspace, write_tree(tmp_path / "export", {**files, **table}))
    assert (report.problems, report.remarks) == (
        {},
        ("metadata.csv is of a version that curate exported: it says what 3 of 3 pictures were made from",),
    )
    shown = workspace.occurrences().set_index("key")
    one, two = sorted(shown["sample_id"].loc[["train/happy/1.png", "train/happy/2.png"]])
    assert shown["subject"].dropna().tolist() == ["ck:S001", "ck:S001"]
    found = workspace.edges()[["sample_a", "sample_b", "kind"]]
    assert found.to_numpy().tolist() == [[one, two, "lineage"], [one, two, "subject"]]


def test_a_table_that_names_pictures_wrongly_is_a_problem_with_its_place(workspace: Workspace, tmp_path: Path) -> None:
    header = "file_name,sample_id,parent,transform,lineage_id,subject,sequence\n"
    lines = f"train/happy/1.png,{'a' * 64},zz,rot90,{'b' * 64},,\nnowhere.png,{'a' * 64},,,{'b' * 64},,\nshort\n"
    table = {"x/metadata.csv": (header + lines).encode()}
    ingest_source(workspace, write_tree(tmp_path / "export", {"x/train/happy/1.png": png(1), **table}))
    assert workspace.problems()[["key", "kind"]].to_numpy().tolist() == [
        ["x/metadata.csv:row:0", "broken-lineage"],
        ["x/metadata.csv:row:2", "broken-lineage"],
        ["x/nowhere.png", "lineage-without-picture"],
    ]


def test_without_its_table_an_export_is_known_by_its_names(
    released: tuple[Workspace, dict[str, str]], tmp_path: Path
) -> None:
    folder = exported(released[0], tmp_path)
    (folder / "metadata.csv").unlink()
    fresh = Workspace.create(tmp_path / "fresh")
    ingest_source(fresh, folder)
    kinds = fresh.edges()["kind"].value_counts()
    assert kinds.to_dict() == {"augmented-from": 3 * 42}


def test_a_workspace_knows_the_pictures_that_it_derived(
    released: tuple[Workspace, dict[str, str]], tmp_path: Path
) -> None:
    own = copy_of(released[0], tmp_path)
    before = own.edges()
    folder = exported(own, tmp_path)
    plain = tmp_path / "plain"
    for number, path in enumerate(sorted(folder.rglob("*-*.png"))):  # neither table nor telling names
        target = plain / path.parent.name / f"{number}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    assert before.equals(own.edges())
    ingest_source(own, plain)
    added = own.edges()["kind"].value_counts() - before["kind"].value_counts().reindex(["augmented-from"]).fillna(0)
    assert added["augmented-from"] == 3 * 42
    assert divided(freeze(own, "v2"), released[1]) == 0


@pytest.mark.parametrize("ids", ["before", "after"])
def test_derived_pictures_follow_parents_that_were_forgotten(
    released: tuple[Workspace, dict[str, str]], tmp_path: Path, ids: str
) -> None:
    own = copy_of(released[0], tmp_path)
    folder = without_originals(exported(own, tmp_path))
    (folder / "metadata.csv").unlink()
    for number, path in enumerate(sorted(folder.rglob("*.png"))):  # names that tell nothing
        path.rename(path.with_name(f"{number}.png"))
    if ids == "before":
        forget_source(own, "faces")
    ingest_source(own, folder)
    if ids == "after":
        forget_source(own, "faces")
    version = freeze(own, "v2")
    gold = set(own.version("v1").rows().query("gold")["sample_id"])
    rows = version.rows()
    assert divided(version, released[1]) == 0
    assert not rows.loc[rows["split"] == "train", "sample_id"].map(released[1]).isin(gold).any()
    assert (rows["split"] == "train").sum() > 20

import shutil
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from layouts import png, write_tree, write_zip

from curate.demo import Planted
from curate.errors import SourceError, SourceNameTaken, SourceNotFound, SourceUnreadable
from curate.ingest import declared_sources, forget_source, ingest_source, summarise
from curate.workspace import Workspace


def keys(workspace: Workspace) -> list[str]:
    return workspace.occurrences()["key"].tolist()


def test_identical_pixels_are_occurrences_of_one_sample(workspace: Workspace, tmp_path: Path) -> None:
    folder = write_tree(tmp_path / "x", {"happy/1.png": png(1), "happy/2.png": png(1), "sad/3.png": png(2)})
    report = ingest_source(workspace, folder)
    assert (report.occurrences, report.new_samples, len(workspace.samples())) == (3, 2, 2)


def test_again_reads_nothing(workspace: Workspace, tmp_path: Path) -> None:
    folder = write_tree(tmp_path / "x", {"happy/1.png": png(1)})
    ingest_source(workspace, folder)
    assert ingest_source(workspace, folder).unchanged


def test_known_pictures_of_another_source_are_no_new_samples(workspace: Workspace, tmp_path: Path) -> None:
    ingest_source(workspace, write_tree(tmp_path / "x", {"happy/1.png": png(1)}))
    report = ingest_source(workspace, write_zip(tmp_path / "y.zip", {"sad/1.png": png(1), "sad/2.png": png(2)}))
    assert (report.new_occurrences, report.new_samples) == (2, 1)


def test_a_changed_source_retires_what_vanished_and_keeps_its_samples(workspace: Workspace, tmp_path: Path) -> None:
    folder = write_tree(tmp_path / "x", {"happy/1.png": png(1), "happy/2.png": png(2)})
    ingest_source(workspace, folder)
    lost = workspace.occurrences().set_index("key").loc["happy/2.png", "sample_id"]
    (folder / "happy/2.png").unlink()
    write_tree(folder, {"happy/3.png": png(3)})
    report = ingest_source(workspace, folder)
    assert (report.new_occurrences, report.retired) == (1, 1)
    assert keys(workspace) == ["happy/1.png", "happy/3.png"]
    assert workspace.find_sample(lost) == lost
    assert workspace.sources()[["revision", "occurrences", "retired"]].values.tolist() == [[2, 2, 1]]


def test_a_file_whose_picture_changed_is_a_new_occurrence(workspace: Workspace, tmp_path: Path) -> None:
    folder = write_tree(tmp_path / "x", {"happy/1.png": png(1)})
    ingest_source(workspace, folder)
    write_tree(folder, {"happy/1.png": png(22)})
    report = ingest_source(workspace, folder)
    assert (report.new_samples, report.retired, keys(workspace)) == (1, 1, ["happy/1.png"])


def test_a_source_that_returns_to_an_old_state_finds_its_old_occurrences(workspace: Workspace, tmp_path: Path) -> None:
    archive = tmp_path / "x.zip"
    for pictures in (("1", "2"), ("1",), ("1", "2")):
        write_zip(archive, {f"happy/{name}.png": png(int(name)) for name in pictures})
        report = ingest_source(workspace, archive)
    assert (report.new_occurrences, report.retired, len(keys(workspace))) == (0, 0, 2)


def test_the_stored_picture_does_not_depend_on_the_order_of_sources(tmp_path: Path) -> None:
    from curate.images import decode, encode_bmp

    pixels = decode(png(1)).pixels
    first = write_tree(tmp_path / "png", {"happy/1.png": png(1)})
    second = write_tree(tmp_path / "bmp", {"happy/1.bmp": encode_bmp(pixels)})
    stored = []
    for number, order in enumerate(((first, second), (second, first))):
        workspace = Workspace.create(tmp_path / str(number))
        for folder in order:
            ingest_source(workspace, folder)
        stored.append(workspace.picture_bytes(workspace.samples()["sample_id"][0]))
    assert stored[0] == stored[1]


def test_the_result_does_not_depend_on_where_the_work_runs(planted: Planted, tmp_path: Path) -> None:
    found = []
    executors = (ThreadPoolExecutor(1), ThreadPoolExecutor(4), ProcessPoolExecutor(2, mp_context=get_context("spawn")))
    for number, executor in enumerate(executors):
        workspace = Workspace.create(tmp_path / str(number))
        with executor:
            ingest_source(workspace, planted.sequences, executor=executor, batch_pictures=7 * (number + 1))
        found.append((workspace.sources()["digest"][0], workspace.samples(), workspace.occurrences()))
    assert found[0][0] == found[1][0] == found[2][0]
    assert found[0][1].equals(found[1][1])
    assert found[0][2].equals(found[2][2])


def test_a_folder_and_a_zip_of_it_have_one_digest(workspace: Workspace, tmp_path: Path) -> None:
    files = {"happy/1.png": png(1), "sad/2.png": png(2)}
    ingest_source(workspace, write_tree(tmp_path / "x", files))
    ingest_source(workspace, write_zip(tmp_path / "y.zip", files))
    assert workspace.sources()["digest"].nunique() == 1


def test_one_delivery_under_two_names_is_told(workspace: Workspace, tmp_path: Path) -> None:
    files = {"happy/1.png": png(1), "sad/2.png": png(2)}
    for name, held in (("x", files), ("y", files), ("z", {**files, "sad/3.png": png(3)})):
        ingest_source(workspace, write_zip(tmp_path / f"{name}.zip", held))
    assert summarise(workspace).twins == (("x", "y"),)
    forget_source(workspace, "y")
    assert summarise(workspace).twins == ()


@pytest.mark.parametrize("place", [".", ".."])
def test_a_folder_that_holds_the_workspace_is_refused(workspace: Workspace, place: str) -> None:
    with pytest.raises(SourceError, match="holds this workspace"):
        ingest_source(workspace, workspace.folder / place)


def test_sources_are_written_to_the_configuration_and_read_from_it(workspace: Workspace, tmp_path: Path) -> None:
    ingest_source(workspace, write_zip(tmp_path / "x.zip", {"happy/1.png": png(1)}), name="faces")
    assert [(entry.name, entry.path) for entry in declared_sources(workspace)] == [("faces", "../x.zip")]
    assert ingest_source(workspace, "faces").unchanged


def test_a_name_belongs_to_one_path(workspace: Workspace, tmp_path: Path) -> None:
    ingest_source(workspace, write_tree(tmp_path / "a/x", {"happy/1.png": png(1)}))
    other = write_tree(tmp_path / "b/x", {"happy/1.png": png(2)})
    with pytest.raises(SourceNameTaken, match="--name"):
        ingest_source(workspace, other)
    assert ingest_source(workspace, other, name="y").new_samples == 1


def test_a_source_that_is_refused_leaves_nothing_behind(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"PK\x05\x06" + bytes(18))
    (tmp_path / "y.csv").write_bytes(b"emotion,pixels\n")
    with pytest.raises(SourceError):
        ingest_source(workspace, tmp_path / "x.zip")
    with pytest.raises(SourceError, match="takes no --labels"):
        ingest_source(workspace, write_tree(tmp_path / "f", {"happy/1.png": png(1)}), labels=tmp_path / "y.csv")
    with pytest.raises(SourceUnreadable):
        ingest_source(workspace, tmp_path / "f", format_name="ferplus")
    assert (len(workspace.sources()), workspace.config.sources) == (0, ())


def test_forgetting_retires_a_source_and_ingest_brings_it_back(workspace: Workspace, tmp_path: Path) -> None:
    folder = write_tree(tmp_path / "x", {"happy/1.png": png(1), "happy/2.png": png(2)})
    ingest_source(workspace, folder)
    assert forget_source(workspace, "x") == 2
    assert (len(workspace.samples()), workspace.config.sources, workspace.sources()["state"][0]) == (0, (), "forgotten")
    report = ingest_source(workspace, folder)
    assert (report.new_occurrences, len(workspace.samples())) == (0, 2)


def test_forgetting_what_is_not_there_lists_what_is(workspace: Workspace) -> None:
    with pytest.raises(SourceNotFound, match="it has: none"):
        forget_source(workspace, "x")


def test_a_picture_over_the_users_limit_is_a_problem(workspace: Workspace, tmp_path: Path) -> None:
    config = workspace.folder / "curate.toml"
    config.write_text(config.read_text().replace("max_megapixels = 50", "max_megapixels = 0.001"))
    ingest_source(workspace, write_tree(tmp_path / "x", {"happy/1.png": png(1)}))
    (reason,) = workspace.problems()["reason"]
    assert reason.startswith("48 x 48 pixels are over the limit of 0.001 megapixels ([limits] max_megapixels")


def test_the_summary_counts_conflicts_and_who_contradicts_whom(workspace: Workspace, tmp_path: Path) -> None:
    one = {"happy/1.png": png(1), "sad/1.png": png(1), "sad/2.png": png(2), "grin/3.png": png(3)}
    ingest_source(workspace, write_tree(tmp_path / "x", one))
    ingest_source(workspace, write_tree(tmp_path / "y", {"fear/2.png": png(2), "angry/4.png": png(4)}))
    summary = summarise(workspace)
    assert (summary.occurrences, summary.samples, summary.identical_groups, summary.conflicting) == (6, 4, 2, 2)
    assert summary.given == {"x": {"happy": 1, "sad": 2, "unmapped": 1}, "y": {"fear": 1, "angry": 1}}
    assert [(each.source, each.label, each.pictures) for each in summary.unmapped] == [("x", "grin", 1)]
    assert [(each.a, each.b, each.shared, each.agreement, each.confusions) for each in summary.disagreements] == [
        ("x", "y", 1, 0.0, (("sad", "fear", 1),))
    ]


def test_a_moved_workspace_still_finds_sources_that_moved_with_it(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "here/workspace")
    ingest_source(workspace, write_tree(tmp_path / "here/faces", {"happy/1.png": png(1)}))
    shutil.move(tmp_path / "here", tmp_path / "there")
    moved = Workspace(tmp_path / "there/workspace")
    assert ingest_source(moved, tmp_path / "there/faces").unchanged


def test_codes_of_one_dataset_are_labels_and_codes_among_strange_names_are_not(
    workspace: Workspace, tmp_path: Path
) -> None:
    codes = {f"{code}/{number}.png": png(number) for number, code in enumerate(("AF", "HA", "not_a_face"))}
    ingest_source(workspace, write_tree(tmp_path / "kdef", codes))
    ingest_source(workspace, write_tree(tmp_path / "mixed", {"AF/5.png": png(5), "grin/6.png": png(6)}))
    table = workspace.occurrences().astype(object)
    assert table["given_label"].where(table["given_label"].notna(), None).tolist() == [
        "fear", "happy", "not_a_face", None, None,
    ]  # fmt: skip
    assert [(each.label, each.nearest) for each in summarise(workspace).unmapped] == [("AF", "fear"), ("grin", None)]

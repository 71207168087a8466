from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
from layouts import face, write_tree, write_zip

from curate.demo import Planted, plant
from curate.duplicates import find_duplicates, grouped_occurrences, write_duplicates_gallery
from curate.images import encode_jpeg, encode_png
from curate.ingest import ingest_source
from curate.transforms import flip_pictures
from curate.workspace import Workspace


def cropped(picture: np.ndarray) -> np.ndarray:
    return np.asarray(cv2.resize(picture[2:45, 3:46], (48, 48), interpolation=cv2.INTER_CUBIC))


def ingest_files(workspace: Workspace, folder: Path, files: dict[str, bytes]) -> dict[str, str]:
    """sample_id by file."""
    ingest_source(workspace, write_tree(folder, files))
    table = workspace.occurrences()
    return dict(zip(table["key"], table["sample_id"], strict=True))


def outcome(workspace: Workspace) -> tuple[pd.DataFrame, pd.DataFrame]:
    return workspace.pairs(), workspace.groups()


def test_kinds_say_what_was_done_to_a_copy(workspace: Workspace, tmp_path: Path) -> None:
    pictures = {number: face(20 + number) for number in range(12)}
    changed = {
        "copy": encode_jpeg(pictures[0], 80),
        "re-cropped": encode_jpeg(cropped(pictures[1]), 80),
        "mirrored": encode_jpeg(flip_pictures(pictures[2], "mirrored"), 80),
        "rot180": encode_jpeg(flip_pictures(pictures[3], "rot180"), 80),
        "rot90": encode_jpeg(flip_pictures(pictures[4], "rot90"), 80),
        "blurred": encode_png(cv2.GaussianBlur(pictures[5], (21, 21), 0)),
    }
    files = {f"happy/{number}.png": encode_png(picture) for number, picture in pictures.items()}
    files |= {f"happy/{kind}.jpg": content for kind, content in changed.items()}
    sample = ingest_files(workspace, tmp_path / "x", files)
    find_duplicates(workspace, thorough=True)
    table = workspace.pairs().query("verdict == 'duplicate'")
    found = {frozenset(pair): kind for *pair, kind in table[["sample_a", "sample_b", "kind"]].to_numpy().tolist()}
    expected = {}
    for number, kind in enumerate(changed):
        one, two = sample[f"happy/{number}.png"], sample[f"happy/{kind}.jpg"]
        turned = {"rot90": "rot270"}.get(kind, kind) if one > two else kind
        expected[frozenset((one, two))] = turned
    assert found == expected


def test_searching_again_finds_the_same(planted: Planted, workspace: Workspace) -> None:
    ingest_source(workspace, planted.faces)
    first = find_duplicates(workspace), *outcome(workspace)
    again = find_duplicates(workspace), *outcome(workspace)
    assert first[0] == again[0]
    assert first[1].equals(again[1])
    assert first[2].equals(again[2])


@pytest.mark.parametrize("workers", [1, 3])
def test_growing_step_by_step_ends_like_a_search_of_everything(tmp_path: Path, workers: int) -> None:
    (tmp_path / "downloads").mkdir()
    planted = plant(tmp_path / "downloads", seed=5, people=72)  # enough samples for a fitted projection
    grown, whole = Workspace.create(tmp_path / "grown"), Workspace.create(tmp_path / "whole")
    with ThreadPoolExecutor(workers) as executor:
        for source in (planted.faces, planted.sequences):
            ingest_source(grown, source)
            find_duplicates(grown, executor=executor)
        for source in (planted.sequences, planted.faces):
            ingest_source(whole, source)
        assert find_duplicates(whole).samples > 1_000
    for stepwise, at_once in zip(outcome(grown), outcome(whole), strict=True):
        pd.testing.assert_frame_equal(stepwise, at_once)


def write_faces(folder: Path, numbers: range, change: str = "none") -> Path:
    """A folder of faces, as they are or as changed copies."""
    for number in numbers:
        picture = face(1_000 + number)
        changed = {"none": picture, "cropped": cropped(picture), "mirrored": flip_pictures(picture, "mirrored")}[change]
        content = encode_png(picture) if change == "none" else encode_jpeg(changed, 80)
        write_tree(folder, {f"happy/{number}.{'png' if change == 'none' else 'jpg'}": content})
    return folder


def found_copies(workspace: Workspace, source: str) -> int:
    """How many pictures of a source are joined with the picture of the same number in the first one."""
    rows = workspace.occurrences()
    columns = (rows[name] for name in ("sample_id", "source", "key"))
    place = {sample: (found_in, Path(key).stem) for sample, found_in, key in zip(*columns, strict=True)}
    pairs = workspace.pairs().query("verdict == 'duplicate'")
    both = [(place[a], place[b]) for a, b in zip(pairs["sample_a"], pairs["sample_b"], strict=True)]
    return sum(one[1] == two[1] and {one[0], two[0]} == {"originals", source} for one, two in both)


def test_a_large_collection_is_searched_in_clusters_by_a_fit_that_it_keeps(tmp_path: Path) -> None:
    folders = {
        "originals": write_faces(tmp_path / "originals", range(1_050)),
        "cropped": write_faces(tmp_path / "cropped", range(100), "cropped"),
        "mirrored": write_faces(tmp_path / "mirrored", range(100), "mirrored"),
        "more": write_faces(tmp_path / "more", range(1_050, 1_300)),
    }
    first, second = (Workspace.create(tmp_path / f"workspace-{number}") for number in (1, 2))
    for workspace, sources in ((first, ("originals", "cropped")), (second, ("cropped", "originals"))):
        for name in sources:
            ingest_source(workspace, folders[name])
    reports = []
    for workspace, workers in ((first, 1), (second, 3)):
        with ThreadPoolExecutor(workers) as executor:
            reports.append(find_duplicates(workspace, compare_all_up_to=1_000, executor=executor))
    assert reports[0] == reports[1]
    assert outcome(first)[0].equals(outcome(second)[0])
    assert found_copies(first, "cropped") >= 98
    fits = [reports[0]]
    for name in ("mirrored", "more"):
        ingest_source(first, folders[name])
        fits.append(find_duplicates(first, compare_all_up_to=1_000))
    assert [(each.fitted_on, each.fit_reused) for each in fits] == [(1_150, False), (1_150, True), (1_500, False)]
    assert found_copies(first, "mirrored") >= 98
    assert not first.cache_folder.exists()


def test_empty_pictures_are_never_joined(workspace: Workspace, tmp_path: Path) -> None:
    flat = {f"happy/{level}.png": encode_png(np.full((48, 48), level, np.uint8)) for level in (0, 1, 2, 200, 255)}
    ingest_files(workspace, tmp_path / "x", flat)
    report = find_duplicates(workspace, thorough=True)
    assert (report.samples, report.left_out, report.groups, len(workspace.pairs())) == (5, 5, 0, 0)


def test_pictures_that_are_not_compared_are_counted_by_what_they_lack(workspace: Workspace, tmp_path: Path) -> None:
    icon = np.full((48, 48), 200, np.uint8)
    icon[16:32, 16:32] = 40
    pictures = {
        "black": np.zeros((48, 48), np.uint8),
        "gray": np.full((48, 48), 90, np.uint8),
        "icon": icon,
        "1": face(1),
    }
    ingest_files(workspace, tmp_path / "x", {f"happy/{name}.png": encode_png(one) for name, one in pictures.items()})
    report = find_duplicates(workspace)
    assert (report.left_out, report.left_out_for) == (3, {"blank": 2, "low-information": 1})


def test_a_workspace_without_pictures_has_no_duplicates(workspace: Workspace) -> None:
    assert find_duplicates(workspace, thorough=True).groups == 0


def captioned(picture: np.ndarray) -> np.ndarray:
    """Darker, under bright text."""
    changed = (picture * 0.5).astype(np.uint8)
    return np.asarray(cv2.putText(changed, "GETTY", (2, 45), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 255, 2, cv2.LINE_AA))


@pytest.mark.parametrize("thorough", [False, True])
def test_one_caption_over_many_faces_joins_only_their_copies(
    workspace: Workspace, tmp_path: Path, *, thorough: bool
) -> None:
    faces = [captioned(face(number)) for number in range(12)]
    copies = {f"happy/{number}.jpg": encode_jpeg(faces[number], 80) for number in range(3)}
    mirrored = {
        f"happy/{number}m.jpg": encode_jpeg(flip_pictures(faces[number], "mirrored"), 80) for number in range(3)
    }
    originals = {f"happy/{number}.png": encode_png(one) for number, one in enumerate(faces)}
    sample = ingest_files(workspace, tmp_path / "x", originals | copies | mirrored)
    find_duplicates(workspace, thorough=thorough)
    photograph = {
        sample_id: key.removesuffix(".png").removesuffix(".jpg").rstrip("m") for key, sample_id in sample.items()
    }
    groups = workspace.groups()
    members = groups["sample_id"].map(photograph).groupby(groups["group_id"]).agg(list)
    assert sorted(members) == [["happy/0"] * 3, ["happy/1"] * 3, ["happy/2"] * 3]
    assert "review" in set(workspace.pairs()["verdict"])


def test_frames_of_a_known_person_need_more_than_likeness(workspace: Workspace, tmp_path: Path) -> None:
    picture = face(3)
    noisy = picture + np.random.default_rng(0).normal(0, 20, picture.shape)
    frames = {
        "CK+48/happy/S003_001_00000001.png": encode_png(picture),
        "CK+48/happy/S003_001_00000002.png": encode_png(np.clip(noisy, 0, 255).astype(np.uint8)),
    }
    ingest_source(workspace, write_zip(tmp_path / "known.zip", frames))
    unknown = Workspace.create(tmp_path / "unknown")
    ingest_files(unknown, tmp_path / "x", {f"happy/{number}.png": data for number, data in enumerate(frames.values())})
    similarity = []
    for each in (workspace, unknown):
        find_duplicates(each)
        similarity.append(each.pairs()["verdict"].tolist())
    assert similarity == [["review"], ["duplicate"]]


def test_doubtful_pairs_say_why(workspace: Workspace, tmp_path: Path) -> None:
    """Noisy frames of a known person and of somebody else, of nobody known, and strangers under one caption."""
    rng = np.random.default_rng(1)

    def noisy(picture: np.ndarray, deviation: float) -> bytes:
        return encode_png(np.clip(picture + rng.normal(0, deviation, picture.shape), 0, 255).astype(np.uint8))

    known = {
        "CK+48/happy/S003_001_00000001.png": encode_png(face(3)),
        "CK+48/happy/S003_001_00000002.png": noisy(face(3), 20),
        "CK+48/happy/S005_001_00000001.png": noisy(face(3), 20),
    }
    ingest_source(workspace, write_zip(tmp_path / "known.zip", known))
    others = {"happy/5.png": encode_png(face(5)), "happy/5n.png": noisy(face(5), 28)}
    others |= {f"happy/{number}.png": encode_png(captioned(face(number))) for number in (6, 7)}
    ingest_files(workspace, tmp_path / "x", others)
    report = find_duplicates(workspace)
    pairs, rows = workspace.pairs(), workspace.occurrences()
    name = {sample_id: Path(key).stem for sample_id, key in zip(rows["sample_id"], rows["key"], strict=True)}
    told = {
        tuple(sorted(name[each] for each in pair)): why
        for *pair, why in pairs[["sample_a", "sample_b", "reason"]].to_numpy().tolist()
    }
    needed = "aligned similarity 0.91, 0.95 is needed between pictures of a known person"
    assert told == {
        ("S003_001_00000001", "S003_001_00000002"): needed,
        ("5", "5n"): "aligned similarity 0.89, 0.90 is needed",
        ("6", "7"): "alike as a whole, but one third of the picture differs",
    }
    assert (set(pairs["verdict"]), report.doubtful) == ({"review"}, 3)
    write_duplicates_gallery(workspace, tmp_path / "sheet.html")
    page = (tmp_path / "sheet.html").read_text(encoding="utf-8")
    assert [page.count(f"doubtful: {why}</h2>") for why in told.values()] == [1, 1, 1]


def test_the_largest_picture_is_the_keeper(workspace: Workspace, tmp_path: Path) -> None:
    small = face(1)
    large = cv2.resize(small, (224, 224), interpolation=cv2.INTER_CUBIC)
    sample = ingest_files(
        workspace, tmp_path / "x", {"happy/s.png": encode_png(small), "happy/l.jpg": encode_jpeg(large, 85)}
    )
    find_duplicates(workspace)
    assert workspace.groups().query("keeper")["sample_id"].tolist() == [sample["happy/l.jpg"]]


def test_labels_of_a_group_are_resolved_together(workspace: Workspace, tmp_path: Path) -> None:
    one, two = face(1), face(2)
    files = {
        "happy/1.png": encode_png(one), "happy/1.jpg": encode_jpeg(one, 85), "sad/1.jpg": encode_jpeg(one, 70),
        "happy/2.png": encode_png(two), "sad/2.jpg": encode_jpeg(two, 85),
    }  # fmt: skip
    sample = ingest_files(workspace, tmp_path / "x", files)
    find_duplicates(workspace)
    labels = workspace.samples().set_index("sample_id")[["label", "label_origin"]].fillna("open")
    assert {key: labels.loc[sample_id].tolist() for key, sample_id in sample.items()} == {
        "happy/1.png": ["happy", "given"],
        "happy/1.jpg": ["happy", "given"],
        "sad/1.jpg": ["happy", "group"],
        "happy/2.png": ["open", ""],
        "sad/2.jpg": ["open", ""],
    }


def test_leaks_count_test_pictures_with_a_copy_in_train(workspace: Workspace, tmp_path: Path) -> None:
    one, two, three = face(1), face(2), face(3)
    files = {
        "train/happy/1.png": encode_png(one), "test/happy/1.png": encode_png(one),
        "train/happy/2.png": encode_png(two), "test/sad/2.jpg": encode_jpeg(cropped(two), 85),
        "test/happy/3.png": encode_png(three),
    }  # fmt: skip
    ingest_files(workspace, tmp_path / "x", files)
    find_duplicates(workspace)
    seen = grouped_occurrences(workspace)
    assert (seen.conflicting, [(leak.source, leak.tested, leak.identical, leak.near) for leak in seen.leaks]) == (
        1,
        [("x", 3, 1, 2)],
    )


def test_a_kept_copy_of_a_retired_source_is_in_no_group_table_of_pairs(workspace: Workspace, tmp_path: Path) -> None:
    from curate.ingest import forget_source

    ingest_files(workspace, tmp_path / "x", {"happy/1.png": encode_png(face(1))})
    ingest_files(workspace, tmp_path / "y", {"happy/1.jpg": encode_jpeg(face(1), 80)})
    find_duplicates(workspace)
    forget_source(workspace, "y")
    assert len(workspace.pairs()) == 0

"""A line's gold and test pictures are known for ever: no copy, person or film of theirs gets into training."""

import datetime as dt
import io
import shutil
from pathlib import Path

import numpy as np
import pytest
from layouts import png, write_tree
from PIL import Image

from curate.audit import Gone, audit_version
from curate.catalog.decisions import append_decisions
from curate.decisions import Decision
from curate.duplicates import find_duplicates
from curate.duplicates.page import write_duplicates_gallery
from curate.errors import NothingToRelease, VersionDamaged
from curate.faces import draw_face, make_face
from curate.images import decode, encode_png
from curate.ingest import forget_source, ingest_source
from curate.manifest import GONE, Fence, Version, verify_version
from curate.version import freeze_version
from curate.workspace import Workspace

NOON = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
EMOTIONS = ("happy", "sad", "angry")


def as_jpeg(data: bytes, quality: int = 85) -> bytes:
    file = io.BytesIO()
    Image.fromarray(decode(data, max_megapixels=1).pixels).save(file, "JPEG", quality=quality)
    return file.getvalue()


def faces(numbers: range, *, jpeg: bool) -> dict[str, bytes]:
    """Class folders of people, each once; the name says who it is."""
    pictures = {f"{EMOTIONS[number % 3]}/{number:03d}": png(number, EMOTIONS[number % 3]) for number in numbers}
    return {f"{key}.{'jpg' if jpeg else 'png'}": as_jpeg(data) if jpeg else data for key, data in pictures.items()}


def freeze(workspace: Workspace, name: str, **options: object) -> Version:
    return freeze_version(workspace, name, created=NOON, **options)


def people(workspace: Workspace, version: Version, splits: tuple[str, ...]) -> set[str]:
    """Who is in these splits of a version, by the names of files."""
    rows = version.rows()
    table = version.occurrences()
    table = table[table["sample_id"].isin(rows["sample_id"][rows["split"].isin(splits)])]
    return {Path(key).stem for key in table["key"]}


def test_jpeg_copies_of_a_forgotten_gold_test_stay_out_of_training(tmp_path: Path, workspace: Workspace) -> None:
    ingest_source(workspace, write_tree(tmp_path / "part", faces(range(60), jpeg=False)))
    find_duplicates(workspace)
    first = freeze(workspace, "v1", ratios=(60, 10, 30))
    tested = people(workspace, first, ("test",))
    forget_source(workspace, "part")
    ingest_source(workspace, write_tree(tmp_path / "again", faces(range(80), jpeg=True)))
    report = find_duplicates(workspace)
    second = freeze(workspace, "v2")
    assert (report.samples, report.fenced) == (80, len(tested))
    assert not tested & people(workspace, second, ("train", "val"))
    assert people(workspace, second, ("train",)) >= {f"{number:03d}" for number in range(60)} - tested - people(
        workspace, second, ("val", "test")
    )
    assert verify_version(workspace.manifests, "v2", state=workspace.state).findings == ()


def test_the_fence_holds_through_versions_without_the_pictures(tmp_path: Path, workspace: Workspace) -> None:
    ingest_source(workspace, write_tree(tmp_path / "part", faces(range(60), jpeg=False)))
    first = freeze(workspace, "v1", ratios=(60, 10, 30))
    tested = people(workspace, first, ("test",))
    forget_source(workspace, "part")
    ingest_source(workspace, write_tree(tmp_path / "others", faces(range(60, 90), jpeg=False)))
    freeze(workspace, "v2")
    shutil.rmtree(workspace.manifests / "v1")  # its child alone must know
    ingest_source(workspace, write_tree(tmp_path / "again", faces(range(60), jpeg=True)))
    find_duplicates(workspace)
    assert not tested & people(workspace, freeze(workspace, "v3"), ("train", "val"))


def sequences(persons: range, shots: range) -> dict[str, bytes]:
    """CK+48 names: one film each of several emotions, of few persons."""
    return {
        f"{EMOTIONS[shot % 3]}/S{person:03d}_{shot:03d}_{frame:08d}.png": encode_png(
            draw_face(make_face(5, person), EMOTIONS[shot % 3], seed=1000 * person + 10 * shot + frame)
        )
        for person in persons
        for shot in shots
        for frame in (1, 2)
    }


def test_a_person_of_a_forgotten_gold_test_stays_out_of_training(tmp_path: Path, workspace: Workspace) -> None:
    ingest_source(workspace, write_tree(tmp_path / "first", sequences(range(20), range(2))), format_name="ck48")
    first = freeze(workspace, "v1", ratios=(60, 10, 30))
    tested = set(first.rows().query("split == 'test'")["subject"])
    forget_source(workspace, "first")
    ingest_source(workspace, write_tree(tmp_path / "second", sequences(range(20), range(2, 4))), format_name="ck48")
    rows = freeze(workspace, "v2").rows()
    assert len(tested) > 3
    assert not tested & set(rows["subject"][rows["split"] != "test"])


def test_pictures_that_no_source_delivers_leave_the_gold_test(tmp_path: Path, workspace: Workspace) -> None:
    ingest_source(workspace, write_tree(tmp_path / "one", faces(range(40), jpeg=False)))
    ingest_source(workspace, write_tree(tmp_path / "two", faces(range(40, 80), jpeg=False)))
    first = freeze(workspace, "v1", ratios=(60, 10, 30)).rows()
    forget_source(workspace, "two")
    second = freeze(workspace, "v2")
    rows, header = second.rows(), second.header
    mine = first[first["sources"] == "one"]
    assert set(rows["sources"]) == {"one"}
    assert set(rows["sample_id"][rows["gold"]]) == set(mine["sample_id"][mine["gold"]])
    lost = first[(first["sources"] == "two")]
    assert header["departed"] == [
        {"sources": "two", "split": split, "rows": int(count)}
        for split, count in sorted(lost["split"].replace("test", "gold").value_counts().items())
    ]
    assert header["fenced"] == int(lost["gold"].sum()) == header["left_out"][GONE["gold"]]
    assert verify_version(workspace.manifests, "v2", state=workspace.state).findings == ()


def test_a_gallery_of_copies_shows_nothing_that_no_source_delivers(tmp_path: Path, workspace: Workspace) -> None:
    ingest_source(workspace, write_tree(tmp_path / "part", faces(range(30), jpeg=False)))
    ingest_source(workspace, write_tree(tmp_path / "again", faces(range(30), jpeg=True)))
    find_duplicates(workspace)
    freeze(workspace, "v1", ratios=(50, 10, 40))
    assert write_duplicates_gallery(workspace, tmp_path / "before.html") == 30
    forget_source(workspace, "part")
    report = find_duplicates(workspace)
    assert report.fenced > 5
    assert write_duplicates_gallery(workspace, tmp_path / "after.html") == report.groups == 0
    assert "<img" not in (tmp_path / "after.html").read_text(encoding="utf-8")


def test_when_every_source_is_forgotten_there_is_nothing_to_release(tmp_path: Path, workspace: Workspace) -> None:
    ingest_source(workspace, write_tree(tmp_path / "part", faces(range(30), jpeg=False)))
    freeze(workspace, "v1", ratios=(50, 10, 40))
    forget_source(workspace, "part")
    with pytest.raises(NothingToRelease, match="no picture"):
        freeze(workspace, "v2")


def test_gold_membership_never_grows_again(tmp_path: Path, workspace: Workspace) -> None:
    ingest_source(workspace, write_tree(tmp_path / "one", faces(range(40), jpeg=False)))
    ingest_source(workspace, write_tree(tmp_path / "two", faces(range(40, 80), jpeg=False)))
    gold = freeze(workspace, "v1", ratios=(60, 10, 30)).rows().query("gold and sources == 'two'")
    forget_source(workspace, "two")
    smaller = freeze(workspace, "v2").header["gold"]
    ingest_source(workspace, tmp_path / "two")
    third = freeze(workspace, "v3")
    assert third.header["gold"] == smaller
    assert not set(gold["sample_id"]) & set(third.rows()["sample_id"])
    again = freeze(workspace, "v1-again", parent="v1")
    assert set(gold["sample_id"]) <= set(again.rows().query("gold")["sample_id"])


def test_copies_that_only_an_earlier_search_found_go_on_holding(tmp_path: Path, workspace: Workspace) -> None:
    pictures = faces(range(40), jpeg=False)
    turned = {key: encode_png(np.rot90(decode(data, max_megapixels=1).pixels)) for key, data in pictures.items()}
    ingest_source(workspace, write_tree(tmp_path / "part", pictures))
    find_duplicates(workspace)
    tested = people(workspace, freeze(workspace, "v1", ratios=(50, 10, 40)), ("test",))
    ingest_source(workspace, write_tree(tmp_path / "turned", turned))
    find_duplicates(workspace, thorough=True)
    assert not tested & people(workspace, freeze(workspace, "v2"), ("train", "val"))
    find_duplicates(workspace)
    assert not tested & people(workspace, freeze(workspace, "v3"), ("train", "val"))


def decide(workspace: Workspace, sample_id: str, kind: str, label: str) -> None:
    at = NOON.isoformat()
    with workspace.catalog() as catalog:
        append_decisions(
            catalog, [Decision(action=kind, kind=kind, sample_id=sample_id, label=label, reviewer="ann", at=at)]
        )


def test_a_test_picture_that_an_older_release_trained_on_is_withdrawn(
    tmp_path: Path, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest_source(workspace, write_tree(tmp_path / "one", faces(range(30), jpeg=False)))
    freeze(workspace, "v1")
    ingest_source(workspace, write_tree(tmp_path / "two", faces(range(30, 70), jpeg=False)))
    tested = (
        freeze(workspace, "v2", ratios=(50, 0, 50)).rows().query("split == 'test' and not gold")["sample_id"].iloc[0]
    )
    decide(workspace, tested, "exclude", "")
    freeze(workspace, "v3")
    decide(workspace, tested, "relabel", "happy")
    with monkeypatch.context() as older:
        older.setattr(Workspace, "fence", lambda *_: Fence({}, frozenset(), (), None))
        assert split_of(freeze(workspace, "v4", ratios=(100, 0, 0)), tested) == ["train"]
    last = freeze(workspace, "v5")
    assert split_of(last, tested) == []
    assert [(each["sample_id"], each["split"], each["edge"]["kind"]) for each in last.header["withdrawn"]] == [
        (tested, "train", "tested before")
    ]


def split_of(version: Version, sample_id: str) -> list[str]:
    rows = version.rows()
    return list(rows["split"][rows["sample_id"] == sample_id])


def test_versions_are_ordered_by_release_and_not_by_the_clock(tmp_path: Path, workspace: Workspace) -> None:
    ingest_source(workspace, write_tree(tmp_path / "part", faces(range(60), jpeg=False)))
    for hours, name in ((0, "v1"), (2, "v2"), (-5, "v3"), (-9, "v4")):
        freeze_version(workspace, name, created=NOON + dt.timedelta(hours=hours))
    assert [version.name for version in workspace.versions()] == ["v1", "v2", "v3", "v4"]
    assert [(each.header["parent"] or {}).get("name") for each in workspace.versions()] == [None, "v1", "v2", "v3"]


def test_a_version_whose_tests_cannot_be_read_stops_a_search(tmp_path: Path, workspace: Workspace) -> None:
    ingest_source(workspace, write_tree(tmp_path / "part", faces(range(30), jpeg=False)))
    freeze(workspace, "v1")
    (workspace.manifests / "v1" / "edges.parquet").write_bytes(b"no table")
    with pytest.raises(VersionDamaged, match=r"edges\.parquet"):
        find_duplicates(workspace)


def test_an_audit_of_a_version_looks_at_rows_that_no_source_delivers(tmp_path: Path, workspace: Workspace) -> None:
    ingest_source(workspace, write_tree(tmp_path / "tested", faces(range(30), jpeg=False)))
    ingest_source(workspace, write_tree(tmp_path / "copies", faces(range(30), jpeg=True)))
    leaking = freeze(workspace, "v1", ratios=(60, 10, 30))  # without a search, copies go anywhere
    rows, places = leaking.rows(), leaking.occurrences()
    forget_source(workspace, "tested")
    before = audit_version(workspace, leaking)
    assert {leak.near for leak in before.leaks} == {None}
    assert (before.samples, before.gone.pictures, before.gone.searched) == (60, 30, 0)
    find_duplicates(workspace)
    after = audit_version(workspace, leaking)
    own = places.merge(rows[["sample_id", "split"]]).assign(who=lambda table: table["key"].str.slice(-7, -4))
    trained = set(own["who"][(own["split"] == "train") & (own["source"] == "copies")])
    tested = set(own["who"][(own["split"] == "test") & (own["source"] == "tested")])
    assert len(trained & tested) > 3
    assert after.leaks[-1].split == "test"
    assert after.leaks[-1].near >= len(trained & tested)
    assert after.needs_attention
    assert after.gone == Gone(30, searched=len(tested), waiting=0, unknown=0)


def test_an_audit_of_a_version_knows_persons_of_rows_that_no_source_delivers(
    tmp_path: Path, workspace: Workspace
) -> None:
    ingest_source(workspace, write_tree(tmp_path / "first", sequences(range(20), range(2))), format_name="ck48")
    first = freeze(workspace, "v1", ratios=(60, 10, 30))
    forget_source(workspace, "first")
    people, films = audit_version(workspace, first).straddling
    assert (people.known, people.straddling, films.known, films.straddling) == (20, 0, 40, 0)

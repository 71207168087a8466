"""Versions of a real workspace: released, inherited, verified, compared."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from layouts import face, png, write_tree

from curate.audit import audit_version
from curate.catalog.duplicates import Grouped, Pair, covered_digest, replace_duplicates
from curate.demo import Planted
from curate.duplicates import find_duplicates
from curate.duplicates.recall import known_recall
from curate.errors import NothingToRelease, VersionError, VersionExists, VersionNotFound, WorkspaceLocked
from curate.executors import local_threads
from curate.ingest import forget_source, ingest_source
from curate.manifest import Version, diff_versions, verify_version
from curate.version import freeze_version
from curate.workspace import Workspace

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def searched(planted: Planted, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of both generated sources, searched for duplicates; to be copied."""
    workspace = Workspace.create(tmp_path_factory.mktemp("searched") / "workspace")
    for source in (planted.faces, planted.sequences):
        ingest_source(workspace, source)
    find_duplicates(workspace, thorough=True)
    return workspace.folder


@pytest.fixture
def filled(searched: Path, tmp_path: Path) -> Workspace:
    shutil.copytree(searched, tmp_path / "workspace")
    return Workspace(tmp_path / "workspace")


def freeze(workspace: Workspace, name: str, **options: object) -> Version:
    hours = len(workspace.version_names())
    return freeze_version(workspace, name, created=NOON + timedelta(hours=hours), **options)


def faults(workspace: Workspace, name: str) -> list[str]:
    return [finding.text for finding in verify_version(workspace.manifests, name, state=workspace.state).findings]


def set_toml(workspace: Workspace, edit: Callable[[str], str]) -> None:
    path = workspace.folder / "curate.toml"
    path.write_text(edit(path.read_text(encoding="utf-8")), encoding="utf-8")


def test_a_version_is_what_its_header_says(filled: Workspace) -> None:
    version = freeze(filled, "v1")
    rows, header = version.rows(), version.header
    assert faults(filled, "v1") == []
    assert rows["sample_id"].is_monotonic_increasing
    assert len(rows) == header["rows"] == sum(sum(part.values()) for part in header["counts"].values())
    assert (header["name"], header["line"], header["parent"], header["derived"]) == ("v1", "v1", None, None)
    search = header["search"]
    assert (search["name"], search["done"], search["thorough"], search["complete"]) == ("thorough", True, True, True)
    assert search["covered"] == search["samples"] == len(filled.samples())
    assert [(each["kind"], each["recall"]) for each in search["recall"]] == [
        (each.kind, each.recall) for each in known_recall(thorough=True)
    ]
    assert (search["doubtful"], search["doubtful_across_splits"]) == (0, 0)
    assert header["gold"]["rows"] == rows["gold"].sum() == (rows["split"] == "test").sum()
    assert [source["name"] for source in header["sources"]] == ["faces", "sequences"]


def test_only_the_keeper_of_a_group_is_a_row(filled: Workspace) -> None:
    rows = freeze(filled, "v1").rows()
    groups = filled.groups()
    assert rows["group_id"].dropna().is_unique
    held = groups[groups["sample_id"].isin(rows["sample_id"])]
    assert held["keeper"].all()
    everything = freeze(filled, "all", keep_copies=True, parent=None).rows()
    assert not everything["group_id"].dropna().is_unique


def test_subjects_and_copies_stay_on_one_side(filled: Workspace) -> None:
    rows = freeze(filled, "v1", keep_copies=True).rows()
    for name in ("subject", "sequence", "group_id", "lineage_id"):
        assert rows.dropna(subset=name).groupby(name)["split"].nunique().max() == 1


def test_every_occurrence_is_there_and_says_why_it_is_left_out(filled: Workspace) -> None:
    version = freeze(filled, "v1")
    occurrences = version.occurrences()
    assert len(occurrences) == len(filled.occurrences())
    left_out = occurrences[occurrences["left_out"].notna()]
    assert not set(left_out["sample_id"]) & set(version.rows()["sample_id"])
    assert set(occurrences["sample_id"]) - set(left_out["sample_id"]) == set(version.rows()["sample_id"])
    counts = left_out.drop_duplicates("sample_id")["left_out"].value_counts().to_dict()
    assert counts == version.header["left_out"]


def test_the_digest_is_that_of_the_content(filled: Workspace, planted: Planted, tmp_path: Path) -> None:
    first = freeze(filled, "v1")
    other = Workspace.create(tmp_path / "other")
    for source in (planted.sequences, planted.faces):
        ingest_source(other, source, batch_pictures=7)
    with local_threads(1) as executor:
        find_duplicates(other, thorough=True, executor=executor)
    again = freeze_version(other, "another-name", created=NOON + timedelta(days=9))
    assert again.header["digest"] == first.header["digest"]
    set_toml(other, lambda text: text.replace("seed = 0", "seed = 1"))
    assert freeze(other, "v2", parent=None).header["digest"] != first.header["digest"]


def test_a_child_without_changes_equals_its_parent(filled: Workspace) -> None:
    first, second = freeze(filled, "v1"), freeze(filled, "v2")
    assert second.header["parent"] == {"name": "v1", "digest": first.header["digest"]}
    assert second.header["digest"] == first.header["digest"]
    changed = diff_versions(first, second)
    assert (changed.same, len(changed.added), len(changed.removed)) == (first.header["rows"], 0, 0)


def test_a_child_keeps_splits_and_gold_whatever_happens(filled: Workspace, tmp_path: Path) -> None:
    first = freeze(filled, "v1")
    more = {f"happy/{number}.png": png(number) for number in range(100, 140)}
    ingest_source(filled, write_tree(tmp_path / "more", more))
    forget_source(filled, "sequences")
    set_toml(filled, lambda text: text.replace("\n[labels]", '\n[labels]\n"angry" = "unknown"', 1))
    find_duplicates(filled)
    second = freeze(filled, "v2")
    before, after = (version.rows().set_index("sample_id") for version in (first, second))
    both = before.index.intersection(after.index)
    assert after.loc[both, "split"].tolist() == before.loc[both, "split"].tolist()
    assert set(after.index[after["gold"]]) == set(before.index[before["gold"]])
    assert second.header["gold"] == first.header["gold"]
    assert faults(filled, "v2") == []
    held = after[after["held"].notna()]
    assert held["gold"].all()
    assert second.header["held"] == len(held) > 0
    assert before.loc[held.index, "label"].tolist() == held["label"].tolist()


def test_groups_that_were_named_after_a_forgotten_picture_stay_apart(workspace: Workspace, tmp_path: Path) -> None:
    for name, first in (("a", 0), ("b", 20)):
        ingest_source(
            workspace, write_tree(tmp_path / name, {f"happy/{n}.png": png(n) for n in range(first, first + 20)})
        )
    places = workspace.occurrences().groupby("source")["sample_id"].agg(list)
    pairs = [Pair(*sorted(ends), "copy", "aligned", 0, 1.0, "duplicate", "") for ends in zip(*places, strict=True)]
    members = [Grouped(pair[0], name, name == pair[0], 1) for pair in pairs for name in pair[:2]]
    found = {"samples": 40, "covered": covered_digest(workspace.samples()["sample_id"])}
    with workspace.catalog() as catalog:
        replace_duplicates(catalog, pairs, members, thorough=False, report=found)
    forget_source(workspace, "a")
    assert set(freeze(workspace, "v1").rows()["sample_id"]) == set(places["b"])


def test_evidence_found_later_withdraws_and_names_the_edge(planted: Planted, workspace: Workspace) -> None:
    ingest_source(workspace, planted.faces)
    first = freeze(workspace, "v1")
    find_duplicates(workspace, thorough=True)
    second = freeze(workspace, "v2")
    assert faults(workspace, "v2") == []
    listed = second.header["withdrawn"]
    assert len(listed) == second.header["left_out"]["withdrawn"] > 0
    edges = set(second.edges()[["sample_a", "sample_b"]].itertuples(index=False, name=None))
    for each in listed:
        assert (each["edge"]["sample_a"], each["edge"]["sample_b"]) in edges
        assert each["sample_id"] in (each["edge"]["sample_a"], each["edge"]["sample_b"])
    changed = diff_versions(first, second)
    assert sorted(changed.withdrawn["sample_id"]) == sorted(each["sample_id"] for each in listed)
    assert set(changed.removed["why"]) <= {"withdrawn", "copy of a kept picture", "label is open"}


def test_official_splits_are_repaired_and_counted(filled: Workspace) -> None:
    version = freeze(filled, "v1", keep_official_splits=True, keep_copies=True)
    rows, occurrences = version.rows(), version.occurrences()
    official = occurrences.dropna(subset="official_split").groupby("sample_id")["official_split"].agg(set)
    moved = rows[rows["moved_from"].notna()]
    assert len(moved) == sum(each["rows"] for each in version.header["moved"]) > 0
    assert set(moved["moved_from"]) == {"train"}
    assert set(moved["split"]) == {"test"}
    stayed = rows[rows["moved_from"].isna() & rows["sample_id"].isin(official.index)]
    assert all(split in official[name] for name, split in zip(stayed["sample_id"], stayed["split"], strict=True))


def test_a_split_can_be_kept_out_of_versions(filled: Workspace) -> None:
    before = freeze(filled, "v1")
    source = str(filled.occurrences()["source"].iloc[0])
    set_toml(filled, lambda text: text.replace("\n[splits]", f'\n[splits.{source}]\ntest = "out"\n'))
    places = filled.occurrences().groupby("sample_id")["kept_out"].agg(["any", "all"])
    only_there, also_elsewhere = set(places.index[places["all"]]), set(places.index[places["any"] & ~places["all"]])
    version = freeze(filled, "v2", parent=None)
    assert only_there
    assert also_elsewhere
    assert set(before.rows()["sample_id"]) - set(version.rows()["sample_id"]) <= only_there
    assert not only_there & set(version.rows()["sample_id"])
    listed = version.occurrences().set_index("sample_id")["left_out"]
    reason = "its official split is kept out by [splits]"
    assert set(listed[listed == reason].index) <= only_there
    assert version.header["left_out"][reason] > 0


def test_the_newest_plain_version_is_the_parent(filled: Workspace) -> None:
    for name in ("b", "a", "c"):
        freeze(filled, name)
    assert [version.header["parent"] and version.header["parent"]["name"] for version in filled.versions()] == [
        None, "b", "a",
    ]  # fmt: skip
    assert freeze(filled, "apart", parent=None).header["line"] == "apart"
    assert freeze(filled, "child", parent="b").header["parent"]["name"] == "b"


def test_what_cannot_be_released_is_refused(filled: Workspace, tmp_path: Path) -> None:
    freeze(filled, "v1")
    for name, error in (("v1", VersionExists), ("../v2", VersionError), ("none", VersionError), ("", VersionError)):
        with pytest.raises(error):
            freeze(filled, name)
    for ratios in ((80, 20), (0, 50, 50), (80, -10, 30), (float("nan"), 1, 1)):
        with pytest.raises(VersionError):
            freeze(filled, "v2", ratios=ratios)
    with pytest.raises(VersionNotFound, match="known: v1"):
        freeze(filled, "v2", parent="v0")
    with pytest.raises(NothingToRelease):
        freeze(Workspace.create(tmp_path / "empty"), "v1")
    assert filled.version_names() == ["v1"]


def test_a_gold_label_cannot_leave_the_classes(filled: Workspace) -> None:
    freeze(filled, "v1")
    set_toml(filled, lambda text: text.replace('"happy", ', ""))
    with pytest.raises(VersionError, match="happy"):
        freeze(filled, "v2")


def test_freezing_waits_for_nobody(filled: Workspace) -> None:
    with filled.locked("curate ingest"), pytest.raises(WorkspaceLocked, match="curate ingest"):
        freeze(filled, "v1")


def test_relabelling_shows_in_the_diff(filled: Workspace) -> None:
    first = freeze(filled, "v1")
    set_toml(filled, lambda text: text.replace("\n[labels]", '\n[labels]\n"sad" = "fear"', 1))
    changed = diff_versions(first, freeze(filled, "v2"))
    pairs = set(changed.relabelled[["label_a", "label_b"]].itertuples(index=False, name=None))
    assert ("sad", "fear") in pairs
    sad = next(each for each in changed.classes if each.label == "sad")
    assert (sad.relabelled_from, sad.relabelled_to) == (int((changed.relabelled["label_a"] == "sad").sum()), 0)
    assert not len(changed.added)


def test_pictures_come_in_row_order_with_their_labels(workspace: Workspace, tmp_path: Path) -> None:
    names = ("happy", "sad", "fear")
    files = {f"{names[number % 3]}/{number}.png": png(number, names[number % 3]) for number in range(30)}
    ingest_source(workspace, write_tree(tmp_path / "faces", files))
    version = freeze(workspace, "v1")
    rows = version.rows()
    places = workspace.occurrences().set_index("sample_id")["key"]
    pictures, labels = version.pictures("train")
    own = rows[rows["split"] == "train"]
    assert [version.header["classes"][label] for label in labels] == own["label"].tolist()
    for picture, sample_id in zip(pictures, own["sample_id"], strict=True):
        label, number = places[sample_id].removesuffix(".png").split("/")
        assert (picture == face(int(number), label)).all()
    assert version.pictures(size_px=24, mode="RGB")[0].shape == (30, 24, 24, 3)


def test_an_audit_shows_what_evidence_found_later_would_change(planted: Planted, workspace: Workspace) -> None:
    ingest_source(workspace, planted.faces)
    first = freeze(workspace, "v1")
    find_duplicates(workspace, thorough=True)
    before = audit_version(workspace, first)
    assert before.version == "v1"
    assert before.occurrences >= before.samples == first.header["rows"]
    assert before.leaks[0].leaking > 0
    assert "freeze a child" in before.findings[0].text
    after = audit_version(workspace, freeze(workspace, "v2"))
    assert [leak.leaking for leak in after.leaks] == [0, 0, 0]
    assert not after.needs_attention
    assert {label: sum(part.values()) for label, part in _by_label(workspace.version("v2")).items()} == dict(
        after.balances[0].labels
    )


def _by_label(version: Version) -> dict[str, dict[str, int]]:
    counts = version.header["counts"]
    labels = {label for part in counts.values() for label in part}
    return {label: {split: part.get(label, 0) for split, part in counts.items()} for label in labels}

"""Versions of the real datasets: repaired official splits, people on one side, shares of classes."""

import shutil
from datetime import UTC, datetime

import pandas as pd
import pytest

from curate.audit import audit_version, audit_workspace
from curate.duplicates import DuplicateReport
from curate.ingest import forget_source
from curate.manifest import Version, verify_version
from curate.version import freeze_version
from curate.workspace import Workspace

pytestmark = pytest.mark.realdata

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def searched(merged_searched: tuple[Workspace, DuplicateReport], tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """FER-2013 and CK+48 after a default search."""
    folder = tmp_path_factory.mktemp("fer2013") / "workspace"
    shutil.copytree(merged_searched[0].folder, folder)
    workspace = Workspace(folder)
    forget_source(workspace, "ferplus")  # which has no picture of its own
    return workspace


@pytest.fixture(scope="module")
def repaired(searched: Workspace) -> Version:
    return freeze_version(
        searched, "repaired", created=NOON, parent=None, keep_official_splits=True, keep_copies=True
    )  # fmt: skip


def test_no_verified_pair_crosses_a_repaired_split(searched: Workspace, repaired: Version) -> None:
    split = repaired.rows().set_index("sample_id")["split"]
    pairs = searched.pairs().query("verdict == 'duplicate'")
    ends = pairs[pairs["sample_a"].isin(split.index) & pairs["sample_b"].isin(split.index)]
    assert len(ends) > 10_000
    assert split[ends["sample_a"]].tolist() == split[ends["sample_b"]].tolist()
    assert verify_version(searched.manifests, "repaired", state=searched.state).findings == ()
    assert [leak.leaking for leak in audit_version(searched, repaired).leaks] == [0, 0, 0]


def test_what_the_repair_moved_is_what_the_audit_calls_a_leak(searched: Workspace, repaired: Version) -> None:
    (leak,) = (each for each in audit_workspace(searched, "fer2013").leaks if each.split == "val+test")
    members = searched.groups()
    group_of = dict(zip(members["sample_id"], members["group_id"], strict=True))
    pictures = repaired.occurrences().query("source == 'fer2013'")
    pictures = pictures.assign(group=pictures["sample_id"].map(lambda name: group_of.get(name, name)))

    def leaking(some: pd.DataFrame) -> set[str]:
        """Keys of val and test pictures with a copy in train."""
        train = set(some.query("official_split == 'train'")["group"])
        tested = some.query("official_split != 'train'")
        return set(tested["key"][tested["group"].isin(train)])

    assert len(leaking(pictures)) == leak.leaking
    kept = pictures[pictures["left_out"].isna()]
    rows = repaired.rows()
    moved = rows[rows["moved_from"] == "train"]
    in_both = (
        kept.groupby("sample_id")["official_split"].agg(set).map(lambda splits: "train" in splits and len(splits) > 1)
    )
    reached = {group_of.get(name, name) for name in (*moved["sample_id"], *in_both.index[in_both])}
    tested = kept.query("official_split != 'train'")
    assert set(tested["key"][tested["group"].isin(reached)]) == leaking(kept)
    assert len(moved) == sum(each["rows"] for each in repaired.header["moved"] if each["from_split"] == "train")


def test_a_subject_of_ck48_is_on_one_side(searched: Workspace) -> None:
    rows = freeze_version(searched, "people", created=NOON, parent=None).rows()
    for name in ("subject", "sequence"):
        assert rows.dropna(subset=name).groupby(name)["split"].nunique().max() == 1
    assert rows["subject"].nunique() == 118 - _without_listed_class(searched)


def _without_listed_class(workspace: Workspace) -> int:
    """Subjects of whom CK+48 has nothing but contempt."""
    labels = workspace.occurrences().query("source == 'ck48'").groupby("subject")["given_label"].agg(set)
    return int((labels == {"contempt"}).sum())


def test_every_split_has_its_share_of_every_class(merged: Workspace) -> None:
    rows = freeze_version(merged, "shares", created=NOON, parent=None).rows()
    shares = pd.crosstab(rows["label"], rows["split"], normalize="columns")
    whole = rows["label"].value_counts(normalize=True)
    assert shares.sub(whole, axis=0).abs().max().max() <= 0.01
    sizes = rows["split"].value_counts(normalize=True)
    assert sizes.round(3).to_dict() == {"train": 0.8, "val": 0.1, "test": 0.1}

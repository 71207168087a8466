"""What people decided counts: for labels, exclusions, pairs and groups, and in the next version."""

import itertools
from datetime import UTC, datetime
from pathlib import Path

import pytest
from layouts import png, write_tree

from curate.catalog.decisions import append_decisions
from curate.catalog.duplicates import Grouped, Pair, covered_digest, replace_duplicates
from curate.decisions import Decision
from curate.duplicates import regroup
from curate.duplicates.groups import Group, group_pairs
from curate.errors import SampleNotFound
from curate.ingest import ingest_source
from curate.manifest import diff_versions
from curate.version import freeze_version
from curate.workspace import Workspace

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
AT = "2026-01-01T12:00:00+00:00"


@pytest.fixture
def filled(workspace: Workspace, tmp_path: Path) -> Workspace:
    files = {f"{('happy', 'sad')[number % 2]}/{number}.png": png(number) for number in range(20)}
    ingest_source(workspace, write_tree(tmp_path / "faces", files))
    return workspace


def decide(workspace: Workspace, kind: str, sample: str, other: str = "", label: str = "", by: str = "ann") -> None:
    action = f"{kind}-{sample[:8]}-{other[:8]}-{label}-{by}"
    with workspace.catalog() as catalog:
        append_decisions(
            catalog,
            [Decision(action=action, kind=kind, sample_id=sample, other_id=other, label=label, reviewer=by, at=AT)],
        )


def state(workspace: Workspace, sample: str, *columns: str) -> list[object]:
    table = workspace.samples().set_index("sample_id").loc[sample, list(columns)]
    return [value if isinstance(value, str) else None for value in table]


def join(workspace: Workspace, names: list[str]) -> None:
    """A search that found a chain of copies."""
    pairs = [
        Pair(a, b, "re-cropped", "aligned", 4, 0.95 - 0.01 * step, "duplicate", "")
        for step, (a, b) in enumerate(itertools.pairwise(names))
    ]
    members = [Grouped(names[0], name, name == names[0], len(names) - 1) for name in names]
    found = {"samples": 20, "covered": covered_digest(workspace.samples()["sample_id"])}
    with workspace.catalog() as catalog:
        replace_duplicates(catalog, pairs, members, thorough=False, report=found)


def test_a_reviewed_label_comes_first_and_says_who(filled: Workspace) -> None:
    sample = filled.samples()["sample_id"][0]
    decide(filled, "relabel", sample, label="fear")
    assert state(filled, sample, "label", "label_origin", "label_by", "label_at") == ["fear", "reviewed", "ann", AT]


def test_an_excluded_picture_stays_out_of_the_next_version(filled: Workspace) -> None:
    first = freeze_version(filled, "v1", created=NOON, parent=None)
    train = first.rows().query("split == 'train'")["sample_id"].tolist()
    decide(filled, "exclude", train[0])
    decide(filled, "relabel", train[1], label="not_a_face")
    decide(filled, "relabel", train[2], label="surprise")
    second = freeze_version(filled, "v2", created=NOON)
    changed = diff_versions(first, second)
    assert dict(zip(changed.removed["sample_id"], changed.removed["why"], strict=True)) == {
        train[0]: "excluded: by ann",
        train[1]: "label is not_a_face",
    }
    row = changed.relabelled.iloc[0]
    assert (row["sample_id"], row["label_b"], row["label_origin"], row["label_by"]) == (
        train[2], "surprise", "reviewed", "ann",
    )  # fmt: skip


def test_the_log_takes_an_action_once_and_no_unknown_sample(filled: Workspace) -> None:
    sample = filled.samples()["sample_id"][0]
    for _ in range(2):
        decide(filled, "relabel", sample, label="fear")
    with pytest.raises(SampleNotFound):
        decide(filled, "relabel", "ab" * 32, label="fear")
    assert len(filled.decisions()) == 1


def test_people_overrule_the_search(filled: Workspace) -> None:
    names = filled.samples()["sample_id"].tolist()[:4]
    join(filled, names)
    decide(filled, "different", names[0], names[1])
    decide(filled, "same", names[0], names[3])
    table = filled.pairs().set_index(["sample_a", "sample_b"])
    assert table["verdict"].to_dict() == {
        (names[0], names[1]): "different",
        (names[0], names[3]): "duplicate",
        (names[1], names[2]): "duplicate",
        (names[2], names[3]): "duplicate",
    }
    assert regroup(filled) == 2
    groups = filled.groups().groupby("group_id")["sample_id"].agg(list).to_dict()
    assert groups == {names[0]: [names[0], names[3]], names[1]: [names[1], names[2]]}


def test_lineage_follows_what_people_say_at_once(filled: Workspace) -> None:
    names = filled.samples()["sample_id"].tolist()[:3]
    join(filled, names[:2])
    decide(filled, "different", names[0], names[1])
    decide(filled, "same", names[1], names[2])
    assert state(filled, names[0], "lineage_id") == [names[0]]
    assert state(filled, names[2], "lineage_id") == [names[1]]


def test_two_that_must_be_apart_are_cut_where_the_chain_is_weakest() -> None:
    found = {("a", "b"): 0.95, ("b", "c"): 0.91, ("c", "d"): 0.99}
    assert group_pairs(found, apart={("a", "d")}) == [
        Group("a", ("a", "b"), 1, (("b", "c"),)),
        Group("c", ("c", "d"), 1, ()),
    ]

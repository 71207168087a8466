import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from layouts import face, png, votes_for, write_tree, write_zip

from curate.audit import AuditReport, audit_workspace, report_tables
from curate.audit.ceiling import wilson_interval
from curate.audit.facts import NO_SPLIT, Occurrences
from curate.audit.leaks import find_straddling
from curate.audit.report import ALL_SOURCES, Balance, ClassLeak, Conflict, Disagreement, Leak, Straddling, Unmapped
from curate.catalog.duplicates import Grouped, Pair, covered_digest, replace_duplicates
from curate.components import connect
from curate.demo import Planted
from curate.emotions import BASIC_EMOTIONS
from curate.errors import SourceNotFound
from curate.images import encode_png
from curate.ingest import ingest_source
from curate.workspace import Workspace

TRAIN, VAL, TEST = range(3)


def take_in(workspace: Workspace, name: str, files: dict[str, bytes]) -> None:
    ingest_source(workspace, write_tree(workspace.folder.parent / name, files))


def declare_copies(workspace: Workspace, pairs: list[tuple[str, str, str]], *, missing: int = 0) -> None:
    """Store a search that found pairs (key, key, kind), all in one group, and knew all but so many samples."""
    rows = workspace.occurrences()
    ids = dict(zip(rows["key"], rows["sample_id"], strict=True))
    found = [Pair(*sorted((ids[a], ids[b])), kind, "declared", 0, 1.0, "duplicate") for a, b, kind in pairs]
    groups: list[set[str]] = []
    for pair in found:
        touched = [group for group in groups if group & set(pair[:2])]
        groups = [group for group in groups if group not in touched] + [set(pair[:2]).union(*touched)]
    members = [Grouped(min(group), each, each == min(group), 1) for group in groups for each in sorted(group)]
    known = workspace.samples()["sample_id"].tolist()[missing:]
    report = {"samples": len(known), "thorough": False, "covered": covered_digest(known)}
    with workspace.catalog() as catalog:
        replace_duplicates(catalog, found, members, thorough=False, report=report)


def sample_of(workspace: Workspace, key: str) -> str:
    rows = workspace.occurrences()
    return str(rows.loc[rows["key"] == key, "sample_id"].item())


def attention(report: AuditReport) -> list[str]:
    return [each.text for each in report.findings if each.severity == "attention"]


LEAKING = {
    "train/happy/1.png": png(1),
    "train/happy/2.png": png(2),
    "train/sad/3.png": png(3),
    "validation/happy/1.png": png(1),
    "test/happy/1.png": png(1),
    "test/happy/12.png": png(12),
    "test/sad/13.png": png(13),
    "test/sad/20.png": png(20),
}
COPIES = [
    ("train/happy/2.png", "test/happy/12.png", "re-cropped"),
    ("train/sad/3.png", "test/sad/13.png", "mirrored"),
]


class TestLeaks:
    def test_each_picture_counts_under_the_closest_copy_it_has_in_train(self, workspace: Workspace) -> None:
        take_in(workspace, "faces", LEAKING)
        declare_copies(workspace, COPIES)
        happy, sad = ClassLeak("happy", 2, 1, 1, 0, 1.0), ClassLeak("sad", 2, 0, 0, 1, 0.5)
        assert audit_workspace(workspace).leaks == (
            Leak("faces", "val+test", 5, 2, 1, 1, 2, 4, 0.8, (ClassLeak("happy", 3, 2, 1, 0, 1.0), sad)),
            Leak("faces", "val", 1, 1, 0, 0, 0, 1, 1.0, (ClassLeak("happy", 1, 1, 0, 0, 1.0),)),
            Leak("faces", "test", 4, 1, 1, 1, 2, 3, 0.75, (happy, sad)),
        )

    @pytest.mark.parametrize("missing", [None, 1])
    def test_near_copies_are_not_known_before_a_search_of_all_samples(
        self, workspace: Workspace, missing: int | None
    ) -> None:
        take_in(workspace, "faces", LEAKING)
        if missing is not None:
            declare_copies(workspace, COPIES, missing=missing)
        report = audit_workspace(workspace)
        assert [(leak.exact, leak.near, leak.transformed, leak.leaking) for leak in report.leaks] == [
            (2, None, None, 2), (1, None, None, 1), (1, None, None, 1),
        ]  # fmt: skip
        reason = "no duplicate search was made" if missing is None else (
            "the last duplicate search covered 5 samples, there are 6 now"
        )  # fmt: skip
        assert attention(report)[0] == f"near copies are not known: {reason}; run `curate duplicates`"
        assert [conflict.where for conflict in report.conflicts] == ["identical pictures"]

    def test_a_copy_reached_through_a_mirrored_one_counts_as_mirrored(self, workspace: Workspace) -> None:
        take_in(
            workspace,
            "faces",
            {f"{name}.png": png(n) for n, name in enumerate(("train/sad/1", "test/sad/2", "test/sad/3"))},
        )
        pairs = [("train/sad/1.png", "test/sad/2.png", "mirrored"), ("test/sad/2.png", "test/sad/3.png", "re-cropped")]
        declare_copies(workspace, pairs)
        (leak,) = audit_workspace(workspace).leaks
        assert (leak.exact, leak.near, leak.transformed) == (0, 0, 2)

    def test_an_identical_copy_does_not_hide_another_near_one(self, workspace: Workspace) -> None:
        files = {"train/sad/1.png": png(1), "train/sad/2.png": png(2), "test/sad/3.png": png(1)}
        take_in(workspace, "faces", files)
        declare_copies(workspace, [("train/sad/1.png", "train/sad/2.png", "re-cropped")])
        (leak,) = audit_workspace(workspace).leaks
        assert (leak.exact, leak.near, leak.not_identical, leak.leaking) == (1, 0, 1, 1)

    def test_sources_are_counted_alone_and_together(self, workspace: Workspace) -> None:
        take_in(workspace, "one", {"train/sad/1.png": png(1), "test/sad/2.png": png(2)})
        take_in(workspace, "two", {"train/sad/3.png": png(2), "test/sad/4.png": png(4)})
        report = audit_workspace(workspace)
        assert [(leak.scope, leak.split, leak.exact, leak.pictures) for leak in report.leaks] == [
            ("one", "val+test", 0, 1), ("two", "val+test", 0, 1), (ALL_SOURCES, "val+test", 1, 2),
        ]  # fmt: skip
        assert attention(report)[1].startswith("1 further pictures of official val and test splits have a copy")
        assert [leak.exact for leak in audit_workspace(workspace, "one").leaks] == [0]

    def test_remapped_splits_count_as_remapped(self, workspace: Workspace) -> None:
        take_in(workspace, "faces", LEAKING)
        with (workspace.folder / "curate.toml").open("a", encoding="utf-8") as file:
            file.write('\n[splits.faces]\ntest = "none"\n')
        assert [(leak.split, leak.pictures) for leak in audit_workspace(workspace).leaks] == [("val+test", 1)]

    def test_planted_leaks_are_counted(self, planted: Planted, workspace: Workspace) -> None:
        ingest_source(workspace, planted.faces)
        (leak,) = audit_workspace(workspace).leaks
        assert leak.exact == len(planted.of_kind("leaking exact copy"))


def occurrences(subject: list[int], split: list[int]) -> Occurrences:
    zeros = np.zeros(len(subject), np.int64)
    own, place = np.array(subject), np.array(split)
    return Occurrences(zeros, zeros, zeros, zeros, zeros, zeros, place, own, own)


def test_subjects_straddle_official_splits_but_not_the_lack_of_one() -> None:
    own = occurrences(
        [0, 0, 0, 1, 1, 2, 2, 3, -1, -1], [TRAIN, TRAIN, TEST, TRAIN, NO_SPLIT, VAL, TEST, NO_SPLIT, TRAIN, TEST]
    )
    assert find_straddling(own, "subject", ["s:d", "s:c", "s:b", "s:a"]) == Straddling(
        "subject", 3, 2, 5, (("s:b", "val, test"), ("s:d", "train, test"))
    )


class TestLabels:
    def test_identical_pictures_and_groups_with_two_labels_are_conflicts(self, workspace: Workspace) -> None:
        files = {
            "sad/1.png": png(1),
            "fear/1.png": png(1),
            "fear/2.png": png(2),
            "happy/3.png": png(3),
            "sad/4.png": png(4),
        }
        take_in(workspace, "faces", files)
        declare_copies(workspace, [("fear/2.png", "happy/3.png", "copy")])
        first = str(min(sample_of(workspace, "fear/2.png"), sample_of(workspace, "happy/3.png")))
        assert audit_workspace(workspace).conflicts == (
            Conflict(
                "identical pictures", 1, 2, (("fear", "sad", 1),), ((sample_of(workspace, "sad/1.png"), "fear, sad"),)
            ),
            Conflict("duplicate groups", 1, 2, (("fear", "happy", 1),), ((first, "fear, happy"),)),
        )  # fmt: skip

    def test_sources_disagree_on_what_they_share(self, workspace: Workspace) -> None:
        take_in(workspace, "one", {"sad/1.png": png(1), "fear/2.png": png(2), "fear/3.png": png(3)})
        take_in(workspace, "two", {"sad/1.png": png(1), "angry/2.png": png(2)})
        take_in(workspace, "three", {"sad/7.png": png(7)})
        assert audit_workspace(workspace).disagreements == (
            Disagreement("one", "two", 2, 0.5, (("fear", "angry", 1),)),
        )
        assert audit_workspace(workspace, "three").disagreements == ()

    def test_labels_without_a_meaning_come_with_the_nearest_one(self, workspace: Workspace) -> None:
        take_in(workspace, "faces", {"hapy/1.png": png(1), "hapy/2.png": png(2), "zzz/3.png": png(3)})
        report = audit_workspace(workspace)
        assert report.unmapped == (Unmapped("faces", "hapy", 2, "happy"), Unmapped("faces", "zzz", 1, None))
        assert attention(report)[1:] == [
            "faces: 2 pictures are labelled `hapy`, which means nothing here; write "
            '"hapy" = "happy" under [labels.faces] in curate.toml',
            "faces: 1 pictures are labelled `zzz`, which means nothing here; write "
            '"zzz" = "..." under [labels.faces] in curate.toml',
        ]

    def test_classes_are_weighed_by_source_and_resolved(self, workspace: Workspace) -> None:
        take_in(
            workspace, "one", {f"sad/{n}.png": png(n) for n in range(4)} | {"fear/9.png": png(9), "sad/9.png": png(0)}
        )
        absent = tuple(name for name in BASIC_EMOTIONS if name not in ("fear", "sad"))
        assert audit_workspace(workspace).balances == (
            Balance("one", {"fear": 1, "sad": 5}, 5.0, absent),
            Balance("resolved", {"fear": 1, "sad": 4}, 4.0, absent),
        )


def test_odd_pictures_and_problems_are_counted(workspace: Workspace) -> None:
    black = encode_png(np.zeros((48, 48), np.uint8))
    take_in(
        workspace,
        "faces",
        {"sad/1.png": png(1), "sad/2.png": black, "sad/3.png": black, "sad/4.png": b"x", "sad/5.doc": b"x"},
    )
    report = audit_workspace(workspace)
    assert report.flags == {"blank": 1, "dark": 1, "blurry": 0, "low-information": 1}
    assert report.problems == {"faces": {"broken-picture": 1, "ignored-file": 1}}
    assert attention(report)[-1] == (
        "faces: 1 broken-picture; repair or fetch them again and ingest anew, or accept the loss"
    )


class TestCeiling:
    @staticmethod
    def ferplus(path: Path, panels: list[tuple[int, list[int]]]) -> Path:
        """FER+ training pictures as (number of the picture, ten votes), with an old table of votes."""
        files = {f"FER2013Train/fer{n:07d}.png": png(number) for n, (number, _) in enumerate(panels)}
        lines = [f"fer{n:07d}.png,{','.join(map(str, votes))}" for n, (_, votes) in enumerate(panels)]
        return write_zip(path, {**files, "FER2013Train/label.csv": "\n".join(lines).encode()})

    def test_two_panels_on_one_picture_are_compared_by_their_top_vote(
        self, workspace: Workspace, tmp_path: Path
    ) -> None:
        panels = [
            (1, votes_for("happy")), (1, votes_for("happy")), (1, votes_for("sad")), (2, votes_for("fear", 1)),
            (2, votes_for("fear")), (3, votes_for("fear", 5)), (3, votes_for("fear")), (4, votes_for("sad")),
        ]  # fmt: skip
        ingest_source(workspace, self.ferplus(tmp_path / "ferplus.zip", panels))
        (found,) = audit_workspace(workspace).ceilings
        assert (found.source, found.panel, found.pairs, found.equal, found.separate) == ("ferplus", "2016", 5, 1, True)
        assert (found.clear, found.agreed, found.agreement) == (4, 2, 0.5)

    def test_votes_that_were_copied_to_all_copies_measure_nothing(self, workspace: Workspace, tmp_path: Path) -> None:
        panels = [(number, votes_for("happy", number)) for number in (1, 1, 2, 2, 3)]
        ingest_source(workspace, self.ferplus(tmp_path / "ferplus.zip", panels))
        (found,) = audit_workspace(workspace).ceilings
        assert (found.pairs, found.equal, found.separate, found.agreement) == (2, 2, False, None)

    def test_the_interval_is_wilsons(self) -> None:
        # Worked example: 81 of 263. Source: Newcombe 1998, Statistics in Medicine 17, 857-872, method 3.
        assert [round(end, 4) for end in wilson_interval(81, 263)] == [0.2553, 0.3662]
        assert wilson_interval(0, 20)[0] == 0.0
        assert wilson_interval(20, 20)[1] == 1.0


def faces_of(
    first: int, count: int, *, light: float = 1.0, emotion: str = "happy", folder: str = ""
) -> dict[str, bytes]:
    return {
        f"{folder}{emotion}/{n}.png": encode_png((face(n, emotion) * light).astype(np.uint8))
        for n in range(first, first + count)
    }


class TestShortcut:
    def test_a_darker_source_with_other_classes_is_a_shortcut(self, workspace: Workspace) -> None:
        take_in(workspace, "one", faces_of(0, 50) | faces_of(50, 10, emotion="sad"))
        take_in(workspace, "two", faces_of(100, 60, light=0.5, emotion="sad"))
        report = audit_workspace(workspace)
        found = report.shortcut
        assert found is not None
        assert (found.sources, found.samples, found.chance) == (("one", "two"), (60, 60), 0.5)
        assert (found.told, found.differ, found.distances) == (True, True, (("one", "two", pytest.approx(5 / 6)),))
        assert found.balanced_accuracy > 0.9
        assert attention(report)[-1].startswith("the source can be told from the picture")

    def test_two_halves_of_one_pile_are_none(self, workspace: Workspace) -> None:
        take_in(workspace, "one", faces_of(0, 50))
        take_in(workspace, "two", faces_of(100, 50))
        found = audit_workspace(workspace).shortcut
        assert found is not None
        assert (found.told, found.differ, found.distances) == (False, False, (("one", "two", 0.0),))

    def test_sources_that_share_most_samples_count_as_one(self, workspace: Workspace) -> None:
        take_in(workspace, "one", faces_of(0, 60))
        take_in(workspace, "two", faces_of(0, 40) | faces_of(80, 30))
        assert audit_workspace(workspace).shortcut is None

    def test_few_pictures_or_few_lineages_measure_nothing(self, workspace: Workspace, tmp_path: Path) -> None:
        take_in(workspace, "one", faces_of(0, 50))
        take_in(workspace, "two", faces_of(100, 49))
        subjects = {f"happy/S{n % 4:03d}_001_{n:08d}.png": png(200 + n) for n in range(50)}
        ingest_source(workspace, write_zip(tmp_path / "ck48.zip", subjects))
        assert audit_workspace(workspace).shortcut is None


@given(st.integers(1, 12).flatmap(lambda n: st.tuples(st.just(n), st.lists(st.tuples(*[st.integers(0, n - 1)] * 2)))))
def test_components_are_those_of_repeated_merging(graph: tuple[int, list[tuple[int, int]]]) -> None:
    count, edges = graph
    expected = list(range(count))
    for a, b in edges * count:
        expected = [min(expected[a], expected[b]) if each in (expected[a], expected[b]) else each for each in expected]
    assert connect(count, np.array(edges, np.int64).reshape(-1, 2)).tolist() == expected


def test_a_clean_workspace_needs_no_attention(workspace: Workspace) -> None:
    take_in(workspace, "faces", {f"{name}/1.png": png(n, name) for n, name in enumerate(BASIC_EMOTIONS)})
    declare_copies(workspace, [])
    report = audit_workspace(workspace)
    assert (report.needs_attention, report.findings) == (False, ())


def test_an_empty_workspace_says_only_that_it_is_empty(workspace: Workspace) -> None:
    report = audit_workspace(workspace)
    assert (report.occurrences, report.samples, report_tables(report)) == (0, 0, [])
    assert attention(report) == ["there are no pictures; take some in with `curate ingest PATH`"]


def test_an_unknown_source_is_refused_with_the_closest(workspace: Workspace) -> None:
    take_in(workspace, "faces", {"sad/1.png": png(1)})
    with pytest.raises(SourceNotFound, match="no source `face` has pictures in this workspace; did you mean `faces`"):
        audit_workspace(workspace, "face")


def test_the_report_is_json_and_tables_in_reading_order(workspace: Workspace) -> None:
    take_in(workspace, "faces", {**LEAKING, "hapy/1.png": png(30), "sad/x.doc": b"x", "fear/1.png": png(1)})
    report = audit_workspace(workspace)
    assert json.loads(json.dumps(asdict(report)))["leaks"][0]["exact"] == 2
    assert [table.title for table in report_tables(report)] == [
        "Pictures of val and test with a copy in train, by official split",
        "The same by class (faces)",
        "Given labels that contradict each other",
        "Examples",
        "Classes",
        "Problems",
        "Labels without a meaning",
    ]


@pytest.mark.realdata
def test_ferplus_leaks_and_its_annotators_agree_as_measured(real_data: Path, workspace: Workspace) -> None:
    ingest_source(workspace, real_data / "ferplus.zip")
    report = audit_workspace(workspace, "ferplus")
    leak = report.leaks[0]
    assert (leak.split, leak.exact, leak.pictures, f"{leak.share:.1%}") == ("val+test", 567, 7_152, "7.9%")
    older, newer = report.ceilings
    assert (older.panel, older.clear, older.separate, newer.separate) == ("2016", 1_699, True, False)
    # 87.3 % over 2,136 pairs was measured with the votes on the Test pictures, which this copy does not hold.
    assert older.agreement == pytest.approx(0.873, abs=0.01)

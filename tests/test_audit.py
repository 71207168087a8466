import json
import re
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from layouts import face, png, votes_for, write_tree, write_zip
from released import NOON
from test_cli import run

from curate.audit import AuditReport, audit_workspace, report_tables
from curate.audit.ceiling import wilson_interval
from curate.audit.dataset import Occurrences
from curate.audit.findings import with_findings
from curate.audit.leaks import find_split_overlaps
from curate.audit.values import (
    ALL_SOURCES,
    Balance,
    ClassLeak,
    Disagreement,
    Doubt,
    LabelConflict,
    SplitLeak,
    SplitOverlap,
    Unlisted,
    Unmapped,
)
from curate.catalog.decisions import append_decisions
from curate.catalog.duplicates import Grouped, Pair, covered_digest, replace_duplicates
from curate.decisions import Decision
from curate.demo import Planted
from curate.emotions import BASIC_EMOTIONS
from curate.errors import SourceNotFound
from curate.images import encode_png
from curate.ingest import ingest_source
from curate.leaks import NO_SPLIT
from curate.version import freeze_version
from curate.workspace import Workspace

TRAIN, VAL, TEST = range(3)


def take_in(workspace: Workspace, name: str, files: dict[str, bytes]) -> None:
    ingest_source(workspace, write_tree(workspace.folder.parent / name, files))


def declare_copies(
    workspace: Workspace,
    pairs: list[tuple[str, str, str]],
    *,
    missing: int = 0,
    doubtful: Sequence[tuple[str, str]] = (),
) -> None:
    """Store a search that found pairs (key, key, kind), which make groups, and knew all but so many samples."""
    rows = workspace.occurrences()
    ids = dict(zip(rows["key"], rows["sample_id"], strict=True))
    found = [Pair(*sorted((ids[a], ids[b])), kind, "declared", 0, 1.0, "duplicate") for a, b, kind in pairs]
    unsure = [Pair(*sorted((ids[a], ids[b])), "copy", "declared", 0, 0.87, "review") for a, b in doubtful]
    groups: list[set[str]] = []
    for pair in found:
        touched = [group for group in groups if group & set(pair[:2])]
        groups = [group for group in groups if group not in touched] + [set(pair[:2]).union(*touched)]
    members = [Grouped(min(group), each, each == min(group), 1) for group in groups for each in sorted(group)]
    known = workspace.samples()["sample_id"].tolist()[missing:]
    report = {"samples": len(known), "thorough": False, "covered": covered_digest(known)}
    with workspace.catalog() as catalog:
        replace_duplicates(catalog, [*found, *unsure], members, thorough=False, report=report)


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
            SplitLeak("faces", "val+test", 5, 2, 1, 1, 2, 4, 0.8, (ClassLeak("happy", 3, 2, 1, 0, 1.0), sad)),
            SplitLeak("faces", "val", 1, 1, 0, 0, 0, 1, 1.0, (ClassLeak("happy", 1, 1, 0, 0, 1.0),)),
            SplitLeak("faces", "test", 4, 1, 1, 1, 2, 3, 0.75, (happy, sad)),
        )

    def test_without_a_search_near_copies_are_not_looked_for_and_leaks_are_lower_bounds(
        self, workspace: Workspace
    ) -> None:
        take_in(workspace, "faces", LEAKING)
        report = audit_workspace(workspace)
        assert [(leak.exact, leak.near, leak.transformed, leak.leaking, leak.at_least) for leak in report.leaks] == [
            (2, None, None, 2, True), (1, None, None, 1, True), (1, None, None, 1, True),
        ]  # fmt: skip
        assert attention(report)[:2] == [
            "near copies were not looked for: no duplicate search was made; run `curate duplicates`",
            "faces: at least 2 of 5 occurrences of the official val and test splits (at least 40.0%) have a copy in "
            "train (2 identical; near and mirrored or rotated copies were not looked for); scores on these splits are "
            "too good; make splits that keep copies together",
        ]  # fmt: skip
        assert [conflict.where for conflict in report.conflicts] == ["identical pictures"]

    def test_a_search_of_some_pictures_gives_lower_bounds(self, workspace: Workspace) -> None:
        take_in(workspace, "faces", LEAKING)
        declare_copies(workspace, COPIES, missing=1)
        report = audit_workspace(workspace)
        assert [(leak.exact, leak.near, leak.transformed, leak.leaking, leak.at_least) for leak in report.leaks] == [
            (2, 1, 1, 4, True), (1, None, None, 1, True), (1, 1, 1, 3, True),
        ]  # fmt: skip
        assert attention(report)[0] == (
            "near copies were not looked for among all pictures by the last default search: it covered 5, there are 6 "
            "now; run `curate duplicates`"
        )

    def test_nothing_found_without_a_search_is_never_zero(self, workspace: Workspace) -> None:
        take_in(workspace, "faces", {"train/sad/1.png": png(1), "test/sad/2.png": png(2)})
        (leak,) = audit_workspace(workspace).leaks
        assert (leak.exact, leak.near, leak.leaking, leak.share, leak.classes[0].share) == (0, None, None, None, None)
        leaks = report_tables(audit_workspace(workspace))[0]
        unknown = ("not looked for",) * 4
        assert leaks.rows == [("faces", "val+test", 1, 0, *unknown)]
        declare_copies(workspace, [])
        searched = next(each for each in report_tables(audit_workspace(workspace)) if "val and test" in each.title)
        assert searched.rows == [("faces", "val+test", 1, 0, 0, 0, 0, "none found")]
        assert searched.columns[5] == "mirrored"
        assert searched.title.endswith("by official split, found by the default search")

    def test_doubtful_pairs_are_counted_and_those_that_would_join_splits(self, workspace: Workspace) -> None:
        names = ("train/sad/1", "train/sad/2", "test/sad/3", "test/sad/4", "val/sad/5", "train/sad/6")
        take_in(workspace, "faces", {f"{name}.png": png(n) for n, name in enumerate(names)})
        leaking = ("train/sad/1.png", "test/sad/3.png", "copy")
        doubtful = [("train/sad/2.png", "test/sad/4.png"), ("train/sad/2.png", "test/sad/3.png")]
        doubtful += [("test/sad/4.png", "val/sad/5.png"), ("train/sad/2.png", "train/sad/6.png")]
        declare_copies(workspace, [leaking], doubtful=doubtful)
        report = audit_workspace(workspace)
        assert report.doubt == Doubt(pairs=4, across=3, pictures=1)
        told = next(each.text for each in report.findings if "doubtful" in each.text)
        assert told == (
            "4 pairs of pictures are doubtful, and nobody has judged them; 3 of them join different official splits, "
            "and 1 pictures of val and test have such a doubtful copy in train, but no verified one; judge them under "
            "Duplicates in `curate review`"
        )

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
        assert [(leak.scope, leak.split, leak.exact, leak.pictures, leak.across) for leak in report.leaks] == [
            ("one", "val+test", 0, 1, 0), ("two", "val+test", 0, 1, 0), (ALL_SOURCES, "val+test", 1, 2, 1),
        ]  # fmt: skip
        assert attention(report)[1].startswith("at least 1 further photographs of official val and test splits have a")
        assert [leak.exact for leak in audit_workspace(workspace, "one").leaks] == [0]

    def test_a_photograph_that_several_sources_deliver_counts_once_over_all_sources(self, workspace: Workspace) -> None:
        take_in(workspace, "one", {"train/sad/1.png": png(1), "test/sad/1.png": png(1), "test/sad/2.png": png(2)})
        take_in(workspace, "two", {"train/fear/5.png": png(1), "test/sad/6.png": png(1), "test/sad/7.png": png(3)})
        declare_copies(workspace, [("test/sad/2.png", "test/sad/7.png", "copy")])
        leaks = audit_workspace(workspace).leaks
        assert [(leak.scope, leak.unit, leak.pictures, leak.leaking, leak.across) for leak in leaks] == [
            ("one", "occurrences", 2, 1, 0), ("two", "occurrences", 2, 1, 0), (ALL_SOURCES, "photographs", 2, 1, 0),
        ]  # fmt: skip

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
    assert find_split_overlaps(own, "subject", ["s:d", "s:c", "s:b", "s:a"]) == SplitOverlap(
        "subject", 3, 2, 5, (("s:b", "val, test"), ("s:d", "train, test"))
    )


CONTRADICTING = {
    "sad/1.png": png(1),
    "fear/1.png": png(1),
    "fear/2.png": png(2),
    "happy/3.png": png(3),
    "sad/4.png": png(4),
}


class TestLabels:
    def test_identical_pictures_and_groups_with_two_labels_are_conflicts(self, workspace: Workspace) -> None:
        take_in(workspace, "faces", CONTRADICTING)
        declare_copies(workspace, [("fear/2.png", "happy/3.png", "copy")])
        first = str(min(sample_of(workspace, "fear/2.png"), sample_of(workspace, "happy/3.png")))
        assert audit_workspace(workspace).conflicts == (
            LabelConflict(
                "identical pictures", 1, 2, (("fear", "sad", 1),), ((sample_of(workspace, "sad/1.png"), "fear, sad"),)
            ),
            LabelConflict("duplicate groups", 1, 2, (("fear", "happy", 1),), ((first, "fear, happy"),)),
        )  # fmt: skip

    def test_a_contradiction_is_counted_once_though_it_is_one_of_a_picture_and_of_its_group(
        self, workspace: Workspace
    ) -> None:
        take_in(workspace, "faces", CONTRADICTING)
        declare_copies(workspace, [("sad/1.png", "fear/2.png", "copy"), ("happy/3.png", "sad/4.png", "copy")])
        assert [text for text in attention(audit_workspace(workspace)) if "contradict" in text] == [
            "given labels contradict each other on 1 pictures (fear / sad 1) and in 2 groups of copies (fear / sad 1, "
            "happy / sad 1); 1 of the groups hold one of the pictures; review them, or set [policy] given in "
            "curate.toml to `majority` or to the sources that you trust most"
        ]

    def test_contempt_that_freeze_would_leave_out_comes_with_the_line_that_holds_it(self, workspace: Workspace) -> None:
        take_in(
            workspace,
            "faces",
            {"contempt/1.png": png(1), "contempt/2.png": png(1), "contempt/3.png": png(3), "sad/4.png": png(4)},
        )
        (found,) = audit_workspace(workspace).unlisted
        setting = 'classes = ["angry", "disgust", "fear", "happy", "neutral", "sad", "surprise", "contempt"]'
        assert found == Unlisted("contempt", 2, {"faces": 3}, setting)
        assert [each.text for each in audit_workspace(workspace).findings if "contempt" in each.text] == [
            "2 pictures are labelled contempt (given 3 times by faces), which is not among the classes of [policy]: "
            f"`curate freeze` leaves these 2 pictures out; to hold them, write {setting} under [policy] in curate.toml"
        ]
        made = freeze_version(workspace, "v1", created=NOON)
        assert made.header["left_out"] == {"label contempt is not listed": 2}
        excluded = Decision(
            action="a1",
            kind="exclude",
            sample_id=sample_of(workspace, "contempt/3.png"),
            reviewer="ann",
            at="2026-01-01T00:00:00+00:00",
        )
        with workspace.catalog() as catalog:
            append_decisions(catalog, [excluded])
        assert audit_workspace(workspace).unlisted == (Unlisted("contempt", 1, {"faces": 3}, setting),)
        made = freeze_version(workspace, "v2", created=NOON)
        assert made.header["left_out"] == {"excluded: by ann": 1, "label contempt is not listed": 1}
        path = workspace.folder / "curate.toml"
        path.write_text(re.sub(r"classes = .*", setting, path.read_text(encoding="utf-8")), encoding="utf-8")
        assert audit_workspace(workspace).unlisted == ()

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

    def test_small_problems_come_with_the_command_that_lists_them(self, workspace: Workspace) -> None:
        take_in(workspace, "two words", {"sad/1.png": png(1)})
        report = replace(audit_workspace(workspace), problems={"two words": {"name-twice": 3}})
        assert [each.text for each in with_findings(report).findings if "name-twice" in each.text] == [
            "two words: 3 name-twice; `curate problems 'two words'` says where"
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
        assert (found.detectable, found.differ, found.distances) == (
            True,
            True,
            (("one", "two", pytest.approx(5 / 6)),),
        )
        assert found.balanced_accuracy > 0.9
        assert attention(report)[-1].startswith("the source can be told from the picture")

    def test_two_halves_of_one_pile_are_none(self, workspace: Workspace) -> None:
        take_in(workspace, "one", faces_of(0, 50))
        take_in(workspace, "two", faces_of(100, 50))
        found = audit_workspace(workspace).shortcut
        assert found is not None
        assert (found.detectable, found.differ, found.distances) == (False, False, (("one", "two", 0.0),))

    def test_json_also_has_the_name_of_earlier_releases(self, workspace: Workspace) -> None:
        take_in(workspace, "one", faces_of(0, 50))
        take_in(workspace, "two", faces_of(100, 50))
        shortcut = json.loads(run("audit", "--json", "--workspace", workspace.folder).stdout)["shortcut"]
        assert (shortcut["detectable"], shortcut["told"]) == (False, False)

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


def test_a_clean_workspace_needs_no_attention(workspace: Workspace) -> None:
    take_in(workspace, "faces", {f"{name}/1.png": png(n, name) for n, name in enumerate(BASIC_EMOTIONS)})
    declare_copies(workspace, [])
    report = audit_workspace(workspace)
    assert (report.needs_attention, [each.text for each in report.findings]) == (False, [
        "copies were looked for by the default search among all 7 pictures; how many copies it finds was not recorded; "
        "`curate duplicates` records it"
    ])  # fmt: skip


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
        "Occurrences of val and test with a copy in train, by official split",
        "The same by class (faces)",
        "Given labels that contradict each other",
        "Examples",
        "Classes: occurrences of each source, and pictures by resolved label",
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

"""The report of small versions, as it is written for a user."""

import datetime as dt
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from reading import read_page, tags_of
from released import fer2013_workspace, freeze
from small_versions import small_version
from test_cli import run

from curate.augment import augment_version
from curate.catalog.decisions import append_decisions
from curate.decisions import Decision
from curate.manifest import Version
from curate.report import Report, report_version
from curate.runs.folder import folder_of
from curate.runs.history import Epoch
from curate.scores import read_scores, write_score
from curate.version import freeze_version
from curate.workspace import Workspace

NOW = dt.datetime(2026, 2, 3, 4, 5, tzinfo=dt.UTC)
SECTIONS = [
    "sources", "classes", "faces", "audit", "copies", "conflicts", "origins", "transforms", "scores", "learning",
    "leaderboard", "changes", "reproduce",
]  # fmt: skip


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """v1; v2 with three labels reviewed by two people; v2-x4; v1 and v2 scored, v2 with made-up learning curves."""
    workspace, first = small_version(tmp_path_factory.mktemp("scored"))
    review(workspace, first)
    freeze_version(workspace, "v2", created=NOW)
    augment_version(workspace, "v2", created=NOW)
    for name in ("v1", "v2"):
        run("benchmark", name, "--recipe", "hog-ridge", "--seeds", 2, "--workspace", workspace.folder)
    pretend_epochs(workspace.version("v2"))
    return workspace


def review(workspace: Workspace, version: Version) -> None:
    """Ann and Bob look at three pictures that are called happy: two are sad, and they differ on the third."""
    rows = version.rows()
    happy = rows[(rows["label"] == "happy") & (rows["split"] == "train")]["sample_id"].head(3).tolist()
    said = [("ann", happy[0], "sad"), ("ann", happy[1], "sad"), ("ann", happy[2], "sad"), ("bob", happy[2], "fear")]
    with workspace.catalog() as catalog:
        for number, (who, sample_id, label) in enumerate([*said, ("bob", happy[0], "sad")]):
            at, was = f"2026-01-01T00:00:0{number}+00:00", {"shown": "happy", "given": "happy"}
            append_decisions(
                catalog,
                [
                    Decision(
                        action=f"a{number}",
                        kind="relabel",
                        sample_id=sample_id,
                        label=label,
                        reviewer=who,
                        at=at,
                        **was,
                    )
                ],
            )


def pretend_epochs(version: Version) -> None:
    for score in read_scores(version.folder.parent, version.name):
        history = [Epoch(number, 2.0 / number, 0.2 * number, None, None, 0.1, 100.0) for number in (1, 2, 3)]
        folder_of(version, score).write_history(history)


def report(workspace: Workspace, name: str, path: Path) -> Report:
    return report_version(workspace, name, path, created=NOW)


def test_a_report_tells_what_is_in_a_version_and_what_it_is_worth(scored: Workspace, tmp_path: Path) -> None:
    made = report(scored, "v2", tmp_path / "v2.html")
    page = read_page(made.path)
    assert [*page] == ["title", *SECTIONS]
    assert made.sections == tuple(SECTIONS)
    assert "140 pictures of 7 classes: 98 in train, 21 in val, 21 in test." in page["title"].text
    assert "This page holds 35 pictures of the datasets named below." in page["title"].text
    assert page["title"].tables["table 1"][1:3] == [["line", "v1"], ["parent", f"v1, {digest(scored, 'v1')[:12]}"]]
    assert page["sources"].tables["table 1"][1][:6] == ["faces", "image-folder", "1", "140", "140", "not stated"]
    assert page["classes"].tables["table 1"][4] == ["happy", "12", "3", "3", "18", "12.9%"]
    assert page["classes"].tables["table 1"][-1] == ["all", "98", "21", "21", "140", "100.0%"]
    assert (page["faces"].pictures, page["classes"].plots, page["origins"].plots) == (35, 1, 1)
    assert page["learning"].plots == 2


def digest(workspace: Workspace, name: str) -> str:
    return str(workspace.version(name).header["digest"])


def test_a_report_says_what_changed_since_the_parent_and_by_whom(scored: Workspace, tmp_path: Path) -> None:
    changes = read_page(report(scored, "v2", tmp_path / "v2.html").path)["changes"]
    assert changes.tables["From v1 to v2"] == [
        ["what happened", "pictures"], ["as they were", "138"], ["added", "0"], ["removed", "0"], ["relabelled", "2"],
        ["moved", "0"], ["withdrawn", "0"],
    ]  # fmt: skip
    assert changes.tables["table 3"] == [
        ["by whom", "relabelled"], ["ann (reviewed)", "1"], ["ann, bob (reviewed)", "1"]
    ]  # fmt: skip
    assert changes.tables["Class by class"][4] == ["happy", "20", "18", "0", "0", "0", "2"]
    assert "hog-ridge: no difference shown with 2 seeds" in changes.text
    recipe, accuracy, interval, *_ = changes.tables["Scores, change in percentage points"][1]
    assert recipe == "hog-ridge"
    assert f"accuracy {accuracy} points (95 % interval {interval})" in changes.text


def test_scores_of_an_earlier_version_of_that_name_do_not_count(scored: Workspace, tmp_path: Path) -> None:
    shutil.copytree(scored.folder, tmp_path / "copy")
    manifests = tmp_path / "copy" / "manifests"
    for score in read_scores(manifests, "v2"):
        write_score(manifests, replace(score, version_digest="0" * 64))
    page = read_page(report(Workspace(tmp_path / "copy"), "v2", tmp_path / "v2.html").path)
    assert page["scores"].text.strip().endswith("No scores yet: curate benchmark v2")
    assert "Whether it is better than v1 is not known" in page["changes"].text


def test_a_parent_that_is_not_here_is_named(scored: Workspace, tmp_path: Path) -> None:
    shutil.copytree(scored.folder / "manifests" / "v2", tmp_path / "clone" / "manifests" / "v2")
    shutil.copy(scored.folder / "curate.toml", tmp_path / "clone")
    page = read_page(report(Workspace(tmp_path / "clone"), "v2", tmp_path / "v2.html").path)
    missing = "The parent v1 is not in this workspace, so that changes are not known."
    assert page["changes"].text.strip().endswith(missing)
    assert "curate freeze v2 --from v1" in page["reproduce"].text


def test_a_report_shows_what_reviewers_did_and_how_far_they_agree(scored: Workspace, tmp_path: Path) -> None:
    origins = read_page(report(scored, "v2", tmp_path / "v2.html").path)["origins"]
    assert origins.tables["table 1"][1:] == [
        ["given", "138", "98.6%", "all sources that label the picture agree"],
        ["reviewed", "2", "1.4%", "people who looked at the picture"],
    ]
    assert origins.tables["What reviewers decided"][1:] == [
        ["ann", "3", "3", "0", "0", "0", "0", "0", "0 of 3"], ["bob", "2", "2", "0", "0", "0", "0", "0", "0 of 2"]
    ]  # fmt: skip
    assert origins.tables["How far reviewers agree"][1][:3] == ["ann, bob", "2", "50 %"]
    assert "Decisions in the workspace's log, as of now: 5; pictures on which reviewers are divided: 1." in origins.text


def test_scores_are_those_of_the_score_files(scored: Workspace, tmp_path: Path) -> None:
    page = read_page(report(scored, "v2", tmp_path / "v2.html").path)
    table = scored.version("v2").scores()
    mean = table.loc[table["scored"] == "gold", "accuracy"].mean()
    row = next(row for row in page["scores"].tables["table 1"] if row[1] == "gold")
    assert row[:4] == ["hog-ridge, leak-free", "gold", "21", "2"]
    assert row[4].startswith(f"{100 * mean:.1f}% (")
    assert page["scores"].plots == 2
    assert sorted(row[1:7] for row in page["leaderboard"].tables["table 1"][1:]) == [
        ["v1", "hog-ridge", "leak-free", "gold", "21", "2"], ["v2", "hog-ridge", "leak-free", "gold", "21", "2"]
    ]  # fmt: skip


def test_the_commands_of_a_report_make_its_version_again(scored: Workspace, tmp_path: Path) -> None:
    text = read_page(report(scored, "v2-x4", tmp_path / "x4.html").path)["reproduce"].text
    assert text.strip().splitlines()[1:8] == [
        "curate init my-data && cd my-data",
        "curate ingest faces --format image-folder --name faces",
        "curate freeze v1 --from none --keep-official-splits",
        "# reviewed labels: 2; `curate patch export v2 v2.patch` takes them along",
        "curate freeze v2 --from v1",
        "curate augment v2 --x4",
        "curate report v2-x4",
    ]
    assert digest(scored, "v2-x4") in text


def test_each_transform_is_shown_on_the_same_faces(scored: Workspace, tmp_path: Path) -> None:
    transforms = read_page(report(scored, "v2-x4", tmp_path / "x4.html").path)["transforms"]
    assert transforms.pictures == 4 * 7
    assert "Augmented by x4 in the train split." in transforms.text
    assert transforms.tables["table 1"][1:] == [
        ["identity", "98", "21", "21"], ["rot270", "98", "0", "0"],
        ["rot90", "98", "0", "0"], ["zoom-1.7", "98", "0", "0"],
    ]  # fmt: skip


def test_missing_items_are_listed_in_sentences(tmp_path: Path) -> None:
    workspace, _ = small_version(tmp_path)
    page = read_page(report(workspace, "v1", tmp_path / "v1.html").path)
    for name in ("scores", "learning", "leaderboard"):
        assert page[name].text.strip().endswith("No scores yet: curate benchmark v1")
        assert (page[name].plots, page[name].tables) == (0, {})
    assert page["changes"].text.strip().endswith("v1 starts its line: nothing stands before it.")
    assert page["transforms"].text.strip().endswith("v1 is not augmented: curate augment v1 --x4")
    assert page["origins"].text.strip().endswith("No decisions yet: curate review")
    assert (
        "Before the release, near copies were not looked for: no duplicate search was made. curate duplicates"
        in page["copies"].text
    )
    assert "No two sources or panels of annotators label the same pictures." in page["conflicts"].text


def test_without_the_pictures_the_rest_is_shown(scored: Workspace, tmp_path: Path) -> None:
    shutil.copytree(scored.folder / "manifests", tmp_path / "clone" / "manifests")
    shutil.copy(scored.folder / "curate.toml", tmp_path / "clone")
    page = read_page(report(Workspace(tmp_path / "clone"), "v2-x4", tmp_path / "x4.html").path)
    assert sum(section.pictures for section in page.values()) == 0
    assert "This page holds no pictures." in page["title"].text
    assert "These pictures are not in this workspace" in page["faces"].text
    assert "Not audited" in page["audit"].text
    assert page["leaderboard"].tables
    assert not (tmp_path / "clone" / ".curate" / "catalog.sqlite").exists()


def test_annotators_are_held_against_labels_and_give_the_human_ceiling(tmp_path: Path) -> None:
    workspace = fer2013_workspace(tmp_path)
    freeze(workspace)
    page = read_page(report(workspace, "v1", tmp_path / "v1.html").path)
    assert page["conflicts"].plots == 0, "labels and votes agree, so that there is no confusion to draw"
    assert page["conflicts"].tables["How far labellers agree, as delivered"][1][:4] == [
        "fer2013", "fer2013 votes 2017", "70", "100.0%"
    ]  # fmt: skip


def test_the_same_input_gives_the_same_bytes(scored: Workspace, tmp_path: Path) -> None:
    first, second = (report(scored, "v2", tmp_path / f"{number}.html").path for number in (1, 2))
    assert first.read_bytes() == second.read_bytes()


def test_the_page_asks_for_nothing_from_elsewhere(scored: Workspace, tmp_path: Path) -> None:
    path = report(scored, "v2", tmp_path / "v2.html").path
    text = path.read_text(encoding="utf-8")
    assert not tags_of(path) & {"script", "link", "iframe", "object", "image"}
    assert not re.findall(r"https?:|//[a-z]|@import|url\((?!#)", re.sub(r"base64,[^\"]+", "", text))
    assert set(re.findall(r'(?:src|href)="([^"#]{5})', text)) == {"data:"}
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"url\(#([^)]+)\)", text)) | set(re.findall(r'href="#([^"]+)"', text)) <= set(ids)


def test_the_command_says_where_the_page_lies(scored: Workspace, tmp_path: Path) -> None:
    shown = run("report", "v2", "--workspace", scored.folder)
    page = scored.folder / "out" / "v2-report.html"
    assert shown.stdout.startswith(f"{page}: ")
    told = json.loads(
        run("report", "v2", "--output", tmp_path / "a.html", "--json", "--workspace", scored.folder).stdout
    )
    assert told == {"path": str(tmp_path / "a.html"), "version": "v2", "sections": SECTIONS, "pictures": 35}
    assert run("report", "v2", "--output", tmp_path / "no" / "a.html", "--workspace", scored.folder).exit_code == 2
    assert "no version `v9`" in str(run("report", "v9", "--workspace", scored.folder).exception)
    assert not (scored.folder / "out" / "v9-report.html").exists()

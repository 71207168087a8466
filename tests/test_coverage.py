"""What a search is known to cover, in the catalog, in a version's header, and in words."""

import json
from pathlib import Path

from layouts import face, png, write_tree

from curate.catalog.duplicates import covered_digest, replace_duplicates
from curate.coverage import KindRecall, SearchCoverage, count_text, read_coverage, recorded_coverage, share_text
from curate.duplicates import find_duplicates
from curate.duplicates.recall import known_recall
from curate.images import encode_png
from curate.ingest import ingest_source
from curate.workspace import Workspace

KINDS = ["copy", "re-cropped", "mirrored", "rot90", "rot180", "rot270", "stretched", "edited", "blurred"]


def coverage_of(workspace: Workspace) -> SearchCoverage:
    with workspace.catalog() as catalog:
        return read_coverage(catalog, workspace.samples()["sample_id"])


def test_a_search_keeps_how_many_copies_it_is_known_to_find(workspace: Workspace, tmp_path: Path) -> None:
    files = {f"sad/{number}.png": encode_png(face(number)) for number in range(6)}
    ingest_source(workspace, write_tree(tmp_path / "faces", files))
    assert coverage_of(workspace) == SearchCoverage(done=False, complete=False, samples=6)
    find_duplicates(workspace)
    quick = coverage_of(workspace)
    assert (quick.name, quick.complete, quick.covered, quick.samples) == ("default", True, 6, 6)
    assert quick.recall == known_recall(thorough=False)
    assert quick.not_looked_for == ("rot90", "rot180", "rot270", "stretched", "edited", "blurred")
    find_duplicates(workspace, thorough=True)
    full = coverage_of(workspace)
    assert (full.name, full.recall, full.not_looked_for) == ("thorough", known_recall(thorough=True), ())
    ingest_source(workspace, write_tree(tmp_path / "more", {"sad/9.png": png(9)}))
    later = coverage_of(workspace)
    assert (later.complete, later.covered, later.samples) == (False, 6, 7)
    assert later.extent == (
        "near copies were not looked for among all pictures by the last thorough search: it covered 6, there are 7 now"
    )


def test_every_kind_of_copy_has_a_measured_recall_and_says_where() -> None:
    for thorough in (False, True):
        table = known_recall(thorough=thorough)
        assert [each.kind for each in table] == KINDS
        assert all(each.measured_on for each in table)
        assert all(each.recall is None or 0.8 < each.recall <= 1 for each in table)


def test_searches_and_headers_of_older_releases_can_be_read(workspace: Workspace, tmp_path: Path) -> None:
    ingest_source(workspace, write_tree(tmp_path / "faces", {"sad/1.png": png(1)}))
    names = workspace.samples()["sample_id"].tolist()
    report = {"samples": 1, "thorough": True, "covered": covered_digest(names)}
    with workspace.catalog() as catalog:
        replace_duplicates(catalog, [], [], thorough=True, report=report)
    found = coverage_of(workspace)
    assert (found.name, found.complete, found.recall) == ("thorough", True, ())
    assert found.recall_text == "how many copies it finds was not recorded; `curate duplicates` records it"
    older = recorded_coverage({"done": True, "thorough": False, "complete": True})
    assert older.extent == "copies were looked for by the default search among all pictures"
    assert recorded_coverage(None) == recorded_coverage({"done": False, "thorough": False, "complete": False})


def test_a_header_holds_what_the_catalog_held(workspace: Workspace) -> None:
    from dataclasses import asdict

    whole = SearchCoverage(True, True, False, "default", 9, 9, 1, (KindRecall("copy", 1.0, "here"),))
    header = json.loads(json.dumps({**asdict(whole), "doubtful": 3, "doubtful_across_splits": 1}))
    assert recorded_coverage(header) == whole
    assert whole.extent == (
        "copies were looked for by the default search among all 9 pictures, 1 of them too empty to be compared"
    )


def test_nothing_that_was_not_looked_for_reads_as_zero() -> None:
    assert [count_text(None), count_text(0), count_text(1234), count_text(1234, at_least=True)] == [
        "not looked for", "0", "1,234", "at least 1,234"
    ]  # fmt: skip
    assert [share_text(None), share_text(0.0), share_text(0.288), share_text(0.288, at_least=True)] == [
        "not looked for", "none found", "28.8%", "at least 28.8%"
    ]  # fmt: skip

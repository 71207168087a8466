"""Which sources look changed, and what an audit makes of that."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from layouts import face, write_tree

from curate.audit import AuditReport, audit_workspace
from curate.duplicates import find_duplicates
from curate.emotions import BASIC_EMOTIONS
from curate.images import encode_jpeg, encode_png
from curate.ingest import ingest_source
from curate.workspace import Workspace

Change = Callable[[np.ndarray], np.ndarray]


def rotated(picture: np.ndarray) -> np.ndarray:
    """By 20 degrees, black where nothing was."""
    matrix = cv2.getRotationMatrix2D((23.5, 23.5), 20, 1)
    return np.asarray(cv2.warpAffine(picture, matrix, (48, 48)), np.uint8)


CHANGES: dict[str, Change] = {
    "blurred": lambda picture: cv2.GaussianBlur(picture, (21, 21), 0),
    "sharpened or noisy": lambda picture: cv2.filter2D(
        picture, -1, np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]], np.float32)
    ),
    "posterised": lambda picture: picture // 16 * 16,
    "equalised": cv2.equalizeHist,
    "rotated or masked": rotated,
    "cut in half": lambda picture: picture[:, :24],
    "mirrored onto itself": lambda picture: np.hstack([picture[:, :24], picture[:, 23::-1]]),
}


def deliver(
    workspace: Workspace, name: str, change: Change, *, first: int = 0, count: int = 28, split: str = ""
) -> None:
    files = {}
    for number in range(first, first + count):
        emotion = BASIC_EMOTIONS[number % 7]
        picture = np.ascontiguousarray(change(face(number, emotion)))
        files[f"{split}{emotion}/{number}.png"] = encode_png(picture)
    ingest_source(workspace, write_tree(workspace.folder.parent / name, files))


def looks(report: AuditReport) -> list[tuple[str, str]]:
    return [(each.source, each.looks) for each in report.processed]


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_source_is_named_beside_an_untouched_one(name: str, workspace: Workspace) -> None:
    deliver(workspace, "plain", lambda picture: picture, first=100)
    deliver(workspace, "changed", CHANGES[name])
    found = looks(audit_workspace(workspace))
    assert ("changed", name) in found
    assert not [each for each in found if each[0] == "plain"]


def test_negatives_are_recognised_by_the_other_sources(workspace: Workspace) -> None:
    for first, name in ((0, "one"), (100, "two")):
        deliver(workspace, name, lambda picture: picture, first=first)
    deliver(workspace, "three", lambda picture: 255 - picture, first=200)
    assert looks(audit_workspace(workspace)) == [("three", "inverted")]


def test_enlarged_and_compressed_faces_do_not_look_changed(workspace: Workspace) -> None:
    deliver(workspace, "plain", lambda picture: picture, first=100)
    deliver(workspace, "large", lambda picture: cv2.resize(picture, (224, 224), interpolation=cv2.INTER_CUBIC))
    files = {
        f"{BASIC_EMOTIONS[n % 7]}/{n}.jpg": encode_jpeg(face(n, BASIC_EMOTIONS[n % 7]), 60) for n in range(200, 228)
    }
    ingest_source(workspace, write_tree(workspace.folder.parent / "compressed", files))
    assert looks(audit_workspace(workspace)) == []


def test_few_pictures_are_not_judged(workspace: Workspace) -> None:
    deliver(workspace, "changed", CHANGES["posterised"], count=19)
    assert looks(audit_workspace(workspace)) == []


def test_leaks_are_at_least_those_found_where_a_source_looks_changed_beyond_the_search(workspace: Workspace) -> None:
    deliver(workspace, "plain", lambda picture: picture, split="train/")
    deliver(workspace, "plain2", lambda picture: picture, first=100, split="test/")
    deliver(workspace, "halves", CHANGES["cut in half"], first=200, split="test/")
    find_duplicates(workspace)
    report = audit_workspace(workspace)
    (leak,) = report.leaks
    assert (leak.at_least, leak.leaking, leak.share) == (True, None, None)
    told = next(each.text for each in report.findings if each.text.startswith("halves looks cut in half"))
    assert told.endswith("so that leaks are at least those found")
    assert "100% of 28 pictures looked at are half as wide as high" in told

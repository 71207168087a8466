"""Copies with conflicting labels and doubtful pairs, narrowed to what somebody wants to settle first."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from layouts import face, png, write_tree

from curate.catalog.duplicates import covered_digest, doubt_of, group_rows, pair_rows, replace_duplicates
from curate.duplicates import find_duplicates
from curate.images import encode_jpeg
from curate.ingest import ingest_source
from curate.review.cases import copies_to_settle, doubts_to_settle
from curate.review.session import ReviewSession
from curate.workspace import Workspace

LOW, THIRD = "aligned similarity 0.87, 0.90 is needed", "alike as a whole, but one third of the picture differs"


@pytest.fixture
def session(workspace: Workspace, tmp_path: Path) -> Iterator[ReviewSession]:
    """Two conflicting groups, one of them across splits; of three doubtful pairs, two are too unlike."""
    files = {
        "train/happy/a.jpg": encode_jpeg(face(1), 95), "test/sad/a.jpg": encode_jpeg(face(1), 80),
        "train/happy/b.jpg": encode_jpeg(face(2), 95), "train/sad/b.jpg": encode_jpeg(face(2), 80),
        **{f"train/happy/{number}.png": png(number) for number in range(3, 9)},
    }  # fmt: skip
    ingest_source(workspace, write_tree(tmp_path / "faces", files))
    find_duplicates(workspace)
    table = workspace.occurrences()
    others = sorted(table.loc[table["key"].str.endswith(".png"), "sample_id"])
    with workspace.catalog() as catalog:
        found = list(pair_rows(catalog))
        for place, reason in enumerate((LOW, LOW.replace("0.87", "0.86"), THIRD)):
            one, two = others[2 * place : 2 * place + 2]
            found.append(found[0]._replace(sample_a=one, sample_b=two, verdict="review", reason=reason))
        report = {"samples": 10, "covered": covered_digest(workspace.samples()["sample_id"])}
        replace_duplicates(catalog, found, list(group_rows(catalog)), thorough=False, report=report)
    made = ReviewSession(workspace, repeats=0.0)
    yield made
    made.close()


def test_conflicting_copies_are_narrowed_to_those_across_splits(session: ReviewSession) -> None:
    assert copies_to_settle(session, "ann", doubtful=False)["left"] == 2
    across = copies_to_settle(session, "ann", doubtful=False, across=True)
    assert (across["left"], len(across["cases"][0]["faces"])) == (1, 2)


def test_doubtful_pairs_are_narrowed_by_the_reason_for_the_doubt(session: ReviewSession) -> None:
    reasons = doubts_to_settle(session)
    assert reasons == ["aligned similarity too low", THIRD]
    assert [copies_to_settle(session, "ann", doubtful=True, reason=each)["left"] for each in ("", *reasons)] == [
        3,
        2,
        1,
    ]
    assert copies_to_settle(session, "ann", doubtful=True, across=True)["left"] == 0
    (shown,) = copies_to_settle(session, "ann", doubtful=True, reason=THIRD)["cases"]
    assert shown["title"].endswith(THIRD)


def test_a_doubt_is_named_without_its_numbers() -> None:
    told = "aligned similarity 0.91, 0.95 is needed between pictures of a known person"
    assert doubt_of(told) == "aligned similarity too low between pictures of a known person"
    assert doubt_of(THIRD) == THIRD

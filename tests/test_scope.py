"""The queue shows what a version would hold, judged by what its label would become."""

import dataclasses
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from layouts import face, png, write_tree
from reviewing import shown, suspects_for

from curate.duplicates import find_duplicates
from curate.emotions import LABEL_INDEX
from curate.images import encode_jpeg
from curate.ingest import ingest_source
from curate.labels import UNRESOLVED
from curate.review.decision_state import DecisionState
from curate.review.items import ReviewItems
from curate.review.loading import read_items
from curate.review.queue import Filters
from curate.review.reach import reached
from curate.review.scope import SCOPES, newest_gold, quality_now
from curate.review.session import ReviewSession
from curate.version import freeze_version
from curate.workspace import Workspace

HELD, SETTLED, COPY, LEFT_OUT = SCOPES
NOON = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def mixed(workspace: Workspace, tmp_path: Path) -> Workspace:
    """Three copies of one face, two of them sad; seven faces; one of contempt; one with two labels."""
    files = {"sad/a.jpg": encode_jpeg(face(1), 95), "sad/b.jpg": encode_jpeg(face(1), 85)}
    files |= {f"happy/{number}.png": png(number) for number in range(2, 9)}
    files |= {"contempt/c.png": png(9), "fear/x.png": png(10), "sad/x.png": png(10)}
    ingest_source(workspace, write_tree(tmp_path / "faces", files))
    ingest_source(workspace, write_tree(tmp_path / "more", {"angry/big.png": png(1)}))
    find_duplicates(workspace)
    return workspace


def by_scope(collection: ReviewItems) -> dict[str, set[str]]:
    return {
        name: {collection.ids[place] for place in np.flatnonzero(collection.scope == code)}
        for code, name in enumerate(SCOPES)
    }


def sample_of(workspace: Workspace, key: str) -> str:
    table = workspace.occurrences()
    return str(table.loc[table["key"] == key, "sample_id"].item())


def test_what_a_version_would_hold_is_what_freeze_holds_and_open_labels(mixed: Workspace) -> None:
    collection = read_items(mixed)
    found = by_scope(collection)
    open_labels = {collection.ids[place] for place in np.flatnonzero(collection.label == UNRESOLVED)}
    rows = set(freeze_version(mixed, "v1", created=NOON).rows()["sample_id"])
    assert found[HELD] == rows | open_labels
    assert (len(open_labels), len(found[COPY]), len(found[LEFT_OUT]), found[SETTLED]) == (1, 2, 1, set())


def test_look_alikes_show_each_photograph_once(mixed: Workspace) -> None:
    collection = read_items(mixed)
    copies = {sample_of(mixed, key) for key in ("sad/a.jpg", "sad/b.jpg", "angry/big.png")}
    number = collection.number[sample_of(mixed, "happy/2.png")]
    found = collection.look_alikes(number, len(collection.ids))
    assert len(copies & {collection.ids[each] for each, _ in found}) == 1
    assert len(found) == len(collection.ids) - 1 - 2  # not itself, and one of three copies
    assert [bits for _, bits in found] == sorted(bits for _, bits in found)
    own = collection.number[sample_of(mixed, "sad/a.jpg")]
    assert not copies & {collection.ids[each] for each, _ in collection.look_alikes(own, len(collection.ids))}


def test_a_gold_picture_is_held_though_its_new_copy_would_be_kept_elsewhere(mixed: Workspace, tmp_path: Path) -> None:
    rows = freeze_version(mixed, "v1", created=NOON, ratios=(50, 0, 50)).rows()
    gold = rows[rows["gold"] & (rows["label"] == "happy")]["sample_id"].iloc[0]
    number = next(number for number in range(2, 9) if gold == sample_of(mixed, f"happy/{number}.png"))
    larger = np.kron(face(number), np.ones((2, 2), np.uint8))
    ingest_source(mixed, write_tree(tmp_path / "large", {"happy/large.jpg": encode_jpeg(larger, 95)}))
    find_duplicates(mixed)
    assert mixed.groups().query("keeper")["sample_id"].isin([gold]).sum() == 0
    assert gold in by_scope(read_items(mixed))[HELD]


def test_the_newest_gold_is_that_of_the_last_release_whatever_the_clock_said(mixed: Workspace) -> None:
    freeze_version(mixed, "v1", created=NOON, ratios=(50, 0, 50))
    rows = freeze_version(mixed, "v2", created=NOON - timedelta(days=1), parent=None, ratios=(30, 0, 70)).rows()
    assert newest_gold(mixed) == set(rows["sample_id"][rows["gold"]])


def test_a_suspect_whose_label_is_the_suggestion_already_is_not_shown(mixed: Workspace) -> None:
    """The angry copy is judged by what was given, and its copies have made it sad: there is nothing to mend."""
    angry, other = sample_of(mixed, "angry/big.png"), sample_of(mixed, "happy/2.png")
    assert mixed.groups().query("keeper")["sample_id"].tolist() == [angry]

    def suspects(_: Workspace) -> pd.DataFrame:
        return suspects_for([angry, other]).assign(given_label=["angry", "happy"])

    session = ReviewSession(mixed, repeats=0.0, suspects=suspects)
    first, *_ = shown(session, "ann", Filters(label="sad", by="suggested"))
    settled = shown(session, "bob", Filters(scope=SETTLED))
    worth = session.cards("ann", Filters(), 0.0)[1].worth
    session.close()
    assert (first, settled, worth) == (other, [angry], 1)


def test_what_the_judged_label_lacks_is_shared_out_among_the_others() -> None:
    angry, sad, fear = (LABEL_INDEX[name] for name in ("angry", "sad", "fear"))
    probs = np.zeros((5, len(LABEL_INDEX)), np.float32)
    probs[:, [angry, sad, fear]] = 0.2, 0.6, 0.2
    judged = np.array([angry, angry, angry, angry, UNRESOLVED])
    label = np.array([angry, sad, fear, UNRESOLVED, sad])
    quality = np.array([0.2, 0.2, 0.2, 0.2, np.nan])
    found = quality_now(quality, judged, label, np.full(5, sad), probs)
    assert found == pytest.approx([0.2, 0.6, 0.2, np.nan, np.nan], nan_ok=True)
    bare = quality_now(quality, judged, label, np.full(5, sad), None)
    assert bare == pytest.approx([0.2, 0.8, 0.0, np.nan, np.nan], nan_ok=True)


def test_chains_of_copies_are_not_decided_at_once(mixed: Workspace) -> None:
    collection = read_items(mixed)
    number = next(place for place in range(len(collection.ids)) if collection.members(place))
    assert len(reached(collection, DecisionState(), number)[0]) == 3
    chained = dataclasses.replace(collection, steps=collection.steps * 2 + 1)
    assert reached(chained, DecisionState(), number) == (
        [number],
        "they were joined step by step, and may drift from one face to another",
    )

"""What earlier searches kept is damaged: it is made again, the outcome stays, and the report says so."""

import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
from layouts import face, write_tree

from curate.catalog import Catalog
from curate.duplicates import find_duplicates
from curate.faces import draw_face, make_face
from curate.images import encode_jpeg, encode_png
from curate.ingest import ingest_source
from curate.workspace import Workspace

Damage = Callable[[bytes], bytes]


def some_bytes_changed(data: bytes) -> bytes:
    """A fiftieth of the bytes have other values."""
    content = np.frombuffer(data, np.uint8).copy()
    rng = np.random.default_rng(0)
    chosen = rng.choice(len(content), len(content) // 50, replace=False)
    content[chosen] ^= rng.integers(1, 256, len(chosen)).astype(np.uint8)
    return content.tobytes()


def as_an_older_curate_wrote_them(data: bytes, record: int) -> bytes:
    """Rows without their checksums."""
    return np.frombuffer(data, f"V{record}").view(np.uint8).reshape(-1, record)[:, :-8].tobytes()


def outcome(workspace: Workspace) -> tuple[pd.DataFrame, pd.DataFrame]:
    return workspace.pairs(), workspace.groups()


def assert_found_again(workspace: Workspace, expected: tuple[pd.DataFrame, pd.DataFrame], *remade: str) -> None:
    assert find_duplicates(workspace).remade == remade
    for now, before in zip(outcome(workspace), expected, strict=True):
        pd.testing.assert_frame_equal(now, before)
    assert find_duplicates(workspace).remade == ()


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Enough pictures for a fitted projection, and re-cropped copies of some of them."""
    folder = tmp_path_factory.mktemp("searched")
    faces = [draw_face(make_face(9, number), "happy", seed=number) for number in range(1_010)]
    files = {f"happy/{number}.png": encode_png(picture) for number, picture in enumerate(faces)}
    for number in range(40):
        cropped = cv2.resize(faces[number][2:45, 3:46], (48, 48), interpolation=cv2.INTER_CUBIC)
        files[f"happy/{number}.jpg"] = encode_jpeg(np.asarray(cropped), 80)
    workspace = Workspace.create(folder / "workspace")
    ingest_source(workspace, write_tree(folder / "faces", files))
    find_duplicates(workspace)
    assert len(workspace.groups()) >= 80
    return workspace


@pytest.fixture
def copied(searched: Workspace, tmp_path: Path) -> Workspace:
    shutil.copytree(searched.folder, tmp_path / "copied")
    return Workspace(tmp_path / "copied")


@pytest.mark.parametrize(
    ("pattern", "what"),
    [
        ("pictures-*.rows", "decoded pictures"),
        ("features-*.rows", "features"),
        ("jittered-*.rows", "features of jittered pictures"),
    ],
)
def test_damaged_rows_are_made_again_and_the_same_pairs_are_found(copied: Workspace, pattern: str, what: str) -> None:
    expected = outcome(copied)
    (path,) = copied.cache_folder.glob(pattern)
    path.write_bytes(some_bytes_changed(path.read_bytes()))
    with copied.catalog() as catalog, catalog.transaction() as connection:
        connection.execute("DELETE FROM verdicts")
    assert_found_again(copied, expected, what)


@pytest.mark.parametrize("damage", [some_bytes_changed, lambda data: data[:-1], lambda data: data[8:]])
def test_damaged_measurements_are_made_again(copied: Workspace, damage: Damage) -> None:
    expected = outcome(copied)
    with closing(Catalog(copied.state / "catalog.sqlite")) as catalog, catalog.transaction() as connection:
        (data,) = connection.execute("SELECT data FROM verdicts").fetchone()
        connection.execute("UPDATE verdicts SET data = ?", (damage(data),))
    assert_found_again(copied, expected, "measured pairs")


def test_what_an_older_curate_kept_is_made_again_once(copied: Workspace) -> None:
    expected = outcome(copied)
    (path,) = copied.cache_folder.glob("pictures-*.rows")
    path.write_bytes(as_an_older_curate_wrote_them(path.read_bytes(), 32 + 48 * 48 + 8))
    assert_found_again(copied, expected, "decoded pictures")


def test_a_damaged_embedding_of_a_large_collection_is_fitted_again(workspace: Workspace, tmp_path: Path) -> None:
    files = {f"happy/{number}.png": encode_png(face(number)) for number in range(1_010)}
    ingest_source(workspace, write_tree(tmp_path / "faces", files))
    find_duplicates(workspace, compare_all_up_to=1_000)
    with workspace.catalog() as catalog, catalog.transaction() as connection:
        (data,) = connection.execute("SELECT data FROM fits").fetchone()
        connection.execute("UPDATE fits SET data = ?", (some_bytes_changed(data),))
    again = find_duplicates(workspace, compare_all_up_to=1_000)
    assert (again.remade, again.fit_reused) == (("the embedding",), False)
    assert find_duplicates(workspace, compare_all_up_to=1_000).fit_reused

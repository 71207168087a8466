"""The search for duplicates runs in threads and in other processes, with the same outcome to the last bit."""

import pickle
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
import pytest
from layouts import face, write_tree
from threadpoolctl import threadpool_limits

from curate.duplicates import find_duplicates
from curate.duplicates.candidates import cosine_pairs
from curate.duplicates.clusters import bucketed_pairs, threshold_for
from curate.duplicates.embedding import embed_pictures
from curate.duplicates.row_cache import CacheFolder
from curate.duplicates.row_selection import RowSelection
from curate.executors import local_threads
from curate.images import encode_jpeg, encode_png
from curate.ingest import ingest_source
from curate.transforms import flip_pictures
from curate.workspace import Workspace

FACES = 24


@pytest.fixture(scope="module")
def processes() -> Iterator[Executor]:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        yield executor


def in_threads_and(processes: Executor, work: Callable[[Executor], object]) -> list[bytes]:
    with local_threads(2) as threads, threadpool_limits(1):
        return [pickle.dumps(work(executor)) for executor in (threads, processes)]


@pytest.mark.parametrize("thorough", [False, True])
def test_processes_find_what_threads_find(processes: Executor, tmp_path: Path, *, thorough: bool) -> None:
    pictures = [face(number) for number in range(FACES)]
    files = {f"happy/{number}.png": encode_png(picture) for number, picture in enumerate(pictures)}
    changed = {
        "recropped": cv2.resize(pictures[0][2:45, 3:46], (48, 48), interpolation=cv2.INTER_CUBIC),
        "mirrored": flip_pictures(pictures[1], "mirrored"),
        "rot90": flip_pictures(pictures[2], "rot90"),
        "blurred": cv2.GaussianBlur(pictures[3], (21, 21), 0),
        "stretched": cv2.resize(pictures[4][:, 3:45], (48, 48), interpolation=cv2.INTER_CUBIC),
    }
    files |= {f"happy/{name}.jpg": encode_jpeg(np.ascontiguousarray(picture), 80) for name, picture in changed.items()}
    folder = write_tree(tmp_path / "x", files)
    outcomes = []
    with local_threads(2) as threads:
        for number, executor in enumerate((threads, processes)):
            workspace = Workspace.create(tmp_path / f"workspace-{number}")
            ingest_source(workspace, folder)
            report = find_duplicates(workspace, thorough=thorough, executor=executor)
            outcomes.append((report, workspace.pairs().to_csv(), workspace.groups().to_csv()))
    assert sum(outcomes[0][0].pairs.values()) >= (5 if thorough else 2)
    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize("cached", [False, True])
def test_an_embedding_does_not_depend_on_where_it_is_made(processes: Executor, tmp_path: Path, *, cached: bool) -> None:
    pictures = np.stack([face(number) for number in range(60)])
    names = [f"{number:064x}" for number in range(60)]

    def work(executor: Executor) -> object:
        cache_dir = CacheFolder(tmp_path / type(executor).__name__) if cached else None
        made = embed_pictures(
            pictures, np.arange(60), names, ["identity", "rot90"], seed=3, fit=None, clusters=4, cache_dir=cache_dir,
            executor=executor,
        )  # fmt: skip
        return [points.tobytes() for points in made.points.values()], made.fit.to_bytes()

    one, other = in_threads_and(processes, work)
    assert one == other


def test_close_pairs_do_not_depend_on_where_they_are_found(processes: Executor) -> None:
    values = np.random.default_rng(1).normal(size=(1_500, 16)).astype(np.float32)
    points = values / np.linalg.norm(values, axis=1, keepdims=True)
    flipped = np.ascontiguousarray(points[:, ::-1])

    def work(executor: Executor) -> object:
        above = threshold_for(points, flipped, per_point=2, at_least=0.1, executor=executor)
        exact = cosine_pairs(points, flipped, above=above, executor=executor)
        within = bucketed_pairs(points, flipped, points[:10], above=above, executor=executor)
        return above, exact.pairs.tobytes(), exact.cosine.tobytes(), within.tobytes()

    one, other = in_threads_and(processes, work)
    assert one == other


def test_another_process_is_sent_just_the_selected_rows() -> None:
    array = np.arange(3_000_000).reshape(-1, 3)
    selection = RowSelection(array, np.array([7, 500_000, 7])).take(slice(1, 3))
    sent = pickle.dumps(selection)
    assert len(sent) < 1_000
    received = pickle.loads(sent)  # noqa: S301
    assert received[:].tolist() == selection[:].tolist() == array[[500_000, 7]].tolist()
    assert received[1].tolist() == array[7].tolist()

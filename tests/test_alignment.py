"""Alignment: the same photograph is told from other faces, whichever picture comes first."""

import cv2
import numpy as np
import pytest
from layouts import face

from curate.duplicates.alignment import DOUBTFUL, SAME_PHOTOGRAPH, Alignment, align
from curate.executors import local_threads
from curate.images import decode, encode_jpeg

FACES = 24


def crop_again(picture: np.ndarray, zoom: float, right: float, down: float) -> np.ndarray:
    """Zoomed about the middle, shifted, and saved as a JPEG."""
    matrix = cv2.getRotationMatrix2D((23.5, 23.5), 0, zoom)
    matrix[:, 2] += right, down
    moved = cv2.warpAffine(picture, matrix, (48, 48), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    return decode(encode_jpeg(moved, 80)).pixels


@pytest.fixture(scope="module")
def pictures() -> np.ndarray:
    """24 faces, then one copy of each, cropped anew."""
    rng = np.random.default_rng(4)
    originals = [face(number) for number in range(FACES)]
    copies = [crop_again(one, rng.uniform(0.87, 1.15), *rng.uniform(-3, 3, 2)) for one in originals]
    return np.stack(originals + copies)


def aligned(pictures: np.ndarray, pairs: np.ndarray, wanted: float = SAME_PHOTOGRAPH) -> Alignment:
    with local_threads(2) as executor:
        return align(pictures, pictures, pairs, wanted=np.full(len(pairs), wanted), executor=executor)


def test_a_copy_cropped_anew_aligns_whichever_comes_first(pictures: np.ndarray) -> None:
    one = np.arange(FACES)
    forward = np.stack([one, one + FACES], axis=1)
    refined = aligned(pictures, np.concatenate([forward, forward[:, ::-1]])).refined
    assert refined.min() >= SAME_PHOTOGRAPH


def test_other_faces_do_not_align(pictures: np.ndarray) -> None:
    pairs = np.stack(np.triu_indices(FACES, 1), axis=1)
    assert aligned(pictures, pairs, DOUBTFUL).refined.max() < DOUBTFUL


def test_the_result_depends_neither_on_order_nor_on_batches(pictures: np.ndarray) -> None:
    pairs = np.stack(np.triu_indices(2 * FACES, 1), axis=1)
    order = np.random.default_rng(0).permutation(len(pairs))
    whole, mixed = aligned(pictures, pairs), aligned(pictures, pairs[order])
    parts = [aligned(pictures, part) for part in np.array_split(pairs, 7)]
    for other in (mixed, Alignment(*(np.concatenate(values)[order] for values in zip(*parts, strict=True)))):
        np.testing.assert_allclose(other.coarse, whole.coarse[order], atol=1e-5)
        np.testing.assert_allclose(other.refined, whole.refined[order], atol=1e-5)


def test_no_pairs_need_no_alignment(pictures: np.ndarray) -> None:
    found = aligned(pictures, np.zeros((0, 2), np.int64))
    assert [values.shape for values in found] == [(0,), (0,), (0,), (0,), (0, 2)]


def test_flat_pictures_align_with_nothing(pictures: np.ndarray) -> None:
    flat = np.concatenate([np.full((2, 48, 48), 90, np.uint8), pictures[:1]])
    found = aligned(flat, np.array([[0, 1], [0, 2], [1, 2]]))
    assert np.isfinite(found.coarse).all()
    assert found.refined.max() < DOUBTFUL

"""The embedding fitted on a collection brings jittered copies together."""

import cv2
import numpy as np
import pytest
from layouts import face

from curate.duplicates.projection import (
    Projection,
    embed,
    fit_projection,
    flip_projection,
    jittered_features,
    pick_by_hash,
    quantised_features,
)
from curate.executors import local_threads
from curate.features import gradient_features, transform_features
from curate.transforms import FLIPS_AND_ROTATIONS

FACES = 200
COPIED = 40
CLOSE = 0.58


@pytest.fixture(scope="module")
def pictures() -> np.ndarray:
    """200 faces, and 40 of them again: shifted by two pixels, zoomed by 6 %, darker."""
    originals = [face(number) for number in range(FACES)]
    matrix = cv2.getRotationMatrix2D((23.5, 23.5), 1.0, 1.06)
    matrix[:, 2] += 2, -1
    copies = [cv2.warpAffine(one, matrix, (48, 48), borderMode=cv2.BORDER_REFLECT) // 5 * 4 for one in originals]
    return np.stack(originals + copies[:COPIED])


@pytest.fixture(scope="module")
def ids(pictures: np.ndarray) -> list[str]:
    return [f"sample-{number}" for number in range(len(pictures))]


@pytest.fixture(scope="module")
def projection(pictures: np.ndarray, ids: list[str]) -> Projection:
    return fit(pictures, ids)


def fit(pictures: np.ndarray, ids: list[str]) -> Projection:
    features = quantised_features(pictures)
    with local_threads(2) as pool:
        return fit_projection(features, features, jittered_features(pictures, ids, seed=1), executor=pool)


def cosines(pictures: np.ndarray, projection: Projection) -> np.ndarray:
    points = embed(gradient_features(pictures), projection)
    return points @ points.T


def test_copies_are_nearer_than_other_faces(pictures: np.ndarray, projection: Projection) -> None:
    cosine = cosines(pictures, projection)
    own = cosine[np.arange(COPIED), FACES + np.arange(COPIED)]
    others = cosine[:FACES, :FACES][np.triu_indices(FACES, 1)]
    assert (own > CLOSE).mean() == 1.0
    assert (others > CLOSE).mean() < 0.01


def test_the_fit_does_not_depend_on_the_order_of_samples(
    pictures: np.ndarray, ids: list[str], projection: Projection
) -> None:
    order = np.random.default_rng(3).permutation(len(pictures))
    mixed = fit(pictures[order], [ids[index] for index in order])
    np.testing.assert_allclose(cosines(pictures, mixed), cosines(pictures, projection), atol=1e-3)


def test_embedded_pictures_are_unit_vectors(pictures: np.ndarray, projection: Projection) -> None:
    points = embed(gradient_features(pictures), projection)
    assert (points.shape, points.dtype) == ((len(pictures), 64), np.float32)
    np.testing.assert_allclose(np.linalg.norm(points, axis=1), 1, atol=1e-5)


def test_a_flat_picture_is_embedded_without_a_warning(projection: Projection) -> None:
    assert np.isfinite(embed(gradient_features(np.zeros((1, 48, 48), np.uint8)), projection)).all()


@pytest.mark.parametrize("name", list(FLIPS_AND_ROTATIONS))
def test_a_flipped_projection_places_the_flipped_picture(
    pictures: np.ndarray, projection: Projection, name: str
) -> None:
    features = gradient_features(pictures)
    expected = embed(transform_features(features, name), projection)
    np.testing.assert_allclose(embed(features, flip_projection(projection, name)), expected, atol=1e-4)


def test_which_samples_are_picked_depends_on_their_ids_alone() -> None:
    ids = [f"sample-{number}" for number in range(50)]
    picked = {ids[index] for index in pick_by_hash(ids, 10)}
    backwards = ids[::-1]
    assert {backwards[index] for index in pick_by_hash(backwards, 10)} == picked
    assert len(picked) == 10

"""Features and the pictures they are taken of."""

import cv2
import numpy as np
import pytest
from layouts import face

from curate.faces import draw_face, make_face
from curate.features import FEATURES, gaussian_matrix, gradient_features, matching_pictures, transform_features
from curate.transforms import FLIPS_AND_ROTATIONS, flip_pictures


@pytest.fixture(scope="module")
def pictures() -> np.ndarray:
    return np.stack([face(number) for number in range(12)])


@pytest.mark.parametrize("name", FLIPS_AND_ROTATIONS)
def test_features_of_a_turned_picture_are_those_of_the_picture_in_another_order(
    pictures: np.ndarray, name: str
) -> None:
    turned = gradient_features(flip_pictures(pictures, name))
    np.testing.assert_allclose(transform_features(gradient_features(pictures), name), turned, atol=1e-4)


def test_the_squares_of_one_picture_s_features_sum_to_one(pictures: np.ndarray) -> None:
    features = gradient_features(pictures)
    assert (features.shape, features.dtype) == ((12, FEATURES), np.float32)
    np.testing.assert_allclose((features**2).sum(axis=1), 1, atol=1e-5)


def test_features_do_not_depend_on_the_batch() -> None:
    pictures = np.stack([face(number) for number in range(3)])
    many = gradient_features(np.tile(pictures, (100, 1, 1)))
    np.testing.assert_allclose(many, np.tile(gradient_features(pictures), (100, 1)), atol=1e-5)


@pytest.mark.parametrize(
    "level",
    [0, 128, 255],
)
def test_a_flat_picture_has_no_features(level: int) -> None:
    features = gradient_features(np.full((1, 48, 48), level, np.uint8))
    assert np.array_equal(features, np.zeros((1, FEATURES), np.float32))


def test_features_of_a_flat_picture_are_finite() -> None:
    assert np.isfinite(gradient_features(np.full((1, 48, 48), 200, np.uint8))).all()


def test_no_pictures_have_no_features() -> None:
    assert gradient_features(np.zeros((0, 48, 48), np.uint8)).shape == (0, FEATURES)


@pytest.mark.parametrize("sigma", [0.8, 1.2, 4.0])
def test_the_gaussian_matrix_blurs_like_opencv(pictures: np.ndarray, sigma: float) -> None:
    matrix = gaussian_matrix(sigma)
    np.testing.assert_allclose(matrix.sum(axis=1), 1, atol=1e-6)
    values = pictures[0].astype(np.float32)
    side = 2 * int(np.ceil(4 * sigma)) + 1
    blurred = cv2.GaussianBlur(values, (side, side), sigma, borderType=cv2.BORDER_REFLECT_101)
    np.testing.assert_allclose(matrix @ values @ matrix.T, blurred, atol=0.01)


@pytest.mark.parametrize("size_px", [32, 48, 112])
@pytest.mark.parametrize("colour", [False, True])
def test_pictures_of_any_size_are_compared_at_one_size_in_gray(size_px: int, *, colour: bool) -> None:
    drawn = draw_face(make_face(3, 1), "happy", seed=1, size_px=size_px, colour=colour)
    reduced = matching_pictures(drawn)
    assert (reduced.shape, reduced.dtype) == ((48, 48), np.uint8)
    assert np.corrcoef(reduced.ravel(), face(1).ravel())[0, 1] > 0.95


def test_a_gray_picture_of_that_size_is_compared_as_it_is(pictures: np.ndarray) -> None:
    assert np.array_equal(matching_pictures(pictures[0]), pictures[0])
    wide = np.repeat(pictures[0], 2, axis=1)
    assert np.array_equal(matching_pictures(wide), pictures[0])

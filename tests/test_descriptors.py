"""Descriptors of faces and their components."""

from collections.abc import Callable

import numpy as np
import pytest
from layouts import face

from curate.suspects.descriptors import (
    Descriptor,
    describe_edges,
    describe_patches,
    describe_shapes,
    describe_texture,
    fit_reduction,
)

WIDTHS = {"edges": 5328, "texture": 2124, "patches": 2304, "shapes": 2304}
LEARNED = {"patches": describe_patches, "shapes": describe_shapes}


@pytest.fixture(scope="module")
def pictures() -> np.ndarray:
    return np.stack([face(number, "happy" if number % 2 else "sad") for number in range(40)])


@pytest.fixture(scope="module", params=list(WIDTHS))
def descriptor(request: pytest.FixtureRequest, pictures: np.ndarray) -> Descriptor:
    if request.param in LEARNED:
        return LEARNED[request.param](pictures, seed=1)
    return {"edges": describe_edges, "texture": describe_texture}[request.param]()


def mirrored(pictures: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(pictures[:, :, ::-1])


def test_a_mirrored_picture_has_the_same_numbers_in_another_order(pictures: np.ndarray, descriptor: Descriptor) -> None:
    features = descriptor.describe(pictures)
    # Some numbers are roots, which enlarge the rounding of what is nearly nothing.
    np.testing.assert_allclose(features[:, descriptor.mirrored], descriptor.describe(mirrored(pictures)), atol=1e-3)


def test_mirroring_twice_changes_nothing(descriptor: Descriptor) -> None:
    size = len(descriptor.mirrored)
    assert size in WIDTHS.values()
    assert np.array_equal(descriptor.mirrored[descriptor.mirrored], np.arange(size))


def test_a_picture_is_described_alike_alone_and_among_others(pictures: np.ndarray, descriptor: Descriptor) -> None:
    np.testing.assert_allclose(descriptor.describe(pictures)[3:4], descriptor.describe(pictures[3:4]), atol=1e-4)


def test_flat_pictures_have_finite_numbers(descriptor: Descriptor) -> None:
    flat = np.stack([np.full((48, 48), level, np.uint8) for level in (0, 128, 255)])
    assert np.isfinite(descriptor.describe(flat)).all()


def test_components_of_a_mirrored_picture_differ_in_the_sign_of_the_odd_ones(
    pictures: np.ndarray, descriptor: Descriptor
) -> None:
    reduction = fit_reduction(descriptor, pictures, components=12, seed=2)
    seen = reduction.apply(descriptor.describe(pictures))
    flipped = reduction.apply(descriptor.describe(mirrored(pictures)))
    assert seen.even.shape[1] + seen.odd.shape[1] == 12
    np.testing.assert_allclose(seen.even, flipped.even, atol=1e-3)
    np.testing.assert_allclose(seen.odd, -flipped.odd, atol=1e-3)


def test_components_are_scaled_to_a_mean_square_length_near_one(pictures: np.ndarray, descriptor: Descriptor) -> None:
    seen = fit_reduction(descriptor, pictures, components=12, seed=2).apply(descriptor.describe(pictures))
    length = (seen.even**2).sum(axis=1) + (seen.odd**2).sum(axis=1)
    assert length.mean() == pytest.approx(1, abs=0.1)


def test_a_collection_of_one_flat_picture_has_components_of_no_length() -> None:
    flat = np.full((1, 48, 48), 7, np.uint8)
    descriptor = describe_texture()
    seen = fit_reduction(descriptor, flat, components=5, seed=0).apply(descriptor.describe(flat))
    assert np.isfinite(seen.even).all()
    assert np.abs(seen.even).sum() == 0


@pytest.mark.parametrize("learn", LEARNED.values(), ids=LEARNED)
def test_what_is_learned_follows_from_pictures_and_seed(pictures: np.ndarray, learn: Callable[..., Descriptor]) -> None:
    one, same, other = (learn(pictures, seed=seed).describe(pictures[:2]) for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("learn", LEARNED.values(), ids=LEARNED)
def test_one_flat_picture_is_enough_to_learn_from(learn: Callable[..., Descriptor]) -> None:
    flat = np.full((1, 48, 48), 7, np.uint8)
    assert np.isfinite(learn(flat, seed=1).describe(flat)).all()

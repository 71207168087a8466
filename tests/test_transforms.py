"""The eight flips and rotations, against numpy's own."""

import numpy as np
import pytest

from curate.transforms import FLIPS_AND_ROTATIONS, flip_pictures

PICTURE = np.array([[1, 2, 3], [4, 5, 6]], np.uint8)

EXPECTED = {
    "identity": [[1, 2, 3], [4, 5, 6]],
    "mirrored": [[3, 2, 1], [6, 5, 4]],
    "rot90": [[3, 6], [2, 5], [1, 4]],
    "rot180": [[6, 5, 4], [3, 2, 1]],
    "rot270": [[4, 1], [5, 2], [6, 3]],
    "mirrored-rot90": [[1, 4], [2, 5], [3, 6]],
    "mirrored-rot180": [[4, 5, 6], [1, 2, 3]],
    "mirrored-rot270": [[6, 3], [5, 2], [4, 1]],
}


def test_the_eight_names_and_their_order_are_fixed() -> None:
    assert list(FLIPS_AND_ROTATIONS) == list(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_small_picture_moves_as_its_name_says(name: str) -> None:
    assert flip_pictures(PICTURE, name).tolist() == EXPECTED[name]


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_rotations_are_counter_clockwise_and_mirroring_comes_first(turns: int) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (7, 5), dtype=np.uint8)
    plain = ("identity", "rot90", "rot180", "rot270")[turns]
    mirrored = ("mirrored", "mirrored-rot90", "mirrored-rot180", "mirrored-rot270")[turns]
    assert np.array_equal(flip_pictures(noise, plain), np.rot90(noise, turns))
    assert np.array_equal(flip_pictures(noise, mirrored), np.rot90(np.fliplr(noise), turns))


@pytest.mark.parametrize("name", EXPECTED)
def test_every_picture_of_a_batch_moves_alone(name: str) -> None:
    batch = np.random.default_rng(1).integers(0, 256, (2, 3, 4, 6), dtype=np.uint8)
    moved = flip_pictures(batch, name)
    assert np.array_equal(moved[1, 2], flip_pictures(batch[1, 2], name))


@pytest.mark.parametrize("name", EXPECTED)
def test_the_result_is_contiguous_and_of_the_same_type(name: str) -> None:
    moved = flip_pictures(np.arange(6, dtype=np.float32).reshape(2, 3), name)
    assert (moved.flags.c_contiguous, moved.dtype) == (True, np.float32)


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(KeyError):
        flip_pictures(PICTURE, "rot45")

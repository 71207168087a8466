"""Copies agree in every third; what only shares a caption does not."""

import cv2
import numpy as np
import pytest
from layouts import face

from curate.duplicates.alignment import SAME_PHOTOGRAPH, Alignment, align
from curate.duplicates.weakest_third import WEAKEST_THIRD_SAME, weakest_third
from curate.executors import local_threads

FACES = 12


def aligned(pictures: list[np.ndarray], pairs: np.ndarray) -> Alignment:
    with local_threads(2) as executor:
        wanted = np.full(len(pairs), SAME_PHOTOGRAPH)
        return align(np.stack(pictures), np.stack(pictures), pairs, wanted=wanted, executor=executor)


def darkened(number: int, text: str = "") -> np.ndarray:
    picture = (face(number) * 0.4).astype(np.uint8)
    return np.asarray(cv2.putText(picture, text, (1, 45), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 255, 2, cv2.LINE_AA))


def test_strangers_under_one_caption_differ_in_some_third() -> None:
    pairs = np.stack(np.triu_indices(FACES, 1), axis=1)
    found = aligned([darkened(number, "PHOTO") for number in range(FACES)], pairs)
    assert (found.refined >= SAME_PHOTOGRAPH).mean() > 0.9  # what is judged is not trivial
    assert found.weakest.max() < WEAKEST_THIRD_SAME


@pytest.mark.parametrize("text", ["", "PHOTO"])
def test_copies_agree_in_every_third_with_and_without_a_caption(text: str) -> None:
    originals = [darkened(number, text) for number in range(FACES)]
    copies = [cv2.resize(one[1:47, 2:48], (48, 48), interpolation=cv2.INTER_CUBIC) for one in originals]
    pairs = np.stack([np.arange(FACES), np.arange(FACES) + FACES], axis=1)
    found = aligned(originals + copies, pairs)
    assert found.weakest.min() >= WEAKEST_THIRD_SAME


def test_thirds_are_correlated_by_rows_and_by_columns() -> None:
    rng = np.random.default_rng(0)
    one = rng.normal(0, 20, (36, 36)).astype(np.float32)
    upside_down = one.copy()
    upside_down[24:] *= -1
    half_gone = one.copy()
    half_gone[:, :12] = rng.normal(0, 20, (36, 12))
    pictures = {"the same": one, "brighter": 2 * one + 30, "lower third inverted": upside_down, "left third": half_gone}
    assert {name: round(weakest_third(one, two), 1) for name, two in pictures.items()} == {
        "the same": 1.0,
        "brighter": 1.0,
        "lower third inverted": -1.0,
        "left third": 0.0,
    }


def test_flat_thirds_count_as_alike() -> None:
    one = np.random.default_rng(0).normal(0, 20, (36, 36)).astype(np.float32)
    one[:12] = 0
    rounded = one + np.random.default_rng(1).uniform(-0.5, 0.5, one.shape).astype(np.float32)
    assert weakest_third(one, rounded) > 0.9

"""What plain alignment misses: rotated, stretched, edited and blurred copies."""

import cv2
import numpy as np
import pytest
from layouts import face

from curate.duplicates.alignment import band_pass
from curate.duplicates.coarse import SCALES, WARP_STARTS, align_coarsely, scaled_templates, warped_templates
from curate.duplicates.methods import (
    BLOCKS_DOUBTFUL,
    BLOCKS_SAME,
    BLUR_SAME,
    ECC_DOUBTFUL,
    ECC_SAME,
    AffineMatch,
    WarpStart,
    match_affine,
    match_blurred,
)
from curate.duplicates.weakest_third import WEAKEST_THIRD_SAME_BLURRED
from curate.executors import local_threads

FACES = 12


@pytest.fixture(scope="module")
def faces() -> np.ndarray:
    return np.stack([face(number) for number in range(FACES)])


def warp(pictures: np.ndarray, *, degrees: float = 0, zoom: float = 1, aspect: float = 1) -> np.ndarray:
    matrix = cv2.getRotationMatrix2D((23.5, 23.5), degrees, zoom)
    matrix[0] *= aspect
    matrix[0, 2] += 23.5 * (1 - aspect)
    return np.stack([cv2.warpAffine(one, matrix, (48, 48), borderMode=cv2.BORDER_REFLECT) for one in pictures])


def matched(own: np.ndarray, other: np.ndarray, pairs: np.ndarray, *, warped: bool) -> list[AffineMatch]:
    """The affine match of every pair, from the template that the coarse alignment finds."""
    make_templates = warped_templates if warped else scaled_templates
    with local_threads(2) as executor:
        _, templates, shifts = align_coarsely(own, other, pairs, make_templates, executor=executor)
    known = WARP_STARTS if warped else [(0.0, scale) for scale in SCALES[::2]]
    starts = [WarpStart(*known[template], *shift) for template, shift in zip(templates, shifts.tolist(), strict=True)]
    own_bands, other_bands = band_pass(own), band_pass(other)
    return [match_affine(own_bands[i], other_bands[j], start) for (i, j), start in zip(pairs, starts, strict=True)]


def matched_copies(own: np.ndarray, other: np.ndarray, *, warped: bool) -> list[AffineMatch]:
    return matched(own, other, np.stack([np.arange(len(own))] * 2, axis=1), warped=warped)


@pytest.mark.parametrize("degrees", [-10, -5, 5, 10])
def test_a_rotated_copy_is_found_from_a_warped_start(faces: np.ndarray, degrees: float) -> None:
    found = matched_copies(faces, warp(faces, degrees=degrees), warped=True)
    assert min(match.correlation for match in found) >= ECC_SAME


@pytest.mark.parametrize("change", [{"aspect": 1.08}, {"aspect": 0.92}, {"zoom": 1.3}], ids=str)
def test_a_stretched_or_zoomed_copy_is_found_from_a_scaled_start(faces: np.ndarray, change: dict[str, float]) -> None:
    found = matched_copies(faces, warp(faces, **change), warped=False)
    assert min(match.correlation for match in found) >= ECC_SAME


def test_a_copy_with_text_over_it_agrees_in_most_blocks(faces: np.ndarray) -> None:
    written = faces.copy()
    for picture in written:
        cv2.putText(picture, "stock", (2, 44), cv2.FONT_HERSHEY_SIMPLEX, 0.45, 255, 1, cv2.LINE_AA)
    found = matched_copies(faces, written, warped=False)
    assert min(match.blocks for match in found) >= BLOCKS_SAME


def test_a_blurred_copy_matches_when_the_sharp_one_is_blurred(faces: np.ndarray) -> None:
    blurred = np.stack([cv2.GaussianBlur(one, (21, 21), 0) for one in faces])
    found = [match_blurred(one, two) for one, two in zip(faces, blurred, strict=True)]
    assert min(match.correlation for match in found) >= BLUR_SAME
    assert min(match.weakest for match in found) >= WEAKEST_THIRD_SAME_BLURRED
    assert found == [match_blurred(two, one) for one, two in zip(faces, blurred, strict=True)]


@pytest.mark.parametrize("warped", [False, True])
def test_other_faces_stay_below_every_threshold(faces: np.ndarray, *, warped: bool) -> None:
    pairs = np.stack(np.triu_indices(FACES, 1), axis=1)
    found = matched(faces, faces, pairs, warped=warped)
    assert max(match.correlation for match in found) < ECC_DOUBTFUL
    assert max(match.blocks for match in found) < BLOCKS_DOUBTFUL
    assert max(match_blurred(faces[i], faces[j]).correlation for i, j in pairs) < BLUR_SAME


def test_flat_pictures_match_nothing(faces: np.ndarray) -> None:
    flat = np.full((48, 48), 90, np.uint8)
    bands = band_pass(np.stack([flat, faces[0]]))
    for other in bands:
        match = match_affine(bands[0], other, WarpStart(0, 1, 0, 0))
        assert (match.correlation < ECC_DOUBTFUL, match.blocks < BLOCKS_DOUBTFUL) == (True, True)

"""Matching by hashes alone: copies that were encoded again are found, and what merely looks alike is not."""

import cv2
import numpy as np
import pytest

from curate.emotions import BASIC_EMOTIONS
from curate.executors import local_threads
from curate.faces import draw_face, make_face
from curate.images import decode, encode_jpeg
from curate.version.patch.matching import AMBIGUOUS, IDENTICAL, RE_ENCODED, UNMATCHED, Matches, match_copies
from curate.version.patch.nearest import CLOSE_BITS, FAR, NONE, Assignment, find_nearest
from curate.version.patch.prints import Prints, print_pictures

FACES = [draw_face(make_face(9, n), BASIC_EMOTIONS[n % 7], seed=n) for n in range(120)]


def coded(pixels: np.ndarray, quality: int) -> np.ndarray:
    return decode(encode_jpeg(pixels, quality)).pixels


def match(
    patched: list[np.ndarray],
    local: list[np.ndarray],
    *,
    labels: list[int] | None = None,
    splits: list[int] | None = None,
    same: list[int] | None = None,
) -> Matches:
    count = len(patched)
    assignment = Assignment(np.array(labels or range(count)), np.array(splits or [NONE] * count))
    identical = np.array(same or [NONE] * count, np.int64)
    with local_threads() as pool:
        return match_copies(print_pictures(patched), print_pictures(local), assignment, identical, executor=pool)


@pytest.mark.parametrize("quality", [95, 92, 85, 75])
def test_copies_saved_as_jpeg_are_matched_with_their_originals(quality: int) -> None:
    found = match(FACES, [coded(face, quality) for face in FACES])
    assert (found.kind == RE_ENCODED).mean() >= 0.99
    assert found.local[found.kind == RE_ENCODED].tolist() == np.flatnonzero(found.kind == RE_ENCODED).tolist()


def test_a_coarsely_saved_copy_is_matched_with_its_original_or_not_at_all() -> None:
    found = match(FACES, [coded(face, 30) for face in FACES])
    assert found.local[found.kind == RE_ENCODED].tolist() == np.flatnonzero(found.kind == RE_ENCODED).tolist()


@pytest.mark.parametrize("side_px", [40, 64, 96])
def test_resized_copies_are_matched_with_their_originals(side_px: int) -> None:
    how = cv2.INTER_AREA if side_px < 48 else cv2.INTER_CUBIC
    found = match(FACES, [coded(cv2.resize(face, (side_px, side_px), interpolation=how), 90) for face in FACES])
    assert (found.kind == RE_ENCODED).mean() >= 0.98
    assert found.local[found.kind == RE_ENCODED].tolist() == np.flatnonzero(found.kind == RE_ENCODED).tolist()


def test_mirrored_copies_are_not_matched() -> None:
    assert set(match(FACES, [coded(face[:, ::-1], 95) for face in FACES]).kind) == {UNMATCHED}


def test_stretched_copies_are_not_matched() -> None:
    assert set(match(FACES, [cv2.resize(face, (60, 48)) for face in FACES]).kind) == {UNMATCHED}


def test_brightened_copies_are_not_matched() -> None:
    assert set(match(FACES, [np.minimum(face, 235) + 20 for face in FACES]).kind) == {UNMATCHED}


def test_people_in_one_pose_and_light_are_told_apart() -> None:
    here = [draw_face(make_face(9, n), "happy", seed=n, pose_seed=n // 4) for n in range(120)]
    there = [draw_face(make_face(9, 500 + n), "happy", seed=n, pose_seed=n // 4) for n in range(120)]
    assert set(match(there, [coded(face, 90) for face in here]).kind) == {UNMATCHED}


def test_one_person_with_another_expression_is_told_apart() -> None:
    here = [draw_face(make_face(9, n), "happy", seed=n, pose_seed=n) for n in range(60)]
    there = [draw_face(make_face(9, n), "angry", seed=n + 1, pose_seed=n) for n in range(60)]
    assert set(match(there, [coded(face, 90) for face in here]).kind) == {UNMATCHED}


def test_two_pictures_of_one_photograph_with_different_labels_are_ambiguous() -> None:
    found = match([FACES[0], coded(FACES[0], 60), FACES[1]], [coded(FACES[0], 85), coded(FACES[1], 85)])
    assert found.kind.tolist() == [AMBIGUOUS, AMBIGUOUS, RE_ENCODED]


def test_two_pictures_of_one_photograph_with_one_label_are_not_ambiguous() -> None:
    found = match([FACES[0], coded(FACES[0], 60)], [coded(FACES[0], 95)], labels=[3, 3])
    assert found.kind.tolist() == [RE_ENCODED, UNMATCHED]


def test_two_pictures_of_one_photograph_in_two_splits_are_ambiguous() -> None:
    found = match([FACES[0], coded(FACES[0], 60)], [coded(FACES[0], 85)], labels=[3, 3], splits=[0, 2])
    assert found.kind.tolist() == [AMBIGUOUS, AMBIGUOUS]


def test_of_two_copies_here_only_the_nearer_is_matched() -> None:
    found = match([FACES[0]], [coded(FACES[0], 60), coded(FACES[0], 95)])
    assert (found.kind.tolist(), found.local.tolist()) == ([RE_ENCODED], [1])


def test_a_copy_of_a_picture_that_is_here_is_not_matched_with_its_twin() -> None:
    twin = coded(FACES[0], 75)
    found = match([FACES[0], twin], [FACES[0], coded(FACES[0], 90)], labels=[1, 2], same=[0, NONE])
    assert found.kind.tolist() == [IDENTICAL, UNMATCHED]


def test_blank_pictures_are_never_matched_by_hash() -> None:
    blank = [np.full((48, 48), value, np.uint8) for value in (0, 128, 255)]
    assert set(match(blank, [coded(each, 50) for each in blank]).kind) == {UNMATCHED}


def test_nothing_matches_nothing() -> None:
    assert len(match([], FACES[:2]).kind) == 0
    assert match(FACES[:2], []).kind.tolist() == [UNMATCHED, UNMATCHED]


@pytest.mark.parametrize("seed", range(8))
def test_the_nearest_and_its_rival_are_those_of_comparing_all(seed: int) -> None:
    rng = np.random.default_rng(seed)
    own, others = hashes(rng, 300), hashes(rng, 700)
    assignment = Assignment(rng.integers(-1, 3, 700), rng.integers(-1, 3, 700))
    with local_threads() as pool:
        found = find_nearest(own, np.arange(300), others, np.arange(700), assignment, executor=pool)
    coarse = np.bitwise_count(own.coarse[:, None] ^ others.coarse).astype(int)
    fine = np.bitwise_count(own.fine[:, None] ^ others.fine).sum(axis=2)
    bits = np.where(coarse <= CLOSE_BITS, coarse + fine, FAR)
    nearest = np.where(bits.min(axis=1) < FAR, bits.argmin(axis=1), NONE)
    rows = np.repeat(nearest, len(others.coarse))
    differ = assignment.differ(np.tile(np.arange(len(others.coarse)), len(nearest)), rows).reshape(bits.shape)
    rival_bits = np.where(differ & (nearest != NONE)[:, None], bits, FAR).min(axis=1)
    assert found.other.tolist() == nearest.tolist()
    assert found.rival_bits.tolist() == rival_bits.tolist()
    seen = nearest != NONE
    assert found.bits[seen].tolist() == bits.min(axis=1)[seen].tolist()
    assert 0 < seen.sum() < len(seen)


def hashes(rng: np.random.Generator, count: int) -> Prints:
    """Hashes around a few centres, so that some are close."""
    centres = np.random.default_rng(0).integers(0, 2**64, (40, 5), dtype=np.uint64)
    words = centres[rng.integers(0, 40, count)]
    for _ in range(9):
        place = rng.integers(0, 5, count)
        words[np.arange(count), place] ^= np.uint64(1) << rng.integers(0, 64, count).astype(np.uint64)
    words[: count // 5] = rng.integers(0, 2**64, (count // 5, 5), dtype=np.uint64)
    return Prints(words[:, 0], words[:, 1:], np.zeros((count, 5), np.int64))

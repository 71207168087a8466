"""Generated faces: what a picture depends on, and what it does not."""

import numpy as np
import pytest

from curate.emotions import BASIC_EMOTIONS
from curate.faces import Face, draw_face, make_face


@pytest.fixture
def face() -> Face:
    return make_face(7, 3)


def _correlation(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.corrcoef(first.ravel().astype(float), second.ravel().astype(float))[0, 1])


def test_same_arguments_give_same_looks_and_same_picture(face: Face) -> None:
    assert make_face(7, 3) == face
    assert np.array_equal(draw_face(face, "sad", seed=1), draw_face(make_face(7, 3), "sad", seed=1))


def test_global_random_state_plays_no_part(face: Face) -> None:
    before = draw_face(face, "sad", seed=1)
    state = np.random.get_state(legacy=False)  # noqa: NPY002
    after = draw_face(face, "sad", seed=1)
    assert np.array_equal(before, after)
    assert np.array_equal(state["state"]["key"], np.random.get_state(legacy=False)["state"]["key"])  # noqa: NPY002


def test_other_seed_gives_other_picture(face: Face) -> None:
    assert _correlation(draw_face(face, "sad", seed=1), draw_face(face, "sad", seed=2)) < 0.95


def test_other_subject_or_other_seed_gives_other_looks(face: Face) -> None:
    assert len({face, make_face(7, 4), make_face(8, 3)}) == 3


@pytest.mark.parametrize("emotion", BASIC_EMOTIONS)
def test_every_emotion_draws_gray_pictures_with_contrast(face: Face, emotion: str) -> None:
    picture = draw_face(face, emotion, seed=5)
    assert picture.shape == (48, 48)
    assert picture.dtype == np.uint8
    assert picture.std() > 10


@pytest.mark.parametrize("subject", range(40))
def test_every_subject_draws_with_contrast(subject: int) -> None:
    assert draw_face(make_face(1, subject), BASIC_EMOTIONS[subject % 7], seed=subject).std() > 10


@pytest.mark.parametrize("size_px", [32, 48, 112])
def test_colour_picture_has_three_channels_and_the_gray_picture_in_it(face: Face, size_px: int) -> None:
    colour = draw_face(face, "happy", seed=5, size_px=size_px, colour=True)
    gray = draw_face(face, "happy", seed=5, size_px=size_px)
    assert colour.shape == (size_px, size_px, 3)
    assert colour.dtype == np.uint8
    assert np.ptp(colour, axis=2).max() > 10
    assert _correlation(colour @ np.array((0.299, 0.587, 0.114)), gray) > 0.97


def test_unknown_emotion_raises_and_names_the_known_ones(face: Face) -> None:
    with pytest.raises(ValueError, match=r"'smug'.*angry, disgust, fear, happy, neutral, sad, surprise"):
        draw_face(face, "smug", seed=1)


def test_mirrored_picture_differs_from_the_picture() -> None:
    for subject in range(10):
        picture = draw_face(make_face(7, subject), "neutral", seed=subject)
        assert np.abs(picture.astype(int) - picture[:, ::-1]).mean() > 5


def test_emotions_of_one_subject_in_one_pose_differ(face: Face) -> None:
    pictures = [draw_face(face, emotion, seed=9, pose_seed=4) for emotion in BASIC_EMOTIONS]
    middles = [picture[8:42, 8:40] for picture in pictures]
    pairs = [(first, second) for i, first in enumerate(middles) for second in middles[:i]]
    assert max(_correlation(first, second) for first, second in pairs) < 0.97


def test_pose_seed_takes_the_place_of_the_seed_for_pose_light_and_background(face: Face) -> None:
    corners = [
        draw_face(face, "neutral", seed=seed, pose_seed=pose)[:8, :4].astype(float).mean(axis=1)
        for seed, pose in ((1, 5), (2, 5), (2, 6))
    ]
    assert np.abs(corners[0] - corners[1]).mean() < np.abs(corners[1] - corners[2]).mean()

"""What derived pictures look like: geometry against pictures written out, and the steps of recipes."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from layouts import face
from PIL import Image

from curate.derive import ORIGINAL, X4, derive_picture
from curate.errors import VersionDamaged

SMALL = np.array([[1, 2, 3], [4, 5, 6]], np.uint8)


def derived(pixels: np.ndarray, transform: str, recipe: Any = X4, sample_id: str = "aa") -> np.ndarray:
    return derive_picture(pixels, recipe, transform, sample_id=sample_id)


def recipe(*steps: dict[str, Any], seed: int = 0) -> dict[str, Any]:
    return {"name": "test", "transforms": ["test-1", "test-2"], "seed": seed, "steps": list(steps)}


def step(kind: str, **options: Any) -> dict[str, Any]:
    return {"kind": kind, "p": 1.0, **options}


def test_rot90_turns_counter_clockwise() -> None:
    assert derived(SMALL, "rot90").tolist() == [[3, 6], [2, 5], [1, 4]]


def test_rot270_turns_clockwise() -> None:
    assert derived(SMALL, "rot270").tolist() == [[4, 1], [5, 2], [6, 3]]


def test_identity_is_the_picture_as_it_is() -> None:
    assert derived(SMALL, ORIGINAL).tolist() == SMALL.tolist()


def test_zoom_is_what_bilinear_interpolation_gives_by_hand() -> None:
    """Pixel i shows place (i - 1.5) / 1.7 + 1.5: 0.618, 1.206, 1.794 and 2.382 of either axis."""
    across, down = np.array([0, 100, 200, 40]), np.array([0, 6, 12, 18])
    picture = (across + down[:, None]).astype(np.uint8)
    assert derived(picture, "zoom-1.7").tolist() == [
        [65, 124, 183, 143],
        [69, 128, 187, 146],
        [73, 131, 190, 150],
        [76, 135, 194, 153],
    ]


@pytest.mark.parametrize("shape", [(48, 48), (48, 37), (96, 128)])
def test_zoom_agrees_with_pillow_within_one_gray_level(shape: tuple[int, int]) -> None:
    picture = np.asarray(Image.fromarray(face(5)).resize(shape[::-1]))
    middle, half = np.array(shape[::-1]) / 2, np.array(shape[::-1]) / 3.4
    box = (*(middle - half), *(middle + half))
    pillow = np.asarray(Image.fromarray(picture).resize(shape[::-1], Image.Resampling.BILINEAR, box=box))
    assert np.abs(derived(picture, "zoom-1.7").astype(int) - pillow.astype(int)).max() <= 1


def test_colour_is_zoomed_channel_by_channel() -> None:
    colour = np.stack([face(1), face(2), face(3)], axis=2)
    zoomed = derived(colour, "zoom-1.7")
    assert [np.array_equal(zoomed[..., number], derived(face(number + 1), "zoom-1.7")) for number in range(3)] == [
        True
    ] * 3


def test_colour_that_comes_out_gray_is_a_gray_picture() -> None:
    framed = np.full((48, 48, 3), 200, np.uint8)
    framed[0] = (255, 0, 0)
    assert (derived(framed, "rot90").ndim, derived(framed, "zoom-1.7").ndim) == (3, 2)


@pytest.mark.parametrize("transform", ["rot180", "zoom-2", "test-3"])
def test_a_transform_that_the_recipe_lacks_is_refused(transform: str) -> None:
    for each in (X4, recipe(step("flip"))):
        with pytest.raises(VersionDamaged, match=f"{transform} of aa cannot be made: the recipe .* has no such"):
            derived(face(0), transform, each)


@pytest.mark.parametrize(
    "neutral",
    [
        step("flip") | {"p": 0.0},
        step("rotate", degrees=0.0),
        step("shear", degrees=0.0),
        step("zoom", factor=[1.0, 1.0]),
        step("brightness", factor=[1.0, 1.0]),
        step("contrast", factor=[1.0, 1.0]),
    ],
    ids=lambda each: str(each["kind"]),
)
def test_a_step_that_does_nothing_leaves_every_pixel(neutral: dict[str, Any]) -> None:
    colour = np.stack([face(1), face(2), face(3)], axis=2)
    for picture in (face(0), face(0)[:40], colour):
        assert np.array_equal(derived(picture, "test-1", recipe(neutral)), picture)


def test_flip_mirrors() -> None:
    assert derived(SMALL, "test-1", recipe(step("flip"))).tolist() == [[3, 2, 1], [6, 5, 4]]


def test_brightness_multiplies() -> None:
    flat = np.full((8, 8), 60, np.uint8)
    assert derived(flat, "test-1", recipe(step("brightness", factor=[1.5, 1.5]))).tolist() == [[90] * 8] * 8


def test_contrast_moves_values_away_from_their_mean() -> None:
    halves = np.repeat([[90, 110]], 4, axis=0).astype(np.uint8)
    assert derived(halves, "test-1", recipe(step("contrast", factor=[2.0, 2.0])))[0].tolist() == [80, 120]


def test_zoom_enlarges_about_the_centre() -> None:
    dot = np.zeros((48, 48), np.uint8)
    dot[18:30, 18:30] = 255
    larger, smaller = (derived(dot, "test-1", recipe(step("zoom", factor=[each] * 2))) for each in (2.0, 0.5))
    assert [int(each[24].astype(bool).sum()) for each in (smaller, larger)] == pytest.approx([6, 24], abs=2)
    assert np.array_equal(larger, larger[:, ::-1])


def test_rotation_stays_within_its_degrees() -> None:
    line = np.zeros((65, 65), np.uint8)
    line[32] = 255
    for number in range(20):
        turned = derived(line, "test-1", recipe(step("rotate", degrees=10.0)), sample_id=str(number))
        rise = abs(int(turned[:, 62].argmax()) - 32)
        assert rise <= 30 * np.tan(np.radians(10)) + 1


JITTER = recipe(
    step("flip") | {"p": 0.5},
    step("rotate", degrees=10.0),
    step("shear", degrees=8.0),
    step("zoom", factor=[0.9, 1.1]),
    step("brightness", factor=[0.8, 1.2]),
    step("contrast", factor=[0.8, 1.2]),
)


def test_the_same_seed_sample_and_transform_give_the_same_picture_in_any_order_and_thread() -> None:
    samples = [str(number) for number in range(40)]
    first = [derived(face(0), "test-1", JITTER, sample_id).tobytes() for sample_id in samples]
    with ThreadPoolExecutor(4) as pool:
        again = list(pool.map(lambda each: derived(face(0), "test-1", JITTER, each).tobytes(), samples[::-1]))
    assert again[::-1] == first


def test_another_seed_sample_or_transform_gives_another_picture() -> None:
    pictures = {
        derived(face(0), transform, JITTER | {"seed": seed}, sample_id).tobytes()
        for transform in ("test-1", "test-2")
        for seed in (0, 1)
        for sample_id in ("a", "b")
    }
    assert len(pictures) == 8


def test_steps_are_drawn_independently() -> None:
    """Two coins must not fall alike."""
    half = {"p": 0.5}
    two = recipe(step("flip") | half, step("brightness", factor=[2.0, 2.0]) | half)
    left = np.zeros((8, 8), np.uint8)
    left[:, :4] = 100
    seen = {
        (int(picture[0, 0]) == 0, int(picture.max()))
        for picture in (derived(left, "test-1", two, str(number)) for number in range(40))
    }
    assert seen == {(False, 100), (False, 200), (True, 100), (True, 200)}

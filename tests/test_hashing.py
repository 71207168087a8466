"""Perceptual hashes against imagehash, luma against Pillow, quality measures against plain formulas."""

import io
from collections.abc import Iterator

import imagehash
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from curate.emotions import BASIC_EMOTIONS
from curate.faces import draw_face, make_face
from curate.hashing import detailed_hashes, flag_quality, hash_hex, measure_quality, perceptual_hashes, to_gray
from curate.images import decode, encode_png
from curate.transforms import FLIPS_AND_ROTATIONS, flip_pictures

FACES = np.stack([draw_face(make_face(3, n), BASIC_EMOTIONS[n % 7], seed=n) for n in range(200)])


def _reference(pixels: np.ndarray) -> tuple[str, str]:
    image = Image.fromarray(pixels)
    return str(imagehash.phash(image)), str(imagehash.phash(image, hash_size=16))


def _hashed(pixels: np.ndarray) -> tuple[str, str]:
    gray = to_gray(pixels[None])
    return hash_hex(perceptual_hashes(gray)[:, 0])[0], hash_hex(detailed_hashes(gray))[0]


def _mismatches(pictures: Iterator[np.ndarray]) -> list[tuple[int, ...]]:
    return [pixels.shape for pixels in pictures if _hashed(pixels) != _reference(pixels)]


def _noise(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return rng.integers(0, 256, shape, dtype=np.uint8)


def _blurred(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    image = Image.fromarray(_noise(rng, shape))
    return np.asarray(image.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.5, 9)))))


def _few_levels(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Two or three gray levels: many equal coefficients, the hardest to put on the right side of the median."""
    return np.asarray(rng.choice(_noise(rng, (3,)), shape).astype(np.uint8))


def _gradient(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    ramp = np.linspace(*rng.integers(0, 256, 2), shape[1])
    return np.asarray(np.broadcast_to(ramp[:, None] if len(shape) == 3 else ramp, shape).astype(np.uint8))


def _any_sides(rng: np.random.Generator) -> tuple[int, int]:
    most = int(rng.choice((4, 32, 70, 160, 260), p=(0.2, 0.2, 0.3, 0.2, 0.1)))
    height, width = rng.integers(1, most + 1, 2)
    return int(height), int(width)


# hashes


@pytest.mark.parametrize("make", [_noise, _blurred, _few_levels, _gradient])
def test_hashes_equal_imagehash_on_generated_pictures_of_any_size(make: object) -> None:
    rng = np.random.default_rng(10)
    shapes = [(*_any_sides(rng), *((3,) if n % 3 == 0 else ())) for n in range(500)]
    assert _mismatches(make(rng, shape) for shape in shapes) == []


@pytest.mark.parametrize("size_px", [48, 112, 224])
def test_hashes_equal_imagehash_on_faces(size_px: int) -> None:
    faces = (
        draw_face(make_face(4, n), BASIC_EMOTIONS[n % 7], seed=n, size_px=size_px, colour=n % 2 == 0) for n in range(40)
    )
    assert _mismatches(faces) == []


@pytest.mark.parametrize(
    "shape", [(1, 1), (1, 2), (1, 300), (300, 1), (2, 2), (31, 33), (32, 32), (160, 160), (160, 161), (1, 30_000)]
)
@pytest.mark.parametrize("value", [0, 1, 128, 255])
def test_hashes_of_one_gray_level_equal_imagehash(shape: tuple[int, int], value: int) -> None:
    assert _mismatches(iter([np.full(shape, value, np.uint8)])) == []


@pytest.mark.parametrize("seed", range(20))
def test_hashes_of_symmetric_pictures_equal_imagehash(seed: int) -> None:
    half = _blurred(np.random.default_rng(seed), (24, 24))
    wide = np.hstack([half, half[:, ::-1]])
    assert _mismatches(iter([wide, np.vstack([wide, wide[::-1]]), half + half.T, np.tile(half, (2, 2))])) == []


def test_hashes_of_16_bit_gray_are_those_of_its_canonical_pixels() -> None:
    file = io.BytesIO()
    values = np.random.default_rng(11).integers(0, 65536, (40, 37), dtype=np.uint16)
    Image.fromarray(values).save(file, "PNG")
    pixels = decode(file.getvalue()).pixels
    assert _hashed(pixels) == _reference((values >> 8).astype(np.uint8))


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 12), st.integers(1, 12), st.binary(min_size=144, max_size=144))
def test_hashes_equal_imagehash_on_any_tiny_picture(height: int, width: int, data: bytes) -> None:
    pixels = np.frombuffer(data, np.uint8)[: height * width].reshape(height, width)
    assert _hashed(pixels) == _reference(pixels)


def test_hash_does_not_depend_on_the_batch() -> None:
    alone = np.concatenate([perceptual_hashes(face[None]) for face in FACES])
    assert np.array_equal(perceptual_hashes(FACES), alone)
    assert np.array_equal(detailed_hashes(FACES), np.concatenate([detailed_hashes(face[None]) for face in FACES]))


@pytest.mark.parametrize("name", ["mirrored", "rot180", "mirrored-rot180"])
def test_stored_hash_of_a_mirrored_or_upside_down_face_is_that_of_the_moved_picture(name: str) -> None:
    column = list(FLIPS_AND_ROTATIONS).index(name)
    moved = perceptual_hashes(flip_pictures(FACES, name))[:, 0]
    assert np.array_equal(perceptual_hashes(FACES)[:, column], moved)


@pytest.mark.parametrize("name", ["rot90", "rot270", "mirrored-rot90", "mirrored-rot270"])
def test_stored_hash_of_a_turned_face_is_within_four_bits_of_that_of_the_moved_picture(name: str) -> None:
    column = list(FLIPS_AND_ROTATIONS).index(name)
    moved = perceptual_hashes(flip_pictures(FACES, name))[:, 0]
    assert np.bitwise_count(perceptual_hashes(FACES)[:, column] ^ moved).max() <= 4


def test_hash_hex_is_the_text_that_imagehash_writes() -> None:
    assert hash_hex(np.array([0, 1, 2**64 - 1], np.uint64)) == ["0" * 16, "0" * 15 + "1", "f" * 16]
    assert hash_hex(np.zeros(0, np.uint64)) == []
    assert hash_hex(np.array([[1, 0, 0, 10]], np.uint64)) == ["0" * 15 + "1" + "0" * 47 + "a"]


# luma


def test_gray_of_every_colour_channel_value_equals_pillow() -> None:
    rng = np.random.default_rng(12)
    colours = np.concatenate([_noise(rng, (1, 300, 300, 3)), np.full((1, 300, 300, 3), 255, np.uint8)])
    for pixels, gray in zip(colours, to_gray(colours), strict=True):
        assert np.array_equal(gray, np.asarray(Image.fromarray(pixels).convert("L")))


def test_gray_pictures_stay_as_they_are() -> None:
    assert to_gray(FACES) is FACES


# quality


def test_quality_measures_equal_plain_formulas() -> None:
    rng = np.random.default_rng(13)
    pictures = np.concatenate([FACES[:20], np.stack([_blurred(rng, (48, 48)) for _ in range(20)])])
    quality = measure_quality(pictures)
    for index, picture in enumerate(pictures.astype(float)):
        laplacian = (
            picture[:-2, 1:-1] + picture[2:, 1:-1] + picture[1:-1, :-2] + picture[1:-1, 2:] - 4 * picture[1:-1, 1:-1]
        )
        share = np.unique(picture, return_counts=True)[1] / picture.size
        expected = (
            picture.mean() / 255,
            picture.std() / 255,
            laplacian.std() / picture.std(),
            -(share * np.log2(share)).sum(),
        )
        np.testing.assert_allclose([measure[index] for measure in quality], expected, rtol=1e-5, atol=1e-9)


def test_quality_of_flat_and_of_tiny_pictures_is_finite() -> None:
    flat = measure_quality(np.full((1, 48, 48), 255, np.uint8))
    assert [float(measure[0]) for measure in flat] == [1.0, 0.0, 0.0, 0.0]
    tiny = measure_quality(np.array([[[0, 255]]], np.uint8))
    assert [float(measure[0]) for measure in tiny] == [0.5, 0.5, 0.0, 1.0]


def test_faces_raise_no_flag() -> None:
    assert set(flag_quality(measure_quality(FACES))) == {""}


def test_black_flat_dark_and_blurred_pictures_are_flagged() -> None:
    face = FACES[1]
    blurred = np.asarray(Image.fromarray(face).filter(ImageFilter.GaussianBlur(6)))
    pictures = np.stack([np.zeros_like(face), np.full_like(face, 128), face // 10, blurred, face])
    assert flag_quality(measure_quality(pictures)) == [
        "blank dark low-information",
        "blank low-information",
        "dark",
        "blurry",
        "",
    ]


def test_flags_of_a_picture_saved_again_are_the_same() -> None:
    again = decode(encode_png(FACES[1])).pixels
    assert flag_quality(measure_quality(again[None])) == flag_quality(measure_quality(FACES[1:2]))

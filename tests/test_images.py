"""Canonical decoding: one rule of the table in `curate.images` a test."""

import hashlib
import io
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from curate.errors import PictureError
from curate.faces import draw_face, make_face
from curate.images import decode, encode_bmp, encode_jpeg, encode_png, sample_digest

pytestmark = pytest.mark.filterwarnings("ignore:::PIL")

FACE = draw_face(make_face(1, 1), "happy", seed=1)
COLOUR_FACE = draw_face(make_face(1, 1), "happy", seed=1, colour=True)
CORNERS = np.array([[10, 20], [30, 40], [50, 60]], np.uint8)
"""Every corner another value, so that each orientation is told from the others."""


def saved(pixels: np.ndarray | Image.Image, kind: str, **options: object) -> bytes:
    """A picture as a file's bytes."""
    file = io.BytesIO()
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    image.save(file, format=kind, **options)
    return file.getvalue()


def png_chunk(kind: bytes, content: bytes) -> bytes:
    """One chunk with its length and checksum."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _reason(data: bytes, **options: float) -> str:
    with pytest.raises(PictureError) as caught:
        decode(data, **options)
    return str(caught.value)


# identity


def test_sample_digest_is_sha256_over_mode_width_height_and_pixels() -> None:
    known = "18fd5af62f9330a4a33a6af10e198e2a4c3c79215fa68499f6fab39e17dd42aa"
    assert sample_digest(np.array([[7, 255]], np.uint8)) == hashlib.sha256(b"L 2 1\n\x07\xff").digest()
    assert sample_digest(np.array([[7, 255]], np.uint8)).hex() == known
    assert sample_digest(np.array([[[1, 2, 3]]], np.uint8)) == hashlib.sha256(b"RGB 1 1\n\x01\x02\x03").digest()


def test_sample_digest_does_not_depend_on_memory_layout() -> None:
    assert sample_digest(np.asfortranarray(FACE)) == sample_digest(FACE)


def test_same_pixels_in_another_shape_are_another_sample() -> None:
    assert sample_digest(np.zeros((2, 3), np.uint8)) != sample_digest(np.zeros((3, 2), np.uint8))


@pytest.mark.parametrize(
    ("kind", "options"),
    [("PNG", {}), ("BMP", {}), ("WEBP", {"lossless": True}), ("TIFF", {}), ("PPM", {}), ("GIF", {})],
)
def test_one_gray_picture_is_one_sample_in_every_lossless_format(kind: str, options: dict[str, object]) -> None:
    assert sample_digest(decode(saved(FACE, kind, **options)).pixels) == sample_digest(FACE)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA", "P"])
def test_gray_saved_in_another_mode_is_the_same_sample(mode: str) -> None:
    image = Image.fromarray(FACE).convert(mode)
    assert sample_digest(decode(saved(image, "PNG")).pixels) == sample_digest(FACE)


def test_one_colour_picture_is_one_sample_in_every_lossless_format() -> None:
    files = [saved(COLOUR_FACE, kind) for kind in ("PNG", "BMP", "TIFF", "PPM")]
    files.append(saved(COLOUR_FACE, "WEBP", lossless=True))
    assert {sample_digest(decode(data).pixels) for data in files} == {sample_digest(COLOUR_FACE)}


# the table of canonical forms


@pytest.mark.parametrize(
    ("orientation", "upright"),
    [
        (1, [[10, 20], [30, 40], [50, 60]]),
        (2, [[20, 10], [40, 30], [60, 50]]),
        (3, [[60, 50], [40, 30], [20, 10]]),
        (4, [[50, 60], [30, 40], [10, 20]]),
        (5, [[10, 30, 50], [20, 40, 60]]),
        (6, [[50, 30, 10], [60, 40, 20]]),
        (7, [[60, 40, 20], [50, 30, 10]]),
        (8, [[20, 40, 60], [10, 30, 50]]),
    ],
)
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_exif_orientation_is_applied(orientation: int, upright: list[list[int]], kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert decode(saved(CORNERS, kind, exif=exif)).pixels.tolist() == upright


def test_exif_orientation_of_a_jpeg_is_applied_wherever_its_segment_stands() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    plain = saved(FACE, "JPEG", quality=95)
    payload = exif.tobytes()
    segment = b"\xff\xe1" + struct.pack(">H", 2 + len(payload)) + payload
    turned = np.rot90(decode(plain).pixels, -1)
    scan = plain.index(b"\xff\xda")
    for data in (saved(FACE, "JPEG", quality=95, exif=exif), plain[:scan] + segment + plain[scan:]):
        assert np.array_equal(decode(data).pixels, turned)


def test_exif_orientation_in_a_png_text_is_applied() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    content = b"Raw profile type exif\x00\nexif\n 1\n" + exif.tobytes().hex().encode()
    plain = saved(CORNERS, "PNG")
    data = plain[:33] + png_chunk(b"tEXt", content) + plain[33:]
    assert decode(data).pixels.tolist() == [[50, 30, 10], [60, 40, 20]]


def test_damaged_exif_does_not_lose_the_picture() -> None:
    data = saved(CORNERS, "PNG", exif=b"Exif\x00\x00MM\x00*\xff\xff\xff\xff")
    assert decode(data).pixels.tolist() == CORNERS.tolist()


def test_one_bit_becomes_black_and_white() -> None:
    image = Image.fromarray(np.array([[True, False]]))
    assert decode(saved(image, "PNG")).pixels.tolist() == [[255, 0]]


def test_palette_becomes_its_colours() -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([200, 10, 0, 0, 20, 250])
    image.putpixel((1, 0), 1)
    assert decode(saved(image, "PNG")).pixels.tolist() == [[[200, 10, 0], [0, 20, 250]]]


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "PPM"])
def test_16_bit_gray_becomes_its_high_byte(kind: str) -> None:
    values = np.array([[0x0000, 0x00FF, 0x0100, 0x12FF, 0xFFFF]], np.uint16)
    assert decode(saved(values, kind)).pixels.tolist() == [[0, 0, 1, 0x12, 0xFF]]


def test_32_bit_integers_that_fit_in_16_bits_become_their_high_byte() -> None:
    values = np.array([[0, 0x1234, 0xFFFF]], np.int32)
    assert decode(saved(values, "TIFF")).pixels.tolist() == [[0, 0x12, 0xFF]]


@pytest.mark.parametrize("value", [-1, 0x10000])
def test_32_bit_integers_beyond_16_bits_are_refused(value: int) -> None:
    data = saved(np.array([[0, value]], np.int32), "TIFF")
    assert _reason(data) == "32-bit pixel values do not fit in 16 bits; save the picture with 8 or 16 bits"


def test_floating_point_is_refused() -> None:
    data = saved(np.array([[0.0, 1.0]], np.float32), "TIFF")
    assert _reason(data) == "floating-point pixels have no known range; save the picture with 8 bits"


def test_cmyk_becomes_rgb() -> None:
    image = Image.new("CMYK", (1, 1), (0, 255, 255, 0))
    assert decode(saved(image, "TIFF")).pixels.tolist() == [[[255, 0, 0]]]


def test_lab_becomes_rgb() -> None:
    reddish = decode(saved(Image.new("LAB", (1, 1), (128, 200, 128)), "TIFF"))
    assert np.abs(reddish.pixels.astype(int) - (222, 34, 123)).max() < 4


def test_alpha_is_laid_over_white() -> None:
    image = Image.new("RGBA", (3, 1), (10, 20, 30, 255))
    image.putpixel((1, 0), (10, 20, 30, 0))
    image.putpixel((2, 0), (0, 0, 0, 51))
    assert decode(saved(image, "PNG")).pixels.tolist() == [[[10, 20, 30], [255, 255, 255], [204, 204, 204]]]


def test_transparent_gray_value_becomes_white() -> None:
    data = saved(np.array([[7, 8]], np.uint8), "PNG", transparency=7)
    assert decode(data).pixels.tolist() == [[255, 8]]


def test_transparent_palette_entry_becomes_white() -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([200, 10, 0, 0, 20, 250])
    image.putpixel((1, 0), 1)
    data = saved(image, "PNG", transparency=0)
    assert decode(data).pixels.tolist() == [[[255, 255, 255], [0, 20, 250]]]


def test_of_several_frames_the_first_is_used_and_a_note_says_so() -> None:
    first, second = Image.fromarray(FACE), Image.fromarray(255 - FACE)
    for kind in ("GIF", "TIFF"):
        picture = decode(saved(first, kind, save_all=True, append_images=[second]))
        assert picture.notes == ("2 frames; only the first is used",)
        assert np.array_equal(picture.pixels, FACE)


def test_one_frame_needs_no_note() -> None:
    assert decode(saved(FACE, "GIF")).notes == ()


# what is refused


def test_empty_file_is_refused() -> None:
    assert _reason(b"") == "the file is empty"


def test_text_is_refused() -> None:
    assert _reason(b"<html>404 not found</html>") == "not a picture that can be read"


def test_formats_that_start_programs_or_fit_any_bytes_are_refused() -> None:
    postscript = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n"
    headless = bytes([0, 0, 3]) + bytes(9) + struct.pack("<HHBB", 2, 2, 8, 0) + b"\x01\x02\x03\x04"
    assert {_reason(postscript), _reason(headless)} == {"not a picture that can be read"}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "TIFF", "WEBP", "BMP", "PPM"])
@pytest.mark.parametrize("pixels", [FACE, COLOUR_FACE], ids=["gray", "colour"])
def test_picture_cut_short_is_refused(kind: str, pixels: np.ndarray) -> None:
    data = saved(pixels, kind)
    assert _reason(data[: len(data) * 2 // 3]).startswith("broken picture: ")


def test_nothing_is_logged_to_the_screen_about_a_broken_picture(tmp_path: Path) -> None:
    three_samples, many_samples = (b"\x15\x01\x03\x00\x01\x00\x00\x00" + count for count in (b"\x03\x00", b"\x8c\x00"))
    (tmp_path / "broken.tif").write_bytes(saved(COLOUR_FACE, "TIFF").replace(three_samples, many_samples))
    program = "import pathlib, sys; from curate.images import decode; decode(pathlib.Path(sys.argv[1]).read_bytes())"
    command = [sys.executable, "-c", program, str(tmp_path / "broken.tif")]
    lines = subprocess.run(command, capture_output=True, text=True, check=False).stderr.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[-1].startswith("curate.errors.PictureError: ")


def test_picture_of_more_pixels_than_the_limit_is_refused_before_it_is_decoded() -> None:
    limit = "48 x 48 pixels are over the limit of 0.001 megapixels ([limits] max_megapixels in curate.toml)"
    assert _reason(saved(FACE, "PNG"), max_megapixels=0.001) == limit
    assert _reason(saved(COLOUR_FACE, "WEBP"), max_megapixels=0.001) == limit
    claims_much = png_chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0))
    assert "limit" in _reason(b"\x89PNG\r\n\x1a\n" + claims_much + png_chunk(b"IEND", b""))


def test_picture_as_large_as_the_limit_is_taken() -> None:
    assert decode(saved(FACE, "PNG"), max_megapixels=48 * 48 / 1e6).pixels.shape == (48, 48)


# encoding


@pytest.mark.parametrize("encode", [encode_png, encode_bmp])
@pytest.mark.parametrize("pixels", [FACE, COLOUR_FACE, CORNERS], ids=["gray", "colour", "tiny"])
def test_lossless_encoding_comes_back_unchanged(encode: object, pixels: np.ndarray) -> None:
    assert np.array_equal(decode(encode(pixels)).pixels, pixels)


def test_jpeg_encoding_keeps_the_order_of_the_channels() -> None:
    red = np.full((16, 16, 3), (250, 0, 0), np.uint8)
    assert np.abs(decode(encode_jpeg(red, 95)).pixels.astype(int) - red).max() < 8

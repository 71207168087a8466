"""The quick path of decoding sees what Pillow sees, or leaves the picture to it."""

import struct

import numpy as np
import pytest
from test_images import png_chunk, saved

from curate import heads, images
from curate.errors import PictureError
from curate.faces import draw_face, make_face
from curate.images import decode, encode_jpeg, encode_png

pytestmark = pytest.mark.filterwarnings("ignore:::PIL")

FACE = draw_face(make_face(1, 1), "happy", seed=1)
COLOUR_FACE = draw_face(make_face(1, 1), "happy", seed=1, colour=True)
CORNERS = np.array([[10, 20], [30, 40], [50, 60]], np.uint8)
"""Every corner another value, so that each orientation is told from the others."""


def _outcome(data: bytes, *, quick: bool) -> list[list[int]] | str:
    """Pixels, or that it was refused."""
    try:
        picture = decode(data) if quick else images._decode_with_pillow(data, 50)
    except PictureError:
        return "refused"
    return picture.pixels.tolist()


def _gray_files(rng: np.random.Generator, count: int) -> list[bytes]:
    """Faces, noise and thin pictures in the many ways of writing a gray JPEG or PNG."""
    files = []
    for number in range(count):
        height, width = (int(side) for side in rng.integers(1, 70, 2))
        noise = rng.integers(0, 256, (height, width), dtype=np.uint8)
        pixels = draw_face(make_face(2, number), "fear", seed=number) if number % 2 else noise
        quality = int(rng.integers(1, 101))
        files += [
            saved(pixels, "JPEG", quality=quality),
            saved(pixels, "JPEG", quality=quality, progressive=True),
            saved(pixels, "JPEG", quality=quality, optimize=True, comment=b"x"),
            saved(pixels, "JPEG", quality=quality, restart_marker_blocks=2),
            encode_jpeg(pixels, quality),
            saved(pixels, "PNG", dpi=(72, 72)),
            encode_png(pixels),
        ]
    return files


def test_quick_path_equals_pillow_on_plain_gray_pictures() -> None:
    for data in _gray_files(np.random.default_rng(1), 60):
        assert heads.plain_gray_size(data) is not None
        assert _outcome(data, quick=True) == _outcome(data, quick=False)


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (8, 8), (17, 3)])
@pytest.mark.parametrize("encode", [encode_png, lambda pixels: encode_jpeg(pixels, 80)], ids=["png", "jpeg"])
def test_quick_path_equals_pillow_on_thin_pictures(shape: tuple[int, int], encode: object) -> None:
    data = encode(np.random.default_rng(2).integers(0, 256, shape, dtype=np.uint8))
    assert _outcome(data, quick=True) == _outcome(data, quick=False)


def test_picture_too_long_for_the_quick_path_is_still_read() -> None:
    assert decode(saved(np.full((1, 2**20 + 1), 9, np.uint8), "PNG")).pixels.shape == (1, 2**20 + 1)


def _damaged(data: bytes, rng: np.random.Generator) -> bytes:
    broken = bytearray(data)
    place = int(rng.integers(len(broken)))
    match int(rng.integers(4)):
        case 0:
            broken[place] ^= 1 << int(rng.integers(8))
        case 1:
            broken[place:] = b"\xff\xd9"
        case 2:
            broken[place:place] = rng.bytes(int(rng.integers(1, 30)))
        case 3:
            del broken[place : place + int(rng.integers(1, 20))]
    return bytes(broken)


def test_quick_path_takes_no_damaged_picture_that_pillow_refuses_or_sees_differently(
    capfd: pytest.CaptureFixture[str],
) -> None:
    rng = np.random.default_rng(3)
    files = _gray_files(rng, 20)
    for _ in range(4000):
        data = _damaged(files[int(rng.integers(len(files)))], rng)
        assert _outcome(data, quick=True) == _outcome(data, quick=False)


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (b"pHYs", b""),
        (b"gAMA", b"\x00"),
        (b"sRGB", b""),
        (b"tIME", b""),
        (b"tEXt", b"transparency\x007"),
        (b"tEXt", b"exif\x00II*\x00"),
        (b"tRNS", b"\x00\x07"),
        (b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 0, 0, 0, 0)),
    ],
)
def test_quick_path_leaves_odd_png_chunks_to_pillow(
    kind: bytes, content: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    plain = saved(CORNERS, "PNG")
    data = plain[:33] + png_chunk(kind, content) + plain[33:]
    assert _outcome(data, quick=True) == _outcome(data, quick=False)

"""Bytes to canonical pixels, and the identity of a picture. The only place that opens pictures.

Canonical means: EXIF orientation applied, 8 bit, one channel (L) or three (RGB), by these rules.

| delivered | becomes |
|---|---|
| 1-bit, palette | their gray or colour values |
| 16-bit gray | the high byte of each value |
| 32-bit integer (TIFF, PGM) | as 16-bit gray when every value fits in 16 bits, else refused |
| floating point | refused: its range is unknown |
| CMYK, YCbCr, Lab, HSV | RGB, as Pillow converts |
| alpha, transparent colours | laid over white |
| colour with three equal channels | L, so that gray saved as RGB is the same sample |
| several frames | the first, and a note |
"""

import hashlib
import io
import logging
import re
import struct
import warnings
import zlib
from functools import lru_cache
from typing import NamedTuple

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

from curate.errors import PictureError

__all__ = [
    "DEFAULT_MAX_MEGAPIXELS",
    "Picture",
    "decode",
    "encode_bmp",
    "encode_jpeg",
    "encode_png",
    "encode_stored_png",
    "sample_digest",
]

DEFAULT_MAX_MEGAPIXELS = 50.0

_FORMATS = ("JPEG", "PNG", "BMP", "GIF", "TIFF", "WEBP", "PPM")
"""Others that Pillow knows are guessed from bytes that could be anything (TGA) or start a program (EPS)."""

Image.init()
warnings.filterwarnings("ignore", module="PIL")
logging.getLogger("PIL").addHandler(logging.NullHandler())  # else Python prints its complaints about broken files

_EXIF_ORIENTATION_TAG = 0x0112
_TURN_BY_ORIENTATION = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF 2.32 (CIPA DC-008), tag Orientation: what to do to see the picture upright."""

_DECODER_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    AttributeError,
    ArithmeticError,
    LookupError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)
"""What Pillow's plugins raise on damaged files."""


class Picture(NamedTuple):
    """One canonical picture: `pixels` (H, W) or (H, W, 3) uint8, and what a person may want to know about it."""

    pixels: np.ndarray
    notes: tuple[str, ...] = ()

    @property
    def mode(self) -> str:
        """`L` or `RGB`."""
        return "L" if self.pixels.ndim == 2 else "RGB"


def decode(data: bytes, *, max_megapixels: float = DEFAULT_MAX_MEGAPIXELS) -> Picture:
    """Canonical pixels of an encoded picture (JPEG, PNG, BMP, GIF, TIFF, WebP, PGM).

    Raises:
        PictureError: empty, not a picture, truncated, broken, too large, or of a kind that has no canonical form.
    """
    if not data:
        raise PictureError("the file is empty")
    size = _plain_gray_size(data)
    if size is not None and size[0] * size[1] <= max_megapixels * 1e6:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
        if pixels is not None and pixels.shape == size and pixels.dtype == np.uint8:
            return Picture(pixels)
    return _decode_with_pillow(data, max_megapixels)


def sample_digest(pixels: np.ndarray) -> bytes:
    """The identity of a sample: sha256 over mode, width, height and pixels (row by row, channels interleaved).

    Args:
        pixels: (H, W) or (H, W, 3) uint8, canonical.

    Returns:
        32 bytes; `sample_id` is their 64 lower-case hex digits.
    """
    mode = "L" if pixels.ndim == 2 else "RGB"
    digest = hashlib.sha256(f"{mode} {pixels.shape[1]} {pixels.shape[0]}\n".encode())
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.digest()


def encode_png(pixels: np.ndarray) -> bytes:
    """PNG bytes of a canonical picture, quick rather than small."""
    ordered = pixels if pixels.ndim == 2 else pixels[..., ::-1]
    return bytes(cv2.imencode(".png", ordered, [cv2.IMWRITE_PNG_COMPRESSION, 1])[1])


def encode_stored_png(pixels: np.ndarray) -> bytes:
    """PNG bytes of a canonical picture that are prepared for compression but not compressed.

    For files that compress what they hold: each line holds its differences from the line above (filter Up), and the
    deflate stream stores them. Ten times as fast as `encode_png`; a Parquet column with zstd ends up as small.

    Source: PNG specification (third edition), 9.2 filter types, 11.2 critical chunks; RFC 1950 and 1951.
    """
    height, width = pixels.shape[:2]
    rows = pixels.reshape(height, -1)
    lines = np.empty((height, rows.shape[1] + 1), np.uint8)
    lines[:, 0] = _PNG_FILTER_UP
    lines[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=lines[1:, 1:])
    return (
        _png_head(height, width, colour=pixels.ndim == 3) + _png_chunk(b"IDAT", zlib.compress(lines.data, 0)) + _PNG_END
    )


@lru_cache(maxsize=64)
def _png_head(height: int, width: int, *, colour: bool) -> bytes:
    fields = (width, height, 8, 2 if colour else 0, 0, 0, 0)
    return _PNG_SIGNATURE + _png_chunk(b"IHDR", struct.pack(">IIBBBBB", *fields))


def _png_chunk(kind: bytes, data: bytes) -> bytes:
    return b"".join((len(data).to_bytes(4), kind, data, zlib.crc32(data, zlib.crc32(kind)).to_bytes(4)))


_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_END = _png_chunk(b"IEND", b"")
_PNG_FILTER_UP = 2


def encode_jpeg(pixels: np.ndarray, quality: int) -> bytes:
    """JPEG bytes of a canonical picture; quality 1 to 100."""
    ordered = pixels if pixels.ndim == 2 else pixels[..., ::-1]
    return bytes(cv2.imencode(".jpg", ordered, [cv2.IMWRITE_JPEG_QUALITY, quality])[1])


def encode_bmp(pixels: np.ndarray) -> bytes:
    """BMP bytes of a canonical picture."""
    ordered = pixels if pixels.ndim == 2 else pixels[..., ::-1]
    return bytes(cv2.imencode(".bmp", ordered)[1])


def _decode_with_pillow(data: bytes, max_megapixels: float) -> Picture:
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            if image.width * image.height > max_megapixels * 1e6:
                raise PictureError(
                    f"{image.width} x {image.height} pixels are over the limit of {max_megapixels:g} megapixels "
                    "([limits] max_megapixels in curate.toml)"
                )
            frames = getattr(image, "n_frames", 1)
            image.load()
            pixels = _canonical_pixels(_upright(image))
    except UnidentifiedImageError:
        raise PictureError("not a picture that can be read") from None
    except _DECODER_ERRORS as error:
        raise PictureError(f"broken picture: {str(error) or type(error).__name__}") from None
    notes = (f"{frames} frames; only the first is used",) if frames > 1 else ()
    return Picture(pixels, notes)


def _upright(image: Image.Image) -> Image.Image:
    try:
        orientation = image.getexif().get(_EXIF_ORIENTATION_TAG, 1)
    except _DECODER_ERRORS:  # damaged EXIF says nothing about the pixels
        return image
    turn = _TURN_BY_ORIENTATION.get(orientation) if isinstance(orientation, int) else None
    return image if turn is None else image.transpose(turn)


def _canonical_pixels(image: Image.Image) -> np.ndarray:
    if image.mode == "L" and "transparency" not in image.info:
        return np.array(image)
    if image.mode in ("1", "L") and "transparency" not in image.info:
        return np.array(image.convert("L"))
    if image.mode.startswith("I"):
        return _high_bytes(np.asarray(image))
    if image.mode == "F":
        raise PictureError("floating-point pixels have no known range; save the picture with 8 bits")
    if "A" in image.mode or "a" in image.mode or "transparency" in image.info:
        opaque = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(opaque, image.convert("RGBA"))
    pixels = np.array(image.convert("RGB"))
    gray = pixels[..., 0]
    if np.array_equal(gray, pixels[..., 1]) and np.array_equal(gray, pixels[..., 2]):
        return np.ascontiguousarray(gray)
    return pixels


def _high_bytes(values: np.ndarray) -> np.ndarray:
    if values.min() < 0 or values.max() > 0xFFFF:
        raise PictureError("32-bit pixel values do not fit in 16 bits; save the picture with 8 or 16 bits")
    return (values.astype(np.uint32) >> 8).astype(np.uint8)


def _plain_gray_size(data: bytes) -> tuple[int, int] | None:
    """(H, W) of a picture that cv2 is known to decode exactly like Pillow: plain 8-bit gray PNG or JPEG."""
    if data.startswith(_PNG_SIGNATURE):
        return _plain_gray_png_size(data)
    if data.startswith(b"\xff\xd8"):
        return _plain_gray_jpeg_size(data)
    return None


_PNG_HARMLESS_CHUNKS = {b"IHDR": 13, b"IDAT": 0, b"IEND": 0, b"pHYs": 9, b"tIME": 7, b"tEXt": 1, b"gAMA": 4, b"sRGB": 1}
"""Chunk type -> bytes without which Pillow refuses it and cv2 does not."""
_PNG_HARMLESS_TEXTS = re.compile(
    rb"(Title|Author|Description|Copyright|Creation Time|Software|Disclaimer|Warning|Source|Comment|date:\w+)\x00"
)
"""Keywords of the PNG specification, 11.3.3.2, and ImageMagick's dates; others may hold an orientation."""


def _plain_gray_png_size(data: bytes) -> tuple[int, int] | None:
    if data[24:29] != b"\x08\x00\x00\x00\x00":  # 8 bit, gray, deflate, adaptive filters, not interlaced
        return None
    position, kind = 8, b""
    while position + 12 <= len(data) and kind != b"IEND":
        length = int.from_bytes(data[position : position + 4])
        kind = data[position + 4 : position + 8]
        end = position + 12 + length
        if length < _PNG_HARMLESS_CHUNKS.get(kind, length + 1) or end > len(data):
            return None
        if kind == b"tEXt" and not _PNG_HARMLESS_TEXTS.match(data, position + 8):
            return None
        if zlib.crc32(data[position + 4 : end - 4]) != int.from_bytes(data[end - 4 : end]):
            return None
        position = end
    if kind != b"IEND":
        return None
    return int.from_bytes(data[20:24]), int.from_bytes(data[16:20])


_JPEG_TABLES = (0xC4, 0xDB, 0xDD, 0xE0, 0xFE)
"""Only tables, JFIF and comments; no EXIF, no Adobe."""
_JPEG_FRAMES = (0xC0, 0xC1, 0xC2)
"""Huffman-coded: baseline, extended, progressive."""
_JPEG_PROGRESSIVE, _JPEG_SCAN = 0xC2, 0xDA
_JPEG_SCAN_END = re.compile(rb"\xff[^\x00\xd0-\xd7]")
"""A marker other than restarts; cv2 stops at the last row and would not see what is wrong with it."""


def _plain_gray_jpeg_size(data: bytes) -> tuple[int, int] | None:
    position, frame, size = 2, 0, None
    while position + 10 <= len(data) and data[position] == 0xFF:
        marker = data[position + 1]
        if marker in _JPEG_FRAMES and size is None:
            height, width, channels = struct.unpack_from(">HHB", data, position + 5)
            if channels != 1 or data[position + 4] != 8 or not height or not width:
                return None
            frame, size = marker, (height, width)
        elif marker not in (_JPEG_SCAN, *_JPEG_TABLES):
            return None
        position += 2 + int.from_bytes(data[position + 2 : position + 4])
        if marker == _JPEG_SCAN:
            found = _JPEG_SCAN_END.search(data, position)
            position = found.start() if found else len(data)
            if frame != _JPEG_PROGRESSIVE:
                break
    return size if data[position:] == b"\xff\xd9" else None

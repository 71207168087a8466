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
import struct
import warnings
import zlib
from typing import NamedTuple

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

from curate.errors import PictureError
from curate.heads import plain_gray_size

__all__ = [
    "DEFAULT_MAX_MEGAPIXELS",
    "Picture",
    "decode",
    "decode_reduced",
    "encode_bmp",
    "encode_jpeg",
    "encode_png",
    "is_plain_file",
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
    size = plain_gray_size(data)
    if size is not None and size[0] * size[1] <= max_megapixels * 1e6:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
        if pixels is not None and pixels.shape == size and pixels.dtype == np.uint8:
            return Picture(pixels)
    return _decode_with_pillow(data, max_megapixels)


def decode_reduced(data: bytes, *, least_px: int) -> Picture:
    """Canonical pixels for a look at a reduced picture: large JPEGs are decoded at 1/2, 1/4 or 1/8 of their size.

    That takes a fraction of the time. Pictures of other formats, and JPEGs a half of which would have a side shorter
    than `least_px`, are decoded as `decode` does it. The pixels of a reduced JPEG are means of blocks, to within
    rounding; `sample_digest` of them says nothing.

    Args:
        data: the picture file, of any size.
        least_px: what neither side of a reduced picture is shorter than. Four times the side that is wanted in the end
            leaves a difference of one gray level there.

    Raises:
        PictureError: as by `decode`.
    """
    size = plain_gray_size(data)
    if size is not None and min(size) < 2 * least_px:
        return decode(data, max_megapixels=np.inf)
    return _decode_with_pillow(data, np.inf, reduced_to_px=least_px)


def is_plain_file(data: bytes, mode: str) -> bool:
    """Whether every program that opens a picture file gets its canonical pixels from it.

    That is so of JPEGs and PNGs with 8 bits and one or three channels, without an orientation, transparency or further
    frames. Only the head of the file is read.

    Args:
        data: the picture file.
        mode: of its canonical pixels, `L` or `RGB`; gray pictures that were saved in colour are not plain.
    """
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as image:
            return (
                image.format in ("JPEG", "PNG")
                and image.mode == mode
                and "transparency" not in image.info
                and getattr(image, "n_frames", 1) == 1
                and image.getexif().get(_EXIF_ORIENTATION_TAG, 1) == 1
            )
    except _DECODER_ERRORS:
        return False


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


def encode_jpeg(pixels: np.ndarray, quality: int) -> bytes:
    """JPEG bytes of a canonical picture; quality 1 to 100."""
    ordered = pixels if pixels.ndim == 2 else pixels[..., ::-1]
    return bytes(cv2.imencode(".jpg", ordered, [cv2.IMWRITE_JPEG_QUALITY, quality])[1])


def encode_bmp(pixels: np.ndarray) -> bytes:
    """BMP bytes of a canonical picture."""
    ordered = pixels if pixels.ndim == 2 else pixels[..., ::-1]
    return bytes(cv2.imencode(".bmp", ordered)[1])


def _decode_with_pillow(data: bytes, max_megapixels: float, *, reduced_to_px: int | None = None) -> Picture:
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            if image.width * image.height > max_megapixels * 1e6:
                raise PictureError(
                    f"{image.width} x {image.height} pixels are over the limit of {max_megapixels:g} megapixels "
                    "([limits] max_megapixels in curate.toml)"
                )
            frames = getattr(image, "n_frames", 1)
            if reduced_to_px is not None and min(image.size) >= 2 * reduced_to_px:
                image.draft(None, (reduced_to_px, reduced_to_px))  # does nothing but to JPEGs
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
    pixels = np.array(image if image.mode == "RGB" else image.convert("RGB"))
    return np.ascontiguousarray(pixels[..., 0]) if _is_gray(pixels) else pixels


def _is_gray(pixels: np.ndarray) -> bool:
    """Whether all channels are equal; of most colour pictures a few rows tell that they are not."""
    rows = (pixels[:: max(1, len(pixels) // 8)], pixels)
    return all(np.array_equal(part[..., 0], part[..., k]) for part in rows for k in (1, 2))


def _high_bytes(values: np.ndarray) -> np.ndarray:
    if values.min() < 0 or values.max() > 0xFFFF:
        raise PictureError("32-bit pixel values do not fit in 16 bits; save the picture with 8 or 16 bits")
    return (values.astype(np.uint32) >> 8).astype(np.uint8)

"""What the head of a picture file says, read without a decoder."""

import re
import struct
import zlib

__all__ = ["PNG_SIGNATURE", "plain_gray_size"]

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def plain_gray_size(data: bytes) -> tuple[int, int] | None:
    """(H, W) of a picture that cv2 is known to decode exactly like Pillow: plain 8-bit gray PNG or JPEG.

    None = any other file.
    """
    if data.startswith(PNG_SIGNATURE):
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

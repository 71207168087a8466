"""The text of a table's pixel column to pictures, many rows in one pass over the bytes."""

import numpy as np

from curate.errors import PictureError

__all__ = ["SIDE_PX", "parse_pixel_rows"]

SIDE_PX = 48
_PIXELS = SIDE_PX * SIDE_PX
_ZERO, _NINE, _SPACE = b"09 "


def parse_pixel_rows(rows: list[bytes]) -> list[np.ndarray | PictureError]:
    """Pictures from rows of 2,304 space-separated values.

    Args:
        rows: ASCII digits and spaces.

    Returns:
        For each row (48, 48) uint8, or what is wrong with it.
    """
    text = np.frombuffer(b" ".join([b"", *rows, b""]), np.uint8)  # spaces around, so that every value has neighbours
    starts = np.cumsum([1, *(len(row) + 1 for row in rows)])
    is_digit = (text >= _ZERO) & (text <= _NINE)
    ends = np.flatnonzero(is_digit[:-1] & ~is_digit[1:])
    first = np.searchsorted(ends, starts)
    values = _values_ending_at(text, is_digit, ends)
    foreign = np.flatnonzero(~is_digit & (text != _SPACE))
    first_foreign = np.searchsorted(foreign, starts)
    return [
        _picture(values[first[row] : first[row + 1]], has_foreign=first_foreign[row] < first_foreign[row + 1])
        for row in range(len(rows))
    ]


def _values_ending_at(text: np.ndarray, is_digit: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """(M,) uint16 values whose last digits stand at `ends`; over 255 where a value has more than three digits.

    The text begins and ends with a space, so that looking back from a value never wraps into another one.
    """
    digits = text - _ZERO
    values: np.ndarray = digits[ends].astype(np.uint16)
    has_tens = is_digit[ends - 1]
    values += has_tens * (digits[ends - 1] * np.uint16(10))
    has_hundreds = has_tens & is_digit[ends - 2]
    values += has_hundreds * (digits[ends - 2] * np.uint16(100))
    has_thousands = has_hundreds & is_digit[np.maximum(ends - 3, 0)]
    values[has_thousands] = np.iinfo(np.uint16).max
    return values


def _picture(values: np.ndarray, *, has_foreign: bool) -> np.ndarray | PictureError:
    if has_foreign:
        return PictureError("the pixel column holds something other than numbers and spaces")
    if len(values) != _PIXELS:
        return PictureError(f"{len(values):,} pixels, expected {_PIXELS:,} ({SIDE_PX} x {SIDE_PX})")
    if values.max() > 255:
        return PictureError("a pixel value is over 255")
    return values.astype(np.uint8).reshape(SIDE_PX, SIDE_PX)

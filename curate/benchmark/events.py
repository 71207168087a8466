"""The history of a run as a TensorBoard log, written without TensorBoard or TensorFlow.

An event file is a row of records; a record is a length, a payload and checksums of both; a payload is an `Event`
message in protocol buffer encoding. Only scalars are written.

Source: https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details for records,
    tensorflow/core/util/event.proto and tensorflow/core/framework/summary.proto for the messages.
"""

import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

from curate.runs.history import Epoch
from curate.storage import space_needed

__all__ = ["masked_crc32c", "write_events"]

_POLYNOMIAL = 0x82F63B78
"""Castagnoli's, bits reversed. Source: RFC 3720, appendix B.4."""

_MASK = 0xA282EAD8
_SCALARS = ("loss", "accuracy", "val_loss", "val_accuracy", "rate", "pictures_per_s")


def write_events(path: Path, history: Sequence[Epoch], *, wall_time: float) -> None:
    """Write one event file; the step of an event is its epoch.

    Args:
        path: its name must hold `tfevents`, by which TensorBoard finds it.
        history: all epochs.
        wall_time: seconds since 1970, put on all events.

    Raises:
        StorageFull: there is no space for it.
    """
    with space_needed(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"".join(map(_record, _events(history, wall_time))))


def masked_crc32c(data: bytes) -> int:
    """Checksum of a record's parts: CRC-32C, rotated by 15 bits and shifted by a constant."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ _POLYNOMIAL * (crc & 1)
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + _MASK) & 0xFFFFFFFF


def _events(history: Sequence[Epoch], wall_time: float) -> Iterator[bytes]:
    start = _fixed(1, struct.pack("<d", wall_time), wire=1)
    yield start + _bytes(3, b"brain.Event:2")
    for epoch in history:
        values = b""
        for name in _SCALARS:
            value = getattr(epoch, name)
            if value is not None:
                values += _bytes(1, _bytes(1, name.encode()) + _fixed(2, struct.pack("<f", value), wire=5))
        yield start + _varint(2 << 3) + _varint(epoch.number) + _bytes(5, values)


def _record(payload: bytes) -> bytes:
    length = struct.pack("<Q", len(payload))
    checks = (struct.pack("<I", masked_crc32c(each)) for each in (length, payload))
    return length + next(checks) + payload + next(checks)


def _fixed(field: int, data: bytes, *, wire: int) -> bytes:
    return _varint(field << 3 | wire) + data


def _bytes(field: int, data: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(data)) + data


def _varint(value: int) -> bytes:
    """Seven bits a byte, lowest first."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])

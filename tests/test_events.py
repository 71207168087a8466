from pathlib import Path

import pytest

from curate.benchmark.events import masked_crc32c, write_events
from curate.runs.history import Epoch

HISTORY = [Epoch(1, 1.75, 0.25, None, None, 0.5, 2000.0), Epoch(2, 1.5, 0.5, 1.25, 0.75, 0.25, 1000.0)]


def test_checksums_equal_the_published_ones() -> None:
    def unmasked(data: bytes) -> int:
        turned = (masked_crc32c(data) - 0xA282EAD8) & 0xFFFFFFFF
        return (turned >> 17 | turned << 15) & 0xFFFFFFFF

    # RFC 3720, appendix B.4
    assert unmasked(bytes(32)) == 0x8A9136AA
    assert unmasked(bytes([0xFF] * 32)) == 0x62A8AB43
    assert unmasked(bytes(range(32))) == 0x46DD794E


def test_tensorflow_reads_what_was_written(tmp_path: Path) -> None:
    tf = pytest.importorskip("tensorflow", reason="tensorflow is not installed")
    path = tmp_path / "events.out.tfevents.run"
    write_events(path, HISTORY, wall_time=12.5)
    events = [tf.compat.v1.Event.FromString(record.numpy()) for record in tf.data.TFRecordDataset(str(path))]
    assert events[0].file_version == "brain.Event:2"
    seen = [(e.wall_time, e.step, {value.tag: value.simple_value for value in e.summary.value}) for e in events[1:]]
    assert seen == [
        (12.5, 1, {"loss": 1.75, "accuracy": 0.25, "rate": 0.5, "pictures_per_s": 2000.0}),
        (
            12.5,
            2,
            {
                "loss": 1.5,
                "accuracy": 0.5,
                "val_loss": 1.25,
                "val_accuracy": 0.75,
                "rate": 0.25,
                "pictures_per_s": 1000.0,
            },
        ),
    ]

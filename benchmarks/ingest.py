"""How long an ingest takes, beside the plain loop that does the least that it does.

    python benchmarks/ingest.py SOURCE [--runs 5]

SOURCE is a folder or zip of pictures, or a table like fer2013.csv. One run after the other, alternating:

    curate ingest         the whole command, into a fresh workspace
    plain loop            a process that decodes each picture, takes its pHash and sha256, and inserts a row each into
                          SQLite, committed at the end
    read and decode       a process with one thread that reads the members and decodes them, and nothing else
    curate ingest again   the whole command on the same workspace: nothing new
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

_CURATE = [sys.executable, "-c", "from curate.cli import main; main()"]
_SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp")
_BATCH_ROWS = 1024
_INSERT = "INSERT INTO pictures VALUES (?, ?, ?)"


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--step", choices=("plain", "decode"), help=argparse.SUPPRESS)
    parser.add_argument("--database", default="", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step == "plain":
        print(plain_loop(options.source, options.database))
    elif options.step == "decode":
        print(read_and_decode(options.source))
    else:
        compare(options.source, options.runs)


def compare(source: Path, runs: int) -> None:
    """Run everything `runs` times in turn and print medians, extremes and ratios."""
    seconds: dict[str, list[float]] = {}
    memory_mib: dict[str, list[float]] = {}
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as name:
            for step, command in _commands(source, Path(name)).items():
                duration_s, peak_mib = measure(command)
                seconds.setdefault(step, []).append(duration_s)
                memory_mib.setdefault(step, []).append(peak_mib)
    ingest_s = statistics.median(seconds["curate ingest"])
    print(f"{source.name}, {runs} runs, {len(os.sched_getaffinity(0))} cores")
    print(f"{'':<22}{'median s':>10}{'min s':>9}{'max s':>9}{'curate / this':>16}{'peak MiB':>11}")
    for step, values in seconds.items():
        median = statistics.median(values)
        print(
            f"{step:<22}{median:>10.2f}{min(values):>9.2f}{max(values):>9.2f}{ingest_s / median:>16.2f}"
            f"{max(memory_mib[step]):>11.0f}"
        )


def _commands(source: Path, folder: Path) -> dict[str, list[str]]:
    workspace = str(folder / "workspace")
    subprocess.run([*_CURATE, "init", workspace], check=True, stdout=subprocess.DEVNULL)
    ingest = [*_CURATE, "ingest", "--workspace", workspace, str(source)]
    own = [sys.executable, __file__, str(source), "--step"]
    return {
        "curate ingest": ingest,
        "plain loop": [*own, "plain", "--database", str(folder / "plain.sqlite")],
        "read and decode": [*own, "decode"],
        "curate ingest again": ingest,
    }


def measure(command: list[str]) -> tuple[float, float]:
    """Run a process to its end.

    Returns:
        Seconds from start to end, and its peak of resident memory in MiB.
    """
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    duration_s = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{command} ended with {process.returncode}")
    return duration_s, usage.ru_maxrss / 1024


def plain_loop(source: Path, database: str) -> int:
    """What a user would write in an afternoon; returns how many pictures there were."""
    import hashlib
    import sqlite3

    import imagehash
    from PIL import UnidentifiedImageError

    connection = sqlite3.connect(database)
    connection.execute("CREATE TABLE pictures (name TEXT, phash TEXT, sha256 TEXT)")
    count = 0
    pictures = _table_pictures(source) if source.suffix == ".csv" else _file_pictures(source)
    for name, data, load in pictures:
        try:
            phash = str(imagehash.phash(load()))
        except (UnidentifiedImageError, OSError, SyntaxError):
            continue
        connection.execute(_INSERT, (name, phash, hashlib.sha256(data).hexdigest()))
        count += 1
    connection.commit()
    connection.close()
    return count


def _file_pictures(source: Path) -> Iterator[tuple]:
    import io

    from PIL import Image

    for name, data in _files(source):
        yield name, data, lambda data=data: Image.open(io.BytesIO(data))  # noqa: TID251


def _table_pictures(source: Path) -> Iterator[tuple]:
    import csv

    import numpy as np
    from PIL import Image

    with source.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file)):
            pixels = np.array(row["pixels"].split(), np.uint8).reshape(48, 48)
            yield f"row:{number}", pixels.tobytes(), lambda pixels=pixels: Image.fromarray(pixels)


def _files(source: Path) -> Iterator[tuple[str, bytes]]:
    import zipfile

    if source.is_dir():
        for path in sorted(source.rglob("*")):
            if path.suffix.lower() in _SUFFIXES:
                yield str(path.relative_to(source)), path.read_bytes()
        return
    with zipfile.ZipFile(source) as archive:
        for info in archive.infolist():
            if info.filename.lower().endswith(_SUFFIXES):
                yield info.filename, archive.read(info)


def read_and_decode(source: Path) -> int:
    """Read and decode alone, with the package's own decoders; returns how many pictures could be decoded."""
    import csv

    import cv2

    from curate.errors import PictureError
    from curate.images import decode
    from curate.ingest.pixel_rows import parse_pixel_rows

    cv2.setNumThreads(1)
    count = 0
    if source.suffix == ".csv":
        with source.open(encoding="utf-8", newline="") as file:
            rows = (row["pixels"].encode() for row in csv.DictReader(file))
            while batch := list(islice(rows, _BATCH_ROWS)):
                count += sum(not isinstance(parsed, PictureError) for parsed in parse_pixel_rows(batch))
        return count
    for _, data in _files(source):
        try:
            decode(data)
        except PictureError:
            continue
        count += 1
    return count


if __name__ == "__main__":
    main()

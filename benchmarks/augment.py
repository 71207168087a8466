"""How long the x4 set takes, beside a plain Pillow loop that writes PNG files.

    python benchmarks/augment.py SOURCE [--runs 3]

SOURCE is anything that `curate ingest` reads, such as fer2013.csv. It is taken in and frozen with every copy, and
written as PNG files for the loop to read. Then, one after the other, alternating:

    curate augment    the whole command: --x4 --splits all, into a version that is not there yet
    Pillow loop       a process that opens each file, turns and scales it, and saves four PNG files
    raw               all pictures of the derived version as one array, made again and not encoded
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

_CURATE = [sys.executable, "-c", "from curate.cli import main; main()"]
_ZOOM = 1.7
_LEAST_RATIO = 4


class Took(NamedTuple):
    """Seconds from begin to end, and of processor time on all cores; the latter matter where others use the machine."""

    wall_s: float
    cpu_s: float


def main() -> None:
    """Measure, and print a table; exit code 1 when the bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--loop", nargs=2, type=Path, metavar=("FROM", "TO"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.loop:
        pillow_loop(*options.loop)
        return
    with tempfile.TemporaryDirectory() as name:
        sys.exit(not compare(options.source, Path(name), options.runs))


def compare(source: Path, folder: Path, runs: int) -> bool:
    """Run everything `runs` times in turn and print; whether the bar is met."""
    workspace, pictures = folder / "workspace", folder / "pictures"
    for command in (
        ["init", workspace],
        ["ingest", source, "--workspace", workspace],
        ["freeze", "v1", "--keep-copies", "--workspace", workspace],
        ["export", "v1", pictures, "--to", "image-folder", "--workspace", workspace],
    ):
        _run([*_CURATE, *map(str, command)])
    augment = [*_CURATE, "augment", "--x4", "--splits", "all", "--workspace", str(workspace)]
    loop = [sys.executable, __file__, str(source), "--loop", str(pictures), str(folder / "loop")]
    seconds: dict[str, list[Took]] = {"curate augment": [], "Pillow loop": [], "raw": []}
    for _ in range(runs):
        for made in (workspace / "manifests" / "v1-x4", workspace / ".curate" / "pictures", folder / "loop"):
            shutil.rmtree(made, ignore_errors=True)
        seconds["curate augment"].append(_run(augment))
        seconds["Pillow loop"].append(_run(loop))
        seconds["raw"].append(_make_raw(workspace))
    return _report(workspace, folder, seconds)


def pillow_loop(pictures: Path, target: Path) -> None:
    """What a user would write: four PNG files of every picture."""
    from PIL import Image

    for path in sorted(pictures.rglob("*.png")):
        folder = target / path.parent.relative_to(pictures)
        folder.mkdir(parents=True, exist_ok=True)
        with Image.open(path) as image:  # noqa: TID251
            image.load()
            width, height = image.size
            x, y = width / 2 / _ZOOM, height / 2 / _ZOOM
            box = (width / 2 - x, height / 2 - y, width / 2 + x, height / 2 + y)
            made = {
                "identity": image,
                "rot90": image.transpose(Image.Transpose.ROTATE_90),
                "rot270": image.transpose(Image.Transpose.ROTATE_270),
                "zoom": image.resize(image.size, Image.Resampling.BILINEAR, box=box),
            }
            for name, each in made.items():
                each.save(folder / f"{path.stem}-{name}.png")


def _make_raw(workspace: Path) -> Took:
    """Make all pictures again, without those that were stored."""
    from curate.workspace import Workspace

    version = Workspace(workspace).version("v1-x4")
    stored = workspace / ".curate" / "pictures"
    stored.rename(stored.with_name("aside"))
    began, began_cpu = time.perf_counter(), time.process_time()
    version.pictures()
    took = Took(time.perf_counter() - began, time.process_time() - began_cpu)
    stored.with_name("aside").rename(stored)
    return took


def _run(command: list[str]) -> Took:
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    took = Took(time.perf_counter() - began, usage.ru_utime + usage.ru_stime)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{command} ended with {process.returncode}")
    return took


def _report(workspace: Path, folder: Path, seconds: dict[str, list[Took]]) -> bool:
    from curate.workspace import Workspace

    here = Workspace(workspace)
    before, after = (here.version(name).header.rows for name in ("v1", "v1-x4"))
    files = sum(1 for _ in (folder / "loop").rglob("*.png"))
    ratios = [
        loop.wall_s / own.wall_s for own, loop in zip(seconds["curate augment"], seconds["Pillow loop"], strict=True)
    ]
    met = after == files == 4 * before and min(ratios) >= _LEAST_RATIO
    print(f"{before:,} pictures -> {after:,} rows; {len(ratios)} runs, {len(os.sched_getaffinity(0))} cores")
    print(f"{'':<18}{'median s':>10}{'min s':>9}{'max s':>9}{'of CPU s':>10}{'pictures/s':>13}")
    for step, values in seconds.items():
        walls = [took.wall_s for took in values]
        median, cpu_s = statistics.median(walls), statistics.median(took.cpu_s for took in values)
        print(f"{step:<18}{median:>10.2f}{min(walls):>9.2f}{max(walls):>9.2f}{cpu_s:>10.2f}{after / median:>13,.0f}")
    print(f"Pillow loop / curate augment in each run: {', '.join(f'{ratio:.1f}' for ratio in ratios)}")
    print(f"bar: four rows of every row, and at least {_LEAST_RATIO} times as fast: {'met' if met else 'MISSED'}")
    return met


if __name__ == "__main__":
    main()

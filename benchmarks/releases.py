"""Is this release slower than another? The same commands by two checkouts, in turn.

    python benchmarks/releases.py OTHER FER2013 [--rounds 5] [--samples 150000] [--only NAME ...]

OTHER is a checkout of another release, such as `git worktree add ../other e983d59`; both run in this environment.
FER2013 is a folder with fer2013.csv and fer2013_folder.zip. Every command starts as a process of its own, on a copy of
a workspace that OTHER made and that each release has opened once before. Prints the median seconds of wall time and of
processor time, and the median of the ratios of each round (this release / the other).
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

_HERE = Path(__file__).resolve().parent.parent
_CLI = "from curate.cli import main; main()"
_GENERATE = "import sys; from pathlib import Path; sys.path.insert(0, 'benchmarks'); import versions; "
_SAMPLES = "import curate, sys; [curate.Workspace(sys.argv[1]).samples() for _ in range(3)]"


class Step(NamedTuple):
    """What is timed.

    Attributes:
        name: of it.
        code: Python to run.
        arguments: of it; WORKSPACE stands for the copy.
        template: the workspace that is copied first.
    """

    name: str
    code: str
    arguments: tuple[str, ...]
    template: str


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("other", type=Path)
    parser.add_argument("fer2013", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--samples", type=int, default=150_000)
    parser.add_argument("--only", nargs="*")
    options = parser.parse_args()
    checkouts = {"this": _HERE, "other": options.other.resolve()}
    steps = [step for step in all_steps(options.fer2013.resolve()) if not options.only or step.name in options.only]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder, checkouts, options.fer2013.resolve(), options.samples, {step.template for step in steps})
        print(f"{'':24}{'wall s':>18}{'ratio':>8}{'processor s':>20}{'ratio':>8}")
        for step in steps:
            rounds = [
                {which: timed(step, which, path, folder) for which, path in order(checkouts, number)}
                for number in range(options.rounds)
            ]
            print(f"{step.name:24}" + "".join(columns(rounds, index) for index in (0, 1)), flush=True)


def all_steps(fer2013: Path) -> list[Step]:
    """In the order of the flow."""
    where = ("--workspace", "WORKSPACE")
    return [
        Step("help", _CLI, ("--help",), "empty"),
        Step("ingest zip", _CLI, ("ingest", str(fer2013 / "fer2013_folder.zip"), *where), "empty"),
        Step("ingest csv", _CLI, ("ingest", str(fer2013 / "fer2013.csv"), *where), "empty"),
        Step("duplicates", _CLI, ("duplicates", *where), "ingested"),
        Step("duplicates thorough", _CLI, ("duplicates", "--thorough", *where), "ingested"),
        Step("suspects", _CLI, ("suspects", *where), "searched"),
        Step("samples()", _SAMPLES, ("WORKSPACE",), "searched"),
        Step("freeze", _CLI, ("freeze", "v9", "--from", "none", "--keep-copies", *where), "generated"),
    ]


def prepare(folder: Path, checkouts: dict[str, Path], fer2013: Path, samples: int, wanted: set[str]) -> None:
    """Templates made by the other release, then opened by each."""
    other = checkouts["other"]
    made = folder / "made"
    run(other, _CLI, ["init", str(made / "empty")])
    if wanted & {"ingested", "searched"}:
        shutil.copytree(made / "empty", made / "ingested")
        run(other, _CLI, ["ingest", str(fer2013 / "fer2013.csv"), "--workspace", str(made / "ingested")])
    if "searched" in wanted:
        shutil.copytree(made / "ingested", made / "searched")
        run(other, _CLI, ["duplicates", "--workspace", str(made / "searched")])
    if "generated" in wanted:
        generate = f"{_GENERATE} versions.generated_catalog(Path(sys.argv[1]), int(sys.argv[2]))"
        run(other, generate, [str(made / "generated"), str(samples)])
    for which, checkout in checkouts.items():
        shutil.copytree(made, folder / which)
        for settings in (folder / which).glob("*/curate.toml"):
            run(checkout, _CLI, ["status", "--workspace", str(settings.parent)])


def order(checkouts: dict[str, Path], number: int) -> Sequence[tuple[str, Path]]:
    """Which goes first changes from round to round."""
    pairs = list(checkouts.items())
    return pairs[::-1] if number % 2 else pairs


def timed(step: Step, which: str, checkout: Path, folder: Path) -> tuple[float, float]:
    """Seconds of wall time and of processor time."""
    copy = folder / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder / which / step.template, copy)
    arguments = [str(copy) if each == "WORKSPACE" else each for each in step.arguments]
    before, started = os.times(), time.perf_counter()
    run(checkout, step.code, arguments)
    wall, after = time.perf_counter() - started, os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return wall, used


def run(checkout: Path, code: str, arguments: Sequence[str]) -> None:
    """Run Python in a checkout; exit code 1 means that a check found something."""
    environment = {**os.environ, "PYTHONPATH": str(checkout), "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, "-c", code, *arguments]
    result = subprocess.run(command, env=environment, cwd=checkout, capture_output=True, text=True, check=False)
    if result.returncode not in (0, 1):
        sys.exit(f"{' '.join(arguments)} in {checkout} failed:\n{result.stderr[-2000:]}")


def columns(rounds: Sequence[dict[str, tuple[float, float]]], index: int) -> str:
    """Median of either release, and of the ratios."""
    this, other = ([each[which][index] for each in rounds] for which in ("this", "other"))
    ratio = statistics.median(a / b for a, b in zip(this, other, strict=True))
    pair = f"{statistics.median(this):.2f} / {statistics.median(other):.2f}"
    return f"{pair:>{18 + 2 * index}}{ratio:>8.2f}"


if __name__ == "__main__":
    main()

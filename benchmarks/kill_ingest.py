"""Kill an ingest with SIGKILL at random moments, run it again to its end, and compare with an undisturbed ingest.

    python benchmarks/kill_ingest.py --kills 50 SOURCE...

Half of the kills fall at a moment of the process's life, spread from its first to its last; the other half at a
statement of SQL, nearly all of them inside a transaction. Exit code 1 unless every workspace ends identical.
"""

import argparse
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from catalog_content import catalog_content, catalog_faults

from curate.workspace import Workspace

__all__ = ["Kill", "Undisturbed", "ingest_undisturbed", "kill_ingest", "plan_kills", "run_to_end"]

_WORKER = """
import functools, os, signal, sqlite3, sys
from curate.ingest import ingest_source
from curate.workspace import Workspace

folder, batch_pictures, kill_at, *sources = sys.argv[1:]
statements = 0

def count(_statement):
    global statements
    statements += 1
    if statements == int(kill_at):
        os.kill(os.getpid(), signal.SIGKILL)

class Counted(sqlite3.Connection):
    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.set_trace_callback(count)

if kill_at != "none":
    sqlite3.connect = functools.partial(sqlite3.connect, factory=Counted)
print("begin", flush=True)
for source in sources:
    path, _, labels = source.partition("::")
    ingest_source(Workspace(folder), path, labels=labels or None, batch_pictures=int(batch_pictures))
print(statements)
"""


@dataclass(frozen=True, slots=True)
class Kill:
    """When to kill.

    Attributes:
        after_s: seconds after the process has loaded curate; or
        at_statement: when it is about to run its n-th statement of SQL.
    """

    after_s: float | None = None
    at_statement: int | None = None


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """An ingest that nobody disturbs.

    Attributes:
        content: see `catalog_content`.
        duration_s: from having loaded curate to its end.
        statements: how many statements of SQL it runs.
    """

    content: dict[str, list[tuple[object, ...]]]
    duration_s: float
    statements: int


def ingest_undisturbed(folder: Path, sources: Sequence[str], *, batch_pictures: int) -> Undisturbed:
    """Ingest into a new workspace beside those that will be killed.

    Args:
        folder: of all workspaces; this one becomes `undisturbed`.
        sources: paths; `PATH::LABELS` names a side table of votes.
        batch_pictures: pictures per transaction.
    """
    workspace = Workspace.create(folder / "undisturbed").folder
    with _start(workspace, sources, batch_pictures) as process:
        began = time.perf_counter()
        process.wait()
        duration_s = time.perf_counter() - began
    _check(process)
    counted = Workspace.create(folder / "counted").folder
    with _start(counted, sources, batch_pictures, kill_at="0") as process:
        statements = int(process.communicate()[0])
    _check(process)
    return Undisturbed(catalog_content(workspace), duration_s, statements)


def plan_kills(count: int, undisturbed: Undisturbed, *, seed: int) -> list[Kill]:
    """Kills spread evenly, each at a random place of its share: half of them in time, half over the statements."""
    rng = random.Random(seed)  # noqa: S311
    in_time, shares = count // 2, count - count // 2
    moments = [Kill(after_s=undisturbed.duration_s * (n + rng.random()) / in_time) for n in range(in_time)]
    places = [1 + int((undisturbed.statements - 1) * (n + rng.random()) / shares) for n in range(shares)]
    return moments + [Kill(at_statement=place) for place in places]


def kill_ingest(workspace: Path, sources: Sequence[str], kill: Kill, *, batch_pictures: int) -> bool:
    """Begin an ingest and kill it.

    Returns:
        Whether it was still at work; False = it had ended before.
    """
    kill_at = "none" if kill.at_statement is None else str(kill.at_statement)
    with _start(workspace, sources, batch_pictures, kill_at=kill_at) as process:
        try:
            process.wait(kill.after_s)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.returncode == -signal.SIGKILL


def run_to_end(workspace: Path, sources: Sequence[str], *, batch_pictures: int) -> None:
    """Ingest without disturbance."""
    with _start(workspace, sources, batch_pictures) as process:
        process.wait()
    _check(process)


def _start(
    workspace: Path, sources: Sequence[str], batch_pictures: int, *, kill_at: str = "none"
) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", _WORKER, str(workspace), str(batch_pictures), kill_at, *sources]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    if process.stdout is not None:
        process.stdout.readline()
    return process


def _check(process: "subprocess.Popen[str]") -> None:
    if process.returncode != 0:
        raise SystemExit(f"an ingest that nobody disturbed ended with {process.returncode}")


def main() -> None:
    """Kill, finish, compare, and print how many ended identical."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", nargs="+", metavar="SOURCE", help="path, or PATH::LABELS")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--batch-pictures", type=int, default=32)
    options = parser.parse_args()
    tally: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        undisturbed = ingest_undisturbed(folder, options.sources, batch_pictures=options.batch_pictures)
        rows = {table: len(content) for table, content in undisturbed.content.items()}
        print(f"undisturbed: {undisturbed.duration_s:.2f} s, {undisturbed.statements:,} statements; {rows}")
        for number, planned in enumerate(plan_kills(options.kills, undisturbed, seed=options.seed)):
            workspace, kill = Workspace.create(folder / f"killed-{number}").folder, planned
            while not kill_ingest(workspace, options.sources, kill, batch_pictures=options.batch_pictures):
                tally.update(late=1)  # this time it was faster than the undisturbed one: again, and earlier
                kill = replace(kill, after_s=(kill.after_s or 0) * 0.8)
                shutil.rmtree(workspace)
                Workspace.create(workspace)
            drafts = len(list(workspace.glob(".curate.toml.*")))
            run_to_end(workspace, options.sources, batch_pictures=options.batch_pictures)
            same = catalog_content(workspace) == undisturbed.content and not catalog_faults(workspace)
            tally.update(identical=same, drafts=drafts)
            shutil.rmtree(workspace)
            if not same:
                print(f"NOT IDENTICAL after {kill}")
    print(f"{options.kills} kills before the end, {tally['identical']} ended identical")
    print(f"kills that came too late and were repeated: {tally['late']}; drafts of curate.toml left: {tally['drafts']}")
    sys.exit(tally["identical"] != options.kills)


if __name__ == "__main__":
    main()

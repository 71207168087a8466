"""Does `curate verify` find every flipped bit, and does a killed freeze leave a whole version or none?

    python benchmarks/damage_version.py WORKSPACE VERSION [--flips 500] [--kills 50]

Works on a copy of the workspace. Each flip changes one random bit of a version's four files or of a stored picture,
looks with `verify`, and puts it back. Each kill stops `curate freeze`, or `curate augment --x4`, with SIGKILL at a
random moment of its life, half of them while it writes. Exit code 1 unless all is as it must be.
"""

import argparse
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import numpy as np

from curate.manifest import verify_version
from curate.manifest.files import HEADER_NAME, TABLES
from curate.workspace import Workspace

_GET = "SELECT data FROM pictures WHERE sample = (SELECT id FROM samples WHERE digest = ?)"
_PUT = "UPDATE pictures SET data = ? WHERE sample = (SELECT id FROM samples WHERE digest = ?)"
_CURATE = [sys.executable, "-c", "from curate.cli import main; main()"]


def main() -> int:
    """Damage, look, count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("version")
    parser.add_argument("--flips", type=int, default=500)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name) / "workspace"
        shutil.copytree(options.workspace, copy)
        random = np.random.default_rng(options.seed)
        missed = flip_bits(Workspace(copy), options.version, options.flips, random)
        header = Workspace(copy).version(options.version).header
        plain = header.parent_name if header.derived else options.version
        halves = kill_commands(Workspace(copy), plain, options.kills, random)
    return int(bool(missed or halves))


def flip_bits(workspace: Workspace, version: str, flips: int, random: np.random.Generator) -> int:
    """How many flipped bits were not found."""
    folder = workspace.manifests / version
    places = [folder / name for name in (*TABLES, HEADER_NAME)]
    places += sorted((workspace.state / "pictures" / version).glob("*"))
    tried, found = Counter[str](), Counter[str]()
    for number in range(flips):
        place = (*places, None)[number % (len(places) + 1)]
        if place is None:
            seen = flip_stored_picture(workspace, version, random)
        else:
            whole = place.read_bytes()
            place.write_bytes(flipped(whole, random))
            seen = bool(verify_version(workspace.manifests, version, state=workspace.state).findings)
            place.write_bytes(whole)
        name = "stored picture" if place is None else place.name
        tried[name] += 1
        found[name] += seen
    for name, count in tried.items():
        print(f"{name:<22}{found[name]:5} of {count} flipped bits found", flush=True)
    return flips - found.total()


def flip_stored_picture(workspace: Workspace, version: str, random: np.random.Generator) -> bool:
    """Whether a flipped bit in the stored file of a random row is found."""
    rows = workspace.version(version).rows()
    chosen = rows.iloc[int(random.integers(len(rows)))]
    sample_id = chosen["parent"] if isinstance(chosen["parent"], str) else chosen["sample_id"]
    with closing(sqlite3.connect(workspace.state / "catalog.sqlite")) as connection:
        digest = bytes.fromhex(sample_id)
        (data,) = connection.execute(_GET, (digest,)).fetchone()
        with connection:
            connection.execute(_PUT, (flipped(data, random), digest))
        seen = bool(verify_version(workspace.manifests, version, state=workspace.state).findings)
        with connection:
            connection.execute(_PUT, (data, digest))
    return seen


def flipped(data: bytes, random: np.random.Generator) -> bytes:
    """The data with one random bit flipped."""
    bit = int(random.integers(len(data) * 8))
    damaged = bytearray(data)
    damaged[bit // 8] ^= 1 << bit % 8
    return bytes(damaged)


def kill_commands(workspace: Workspace, version: str, kills: int, random: np.random.Generator) -> int:
    """How many kills left something half-written."""
    halves = 0
    for name, command in (("freeze", ["freeze", "killed"]), ("augment", ["augment", version, "--x4"])):
        made = "killed" if name == "freeze" else f"{version}-x4"
        clear(workspace, made)
        begin = time.perf_counter()
        subprocess.run([*_CURATE, *command, "--workspace", workspace.folder], check=True, capture_output=True)
        life_s = time.perf_counter() - begin
        outcome = Counter[str]()
        for number in range(kills):
            clear(workspace, made)
            process = subprocess.Popen(
                [*_CURATE, *command, "--workspace", workspace.folder],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            if number % 2:  # aim at the writing itself
                wait_for_draft(workspace, process)
                time.sleep(random.uniform(0, life_s / 4))
            else:
                time.sleep(random.uniform(0, life_s * 1.1))
            process.send_signal(signal.SIGKILL)
            process.wait()
            outcome[state_of(workspace, made)] += 1
        halves += outcome["half-written"]
        print(f"{name}, killed {kills} times within {life_s:.1f} s: {dict(outcome)}", flush=True)
    return halves


def wait_for_draft(workspace: Workspace, process: subprocess.Popen[bytes]) -> None:
    """Until something is being written."""
    while process.poll() is None and not list(workspace.manifests.glob(".*.draft")):
        time.sleep(0.001)


def clear(workspace: Workspace, version: str) -> None:
    """Remove a version and its pictures, also half-written ones."""
    for folder in (workspace.manifests, workspace.state / "pictures"):
        for path in folder.glob(f"*{version}*"):
            shutil.rmtree(path)


def state_of(workspace: Workspace, version: str) -> str:
    """`none`, `whole` or `half-written`, as `curate verify` sees it."""
    if not (workspace.manifests / version).exists():
        return "none"
    seen = verify_version(workspace.manifests, version, state=workspace.state)
    return "half-written" if seen.findings else "whole"


if __name__ == "__main__":
    sys.exit(main())

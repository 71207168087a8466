"""How long versions take: freezing a catalog, writing, reading and comparing large ones.

    python benchmarks/versions.py [--samples 150000] [--rows 1500000] [--runs 3]

The catalog holds generated pictures (smooth noise) in groups of duplicates, and subjects; the large versions are rows
without pictures. Medians of the runs; `hash and copy` is what the machine needs to write the same bytes and hash them.
"""

import argparse
import csv
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from curate.catalog.duplicates import Grouped, Pair, covered_digest, replace_duplicates
from curate.emotions import BASIC_EMOTIONS
from curate.ingest import ingest_source
from curate.manifest import Header, Tables, Version, diff_versions, gold_digest, verify_version, write_version
from curate.manifest.files import file_digest
from curate.manifest.schema import EDGES, OCCURRENCES, ROWS, VOTES, table_of
from curate.version import freeze_version
from curate.workspace import Workspace

CREATED = datetime(2026, 1, 1, tzinfo=UTC)
_COPIES_SHARE = 0.2


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=150_000)
    parser.add_argument("--rows", type=int, default=1_500_000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        if options.samples:
            measure_freeze(Path(name), options.samples, options.runs)
        if options.rows:
            measure_large(Path(name), options.rows, options.runs)


def measure_freeze(folder: Path, samples: int, runs: int) -> None:
    """Freeze a generated catalog; read and verify the version."""
    workspace = generated_catalog(folder / "workspace", samples)
    for number in range(runs):
        freeze = partial(freeze_version, workspace, f"v{number}", created=CREATED, keep_copies=True)
        report(f"freeze {samples:,} samples", freeze, 1)
    version = workspace.version("v0")
    report("  rows()", version.rows, runs)
    report("  verify", lambda: verify_version(workspace.manifests, "v0", state=workspace.state), 1)


def measure_large(folder: Path, rows: int, runs: int) -> None:
    """Write, read and compare versions of many rows."""
    one, two = generated_tables(rows, seed=1), generated_tables(rows, seed=2)
    manifests = folder / "manifests"
    for number in range(runs):
        report(f"write {rows:,} rows", partial(write_version, manifests, header_of(f"a{number}", one), one), 1)
    write_version(manifests, header_of("b", two), two)
    written = manifests / "a0" / "rows.parquet"
    data = written.read_bytes()
    report("  hash and copy", lambda: ((folder / "copy").write_bytes(data), file_digest(folder / "copy")), runs)
    a, b = (Version(manifests, name, state=folder) for name in ("a0", "b"))
    report("  rows()", a.rows, runs)
    report("  diff", lambda: diff_versions(a, b), runs)
    report("  verify", lambda: verify_version(manifests, "a0", state=folder), 1)


def report(what: str, work: Callable[[], object], runs: int) -> None:
    """Run and print the median."""
    seconds = []
    for _ in range(runs):
        begin = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begin)
    print(f"{what:<28}{statistics.median(seconds):8.2f} s", flush=True)


def generated_catalog(folder: Path, samples: int) -> Workspace:
    """A workspace of `samples` pictures: a fifth of them in groups of two to four, a tenth of known people."""
    random = np.random.default_rng(0)
    table = folder.parent / "fer2013.csv"
    with table.open("w", newline="", encoding="ascii") as file:
        writer = csv.writer(file)
        writer.writerow(["emotion", "pixels", "Usage"])
        for _ in range(samples):
            picture = cv2.resize(random.integers(0, 256, (6, 6), np.uint8), (24, 24), interpolation=cv2.INTER_CUBIC)
            large = np.kron(picture, np.ones((2, 2), np.uint8))
            writer.writerow([random.integers(7), " ".join(map(str, large.ravel().tolist())), "Training"])
    workspace = Workspace.create(folder)
    ingest_source(workspace, table)
    names = workspace.samples()["sample_id"].tolist()
    pairs, members, at = [], [], 0
    while at < len(names) * _COPIES_SHARE:
        group = names[at : at + int(random.integers(2, 5))]
        at += len(group)
        pairs += [Pair(group[0], other, "re-cropped", "aligned", 9, 0.95, "duplicate") for other in group[1:]]
        members += [Grouped(group[0], name, name == group[0], 1) for name in group]
    found = {"samples": len(names), "covered": covered_digest(names)}
    with workspace.catalog() as catalog:
        replace_duplicates(catalog, pairs, members, thorough=False, report=found)
    return workspace


def generated_tables(rows: int, *, seed: int) -> Tables:
    """Rows like those of an augmented version; a twentieth of their labels depends on the seed."""
    fixed, own = np.random.default_rng(0), np.random.default_rng(seed)
    digits = np.frombuffer(fixed.bytes(rows * 32).hex().encode(), "S64")
    names = np.sort(digits).astype(str).astype(object)
    labels = fixed.integers(0, 7, rows)
    other = own.random(rows) < 0.05
    labels[other] = own.integers(0, 7, other.sum())
    first = np.maximum(np.arange(rows) - fixed.integers(0, 2, rows), 0)
    columns: dict[str, object] = {
        "sample_id": names,
        "label": np.array(BASIC_EMOTIONS, object)[labels],
        "label_origin": np.full(rows, "given", object),
        "split": np.array(["train", "val", "test"], object)[np.minimum(np.arange(rows) % 10, 2)],
        "gold": np.arange(rows) % 10 >= 2,
        "lineage_id": names[first],
        "sources": np.full(rows, "fer2013, ferplus", object),
        "width": np.full(rows, 48),
        "height": np.full(rows, 48),
        "mode": np.full(rows, "L", object),
        **{name: fixed.integers(0, 11, rows).astype(np.int16) for name in VOTES},
    }
    edges = {"sample_a": names[:-1:4], "sample_b": names[1::4][: len(names[:-1:4])]}
    edges |= {name: np.full(len(edges["sample_a"]), "copy", object) for name in ("kind", "detail")}
    occurrences = {"sample_id": names, "source": columns["sources"], "key": names, "file_digest": names}
    return Tables(table_of(ROWS, columns), table_of(OCCURRENCES, occurrences), table_of(EDGES, edges))


def header_of(name: str, tables: Tables) -> Header:
    """Just enough of a header."""
    gold = tables.rows.filter(tables.rows.column("gold")).column("sample_id").to_pylist()
    return Header.from_json({
        "name": name, "line": name, "parent": None, "rows": len(tables.rows), "counts": {}, "withdrawn": [],
        "gold": {"rows": len(gold), "digest": gold_digest(gold)}, "classes": list(BASIC_EMOTIONS), "derived": None,
    })  # fmt: skip


if __name__ == "__main__":
    main()

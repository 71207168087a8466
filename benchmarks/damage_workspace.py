"""Does damage to a workspace's state ever change an outcome in silence?

    python benchmarks/damage_workspace.py WORKSPACE [--tries 5] [--seed 0]

Works on copies of the workspace, which must have been searched (`curate duplicates`). Every column of every table of
the catalog, every cache and every file of a version is damaged some times: a value or some bytes are changed, a row is
deleted. Triggers are put aside, so that damage comes from outside. After damage to what the duplicate search keeps, the
search runs again and its pairs and groups are compared; after damage to anything else, `freeze` releases a version, and
its digest is compared (of problems, those that are shown; of suspects, their table).

Counted are: the outcome is unchanged (for columns that no outcome depends on, or what was damaged was made again);
refused, with a line; changed in silence. Exit code 1 if there is any of the last kind but those in `NOTHING_CHECKS`.
"""

import argparse
import shutil
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from curate.duplicates import find_duplicates, regroup
from curate.errors import CurateError
from curate.version import freeze_version
from curate.workspace import Workspace

NOTHING_CHECKS = {
    "problems": "free text, in no version; what is shown of it is written anew by the next ingest",
}
"""Tables of which damage may go unseen, and why."""
_SEARCH, _NOTHING = ("verdicts", "fits"), ("sqlite_sequence",)
_NAME = "damaged"

Damage = Callable[[Workspace, np.random.Generator], None]
Outcome = Callable[[Workspace], Any]


def main() -> int:
    """Damage, look, count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--tries", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole"
        shutil.copytree(options.workspace, whole)
        silent = damage_everything(whole, tries=options.tries, seed=options.seed)
    return int(silent > 0)


def damage_everything(whole: Path, *, tries: int, seed: int) -> int:
    """Damage copies of a workspace; how many outcomes changed in silence.

    Args:
        whole: its folder; only read.
        tries: of each kind of damage.
        seed: of what is damaged.
    """
    random = np.random.default_rng(seed)
    expected: dict[Outcome, Any] = {}
    silent = 0
    for name, damage, outcome in kinds_of_damage(Workspace(whole)):
        seen = Counter[str]()
        for _ in range(tries):
            if outcome not in expected:
                expected[outcome] = with_copy(whole, lambda copy, made=outcome: made(copy))
            seen[with_copy(whole, lambda copy: what_happens(copy, damage, outcome, random, expected))] += 1  # noqa: B023
        silent += seen["CHANGED IN SILENCE"] if name.split(".")[0].split(" ")[0] not in NOTHING_CHECKS else 0
        print(f"{name:<36}{', '.join(f'{count} {what}' for what, count in seen.most_common())}", flush=True)
    print(f"{silent} outcomes changed in silence")
    return silent


def with_copy(whole: Path, act: Callable[[Workspace], Any]) -> Any:
    """What `act` returns for a copy of a workspace, which is removed afterwards."""
    with tempfile.TemporaryDirectory(dir=whole.parent) as folder:
        shutil.copytree(whole, Path(folder) / "copy")
        return act(Workspace(Path(folder) / "copy"))


def what_happens(
    copy: Workspace, damage: Damage, outcome: Outcome, random: np.random.Generator, expected: dict[Outcome, Any]
) -> str:
    """Damage a copy and say what becomes of the outcome."""
    damage(copy, random)
    try:
        found = outcome(copy)
    except CurateError as error:
        return "refused with a line" if "\n" not in str(error) else f"REFUSED IN SEVERAL LINES: {error}"
    except Exception as error:  # noqa: BLE001 - a traceback is what this looks for
        return f"TRACEBACK {type(error).__name__}: {error}"
    return "unchanged" if found == expected[outcome] else "CHANGED IN SILENCE"


def kinds_of_damage(workspace: Workspace) -> Iterator[tuple[str, Damage, Outcome]]:
    """A name, what is done, and what is compared."""
    for path in sorted(workspace.cache_folder.glob("*")):
        yield f"cache/{path.name}", damaged_file(path.relative_to(workspace.folder)), pairs_measured_again
    with closing(sqlite3.connect(workspace.state / "catalog.sqlite")) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            if table in _NOTHING or not connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]:
                continue
            outcome = {"suspects": suspects, "suspect_runs": suspects}.get(table, released)
            outcome = pairs if table in _SEARCH else outcome
            for column in [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]:
                yield f"{table}.{column}", changed_value(table, column), outcome
            yield f"{table} (row deleted)", deleted_row(table), outcome
    yield "catalog.sqlite (bytes)", damaged_file(Path(".curate/catalog.sqlite")), released
    for version in workspace.versions()[-1:]:
        for path in sorted(version.folder.glob("*.*")):
            yield f"{version.name}/{path.name}", damaged_file(path.relative_to(workspace.folder)), released


def pairs(workspace: Workspace) -> Any:
    """What a search finds."""
    find_duplicates(workspace)
    return workspace.pairs().to_csv(), workspace.groups().to_csv()


def pairs_measured_again(workspace: Workspace) -> Any:
    """What a search finds that has lost its measurements, so that it looks at the pictures it kept."""
    with workspace.catalog() as catalog, catalog.transaction() as connection:
        connection.execute("DELETE FROM verdicts")
    return pairs(workspace)


def released(workspace: Workspace) -> Any:
    """The version that `curate freeze` makes."""
    regroup(workspace)
    version = freeze_version(workspace, _NAME, created=datetime(2100, 1, 1, tzinfo=UTC))
    kept = {name: value for name, value in version.header.items() if name not in ("files", "sha256")}
    return kept, version.table("rows").to_pydict(), version.table("occurrences").to_pydict()


def suspects(workspace: Workspace) -> Any:
    """The list of suspects."""
    return workspace.suspects().to_csv()


def damaged_file(path: Path) -> Damage:
    """One byte in a hundred of a stretch of 4,096 is changed, at any place of a file."""

    def damage(workspace: Workspace, random: np.random.Generator) -> None:
        content = bytearray((workspace.folder / path).read_bytes())
        start = int(random.integers(max(1, len(content) - 4096)))
        for place in random.integers(start, min(len(content), start + 4096), 41).tolist():
            content[place] ^= int(random.integers(1, 256))
        (workspace.folder / path).write_bytes(content)

    return damage


def changed_value(table: str, column: str) -> Damage:
    """One value of a column is changed, by whoever does not care for rules."""

    def damage(workspace: Workspace, random: np.random.Generator) -> None:
        with outside(workspace) as connection:
            keys = key_columns(connection, table)
            rows = (
                connection.execute(
                    f"SELECT {column}, {', '.join(keys)} FROM {table} WHERE {column} IS NOT NULL"
                ).fetchall()
                or connection.execute(f"SELECT {column}, {', '.join(keys)} FROM {table}").fetchall()
            )
            value, *key = rows[int(random.integers(len(rows)))]
            where = " AND ".join(f"{name} = ?" for name in keys)
            connection.execute(
                f"UPDATE OR REPLACE {table} SET {column} = ? WHERE {where}", (another(value, random), *key)
            )

    return damage


def deleted_row(table: str) -> Damage:
    """One row is gone."""

    def damage(workspace: Workspace, random: np.random.Generator) -> None:
        with outside(workspace) as connection:
            keys = key_columns(connection, table)
            rows = connection.execute(f"SELECT {', '.join(keys)} FROM {table}").fetchall()
            where = " AND ".join(f"{name} = ?" for name in keys)
            connection.execute(f"DELETE FROM {table} WHERE {where}", rows[int(random.integers(len(rows)))])

    return damage


def another(value: Any, random: np.random.Generator) -> Any:
    """A value of the same type that differs."""
    if isinstance(value, str):
        place = int(random.integers(len(value) + 1))
        return value[:place] + "x" + value[place + 1 :] if value[place : place + 1] != "x" else value[:place]
    if isinstance(value, bytes):
        content = bytearray(value or b"0")
        content[int(random.integers(len(content)))] ^= int(random.integers(1, 256))
        return bytes(content)
    return 1 if value is None else value + 1


class outside:  # noqa: N801 - used like a function
    """A connection that knows no rules: no triggers, no references."""

    def __init__(self, workspace: Workspace) -> None:
        self.connection = sqlite3.connect(workspace.state / "catalog.sqlite")

    def __enter__(self) -> sqlite3.Connection:
        self.triggers = self.connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        self.connection.execute("PRAGMA ignore_check_constraints = ON")
        for name, _ in self.triggers:
            self.connection.execute(f"DROP TRIGGER {name}")
        return self.connection

    def __exit__(self, *_: object) -> None:
        for _, sql in self.triggers:
            self.connection.execute(sql)
        self.connection.commit()
        self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.connection.close()


def key_columns(connection: sqlite3.Connection, table: str) -> list[str]:
    """The primary key."""
    return [row[1] for row in connection.execute(f"PRAGMA table_info({table})") if row[5]]


if __name__ == "__main__":
    sys.exit(main())

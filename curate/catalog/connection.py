"""Opening the catalog: one SQLite file in WAL mode, brought to the current schema."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from curate.catalog.migrations import APPLICATION_ID, MIGRATIONS
from curate.checksums import row_checksum
from curate.decisions import Settled
from curate.errors import CatalogDamaged, CatalogTooNew, CatalogTooOld, NotWritable, StorageFull, WorkspaceLocked
from curate.storage import is_writable, not_writable

__all__ = ["Catalog"]

_BUSY_TIMEOUT_S = 30.0
_BUSY_PAUSE_S = 0.01
_PAGE_BYTES = 8192
_NOT_WRITTEN = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)


class Catalog:
    """Owns the connection to a workspace's catalog. Every read or write of it goes through this package.

    Where nothing may be written (a read-only folder, or somebody else's), it is opened for reading.
    """

    def __init__(self, path: Path) -> None:
        """Open the catalog at `path`, creating it where there is none; where it cannot be created, it seems empty.

        Raises:
            CatalogTooNew: written by a newer curate.
            CatalogTooOld: written by an older curate, and it cannot be brought up to date here.
            CatalogDamaged: not a SQLite file, or another program's.
            StorageFull: the disk is full.
            NotWritable: it cannot be read without writing: a command was cut off and left some of it in its log.
        """
        self.path = path
        self.settled: tuple[int, Settled] | None = None
        """Last line of the log of decisions, and what the log comes to; see `decisions.settled_decisions`."""
        self.writable = is_writable(path)
        with self._translated(), ExitStack() as undo:
            self.connection = sqlite3.connect(self._address(), timeout=_BUSY_TIMEOUT_S, isolation_level=None, uri=True)
            undo.callback(self.connection.close)
            self.connection.create_function("row_checksum", -1, row_checksum, deterministic=True)
            self._prepare()
            undo.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; what was committed stays."""
        self.connection.close()

    @contextmanager
    def transaction(self, *, durable: bool = True) -> Iterator[sqlite3.Connection]:
        """All or nothing: the write lock is held until the block ends.

        Args:
            durable: wait until it is on the disk; without, a loss of power may undo it, but never half of it.

        Raises:
            NotWritable: it was opened for reading.
            StorageFull: the disk is full; nothing of this block was kept.
            WorkspaceLocked: another process held the write lock for 30 seconds.
        """
        if not self.writable:
            raise NotWritable(not_writable(self.path))
        with self._translated():
            self.connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            with self._transaction() as connection:
                yield connection

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """Several reads that see the catalog at one moment: that of the outermost snapshot around them."""
        if self.connection.in_transaction:
            yield self.connection
            return
        with self._translated():
            self.connection.execute("BEGIN")
            try:
                yield self.connection
            finally:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield self.connection
            self.connection.execute("COMMIT")
        finally:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")

    def _address(self) -> str:
        """What SQLite opens.

        A catalog in WAL mode is read beside its log and an index of that; where these are not there and cannot be made,
        SQLite reads it only on our word that nobody changes it meanwhile.
        Source: https://www.sqlite.org/wal.html#read_only_databases
        """
        if self.writable:
            return self.path.absolute().as_uri()
        if not self.path.exists():
            return "file::memory:"
        is_in_use = self.path.with_name(f"{self.path.name}-shm").exists() or self._log_bytes() > 0
        return f"{self.path.absolute().as_uri()}?mode=ro" + ("" if is_in_use else "&immutable=1")

    def _log_bytes(self) -> int:
        log = self.path.with_name(f"{self.path.name}-wal")
        return log.stat().st_size if log.exists() else 0

    def _prepare(self) -> None:
        if self.writable:
            self.connection.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
        mark, version, objects = self.connection.execute(  # one statement: another process may be making the catalog
            "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_master)"
            " FROM pragma_application_id, pragma_user_version"
        ).fetchone()
        if mark != APPLICATION_ID and (mark, version, objects) != (0, 0, 0):
            raise CatalogDamaged(f"{self.path} is another program's database; move it away")
        if version > len(MIGRATIONS):
            raise CatalogTooNew(
                f"{self.path} was written by a newer curate (schema {version}, this one knows {len(MIGRATIONS)}); "
                "upgrade curate"
            )
        if self.writable:
            self._switch_to_wal()
            self.connection.execute("PRAGMA foreign_keys = ON")
        elif objects:
            self._check_current(version)
        if version < len(MIGRATIONS):
            self._migrate()

    def _check_current(self, version: int) -> None:
        if version < len(MIGRATIONS):
            raise CatalogTooOld(
                f"{self.path} was written by an older curate (schema {version}, this one needs {len(MIGRATIONS)}) and "
                "cannot be written to; run `curate status` once where it can, and it is brought up to date"
            )

    def _switch_to_wal(self) -> None:
        """Wait here for another process that switches too; SQLite's own waiting does not cover it."""
        give_up = time.monotonic() + _BUSY_TIMEOUT_S
        while True:
            try:
                self.connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                    raise
                time.sleep(_BUSY_PAUSE_S)
            else:
                return

    def _migrate(self) -> None:
        with self._transaction() as connection:
            version = int(connection.execute("PRAGMA user_version").fetchone()[0])
            for number in range(version, len(MIGRATIONS)):
                for statement in _statements(MIGRATIONS[number]):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {number + 1}")
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            code = (error.sqlite_errorcode or 0) & 0xFF if hasattr(error, "sqlite_errorcode") else 0
            if code in _NOT_WRITTEN and not is_writable(self.path):
                raise NotWritable(
                    f"{self.path} cannot be read where it cannot be written to ({error}): a command that was cut off "
                    "left a part of it in its log; run `curate status` once where it can be written"
                    if self._log_bytes()
                    else not_writable(self.path)
                ) from error
            if code in _NOT_WRITTEN:
                raise StorageFull(
                    f"{self.path} could not be written ({error}): the disk is full or failing; free some space and run "
                    "the command again. Everything committed before is intact"
                ) from error
            if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise WorkspaceLocked(f"{self.path} is being written by another process; try again") from error
            if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
                raise CatalogDamaged(
                    f"{self.path} is not a readable catalog ({error}); restore it from a backup, or move it away and "
                    "ingest again"
                ) from error
            raise


def _statements(script: str) -> Iterator[str]:
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""

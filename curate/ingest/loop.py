"""The ingest loop: read a delivery, process it on all cores, record it batch by batch."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from contextlib import ExitStack, closing, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from pathlib import Path

from threadpoolctl import threadpool_limits

from curate.catalog import Catalog, revisions, tables
from curate.config import SourceEntry, put_source
from curate.errors import SourceError
from curate.executors import local_processes, local_threads, map_ordered
from curate.ingest.batch import Batch, process_batch
from curate.ingest.declared import find_entry, locate
from curate.ingest.delivery import Delivery, open_delivery
from curate.ingest.reading import Format, Options
from curate.ingest.registry import choose_format, find_format
from curate.progress import Progress, silent
from curate.sample import Problem, SourceItem
from curate.workspace import Workspace

__all__ = ["IngestReport", "ingest_source"]

BATCH_PICTURES = 512
_BATCH_BYTES = 16 * 2**20
_WORTH_PROCESSES = 5_000
"""Pictures from which processes, which take a quarter of a second to start, are quicker than threads."""


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What one source brought.

    Attributes:
        source: its name.
        format: the format's name.
        why: why this format was chosen.
        unchanged: True = the delivery is the one already taken in; nothing was read.
        occurrences: pictures that were read.
        new_occurrences: of these, not in the catalog before.
        new_samples: distinct pictures never seen before, in this source or another.
        retired: occurrences of the revision before that are no longer there.
        problems: how many of each kind.
        remarks: what the reader found worth saying.
    """

    source: str
    format: str
    why: str
    unchanged: bool = False
    occurrences: int = 0
    new_occurrences: int = 0
    new_samples: int = 0
    retired: int = 0
    problems: dict[str, int] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


def ingest_source(
    workspace: Workspace,
    path: str | Path | SourceEntry,
    *,
    format_name: str | None = None,
    name: str | None = None,
    labels: str | Path | None = None,
    executor: Executor | None = None,
    processes: bool = False,
    progress: Progress = silent,
    batch_pictures: int = BATCH_PICTURES,
) -> IngestReport:
    """Take a file, folder or archive into the catalog. Again = nothing new; may be killed and run again at any moment.

    Args:
        workspace: where to.
        path: the dataset as delivered; or the name or the entry of a source of curate.toml.
        format_name: a key of `registry.FORMATS`; None = recognise it.
        name: of the source; None = the file name without its extensions.
        labels: a side table of votes, for formats that take one.
        executor: where decoding runs; None = threads on all cores.
        processes: with no executor, decode large sources in `executors.local_processes` where that is quicker.
        progress: progress callback.
        batch_pictures: pictures per transaction.

    Raises:
        SourceError: the source cannot be taken in; nothing of it was.
        WorkspaceLocked: another process writes to this workspace.
        StorageFull: the disk is full; batches before are kept, and the next run goes on.
    """
    with workspace.locked("curate ingest"), workspace.catalog() as catalog, ExitStack() as opened:
        entry = find_entry(workspace, path, format_name=format_name, name=name, labels=labels)
        delivery = opened.enter_context(closing(open_delivery(locate(workspace, entry.path))))
        side = None
        if entry.labels is not None:
            side = opened.enter_context(closing(open_delivery(locate(workspace, entry.labels))))
        form, why = (find_format(entry.format), "named") if entry.format else choose_format(delivery)
        if side is not None and not form.takes_labels:
            raise SourceError(f"{entry.name}: the format {form.name} takes no --labels; leave it out")
        fingerprint = _fingerprint(form, delivery, side)
        known = next((row for row in tables.source_rows(catalog) if row.name == entry.name), None)
        if known and known.state == "complete" and known.fingerprint == fingerprint:
            return IngestReport(entry.name, form.name, why, unchanged=True)
        reading = form.read(delivery, Options(entry.name, side))
        if entry not in workspace.config.sources:
            put_source(workspace.folder, entry)
        revision = revisions.begin_revision(
            catalog,
            entry.name,
            format_name=form.name,
            location=entry.path,
            licence=entry.licence,
            fingerprint=fingerprint,
        )
        work = partial(_process, max_megapixels=workspace.config.max_megapixels)
        batches = _batches(chain(delivery.problems, reading.items), batch_pictures)
        separate = processes and not form.in_bulk and (reading.total or 0) >= _WORTH_PROCESSES
        pools = nullcontext(executor) if executor else local_processes() if separate else local_threads()
        report = IngestReport(entry.name, form.name, why, remarks=reading.remarks)
        # The arithmetic runs on our own workers; a second set of threads below them only gets in the way.
        with threadpool_limits(1), pools as pool, progress(entry.name, reading.total, unit="pictures") as advance:
            return _record(catalog, revision, map_ordered(pool, work, batches), report=report, advance=advance)


def _record(
    catalog: Catalog,
    revision: revisions.Revision,
    batches: Iterable[Batch],
    *,
    report: IngestReport,
    advance: Callable[[int], None],
) -> IngestReport:
    """Write batches as they come; the report with what they brought."""
    occurrences, recorded, problems = 0, revisions.Recorded(), Counter[str]()
    for batch in batches:
        recorded += revisions.record_batch(catalog, revision, batch.ingested, batch.problems)
        occurrences += len(batch.ingested)
        problems.update(problem.kind for problem in batch.problems)
        problems.update(note.kind for item in batch.ingested for note in item.notes)
        advance(len(batch.ingested) + len(batch.problems))
    return replace(
        report,
        occurrences=occurrences,
        new_occurrences=recorded.new_occurrences,
        new_samples=recorded.new_samples,
        retired=revisions.finish_revision(catalog, revision),
        problems=dict(sorted(problems.items())),
    )


def _process(items: list[SourceItem | Problem], *, max_megapixels: float) -> Batch:
    problems = [item for item in items if isinstance(item, Problem)]
    with threadpool_limits(1):
        batch = process_batch([item for item in items if isinstance(item, SourceItem)], max_megapixels=max_megapixels)
    return Batch(batch.ingested, problems + batch.problems)


def _batches(items: Iterable[SourceItem | Problem], pictures: int) -> Iterator[list[SourceItem | Problem]]:
    batch: list[SourceItem | Problem] = []
    size = 0
    for item in items:
        batch.append(item)
        size += len(item.data) if isinstance(item, SourceItem) else 0
        if len(batch) >= pictures or size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _fingerprint(form: Format, delivery: Delivery, side: Delivery | None) -> str:
    """Changes when the delivery, its side table, or the way they are read changes."""
    parts = (form.name, str(form.revision), delivery.fingerprint(), "" if side is None else side.fingerprint())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()

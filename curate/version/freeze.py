"""Release the state of a workspace as an immutable version."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

import numpy as np

from curate.catalog.integrity import check_catalog
from curate.errors import NothingToRelease, VersionError
from curate.manifest import Header, Version, check_files, check_new_name, next_serial, write_version
from curate.version.choice import NOTHING_CHOSEN, Choice, describe_choice
from curate.version.header import (
    describe_configuration,
    describe_content,
    describe_lineage,
    describe_sources,
    gold_of,
)
from curate.version.placement import NO_SPLIT, place
from curate.version.release_evidence import gather
from curate.version.rows import make_tables
from curate.workspace import Workspace

__all__ = ["DEFAULT_RATIOS", "NEWEST", "freeze_version"]

DEFAULT_RATIOS = (80.0, 10.0, 10.0)
NEWEST = "newest"
"""As parent: the newest version that was not derived from another by augmentation, if there is any."""


def freeze_version(
    workspace: Workspace,
    name: str,
    *,
    created: datetime,
    parent: str | None = NEWEST,
    ratios: Sequence[float] = DEFAULT_RATIOS,
    keep_official_splits: bool = False,
    keep_copies: bool = False,
    even_if_unchanged: bool = True,
    choice: Choice = NOTHING_CHOSEN,
) -> Version:
    """Write `manifests/NAME/`: rows, occurrences, lineage evidence, and a header with the digests of all.

    Args:
        workspace: what to release, by the seed, labels and policy of its curate.toml.
        name: of the version; must be free.
        created: now; no part of the digest. The order of versions is that of their serial numbers, not of time.
        parent: whose splits and gold test are inherited; `NEWEST`, or None to start a line.
        ratios: of train, val and test, for lineage groups that the parent does not know; scaled to sum to 1.
        keep_official_splits: place new lineage groups where their highest official split says.
        keep_copies: hold every picture of a duplicate group, not only its keeper.
        even_if_unchanged: also write a version whose digest is that of its parent.
        choice: classes, sources and splits of this version alone; see `choice.choose`.

    Raises:
        WorkspaceLocked: another process writes to this workspace.
        VersionExists: the name is taken.
        VersionNotFound: no such parent.
        VersionUnchanged: it would be its parent again, and that is not wanted; nothing is written.
        VersionError: the name, the ratios or the parent cannot be used.
        NothingToRelease: no picture has a label of the policy's classes.
        CatalogDamaged: something that the release reads is not as it was written.
        VersionDamaged: likewise of the parent.
        StorageFull: there is no space; nothing is left behind.
    """
    shares = _shares(ratios)
    check_new_name(workspace.manifests, name)
    with workspace.locked("curate freeze"), workspace.snapshot() as view, _checked(workspace) as check:
        config = view.config
        before = _parent(view, parent)
        if choice.classes:
            config = replace(config, policy=replace(config.policy, classes=choice.classes))
        evidence = gather(view, before, classes=config.policy.classes, seed=config.seed, sources=choice.sources)
        names = evidence.samples["sample_id"].to_numpy(object)
        placed = place(
            evidence.candidates,
            ratios=shares,
            keep_official_splits=keep_official_splits,
            keep_copies=keep_copies,
            asked=None if choice.splits is None else choice.splits.asked(names),
        )
        if not (placed.split != NO_SPLIT).any():
            raise NothingToRelease(
                f"no picture in {view.folder} has a label of the classes {', '.join(config.policy.classes)}; ingest a "
                "source, or see [policy] and [labels] in curate.toml"
            )
        header = Header.from_json(
            {
                **describe_lineage(
                    name,
                    before,
                    serial=next_serial(view.versions()),
                    created=created.isoformat(timespec="microseconds"),
                ),
                **describe_content(evidence, placed, before),
                **describe_configuration(
                    config, ratios=shares, keep_copies=keep_copies, keep_official_splits=keep_official_splits
                ),
                **describe_sources(view, evidence, placed, choice.sources),
                **describe_choice(choice, evidence.candidates, placed, names),
            }
        )
        tables = make_tables(evidence, placed, gold_of(evidence, placed, before))
        check()
        write_version(view.manifests, header, tables, even_if_unchanged=even_if_unchanged)
    return workspace.version(name)


@contextmanager
def _checked(workspace: Workspace) -> Iterator[Callable[[], None]]:
    """Check the catalog beside what is done with it, on a core of its own.

    Yields:
        A function that waits for the end of the check. When the block ends it is waited for in any case, so that what
        was made of damage, or failed because of it, is not what is reported.

    Raises:
        CatalogDamaged: from that function, or at the end.
    """

    def check() -> None:
        with workspace.catalog() as catalog:
            check_catalog(catalog)

    with ThreadPoolExecutor(1) as pool:
        checked = pool.submit(check)
        try:
            yield checked.result
        finally:
            checked.result()


def _shares(ratios: Sequence[float]) -> tuple[float, ...]:
    given = np.array(ratios, float)
    if given.shape != (3,) or not np.isfinite(given).all() or (given < 0).any() or not given[0]:
        raise VersionError(f"ratios {'/'.join(map(str, ratios))}: give train, val and test, such as 80/10/10")
    return tuple((given / given.sum()).tolist())


def _parent(view: Workspace, parent: str | None) -> Version | None:
    if parent is None:
        return None
    if parent == NEWEST:
        newest = view.newest_release()
        return None if newest is None else _whole(newest)
    found = view.version(parent)
    if found.header.derived is not None:
        raise VersionError(
            f"{parent} is augmented from {found.header.parent_name}; only versions of delivered pictures can be "
            "parents of a freeze"
        )
    return _whole(found)


def _whole(version: Version) -> Version:
    check_files(version)
    return version

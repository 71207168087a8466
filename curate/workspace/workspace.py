"""Workspace: the library's front door. A folder, its configuration, and read-only tables over its catalog."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING

from curate.catalog import Catalog, decisions, duplicates, patches, pictures, suspects, tables
from curate.config import CONFIG_NAME, Config, read_config, write_new
from curate.decisions import DECISION_FIELDS, decision_values
from curate.emotions import LABELS
from curate.errors import NotWritable, WorkspaceExists, WorkspaceNotFound
from curate.lock import Holder, lock_holder, locked
from curate.manifest import Fence, Version, ancestors, read_fence, release_order, version_names
from curate.storage import bytes_on_disk, is_writable, not_writable, space_needed
from curate.workspace.contents import describe_contents
from curate.workspace.evidence import edge_table, settled_pairs
from curate.workspace.frames import frame
from curate.workspace.lookup import look_up
from curate.workspace.occurrences import occurrence_table
from curate.workspace.origins import origin_edges
from curate.workspace.samples import sample_table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Workspace"]

_STATE_FOLDER = ".curate"
_SHORT = 12
"""Hex digits by which people tell digests apart."""


class Workspace:
    """A folder with curate.toml, `.curate/` (working state) and `manifests/` (released versions).

    `Workspace("my-data")` opens the one in that folder, `Workspace()` the one that this folder belongs to;
    `Workspace.create("my-data")` makes one. There is nothing to close.

    Tables are pandas data frames; text columns are Arrow-backed. Reading never changes anything, and may happen while
    another process writes. `sample_id` is a column of every table, so that tables can be merged on it; where it is
    unique (`samples`, `suspects`, `Version.rows`), `.set_index("sample_id")` makes it the index.
    """

    def __init__(self, folder: str | Path = ".") -> None:
        """Find the workspace in `folder` or in the nearest folder above it.

        Raises:
            WorkspaceNotFound: no curate.toml there.
            ConfigError: curate.toml has a mistake.
            CatalogTooNew: the catalog was written by a newer curate.
        """
        self._open: Catalog | None = None
        start = Path(folder).resolve()
        for candidate in (start, *start.parents):
            if (candidate / CONFIG_NAME).is_file():
                self.folder = candidate
                break
        else:
            raise WorkspaceNotFound(f"no {CONFIG_NAME} in {start} or above; make a workspace with `curate init`")
        if is_writable(self.folder):
            with space_needed():
                self.state.mkdir(exist_ok=True)

    def __repr__(self) -> str:
        """Its folder and what it holds, in one line; reads little, and never fails."""
        return f"<Workspace {self.folder}: {describe_contents(self.state, self.manifests)}>"

    @classmethod
    def create(cls, folder: str | Path) -> "Workspace":
        """Make a workspace in a new or existing folder.

        Raises:
            WorkspaceExists: there is one already, or something else that is no folder.
        """
        path = Path(folder)
        with space_needed():
            try:
                if (path / CONFIG_NAME).exists():
                    raise WorkspaceExists(f"{path.resolve()} is a workspace already")
                for name in ("manifests", _STATE_FOLDER):
                    (path / name).mkdir(parents=True, exist_ok=True)
            except (NotADirectoryError, FileExistsError, FileNotFoundError, PermissionError) as error:
                raise WorkspaceExists(f"{path} cannot be made ({error.strerror}); name a new folder") from None
        write_new(path)
        return cls(path)

    @property
    def config(self) -> Config:
        """curate.toml as it stands now."""
        return read_config(self.folder)

    @property
    def manifests(self) -> Path:
        """The folder of released versions."""
        return self.folder / "manifests"

    @property
    def state(self) -> Path:
        """The folder of working state."""
        return self.folder / _STATE_FOLDER

    @property
    def cache_folder(self) -> Path:
        """For files that save work and may be deleted at any time; it need not exist."""
        return self.state / "cache"

    @contextmanager
    def catalog(self) -> Iterator[Catalog]:
        """The open catalog; made when there is none yet, and open for reading where nothing may be written."""
        if self._open is not None:
            yield self._open
            return
        with Catalog(self.state / "catalog.sqlite") as catalog:
            yield catalog

    @contextmanager
    def snapshot(self) -> Iterator["Workspace"]:
        """A view of this workspace whose tables all show one moment; for one thread."""
        with self.catalog() as catalog, catalog.snapshot():
            view = copy(self)
            view._open = catalog
            yield view

    @contextmanager
    def locked(self, task: str) -> Iterator[None]:
        """Hold the workspace lock while writing; see `lock.locked`.

        Raises:
            NotWritable: nothing may be written here.
        """
        self.check_writable()
        with locked(self.state / "lock", task):
            yield

    def check_writable(self) -> None:
        """Look whether working state and versions can be written.

        Raises:
            NotWritable: they cannot.
        """
        if not all(map(is_writable, (self.folder, self.state, self.manifests))):
            raise NotWritable(not_writable(f"the workspace {self.folder}"))

    def lock_holder(self) -> Holder | None:
        """Who writes to the workspace right now."""
        return lock_holder(self.state / "lock")

    def sources(self) -> "pd.DataFrame":
        """One row per source.

        Columns: name, format, location, licence, state (incomplete, complete, forgotten), revision, digest (64 hex),
        occurrences, samples, retired (occurrences of earlier revisions only), problems.
        """
        with self.catalog() as catalog:
            rows = tables.source_rows(catalog)
        return frame(rows, tables.SourceRow._fields).drop(columns=["id", "fingerprint"])

    def samples(self, sources: Collection[str] | None = None) -> "pd.DataFrame":
        """One row per distinct picture, ordered by sample_id.

        Columns: sample_id, width, height, mode (L, RGB), label (missing = open), label_origin (given, majority,
        priority, votes, group, patch, reviewed; empty = open), label_by (who, or which patch, as `VERSION@DIGEST`;
        missing = nobody in particular), label_at (when it was reviewed), excluded (why no version holds it; missing =
        nothing speaks against it), group_id (of duplicates; missing = none known), lineage_id (the smallest sample_id
        of its lineage group), hash (16 hex, as imagehash writes it), brightness, contrast, sharpness, entropy (see
        `hashing.Quality`), flags (of `hashing.QUALITY_FLAGS`, separated by spaces).

        Args:
            sources: names of those whose labels and votes count; None = all.
        """
        with self.snapshot() as view, view.catalog() as catalog:
            return sample_table(catalog, self.config, edges=view.edges(), patched=view.patched(), sources=sources)

    def occurrences(self) -> "pd.DataFrame":
        """One row per place where a sample was found, by source, in order of delivery.

        Columns: sample_id, source, key, given_label (canonical; missing = none or unmapped), given_raw (as
        delivered), official_split (train, val, test), kept_out (bool; `[splits]` says that this split is in no
        version), subject, sequence, file_digest, and votes_<label> (missing = no votes), those of the policy's panel.
        """
        with self.catalog() as catalog:
            return occurrence_table(catalog, self.config)

    def votes(self) -> "pd.DataFrame":
        """One row per occurrence and panel: sample_id, source, key, panel, and one count per label of `LABELS`."""
        with self.catalog() as catalog:
            return frame(tables.vote_rows(catalog), ("sample_id", "source", "key", "panel", *LABELS))

    def problems(self) -> "pd.DataFrame":
        """Everything that could not be taken in or needs a person's eye: source, key, kind, reason."""
        with self.catalog() as catalog:
            return frame(tables.problem_rows(catalog), ("source", "key", "kind", "reason"))

    def pairs(self) -> "pd.DataFrame":
        """Pairs of samples that the last duplicate search found or people judged, ordered; people overrule the search.

        Columns: sample_a, sample_b (a < b), kind (copy, re-cropped, mirrored, rot90, rot180, rot270, stretched, edited,
        blurred: what turns a into b), method, distance_bits (between their pHashes), similarity (in [0, 1], on the
        method's own scale), verdict (duplicate, review, different), reason (why a person should look, or that people
        settled it).
        """
        with self.catalog() as catalog, catalog.snapshot():
            return frame(settled_pairs(catalog), duplicates.Pair._fields)

    def groups(self) -> "pd.DataFrame":
        """One row per member of a duplicate group: group_id, sample_id, keeper (bool), diameter (of the group)."""
        with self.catalog() as catalog:
            return frame(duplicates.group_rows(catalog), duplicates.Grouped._fields)

    def decisions(self) -> "pd.DataFrame":
        """The log of decisions, oldest first; columns as the attributes of `decisions.Decision`."""
        with self.catalog() as catalog:
            return frame(map(decision_values, decisions.decision_rows(catalog)), DECISION_FIELDS)

    def patched(self) -> "pd.DataFrame":
        """What patches say of samples, by sample_id, retired ones too.

        Columns: sample_id, patch (`VERSION@DIGEST`), match (identical, re-encoded), label (missing = open), split
        (missing = none), gold (bool), left_out (why no version should hold it; missing = nothing speaks against it).
        """
        with self.catalog() as catalog:
            rows = list(patches.patched_rows(catalog))
        taken = [(row.sample_id, f"{row.version}@{row.digest[:_SHORT]}", row.match, *row.effect) for row in rows]
        columns = ("sample_id", "patch", "match", "label", "split", "gold", "left_out")
        return frame(taken, columns).astype({"gold": bool})

    def patches(self) -> "pd.DataFrame":
        """One row per patch, in order of first use.

        Columns: version, digest (of the version, 64 hex), applied (ISO 8601), header (JSON), samples (for which it
        holds).
        """
        with self.catalog() as catalog:
            return frame(patches.patch_rows(catalog), ("version", "digest", "applied", "header", "samples"))

    def suspects(self) -> "pd.DataFrame":
        """Labels as the last `curate suspects` judged them, the most suspect first.

        Columns: sample_id, given_label, suggested_label, second_suggestion (missing where there are only two classes),
        quality (in [0, 1], lower = more suspect), reason (one sentence), fold (held out when the label was predicted),
        and prob_<label>, what the model thought of the picture (0 for classes that it was not taught).
        """
        with self.catalog() as catalog:
            rows = [(*others, *probs) for *others, probs in suspects.suspect_rows(catalog)]
        return frame(rows, (*suspects.Suspect._fields[:-1], *(f"prob_{label}" for label in LABELS)))

    def sizes(self) -> dict[str, int]:
        """Bytes on disk: catalog, cache (may be deleted), runs, pictures (of older releases), versions, total."""
        parts = {"catalog": sum(bytes_on_disk(self.state / f"catalog.sqlite{end}") for end in ("", "-wal", "-shm"))}
        parts |= {name: bytes_on_disk(self.state / name) for name in ("cache", "runs", "pictures")}
        parts["versions"] = bytes_on_disk(self.manifests)
        return {**parts, "total": sum(parts.values())}

    def version(self, name: str) -> Version:
        """One released version.

        Raises:
            VersionNotFound: no version of that name.
            VersionDamaged: its manifest.json is not as it was written.
        """
        return Version(self.manifests, name, state=self.state)

    def version_names(self) -> list[str]:
        """Names of all released versions, in alphabetical order."""
        return version_names(self.manifests)

    def versions(self) -> list[Version]:
        """All released versions, oldest first; see `manifest.release_order`."""
        return release_order(self.version(name) for name in self.version_names())

    def newest_release(self) -> Version | None:
        """The newest version that was not derived from another by augmentation; None = there is none yet."""
        return next((version for version in reversed(self.versions()) if version.header.derived is None), None)

    def fence(self, version: Version | None = None) -> Fence:
        """What gold and test pictures belong with: those of a version and its ancestors, or those of all versions.

        Raises:
            VersionDamaged: a version cannot be read.
        """
        versions = self.versions()
        return read_fence(versions if version is None else ancestors(version, versions))

    def fenced_ids(self) -> list[str]:
        """Samples behind the fence of any version that no source delivers any more, ascending.

        Their pictures are kept, and a search for copies covers them beside those that have an active occurrence.
        """
        with self.catalog() as catalog:
            undelivered = self.fence().members.difference(tables.active_ids(catalog))
            return sorted(tables.sample_numbers(catalog, [*undelivered]))

    def edges(self, fence: Fence | None = None) -> "pd.DataFrame":
        """Why samples belong to one lineage group: sample_a, sample_b (a < b), kind, detail.

        The kind is that of a verified duplicate pair, `subject` or `sequence`, or `augmented-from` or `lineage` (see
        `origins.origin_edges`); the detail says which of these. Subjects and sequences have just enough edges to
        connect their samples.

        Args:
            fence: also edges to samples behind it that have no active occurrence, and what its versions knew.

        Raises:
            VersionDamaged: the rows or edges of a version cannot be read.
        """
        import pandas as pd

        with self.snapshot() as view, view.catalog() as catalog:
            known = {*tables.active_ids(catalog), *(fence.members if fence else ())}
            found = edge_table(catalog, known, fence)
            made = origin_edges(view, known)
        if made.empty:
            return found
        return pd.concat([found, made]).sort_values(list(found.columns), ignore_index=True)

    def find_sample(self, name: str) -> str:
        """The one sample_id that is meant by the beginning of it, a key, a file's name or a picture file on disk.

        Raises:
            SampleNotFound: there is none, or there are several; see `lookup.look_up`.
        """
        with self.catalog() as catalog:
            return look_up(catalog, name, max_megapixels=self.config.max_megapixels)

    def picture_bytes(self, sample_id: str) -> bytes:
        """The picture file kept for a sample, as it was delivered (rows of tables: as PNG)."""
        with self.catalog() as catalog:
            return pictures.read_one(catalog, sample_id)

"""The workspace of the study: sources, searched for copies, and what is wrong with FER-2013 as it was delivered."""

import json
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from curate.audit import audit_workspace
from curate.config import SourceEntry, put_source
from curate.duplicates import find_duplicates
from curate.ingest import declared_sources, ingest_source
from curate.progress import Progress
from curate.storage import replace_file
from curate.workspace import Workspace

__all__ = ["SOURCE", "make_workspace", "measure_ceiling"]

SOURCE = "fer2013"
_VOTES = "fer2013new.csv"


def make_workspace(
    folder: Path, *, fer2013: Path, ferplus: Path, ck48: Path, progress: Progress
) -> tuple[Workspace, dict[str, Any]]:
    """Ingest, search and audit; what was done before is not done again.

    Returns:
        The workspace, and what `curate audit fer2013` and `curate duplicates` say of the delivered sources.
    """
    folder.mkdir(parents=True, exist_ok=True)
    place, audit = folder / "workspace", folder / "audit.json"
    if audit.exists():
        return Workspace(place), json.loads(audit.read_text(encoding="utf-8"))
    workspace = Workspace(place) if (place / "curate.toml").exists() else Workspace.create(place)
    votes = _votes_table(ferplus, folder)
    put_source(
        place, SourceEntry(SOURCE, str(fer2013.resolve()), labels=str(votes.resolve()), licence="research use, Kaggle")
    )
    put_source(place, SourceEntry("ck48", str(ck48.resolve()), licence="research use, CK+ agreement"))
    for entry in declared_sources(workspace):
        ingest_source(workspace, entry, progress=progress)
    duplicates = find_duplicates(workspace, progress=progress)
    found = {
        "duplicates": asdict(duplicates),
        "audit": asdict(audit_workspace(workspace, SOURCE, progress=progress)),
    }
    replace_file(audit, json.dumps(found, indent=1, default=str))
    return workspace, json.loads(audit.read_text(encoding="utf-8"))


def measure_ceiling(folder: Path, ferplus: Path, *, progress: Progress) -> list[dict[str, Any]]:
    """How far FER+'s annotators agree with themselves on pictures that they were shown twice, panel by panel.

    It takes the archive with both panels; from `fer2013new.csv` alone it cannot be told, and the list is empty.
    """
    place, kept = folder / "annotators", folder / "ceiling.json"
    if ferplus.suffix != ".zip":
        return []
    if not kept.exists():
        workspace = Workspace(place) if (place / "curate.toml").exists() else Workspace.create(place)
        put_source(place, SourceEntry("ferplus", str(ferplus.resolve())))
        for entry in declared_sources(workspace):
            ingest_source(workspace, entry, progress=progress)
        told = audit_workspace(workspace, "ferplus", progress=progress).ceilings
        replace_file(kept, json.dumps([asdict(each) for each in told], indent=1))
    return list(json.loads(kept.read_text(encoding="utf-8")))


def _votes_table(ferplus: Path, folder: Path) -> Path:
    if ferplus.suffix != ".zip":
        return ferplus
    with zipfile.ZipFile(ferplus) as archive:
        (folder / _VOTES).write_bytes(archive.read(_VOTES))
    return folder / _VOTES

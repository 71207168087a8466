"""The versions: one line with one gold test from `fer-v1` to `fer-plus`, and `fer-published`, a line of its own.

fer-published  as delivered, all copies; it carries the protocols official and augment-then-split
fer-v1         official splits kept and repaired, all copies kept, labels as given
fer-v2         one picture of each photograph, its copies' labels resolved together
fer-b5         the most suspicious 5 % of training and validation relabelled by FER+'s annotators
fer-v3         10 %
fer-b20        20 %
fer-plus       all of them, the gold test, and pictures whose label was open: the ceiling of relabelling
fer-v3-x4      fer-v3 augmented
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import tomlkit

from curate.augment import augment_version
from curate.progress import Progress
from curate.suspects import find_suspects
from curate.version import freeze_version
from curate.version.patch import export_patch
from curate.workspace import Workspace
from study.annotators import Answers, ask, decide
from study.collection import SOURCE

__all__ = ["BUDGETS", "export_patches", "make_versions"]

BUDGETS = {"fer-b5": 0.05, "fer-v3": 0.1, "fer-b20": 0.2}
"""Version -> share of training and validation pictures that were reviewed for it."""

_SPLITS = {"Training": "none", "PublicTest": "test", "PrivateTest": "out"}
"""Gold is PublicTest; validation is dealt out of Training; PrivateTest stays out."""

_RATIOS = (90.0, 10.0, 0.0)
"""Of pictures without an official split: there are no others in the gold test than PublicTest's."""


def make_versions(workspace: Workspace, *, now: Callable[[], datetime], progress: Progress) -> None:
    """Release those that are missing."""
    if "fer-published" not in workspace.version_names():
        _set(workspace, "policy", groups="none")
        _freeze(workspace, now(), "fer-published", parent=None, keep_official_splits=True, keep_copies=True)
    if "fer-v1" not in workspace.version_names():
        _set(workspace, "splits", **{SOURCE: _SPLITS})
        answers = ask(workspace)
        decide(workspace, answers, sorted(answers.outside), action="no-emotion")
        _freeze(workspace, now(), "fer-v1", parent=None, keep_official_splits=True, keep_copies=True)
    if "fer-v2" not in workspace.version_names():
        _set(workspace, "policy", groups="majority")
        _freeze(workspace, now(), "fer-v2")
    _review(workspace, now=now, progress=progress)
    if "fer-v3-x4" not in workspace.version_names():
        augment_version(workspace, "fer-v3", created=now(), progress=progress)


def export_patches(workspace: Workspace, folder: Path) -> None:
    """Write what others can apply to copies of their own."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("fer-v2", "fer-v3"):
        export_patch(workspace, name, folder / f"{name}.patch")


def _review(workspace: Workspace, *, now: Callable[[], datetime], progress: Progress) -> None:
    """Answer for more and more of the pictures, the most suspicious first, and release after each budget."""
    if "fer-plus" in workspace.version_names():
        return
    if not len(workspace.suspects()):  # one order for all budgets; fer-published is as others publish it, and no judge
        find_suspects(workspace, lines={"fer-v1"}, progress=progress)
    rows = workspace.version("fer-v2").rows()
    answers = ask(workspace)
    pool = _in_order(workspace, answers, set(rows.loc[rows["split"] != "test", "sample_id"]))
    seen = 0
    for name, share in BUDGETS.items():
        until = round(share * len(pool))
        if name not in workspace.version_names():
            decide(workspace, answers, pool[seen:until], action=name)
            _freeze(workspace, now(), name)
        seen = until
    decide(workspace, answers, sorted(set(answers.label) - set(pool[:seen])), action="fer-plus")
    _freeze(workspace, now(), "fer-plus")


def _in_order(workspace: Workspace, answers: Answers, wanted: set[str]) -> list[str]:
    """Pictures with an answer, the most suspicious first."""
    suspects = workspace.suspects().sort_values(["quality", "sample_id"])
    return [name for name in suspects["sample_id"] if name in wanted and name in answers.label]


def _freeze(workspace: Workspace, created: datetime, name: str, **how: Any) -> None:
    freeze_version(workspace, name, created=created, ratios=_RATIOS, **how)


def _set(workspace: Workspace, table: str, **values: object) -> None:
    """Write settings into curate.toml, as a user would."""
    path = workspace.folder / "curate.toml"
    document = tomlkit.parse(path.read_text(encoding="utf-8"))
    document[table].update(values)
    path.write_text(tomlkit.dumps(document), encoding="utf-8")

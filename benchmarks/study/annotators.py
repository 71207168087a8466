"""FER+'s annotators as a reviewer: the strict plurality of ten votes answers, ties confirm the given label.

Source of the votes: Barsoum, Zhang, Canton Ferrer and Zhang 2016, Training Deep Networks for Facial Expression
Recognition with Crowd-Sourced Label Distribution.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np

from curate.catalog.decisions import append_decisions
from curate.decisions import Decision
from curate.emotions import BASIC_EMOTIONS, LABELS
from curate.workspace import Workspace

__all__ = ["Answers", "ask", "decide"]

_REVIEWER = "fer-plus"
_AT_ONCE = 2_000
_SAID = datetime(2016, 10, 1, tzinfo=UTC).isoformat()
"""When the votes were published: the answers are those of then."""


class Answers(NamedTuple):
    """What the annotators say of pictures that they saw.

    Attributes:
        label: sample_id -> label; a picture without a clear first has its given label.
        outside: sample_ids of which they say that they show none of the seven emotions.
    """

    label: dict[str, str]
    outside: frozenset[str]


def ask(workspace: Workspace) -> Answers:
    """Read the votes; those of identical pictures are added up."""
    occurrences, samples = workspace.occurrences(), workspace.samples()
    columns = [f"votes_{label}" for label in LABELS]
    votes = occurrences.dropna(subset=columns[0]).groupby("sample_id")[columns].sum()
    counts = votes.to_numpy(np.int64)
    top = counts.argmax(axis=1)
    clear = (counts == counts.max(axis=1, keepdims=True)).sum(axis=1) == 1
    given = samples.set_index("sample_id")["label"].reindex(votes.index).astype(object)
    label = {
        name: LABELS[place] if certain else said
        for name, place, certain, said in zip(votes.index, top.tolist(), clear.tolist(), given, strict=True)
        if certain or isinstance(said, str)
    }
    outside = frozenset(name for name, said in label.items() if said not in BASIC_EMOTIONS)
    return Answers(label, outside)


def decide(workspace: Workspace, answers: Answers, chosen: Sequence[str], *, action: str) -> None:
    """Answer for these pictures, once: an action that was written before is not written again."""
    given = workspace.samples().set_index("sample_id")["label"].astype(object).to_dict()
    lines = []
    for name in chosen:
        said, before = answers.label[name], given.get(name)
        kind = "confirm" if said == before else "relabel"
        shown = before if isinstance(before, str) else ""
        lines.append(
            Decision(
                action=action,
                kind=kind,
                sample_id=name,
                label=said,
                reviewer=_REVIEWER,
                at=_SAID,
                screen="study",
                given=shown,
            )
        )  # type: ignore[arg-type]
    with workspace.catalog() as catalog:
        for start in range(0, len(lines), _AT_ONCE):  # no transaction holds the lock for long
            part = [replace(line, action=f"{action}-{start}") for line in lines[start : start + _AT_ONCE]]
            append_decisions(catalog, part)

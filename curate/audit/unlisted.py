"""Emotions that people labelled, but that are not among the classes of the policy, so that no version holds them."""

from collections.abc import Sequence

import numpy as np

from curate.audit.dataset import Facts, Occurrences
from curate.audit.values import Unlisted
from curate.emotions import LABELS

__all__ = ["find_unlisted"]

_NO_EMOTION = ("unknown", "not_a_face")


def find_unlisted(facts: Facts, occurrences: Occurrences, classes: Sequence[str]) -> tuple[Unlisted, ...]:
    """Emotions beside the classes, in the order of `LABELS`.

    Args:
        facts: the workspace.
        occurrences: those audited.
        classes: of the policy.
    """
    audited = np.unique(occurrences.sample)
    audited = audited[np.logical_not(facts.samples.excluded[audited])]
    resolved = np.bincount(facts.samples.label[audited] + 1, minlength=len(LABELS) + 1)[1:]
    found = []
    for code, label in enumerate(LABELS):
        if label in classes or label in _NO_EMOTION:
            continue
        sources = np.bincount(occurrences.source[occurrences.given == code], minlength=len(facts.sources)).tolist()
        given = {name: count for name, count in zip(facts.sources, sources, strict=True) if count}
        if given or resolved[code]:
            wanted = ", ".join(f'"{each}"' for each in LABELS if each in classes or each == label)
            found.append(Unlisted(label, int(resolved[code]), given, f"classes = [{wanted}]"))
    return tuple(found)

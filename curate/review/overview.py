"""The log at a glance: who decided how much, how far reviewers agree, what is disputed."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from curate.decisions import DECISION_FIELDS, REPEAT_SCREENS, Decision, active_decisions, decision_values, fold
from curate.review.agreement import answers_by_reviewer, compare_reviewers, fleiss_kappa, measure_consistency
from curate.spreadsheets import to_csv

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["DecisionSummary", "log_to_csv", "summarise_decisions", "tabulate_log"]

_NOT_LOGGED = "confirmed, given not logged"
_DID = ("relabelled", "confirmed", "confirmed, not given", _NOT_LOGGED, "excluded", "skipped")
_AS_GIVEN = "says as given"
_FOR_PROGRAMS = ("sample_id", "other_id", "note", "action", "undoes")
_COLUMNS = ("at", "reviewer", "kind", "label", "shown", "given", "screen", *_FOR_PROGRAMS)


@dataclass(frozen=True, slots=True)
class DecisionSummary:
    """What there is to say about a log; tables are lists of rows.

    Attributes:
        log: as it is, oldest first.
        disputed: sample_ids on which reviewers are divided.
        reviewers: one row each: reviewer, pictures, relabelled, confirmed (a label that a source gave), "confirmed, not
            given" (the label that was shown, such as that of its copies, which no source gave the picture), excluded,
            skipped, undone, "says as given" (of the pictures that sources had labelled). A column "confirmed, given not
            logged" where older releases wrote such lines. Hidden repeats are left out.
        consistency: one row per reviewer who was shown pictures again.
        agreement: one row per two reviewers who share pictures.
        confusions: where two reviewers differ, most frequent first.
        fleiss: Fleiss' kappa in words.
    """

    log: list[Decision]
    disputed: frozenset[str]
    reviewers: list[dict[str, Any]]
    consistency: list[dict[str, Any]]
    agreement: list[dict[str, Any]]
    confusions: list[dict[str, Any]]
    fleiss: str


def summarise_decisions(log: Iterable[Decision]) -> DecisionSummary:
    """Sum up a log, oldest first."""
    lines = list(log)
    answers = answers_by_reviewer(lines)
    pairs = compare_reviewers(answers)
    return DecisionSummary(
        log=lines,
        disputed=fold(lines).disputed,
        reviewers=_by_reviewer(lines, answers),
        consistency=_consistency(lines),
        agreement=[
            {
                "reviewers": f"{each.a}, {each.b}",
                "shared pictures": each.shared,
                "agree": f"{100 * each.agreement:.0f} %",
                "Cohen's kappa": _kappa(each.kappa),
            }
            for each in pairs
        ],
        confusions=[
            {"one": pair.a, "says": one, "other": pair.b, "says too": two, "pictures": count}
            for pair in pairs
            for one, two, count in pair.confusions
        ],
        fleiss=_kappa(_fleiss(answers)),
    )


def tabulate_log(log: Sequence[Decision]) -> "pd.DataFrame":
    """The log as a table, newest first; columns as the attributes of `Decision`, those for people first."""
    import pandas as pd

    return pd.DataFrame(map(decision_values, log), columns=DECISION_FIELDS)[::-1][list(_COLUMNS)]


def log_to_csv(log: Sequence[Decision]) -> str:
    """The same as CSV for people: names and notes that would be formulas are marked as text."""
    return to_csv(tabulate_log(log))


def _consistency(lines: list[Decision]) -> list[dict[str, Any]]:
    return [
        {
            "reviewer": each.reviewer,
            "again": each.repeats,
            "same": _share(each.same, each.repeats),
            "mirrored": each.mirrored,
            "same mirrored": _share(each.mirrored_same, each.mirrored),
        }
        for each in measure_consistency(lines)
    ]


def _by_reviewer(lines: list[Decision], answers: dict[str, dict[str, str]]) -> list[dict[str, Any]]:
    counted = [line for line in active_decisions(lines) if line.screen not in REPEAT_SCREENS]
    stands = Counter((line.reviewer, _did(line)) for line in counted)
    shown = [did for did in _DID if did != _NOT_LOGGED or any(name == did for _, name in stands)]
    as_given = _as_given(counted, answers)
    rows = []
    undone = Counter(line.reviewer for line in lines if line.kind == "undo")
    for name in sorted({line.reviewer for line in lines}):
        counts = {did: stands[name, did] for did in shown}
        last = {"undone": undone[name], _AS_GIVEN: as_given.get(name, _share(0, 0))}
        rows.append({"reviewer": name, "pictures": len(answers.get(name, ())), **counts, **last})
    return rows


def _did(line: Decision) -> str:
    """What a line counts as; a label that no source gave is confirmed, but that is no agreement with a given one."""
    if line.kind != "confirm":
        return {"relabel": "relabelled", "exclude": "excluded", "skip": "skipped"}.get(line.kind, line.kind)
    if line.given is None:
        return _NOT_LOGGED
    return "confirmed" if line.label in line.given_labels else "confirmed, not given"


def _as_given(lines: list[Decision], answers: dict[str, dict[str, str]]) -> dict[str, str]:
    """Reviewer -> on how many of the pictures that sources had labelled they say what a source says."""
    known = {(line.reviewer, line.sample_id): line.given_labels for line in lines if line.given}
    said = {seat: answers.get(seat[0], {}).get(seat[1], "") for seat in known}
    judged = Counter(reviewer for (reviewer, _), label in said.items() if label)
    same = Counter(seat[0] for seat, label in said.items() if label in known[seat])
    return {name: _share(same[name], judged[name]) for name in judged}


def _fleiss(answers: dict[str, dict[str, str]]) -> float:
    names = sorted({label for own in answers.values() for label in own.values()})
    samples = sorted({sample_id for own in answers.values() for sample_id in own})
    counts = np.zeros((len(samples), len(names)), np.int64)
    row, column = ({name: place for place, name in enumerate(each)} for each in (samples, names))
    for own in answers.values():
        for sample_id, label in own.items():
            counts[row[sample_id], column[label]] += 1
    return fleiss_kappa(counts)


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole}"


def _kappa(value: float) -> str:
    return "not defined yet" if np.isnan(value) else f"{value:.2f}"

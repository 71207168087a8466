"""The tables of the page, as Markdown."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from study.results import BUDGET_LINE

__all__ = ["TABLES", "percent"]


def percent(found: Sequence[float | None]) -> str:
    """An estimate with its interval, in percent."""
    estimate, low, high = found
    told = f"{100 * (estimate or 0):.1f}"
    return told if low is None or high is None else f"{told} ({100 * low:.1f} to {100 * high:.1f})"


def points(found: Sequence[float | None]) -> str:
    """A difference with its interval, in points of percent."""
    estimate, low, high = found
    told = f"{100 * (estimate or 0):+.1f}"
    return told if low is None or high is None else f"{told} ({100 * low:+.1f} to {100 * high:+.1f})"


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [list(map(str, row)) for row in rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in [list(head), ["---"] * len(head), *lines])


def leaks(results: Mapping[str, Any]) -> str:
    """By class: official validation and test pictures with a copy in Training."""
    whole = next(each for each in results["leaks"] if each["split"] == "val+test")
    rows = [*sorted(whole["classes"], key=lambda each: -each["share"]), {**whole, "label": "**all**"}]
    return _table(
        ("class", "pictures", "same pixels", "near copy", "mirrored copy", "any copy"),
        (
            (
                e["label"],
                f"{e['pictures']:,}",
                f"{e['exact']:,}",
                f"{e['near']:,}",
                e["transformed"],
                f"{e['share']:.1%}",
            )
            for e in rows
        ),
    )


def versions(results: Mapping[str, Any]) -> str:
    """The versions with their sizes and digests."""
    return _table(
        ("version", "train", "val", "test", "digest"),
        (
            (
                f"`{e['name']}`",
                *(f"{e['rows'].get(split, 0):,}" for split in ("train", "val", "test")),
                e["digest"][:12],
            )
            for e in results["versions"]
        ),
    )


def published(results: Mapping[str, Any]) -> str:
    """The protocols that leak."""
    head = ("protocol", "recipe", "scored on", "runs", "accuracy", "mirror-averaged", "macro F1")
    rows = [
        (
            "official",
            e["recipe"],
            e["part"],
            e["seeds"],
            *(percent(e[k]) for k in ("accuracy", "accuracy_mirrored", "macro_f1")),
        )
        for e in results["official"]
    ]
    rows += [
        (
            e["protocol"],
            e["recipe"],
            "a fifth, at random",
            e["seeds"],
            percent(e["accuracy"]),
            "",
            percent(e["macro_f1"]),
        )
        for e in results["standings"]
        if e["protocol"] == "augment-then-split"
    ]
    return _table(head, rows)


def nearness(results: Mapping[str, Any]) -> str:
    """PublicTest pictures with and without a near copy in Training, told by either way of training."""
    return _table(
        ("recipe", "trained", "with a near copy", "without", "gap"),
        (
            (e["recipe"], e["trained"], percent(e["near"]), percent(e["apart"]), points(e["gap"]))
            for e in results["nearness"]
        ),
    )


def line(results: Mapping[str, Any]) -> str:
    """The leak-free scores on the gold test."""
    rows = [each for each in results["standings"] if not each["leaks"]]
    order = list(BUDGET_LINE)
    rows.sort(
        key=lambda e: (
            e["recipe"],
            e["version"] != "fer-v1",
            order.index(e["version"]) if e["version"] in order else 99,
        )
    )
    return _table(
        ("recipe", "version", "reviewed", "runs", "accuracy", "macro F1"),
        (
            (
                e["recipe"], f"`{e['version']}`", f"{BUDGET_LINE.get(e['version'].removesuffix('-x4'), 0):.0%}",
                e["seeds"], percent(e["accuracy"]), percent(e["macro_f1"]),
            )
            for e in rows
        ),
    )  # fmt: skip


def comparisons(results: Mapping[str, Any]) -> str:
    """What `curate compare` says."""
    return _table(
        ("recipe", "from", "to", "verdict", "accuracy, points", "macro F1, points"),
        (
            (e["recipe"], f"`{e['a']}`", f"`{e['b']}`", e["verdict"], points(e["accuracy"]), points(e["macro_f1"]))
            for e in sorted(results["comparisons"], key=lambda e: e["recipe"])
        ),
    )


def recalls(results: Mapping[str, Any]) -> str:
    """Recall by class before and after relabelling everything, quick recipe."""
    found = [
        e for e in results["comparisons"] if (e["a"], e["b"], e["recipe"]) == ("fer-v2", "fer-plus", "compact-quick")
    ]
    if not found:
        return ""
    return _table(
        ("class", "gold pictures", "recall with given labels", "with FER+ labels"),
        (
            (c["label"], f"{c['support']:,}", *(f"{100 * (c[k] or 0):.1f}" for k in ("recall_a", "recall_b")))
            for c in found[0]["classes"]
        ),
    )


def cost(results: Mapping[str, Any]) -> str:
    """Time by recipe and protocol."""
    return _table(
        ("recipe", "protocol", "runs", "core-seconds", "seconds"),
        (
            (e["recipe"], e["protocol"], e["runs"], f"{e['core_seconds']:,}", f"{e['seconds']:,}")
            for e in results["cost"]
        ),
    )


TABLES = {
    "leaks": leaks,
    "versions": versions,
    "published": published,
    "nearness": nearness,
    "line": line,
    "comparisons": comparisons,
    "recalls": recalls,
    "cost": cost,
}
"""Name in the template -> table."""

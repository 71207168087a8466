"""What a person should know or write after an ingest: labels without a meaning, idle votes, classes left out."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from curate.terminal import say

if TYPE_CHECKING:
    from curate.ingest import IngestSummary
    from curate.labellers import LabelHint

__all__ = ["print_advice", "print_hints", "print_unlisted"]

_NO_EMOTION = ("unknown", "not_a_face")


def print_advice(summary: "IngestSummary", fresh: Collection[str]) -> None:
    """Advice about the sources that were just taken in; of others, only that there is some."""
    from curate.ingest import NUMBERINGS
    from curate.labellers import hint_labels

    hints = hint_labels(summary.unmapped, NUMBERINGS)
    print_hints(hint for hint in hints if hint.source in fresh)
    others = sum(each.pictures for each in summary.unmapped if each.source not in fresh)
    if others:
        carry = "1 picture carries a label that means" if others == 1 else f"{others:,} pictures carry labels that mean"
        say(f"{carry} nothing here; `curate problems` says which, and what to write")
    _print_votes(summary, fresh)
    labels = {label for source in fresh for label in summary.given.get(source, ())}
    if any(source in summary.votes for source in fresh):
        labels |= set(summary.labels)  # votes label what no source does
    print_unlisted({label: count for label, count in summary.labels.items() if label in labels}, summary.classes)


def print_hints(hints: "Iterable[LabelHint]") -> None:
    """What to write into curate.toml about labels without a meaning."""
    for hint in hints:
        say(hint.text)
        for choice in hint.choices:
            say(f"  {choice}")


def print_unlisted(labels: Mapping[str, int], classes: Sequence[str]) -> None:
    """Emotions that no version holds.

    Args:
        labels: label -> pictures that have it.
        classes: of the policy.
    """
    for label, count in labels.items():
        if label not in classes and label not in _NO_EMOTION:
            listed = ", ".join(f'"{name}"' for name in (*classes, label))
            say(
                f"{_pictures(count)} labelled {label}, which is not among the classes in [policy]: versions leave them "
                f"out; to keep them write classes = [{listed}] there"
            )


def _print_votes(summary: "IngestSummary", fresh: Collection[str]) -> None:
    """What votes of new sources do not do, and would."""
    effect = summary.votes_effect
    names = [source for source in summary.votes if source in fresh]
    if effect is None or not names:
        return
    voted = sum(max(summary.votes[name].values()) for name in names)
    if not (effect.gained or effect.changed or effect.lost):
        say(f"{', '.join(names)}: votes on {voted:,} pictures; {effect.used:,} labels come from votes")
        return
    labels = "label" if effect.changed == 1 else "labels"
    say(
        f"{', '.join(names)}: votes on {voted:,} pictures overrule no given label and count only where there is none "
        f'({effect.used:,} pictures); votes = "majority" under [policy] in curate.toml would change '
        f"{effect.changed:,} {labels}, give {effect.gained:,} and take {effect.lost:,} (to unknown, not a face, or a "
        "class that is not listed)"
    )


def _pictures(count: int) -> str:
    return "1 picture is" if count == 1 else f"{count:,} pictures are"

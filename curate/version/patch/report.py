"""What applying a patch did: counts, and what became of every picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from curate.catalog.patches import Effect
from curate.version.patch.effects import NOTHING, PatchOutcome
from curate.version.patch.files import Patch
from curate.version.patch.matching import AMBIGUOUS, IDENTICAL, KINDS, RE_ENCODED, UNMATCHED, Matches
from curate.version.patch.nearest import FAR

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PatchConflict", "PatchReport", "make_report", "outcome_table"]


@dataclass(frozen=True, slots=True)
class PatchConflict:
    """A picture of which two patches say different things.

    Attributes:
        sample_id: the picture here.
        earlier: the version whose patch was applied before, and `earlier_says`, in words.
        says: what this patch says.
        kept: `earlier` or `this`; which of them holds now.
    """

    sample_id: str
    earlier: str
    earlier_says: str
    says: str
    kept: str


@dataclass(frozen=True, slots=True)
class PatchReport:
    """What applying a patch did.

    Attributes:
        version, digest: of the version that was exported.
        rows: pictures of the file.
        identical: of these, here pixel by pixel.
        re_encoded: here as a copy that was encoded again.
        ambiguous: perhaps here; not applied, because another picture is nearly as much alike.
        unmatched: not here.
        unmatched_local: pictures here that the file does not know.
        coverage: share of the file's pictures that were matched, 0 to 1.
        new: pictures of which it says something that did not hold before.
        excluded: pictures here that are now left out of versions because of this patch.
        labels_changed: pictures here whose label is now another one, open ones that have a label now among them.
        splits_kept: pictures whose split in the newest version here differs from what the patch says, and stays.
        conflicts: pictures of which an earlier patch says otherwise.
    """

    version: str
    digest: str
    rows: int
    identical: int
    re_encoded: int
    ambiguous: int
    unmatched: int
    unmatched_local: int
    coverage: float
    new: int
    excluded: int
    labels_changed: int
    splits_kept: int
    conflicts: tuple[PatchConflict, ...]


def make_report(
    patch: Patch,
    matches: Matches,
    settled: PatchOutcome,
    local: int,
    *,
    excluded: int,
    labels_changed: int,
    splits_kept: int,
) -> PatchReport:
    """Count; `local` is how many pictures there are here."""
    counts = np.bincount(matches.kind, minlength=len(KINDS)).tolist()
    matched = counts[IDENTICAL] + counts[RE_ENCODED]
    conflicts = [
        PatchConflict(
            sample_id,
            earlier.version,
            _in_words(earlier.effect),
            _in_words(settled.said[sample_id]),
            "this" if sample_id in settled.new else "earlier",
        )
        for sample_id, earlier in sorted(settled.conflicts.items())
    ]
    return PatchReport(
        version=patch.header["version"],
        digest=patch.header["digest"],
        rows=len(matches.kind),
        identical=counts[IDENTICAL],
        re_encoded=counts[RE_ENCODED],
        ambiguous=counts[AMBIGUOUS],
        unmatched=counts[UNMATCHED],
        unmatched_local=local - matched,
        coverage=matched / len(matches.kind) if len(matches.kind) else 1.0,
        new=len(settled.new),
        excluded=excluded,
        labels_changed=labels_changed,
        splits_kept=splits_kept,
        conflicts=tuple(conflicts),
    )


def outcome_table(
    patch: Patch, matches: Matches, effects: Sequence[Effect], settled: PatchOutcome, before: "pd.DataFrame"
) -> "pd.DataFrame":
    """One row per picture of the file, then one per picture here that it does not know.

    Columns: patch_sample (its sample_id in the file; missing = not in the file); local_sample (the picture here that it
    is, or may be); match (identical, re-encoded, ambiguous, unmatched); bits_64, bits_256 (by which their hashes
    differ); runner_up_bits (of all 320, of the nearest picture that would have brought another label or split);
    label_before (here); says (what the patch says of it); outcome (new, known, conflict, nothing said, not applied).

    Args:
        patch: the file.
        matches: of its pictures.
        effects: what it says of each.
        settled: what became of that.
        before: pictures here, before it was applied; columns sample_id and label.
    """
    import pandas as pd

    # The last entry is that of `NONE`, which is -1.
    names, labels = (np.array([*before[name].astype(object), None], object) for name in ("sample_id", "label"))
    applied = matches.kind >= RE_ENCODED
    local = names[matches.local]
    table = pd.DataFrame(
        {
            "patch_sample": patch.table.column("sample_id").to_pylist(),
            "local_sample": local,
            "match": np.array(KINDS, object)[matches.kind],
            "bits_64": _bits(matches.coarse),
            "bits_256": _bits(matches.fine),
            "runner_up_bits": _bits(matches.runner_up),
            "label_before": labels[matches.local],
            "says": [_in_words(each) for each in effects],
            "outcome": [
                _outcome(name, effect, settled) if here else "not applied"
                for name, effect, here in zip(local, effects, applied.tolist(), strict=True)
            ],
        }
    )
    rest = np.ones(len(before), bool)
    rest[matches.local[applied]] = False
    others = pd.DataFrame(
        {"local_sample": names[:-1][rest], "match": KINDS[UNMATCHED], "label_before": labels[:-1][rest]}
    )
    return pd.concat([table, others.assign(outcome="not in the patch")], ignore_index=True)


def _bits(values: np.ndarray) -> "pd.arrays.IntegerArray":
    import pandas as pd

    return pd.arrays.IntegerArray(np.where(values == FAR, 0, values).astype(np.int64), values == FAR)


def _outcome(sample_id: str, effect: Effect, settled: PatchOutcome) -> str:
    if sample_id in settled.conflicts:
        return "conflict, replaced" if sample_id in settled.new else "conflict, the earlier stays"
    if sample_id in settled.new:
        return "new"
    return "nothing said" if effect == NOTHING else "known"


def _in_words(effect: Effect) -> str:
    if effect.left_out is not None:
        return f"left out: {effect.left_out}"
    split = "" if effect.split is None else f" in {effect.split}" + (" (gold)" if effect.gold else "")
    return f"{effect.label or 'open'}{split}"

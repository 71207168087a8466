"""How versions, their differences and their checks look in a terminal."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from curate.cli.advice import print_unlisted
from curate.sample import OFFICIAL_SPLITS
from curate.terminal import print_table, say

if TYPE_CHECKING:
    import pandas as pd

    from curate.manifest import Derivation, Header, Verification, Version, VersionDiff

__all__ = ["diff_to_json", "print_diff", "print_header", "print_ratios", "print_unlabelled_test", "print_verification"]

_SHORT = 12
_EXAMPLES = 10
_LARGE, _LARGE_SHARE = 50, 0.1
"""A lineage group of so many pictures, and of such a share of all, is worth a look."""


def print_header(header: "Header") -> None:
    """What a version holds, what it leaves out, and why."""
    origin = f"child of {header.parent_name}, line {header.line}" if header.parent else "starts a line"
    say(f"{header.name}: {header.rows:,} pictures, digest {header.digest[:_SHORT]}, {origin}")
    if header.derived:
        _print_augmentation(header.derived)
    rows = [[label, *(header.counts[split][label] for split in OFFICIAL_SPLITS)] for label in header.classes]
    print_table(
        "Pictures by label and split", ["label", *OFFICIAL_SPLITS], [*rows, ["all", *header.split_sizes.values()]]
    )
    _print_gold(header)
    if header.left_out:
        print_table("Left out", ["why", "pictures"], list(header.left_out.items()))
        reasons = {re.fullmatch(r"label (\w+) is not listed", why): count for why, count in header.left_out.items()}
        print_unlisted({found[1]: count for found, count in reasons.items() if found}, header.classes)
    if header.held:
        say(f"{header.held:,} gold pictures stay, although they would be left out today (column `held`)")
    _print_fence(header)
    for patch in header.patches:
        say(f"patch {patch.version}, digest {patch.digest[:_SHORT]}: speaks of {patch.samples:,} pictures")
    if header.moved:
        moved = [(each.from_split, each.to_split, each.kind, each.rows) for each in header.moved]
        print_table("Official splits repaired", ["official", "now", "because of", "pictures"], moved)
    _print_joined(header)
    _print_choice(header)
    if not header.derived:
        _print_search(header)


def _print_joined(header: "Header") -> None:
    """What was withdrawn, by what evidence, and a lineage group so large that its evidence may be wrong."""
    if header.withdrawn:
        kinds = Counter(each.edge["kind"] for each in header.withdrawn)
        whose = header.parent_name or "patches"
        say(
            f"{len(header.withdrawn):,} pictures of {whose} were withdrawn: they belong with a higher split "
            f"(because of {_counted(kinds.most_common())})"
        )
    group = header.largest_group
    if group and group.pictures >= max(_LARGE, _LARGE_SHARE * group.of):
        show = f"`curate show {str(group.lineage_id)[:_SHORT]}`"
        say(
            f"one lineage group holds {group.pictures:,} of {group.of:,} pictures, and is never divided between "
            f"splits (because of {_counted(group.because_of.items())}); {show} shows one of them. "
            "Where a source says wrongly what belongs together, `curate forget SOURCE` undoes it"
        )


def _counted(counts: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{kind} {count:,}" for kind, count in counts)


def _print_search(header: "Header") -> None:
    """What the splits can be trusted for: copies that were not looked for may lie in several."""
    coverage = header.search
    if not coverage.complete:
        say(f"{coverage.extent}; run `curate duplicates`, or pictures of one photograph may lie in several splits")
        return
    doubt = f"; {header.doubtful:,} doubtful pairs" if header.doubtful else ""
    across = f", {header.doubtful_across_splits:,} of them across splits" if doubt else ""
    say(f"{coverage.extent}{doubt}{across}")
    if coverage.not_looked_for:
        say(f"it does not look for {', '.join(coverage.not_looked_for)} copies; `curate duplicates --thorough` does")


def _print_fence(header: "Header") -> None:
    """What left with its source, and what stays out of training because of it."""
    for sources in sorted({each.sources for each in header.departed}):
        counts = {each.split: each.rows for each in header.departed if each.sources == sources}
        parts = ", ".join(f"{count:,} {split}" for split, count in counts.items())
        say(
            f"{sum(counts.values()):,} pictures of {header.parent_name} left, as {sources} no longer delivers "
            f"them{' or was not chosen' * bool(header.get('chosen'))}: {parts}"
        )
    if any(each.split == "gold" for each in header.departed):
        say("the gold test is smaller now; scores are compared on the pictures that both versions hold")
    if header.fenced:
        say(
            f"{header.fenced:,} pictures that are no longer delivered were tested on earlier, or belong with such "
            "pictures: copies of them, and their persons and films, stay out of training"
        )
    if header.unsearched:
        say(
            f"{header.unsearched:,} of these are not in this workspace, so that copies of them cannot be found; "
            "ingest their source once, search, and forget it again"
        )


def print_unlabelled_test(version: "Version") -> None:
    """Pictures of official tests that have no label: a gold test without them is not the one that people know."""
    table = version.occurrences()
    test = table[table["official_split"] == "test"].drop_duplicates("sample_id")
    bare = int((test["left_out"] == "label is open").sum())
    if 20 * bare > len(test):
        say(
            f"{bare:,} of the {len(test):,} pictures of official tests have no label and are left out: scores on what "
            "remains are not comparable with published ones; ingest a source that labels them"
        )


def _print_gold(header: "Header") -> None:
    say(f"gold test: {header.gold.rows:,} pictures, {header.gold.digest[:_SHORT]}")
    if not header.gold.rows:
        say(
            "the gold test is empty: no version of this line can be scored or compared on one; start another line with "
            "--from none and a share for test, such as --ratios 80/10/10"
        )


def _print_choice(header: "Header") -> None:
    """What was chosen for this version alone, and what a file of splits came to."""
    chosen = {name: getattr(header.chosen, name, ()) for name in ("classes", "only", "without")}
    names = (f"{name} {', '.join(values)}" for name, values in chosen.items() if values)
    if said := "; ".join(names):
        say(f"chosen for this version alone: {said}")
    file = header.splits_file
    if file is None:
        return
    say(f"{file.name}: {file.followed:,} pictures lie where it says")
    parent = header.parent_name or "a patch"
    sentences = {
        "gold": "are gold pictures, which stay in the test",
        "settled": f"do not, as {parent} has placed them, or what belongs with them, elsewhere",
        "joined": "do not, as they are copies, or of one person or film, with pictures of a higher split",
        "left_out": "are left out of this version",
        "unknown": f"are not in this workspace, such as `{file.such_as}`",
    }
    for name, sentence in sentences.items():
        if count := getattr(file, name):
            say(f"  {count:,} of those it names {sentence}")


def print_ratios(header: "Header", ratios: str) -> None:
    """What `--ratios` did, where something else had placed pictures already."""
    parent = header.parent_name
    if not header.dealt:
        why = f"{parent} has given every picture its split; --from none deals all anew" if parent else ""
        say(f"--ratios {ratios} had no effect: {why or 'the official splits or a patch place every picture'}")
    elif parent:
        new = "1 new picture" if header.dealt == 1 else f"{header.dealt:,} new pictures"
        say(f"--ratios {ratios} divided {new}; all others keep the splits of {parent}")


def _print_augmentation(derived: "Derivation") -> None:
    recipe, every = derived.recipe, derived.splits == "all"
    where = "in all splits: the test is augmented, too" if every else f"in the {derived.splits} split"
    say(f"augmented by {recipe['name']} ({', '.join(recipe['transforms'])}) {where}")


def print_verification(checked: "Verification") -> None:
    """All findings, or that there are none."""
    pictures = "pictures were not checked, as there is no catalog" if checked.pictures is None else ""
    pictures = pictures or f"{checked.pictures:,} pictures compared with their digests"
    verdict = "is as it was released" if not checked.findings else f"has {len(checked.findings):,} findings"
    say(f"{checked.version} {verdict}: {checked.rows:,} rows, {checked.edges:,} lineage edges; {pictures}")
    for finding in checked.findings:
        say(f"  - {finding.kind}: {finding.text}")


def print_diff(changed: "VersionDiff") -> None:
    """Counts first, then label by label, then who changed what."""
    say(
        f"{changed.a} -> {changed.b}: {changed.same:,} rows the same, {len(changed.added):,} added, "
        f"{len(changed.removed):,} removed ({len(changed.withdrawn):,} of them withdrawn), "
        f"{len(changed.relabelled):,} relabelled, {len(changed.moved):,} moved"
    )
    columns = ["label", changed.a, changed.b, "added", "removed", "relabelled to", "relabelled from"]
    rows = [
        (each.label, each.before, each.after, each.added, each.removed, each.relabelled_to, each.relabelled_from)
        for each in changed.classes
    ]
    print_table("By label", columns, rows)
    a, b = changed.a, changed.b
    labels = {"label_a": f"label in {a}", "label_b": f"label in {b}", "label_origin": "because of", "label_by": "by"}
    _print_counts("Relabelled", changed.relabelled, labels)
    _print_counts("Moved", changed.moved, {"split_a": f"split in {a}", "split_b": f"split in {b}"})
    _print_counts("Removed", changed.removed, {"split": f"split in {a}", "why": "why"})
    _print_counts("Withdrawn, by the evidence", changed.withdrawn, {"split": f"split in {a}", "kind": "because of"})


def diff_to_json(changed: "VersionDiff") -> dict[str, Any]:
    """The whole difference, every row of it."""
    names = ("added", "removed", "relabelled", "moved", "withdrawn")
    tables = {name: _records(getattr(changed, name)) for name in names}
    classes = [{name: getattr(each, name) for name in each.__dataclass_fields__} for each in changed.classes]
    return {"a": changed.a, "b": changed.b, "same": changed.same, "classes": classes, **tables}


def _records(table: "pd.DataFrame") -> list[dict[str, Any]]:
    plain = table.astype(object).where(table.notna(), None)
    return [dict(zip(plain.columns, row, strict=True)) for row in plain.itertuples(index=False)]


def _print_counts(title: str, table: "pd.DataFrame", columns: Mapping[str, str]) -> None:
    """How often each combination of these columns occurs; they are printed under the names given."""
    if not len(table):
        return
    found = Counter(table[list(columns)].fillna("").itertuples(index=False, name=None))
    rows = [(*key, count) for key, count in found.most_common(_EXAMPLES)]
    more = len(table) - sum(row[-1] for row in rows)
    print_table(title + (f" (and {more:,} more of other kinds)" if more else ""), [*columns.values(), "pictures"], rows)

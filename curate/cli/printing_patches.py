"""How patches, and what applying them did, look in a terminal."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curate.terminal import print_table, say

if TYPE_CHECKING:
    from curate.version.patch import PatchReport

__all__ = ["print_patch", "print_patch_report"]

_SHORT = 12
_EXAMPLES = 10


def print_patch(header: Mapping[str, Any], file: Path) -> None:
    """What a patch holds, and whose pictures it speaks of."""
    say(
        f"{file}: {header['version']}, digest {header['digest'][:_SHORT]}, {header['rows']:,} pictures without pixels; "
        f"gold test of {header['gold']['rows']:,}"
    )
    print_table("Sources", ["name", "licence"], [(each["name"], each["licence"]) for each in header["sources"]])


def print_patch_report(report: "PatchReport") -> None:
    """What was matched, what it changed, and what was not done."""
    rows = [
        ("identical", report.identical),
        ("encoded again", report.re_encoded),
        ("ambiguous, not applied", report.ambiguous),
        ("not here", report.unmatched),
    ]
    print_table(f"Pictures of {report.version}, digest {report.digest[:_SHORT]}", ["", "pictures"], rows)
    say(
        f"{report.coverage:.1%} of {report.rows:,} matched; {report.unmatched_local:,} pictures here are not in "
        "the patch"
    )
    say(
        f"{report.new:,} new; {report.labels_changed:,} labels changed; {report.excluded:,} pictures are left out of "
        "versions from now on"
    )
    if report.splits_kept:
        say(
            f"{report.splits_kept:,} pictures keep the split that the newest version here gives them; the patch says "
            "otherwise"
        )
    if not report.conflicts:
        return
    found = Counter((each.earlier, each.earlier_says, each.says, each.kept) for each in report.conflicts)
    shown = [(*key, count) for key, count in found.most_common(_EXAMPLES)]
    columns = ["earlier patch", "says", "this one says", "holds", "pictures"]
    print_table(f"Conflicts with patches applied before: {len(report.conflicts):,}", columns, shown)
    if any(each.kept == "earlier" for each in report.conflicts):
        say("the earlier patch stays; --replace lets this one win")

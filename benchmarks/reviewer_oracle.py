"""Is what is wrong met first, and does what was decided arrive? An oracle reviews the demo in a real browser.

Usage: python benchmarks/reviewer_oracle.py [--people 150] [--seed 0]

The demo draws faces, plants wrong labels and fills the review queue. An oracle, who knows what was drawn, works through
it by keyboard, twice as many pictures as there are wrong labels. Then a version is released, and what `curate diff`
shows is compared with the keys that were pressed, picture by picture. Exits with 1 where a bar is missed: four in five
wrong labels met, and not one change more or less than keys.
"""

import argparse
import datetime as dt
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from curate.demo import drawn_emotions, prepare_demo, wrong_labels

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from browsing import browsing, load, serving
from oracle import Look, changes_shown, changes_told, review

NOON = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
WANTED = 0.8


def main() -> None:
    """Review, release, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=150)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        made = prepare_demo(Path(folder) / "demo", created=NOON, seed=options.seed, people=options.people)
        workspace = made.workspace
        wrong, truth = wrong_labels(workspace, made.planted), drawn_emotions(workspace, made.planted)
        started = time.perf_counter()
        with serving(workspace.folder) as server, browsing() as browser:
            looks = review(browser.new_page(), server, truth, looks=2 * len(wrong))
        print(f"{len(looks)} looks in {time.perf_counter() - started:.0f} s, with the server's start; {load()}")
        shown, more = changes_shown(workspace, "v1", "v2", created=NOON + dt.timedelta(hours=1))
    missed = compare(looks, wrong, truth, shown) or bool(more)
    print(f"shown besides: {more or 'nothing'}")
    sys.exit(missed)


def compare(
    looks: list[Look], wrong: Mapping[str, str], truth: Mapping[str, str], shown: Mapping[str, tuple[str, str]]
) -> bool:
    """Print how both bars are met; is one missed?"""
    met = len({look.sample for look in looks} & wrong.keys())
    repeats = sum(look.screen != "queue" for look in looks)
    print(
        f"wrong labels: {len(wrong)} planted, {met} met ({met / len(wrong):.1%}); hidden repeats on the way: {repeats}"
    )
    told = changes_told(looks, truth)
    same = sum(shown.get(sample) == change for sample, change in told.items())
    print(f"labels changed by key: {len(told)}; shown by the diff: {len(shown)}; the same in both: {same}")
    return met < WANTED * len(wrong) or shown != told


if __name__ == "__main__":
    main()

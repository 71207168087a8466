"""The study of FER-2013: from the raw files to `docs/fer2013.md`, in one command that can be stopped and started again.

    python benchmarks/fer2013_study.py FER2013.csv FERPLUS CK48 FOLDER [--page docs/fer2013.md] [--patches DIR]

FERPLUS is `fer2013new.csv`, or a zip that holds it. FOLDER takes the workspace and the results. What is there already
(versions, decisions, trained runs) is not made again. `--seeds 1` and `--without compact` make a shorter study;
`--until versions` stops before training. `--again VERSION` trains one run of a finished study anew, in a copy of its
workspace, and says whether its predictions are the same.
"""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from study.again import train_again
from study.collection import make_workspace, measure_ceiling
from study.page import write_page
from study.results import collect_results
from study.training import train_all
from study.versions import export_patches, make_versions

from curate.terminal import bars, without_decoder_noise


def main() -> int:
    """Run the study, or go on with it."""
    arguments = _arguments()
    folder: Path = arguments.folder
    if arguments.again:
        return train_again(folder / "workspace", arguments.again, now=_now)
    with without_decoder_noise():
        workspace, found = make_workspace(
            folder, fer2013=arguments.fer2013, ferplus=arguments.ferplus, ck48=arguments.ck48, progress=bars
        )
        ceilings = measure_ceiling(folder, arguments.ferplus, progress=bars)
        make_versions(workspace, now=_now, progress=bars)
        if arguments.patches:
            export_patches(workspace, arguments.patches)
        if arguments.until == "versions":
            return 0
        train_all(workspace, now=_now, seeds=range(arguments.seeds), without=arguments.without, progress=bars)
    results = collect_results(workspace, {**found, "ceilings": ceilings})
    print(f"results {results.digest}, in {results.write(folder / 'results.json')}")
    print(f"page {write_page(results, arguments.page)}")
    return 0


def _now() -> datetime:
    return datetime.now(UTC)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("fer2013", "ferplus", "ck48", "folder"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--page", type=Path, default=Path("docs/fer2013.md"))
    parser.add_argument("--patches", type=Path, help="write the label patches of fer-v2 and fer-v3 there")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--without", action="append", default=[], metavar="RECIPE")
    parser.add_argument("--until", choices=("versions", "page"), default="page")
    parser.add_argument("--again", metavar="VERSION")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

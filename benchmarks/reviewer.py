"""How long a reviewer waits, and whether anything is lost: the browser reviewer on many generated samples.

Usage: python benchmarks/reviewer.py [--samples 100000] [--decisions 200] [--workspace DIR]
       python benchmarks/reviewer.py --kills 2 --browsers 4 --decisions 250

The first way: one browser decides by keyboard alone; from each keydown to the next picture painted, and what the server
takes of memory and processor. The second: several browsers at once, each with a reviewer of its own, all pressing a key
at the same time, while the server is killed with SIGKILL and started again; whatever a screen showed as taken must
be in the catalog, exactly once, and no picture twice.

Samples are noise, 48x48, with made-up suspects. A workspace that is named is made once and used again.
"""

import argparse
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

from curate.ingest import ingest_source
from curate.workspace import Workspace

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from browsing import Server, browsing, latencies, load, press, serving, wait_for_board, wait_for_next

SUSPECTS = """
import numpy as np, pandas as pd
from curate.emotions import LABELS
from curate.workspace import Workspace

def suspects(self):
    table = self.samples()[["sample_id", "label"]].dropna().reset_index(drop=True)
    rng = np.random.default_rng(0)
    found = table.rename(columns={"label": "given_label"})
    found["suggested_label"] = np.array(LABELS)[rng.integers(0, 7, len(table))]
    found["second_suggestion"] = np.array(LABELS)[rng.integers(0, 7, len(table))]
    found["quality"], found["reason"], found["fold"] = rng.random(len(table)), "made up", 0
    for place, chances in enumerate(rng.dirichlet(np.full(7, 0.4), len(table)).T):
        found[f"prob_{LABELS[place]}"] = chances
    return found

Workspace.suspects = suspects
"""
KEYS = "1234567890xy"


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=100_000)
    parser.add_argument("--decisions", type=int, default=200)
    parser.add_argument("--browsers", type=int, default=1)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--workspace", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = options.workspace or Path(folder) / "workspace"
        workspace = Workspace(path) if path.exists() else make(path, options.samples)
        with serving(workspace.folder, before=SUSPECTS) as server:
            if options.browsers == 1 and not options.kills:
                one_reviewer(server, options.decisions)
            else:
                many_reviewers(server, workspace, options.browsers, options.decisions, options.kills)


def make(path: Path, count: int) -> Workspace:
    """A workspace of `count` noise pictures, by way of a generated fer2013.csv."""
    rng = np.random.default_rng(0)
    workspace = Workspace.create(path)
    table = path / "fer2013.csv"
    with table.open("w", encoding="ascii") as file:
        file.write("emotion,pixels,Usage\n")
        for _ in range(count):
            pixels = " ".join(map(str, rng.integers(0, 256, 2304, dtype=np.uint8)))
            file.write(f"{rng.integers(0, 7)},{pixels},Training\n")
    ingest_source(workspace, table)
    table.unlink()
    return workspace


def one_reviewer(server: Server, decisions: int) -> None:
    """Decide by keyboard, and say how long it took."""
    with browsing() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        started = time.perf_counter()
        page.goto(server.address("ann"))
        wait_for_board(page)
        print(f"first picture after {time.perf_counter() - started:.1f} s; server {server.memory_mb():.0f} MB")
        busy = server.processor_s()
        for number in range(decisions):
            press(page, KEYS[number % len(KEYS)])
        busy = server.processor_s() - busy
        waited = latencies(page)
        median, late = statistics.median(waited), np.percentile(waited, 95)
        print(f"{len(waited)} decisions, keydown to next picture painted, {load()}")
        print(f"median {median:.0f} ms, p95 {late:.0f} ms, worst {max(waited):.0f} ms")
        print(f"server {server.memory_mb():.0f} MB, {1000 * busy / decisions:.0f} ms of processor a decision")


def many_reviewers(server: Server, workspace: Workspace, browsers: int, decisions: int, kills: int) -> None:
    """Decide in several browsers at once while the server is killed; compare screens with the catalog."""
    before = len(workspace.decisions())
    shown: dict[str, list[str]] = {f"reviewer-{before}-{number}": [] for number in range(browsers)}
    done = threading.Event()
    killer = threading.Thread(target=kill_on_the_way, args=(server, shown, browsers * decisions, kills, done))
    killer.start()
    with browsing() as browser:
        pages = {name: browser.new_context().new_page() for name in shown}
        for name, page in pages.items():
            page.goto(server.address(name))
        for number in range(decisions):
            on_screen = {name: wait_for_board(page)["sample"] for name, page in pages.items()}
            for page in pages.values():
                page.keyboard.press(KEYS[number % len(KEYS)])
            for name, page in pages.items():
                wait_for_next(page, on_screen[name])
                shown[name].append(on_screen[name])
    done.set()
    killer.join()
    print(f"{browsers} browsers, {load()}")
    compare(shown, workspace.decisions()[before:])


def compare(shown: dict[str, list[str]], log: pd.DataFrame) -> None:
    """What the screens showed as taken, against what the catalog holds."""
    kept = {name: Counter(log[log.reviewer == name].sample_id) for name in shown}
    lost = sum((Counter(own) - kept[name]).total() for name, own in shown.items())
    extra = sum((kept[name] - Counter(own)).total() for name, own in shown.items())
    met = log[log.screen == "queue"].groupby("sample_id").reviewer.nunique()
    print(f"shown as taken {sum(map(len, shown.values()))}, in the catalog {len(log)}")
    print(f"lost {lost}, more than shown {extra}, actions written twice {int(log.action.duplicated().sum())}")
    print(f"pictures shown to two reviewers {int((met > 1).sum())}")


def kill_on_the_way(server: Server, shown: dict[str, list[str]], total: int, kills: int, done: threading.Event) -> None:
    """Kill the server `kills` times, evenly over the work, and start it again."""
    for number in range(kills):
        while sum(map(len, shown.values())) < total * (number + 1) / (kills + 1) and not done.wait(0.02):
            pass
        server.kill()
        print(f"killed after {sum(map(len, shown.values()))} decisions", flush=True)
        server.start()


if __name__ == "__main__":
    main()

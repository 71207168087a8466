"""The loop closed by hand: a queue that the demo fills, worked through in a browser by somebody who knows the truth."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from browsing import browsing, chromium, serving
from oracle import changes_shown, changes_told, review

from curate.demo import drawn_emotions, prepare_demo, wrong_labels

pytest.importorskip("streamlit", reason="the reviewer needs Streamlit")
pytest.importorskip("playwright", reason="no Playwright to drive a browser with")
pytestmark = pytest.mark.skipif(chromium() is None, reason="no Chromium; on Debian: apt-get install chromium")

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_an_oracle_meets_the_planted_labels_and_the_diff_shows_what_it_changed(tmp_path: Path) -> None:
    made = prepare_demo(tmp_path / "demo", created=NOON, seed=1, people=30)
    workspace = made.workspace
    wrong, truth = wrong_labels(workspace, made.planted), drawn_emotions(workspace, made.planted)
    with serving(workspace.folder) as server, browsing() as browser:
        looks = review(browser.new_page(), server, truth, looks=2 * len(wrong))
    assert len({look.sample for look in looks} & wrong.keys()) >= 0.8 * len(wrong) > 0
    log = workspace.decisions().drop_duplicates("action")  # the picture on screen, then its copies
    taken = list(zip(log["sample_id"], log["screen"], log["label"], strict=True))
    assert taken == [(look.sample, look.screen, truth[look.sample]) for look in looks]
    changed, else_shown = changes_shown(workspace, "v1", "v2", created=NOON + timedelta(hours=1))
    assert changed == changes_told(looks, truth)
    assert else_shown == {}

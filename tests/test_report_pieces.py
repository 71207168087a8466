"""The pieces of a report: text that stays text, plots in the page's colours, groups worth a look."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from layouts import png, write_tree
from reading import read_page, tags_of
from released import NOON

from curate.gallery import Tile
from curate.ingest import ingest_source
from curate.report import report_version
from curate.report.charts import IntervalRow, bar_plot, confusion_plot, interval_plot
from curate.report.groups import draw_groups, group_pictures
from curate.report.markup import card, faces, join, sentence, strong, table
from curate.report.plots import short
from curate.version import freeze_version
from curate.workspace import Workspace

HOSTILE = "<script>alert(1)</script> & \"'"


def test_plain_text_is_escaped_wherever_it_stands() -> None:
    escaped = "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &#34;&#39;"
    assert sentence(HOSTILE) == f"<p>{escaped}</p>"
    assert join(HOSTILE, strong("x")) == f"{escaped}<b>x</b>"
    assert card(HOSTILE, HOSTILE) == f'<div class="card"><h3>{escaped}</h3>{escaped}</div>'
    assert f'<td class="words">{escaped}</td>' in table(["name"], [(HOSTILE,)])
    tile = faces([Tile(b"", (HOSTILE,))])
    assert f"<span>{escaped}</span>" in tile
    assert f'alt="{escaped}"' in tile


def test_names_that_turn_the_reading_direction_turn_nothing_around_them() -> None:
    assert strong("\u202eevil\x07") == "<b><bdi>\ufffdevil\ufffd</bdi></b>"
    assert short("\u202eevil\n\x07") == "\ufffdevil \ufffd"
    assert strong("\u0627\u0628") == "<b><bdi>\u0627\u0628</bdi></b>"


def test_numbers_are_written_for_people_and_aligned() -> None:
    shown = table(["what", "count"], [("a", 1234), ("b", None)], title="Counts")
    assert shown == (
        '<div class="table"><table><caption>Counts</caption><thead><tr><th class="words" scope="col">what</th>'
        '<th class="number" scope="col">count</th></tr></thead><tbody><tr><td class="words">a</td>'
        '<td class="number">1,234</td></tr><tr><td class="words">b</td><td class="number"></td></tr></tbody>'
        "</table></div>"
    )


@pytest.mark.parametrize("name", [HOSTILE, r"$\frac{1}{$ \alpha", "-->", "表情 \u202e", "n" * 5000, "a\nb"])
def test_names_in_plots_are_text_and_not_formulas(name: str) -> None:
    plots = [
        bar_plot("one", {name: {name: 3}}, xlabel=short(name), caption=name, parts=[name]),
        confusion_plot("two", np.eye(2), [name, "b"], [name, "b"], axes_are=("a", "b"), caption=name),
        interval_plot("three", [IntervalRow(name, 0.5, 0.4, 0.6)], xlabel="x", caption=name, lines={name: 0.7}),
    ]
    for plot in plots:
        assert "<script" not in plot
        assert "<!--" not in plot
        assert "var(--text)" in plot


def test_plots_take_their_colours_from_the_page() -> None:
    plot = bar_plot("bars", {"a": {"x": 1, "y": 2}}, xlabel="count", caption="c", parts=["x", "y"])
    assert "#0102" not in plot
    assert all(f"var(--{name})" in plot for name in ("s1", "s2", "text", "quiet", "line"))
    assert plot == bar_plot("bars", {"a": {"x": 1, "y": 2}}, xlabel="count", caption="c", parts=["x", "y"])


def test_groups_are_the_components_of_pairs_and_not_of_people() -> None:
    edges = pd.DataFrame(
        [("a", "b", "copy"), ("b", "c", "re-cropped"), ("d", "e", "mirrored"), ("e", "f", "subject")],
        columns=["sample_a", "sample_b", "kind"],
    )
    assert group_pictures(edges) == [["a", "b", "c"], ["d", "e"]]
    assert group_pictures(edges.iloc[:0]) == []


def test_contradicting_groups_come_first_then_leaks_then_the_largest() -> None:
    names = "abcdefgh"
    edges = pd.DataFrame(
        [("a", "b", "copy"), ("c", "d", "copy"), ("e", "f", "copy"), ("f", "g", "copy"), ("g", "h", "copy")],
        columns=["sample_a", "sample_b", "kind"],
    )
    occurrences = pd.DataFrame(
        {
            "sample_id": list(names),
            "given_label": ["sad"] * 3 + ["fear"] + ["sad"] * 4,
            "source": "s",
            "official_split": ["train", "test"] + ["train"] * 6,
            "left_out": [None, "copy of a kept picture"] * 4,
        }
    )
    drawn = draw_groups(edges, occurrences)
    assert [each.title for each in drawn] == [
        "2 pictures: given labels contradict each other",
        "2 pictures: in several official splits",
        "4 pictures: among the largest groups",
    ]
    assert [each.lines for each in drawn[0].pictures] == [("c", "sad s train", "kept"), ("d", "fear s train", "")]


def test_hostile_names_from_files_reach_the_page_as_text(tmp_path: Path) -> None:
    hostile = HOSTILE.replace("/", "|")
    workspace = Workspace.create(tmp_path / "w")
    happy = {f"train/happy/{hostile}{number}.png": png(number) for number in range(4)}
    sad = {f"test/sad/{number}.png": png(number) for number in range(3, 6)}
    ingest_source(workspace, write_tree(tmp_path / "faces", happy), name=hostile)
    ingest_source(workspace, write_tree(tmp_path / "others", sad), name="$x$ \u202e")
    freeze_version(workspace, "v1", created=NOON, keep_official_splits=True)
    path = report_version(workspace, "v1", tmp_path / "v1.html", created=NOON).path
    assert "script" not in tags_of(path)
    page = read_page(path)
    assert page["sources"].tables["table 1"][1][0] == hostile
    assert page["conflicts"].plots == 1
    assert f"'{hostile.split()[0]}" in page["reproduce"].text.replace('"', "")

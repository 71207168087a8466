"""What a person is told about labels after an ingest: once, for one source, and never a guess about numbers."""

import json
from pathlib import Path

import pytest
from layouts import VOTE_HEADER, face, pixel_text, png, table_text, votes_for, write_tree, write_zip
from test_cli import run
from test_workspace import edit

from curate.emotions import FER2013_IDS, nearest_label
from curate.ingest import NUMBERINGS
from curate.labellers import LabelHint, Unmapped, hint_labels
from curate.workspace import Workspace


def test_a_name_is_hinted_for_its_own_source() -> None:
    (hint,) = hint_labels([Unmapped("my faces", 'hap"y', 12, "happy")])
    assert hint == LabelHint(
        "my faces",
        'my faces: 12 pictures are labelled `hap"y`, which means nothing here; write "hap\\"y" = "happy" under '
        '[labels."my faces"] in curate.toml',
    )


def test_numbers_are_never_guessed_but_known_numberings_are_listed_with_what_they_would_give() -> None:
    counts = {"1": 15, "2": 3, "7": 4}
    (hint,) = hint_labels([Unmapped("raf", label, count, None) for label, count in counts.items()], NUMBERINGS)
    assert hint.text == (
        "raf: 22 pictures are labelled by numbers (1, 2, 7), which every dataset numbers in its own way; look at some, "
        "and write what each means under [labels.raf] in curate.toml; as in"
    )
    assert hint.choices == (
        'CK+ as a table: "1" = "disgust", "2" = "fear", "7" = "contempt" would give disgust 15, fear 3, contempt 4',
        'RAF-DB: "1" = "surprise", "2" = "fear", "7" = "neutral" would give surprise 15, fear 3, neutral 4',
        'AffectNet: "1" = "happy", "2" = "sad", "7" = "contempt" would give happy 15, sad 3, contempt 4',
        'CK+: "1" = "angry", "2" = "contempt", "7" = "surprise" would give angry 15, contempt 3, surprise 4',
    )


def test_numbers_that_no_known_numbering_has_are_said_to_be_so() -> None:
    (hint,) = hint_labels([Unmapped("x", "77", 1, None)], NUMBERINGS)
    assert hint.text.endswith("; no numbering known here has all of them")


@pytest.mark.parametrize("name", ["not_contempt", "non-happy", "no fear"])
def test_what_a_name_denies_is_not_suggested(name: str) -> None:
    assert nearest_label(name) is None


def test_hints_are_given_once_and_later_by_problems(workspace: Workspace, tmp_path: Path) -> None:
    here = ("--workspace", workspace.folder)
    first = run("ingest", write_tree(tmp_path / "x", {"grin/1.png": png(1), "happy/2.png": png(2)}), *here).stdout
    hint = 'x: 1 pictures are labelled `grin`, which means nothing here; write "grin" = "..." under [labels.x]'
    assert first.count(hint) == 1
    second = run("ingest", write_tree(tmp_path / "y", {"sad/3.png": png(3)}), *here).stdout
    assert "grin" not in second.replace("unmapped", "")
    assert "1 picture carries a label that means nothing here; `curate problems` says which" in second
    assert hint in run("problems", *here).stdout
    assert hint not in run("problems", "y", *here).stdout


def test_problems_are_listed_with_their_places_and_can_be_chosen(workspace: Workspace, tmp_path: Path) -> None:
    here = ("--workspace", workspace.folder)
    run(
        "ingest", write_tree(tmp_path / "x", {"happy/1.png": b"broken", "happy/a.txt": b"", "sad/2.png": png(2)}), *here
    )
    run("ingest", write_tree(tmp_path / "y", {"grin/1.png": png(1), "sad/b.doc": b""}), *here)
    shown = run("problems", "--kind", "ignored-file", *here).stdout
    assert ("happy/a.txt" in shown, "sad/b.doc" in shown, "happy/1.png" in shown) == (True, True, False)
    found = json.loads(run("problems", "x", "--json", *here).stdout)
    assert [(each["key"], each["kind"]) for each in found["problems"]] == [
        ("happy/1.png", "broken-picture"),
        ("happy/a.txt", "ignored-file"),
    ]
    assert found["labels"] == []
    (label,) = json.loads(run("problems", "y", "--json", *here).stdout)["labels"]
    assert (label["label"], label["pictures"]) == ("grin", 1)
    assert "no source `z`" in str(run("problems", "z", *here).exception)


def with_votes(folder: Path) -> Path:
    """fer2013.csv of seven rows; annotators agree with five, contradict one and see no face in one."""
    said = [FER2013_IDS[number] for number in range(5)] + ["sad", "not_a_face"]
    rows = [[number, pixel_text(face(number)), "Training"] for number in range(7)]
    votes = [["Training", f"fer{number}.png", *votes_for(said[number])] for number in range(7)]
    write_tree(folder, {"fer2013.csv": table_text(["emotion", "pixels", "Usage"], rows)})
    write_tree(folder, {"fer2013new.csv": table_text(VOTE_HEADER, votes)})
    return folder


def test_votes_that_overrule_nothing_are_told_with_what_they_would_do(workspace: Workspace, tmp_path: Path) -> None:
    folder, here = with_votes(tmp_path / "d"), ("--workspace", workspace.folder)
    take_in = ("ingest", folder / "fer2013.csv", "--labels", folder / "fer2013new.csv", *here)
    said = run(*take_in).stdout
    assert (
        "fer2013: votes on 7 pictures overrule no given label and count only where there is none (0 pictures); "
        'votes = "majority" under [policy] in curate.toml would change 1 label, give 0 and take 1 (to unknown, not a '
        "face, or a class that is not listed)"
    ) in said
    assert "overrule no given label" not in run(*take_in).stdout
    edit(workspace, 'votes = "none"', 'votes = "majority"')
    labels = workspace.samples()["label"].value_counts().to_dict()
    assert labels == {"angry": 1, "disgust": 1, "fear": 1, "happy": 1, "sad": 2, "not_a_face": 1}


def test_a_class_that_versions_do_not_hold_is_told_at_ingest_and_at_freeze(
    workspace: Workspace, tmp_path: Path
) -> None:
    here = ("--workspace", workspace.folder)
    files = {f"contempt/{n}.png": png(n) for n in range(3)} | {f"happy/{n}.png": png(n) for n in range(3, 12)}
    sentence = (
        "3 pictures are labelled contempt, which is not among the classes in [policy]: versions leave them out; to "
        'keep them write classes = ["angry", "disgust", "fear", "happy", "neutral", "sad", "surprise", '
        '"contempt"] there'
    )
    assert sentence in run("ingest", write_tree(tmp_path / "x", files), *here).stdout
    assert sentence not in run("ingest", write_tree(tmp_path / "y", {"sad/1.png": png(20)}), *here).stdout
    assert sentence in run("freeze", "v1", *here).stdout


def test_votes_that_contradict_no_given_label_are_told_shortly(workspace: Workspace, tmp_path: Path) -> None:
    files = {f"FER2013Train/fer{n}.png": png(n) for n in range(2)}
    votes = [["Training", f"fer{n}.png", *votes_for("happy")] for n in range(2)]
    folder = write_tree(tmp_path / "plus", {**files, "fer2013new.csv": table_text(VOTE_HEADER, votes)})
    said = run("ingest", folder, "--workspace", workspace.folder).stdout
    assert "plus: votes on 2 pictures; 2 labels come from votes" in said
    assert "overrule" not in said


def test_a_class_that_only_votes_give_is_said_to_be_left_out_too(workspace: Workspace, tmp_path: Path) -> None:
    table = table_text(VOTE_HEADER, [["Training", "fer0000000.png", *votes_for("contempt", others=1)]])
    files = {"FER2013Train/fer0000000.png": png(1), "fer2013new.csv": table}
    said = run("ingest", write_zip(tmp_path / "ferplus.zip", files), "--workspace", workspace.folder).stdout
    assert "1 picture is labelled contempt, which is not among the classes in [policy]" in said

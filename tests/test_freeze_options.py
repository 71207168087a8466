"""What is chosen when a version is frozen: it is done, said, or refused; never silently without effect."""

from pathlib import Path

import pytest
from layouts import face, png, write_tree
from test_cli import run

from curate.errors import VersionError, VersionUnchanged
from curate.images import encode_jpeg
from curate.ingest import ingest_source
from curate.manifest import verify_version
from curate.workspace import Workspace

LABELS = ("happy", "sad", "fear")


def faces(numbers: range, split: str = "") -> dict[str, bytes]:
    return {f"{split}{LABELS[number % 3]}/{number}.png": png(number, LABELS[number % 3]) for number in numbers}


@pytest.fixture
def filled(workspace: Workspace, tmp_path: Path) -> Workspace:
    ingest_source(workspace, write_tree(tmp_path / "faces", faces(range(30))))
    return workspace


def freeze(workspace: Workspace, *arguments: object) -> str:
    result = run("freeze", *arguments, "--workspace", workspace.folder)
    if result.exception:
        raise result.exception
    return result.stdout


def test_a_line_without_a_test_is_said_to_be_unscorable(filled: Workspace) -> None:
    said = freeze(filled, "v1", "--ratios", "100/0/0")
    assert (
        "the gold test is empty: no version of this line can be scored or compared on one; start another line with "
        "--from none and a share for test, such as --ratios 80/10/10\n"
    ) in said
    assert "is empty" not in freeze(filled, "v2", "--from", "none")


def test_ratios_without_effect_are_said(filled: Workspace, tmp_path: Path) -> None:
    freeze(filled, "v1")
    said = freeze(filled, "v2", "--ratios", "60/20/20")
    assert "--ratios 60/20/20 had no effect: v1 has given every picture its split; --from none deals all anew\n" in said
    ingest_source(filled, write_tree(tmp_path / "more", faces(range(50, 60))))
    said = freeze(filled, "v3", "--ratios", "60/20/20")
    assert "--ratios 60/20/20 divided 10 new pictures; all others keep the splits of v2\n" in said
    assert "--ratios" not in freeze(filled, "v4", "--keep-copies")


def test_ratios_beside_official_splits_are_said(workspace: Workspace, tmp_path: Path) -> None:
    files = {**faces(range(12), "train/"), **faces(range(20, 26), "test/")}
    ingest_source(workspace, write_tree(tmp_path / "faces", files))
    said = freeze(workspace, "v1", "--keep-official-splits", "--ratios", "60/20/20")
    assert "--ratios 60/20/20 had no effect: the official splits or a patch place every picture\n" in said


def test_a_version_that_would_be_its_parent_again_is_not_written_unless_asked(filled: Workspace) -> None:
    freeze(filled, "v1")
    digest = filled.version("v1").header["digest"]
    with pytest.raises(VersionUnchanged) as caught:
        freeze(filled, "v2")
    assert str(caught.value) == (
        f"v2 would be v1 again (digest {digest[:12]}): no picture, label, split or setting changed; nothing was "
        "written. --even-if-unchanged releases it all the same"
    )
    assert sorted(path.name for path in filled.manifests.iterdir()) == ["v1"]
    freeze(filled, "v2", "--even-if-unchanged")
    assert filled.version("v2").header["digest"] == digest


def findings(workspace: Workspace, name: str) -> list[str]:
    return [each.text for each in verify_version(workspace.manifests, name, state=workspace.state).findings]


def refusal(workspace: Workspace, *arguments: object) -> str:
    with pytest.raises(VersionError) as caught:
        freeze(workspace, *arguments)
    assert workspace.version_names() == []
    return str(caught.value)


@pytest.fixture
def two(filled: Workspace, tmp_path: Path) -> Workspace:
    """Another source that shares pictures 0 to 5, calls picture 0 angry, and has a JPEG copy of picture 6."""
    files = {f"{LABELS[number % 3]}/{number}.png": png(number, LABELS[number % 3]) for number in range(1, 6)}
    files |= faces(range(40, 52)) | {"angry/0.png": png(0, "happy"), "happy/six.jpg": encode_jpeg(face(6, "happy"), 90)}
    ingest_source(filled, write_tree(tmp_path / "others", files))
    run("duplicates", "--workspace", filled.folder)
    return filled


def sources_of(workspace: Workspace, name: str) -> set[str]:
    return set(", ".join(workspace.version(name).rows()["sources"]).split(", "))


def test_classes_are_chosen_for_one_version(filled: Workspace) -> None:
    said = freeze(filled, "v1", "--classes", "happy,sad")
    header = filled.version("v1").header
    assert "chosen for this version alone: classes happy, sad\n" in said
    assert (header["classes"], header["rows"]) == (["happy", "sad"], 20)
    assert header["chosen"] == {"classes": ["happy", "sad"]}
    assert findings(filled, "v1") == []


def test_a_version_without_a_source_is_as_if_it_had_never_come(two: Workspace, tmp_path: Path) -> None:
    freeze(two, "v1", "--without", "others")
    alone = Workspace.create(tmp_path / "alone")
    ingest_source(alone, tmp_path / "faces")
    run("duplicates", "--workspace", alone.folder)
    freeze(alone, "v1")
    columns = ["sample_id", "label", "label_origin", "split", "sources"]
    rows, expected = (each.version("v1").rows()[columns] for each in (two, alone))
    assert rows.values.tolist() == expected.values.tolist()
    header = two.version("v1").header
    assert [source["name"] for source in header["sources"]] == ["faces"]
    assert header["chosen"] == {"without": ["others"]}
    assert header["search"]["complete"]
    assert set(two.version("v1").occurrences()["source"]) == {"faces"}
    assert findings(two, "v1") == []


def test_only_one_source_is_the_same_as_without_the_others(two: Workspace) -> None:
    freeze(two, "only", "--only", "others")
    freeze(two, "without", "--without", "faces", "--from", "none")
    one, other = (two.version(name) for name in ("only", "without"))
    assert one.rows().equals(other.rows())
    assert sources_of(two, "only") == {"others"}


def test_pictures_that_are_not_chosen_leave_gold_and_still_hold_their_copies(two: Workspace) -> None:
    freeze(two, "v1", "--keep-copies")
    first = two.version("v1").rows()
    said = freeze(two, "v2", "--without", "others", "--keep-copies")
    second = two.version("v2").rows()
    assert sources_of(two, "v2") == {"faces"}
    gold, still = (set(rows.loc[rows["gold"], "sample_id"]) for rows in (first, second))
    assert still == {name for name in gold if "faces" in first.set_index("sample_id").at[name, "sources"]}
    both = first.merge(second, on="sample_id")
    assert (both["split_x"] == both["split_y"]).all()
    left = first[first["sources"] == "others"]
    assert sum(each["rows"] for each in two.version("v2").header["departed"]) == len(left) > len(gold - still)
    assert f"{len(left)} pictures of v1 left, as others no longer delivers them or was not chosen" in said
    assert findings(two, "v2") == []


def test_choices_that_cannot_be_meant_are_refused(two: Workspace) -> None:
    assert refusal(two, "v1", "--only", "other") == (
        "--only other: there is no source `other`; did you mean `others`? known: faces, others"
    )
    assert refusal(two, "v1", "--classes", "hapy").startswith(
        "--classes hapy: there is no label `hapy`; did you mean `happy`? known: angry,"
    )
    assert refusal(two, "v1", "--only", "faces", "--without", "faces").startswith("--only and --without say the same")
    assert refusal(two, "v1", "--without", "faces", "--without", "others").endswith("no source remains")


def test_a_choice_takes_part_in_the_digest_only_if_it_is_given(two: Workspace) -> None:
    freeze(two, "v1")
    freeze(two, "all", "--from", "none", "--classes", ",".join(two.version("v1").header["classes"]))
    first, other = (two.version(name) for name in ("v1", "all"))
    assert first.rows().equals(other.rows())
    assert first.header["digest"] != other.header["digest"]
    assert "chosen" not in first.header
    freeze(two, "again", "--from", "none")
    assert two.version("again").header["digest"] == first.header["digest"]


def split_file(folder: Path, text: str) -> Path:
    (folder / "splits.csv").write_text(text)
    return folder / "splits.csv"


def placed(workspace: Workspace, name: str) -> dict[str, str]:
    both = workspace.occurrences().merge(workspace.version(name).rows(), on="sample_id")
    return dict(zip(both["key"], both["split"], strict=True))


def test_splits_come_from_a_file(filled: Workspace, tmp_path: Path) -> None:
    sample = filled.find_sample("3.png")
    table = "key,split\nhappy/0.png,test\nsad/1.png,Training\nfear/2.png,valid\nnowhere.png,test\n"
    said = freeze(filled, "v1", "--splits", split_file(tmp_path, table))
    assert (
        "splits.csv: 3 pictures lie where it says\n"
        "  1 of those it names are not in this workspace, such as `nowhere.png`\n"
    ) in said
    found = placed(filled, "v1")
    assert [found[key] for key in ("happy/0.png", "sad/1.png", "fear/2.png")] == ["test", "train", "val"]
    freeze(filled, "v2", "--from", "none", "--splits", split_file(tmp_path, f"sample_id,split\n{sample},val\n"))
    assert placed(filled, "v2")["happy/3.png"] == "val"
    assert findings(filled, "v1") == findings(filled, "v2") == []


def test_a_file_of_splits_never_divides_what_belongs_together(two: Workspace, tmp_path: Path) -> None:
    table = "key,split\nhappy/6.png,test\nhappy/six.jpg,train\n"
    said = freeze(two, "v1", "--keep-copies", "--splits", split_file(tmp_path, table))
    found = placed(two, "v1")
    assert (found["happy/6.png"], found["happy/six.jpg"]) == ("test", "test")
    assert "1 of those it names do not, as they are copies, or of one person or film, with pictures of a higher" in said
    assert findings(two, "v1") == []


def test_a_file_of_splits_moves_neither_gold_nor_what_the_parent_placed(filled: Workspace, tmp_path: Path) -> None:
    freeze(filled, "v1")
    before = placed(filled, "v1")
    others = {"train": "val", "val": "train", "test": "train"}
    table = "key,split\n" + "".join(f"{key},{others[split]}\n" for key, split in before.items())
    said = freeze(filled, "v2", "--splits", split_file(tmp_path, table))
    assert placed(filled, "v2") == before
    gold = list(before.values()).count("test")
    assert f"{gold:,} of those it names are gold pictures, which stay in the test\n" in said
    settled = f"{30 - gold} of those it names do not, as v1 has placed them, or what belongs with them, elsewhere\n"
    assert settled in said


def test_files_of_splits_that_cannot_be_meant_are_refused(two: Workspace, tmp_path: Path) -> None:
    def said(text: str) -> str:
        return refusal(two, "v1", "--splits", split_file(tmp_path, text)).removeprefix(f"{tmp_path}/splits.csv")

    assert said("name,part\na,b\n") == " needs the columns `split` and `sample_id` or `key`; it has ['name', 'part']"
    assert said("key,split\nhappy/9.png,later\n") == ", line 2: `later` is no split; write train, val or test"
    assert said("key,split\nhappy/9.png,train\nhappy/9.png,test\n").startswith(", line 3: `happy/9.png` (")
    assert said("key,split\nx,train\n").startswith(" names no picture of this workspace; its keys are such as `")
    assert refusal(two, "v1", "--splits", tmp_path / "none.csv").startswith(f"{tmp_path}/none.csv cannot be read")

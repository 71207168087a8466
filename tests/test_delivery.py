"""Deliveries as they should not be: names that leave the folder, links, bombs, broken and doubled members."""

import io
import os
import struct
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing
from pathlib import Path

import numpy as np
import pytest

from curate.errors import SourceError, SourceNotFound, SourceUnreadable
from curate.ingest.delivery import Delivery, open_delivery

FILES = {"happy/a.png": b"first", "happy/b.png": b"second", "sad/c.png": b"third"}


Deliver = Callable[[Path], Delivery]


@pytest.fixture
def deliver() -> Iterator[Deliver]:
    """`open_delivery`, closed when the test ends."""
    with ExitStack() as opened:
        yield lambda path: opened.enter_context(closing(open_delivery(path)))


def _zip(path: Path, files: Mapping[str, bytes], *, compression: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def _tar(path: Path, files: Mapping[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz" if path.suffix == ".gz" else "w") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def _folder(path: Path, files: Mapping[str, bytes]) -> Path:
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


def _contents(delivery: Delivery) -> dict[str, bytes]:
    read = delivery.read([member.path for member in delivery.members])
    return {path: content for path, content in read if isinstance(content, bytes)}


def _refused(delivery: Delivery) -> list[tuple[str, str]]:
    return [(problem.key, problem.reason) for problem in delivery.problems]


def _everything_below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


LEAVES, ABSOLUTE = "the path leaves the folder", "an absolute path leaves the folder"
UNSAFE_NAMES = [
    ("../evil.png", "../evil.png", LEAVES),
    ("happy/../../evil.png", "happy/../../evil.png", LEAVES),
    ("/etc/evil.png", "/etc/evil.png", ABSOLUTE),
    ("C:\\evil.png", "C:/evil.png", ABSOLUTE),
    ("c:evil.png", "c:evil.png", ABSOLUTE),
    ("..\\evil.png", "../evil.png", LEAVES),
    ("\\\\server\\evil.png", "//server/evil.png", ABSOLUTE),
]


# the same files, whatever they come in


def test_folder_zip_tar_and_compressed_tar_hold_the_same_files(tmp_path: Path, deliver: Deliver) -> None:
    places = [
        _folder(tmp_path / "folder", FILES),
        _zip(tmp_path / "a.zip", FILES),
        _tar(tmp_path / "a.tar", FILES),
        _tar(tmp_path / "a.tar.gz", FILES),
    ]
    for place in places:
        delivery = deliver(place)
        assert _contents(delivery) == FILES
        assert {member.path: member.size for member in delivery.members} == {
            "happy/a.png": 5,
            "happy/b.png": 6,
            "sad/c.png": 5,
        }
        assert delivery.problems == ()


def test_an_archive_is_known_by_its_content_not_its_name(tmp_path: Path, deliver: Deliver) -> None:
    assert _contents(deliver(_zip(tmp_path / "pictures.csv", FILES))) == FILES
    assert _contents(deliver(_tar(tmp_path / "pictures.zip", FILES))) == FILES


def test_members_are_read_in_the_order_of_the_delivery(tmp_path: Path, deliver: Deliver) -> None:
    delivery = deliver(_tar(tmp_path / "a.tar", {"z.png": b"1", "a.png": b"2"}))
    assert [path for path, _ in delivery.read(["a.png", "z.png"])] == ["z.png", "a.png"]


def test_backslashes_in_a_zip_separate_folders(tmp_path: Path, deliver: Deliver) -> None:
    archive = _zip(tmp_path / "a.zip", {"happy\\a.png": b"first"})
    assert _contents(deliver(archive)) == {"happy/a.png": b"first"}


@pytest.mark.parametrize("make", [_zip, _tar, _folder])
def test_clutter_of_operating_systems_is_passed_over(tmp_path: Path, deliver: Deliver, make: object) -> None:
    clutter = ("__MACOSX/happy/._a.png", "happy/._b.png", ".DS_Store", "sad/Thumbs.db", "desktop.ini", ".git/HEAD")
    delivery = deliver(make(tmp_path / "source", {**FILES, **dict.fromkeys(clutter, b"x")}))
    assert _contents(delivery) == FILES
    assert delivery.problems == ()


# members that are refused


@pytest.mark.parametrize("make", [_zip, _tar])
@pytest.mark.parametrize(("name", "shown", "reason"), UNSAFE_NAMES)
def test_member_that_leaves_the_folder_is_refused(
    tmp_path: Path, deliver: Deliver, make: object, name: str, shown: str, reason: str
) -> None:
    delivery = deliver(make(tmp_path / "a.archive", {"happy/a.png": b"first", name: b"evil"}))
    assert _contents(delivery) == {"happy/a.png": b"first"}
    assert _refused(delivery) == [(shown, reason)]


@pytest.mark.parametrize("make", [_zip, _tar])
def test_nothing_is_written_anywhere(tmp_path: Path, deliver: Deliver, make: object) -> None:
    inner = tmp_path / "one" / "two"
    inner.mkdir(parents=True)
    archive = make(inner / "a.archive", {name: b"evil" for name, _, _ in UNSAFE_NAMES} | FILES)
    assert _contents(deliver(archive)) == FILES
    assert _everything_below(tmp_path) == {"one", "one/two", "one/two/a.archive"}


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_in_a_tar_are_refused(tmp_path: Path, deliver: Deliver, kind: bytes) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        info = tarfile.TarInfo("happy/link.png")
        info.type, info.linkname = kind, "/etc/passwd"
        archive.addfile(info)
    delivery = deliver(tmp_path / "a.tar")
    assert (delivery.members, _refused(delivery)) == (
        (),
        [("happy/link.png", "a link or a device; only regular files are read")],
    )


@pytest.mark.parametrize("unix_type", [0o120000, 0o020000, 0o060000, 0o010000])
def test_links_and_devices_in_a_zip_are_refused(tmp_path: Path, deliver: Deliver, unix_type: int) -> None:
    info = zipfile.ZipInfo("happy/link.png")
    info.external_attr = (unix_type | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(info, "/etc/passwd")
    delivery = deliver(tmp_path / "a.zip")
    assert (delivery.members, _refused(delivery)) == (
        (),
        [("happy/link.png", "a link or a device; only regular files are read")],
    )


def test_links_and_pipes_in_a_folder_are_refused(tmp_path: Path, deliver: Deliver) -> None:
    outside = tmp_path / "outside.png"
    outside.write_bytes(b"secret")
    folder = _folder(tmp_path / "folder", FILES)
    (folder / "link.png").symlink_to(outside)
    (folder / "loop").symlink_to(folder)
    os.mkfifo(folder / "pipe.png")
    delivery = deliver(folder)
    assert _contents(delivery) == FILES
    assert _refused(delivery) == [
        ("link.png", "a link; only real files are read"),
        ("loop", "a link; only real files are read"),
        ("pipe.png", "not a regular file"),
    ]


def test_encrypted_member_is_refused(tmp_path: Path, deliver: Deliver) -> None:
    archive = _zip(tmp_path / "a.zip", {"happy/a.png": b"first"})
    data = bytearray(archive.read_bytes())
    data[6] |= 1  # general purpose flags of the local header
    data[data.index(b"PK\x01\x02") + 8] |= 1  # and of the table of contents
    archive.write_bytes(bytes(data))
    delivery = deliver(archive)
    assert (delivery.members, _refused(delivery)) == (
        (),
        [("happy/a.png", "encrypted; unpack it with its password first")],
    )


def test_bomb_in_a_zip_is_refused(tmp_path: Path, deliver: Deliver) -> None:
    delivery = deliver(_zip(tmp_path / "a.zip", {"bomb.png": bytes(4 * 2**20), "happy/a.png": b"first"}))
    assert _contents(delivery) == {"happy/a.png": b"first"}
    ((key, reason),) = _refused(delivery)
    assert key == "bomb.png"
    assert reason.endswith("bytes claim to unpack to 4,194,304: an archive bomb")


def test_bomb_in_a_tar_is_refused(tmp_path: Path, deliver: Deliver) -> None:
    delivery = deliver(_tar(tmp_path / "a.tar.gz", {"happy/a.png": b"first", "bomb.png": bytes(4 * 2**20)}))
    assert _contents(delivery) == {"happy/a.png": b"first"}
    assert [key for key, _ in _refused(delivery)] == ["bomb.png"]


def test_well_compressed_small_member_is_no_bomb(tmp_path: Path, deliver: Deliver) -> None:
    delivery = deliver(_zip(tmp_path / "a.zip", {"black.bmp": bytes(10_000)}))
    assert _contents(delivery) == {"black.bmp": bytes(10_000)}


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_of_two_members_of_one_name_the_first_is_read(tmp_path: Path, deliver: Deliver) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as zipped, tarfile.open(tmp_path / "a.tar", "w") as tarred:
        for content in (b"first", b"later"):
            zipped.writestr("happy/a.png", content)
            info = tarfile.TarInfo("happy/a.png")
            info.size = len(content)
            tarred.addfile(info, io.BytesIO(content))
    for name in ("a.zip", "a.tar"):
        delivery = deliver(tmp_path / name)
        assert _contents(delivery) == {"happy/a.png": b"first"}
        assert _refused(delivery) == [("happy/a.png", "the name occurs twice; the first file of that name is used")]


def test_names_that_differ_only_in_dots_and_slashes_are_one_name(tmp_path: Path, deliver: Deliver) -> None:
    delivery = deliver(_zip(tmp_path / "a.zip", {"happy/a.png": b"first", "./happy//a.png": b"later"}))
    assert _contents(delivery) == {"happy/a.png": b"first"}
    assert len(delivery.problems) == 1


@pytest.mark.parametrize("make", [_zip, _tar])
@pytest.mark.parametrize("name", [".", "./."])
def test_member_without_a_name_is_refused(tmp_path: Path, deliver: Deliver, make: object, name: str) -> None:
    delivery = deliver(make(tmp_path / "a.archive", {name: b"evil", "happy/a.png": b"first"}))
    assert _contents(delivery) == {"happy/a.png": b"first"}
    assert _refused(delivery) == [(name, "it has no name")]


def test_zip_member_with_an_empty_name_is_refused(tmp_path: Path, deliver: Deliver) -> None:
    archive = _zip(tmp_path / "a.zip", {"x": b"", "happy/a.png": b"first"})
    archive.write_bytes(_with_emptied_first_name(archive.read_bytes()))
    delivery = deliver(archive)
    assert _contents(delivery) == {"happy/a.png": b"first"}
    assert _refused(delivery) == [("", "it has no name")]


def _with_emptied_first_name(data: bytes) -> bytes:
    """The first member's one-letter name taken out of the table of contents; offsets at the end corrected."""
    entry, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    without = bytearray(data[: entry + 46] + data[entry + 47 :])
    struct.pack_into("<H", without, entry + 28, 0)
    struct.pack_into("<I", without, end - 1 + 12, end - 1 - entry)
    return bytes(without)


def test_name_that_is_no_text_is_shown_with_escapes(tmp_path: Path, deliver: Deliver) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    with open(os.fsencode(folder) + b"/caf\xe9.png", "wb") as file:  # noqa: PTH123
        file.write(b"first")
    assert _contents(deliver(folder)) == {"caf\\xe9.png": b"first"}


# archives that are broken


def test_member_with_a_wrong_checksum_is_reported_and_the_rest_is_read(tmp_path: Path, deliver: Deliver) -> None:
    archive = _zip(tmp_path / "a.zip", FILES, compression=zipfile.ZIP_STORED)
    archive.write_bytes(archive.read_bytes().replace(b"second", b"sec0nd"))
    delivery = deliver(archive)
    assert _contents(delivery) == {"happy/a.png": b"first", "sad/c.png": b"third"}
    problems = [content for _, content in delivery.read(["happy/b.png"])]
    assert [(problem.key, problem.kind) for problem in problems] == [("happy/b.png", "broken-member")]


def test_compressed_tar_that_was_cut_short_gives_what_came_before(tmp_path: Path, deliver: Deliver) -> None:
    rng = np.random.default_rng(0)
    files = {f"happy/{number:02}.png": rng.bytes(5000) for number in range(20)}
    archive = _tar(tmp_path / "a.tar.gz", files)
    archive.write_bytes(archive.read_bytes()[:60_000])
    delivery = deliver(archive)
    read = _contents(delivery)
    assert 8 <= len(read) <= 12
    assert read == {name: files[name] for name in read}
    ((key, kind, reason),) = delivery.problems
    assert (key, kind) == ("", "broken-archive")
    assert "the archive breaks off after happy/" in reason


def test_plain_tar_that_was_cut_short_gives_what_came_before(tmp_path: Path, deliver: Deliver) -> None:
    archive = _tar(tmp_path / "a.tar", FILES)
    archive.write_bytes(archive.read_bytes()[: 2 * 1024 + 512 + 2])
    delivery = deliver(archive)
    contents = dict(delivery.read([member.path for member in delivery.members]))
    assert (contents["happy/a.png"], contents["happy/b.png"]) == (b"first", b"second")
    assert [problem.kind for problem in delivery.problems] + [
        content.kind for content in contents.values() if not isinstance(content, bytes)
    ] != []


@pytest.mark.parametrize("name", ["a.zip", "a.tar", "a.tar.gz", "a.TGZ"])
def test_archive_that_cannot_be_opened_says_so(tmp_path: Path, deliver: Deliver, name: str) -> None:
    for content in (b"", b"junk", _zip(tmp_path / "whole.zip", FILES).read_bytes()[:-30]):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(SourceUnreadable, match="is no zip or tar that can be opened: empty, cut short"):
            deliver(tmp_path / name)


def test_zip_with_a_broken_table_of_contents_is_refused_as_a_whole(tmp_path: Path, deliver: Deliver) -> None:
    archive = _zip(tmp_path / "a.zip", FILES)
    archive.write_bytes(archive.read_bytes().replace(b"PK\x01\x02", b"PK\x01\x00"))
    with pytest.raises(SourceUnreadable, match=r"a\.zip is a broken zip archive .*; fetch it again"):
        deliver(archive)


@pytest.mark.parametrize("start", [b"\x1f\x8b\x08\x00", b"BZh9", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd"])
@pytest.mark.parametrize("seed", range(5))
def test_junk_that_begins_like_a_compressed_archive_is_a_file_or_an_error(
    tmp_path: Path, deliver: Deliver, start: bytes, seed: int
) -> None:
    (tmp_path / "a.bin").write_bytes(start + np.random.default_rng(seed).bytes(3000))
    try:
        members = deliver(tmp_path / "a.bin").members
    except SourceError:
        members = ()
    assert [member.path for member in members] in ([], ["a.bin"])


def test_missing_path_says_so(tmp_path: Path, deliver: Deliver) -> None:
    with pytest.raises(SourceNotFound, match="does not exist; check the path"):
        deliver(tmp_path / "nowhere")


def test_pipe_is_refused_rather_than_waited_for(tmp_path: Path, deliver: Deliver) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SourceUnreadable, match="neither a file nor a folder"):
        deliver(tmp_path / "pipe")

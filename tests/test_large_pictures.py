"""Large photographs: decoded small where only a small picture is looked at, and handed on as they were delivered."""

import io
from pathlib import Path

import cv2
import numpy as np
import pyarrow.parquet as pq
import pytest
from layouts import face, write_tree
from PIL import Image
from released import freeze
from test_cli import run

from curate.duplicates import find_duplicates
from curate.features import matching_picture_of, matching_pictures
from curate.images import decode, decode_reduced, encode_jpeg, encode_png, is_plain_file, sample_digest
from curate.ingest import ingest_source
from curate.version import export_version
from curate.workspace import Workspace


def photograph(number: int, size: tuple[int, int] = (900, 1200)) -> np.ndarray:
    """A face in colour, (H, W, 3), with the texture of skin and the noise of a sensor."""
    rng = np.random.default_rng(number)
    large = cv2.resize(face(number), size, interpolation=cv2.INTER_CUBIC).astype(float)
    texture = cv2.resize(rng.normal(0, 8, (size[1] // 4, size[0] // 4)), size) + rng.normal(0, 2, size[::-1])
    return np.clip((large + texture)[..., None] * [1.0, 0.86, 0.74], 0, 255).astype(np.uint8)


def turned_by_exif(pixels: np.ndarray) -> bytes:
    """A JPEG that is stored lying on its side, and says so."""
    exif = Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(np.rot90(pixels))).save(file, "JPEG", quality=90, exif=exif)
    return file.getvalue()


@pytest.mark.parametrize("make", [lambda one: encode_jpeg(one, 90), lambda one: encode_jpeg(one[..., 0], 90)])
def test_a_large_jpeg_is_compared_as_if_it_had_been_decoded_whole(make: object) -> None:
    data = make(photograph(1))
    assert decode_reduced(data, least_px=192).pixels.shape[:2] == (300, 225)
    whole, quick = matching_pictures(decode(data).pixels), matching_picture_of(data)
    assert np.abs(whole.astype(int) - quick).max() <= 1


def test_a_jpeg_that_says_how_it_is_turned_is_reduced_upright() -> None:
    data = turned_by_exif(photograph(2))
    assert decode_reduced(data, least_px=192).pixels.shape == (300, 225, 3)
    assert np.abs(matching_pictures(decode(data).pixels).astype(int) - matching_picture_of(data)).max() <= 1


@pytest.mark.parametrize(
    "data",
    [
        encode_jpeg(face(1), 90),
        encode_jpeg(photograph(1, (383, 500)), 90),
        encode_jpeg(photograph(1, (383, 2000))[..., 1], 90),
        encode_png(photograph(1)),
    ],
)
def test_pictures_that_are_not_large_jpegs_are_decoded_as_ever(data: bytes) -> None:
    assert np.array_equal(decode_reduced(data, least_px=192).pixels, decode(data).pixels)


def test_copies_among_large_photographs_are_found(workspace: Workspace, tmp_path: Path) -> None:
    files, expected = {}, set()
    for number in range(8):
        one = photograph(number)
        cropped = cv2.resize(one[60:1150, 45:860], (900, 1200), interpolation=cv2.INTER_AREA)
        copy = (encode_jpeg(one, 60), encode_jpeg(cropped, 75), encode_png(one[:, ::-1]))[number % 3]
        files |= {f"happy/{number}.jpg": encode_jpeg(one, 92), f"happy/{number}c": copy}
    named = {f"{name}.png" if name.endswith("c") else name: data for name, data in files.items()}
    ingest_source(workspace, write_tree(tmp_path / "large", named))
    find_duplicates(workspace)
    rows = workspace.occurrences()
    number_of = {sample: Path(key).stem.rstrip("c") for sample, key in zip(rows["sample_id"], rows["key"], strict=True)}
    found = workspace.pairs().query("verdict == 'duplicate'")
    expected = {(str(number), str(number)) for number in range(8)}
    assert {(number_of[a], number_of[b]) for a, b in zip(found["sample_a"], found["sample_b"], strict=True)} == expected


def test_parquet_holds_the_delivered_files_where_everybody_reads_the_sample_from_them(
    workspace: Workspace, tmp_path: Path
) -> None:
    colour, gray = photograph(3, (200, 260)), face(4)
    files = {
        "plain.jpg": encode_jpeg(colour, 85),
        "gray.jpg": encode_jpeg(gray, 85),
        "gray.png": encode_png(gray[::-1]),
        "turned.jpg": turned_by_exif(colour),
        "gray-as-colour.jpg": encode_jpeg(np.stack([gray[:, ::-1]] * 3, axis=2), 85),
        "bitmap.bmp": bytes(cv2.imencode(".bmp", colour[::-1])[1]),
    }
    ingest_source(
        workspace, write_tree(tmp_path / "mixed", {f"train/happy/{name}": data for name, data in files.items()})
    )
    export_version(freeze(workspace), tmp_path / "out", to="hf-parquet")
    (path,) = (tmp_path / "out" / "data").glob("train-*.parquet")
    key_of = workspace.occurrences().set_index("sample_id")["key"]
    kept = {}
    for row in pq.read_table(path, columns=["sample_id", "image"]).to_pylist():
        data, name = row["image"]["bytes"], Path(key_of[row["sample_id"]]).name
        plain = np.asarray(Image.open(io.BytesIO(data)))  # noqa: TID251 - what another program sees
        assert sample_digest(plain).hex() == row["sample_id"]
        kept[name] = data == files[name]
    assert kept == {
        "plain.jpg": True,
        "gray.jpg": True,
        "gray.png": True,
        "turned.jpg": False,
        "gray-as-colour.jpg": False,
        "bitmap.bmp": False,
    }


def test_a_broken_file_is_not_plain() -> None:
    assert not is_plain_file(b"\xff\xd8garbage", "L")


def test_status_says_what_the_workspace_takes_on_disk(workspace: Workspace, tmp_path: Path) -> None:
    ingest_source(workspace, write_tree(tmp_path / "x", {f"happy/{n}.png": encode_png(face(n)) for n in range(3)}))
    find_duplicates(workspace)
    sizes = workspace.sizes()
    on_disk = {path.name: path.stat().st_size for path in workspace.state.glob("**/*") if path.is_file()}
    assert sizes["catalog"] == on_disk["catalog.sqlite"] > 0
    assert sizes["cache"] == on_disk["pictures-1.rows"] > 3 * 48 * 48
    assert sizes["total"] == sum(size for name, size in sizes.items() if name != "total")
    assert list(sizes) == ["catalog", "cache", "runs", "pictures", "versions", "total"]
    told = run("status", "--workspace", workspace.folder).stdout
    assert "on disk: 0." in told
    assert "cache 0.0 MB" in told

"""Break deliveries at random and ingest them: whatever the bytes, the answer is an error with a name or a problem.

    python benchmarks/mutations.py --count 2000 --seed 0

Small sources are made from generated faces, one of them is damaged (bits flipped, cut short, grown, blocks swapped,
renamed), inside a member or across the packed archive, and ingested. Exit code 1 when anything but a `CurateError`
came out, or when a picture in a folder was neither read nor reported.
"""

import argparse
import io
import sys
import tarfile
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from curate.errors import CurateError
from curate.faces import draw_face, make_face
from curate.images import encode_png
from curate.ingest import FORMATS, ingest_source, summarise
from curate.ingest.readers.ck48 import CLASS_FOLDERS
from curate.terminal import without_decoder_noise
from curate.workspace import Workspace

Files = dict[str, bytes]

SOURCES_PER_WORKSPACE = 40
RESULTS = ("read", "reported", "refused", "crashed")
SUFFIXES = (".jpg", ".png", ".gif", ".webp", ".tif", ".bmp", ".pgm", ".csv", ".txt", ".zip", ".tar", ".gz", "")
USAGES = {"FER2013Train": "Training", "FER2013Valid": "PublicTest", "FER2013Test": "PrivateTest"}
VOTE_HEADER = "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"


class Outcome(NamedTuple):
    """What became of one damaged source: `result` is one of `RESULTS`, `detail` the error or the traceback."""

    kind: str
    mutation: str
    result: str
    detail: str


# sources


def face(number: int) -> np.ndarray:
    """A 48x48 face; another one for every number."""
    return draw_face(make_face(11, number), "happy", seed=number)


def class_folder() -> Files:
    """Seven pictures, each in another format."""
    files = {}
    for number, (suffix, kind) in enumerate(Image.registered_extensions().items()):
        if suffix in (".jpg", ".png", ".gif", ".webp", ".tif", ".bmp", ".pgm"):
            colour = draw_face(make_face(11, number), "sad", seed=number, colour=True)
            file = io.BytesIO()
            Image.fromarray(colour if suffix in (".png", ".webp", ".tif") else face(number)).save(file, kind)
            files[f"{('happy', 'sad')[number % 2]}/{number}{suffix}"] = file.getvalue()
    return files


def fer2013_table() -> Files:
    """Six rows."""
    rows = [f"{n % 7},{' '.join(map(str, face(n).ravel()))},{usage}" for n, usage in enumerate(2 * [*USAGES.values()])]
    return {"fer2013.csv": "\n".join(["emotion,pixels,Usage", *rows, ""]).encode()}


def vote_table() -> bytes:
    """FER+ votes that line up with `fer2013_table`."""
    columns = (4, 5, 6, 1, 3, 2, 0)  # of the ten vote columns, by FER-2013's numbers
    rows = [
        f"{usage},fer{n:07}.png,{','.join('9' if column == columns[n % 7] else '0' for column in range(10))}"
        for n, usage in enumerate(2 * [*USAGES.values()])
    ]
    return "\n".join([VOTE_HEADER, *rows, ""]).encode()


def ferplus() -> Files:
    """Two pictures in each folder, and both kinds of vote tables."""
    files: Files = {"fer2013new.csv": vote_table()}
    for number, folder in enumerate(2 * [*USAGES]):
        files[f"{folder}/fer{number:07}.png"] = encode_png(face(number))
        line = f'fer{number:07}.png,"(0, 0, 48, 48)",4,6,0,0,0,0,0,0,0,0\n'.encode()
        files[f"{folder}/label.csv"] = files.get(f"{folder}/label.csv", b"") + line
    return files


def ck48() -> Files:
    """A picture in each class folder."""
    return {
        f"CK+48/{folder}/S{number:03}_001_000000{number:02}.png": encode_png(face(number))
        for number, folder in enumerate(CLASS_FOLDERS)
    }


def pack(kind: str, files: Files) -> bytes:
    """The bytes of an archive or, of a single file, that file."""
    if kind in ("zip", "tar.gz"):
        packed = io.BytesIO()
        if kind == "zip":
            with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as zipped:
                for name, content in files.items():
                    zipped.writestr(zipfile.ZipInfo(name), content)
        else:
            with tarfile.open(fileobj=packed, mode="w:gz") as tarred:
                for name, content in files.items():
                    info = tarfile.TarInfo(name)
                    info.size = len(content)
                    tarred.addfile(info, io.BytesIO(content))
        return packed.getvalue()
    return next(iter(files.values()))


KINDS = {
    "class folder": (class_folder, "folder"),
    "zip": (class_folder, "zip"),
    "tar.gz": (class_folder, "tar.gz"),
    "fer2013 csv": (fer2013_table, "file"),
    "ferplus zip": (ferplus, "zip"),
    "ck48 zip": (ck48, "zip"),
}


# damage


def flip_bits(data: bytes, rng: np.random.Generator) -> bytes:
    """One to eight bits, as often near the beginning, where the headers are, as anywhere."""
    broken = bytearray(data)
    reach = min(len(broken), 100) if rng.integers(2) else len(broken)
    for place in rng.integers(0, reach, rng.integers(1, 9)):
        broken[place] ^= 1 << int(rng.integers(8))
    return bytes(broken)


def cut_short(data: bytes, rng: np.random.Generator) -> bytes:
    """Anything from nothing to all but the last byte is left."""
    return data[: rng.integers(len(data))]


def grow(data: bytes, rng: np.random.Generator) -> bytes:
    """Junk, zeros or line breaks somewhere, as often at the end."""
    length = int(rng.integers(1, 700))
    junk = (rng.bytes(length), bytes(length), b'"\r\n,' * (length // 4 + 1))[rng.integers(3)]
    place = len(data) if rng.integers(2) else int(rng.integers(len(data)))
    return data[:place] + junk + data[place:]


def swap_blocks(data: bytes, rng: np.random.Generator) -> bytes:
    """Two pieces of equal length change places."""
    length = int(rng.integers(1, max(len(data) // 4, 2)))
    first, second = sorted(int(place) for place in rng.integers(0, max(len(data) - length, 1), 2))
    second = max(second, first + length)
    parts = (data[second : second + length], data[first + length : second], data[first : first + length])
    return data[:first] + b"".join(parts) + data[second + length :]


DAMAGE = {"flip bits": flip_bits, "cut short": cut_short, "grow": grow, "swap blocks": swap_blocks}


def damage(kind: str, rng: np.random.Generator) -> tuple[Files, bytes, str, str]:
    """A damaged source: its files, the packed bytes, the suffix of its name, and the name of the damage."""
    make, form = KINDS[kind]
    files, suffix = make(), {"folder": "", "file": ".csv"}.get(form, f".{form}")
    mutation = (*DAMAGE, "rename")[rng.integers(len(DAMAGE) + 1)]
    inside = form == "folder" or (form != "file" and bool(rng.integers(2)))
    name = list(files)[rng.integers(len(files))]
    other = SUFFIXES[rng.integers(len(SUFFIXES))]
    if inside and mutation == "rename":
        files[name.rsplit(".", 1)[0] + other] = files.pop(name)
    elif inside:
        files[name] = DAMAGE[mutation](files[name], rng)
    packed = pack(form, files)
    if not inside:
        suffix, packed = (other, packed) if mutation == "rename" else (suffix, DAMAGE[mutation](packed, rng))
    return files, packed, suffix, f"{mutation} {'inside' if inside else 'outside'}"


# the run


def run(count: int, seed: int, folder: Path) -> Iterator[Outcome]:
    """Damage and ingest `count` sources, one kind after the other; deterministic. `folder` is filled with them."""
    for number in range(count):
        rng = np.random.default_rng((seed, number))
        if number % SOURCES_PER_WORKSPACE == 0:
            workspace = Workspace.create(folder / f"workspace{number}")
        kind = list(KINDS)[number % len(KINDS)]
        files, packed, suffix, mutation = damage(kind, rng)
        path = folder / f"source{number}{suffix}"
        if KINDS[kind][1] == "folder":
            for name, content in files.items():
                (path / name).parent.mkdir(parents=True, exist_ok=True)
                (path / name).write_bytes(content)
        else:
            path.write_bytes(packed)
        options: dict[str, str | Path] = {"name": f"source{number}"}
        if rng.random() < 0.2:
            options["format_name"] = list(FORMATS)[rng.integers(len(FORMATS))]
        if kind == "fer2013 csv" and rng.random() < 0.4:
            options["labels"] = folder / f"votes{number}.csv"
            (folder / f"votes{number}.csv").write_bytes(list(DAMAGE.values())[rng.integers(4)](vote_table(), rng))
        yield Outcome(kind, mutation, *ingest(workspace, path, files, options))


def ingest(workspace: Workspace, path: Path, files: Files, options: dict[str, str | Path]) -> tuple[str, str]:
    """Ingest one source; (result, detail)."""
    try:
        report = ingest_source(workspace, path, **options)
        summarise(workspace)
    except CurateError as error:
        return "refused", f"{type(error).__name__}: {error}"
    except Exception:  # noqa: BLE001 - whatever escapes is what we are looking for
        return "crashed", traceback.format_exc()
    lost = missing(workspace, str(options["name"]), files) if path.is_dir() else []
    if lost:
        return "crashed", f"{path}: neither read nor reported: {', '.join(lost)}"
    return ("reported" if report.problems else "read"), str(report.problems)


def missing(workspace: Workspace, source: str, files: Files) -> list[str]:
    """Files of a folder that are neither an occurrence nor named in a problem."""
    tables = (workspace.occurrences(), workspace.problems())
    known = {key for table in tables for key in table.loc[table["source"] == source, "key"]}
    return sorted(set(files) - known)


def main() -> int:
    """Run, and print a table; 1 when anything crashed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder, without_decoder_noise():
        outcomes = list(run(options.count, options.seed, Path(folder)))
    counts = Counter((outcome.kind, outcome.result) for outcome in outcomes)
    print(f"{'kind':14}{'read':>10}{'reported':>10}{'refused':>10}{'crashed':>10}")
    for kind in KINDS:
        print(f"{kind:14}" + "".join(f"{counts[kind, result]:10,}" for result in RESULTS))
    print(f"{len(outcomes):,} damaged sources, seed {options.seed}, {time.perf_counter() - begun:.0f} s")
    crashes = [outcome for outcome in outcomes if outcome.result == "crashed"]
    for outcome in crashes[:10]:
        print(f"\n{outcome.kind}, {outcome.mutation}:\n{outcome.detail}")
    return int(bool(crashes))


if __name__ == "__main__":
    sys.exit(main())

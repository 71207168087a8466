"""Rows kept from one search to the next: only what is missing is made, and damage costs work, never a wrong row."""

from pathlib import Path

import numpy as np
import pytest

from curate.duplicates.row_cache import RowCache


def names(numbers: range) -> list[str]:
    return [f"{number:064x}" for number in numbers]


class Maker:
    """Rows that say which sample they are of; remembers which were asked for."""

    def __init__(self, numbers: range) -> None:
        self.numbers = np.array(numbers)
        self.made: list[int] = []

    def __call__(self, missing: np.ndarray) -> np.ndarray:
        self.made += self.numbers[missing].tolist()
        return np.repeat(self.numbers[missing, None], 3, axis=1).astype(np.float16)


def get(path: Path, numbers: range) -> list[int]:
    """The numbers of the rows that had to be made, once all are as they should be."""
    maker = Maker(numbers)
    rows = RowCache(path, "f2", (3,)).get(names(numbers), maker)
    assert np.array_equal(rows, maker(np.arange(len(numbers))))
    return maker.made[: -len(numbers)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache/some.rows"


def test_only_new_rows_are_made(path: Path) -> None:
    assert get(path, range(5)) == [0, 1, 2, 3, 4]
    assert get(path, range(3, 8)) == [5, 6, 7]
    assert get(path, range(8)) == []


@pytest.mark.parametrize("lost_bytes", [1, 46, 47, 100])
def test_a_file_that_was_cut_off_goes_on_where_it_is_whole(path: Path, lost_bytes: int) -> None:
    get(path, range(5))
    path.write_bytes(path.read_bytes()[:-lost_bytes])
    lost = -(-lost_bytes // 46)
    assert get(path, range(5)) == list(range(5 - lost, 5))
    assert get(path, range(5)) == []


def test_rows_of_samples_that_are_gone_are_dropped_when_they_are_the_most(path: Path) -> None:
    get(path, range(100))
    assert get(path, range(10, 20)) == []
    assert path.stat().st_size == 10 * 46
    assert get(path, range(10, 20)) == []


@pytest.mark.parametrize("byte", [0, 31, 32, 37, 38, 45])
def test_a_row_that_does_not_fit_its_checksum_is_made_again(path: Path, byte: int) -> None:
    get(path, range(5))
    content = bytearray(path.read_bytes())
    content[2 * 46 + byte] ^= 1
    path.write_bytes(content)
    assert get(path, range(5)) == [2]
    assert get(path, range(5)) == []


def test_rows_of_another_purpose_are_made_again(path: Path) -> None:
    get(path, range(5))
    path.rename(path.with_name("other.rows"))
    assert get(path.with_name("other.rows"), range(5)) == [0, 1, 2, 3, 4]

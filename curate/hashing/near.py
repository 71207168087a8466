"""All pairs of 64-bit perceptual hashes within some bits of each other. An exact search."""

import itertools
import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from curate.errors import CurateError

__all__ = ["hash_pairs"]

_HASH_BITS = 64
_MOST_PAIRS = 50_000_000

_BLOCK = 1 << 15
"""Hashes looked at in one numpy call; a few such arrays stay in a core's cache."""

_TILE = (16, 4096)
_NEIGHBOURS = 32
"""Hashes of one key are compared with 32 after them for all keys at once; longer runs go on in tiles."""

_SAMPLE, _SAMPLED_KEYS = 8192, 6
_MOST_AGREEING = 4
_SORTING_NS, _NEIGHBOUR_NS, _TILED_NS, _ALL_NS = 15.0, 11.0, 1.3, 0.6
"""Per hash and key; per pair of equal keys found among neighbours, or in tiles; per pair where all are compared.
Measured; only their ratios matter."""


def hash_pairs(hashes: np.ndarray, *, within_bits: int, at_most: int = _MOST_PAIRS) -> np.ndarray:
    """All pairs of 64-bit hashes that differ in at most `within_bits` bits.

    The bits are cut into bands. By the pigeonhole principle d differing bits leave at least `bands - d` bands
    untouched, so sorting by every choice of that many bands brings every pair together: none is missed. How many bands
    are best depends on how many hashes there are and how alike they are, and is estimated on a sample of them.

    Equal hashes are searched for once. Memory grows with the hashes and the pairs; time, at worst (hashes that vary in
    few places only, yet by more than the distance), with the square of the distinct hashes, at about 1 ns a pair.

    Args:
        hashes: (N,) uint64.
        within_bits: the distance, 0 to 12.
        at_most: refuse to return more pairs than this, 16 bytes each. 10,000 equal hashes are 50 million pairs.

    Returns:
        (M, 2) int64 pairs i < j, ordered.

    Raises:
        CurateError: there are more than `at_most` pairs.
    """
    order = np.argsort(hashes, kind="stable")
    ranked = hashes[order]
    starts = np.flatnonzero(np.concatenate([np.ones(min(len(ranked), 1), bool), ranked[1:] != ranked[:-1]]))
    sizes = np.diff(starts, append=len(ranked))
    equal = int((sizes * (sizes - 1) // 2).sum())
    _refuse_more(at_most, equal, len(hashes))
    distinct = ranked[starts]
    one, two = _distinct_pairs(distinct, within_bits, at_most) if within_bits else (distinct[:0],) * 2
    first, second = np.searchsorted(distinct, one), np.searchsorted(distinct, two)
    _refuse_more(at_most, equal + int((sizes[first] * sizes[second]).sum()), len(hashes))
    return _expand(order, starts, sizes, first, second)


def _refuse_more(at_most: int, pairs: int, hashes: int) -> None:
    if pairs > at_most:
        raise CurateError(
            f"more than {at_most:,} pairs of {hashes:,} perceptual hashes are this close; search within fewer bits, or "
            "leave out flat and empty pictures first"
        )


def _expand(
    order: np.ndarray, starts: np.ndarray, sizes: np.ndarray, first: np.ndarray, second: np.ndarray
) -> np.ndarray:
    """Ordered pairs of rows, from pairs of distinct hashes and from equal hashes.

    Args:
        order: rows by ascending hash.
        starts: where the rows of each distinct hash begin in `order`.
        sizes: how many there are of each.
        first: indices of distinct hashes.
        second: indices of others close to them.
    """
    positions = np.arange(len(order))
    firsts = _ranges(starts[first], sizes[first])
    seconds = np.repeat(second, sizes[first])
    lengths = np.concatenate([np.repeat(starts + sizes, sizes) - 1 - positions, sizes[seconds]])
    one = order[np.repeat(np.concatenate([positions, firsts]), lengths)]
    two = order[_ranges(np.concatenate([positions + 1, starts[seconds]]), lengths)]
    coded = np.minimum(one, two) * len(order) + np.maximum(one, two)
    coded.sort()
    return np.stack(np.divmod(coded, max(len(order), 1)), axis=1)


def _ranges(starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """All of `range(start, start + length)`, one after the other."""
    ends = np.cumsum(lengths)
    return np.repeat(starts - ends + lengths, lengths) + np.arange(lengths.sum())


class _Key(NamedTuple):
    """A choice of bands to sort by.

    Attributes:
        moves: (bits, shift to the left) that bring the chosen bands to the top; together a permutation of all bits.
        rest: two hashes so moved have equal keys where their XOR is at most this.
        chosen: the bits of the chosen bands.
        skipped: the bits of each band before the last chosen one that is not chosen. Where one of them agrees as well,
            an earlier key has found the pair.
    """

    moves: tuple[tuple[np.uint64, int], ...]
    rest: np.uint64
    chosen: np.uint64
    skipped: tuple[np.uint64, ...]


def _keys(bands: int, agreeing: int) -> list[_Key]:
    """One key for every choice of so many bands."""
    edges = [round(_HASH_BITS * band / bands) for band in range(bands + 1)]
    return [_make_key(edges, chosen) for chosen in itertools.combinations(range(bands), agreeing)]


def _make_key(edges: list[int], chosen: tuple[int, ...]) -> _Key:
    bits = [(1 << high) - (1 << low) for low, high in itertools.pairwise(edges)]
    low, high = 0, _HASH_BITS - sum(edges[band + 1] - edges[band] for band in chosen)
    rest = (1 << high) - 1
    moves: dict[int, int] = {}
    for band, start in enumerate(edges[:-1]):
        width = edges[band + 1] - start
        target, low, high = (high, low, high + width) if band in chosen else (low, low + width, high)
        moves[target - start] = moves.get(target - start, 0) | bits[band]
    skipped = [np.uint64(bits[band]) for band in range(max(chosen, default=0)) if band not in chosen]
    return _Key(
        tuple((np.uint64(moved), shift) for shift, moved in moves.items()),
        np.uint64(rest),
        np.uint64(sum(bits[band] for band in chosen)),
        tuple(skipped),
    )


def _distinct_pairs(distinct: np.ndarray, within_bits: int, at_most: int) -> tuple[np.ndarray, np.ndarray]:
    """Both hashes of every pair of different hashes within some bits, each pair once and in no order."""
    agreeing = _best_agreeing(distinct, within_bits)
    moved = np.empty_like(distinct)
    pairs = [(distinct[:0], distinct[:0])]
    count = 0
    for key in _keys(within_bits + agreeing, agreeing):
        _move(distinct, key, moved)
        moved.sort()
        both = itertools.chain(_neighbouring_pairs(moved, key, within_bits), _far_pairs(moved, key, within_bits))
        for one, two in both:
            a, b = _move_back(one, key), _move_back(two, key)
            new = _is_new(a ^ b, key)
            pairs.append((a[new], b[new]))
            count += len(pairs[-1][0])
            _refuse_more(at_most, count, len(distinct))
    return np.concatenate([one for one, _ in pairs]), np.concatenate([two for _, two in pairs])


def _best_agreeing(distinct: np.ndarray, within_bits: int) -> int:
    """How many bands should agree; more mean more sorting and less comparing, and 0 compares all with all."""
    count = len(distinct)
    cost_ns = {0: (count - 1) / 2 * _ALL_NS}
    if count > _SAMPLE:
        sample = distinct[np.arange(_SAMPLE) * count // _SAMPLE]
        for agreeing in range(1, _MOST_AGREEING + 1):
            keys = _keys(within_bits + agreeing, agreeing)
            some = keys[:: -(-len(keys) // _SAMPLED_KEYS)]
            share = sum(_equal_pairs(sample & key.chosen) for key in some) / len(some) / math.comb(_SAMPLE, 2)
            pairs_each = share * (count - 1) / 2
            near = min(pairs_each, _NEIGHBOURS)
            each_ns = _SORTING_NS + near * _NEIGHBOUR_NS + (pairs_each - near) * _TILED_NS
            cost_ns[agreeing] = len(keys) * each_ns
    return min(cost_ns, key=lambda agreeing: cost_ns[agreeing])


def _equal_pairs(values: np.ndarray) -> int:
    counts = np.unique(values, return_counts=True)[1]
    return int((counts * (counts - 1) // 2).sum())


def _move(values: np.ndarray, key: _Key, moved: np.ndarray) -> None:
    for start in range(0, len(values), _BLOCK):
        block, target = values[start : start + _BLOCK], moved[start : start + _BLOCK]
        target[:] = 0
        for bits, shift in key.moves:
            part = block & bits
            target |= part << np.uint64(shift) if shift >= 0 else part >> np.uint64(-shift)


def _move_back(values: np.ndarray, key: _Key) -> np.ndarray:
    restored = np.zeros_like(values)
    for bits, shift in key.moves:
        restored |= (values >> np.uint64(shift) if shift >= 0 else values << np.uint64(-shift)) & bits
    return restored


def _is_new(differing: np.ndarray, key: _Key) -> np.ndarray:
    """Which pairs, given their XOR, agree in the chosen bands and in none of those skipped."""
    new = (differing & key.chosen) == 0
    for band in key.skipped:
        new &= (differing & band) != 0
    return np.asarray(new)


Hashes = tuple[np.ndarray, np.ndarray]


def _neighbouring_pairs(moved: np.ndarray, key: _Key, within_bits: int) -> Iterator[Hashes]:
    """Close pairs at most `_NEIGHBOURS` apart in sorted order: all those of equal keys, and some others."""
    for start in range(0, len(moved), _BLOCK):
        positions: np.ndarray | None = None
        for step in range(1, _NEIGHBOURS + 1):
            if positions is None:
                two = moved[start + step : start + _BLOCK + step]
                one = moved[start : start + len(two)]
                differing = one ^ two
                equal = differing <= key.rest
                count = int(np.count_nonzero(equal))
                if count < len(one) // 6:  # from here on gathering is quicker
                    positions = np.flatnonzero(equal)
                    one, differing = one[positions], differing[positions]
                    positions += start
            else:
                positions = positions[positions + step < len(moved)]
                one = moved[positions]
                differing = one ^ moved[positions + step]
                equal = np.flatnonzero(differing <= key.rest)
                count = len(equal)
                positions, one, differing = positions[equal], one[equal], differing[equal]
            if not count:
                break
            close = np.flatnonzero(np.bitwise_count(differing) <= within_bits)
            if len(close):
                yield one[close], one[close] ^ differing[close]


def _far_pairs(moved: np.ndarray, key: _Key, within_bits: int) -> Iterator[Hashes]:
    """Close pairs of equal keys that are more than `_NEIGHBOURS` apart in sorted order."""
    reach = np.flatnonzero((moved[_NEIGHBOURS:] ^ moved[:-_NEIGHBOURS]) <= key.rest)
    cuts = np.flatnonzero(np.diff(reach) > 1)
    firsts = reach[np.concatenate([[0], cuts + 1])] if len(reach) else reach
    lasts = reach[np.concatenate([cuts, [-1]])] if len(reach) else reach
    height, width = _TILE
    bits, counts = np.empty(height * width, np.uint64), np.empty(height * width, np.uint8)  # one for all tiles
    for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True):
        end = last + _NEIGHBOURS + 1
        for top in range(first, last + 1, height):
            rows = moved[top : min(top + height, last + 1), None]
            for left in range(top + _NEIGHBOURS + 1, end, width):
                columns = moved[left : min(left + width, end)]
                size = len(rows) * len(columns)
                np.bitwise_xor(rows, columns, out=bits[:size].reshape(len(rows), -1))
                np.bitwise_count(bits[:size], out=counts[:size])
                close = np.flatnonzero(counts[:size] <= within_bits)
                if len(close):
                    row, column = np.divmod(close, len(columns))
                    apart = column + left - row - top > _NEIGHBOURS
                    yield moved[top + row[apart]], moved[left + column[apart]]

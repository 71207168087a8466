"""Groups of duplicates: connected components of verified pairs, with a keeper, and cut where a chain stretches."""

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import NamedTuple

__all__ = ["MAX_DIAMETER", "Group", "group_pairs"]

MAX_DIAMETER = 8
"""Steps between the two most distant members of a group. Longer chains drift from one photograph to another; the
weakest pair on the longest path (of equals the one nearest its middle) is cut until none is left."""

Pair = tuple[str, str]


class Group(NamedTuple):
    """Samples of one photograph.

    Attributes:
        group_id: the smallest member's sample_id.
        members: sample_ids, ascending; at least two.
        diameter: steps between the two most distant members.
        cut: pairs that were left out because the chain was too long.
    """

    group_id: str
    members: tuple[str, ...]
    diameter: int
    cut: tuple[Pair, ...]


def group_pairs(
    similarity: Mapping[Pair, float], *, apart: AbstractSet[Pair] = frozenset(), max_diameter: int = MAX_DIAMETER
) -> list[Group]:
    """Group verified pairs.

    Args:
        similarity: (sample_a, sample_b) -> similarity of every verified pair.
        apart: pairs (a < b) that must not end in one group, whatever chain connects them; the weakest pair of the chain
            is cut.
        max_diameter: longest chain allowed.

    Returns:
        Groups in order of their ids. The result does not depend on the order of the pairs.
    """
    neighbours = _adjacency(similarity)
    groups: list[Group] = []
    waiting = deque(_components(neighbours, sorted(neighbours)))
    cut_by_member: dict[str, tuple[Pair, ...]] = {}
    while waiting:
        members = waiting.popleft()
        diameter, path = _longest_path(neighbours, members)
        forbidden = _forbidden_path(neighbours, members, apart)
        if forbidden:
            path = forbidden
        elif diameter <= max_diameter:
            if len(members) > 1:
                groups.append(Group(members[0], members, diameter, cut_by_member.get(members[0], ())))
            continue
        weakest = min(range(len(path)), key=lambda step: (similarity[path[step]], abs(2 * step + 1 - len(path))))
        one, other = path[weakest]
        neighbours[one].discard(other)
        neighbours[other].discard(one)
        earlier = cut_by_member.pop(members[0], ())
        parts = _components(neighbours, members)
        cut_by_member[parts[0][0]] = (*earlier, path[weakest])
        waiting.extend(parts)
    return sorted(groups)


def _adjacency(pairs: Iterable[Pair]) -> dict[str, set[str]]:
    neighbours: defaultdict[str, set[str]] = defaultdict(set)
    for a, b in pairs:
        neighbours[a].add(b)
        neighbours[b].add(a)
    return neighbours


def _components(neighbours: Mapping[str, set[str]], nodes: Iterable[str]) -> list[tuple[str, ...]]:
    """Connected components, each sorted, in order of their smallest member; `nodes` ascending."""
    visited: set[str] = set()
    components = []
    for node in nodes:
        if node not in visited:
            members = _distances(neighbours, node)
            visited.update(members)
            components.append(tuple(sorted(members)))
    return components


def _distances(neighbours: Mapping[str, set[str]], start: str) -> dict[str, int]:
    distance = {start: 0}
    queue = deque([start])
    while queue:
        node = queue.popleft()
        for other in neighbours[node]:
            if other not in distance:
                distance[other] = distance[node] + 1
                queue.append(other)
    return distance


def _longest_path(neighbours: Mapping[str, set[str]], members: tuple[str, ...]) -> tuple[int, list[Pair]]:
    """The greatest distance between two members, and the pairs on a shortest path between the first such two."""
    if len(members) <= 2 or all(len(neighbours[node]) == len(members) - 1 for node in members):
        return len(members) > 1, []
    best = (0, "", "")
    for start in members:
        distance = _distances(neighbours, start)
        reach = max(distance.values())
        if reach > best[0]:
            best = (reach, start, min(node for node in distance if distance[node] == reach))
    reach, start, node = best
    return reach, _shortest_path(neighbours, start, node)


def _forbidden_path(
    neighbours: Mapping[str, set[str]], members: tuple[str, ...], apart: AbstractSet[Pair]
) -> list[Pair]:
    """The pairs between the first two members that must not be together; empty when there are no such two."""
    inside = set(members)
    together = sorted(pair for pair in apart if inside.issuperset(pair))
    return _shortest_path(neighbours, *together[0]) if together else []


def _shortest_path(neighbours: Mapping[str, set[str]], start: str, node: str) -> list[Pair]:
    distance = _distances(neighbours, start)
    path = []
    while node != start:
        before = min(other for other in neighbours[node] if distance[other] == distance[node] - 1)
        path.append((min(node, before), max(node, before)))
        node = before
    return path

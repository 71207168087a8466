"""Groups from pairs: those that the search verified, as people settled them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from curate.catalog import Catalog, duplicates, pictures
from curate.catalog.duplicates import Grouped, Pair
from curate.duplicates.groups import Group, group_pairs
from curate.workspace import Workspace
from curate.workspace.evidence import settled_pairs

__all__ = ["choose_keepers", "regroup", "settled_groups"]

_DAMAGING = frozenset(("stretched", "edited", "blurred"))


def regroup(workspace: Workspace) -> int:
    """Group the pairs of the last search anew, by what people have said since; how many groups there are.

    Raises:
        WorkspaceLocked: another process writes to this workspace.
    """
    with workspace.locked("curate duplicates"), workspace.catalog() as catalog:
        pairs = settled_pairs(catalog, retired=True)
        groups = settled_groups(pairs)
        duplicates.replace_groups(catalog, choose_keepers(catalog, groups, pairs))
    return len(groups)


def settled_groups(pairs: Iterable[Pair]) -> list[Group]:
    """Groups of pairs whose verdict is `duplicate`, without two samples in one whose verdict is `different`."""
    verified = {(pair.sample_a, pair.sample_b): pair.similarity for pair in pairs if pair.verdict == "duplicate"}
    apart = {(pair.sample_a, pair.sample_b) for pair in pairs if pair.verdict == "different"}
    return group_pairs(verified, apart=apart)


def choose_keepers(catalog: Catalog, groups: Sequence[Group], pairs: Iterable[Pair]) -> list[Grouped]:
    """The members of groups, each group with the one to keep.

    The largest picture is kept, then the least processed, then the one with the smallest sample_id. Processed is a
    picture with many stretched, edited or blurred pairs, and then one that takes few bytes.
    """
    damage = Counter(
        sample
        for pair in pairs
        if pair.kind in _DAMAGING and pair.verdict != "different"
        for sample in (pair.sample_a, pair.sample_b)
    )
    located = pictures.locate(catalog, [sample for group in groups for sample in group.members])
    sizes = {picture.sample_id: (picture.area, picture.stored_bytes) for picture in located}
    return [member for group in groups for member in _members(group, sizes, damage)]


def _members(group: Group, sizes: Mapping[str, tuple[int, int]], damage: Mapping[str, int]) -> list[Grouped]:
    def order(sample: str) -> tuple[int, int, int, str]:
        area, stored_bytes = sizes[sample]
        return -area, damage.get(sample, 0), -stored_bytes, sample

    keeper = min(group.members, key=order)
    return [Grouped(group.group_id, sample, sample == keeper, group.diameter) for sample in group.members]

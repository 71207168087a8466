"""Near, mirrored and rotated duplicates: candidates, verification on pixels, groups.

find         the whole search; what it found
collection   the pictures as they are compared
search       candidates for every pose, verification, closure
projection   an embedding fitted on the collection itself
embedding    every picture as a point
kept         what was computed from single pictures before
candidates   pairs worth looking at
buckets      the same among too many pictures to compare all
alignment    are two pictures the same photograph?
parts        does every part of them agree?
tiers        what plain alignment misses
gates        how much likeness a pair needs
verify       which candidates count, and how sure
cache        alignments measured before
groups       connected components of verified pairs
regroup      groups as people settled them
sheet        a page that shows the groups
leaks        what the groups mean for labels and splits
"""

from curate.duplicates.find import DuplicateReport, find_duplicates
from curate.duplicates.leaks import GroupedOccurrences, Leak, grouped_occurrences
from curate.duplicates.regroup import regroup
from curate.duplicates.sheet import write_sheet

__all__ = [
    "DuplicateReport",
    "GroupedOccurrences",
    "Leak",
    "find_duplicates",
    "grouped_occurrences",
    "regroup",
    "write_sheet",
]

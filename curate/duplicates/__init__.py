"""Near, mirrored and rotated duplicates: candidates, verification on pixels, groups.

find             the whole search; what it found
searchable       the pictures as they are compared
search           candidates for every flip, verification, closure
pairs            the table of pairs that all steps fill
projection       an embedding fitted on the collection itself
embedding        every picture as a point
row_cache        what was computed from single pictures before
row_selection    rows of an array that a task reads, in a thread or another process
candidates       pairs worth looking at
clusters         the same among too many pictures to compare all
coarse           where, at half resolution, two pictures agree best
alignment        are two pictures the same photograph?
weakest_third    does every part of them agree?
methods          what plain alignment misses
thresholds       how much likeness a pair needs
verify           which candidates count, and how sure
alignment_cache  alignments measured before
recall           how many planted copies a search finds
groups           connected components of verified pairs
regroup          groups as people settled them
page             a page that shows the groups
leaks            what the groups mean for labels and splits
"""

from curate.duplicates.find import DuplicateReport, find_duplicates
from curate.duplicates.leaks import GroupedOccurrences, Leak, grouped_occurrences
from curate.duplicates.page import write_duplicates_gallery
from curate.duplicates.regroup import regroup

__all__ = [
    "DuplicateReport",
    "GroupedOccurrences",
    "Leak",
    "find_duplicates",
    "grouped_occurrences",
    "regroup",
    "write_duplicates_gallery",
]

"""Duplicates and leaks: how many, what leaked as delivered, what the version made of it, and some groups to look at."""

from curate.lineage import NO_COPIES
from curate.report.charts import draw_bars
from curate.report.evidence import Audit, ClassLeak, Leak
from curate.report.groups import draw_groups, group_pictures
from curate.report.markup import Markup, card, code, element, join, note, sentence, table
from curate.report.subject import Subject

__all__ = ["show_copies"]

_BOTH = "val+test"
_COPIES = ("identical", "near", "mirrored or rotated")


def show_copies(subject: Subject) -> Markup:
    """Counts of copies, leaks as delivered and as released, repairs, and a gallery of groups."""
    return join(
        _counts(subject),
        _search(subject),
        _leaks(subject),
        _repairs(subject),
        _gallery(subject),
    )


def _counts(subject: Subject) -> Markup:
    samples = subject.occurrences["sample_id"].value_counts()
    grouped = group_pictures(subject.edges)
    kinds = subject.edges["kind"].value_counts().sort_index()
    pairs = [(kind, int(kinds[kind])) for kind in kinds.index if kind not in NO_COPIES]
    told = (
        f"The sources hold {len(subject.occurrences):,} pictures, {len(samples):,} of them distinct; "
        f"{int((samples > 1).sum()):,} occur more than once, pixel by pixel. {sum(map(len, grouped)):,} distinct "
        f"pictures lie in {len(grouped):,} groups of copies."
    )
    return join(sentence(told), *[table(["verified pairs", "count"], pairs)] * bool(pairs))


def _search(subject: Subject) -> Markup:
    search = subject.header.get("search") or {"done": False, "complete": False, "thorough": False}
    if not search["done"]:
        return sentence("Near copies were never searched for: ", code("curate duplicates"))
    told = "thoroughly " if search["thorough"] else ""
    if not search["complete"]:
        return sentence(
            f"Near copies were {told}searched for, but not since the last ingest: ", code("curate duplicates")
        )
    return note(f"Near copies were {told}searched for among all pictures before the release.")


def _leaks(subject: Subject) -> Markup:
    delivered, released = subject.evidence.delivered, subject.evidence.released
    if delivered is None or released is None:
        return sentence("What leaks is not known here: the catalog of this workspace does not hold the sources.")
    if not delivered.leaks and not released.leaks:
        return sentence("No source has official splits, and the version has no two splits that could leak.")
    rows = [(f"{each.scope}, as delivered", *_leak_row(each)) for each in delivered.leaks]
    rows += [(f"{each.scope}, as released", *_leak_row(each)) for each in released.leaks]
    columns = ["where", "split", "pictures", *_COPIES, "together", "share"]
    title = "Pictures of val and test with a copy in train"
    return join(table(columns, rows, title=title), _by_class(delivered), note(_what_is_counted(released)))


def _leak_row(leak: Leak) -> tuple[object, ...]:
    copies = (leak.exact, leak.near, leak.transformed, leak.leaking)
    return (leak.split, leak.pictures, *copies, f"{leak.share:.1%}")


def _by_class(delivered: Audit) -> Markup:
    whole = [each for each in delivered.leaks if each.split == _BOTH and each.leaking]
    if not whole:
        return join()
    shares = {f"{_named(each.label)}  ({each.pictures:,})": _shares(each) for each in whole[-1].classes}
    caption = (
        f"Val and test pictures with a copy in train, as delivered ({whole[-1].scope}); all pictures of the class in "
        "brackets."
    )
    return draw_bars("leaks", shares, along="percent of the class", caption=caption, parts=_COPIES)


def _named(label: str) -> str:
    return "no label" if label == "none" else label


def _shares(leak: ClassLeak) -> dict[str, float]:
    counts = (leak.exact, leak.near or 0, leak.transformed or 0)
    return {name: 100 * count / leak.pictures for name, count in zip(_COPIES, counts, strict=True)}


def _what_is_counted(released: Audit) -> str:
    told = "A picture counts once: as identical, else as near, else as mirrored or rotated; as audited today."
    near = any(each.near is None for each in released.leaks)
    return (
        f"{told} Near copies are not counted, because the last search does not cover the workspace." if near else told
    )


def _repairs(subject: Subject) -> Markup:
    header = subject.header
    moved = [(each["from_split"], each["to_split"], each["kind"], each["rows"]) for each in header["moved"]]
    parts = []
    if moved:
        columns = ["official split", "split now", "because of", "pictures"]
        parts.append(table(columns, moved, title="Official splits repaired"))
    if header["withdrawn"]:
        told = (
            f"{len(header['withdrawn']):,} pictures were withdrawn, because new evidence joins them to a higher split."
        )
        parts.append(sentence(told))
    return join(*parts)


def _gallery(subject: Subject) -> Markup:
    drawn = draw_groups(subject.edges, subject.occurrences)
    if not drawn:
        return sentence("No groups of copies are known.")
    cards = [card(each.title, subject.album.show(each.pictures)) for each in drawn]
    how = (
        "Some groups: up to three whose given labels contradict each other, three that lay in several splits, and the "
        "three largest."
    )
    return join(note(how), element("div", *cards, class_="row groups"))

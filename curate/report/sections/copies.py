"""Duplicates and leaks: how many, what leaked as delivered, what the version made of it, and some groups to look at."""

from collections.abc import Iterator

from curate.audit.values import AuditReport, ClassLeak, SplitLeak
from curate.coverage import NOT_LOOKED_FOR, SearchCoverage, count_text, share_text
from curate.lineage import NOT_COPIES
from curate.report.charts import bar_plot
from curate.report.groups import draw_groups, group_pictures
from curate.report.markup import Markup, card, code, join, note, row, sentence, table
from curate.report.reported import ReportedVersion

__all__ = ["show_copies"]

_BOTH = "val+test"
_COPIES = ("identical", "near", "mirrored or rotated")


def show_copies(subject: ReportedVersion) -> Markup:
    """Counts of copies, leaks as delivered and as released, repairs, and a gallery of groups."""
    return join(_counts(subject), _search(subject), _leaks(subject), _repairs(subject), _gallery(subject))


def _counts(subject: ReportedVersion) -> Markup:
    samples = subject.occurrences["sample_id"].value_counts()
    grouped = group_pictures(subject.edges)
    kinds = subject.edges["kind"].value_counts().sort_index()
    pairs = [(kind, int(kinds[kind])) for kind in kinds.index if kind not in NOT_COPIES]
    totals = (
        f"The sources deliver {len(subject.occurrences):,} occurrences of {len(samples):,} pictures; "
        f"{int((samples > 1).sum()):,} pictures occur more than once, pixel by pixel. {sum(map(len, grouped)):,} "
        f"pictures lie in {len(grouped):,} groups of copies. Of the {len(samples):,} pictures {subject.name} holds "
        f"{_pictures_of(subject):,}{', and augmented ones' * bool(subject.header.derived)}."
    )
    return join(sentence(totals), *[table(["verified pairs", "count"], pairs)] * bool(pairs))


def _pictures_of(subject: ReportedVersion) -> int:
    """Delivered pictures that are rows, or that augmented rows were made of."""
    return int(subject.rows["parent"].fillna(subject.rows["sample_id"]).nunique())


def _search(subject: ReportedVersion) -> Markup:
    """What was searched before the release, what such a search finds, and what it left open."""
    search = subject.header.search
    hint = code("curate duplicates") if not search.complete else join()
    if search.complete and search.not_looked_for:
        hint = join("It does not look for all kinds of copies: ", code("curate duplicates --thorough"))
    rows = [
        (
            each.kind,
            NOT_LOOKED_FOR if each.recall is None else f"{each.recall:.1%}",
            each.measured_on * bool(each.recall),
        )
        for each in search.recall
    ]
    title = f"What the {search.name} search finds of known copies"
    known = [table(["kind", "found", "measured on"], rows, title=title)] * bool(rows)
    return join(sentence(f"Before the release, {search.extent}. ", hint), *known, *_doubt(subject, search))


def _doubt(subject: ReportedVersion, before: SearchCoverage) -> Iterator[Markup]:
    """Doubtful pairs at the release, and today where an audit says more."""
    header, today = subject.header, subject.evidence.released
    then = (header.doubtful, header.doubtful_across_splits)
    if then[0] and (today is None or then != (today.doubt.pairs, today.doubt.across)):
        what = f"Then, {then[0]:,} pairs of pictures of the sources were doubtful, and nobody had judged them"
        yield sentence(f"{what}; {then[1]:,} of them lie across the splits of {subject.name}.")
    if today is not None and today.search != before:
        yield sentence(f"Today, {today.search.extent}.")
    if today is not None and today.doubt.pairs:
        doubt = today.doubt
        what = f"{doubt.pairs:,} pairs of pictures of {subject.name} are doubtful, and nobody has judged them;"
        only = f"{doubt.pictures:,} pictures of val and test have a doubtful copy in train, but no verified one"
        yield sentence(f"{what} {doubt.across:,} of them lie across its splits; {only}.")


def _leaks(subject: ReportedVersion) -> Markup:
    delivered, released = subject.evidence.delivered, subject.evidence.released
    if delivered is None or released is None:
        return sentence("What leaks is not known here: the catalog of this workspace does not hold the sources.")
    if not delivered.leaks and not released.leaks:
        return sentence("No source has official splits, and the version has no two splits that could leak.")
    rows = [(f"{each.scope}, as delivered", *_leak_row(each)) for each in delivered.leaks]
    rows += [(f"{each.scope}, as released", *_leak_row(each)) for each in released.leaks]
    columns = ["where", "split", "number", "of", *_COPIES, "together", "share"]
    title = "Val and test with a copy in train"
    return join(table(columns, rows, title=title), _by_class(delivered), note(_what_is_counted(released)))


def _leak_row(leak: SplitLeak) -> tuple[object, ...]:
    copies = (NOT_LOOKED_FOR if count is None else count for count in (leak.exact, leak.near, leak.transformed))
    together = count_text(leak.leaking, at_least=leak.at_least) if leak.at_least else leak.leaking
    return (leak.split, leak.pictures, leak.unit, *copies, together, share_text(leak.share, at_least=leak.at_least))


def _by_class(delivered: AuditReport) -> Markup:
    leaks = [each for each in delivered.leaks if each.split == _BOTH and each.leaking]
    if not leaks:
        return join()
    shares = {f"{_label_text(each.label)}  ({each.pictures:,})": _shares(each) for each in leaks[-1].classes}
    caption = (
        f"Val and test with a copy in train, as delivered ({leaks[-1].scope}); all {leaks[-1].unit} of the class in "
        "brackets."
    )
    return bar_plot("leaks", shares, xlabel="percent of the class", caption=caption, parts=_COPIES)


def _label_text(label: str) -> str:
    return "no label" if label == "none" else label


def _shares(leak: ClassLeak) -> dict[str, float]:
    counts = (leak.exact, leak.near or 0, leak.transformed or 0)
    return {name: 100 * count / leak.pictures for name, count in zip(_COPIES, counts, strict=True)}


def _what_is_counted(released: AuditReport) -> str:
    rules = (
        "Each counts once: as identical, else as near, else as mirrored or rotated; as audited today. Of a source its "
        "occurrences count, of a version its pictures, and of all sources together photographs: pictures that are "
        "copies of each other are one."
    )
    least = any(each.at_least for each in released.leaks)
    why = " At least: the last search does not cover all pictures, or a source looks processed."
    return rules + why * least


def _repairs(subject: ReportedVersion) -> Markup:
    header = subject.header
    moved = [(each.from_split, each.to_split, each.kind, each.rows) for each in header.moved]
    parts = []
    if moved:
        columns = ["official split", "split now", "because of", "pictures"]
        parts.append(table(columns, moved, title="Official splits repaired"))
    if header.withdrawn:
        why = "because new evidence joins them to a higher split"
        parts.append(sentence(f"{len(header.withdrawn):,} pictures were withdrawn, {why}."))
    return join(*parts)


def _gallery(subject: ReportedVersion) -> Markup:
    drawn = draw_groups(subject.edges, subject.occurrences)
    if not drawn:
        return sentence("No groups of copies are known.")
    cards = [card(each.title, subject.images.row_of(each.pictures)) for each in drawn]
    how = (
        "Some groups: up to three whose given labels contradict each other, three that lay in several splits, and the "
        "three largest."
    )
    return join(note(how), row(*cards, kind="groups"))

"""What a workspace holds after ingest: classes by source, copies, conflicts, and who contradicts whom."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from curate.catalog import Catalog, tables
from curate.config import Config, UnknownSource, unknown_sources
from curate.emotions import LABEL_INDEX, LABELS
from curate.labellers import Disagreement, Unmapped, compare_labellers, find_unmapped, labellers_of
from curate.labels import ORIGINS, UNRESOLVED, Ballots, PanelVotes, Resolved
from curate.resolution import canonical_labels, label_codes, resolve_catalog
from curate.workspace import Workspace

__all__ = ["IngestSummary", "VotesEffect", "summarise"]


@dataclass(frozen=True, slots=True)
class VotesEffect:
    """What annotators' votes do to labels, and what they would do, if they overruled given ones by majority.

    Attributes:
        used: samples whose label comes from votes now.
        gained: samples that would get a label of the policy's classes.
        changed: samples that would get another one.
        lost: samples that would have none of these any more, such as those that annotators call unknown.
    """

    used: int
    gained: int
    changed: int
    lost: int


@dataclass(frozen=True, slots=True)
class IngestSummary:
    """The state of a workspace in counts.

    Attributes:
        occurrences: pictures in all sources.
        samples: distinct pictures.
        identical_groups: samples that occur more than once.
        conflicting: samples whose given labels contradict each other.
        open_labels: samples without a resolved label.
        labels: resolved label -> samples.
        given: source -> given label (`none`, `unmapped` where there is none) -> occurrences.
        votes: source -> panel -> occurrences with votes.
        votes_effect: None = there are no votes, or the policy lets them overrule given labels.
        classes: labels that versions hold.
        unmapped: labels without a meaning.
        disagreements: between every two labellers that share samples.
        problems: source -> kind -> count.
        unknown_sources: settings of curate.toml that speak of no source.
        twins: names of sources that hold the same pictures, keys and labels, as (earlier, later).
    """

    occurrences: int
    samples: int
    identical_groups: int
    conflicting: int
    open_labels: int
    labels: dict[str, int]
    given: dict[str, dict[str, int]]
    votes: dict[str, dict[str, int]]
    votes_effect: VotesEffect | None
    classes: tuple[str, ...]
    unmapped: tuple[Unmapped, ...]
    disagreements: tuple[Disagreement, ...]
    problems: dict[str, dict[str, int]]
    unknown_sources: tuple[UnknownSource, ...]
    twins: tuple[tuple[str, str], ...]


def summarise(workspace: Workspace) -> IngestSummary:
    """Count what the workspace holds, under its curate.toml as it stands now."""
    config = workspace.config
    with workspace.catalog() as catalog, catalog.snapshot():
        links = tables.read_links(catalog)
        raw_labels = tables.read_raw_labels(catalog)
        sources = tables.source_rows(catalog)
        names = {row.id: row.name for row in sources}
        numbers, resolved = resolve_catalog(catalog, config)
        sample = np.searchsorted(numbers, links.sample)
        voted, panels, counts = tables.read_votes(catalog)
        effect = _votes_effect(catalog, config, resolved) if panels else None
        problems: dict[str, Counter[str]] = {}
        for source, _key, kind, _reason in tables.problem_rows(catalog):
            problems.setdefault(source, Counter())[kind] += 1
    source = np.searchsorted([*names], links.source)
    place = np.searchsorted(links.occurrence, voted)
    code = label_codes(raw_labels, config)[links.given]
    given = Ballots(*(column[code != UNRESOLVED] for column in (sample, source, code)))
    votes = PanelVotes(sample[place], source[place], np.array(panels, np.str_), counts)
    return IngestSummary(
        occurrences=len(links.sample),
        samples=len(numbers),
        identical_groups=int((np.bincount(sample, minlength=len(numbers)) > 1).sum()),
        conflicting=int(resolved.contradicted.sum()),
        open_labels=int((resolved.label == UNRESOLVED).sum()),
        labels=_count_labels(resolved.label),
        given=_count_given(links, raw_labels, config, names),
        votes=_count_votes(list(names.values()), votes),
        votes_effect=effect,
        classes=config.policy.classes,
        unmapped=find_unmapped(raw_labels, links.given, config),
        disagreements=compare_labellers(labellers_of([*names.values()], len(numbers), given=given, votes=votes)),
        problems={source: dict(kinds) for source, kinds in problems.items()},
        unknown_sources=unknown_sources(config),
        twins=_twins(sources),
    )


def _votes_effect(catalog: Catalog, config: Config, now: Resolved) -> VotesEffect | None:
    if config.policy.votes != "none":
        return None
    _, then = resolve_catalog(catalog, replace(config, policy=replace(config.policy, votes="majority")))
    listed = [LABEL_INDEX[label] for label in config.policy.classes]
    before, after = np.isin(now.label, listed), np.isin(then.label, listed)
    return VotesEffect(
        used=int((now.origin == ORIGINS.index("votes")).sum()),
        gained=int((~before & after).sum()),
        changed=int((before & after & (now.label != then.label)).sum()),
        lost=int((before & ~after).sum()),
    )


def _twins(sources: Sequence[tables.SourceRow]) -> tuple[tuple[str, str], ...]:
    """Sources of one digest, which does not depend on how they were packed."""
    whole = [row for row in sources if row.state == "complete" and row.occurrences]
    return tuple((a.name, b.name) for a, b in combinations(whole, 2) if a.digest == b.digest)


def _count_votes(names: Sequence[str], votes: PanelVotes) -> dict[str, dict[str, int]]:
    counts = Counter(zip(votes.source.tolist(), votes.panel.tolist(), strict=True))
    result: dict[str, dict[str, int]] = {}
    for (source, panel), count in sorted(counts.items()):
        result.setdefault(names[source], {})[panel] = count
    return result


def _count_labels(label: np.ndarray) -> dict[str, int]:
    counts = np.bincount(label[label != UNRESOLVED], minlength=len(LABELS))
    return {name: int(count) for name, count in zip(LABELS, counts, strict=True) if count}


def _count_given(
    links: tables.Links, raw_labels: tables.RawLabels, config: Config, names: dict[int, str]
) -> dict[str, dict[str, int]]:
    canonical = [label or "unmapped" for label in canonical_labels(raw_labels, config)]
    meaning = {0: "none", **dict(zip(raw_labels.id, canonical, strict=True))}
    result: dict[str, dict[str, int]] = {}
    for number, name in names.items():
        ids, counts = np.unique(links.given[links.source == number], return_counts=True)
        tally = Counter[str]()
        for given, count in zip(ids.tolist(), counts.tolist(), strict=True):
            tally[meaning[given]] += count
        result[name] = dict(tally)
    return result

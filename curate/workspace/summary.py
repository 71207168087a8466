"""What a workspace holds after ingest: classes by source, copies, conflicts, and who contradicts whom."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from curate.catalog import Catalog, tables
from curate.config import Config, UnknownSource, unknown_sources
from curate.emotions import LABEL_INDEX, LABELS
from curate.labellers import Disagreement, Labeller, Unmapped, compare_labellers, find_unmapped
from curate.labels import ORIGINS, UNRESOLVED, Resolved, plurality
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
        strays: settings of curate.toml that speak of no source.
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
    strays: tuple[UnknownSource, ...]
    twins: tuple[tuple[str, str], ...]


def summarise(workspace: Workspace) -> IngestSummary:
    """Count what the workspace holds, under its curate.toml as it stands now."""
    config = workspace.config
    with workspace.catalog() as catalog, catalog.snapshot():
        links = tables.read_links(catalog)
        givens = tables.read_raw_labels(catalog)
        sources = tables.source_rows(catalog)
        names = {row.id: row.name for row in sources}
        numbers, resolved = resolve_catalog(catalog, config)
        sample = np.searchsorted(numbers, links.sample)
        labellers, votes = _labellers(catalog, config, links, sample, names)
        effect = _votes_effect(catalog, config, resolved) if votes else None
        problems: dict[str, Counter[str]] = {}
        for source, _key, kind, _reason in tables.problem_rows(catalog):
            problems.setdefault(source, Counter())[kind] += 1
    return IngestSummary(
        occurrences=len(links.sample),
        samples=len(numbers),
        identical_groups=int((np.bincount(sample, minlength=len(numbers)) > 1).sum()),
        conflicting=int(resolved.contradicted.sum()),
        open_labels=int((resolved.label == UNRESOLVED).sum()),
        labels=_count_labels(resolved.label),
        given=_count_given(links, givens, config, names),
        votes=votes,
        votes_effect=effect,
        classes=config.policy.classes,
        unmapped=find_unmapped(givens, links.given, config),
        disagreements=compare_labellers(labellers),
        problems={source: dict(kinds) for source, kinds in problems.items()},
        strays=unknown_sources(config),
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


def _labellers(
    catalog: Catalog, config: Config, links: tables.Links, sample: np.ndarray, names: dict[int, str]
) -> tuple[list[Labeller], dict[str, dict[str, int]]]:
    samples = int(sample.max(initial=-1)) + 1
    codes = label_codes(tables.read_raw_labels(catalog), config)[links.given]
    found = []
    for number, name in names.items():
        own = (links.source == number) & (codes != UNRESOLVED)
        if own.any():
            counts = np.zeros((samples, len(LABELS)), np.int64)
            np.add.at(counts, (sample[own], codes[own]), 1)
            found.append(Labeller(name, name, None, plurality(counts)))
    voted, panels, counts_by_row = tables.read_votes(catalog)
    place = np.searchsorted(links.occurrence, voted)
    of_panel = np.array(panels, dtype=np.str_)
    votes: dict[str, dict[str, int]] = {}
    for number, name in names.items():
        for panel in sorted(set(of_panel[links.source[place] == number])):
            own = (links.source[place] == number) & (of_panel == panel)
            counts = np.zeros((samples, len(LABELS)), np.int64)
            np.add.at(counts, sample[place[own]], counts_by_row[own])
            votes.setdefault(name, {})[str(panel)] = int(own.sum())
            found.append(Labeller(f"{name} votes {panel}", name, str(panel), plurality(counts)))
    return found, votes


def _count_labels(label: np.ndarray) -> dict[str, int]:
    counts = np.bincount(label[label != UNRESOLVED], minlength=len(LABELS))
    return {name: int(count) for name, count in zip(LABELS, counts, strict=True) if count}


def _count_given(
    links: tables.Links, givens: tables.RawLabels, config: Config, names: dict[int, str]
) -> dict[str, dict[str, int]]:
    canonical = [label or "unmapped" for label in canonical_labels(givens, config)]
    meaning = {0: "none", **dict(zip(givens.id, canonical, strict=True))}
    result: dict[str, dict[str, int]] = {}
    for number, name in names.items():
        ids, counts = np.unique(links.given[links.source == number], return_counts=True)
        tally = Counter[str]()
        for given, count in zip(ids.tolist(), counts.tolist(), strict=True):
            tally[meaning[given]] += count
        result[name] = dict(tally)
    return result

"""Where in the loop a workspace is, and what comes next: one pure function of what it holds, and reading that."""

import re
from dataclasses import dataclass, replace
from typing import NamedTuple

from curate.catalog import Catalog, suspects, tables
from curate.catalog.decisions import decision_rows
from curate.catalog.duplicates import covered_digest, last_search
from curate.decisions import active_decisions
from curate.errors import VersionDamaged
from curate.manifest import Version, release_order
from curate.scores import scores_folder
from curate.workspace import Workspace
from curate.workspace.output import OUTPUT_FOLDER

__all__ = ["LoopStage", "LoopState", "NextStep", "next_step", "next_steps", "read_loop_state", "stages"]

_CHANGES_NOTHING = ("compare", "report")
"""Commands after which a workspace holds what it held before, so that they would propose themselves."""

_AUDIT_SAYS = "; `curate audit` says what is wrong"


@dataclass(frozen=True, slots=True)
class LoopState:
    """What decides about the next step.

    Attributes:
        sources: with at least one occurrence.
        samples: distinct pictures.
        search: of duplicates: `never`, `outdated` (samples came or went since) or `done`.
        versions: names of those that are not augmented, oldest first.
        parent: of the newest of these; empty = it starts its line.
        judged: labels that the last `curate suspects` judged; None = it never ran.
        decisions: that were not taken back.
        new_decisions: those since the newest version.
        changed: the newest version was made of other sources or by other settings than there are now.
        scored: versions with at least one score.
        reported: there is a report of the newest version.
    """

    sources: int = 0
    samples: int = 0
    search: str = "never"
    versions: tuple[str, ...] = ()
    parent: str = ""
    judged: int | None = None
    decisions: int = 0
    new_decisions: int = 0
    changed: bool = False
    scored: frozenset[str] = frozenset()
    reported: bool = False


class NextStep(NamedTuple):
    """A command that makes sense now, the stage of the loop that it belongs to, and what it does (a predicate)."""

    stage: str
    command: str
    does: str


class LoopStage(NamedTuple):
    """One stage of the loop and what there is of it, in a few words; empty = nothing."""

    name: str
    holds: str


def next_step(state: LoopState, *, after: str = "") -> NextStep:
    """The most sensible next command; `after` = the command that just ran, by its first word."""
    steps = next_steps(state)
    others = [step for step in steps if after not in _CHANGES_NOTHING or step.command.split()[0] != after]
    step = others[0] if others else steps[-1]
    return step._replace(does=step.does.removesuffix(_AUDIT_SAYS)) if after == "audit" else step


def next_steps(state: LoopState) -> tuple[NextStep, ...]:
    """What makes sense now, the most sensible first; never empty."""
    if not state.sources:
        return (NextStep("ingest", "ingest PATH", "reads a dataset; `curate formats` lists what can be read"),)
    if state.search != "done":
        what = "finds copies of one photograph" if state.search == "never" else "compares what came or went since"
        return (NextStep("duplicates", "duplicates", what),)
    if not state.versions:
        does = f"releases this state, so that there is something to compare with{_AUDIT_SAYS}"
        return (NextStep("version", "freeze v1", does),)
    newest = state.versions[-1]
    if state.changed or state.new_decisions:
        return (NextStep("version", f"freeze {_next_name(state.versions)}", _release(state, newest)),)
    if state.judged is None:
        return (NextStep("review", "suspects", "says which labels are probably wrong"),)
    review = NextStep("review", "review", "shows the most suspect labels first, one key each")
    if not state.decisions:
        return (review, *_scoring(state, newest))
    return (*_scoring(state, newest), review)


def _scoring(state: LoopState, newest: str) -> tuple[NextStep, ...]:
    """What is missing of the scores and the report of the newest version."""
    pair = tuple(name for name in (state.parent, newest) if name)
    missing = [name for name in pair if name not in state.scored]
    report = NextStep("report", f"report {newest}", "writes one page with all of it")
    if missing:
        return (NextStep("benchmark", f"benchmark {missing[0]}", "trains and scores it (--quick: a minute or two)"),)
    compare = NextStep("benchmark", f"compare {' '.join(pair)}", "says whether it is better, and how certainly")
    return (*((compare,) if len(pair) > 1 else ()), *(() if state.reported else (report,)))


def _release(state: LoopState, newest: str) -> str:
    if not state.new_decisions:
        return f"releases what changed in sources or settings since {newest}"
    decisions = "1 decision" if state.new_decisions == 1 else f"{state.new_decisions:,} decisions"
    return f"releases {decisions} made since {newest}; `curate review` goes on"


def _next_name(versions: tuple[str, ...]) -> str:
    """The newest name with its last number raised until it is free: v2, fer-v4."""
    match = re.fullmatch(r"(.*?)(\d+)", versions[-1])
    stem, number = (match[1], int(match[2]) + 1) if match else (f"{versions[-1]}-", 2)
    while f"{stem}{number}" in versions:
        number += 1
    return f"{stem}{number}"


def stages(state: LoopState) -> tuple[LoopStage, ...]:
    """The loop from front to back, and what there is of each stage."""
    searched = {"never": "", "outdated": "pictures came or went since the last search", "done": "all pictures searched"}
    since = f", {state.new_decisions:,} since {state.versions[-1]}" if state.versions else ""
    judged = "" if state.judged is None else f"{state.judged:,} labels judged, {state.decisions:,} decisions{since}"
    judged = judged or (f"{state.decisions:,} decisions{since}" if state.decisions else "")
    sources = "1 source" if state.sources == 1 else f"{state.sources:,} sources"
    pictures = "1 picture" if state.samples == 1 else f"{state.samples:,} pictures"
    changed = "; sources or settings changed since" if state.changed else ""
    return (
        LoopStage("ingest", f"{sources}, {pictures}" if state.sources else ""),
        LoopStage("duplicates", searched[state.search] if state.samples else ""),
        LoopStage("version", f"{', '.join(state.versions)}{changed}" if state.versions else ""),
        LoopStage("review", judged),
        LoopStage("benchmark", f"scores of {', '.join(sorted(state.scored))}" if state.scored else ""),
        LoopStage("report", f"of {state.versions[-1]}" if state.reported and state.versions else ""),
    )


def read_loop_state(workspace: Workspace) -> LoopState:
    """What a workspace holds; damaged versions count as not there.

    Raises:
        CatalogDamaged: the catalog cannot be read.
        ConfigError: curate.toml has a mistake.
    """
    versions = _plain_versions(workspace)
    scored = (
        name for name in workspace.version_names() if any(scores_folder(workspace.manifests, name).glob("*.json"))
    )
    state = LoopState(versions=tuple(version.name for version in versions), scored=frozenset(scored))
    if versions:
        reported = _is_reported(workspace, versions[-1].name)
        state = replace(state, parent=versions[-1].header.parent_name, reported=reported)
    if not (workspace.state / "catalog.sqlite").is_file():  # opening it would make one, and reading changes nothing
        return state
    return _with_catalog(state, workspace, versions[-1] if versions else None)


def _with_catalog(state: LoopState, workspace: Workspace, newest: Version | None) -> LoopState:
    with workspace.snapshot() as view, view.catalog() as catalog:
        sources = {row.name: (row.revision, row.digest) for row in tables.source_rows(catalog) if row.occurrences}
        active = tables.active_ids(catalog)
        decided = [line for line in active_decisions(decision_rows(catalog)) if line.kind != "skip"]
        last_run = suspects.last_suspect_run(catalog)
        search = _search(view, catalog, active)
    created = newest.header.created if newest else ""
    return replace(
        state,
        sources=len(sources),
        samples=len(active),
        search=search,
        judged=None if last_run is None else int(last_run.get("samples", 0)),
        decisions=len(decided),
        new_decisions=sum(line.at > created for line in decided),
        changed=newest is not None and _differs(workspace, newest, sources),
    )


def _plain_versions(workspace: Workspace) -> list[Version]:
    releases = []
    for name in workspace.version_names():
        try:
            version = workspace.version(name)
        except VersionDamaged:
            continue
        if version.header.derived is None:
            releases.append(version)
    return release_order(releases)


def _search(view: Workspace, catalog: Catalog, active: list[str]) -> str:
    search = last_search(catalog)
    if search is None:
        return "never"
    if search["covered"] != covered_digest(active):
        return "outdated"
    if not any(row.retired for row in tables.source_rows(catalog)):  # then all that is fenced is delivered, too
        return "done"
    try:
        fenced = covered_digest(view.fenced_ids())
    except VersionDamaged:
        return "done"
    return "done" if search.get("covered_fence", covered_digest(())) == fenced else "outdated"


def _differs(workspace: Workspace, newest: Version, sources: dict[str, tuple[int, str | None]]) -> bool:
    """Would a version made now have other sources or settings?"""
    header, config = newest.header, workspace.config
    then = {each.name: (each.revision, each.digest) for each in header.sources}
    names = (config.labels, config.source_labels, config.splits)
    policy = {**header.policy, "classes": tuple(header.policy["classes"])}
    given = policy["given"]
    policy["given"] = tuple(given) if isinstance(given, list) else given
    now = {name: getattr(config.policy, name, None) for name in policy}
    if header.chosen:  # what was chosen for one version alone is no change
        sources = {name: each for name, each in sources.items() if name in then}
        now["classes"] = policy["classes"]
    return then != sources or names != (header.labels, header.source_labels, header.splits) or policy != now


def _is_reported(workspace: Workspace, name: str) -> bool:
    page = f"{name}-report.html"
    return any((folder / page).is_file() for folder in (workspace.folder, workspace.folder / OUTPUT_FOLDER))

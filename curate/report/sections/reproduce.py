"""How to make the version and its scores again: commands, settings, seeds, environment, digests."""

import shlex
from collections.abc import Iterator
from typing import Any

import tomlkit

from curate.errors import VersionError
from curate.manifest import Derivation, Header, PatchRecord, SourceRecord, Version
from curate.report.markup import Markup, code, join, note, preformatted, sentence, table
from curate.report.reported import ReportedVersion
from curate.report.seed_runs import group_runs

__all__ = ["show_commands"]

_DEFAULT_RATIOS = (0.8, 0.1, 0.1)


def show_commands(subject: ReportedVersion) -> Markup:
    """Everything from `curate init` to this page, then what it ran on."""
    commands = "\n".join([*_making(subject), *_scoring(subject), f"curate report {subject.name}"])
    return join(
        preformatted(commands),
        preformatted(_settings(subject.header)),
        *_recipe(subject),
        note("The settings stand in curate.toml. The same sources, settings and decisions give the same digest."),
        _environment(subject),
        table(["what", "sha256"], [(name, code(digest)) for name, digest in _digests(subject)]),
        sentence("Is it still as it was released? ", code(f"curate verify {subject.name}")),
    )


def _making(subject: ReportedVersion) -> Iterator[str]:
    yield "curate init my-data && cd my-data"
    known: set[str] = set()
    for header in _ancestry(subject):
        if header.derived:
            yield _augmenting(header.parent_name, header.derived)
            continue
        fresh = [each for each in header.sources if each.name not in known]
        known |= {each.name for each in fresh}
        yield from (_ingesting(subject, each) for each in fresh)
        if fresh and header.search.done:
            yield "curate duplicates" + " --thorough" * header.search.thorough
        yield from (_applying(each) for each in header.patches)
        yield from _reviewing(subject, header)
        yield _freezing(header)


def _ancestry(subject: ReportedVersion) -> list[Header]:
    """Headers from the oldest known ancestor to the version itself."""
    headers = [subject.header]
    while headers[0].parent:
        try:
            parent = subject.parent_of(headers[0])
        except VersionError:
            break
        if parent is None:
            break
        headers.insert(0, parent.header)
    return headers


def _ingesting(subject: ReportedVersion, source: SourceRecord) -> str:
    where = subject.evidence.deliveries.get(source.name, ("PATH",))
    return shlex.join(["curate", "ingest", *where, "--format", source.format, "--name", source.name])


def _applying(patch: PatchRecord) -> str:
    return shlex.join(["curate", "patch", "apply", f"{patch.version}.patch"])


def _reviewing(subject: ReportedVersion, header: Header) -> Iterator[str]:
    version = Version(subject.version.folder.parent, header.name, state=subject.version.state)
    origins = version.table("rows", columns=["label_origin"]).column("label_origin").to_pylist()
    count = origins.count("reviewed")
    if count:
        name = header.name
        yield f"# reviewed labels: {count:,}; `curate patch export {name} {name}.patch` takes them along"


def _freezing(header: Header) -> str:
    options = ["--from", header.parent_name or "none"]
    if header.ratios != _DEFAULT_RATIOS:
        options += ["--ratios", "/".join(f"{100 * each:g}" for each in header.ratios)]
    options += ["--keep-official-splits"] * bool(header.keep_official_splits)
    options += ["--keep-copies"] * bool(header.keep_copies)
    return shlex.join(["curate", "freeze", header.name, *options, *_choosing(header)])


def _choosing(header: Header) -> Iterator[str]:
    """The options of what was chosen for that version alone."""
    if header.chosen:
        if header.chosen.classes:
            yield from ("--classes", ",".join(header.chosen.classes))
        for source in header.chosen.only:
            yield from ("--only", source)
        for source in header.chosen.without:
            yield from ("--without", source)
    if header.splits_file:
        yield from ("--splits", header.splits_file.name)


def _augmenting(parent: str, derived: Derivation) -> str:
    how = ["--recipe", f"{derived.recipe['name']}.toml"] if "steps" in derived.recipe else ["--x4"]
    splits = [] if derived.splits == "train" else ["--splits", derived.splits]
    return shlex.join(["curate", "augment", parent, *how, *splits])


def _scoring(subject: ReportedVersion) -> Iterator[str]:
    for runs in group_runs(subject.scores):
        first = runs.scores[0]
        more = [] if first.protocol == "leak-free" else ["--protocol", first.protocol]
        more += ["--source", first.source] if first.source else []
        seeds = ["--seeds", str(max(score.seed for score in runs.scores) + 1)]
        yield shlex.join(["curate", "benchmark", subject.name, "--recipe", first.recipe, *seeds, *more])


def _settings(header: Header) -> str:
    settings: dict[str, Any] = {"seed": header.seed, "policy": header.policy}
    settings |= {"labels": labels} if (labels := {**header.labels, **header.source_labels}) else {}
    settings |= {"splits": header.splits} if header.splits else {}
    return tomlkit.dumps(settings).strip()


def _recipe(subject: ReportedVersion) -> Iterator[Markup]:
    """The file of an augmentation recipe of one's own."""
    recipe = {name: value for name, value in (subject.header.recipe or {}).items() if name != "transforms"}
    if "steps" in recipe:
        yield preformatted(f"# {recipe['name']}.toml\n{tomlkit.dumps(recipe).strip()}")


def _environment(subject: ReportedVersion) -> Markup:
    if not subject.scores:
        return join()
    rows: dict[tuple[str, ...], list[str]] = {}
    for score in subject.scores:
        made = score.environment
        versions = ", ".join(f"{name} {version}" for name, version in made.versions.items())
        parts = ", ".join(part for part in (made.device, made.backend, made.precision, made.machine) if part)
        system = f"{made.system}, Python {made.python}, {made.cores or ''} cores"
        rows.setdefault((score.recipe, parts, system, versions), []).append(str(score.seed))
    lines = [(recipe, ", ".join(sorted(set(seeds))), *where) for (recipe, *where), seeds in rows.items()]
    return table(["recipe", "seeds", "trained on", "system", "versions"], lines, title="Environment of the scores")


def _digests(subject: ReportedVersion) -> Iterator[tuple[str, str]]:
    header = subject.header
    yield f"version {subject.name}", header.digest
    yield "gold test", header.gold.digest
    yield from ((f"source {each.name}", each.digest) for each in header.sources)
    yield from header.files.items()

"""How to make the version and its scores again: commands, settings, seeds, environment, digests."""

import shlex
from collections.abc import Iterator
from typing import Any

import tomlkit

from curate.errors import VersionError
from curate.manifest import Version
from curate.report.markup import Markup, code, join, note, preformatted, sentence, table
from curate.report.reported import ReportedVersion
from curate.report.seed_runs import group_runs

__all__ = ["show_commands"]

_DEFAULT_RATIOS = [0.8, 0.1, 0.1]


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
        if header["derived"]:
            yield _augmenting(header)
            continue
        fresh = [each for each in header["sources"] if each["name"] not in known]
        known |= {each["name"] for each in fresh}
        yield from (_ingesting(subject, each) for each in fresh)
        search = header.get("search") or {}
        if fresh and search.get("done"):
            yield "curate duplicates" + " --thorough" * bool(search["thorough"])
        yield from (_applying(each) for each in header.get("patches", []))
        yield from _reviewing(subject, header)
        yield _freezing(header)


def _ancestry(subject: ReportedVersion) -> list[dict[str, Any]]:
    """Headers from the oldest known ancestor to the version itself."""
    headers = [subject.header]
    while headers[0]["parent"]:
        try:
            parent = subject.parent_of(headers[0])
        except VersionError:
            break
        if parent is None:
            break
        headers.insert(0, parent.header)
    return headers


def _ingesting(subject: ReportedVersion, source: dict[str, Any]) -> str:
    where = subject.evidence.deliveries.get(source["name"], ("PATH",))
    return shlex.join(["curate", "ingest", *where, "--format", source["format"], "--name", source["name"]])


def _applying(patch: dict[str, Any]) -> str:
    return shlex.join(["curate", "patch", "apply", f"{patch['version']}.patch"])


def _reviewing(subject: ReportedVersion, header: dict[str, Any]) -> Iterator[str]:
    version = Version(subject.version.folder.parent, header["name"], state=subject.version.state)
    origins = version.table("rows", columns=["label_origin"]).column("label_origin").to_pylist()
    count = origins.count("reviewed")
    if count:
        name = header["name"]
        yield f"# reviewed labels: {count:,}; `curate patch export {name} {name}.patch` takes them along"


def _freezing(header: dict[str, Any]) -> str:
    parent = header["parent"]["name"] if header["parent"] else "none"
    options = ["--from", parent]
    if header["ratios"] != _DEFAULT_RATIOS:
        options += ["--ratios", "/".join(f"{100 * each:g}" for each in header["ratios"])]
    options += ["--keep-official-splits"] * bool(header["keep_official_splits"])
    options += ["--keep-copies"] * bool(header["keep_copies"])
    return shlex.join(["curate", "freeze", header["name"], *options, *_choosing(header)])


def _choosing(header: dict[str, Any]) -> Iterator[str]:
    """The options of what was chosen for that version alone."""
    chosen = header.get("chosen", {})
    if "classes" in chosen:
        yield from ("--classes", ",".join(chosen["classes"]))
    for name in ("only", "without"):
        for source in chosen.get(name, []):
            yield from (f"--{name}", source)
    if "splits_file" in header:
        yield from ("--splits", header["splits_file"]["name"])


def _augmenting(header: dict[str, Any]) -> str:
    derived, parent = header["derived"], header["parent"]["name"]
    name = derived["recipe"]["name"]
    how = ["--x4"] if "steps" not in derived["recipe"] else ["--recipe", f"{name}.toml"]
    splits = [] if derived["splits"] == "train" else ["--splits", derived["splits"]]
    return shlex.join(["curate", "augment", parent, *how, *splits])


def _scoring(subject: ReportedVersion) -> Iterator[str]:
    for runs in group_runs(subject.scores):
        first = runs.scores[0]
        more = [] if first["protocol"] == "leak-free" else ["--protocol", first["protocol"]]
        more += ["--source", first["source"]] if first["source"] else []
        seeds = ["--seeds", str(max(score["seed"] for score in runs.scores) + 1)]
        yield shlex.join(["curate", "benchmark", subject.name, "--recipe", first["recipe"], *seeds, *more])


def _settings(header: dict[str, Any]) -> str:
    labels, by_source = header["labels"]
    settings: dict[str, Any] = {"seed": header["seed"], "policy": header["policy"]}
    settings |= {"labels": {**labels, **by_source}} if labels or by_source else {}
    settings |= {"splits": header["splits"]} if header["splits"] else {}
    return tomlkit.dumps(settings).strip()


def _recipe(subject: ReportedVersion) -> Iterator[Markup]:
    """The file of an augmentation recipe of one's own."""
    derived = subject.header["derived"]
    if derived and "steps" in derived["recipe"]:
        recipe = {name: value for name, value in derived["recipe"].items() if name != "transforms"}
        yield preformatted(f"# {recipe['name']}.toml\n{tomlkit.dumps(recipe).strip()}")


def _environment(subject: ReportedVersion) -> Markup:
    if not subject.scores:
        return join()
    rows: dict[tuple[str, ...], list[str]] = {}
    for score in subject.scores:
        environment = score["environment"]
        versions = ", ".join(f"{name} {version}" for name, version in environment.get("versions", {}).items())
        parts = [environment.get(name) for name in ("device", "backend", "precision", "machine")]
        system, python, cores = (environment.get(name, "") for name in ("system", "python", "cores"))
        where = (", ".join(str(part) for part in parts if part), f"{system}, Python {python}, {cores} cores", versions)
        rows.setdefault((score["recipe"], *where), []).append(str(score["seed"]))
    lines = [(recipe, ", ".join(sorted(set(seeds))), *where) for (recipe, *where), seeds in rows.items()]
    return table(["recipe", "seeds", "trained on", "system", "versions"], lines, title="Environment of the scores")


def _digests(subject: ReportedVersion) -> Iterator[tuple[str, str]]:
    header = subject.header
    yield f"version {subject.name}", header["digest"]
    yield "gold test", header["gold"]["digest"]
    yield from ((f"source {each['name']}", each["digest"]) for each in header["sources"])
    yield from header["files"].items()

"""The dataset card of an exported version: README.md with the settings that the `datasets` library reads."""

import json
from collections.abc import Sequence

from curate.manifest import Header, Version
from curate.sample import OFFICIAL_SPLITS

__all__ = ["dataset_card"]


def dataset_card(version: Version, splits: Sequence[str]) -> str:
    """Markdown with a YAML head.

    Args:
        version: what the card describes.
        splits: that have files, as they are named there.
    """
    header = version.header
    parts = (_head(header, splits), _origin(header), _counts(header), _sources(header), _COLUMNS)
    return "\n".join(parts)


def _head(header: Header, splits: Sequence[str]) -> str:
    files = "".join(f"  - split: {split}\n    path: data/{split}-*\n" for split in splits)
    return (
        "---\n"
        f"pretty_name: {json.dumps(header.name)}\n"
        "license: other\n"
        "task_categories:\n- image-classification\n"
        f"configs:\n- config_name: default\n  data_files:\n{files}"
        "---\n"
    )


def _origin(header: Header) -> str:
    parent = f", made from {header.parent.name}" if header.parent else ""
    return (
        f"# {_plain(header.name)}\n\n"
        f"{header.rows:,} pictures of faces by emotion: version `{header.name}` of a curated collection{parent}, "
        f"digest `{header.digest}`.\n"
        f"The gold test of its line holds {header.gold.rows:,} pictures (column `gold`).\n"
    )


def _counts(header: Header) -> str:
    lines = ["| label | " + " | ".join(OFFICIAL_SPLITS) + " |", "|---|" + "---:|" * len(OFFICIAL_SPLITS)]
    for label in header.classes:
        numbers = (f"{header.counts[split][label]:,}" for split in OFFICIAL_SPLITS)
        lines.append(f"| {label} | " + " | ".join(numbers) + " |")
    return "## Pictures by label and split\n\n" + "\n".join(lines) + "\n"


def _sources(header: Header) -> str:
    lines = [
        f"- {_plain(each.name)}: {_plain(each.licence or 'licence not noted')}; sha256 `{each.digest}`"
        for each in header.sources
    ]
    return (
        "## Sources\n\nThe pictures keep the licences of the datasets that they come from.\n\n"
        + "\n".join(lines)
        + "\n"
    )


def _plain(text: str) -> str:
    """Text that Markdown takes as it is."""
    return "".join(f"\\{letter}" if letter in "\\`*_{}[]()<>#+!|" else letter for letter in " ".join(text.split()))


_COLUMNS = """\
## Columns

| column | meaning |
|---|---|
| `image` | the picture file as delivered, or a PNG, of the picture's own size and mode |
| `label` | emotion |
| `gold` | whether it belongs to the gold test |
| `sample_id` | sha256 over mode, width, height and pixels |
| `label_origin` | what decided the label: given, majority, priority, votes, group, reviewed, patch |
| `group_id`, `lineage_id` | copies of one photograph; pictures that must stay on one side of a split |
| `subject`, `sequence` | person and film, where they are known |
| `sources` | datasets that hold it |
| `parent`, `transform` | of an augmented picture: what it was made from, and how |
| `original_source`, `original_file` | where the picture was delivered: dataset, and path or row in it |
| `votes` | annotators' votes by label; missing where nobody voted |
"""

"""What augmentation made: how many pictures of which transform, and each transform on the same faces."""

from curate.derive import ORIGINAL
from curate.report.images import PictureRequest
from curate.report.markup import Markup, card, code, join, note, sentence, table
from curate.report.reported import ReportedVersion
from curate.sample import OFFICIAL_SPLITS

__all__ = ["show_transforms"]


def show_transforms(subject: ReportedVersion) -> Markup:
    """Counts by transform and split, and a card for each transform."""
    derived = subject.header.derived
    if derived is None:
        return sentence(f"{subject.name} is not augmented: ", code(f"curate augment {subject.name} --x4"))
    recipe = derived.recipe
    names = list(dict.fromkeys([ORIGINAL, *recipe["transforms"]]))
    where = "all splits: the test is augmented, too" if derived.splits == "all" else f"the {derived.splits} split"
    faces = _faces(subject)
    cards = [
        card(
            name,
            subject.images.row_of([PictureRequest(parent, (label,), name) for label, parent in faces.items()]),
        )
        for name in names
        if faces
    ]
    return join(sentence(f"Augmented by {recipe['name']} in {where}."), _counts(subject), *cards, _steps(subject))


def _counts(subject: ReportedVersion) -> Markup:
    rows = subject.rows.assign(transform=subject.rows["transform"].fillna(ORIGINAL))
    counts = rows.groupby(["transform", "split"]).size().unstack(fill_value=0)
    lines = [(name, *(int(row.get(split, 0)) for split in OFFICIAL_SPLITS)) for name, row in counts.iterrows()]
    return table(["transform", *OFFICIAL_SPLITS], lines)


def _faces(subject: ReportedVersion) -> dict[str, str]:
    """Class -> the parent of its first augmented picture."""
    made = subject.rows.dropna(subset="parent").drop_duplicates("label")
    parents = dict(zip(made["label"], made["parent"], strict=True))
    return {label: parents[label] for label in subject.header.classes if label in parents}


def _steps(subject: ReportedVersion) -> Markup:
    steps = (subject.header.recipe or {}).get("steps", [])
    if not steps:
        return note("Made anew whenever they are needed; the same pixels on every machine.")
    rows = [
        (step["kind"], ", ".join(f"{name} {value}" for name, value in step.items() if name != "kind")) for step in steps
    ]
    return table(["step", "options"], rows, title="Steps of the recipe, each drawn anew for every picture")

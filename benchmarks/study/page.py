"""`docs/fer2013.md` from its template: tables and numbers are filled in, commentary is written by people."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template
from typing import Any

from curate.storage import replace_file
from study.figures import draw_figures
from study.results import Results
from study.tables import TABLES, percent, points
from study.training import QUICK

__all__ = ["write_page"]

_TEMPLATE = Path(__file__).with_name("page.md")


def write_page(results: Results, path: Path) -> Path:
    """Write the page, and its plots into `figures/` beside it; the same results give the same bytes.

    Raises:
        KeyError: the template names something that is not there.
    """
    values = results.values
    draw_figures(values, path.parent / "figures")
    told = {f"table_{name}": make(values) for name, make in TABLES.items()}
    text = Template(_TEMPLATE.read_text(encoding="utf-8")).substitute(
        {**told, **_numbers(values), "digest": results.digest}
    )
    replace_file(path, text)
    return path


def _numbers(values: Mapping[str, Any]) -> dict[str, str]:
    """What sentences of the page quote."""
    leak = next(each for each in values["leaks"] if each["split"] == "val+test")
    pairs = values["duplicates"]["pairs"]
    conflict = {each["where"]: each for each in values["conflicts"]}
    ceiling = next((each for each in values["ceilings"] if each["agreement"] is not None), None)
    step = {each["name"]: each for each in values["steps"]}
    left_out = next(each["left_out"] for each in values["versions"] if each["name"] == "fer-v1")
    looked, wrong = (
        sum(step[name][key] for name in ("fer-b5", "fer-v3")) for key in ("looked_at", "relabelled_outside_gold")
    )
    comparison = {(e["a"], e["b"], e["recipe"]): e for e in values["comparisons"]}
    outside = sum(
        left_out.get(f"label {name}", 0) for name in ("contempt is not listed", "is unknown", "is not_a_face")
    )
    return {
        "official_pictures": f"{leak['pictures']:,}",
        "leaking": f"{leak['leaking']:,}",
        "leak_share": f"{leak['share']:.1%}",
        "identical": f"{leak['exact']:,}",
        "identical_share": f"{leak['exact'] / leak['pictures']:.1%}",
        "pairs": f"{sum(pairs.values()):,}",
        "pair_kinds": ", ".join(f"{count:,} {kind}" for kind, count in pairs.items()),
        "groups": f"{values['duplicates']['groups']:,}",
        "grouped": f"{values['duplicates']['grouped']:,}",
        "conflicts_identical": f"{conflict['identical pictures']['count']:,}",
        "conflicts_groups": f"{conflict['duplicate groups']['count']:,}",
        "agreement": f"{values['disagreement'][0]['agreement']:.1%}",
        "ceiling": "unknown" if ceiling is None else f"{percent([ceiling[k] for k in ('agreement', 'low', 'high')])} %",
        "ceiling_pairs": "0" if ceiling is None else f"{ceiling['clear']:,}",
        "outside": f"{outside:,}",
        "looked_v3": f"{looked:,}",
        "wrong_v3_share": f"{wrong / max(looked, 1):.0%}",
        "gain_v3": _gain(comparison, "fer-v2", "fer-v3"),
        "leak_pays": _leak_pays(values["nearness"]),
        "gain_b20": _gain(comparison, "fer-v2", "fer-b20"),
        "gain_plus": _gain(comparison, "fer-v2", "fer-plus"),
        "relabelled_groups": f"{step['fer-v2']['relabelled_outside_gold']:,}",
        **{
            f"relabelled_{name.removeprefix('fer-')}": f"{step[name]['relabelled_outside_gold']:,}"
            for name in ("fer-b5", "fer-v3", "fer-b20", "fer-plus")
        },
        "core_minutes": f"{sum(each['core_seconds'] for each in values['cost']) / 60:.0f}",
    }


def _gain(comparison: Mapping[tuple[str, str, str], Mapping[str, Any]], a: str, b: str) -> str:
    found = comparison.get((a, b, QUICK))
    return "(not measured)" if found is None else points(found["accuracy"]).replace(" (", " points (")


def _leak_pays(rows: Sequence[Mapping[str, Any]]) -> str:
    told = [row for row in rows if row["trained"] == "as published"]
    if not told:
        return ""
    best = max(told, key=lambda row: row["near"][0])
    return (
        f"Trained as published, `{best['recipe']}` is right for {100 * best['near'][0]:.0f} % of the test pictures "
        f"that have a copy in training, and for {100 * best['apart'][0]:.0f} % of the others."
    )

"""What one generated person looks like, whatever the picture."""

from dataclasses import dataclass

import numpy as np

from curate.seeding import derive_seed

Ink = tuple[float, float, float]
"""An RGB colour, 0 to 255 per channel."""

HAIR_STYLES = ("bald", "receding", "short", "side", "fringe", "bob", "long", "curly", "bun", "cap")
BEARDS = ("none", "stubble", "moustache", "goatee", "full")
GLASSES = ("none", "round", "square")

SKINS: tuple[Ink, ...] = (
    (246, 218, 198), (236, 198, 168), (222, 176, 140), (200, 150, 112), (170, 120, 86), (136, 92, 66), (104, 70, 52),
)  # fmt: skip
HAIRS: tuple[Ink, ...] = (
    (24, 20, 20), (52, 34, 24), (92, 60, 36), (134, 72, 36), (168, 122, 66), (214, 184, 124), (186, 186, 186),
)  # fmt: skip
IRISES: tuple[Ink, ...] = ((58, 36, 22), (40, 26, 18), (70, 96, 124), (76, 92, 58))


@dataclass(frozen=True, slots=True)
class Face:
    """One person's looks; lengths are in units of 1/48 of the picture, measured from the middle of the head."""

    key: int
    """Seeds the details that belong to the person (curls, freckles); 63 bits."""
    skin: Ink
    hair: Ink
    iris: Ink
    half_width: float
    crown: float
    """From the middle of the head up to the top of the skull."""
    chin: float
    """From the middle of the head down to the chin."""
    jaw: float
    """Exponent of the jaw line: below 1 square, above 1 pointed."""
    neck: float
    ear: float
    eye_gap: float
    """From the middle line to the middle of an eye."""
    eye_y: float
    eye_size: float
    """Half the width of an eye."""
    eye_slant: float
    """How much the outer corner of an eye lies above the inner one."""
    brow_y: float
    """From an eye up to its brow at rest."""
    brow_weight: float
    brow_arch: float
    nose_y: float
    nose_width: float
    mouth_y: float
    mouth_width: float
    """Half the width of the mouth at rest."""
    lip: float
    """Thickness of the lower lip."""
    hair_style: str
    """One of HAIR_STYLES."""
    hair_volume: float
    """How far the hair stands out from the skull."""
    hairline: float
    """Height of the hairline as a share of the crown."""
    parting: float
    """Side of the parting: negative left, positive right; its size is how much the hairline slopes."""
    beard: str
    """One of BEARDS."""
    glasses: str
    """One of GLASSES."""
    age: float
    """0 smooth skin to 1 deep lines."""
    moles: tuple[tuple[float, float], ...]
    """Where moles sit, never mirrored."""


def random_ink(rng: np.random.Generator, low: float, high: float) -> Ink:
    """Any colour with channels between the two bounds."""
    red, green, blue = rng.uniform(low, high, 3).tolist()
    return red, green, blue


def _mix(palette: tuple[Ink, ...], rng: np.random.Generator) -> Ink:
    """A colour between two neighbours of the palette, a little lighter or darker."""
    place = rng.uniform(0, len(palette) - 1)
    low = np.asarray(palette[int(place)])
    high = np.asarray(palette[min(int(place) + 1, len(palette) - 1)])
    red, green, blue = np.clip((low + (high - low) * (place % 1)) * rng.uniform(0.92, 1.06), 0, 255).tolist()
    return red, green, blue


def _pick(names: tuple[str, ...], weights: tuple[float, ...], rng: np.random.Generator) -> str:
    return names[int(rng.choice(len(names), p=np.asarray(weights) / sum(weights)))]


def _pick_hair(rng: np.random.Generator) -> tuple[str, str]:
    """Hair style and beard; a person with one of the long styles has no beard."""
    style = _pick(HAIR_STYLES, (1, 1, 1.3, 1.5, 1.2, 1.3, 1.5, 1.4, 0.8, 0.7), rng)
    return style, "none" if style in ("bob", "long", "bun") else _pick(BEARDS, (5, 1.2, 1, 0.8, 1.2), rng)


def _pick_features(half_width: float, rng: np.random.Generator) -> dict[str, float]:
    return {
        "eye_gap": rng.uniform(5.0, 6.3) * half_width / 13.4,
        "eye_y": rng.uniform(-3.4, -1.4),
        "eye_size": rng.uniform(2.7, 3.5),
        "eye_slant": rng.uniform(-0.5, 0.7),
        "brow_y": rng.uniform(3.5, 4.5),
        "brow_weight": rng.uniform(0.8, 1.9),
        "brow_arch": rng.uniform(0.2, 1.1),
        "nose_y": rng.uniform(3.2, 5.2),
        "nose_width": rng.uniform(1.7, 3.0),
        "mouth_y": rng.uniform(9.0, 10.6),
        "mouth_width": rng.uniform(4.4, 5.8),
        "lip": rng.uniform(0.8, 1.7),
    }


def _pick_moles(rng: np.random.Generator) -> tuple[tuple[float, float], ...]:
    return tuple((x, y) for x, y in rng.uniform((-9, -9), (9, 12), (int(rng.integers(1, 4)), 2)).tolist())


def make_face(seed: int, subject: int) -> Face:
    """The looks of person `subject`; same arguments, same looks."""
    key = derive_seed(seed, "faces.looks", subject)
    rng = np.random.default_rng(key)
    half_width = rng.uniform(11.6, 15.2)
    style, beard = _pick_hair(rng)
    return Face(
        key=key,
        skin=_mix(SKINS, rng),
        hair=_mix(HAIRS, rng),
        iris=IRISES[int(rng.integers(len(IRISES)))],
        half_width=half_width,
        crown=rng.uniform(15.0, 18.0),
        chin=rng.uniform(15.8, 18.8),
        jaw=rng.uniform(0.62, 1.12),
        neck=rng.uniform(0.5, 0.78) * half_width,
        ear=rng.uniform(2.4, 3.8),
        hair_volume=rng.uniform(0.8, 3.0),
        hairline=rng.uniform(0.52, 0.74),
        parting=float(rng.choice((-1, 1))) * rng.uniform(0.8, 3.0),
        age=rng.uniform(0, 1) ** 1.5,
        moles=_pick_moles(rng),
        hair_style=style,
        beard=beard,
        glasses=_pick(GLASSES, (7, 1, 1), rng),
        **_pick_features(half_width, rng),
    )

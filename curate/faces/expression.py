"""How an emotion moves a face, from the action units of the Facial Action Coding System.

Ekman, P. & Friesen, W. V. (1978). Facial Action Coding System. Consulting Psychologists Press.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

Units = Mapping[int, float]
"""Activation of each action unit by its FACS number: 0 at rest, 1 full."""

EMOTION_UNITS: dict[str, tuple[Units, ...]] = {
    "angry": (
        {4: 1.2, 5: 0.4, 7: 0.6, 15: 0.15, 17: 0.5, 23: 0.8},
        {4: 1.15, 5: 0.5, 7: 0.5, 10: 0.5, 16: 1, 25: 1},
    ),
    "disgust": (
        {4: 0.5, 7: 0.7, 9: 1, 10: 1, 15: 0.4, 16: 0.3, 25: 0.45},
        {4: 0.4, 7: 0.7, 9: 1, 10: 0.7, 15: 0.3, 16: 0.9, 19: 1, 25: 0.8},
    ),
    "fear": (
        {1: 1, 2: 0.55, 4: 0.55, 5: 1, 20: 1, 25: 1, 26: 0.35},
        {1: 1, 2: 0.45, 4: 0.5, 5: 1, 20: 1.1, 25: 0.9, 26: 0.1},
    ),
    "happy": ({6: 1, 12: 1, 25: 1}, {6: 0.9, 12: 1.1, 25: 0.3}, {6: 1, 12: 1.1, 25: 1, 26: 0.45}),
    "neutral": ({},),
    "sad": ({1: 1, 4: 0.4, 15: 1, 17: 0.7, 43: 0.5}, {1: 1, 4: 0.5, 15: 1, 25: 0.35, 43: 0.3}),
    "surprise": ({1: 1, 2: 1, 5: 0.9, 25: 0.6, 26: 1, 27: 1}, {1: 1, 2: 1, 5: 0.7, 25: 0.4, 26: 0.7, 27: 0.9}),
}
"""The action units of each emotion, one table per way of showing it.

4 brow lowerer, 1 and 2 inner and outer brow raiser, 5 upper lid raiser, 6 cheek raiser, 7 lid tightener, 9 nose
wrinkler, 10 upper lip raiser, 12 lip corner puller, 15 lip corner depressor, 16 lower lip depressor, 17 chin raiser,
19 tongue shown, 20 lip stretcher, 23 lip tightener, 25 lips part, 26 jaw drop, 27 mouth stretch, 43 eyes closing.
"""

HEAD_MOVES: dict[str, tuple[float, float]] = {"sad": (0.9, 0.5), "surprise": (-0.7, 0.5), "disgust": (0.0, 1.1)}
"""Mean nod (positive down) and spread of the turn that go with an emotion, in units of 1/48 of the picture."""


@dataclass(frozen=True, slots=True)
class Expression:
    """Displacements from the face at rest, in units of 1/48 of the picture (y down) unless said otherwise."""

    brow_inner: float
    brow_outer: float
    brow_squeeze: float
    """How far the inner ends of the brows come together."""
    lid_upper: float
    """Share of the resting height by which the upper lid rises; negative for a lowered lid."""
    lid_lower: float
    lid_slant: float
    """How far the highest point of the upper lid lies towards the temple."""
    mouth_width: float
    mouth_corner: float
    mouth_skew: float
    """How much further up the right corner and lip are than the left ones (asymmetry of disgust)."""
    mouth_round: float
    """0 a mouth pointed at its corners, 1 an oval."""
    gap_up: float
    gap_down: float
    lip_press: float
    """Share by which the lips thin."""
    upper_lip: float
    jaw_drop: float
    teeth_up: float
    """Share of the gap that the upper teeth fill."""
    teeth_down: float
    tongue: float
    cheek: float
    """Strength 0 to 1 of raised cheeks; likewise the next four."""
    fold: float
    nose_wrinkle: float
    frown: float
    forehead: float
    chin_boss: float
    turn: float
    nod: float
    gaze_x: float
    gaze_y: float


def _activate(emotion: str, rng: np.random.Generator) -> dict[int, float]:
    """The action units of one picture: a way of showing the emotion, with its own strength and unevenness."""
    if emotion not in EMOTION_UNITS:
        raise ValueError(f"unknown emotion {emotion!r}; known: {', '.join(sorted(EMOTION_UNITS))}")
    ways = EMOTION_UNITS[emotion]
    units = ways[int(rng.integers(len(ways)))]
    strength = rng.uniform(0.85, 1.25)
    random_units = dict(zip((1, 2, 4, 5, 7, 12, 15, 25), (rng.uniform(-0.5, 1, 8) * 0.1).clip(0).tolist(), strict=True))
    shown = {unit: value * strength * rng.uniform(0.85, 1.12) for unit, value in units.items()}
    return {unit: random_units.get(unit, 0.0) + shown.get(unit, 0.0) for unit in range(1, 44)}


def make_expression(emotion: str, rng: np.random.Generator) -> Expression:
    """An expression of the emotion; its strength and unevenness come from `rng`.

    Raises:
        ValueError: the emotion is not one of EMOTION_UNITS.
    """
    au = _activate(emotion, rng)
    nod, turn = HEAD_MOVES.get(emotion, (0.0, 0.5))
    side = float(rng.choice((-1, 1)))
    return Expression(
        mouth_skew=side * rng.uniform(0.1, 1.0) * (2.2 * au[9] + 0.12),
        turn=rng.normal(0, turn),
        nod=nod + rng.normal(0, 0.45),
        gaze_x=rng.normal(0, 0.45),
        gaze_y=rng.normal(0, 0.2) + 0.4 * au[43],
        **_move_eyes(au),
        **_move_lips(au),
        **_mark_skin(au),
    )


def _move_eyes(au: Units) -> dict[str, float]:
    return {
        "brow_inner": -3.0 * au[1] + 3.1 * au[4] + 0.7 * au[9],
        "brow_outer": -2.7 * au[2] + 1.1 * au[1] * (1 - min(au[2], 1)) - 0.4 * au[4] + 0.9 * au[9],
        "brow_squeeze": 1.2 * au[4],
        "lid_upper": 1.0 * au[5] - 0.22 * au[7] - 0.28 * au[6] - 0.5 * au[9] - 0.7 * au[43],
        "lid_slant": 1.7 * au[4] - 1.6 * au[1] * (1 - 0.5 * min(au[2], 1)),
        "lid_lower": 0.5 * au[5] - 0.35 * au[7] - 0.5 * au[6] - 0.35 * au[9],
    }


def _move_lips(au: Units) -> dict[str, float]:
    smile, sneer, stretch = au[12] * au[25], au[10] * au[25], au[20] * au[25]
    return {
        "mouth_width": 2.0 * au[12] + 2.0 * au[20] - 1.3 * au[23] - 2.2 * au[27] - 0.5 * au[9] - 0.4 * au[17],
        "mouth_corner": -2.9 * au[12] + 2.5 * au[15] + 0.9 * au[20] + 0.5 * au[16],
        "mouth_round": min(1.0, au[27] + 0.5 * au[20] + 0.5 * au[16]),
        "gap_up": 0.45 * au[25] + 0.9 * au[26] + 1.4 * sneer + 0.2 * smile + 0.4 * stretch,
        "gap_down": 0.7 * au[25] + 3.2 * au[26] + 1.0 * au[16] * au[25] + 1.7 * smile + 0.7 * stretch,
        "lip_press": min(0.8, 0.7 * au[23]),
        "upper_lip": -1.5 * au[10] - 0.8 * au[9] - 0.5 * au[12] - 0.7 * au[17],
        "jaw_drop": 2.6 * au[26],
        "teeth_up": min(0.85, 0.75 * au[12] + 0.55 * au[10] + 0.45 * au[20]),
        "teeth_down": min(0.45, 0.45 * au[16] + 0.3 * au[20]) * (1 - min(1.0, au[19])),
        "tongue": min(1.0, au[19]),
    }


def _mark_skin(au: Units) -> dict[str, float]:
    return {
        "cheek": min(1.0, au[6] + 0.5 * au[9]),
        "fold": min(1.0, 0.9 * au[12] + 0.9 * au[9] + 0.5 * au[10] + 0.3 * au[15]),
        "nose_wrinkle": min(1.0, au[9]),
        "frown": min(1.0, au[4]),
        "forehead": min(1.0, 0.5 * (au[1] + au[2])),
        "chin_boss": min(1.0, au[17]),
    }

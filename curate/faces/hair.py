"""What frames a face: hair, beard, cap, neck, ears and clothes."""

import numpy as np

from curate.faces.expression import Expression
from curate.faces.features import Pen, Points, bend, blend_inks, head_outline, oval, shade_ink
from curate.faces.looks import Face, random_ink
from curate.seeding import derive_seed

_LINE = np.linspace(-1, 1, 21)
"""Places from the left temple over the top of the head to the right temple."""


def draw_body(pen: Pen, face: Face, rng: np.random.Generator) -> None:
    """Shoulders, collar and neck; the clothes are the picture's own."""
    cloth = random_ink(rng, 25, 225)
    other = shade_ink(cloth, float(rng.choice((0.45, 1.7))))
    top = face.chin + rng.uniform(0.5, 2.5)
    left, right = (bend((s * face.neck, top - 1), (s * 17, top), (s * 27, top + 9)) for s in (-1, 1))
    shoulders = np.vstack((left, [(-27, 40), (27, 40)], right[::-1]))
    pen.fill(shoulders, cloth, 0)
    pattern = int(rng.integers(3))
    if pattern == 1:
        pen.strokes([np.array(((-27, y), (27, y + 1.0))) for y in np.arange(top + 1, top + 14, 3)], other, 1.2, 0)
    if pattern == 2:
        collar = [bend((s * face.neck, top - 1), (s * 4, top + 5), (0, top + 7)) for s in (-1, 1)]
        pen.strokes(collar, other, 1.8, 0)
    neck = np.array(((-face.neck, 5.0), (face.neck, 5.0), (face.neck, top), (0, top + 3.5), (-face.neck, top)))
    pen.fill(neck, shade_ink(face.skin, 0.68), 0)


def draw_skull(pen: Pen, face: Face, mood: Expression) -> None:
    """Ears and the head without its features."""
    for side in (-1.0, 1.0):
        x = side * (face.half_width + 0.4) + 0.4 * float(pen.turn[0])
        pen.fill(oval(x, face.eye_y + 2.6, 1.9, face.ear), shade_ink(face.skin, 0.86), 0)
        shell = bend((x, face.eye_y + 0.8), (x + side, face.eye_y + 2), (x, face.eye_y + 4))
        pen.stroke(shell, shade_ink(face.skin, 0.55), 0.4, 0)
    outline = head_outline(face, mood.jaw_drop)
    pen.fill(outline, face.skin, 0)
    pen.stroke(outline[:13], shade_ink(face.skin, 0.55), 0.5, 0)


def _locks(inner: Points, outer: Points, count: int, rng: np.random.Generator) -> Points:
    """Strands (count, 3, 2) between two curves of the same length."""
    places = rng.integers(0, len(inner), count)
    ends = np.clip(places + int(rng.integers(-3, 4)) + rng.integers(-1, 2, count), 0, len(inner) - 1)
    near = rng.uniform(0, 0.55, (count, 1))
    far = rng.uniform(0.6, 1, (count, 1))
    start = inner[places] + (outer[places] - inner[places]) * near
    stop = inner[ends] + (outer[ends] - inner[ends]) * far
    middle = (start + stop) / 2 + rng.normal(0, 0.5, (count, 2))
    return np.stack((start, middle, stop), axis=1)


def _texture(pen: Pen, face: Face, inner: Points, outer: Points, rng: np.random.Generator) -> None:
    """Sheen, light and dark strands, their places the picture's own."""
    sheen = np.sort(rng.integers(2, len(inner) - 2, 2))
    ridge = inner + (outer - inner) * rng.uniform(0.35, 0.7)
    pen.stroke(ridge[sheen[0] : sheen[1] + 3], blend_inks(face.hair, (255, 245, 225), 0.2), 2.2, 0.2)
    pen.strokes(_locks(inner, outer, 24, rng), blend_inks(face.hair, (255, 245, 225), 0.25), 0.4, 0.2)
    pen.strokes(_locks(inner, outer, 24, rng), shade_ink(face.hair, 0.7), 0.4, 0.2)


def draw_back_hair(pen: Pen, face: Face, rng: np.random.Generator) -> None:
    """Hair behind the head: long hair, a bob, a bun, the rim of curls."""
    dark = shade_ink(face.hair, 0.75)
    if face.hair_style in ("long", "bob"):
        length = rng.uniform(-2, 2) + (24.0 if face.hair_style == "long" else 0.62 * face.chin)
        wide = face.half_width + 1.6 + face.hair_volume + rng.uniform(-0.8, 0.8)
        left = bend((-wide * 0.8, -face.crown * 0.7), (-wide - 1.5, 0), (-wide, length))
        right = bend((wide * 0.8, -face.crown * 0.7), (wide + 1.5, 0), (wide + 1, length - 1.2 * face.parting))
        pen.fill(np.vstack((left, right[::-1])), dark, 0)
        pen.strokes(_falling(left, rng) + _falling(right, rng), shade_ink(face.hair, 1.5), 0.5, 0)
    if face.hair_style == "bun":
        x, y = 2.0 * face.parting, -face.crown - 2.2
        pen.fill(oval(x, y, 5.5, 4.2), dark, 0)
        pen.strokes(_locks(oval(x, y, 2, 1), oval(x, y, 5, 4), 12, rng), shade_ink(face.hair, 1.6), 0.5, 0)


def _falling(edge: Points, rng: np.random.Generator) -> list[Points]:
    """Strands that run down beside an edge of long hair."""
    return [edge * (share, 1) + rng.normal(0, 0.25, edge.shape) for share in rng.uniform(0.78, 0.98, 6)]


def _front_edges(face: Face, rng: np.random.Generator) -> tuple[Points, Points]:
    """Hairline and upper edge of the front hair, left to right."""
    style = face.hair_style
    u = _LINE
    steep = {"fringe": 7.0, "bob": 6.0, "receding": 1.3}.get(style, 3.0)
    line = {"fringe": 0.47, "bob": 0.5, "receding": 0.9, "curly": 0.6}.get(style, face.hairline)
    side = {"bob": 6.0, "long": 7.0, "receding": -2.0, "bun": -3.0}.get(style, -1.5)
    slope = face.parting * (u if style in ("side", "long", "short") else 0.3 * u)
    if style == "side":
        slope = slope - 2.9 * np.exp(-(((u - 0.12 * face.parting) / 0.12) ** 2))
    hairline = -face.crown * line * (1 - np.abs(u) ** steep) + side * np.abs(u) ** steep + slope * (1 - u**4)
    if style == "receding":
        hairline = hairline + 5.0 * np.exp(-((u / 0.2) ** 2))
    tousled = np.interp(u, np.linspace(-1, 1, 8), rng.normal(0, 0.8, 8))
    inner = np.column_stack((u * face.half_width * 0.985, hairline + tousled))
    volume = {"receding": 0.4, "bun": 0.8, "short": 0.5 * face.hair_volume}.get(style, face.hair_volume)
    angle = np.pi * (1 + (u + 1) / 2)
    lift = volume * (1 + 0.18 * face.parting * np.cos(angle))
    outer = np.column_stack((np.cos(angle) * (face.half_width + 0.5 * volume), np.sin(angle) * (face.crown + lift)))
    outer[0, 1] = outer[-1, 1] = max(side, -1.0)
    return inner, outer


def draw_front_hair(pen: Pen, face: Face, rng: np.random.Generator) -> None:
    """Hair or cap over the forehead."""
    if face.hair_style == "bald":
        return
    if face.hair_style == "cap":
        _draw_cap(pen, face, rng)
        return
    inner, outer = _front_edges(face, rng)
    pen.fill(np.vstack((inner, outer[::-1])), face.hair, 0.2)
    if face.hair_style == "curly":
        own = np.random.default_rng(derive_seed(face.key, "curls"))
        for (x, y), (a, b) in zip(outer.tolist(), own.uniform(1.6, 3.6, (len(outer), 2)).tolist(), strict=True):
            pen.fill(oval(x, y, a, b), face.hair, 0.2)
        outer = outer * 1.12
    _texture(pen, face, inner, outer, rng)


def _draw_cap(pen: Pen, face: Face, rng: np.random.Generator) -> None:
    """A knitted cap in the person's own colour, with a rim and ribs."""
    own = np.random.default_rng(derive_seed(face.key, "cap"))
    wool = random_ink(own, 30, 210)
    dome = head_outline(face, grow=1.8)
    rim_y = -0.5 * face.crown
    dome = np.column_stack((dome[:, 0], np.minimum(dome[:, 1], rim_y)))
    pen.fill(dome, wool, 0.2)
    ribs = [bend((x * 0.4, -face.crown - 1), (x * 0.9, -0.8 * face.crown), (x, rim_y)) for x in np.arange(-11, 12, 3.0)]
    pen.strokes(ribs, shade_ink(wool, 0.6), 0.5, 0.2)
    wide = face.half_width + 1.0
    tilt = 0.4 * face.parting
    low, high = rim_y - tilt, rim_y + tilt
    rim = np.array(((-wide, low), (wide, high), (wide, high - 3.4), (-wide, low - 3.4)))
    pen.fill(rim, shade_ink(wool, 1.35), 0.2)
    pen.strokes(_locks(rim[[0, 0, 1, 1]], rim[[3, 3, 2, 2]], 8, rng), shade_ink(wool, 0.8), 0.4, 0.2)


def draw_beard(pen: Pen, face: Face, mood: Expression, rng: np.random.Generator) -> None:
    """Drawn before the mouth, which stays free."""
    ink = blend_inks(face.hair, face.skin, 0.15)
    mouth = face.mouth_y + 0.3 * mood.mouth_corner
    if face.beard in ("full", "stubble"):
        edge = head_outline(face, mood.jaw_drop)[:13]
        inner = edge * (0.72, 0.3) + (0, 0.42 * face.chin)
        ink = blend_inks(face.hair, face.skin, 0.68) if face.beard == "stubble" else ink
        pen.fill(np.vstack((edge, inner[::-1])), ink, 0.2)
        pen.strokes(_locks(inner, edge, 18, rng), shade_ink(ink, 0.82), 0.5, 0.2)
    if face.beard == "goatee":
        pen.fill(oval(0, mouth + 5.0 + mood.jaw_drop + mood.gap_down * 0.3, 3.6, 3.2), ink)
    if face.beard in ("full", "goatee", "moustache"):
        half = face.mouth_width + 0.5 * mood.mouth_width
        lip = mouth + mood.upper_lip - mood.gap_up
        end = lip + 0.4 + 0.3 * mood.mouth_corner
        top = bend((-half, end), (0, face.nose_y - 0.6 + 0.5 * mood.upper_lip), (half, end))
        pen.fill(np.vstack((top, bend((half, lip + 0.8), (0, lip - 1.2), (-half, lip + 0.8)))), ink)

"""Strokes and fills of a head: a pen that places points on the picture, and each part of the face drawn with it."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from curate.faces.expression import Expression
from curate.faces.looks import Face, Ink

Points = npt.NDArray[np.float64]
"""(n, 2) x and y in units of 1/48 of the picture, from the middle of the head; y grows downwards."""
Canvas = npt.NDArray[np.uint8]

INK_DARK: Ink = (34, 22, 22)
INK_WHITE: Ink = (240, 240, 236)
FINE_BITS = 4
"""Fractional bits of the coordinates that OpenCV draws with."""
_LUMA = (0.299, 0.587, 0.114)
"""Weights of red, green and blue in gray (ITU-R BT.601), as OpenCV has them."""
_STEP = np.linspace(0, 1, 9)[:, None]
_BEZIER = np.hstack(((1 - _STEP) ** 2, 2 * _STEP * (1 - _STEP), _STEP**2))
_ROUND = np.linspace(0, 2 * np.pi, 24, endpoint=False)
_CIRCLE = np.column_stack((np.cos(_ROUND), np.sin(_ROUND)))
_SIDES = (-1.0, 1.0)
"""Left and right in the picture."""
_ACROSS = np.sin(np.linspace(-np.pi / 2, np.pi / 2, 15))
"""Places from -1 to 1 across a mouth or a hairline, denser at the ends."""


@dataclass(frozen=True, slots=True)
class Pen:
    """Draws on `canvas` (h, w) or (h, w, 3), in place."""

    canvas: Canvas
    frame: Points
    """(2, 3) affine map from head units to sixteenths of a canvas pixel."""
    turn: npt.NDArray[np.float64]
    """How far the middle of the face moves right and down as the head turns."""
    unit: float
    """Canvas pixels per head unit."""

    def place(self, points: Points, depth: float) -> npt.NDArray[np.int32]:
        """Where points (..., 2) fall on the canvas; `depth`: 0 outline of the head, 1 face, above 1 nose."""
        if depth:
            bulge = np.maximum(depth - points[..., :1] ** 2 * (depth / 17**2), 0)
            points = points + bulge * self.turn
        placed: npt.NDArray[np.int32] = np.rint(points @ self.frame[:, :2].T + self.frame[:, 2]).astype(np.int32)
        return placed

    def _tone(self, ink: Ink) -> tuple[float, ...]:
        return ink if self.canvas.ndim == 3 else (ink[0] * _LUMA[0] + ink[1] * _LUMA[1] + ink[2] * _LUMA[2],)

    def fill(self, points: Points, ink: Ink, depth: float = 1.0) -> None:
        """The inside of a closed line."""
        cv2.fillPoly(self.canvas, [self.place(points, depth)], self._tone(ink), cv2.LINE_8, FINE_BITS)

    def stroke(self, points: Points, ink: Ink, width: float, depth: float = 1.0) -> None:
        """One line of this width in head units."""
        self.strokes(points[None], ink, width, depth)

    def strokes(self, lines: Points | list[Points], ink: Ink, width: float, depth: float = 1.0) -> None:
        """Lines of one length, (lines, n, 2)."""
        placed = list(self.place(np.asarray(lines), depth))
        thickness = max(1, round(width * self.unit))
        cv2.polylines(
            self.canvas,
            placed,
            isClosed=False,
            color=self._tone(ink),
            thickness=thickness,
            lineType=cv2.LINE_8,
            shift=FINE_BITS,
        )


def shade_ink(ink: Ink, factor: float) -> Ink:
    """The colour made darker (factor below 1) or lighter."""
    return min(255.0, ink[0] * factor), min(255.0, ink[1] * factor), min(255.0, ink[2] * factor)


def blend_inks(first: Ink, second: Ink, share: float) -> Ink:
    """The colour `share` of the way from the first to the second."""
    red, green, blue = (a + (b - a) * share for a, b in zip(first, second, strict=True))
    return red, green, blue


def bend(*corners: tuple[float, float]) -> Points:
    """Nine points of the quadratic Bezier curve with these three control points."""
    curve: Points = _BEZIER @ np.asarray(corners)
    return curve


def oval(x: float, y: float, rx: float, ry: float) -> Points:
    """An ellipse around (x, y)."""
    return _CIRCLE * (rx, ry) + (x, y)


def head_outline(face: Face, jaw_drop: float = 0.0, grow: float = 0.0) -> Points:
    """The head from ear over chin to ear and over the skull, `grow` units further out."""
    cos, sin = _CIRCLE[:, 0], _CIRCLE[:, 1]
    width = np.sign(cos) * np.abs(cos) ** np.where(sin > 0, face.jaw, 1.0) * (face.half_width + grow)
    height = sin * np.where(sin > 0, face.chin + jaw_drop + grow, face.crown + grow)
    return np.column_stack((width, height))


def draw_eyes(pen: Pen, face: Face, mood: Expression) -> None:
    """Both eyes; they share one gaze."""
    for side in _SIDES:
        _draw_eye(pen, face, mood, side)


def _draw_eye(pen: Pen, face: Face, mood: Expression, side: float) -> None:
    """One eye: white, iris, then the lids over it, so that they cut the iris."""
    x, y, half = side * face.eye_gap, face.eye_y, face.eye_size
    inner, outer = (x - side * half, y + 0.25), (x + side * half, y - face.eye_slant)
    rise = 1.7 * max(0.12, 1 + 1.1 * mood.lid_upper)
    sink = 1.25 * max(0.1, 1 + mood.lid_lower)
    peak = x + side * min(max(mood.lid_slant, -0.8 * half), 0.8 * half)
    upper, lower = bend(inner, (peak, y - 1.6 * rise), outer), bend(inner, (x, y + 1.6 * sink), outer)
    pen.fill(np.vstack((upper, lower[::-1])), INK_WHITE)
    radius = 0.47 * half
    look = (x + mood.gaze_x, y - 0.15 + mood.gaze_y)
    pen.fill(oval(*look, radius, radius), face.iris)
    pen.fill(oval(*look, radius * 0.55, radius * 0.55), (12, 10, 10))
    pen.fill(oval(look[0] + 0.4, look[1] - 0.5, 0.35, 0.35), (255, 255, 255))
    pen.fill(np.vstack((upper, bend(outer, (peak, y - 1.6 * rise - 4.2), inner))), face.skin)
    pen.fill(np.vstack((lower, bend(outer, (x, y + 1.6 * sink + 4.2), inner))), face.skin)
    pen.stroke(upper, INK_DARK, 0.75)
    pen.stroke(lower, shade_ink(face.skin, 0.6), 0.3)
    crease = bend(inner, (peak, y - 1.6 * rise - 1.4 + 0.5 * mood.lid_upper), outer)
    pen.stroke(crease, shade_ink(face.skin, 0.72), 0.3)


def draw_brows(pen: Pen, face: Face, mood: Expression) -> None:
    """Tapered brows; dark enough to be seen on any skin."""
    ink = blend_inks(face.hair, shade_ink(face.skin, 0.3), 0.6)
    for side in _SIDES:
        skew = 0.35 * mood.mouth_skew * side
        rest = face.eye_y - face.brow_y
        inner = (side * (face.eye_gap - face.eye_size + 0.1 - mood.brow_squeeze), rest + 0.4 + mood.brow_inner - skew)
        outer = (side * (face.eye_gap + face.eye_size + 0.7), rest + 0.5 + mood.brow_outer - skew)
        peak = (inner[1] + outer[1]) / 2 - face.brow_arch - 0.35 * mood.forehead * (1 - mood.frown)
        middle = (side * (face.eye_gap + 0.6), peak)
        weight = face.brow_weight
        top = bend((inner[0], inner[1] - weight * 0.7), (middle[0], middle[1] - weight * 0.7), outer)
        low = bend(outer, (middle[0], middle[1] + weight * 0.6), (inner[0], inner[1] + weight * 0.7))
        pen.fill(np.vstack((top, low)), ink)


def draw_nose(pen: Pen, face: Face, mood: Expression, light_x: float) -> None:
    """Nostrils, wings and the shaded flank; a wrinkled nose shortens and has lines across its bridge."""
    tip, wide = face.nose_y - 1.2 * mood.nose_wrinkle, face.nose_width * (1 + 0.2 * mood.nose_wrinkle)
    shadow, line = shade_ink(face.skin, 0.8), shade_ink(face.skin, 0.55)
    dark_side = 1.0 if light_x < 0 else -1.0
    flank = bend((dark_side * 1.5, face.eye_y - 0.5), (dark_side * 0.7, tip - 3), (dark_side * wide, tip + 0.3))
    pen.fill(np.vstack((flank, [(dark_side * 0.3, tip)])), shadow, 1.3)
    for side in _SIDES:
        wing = bend((side * wide * 0.9, tip - 1.2), (side * (wide + 0.7), tip + 0.4), (side * wide * 0.5, tip + 0.8))
        pen.stroke(wing, line, 0.35, 1.3)
        pen.fill(oval(side * wide * 0.5, tip + 0.55, 0.62, 0.36), shade_ink(face.skin, 0.28), 1.3)
    pen.stroke(bend((-0.5, tip + 0.9), (0, tip + 1.2), (0.5, tip + 0.9)), line, 0.4, 1.4)
    if mood.nose_wrinkle > 0.3:
        ink = shade_ink(face.skin, 0.95 - 0.5 * mood.nose_wrinkle)
        lines = [bend((-1.7, y + 0.5), (0, y - 0.7), (1.7, y + 0.5)) for y in (face.eye_y - 0.8, face.eye_y + 1.1)]
        sides = [bend((s * 2.2, face.eye_y + 2.6), (s * 1.6, tip - 2), (s * 2.6, tip - 1.2)) for s in _SIDES]
        pen.strokes(lines + sides, ink, 0.5, 1.3)


def _mouth_curves(face: Face, mood: Expression) -> tuple[Points, Points, Points, Points]:
    """Upper edge of the upper lip, the two edges of the gap, lower edge of the lower lip; left to right."""
    u = _ACROSS
    half = max(2.4, face.mouth_width + mood.mouth_width)
    body = np.maximum(1 - u**2, 0) ** (1 - 0.55 * mood.mouth_round)
    rest = face.mouth_y + mood.mouth_corner * (u**2 - 0.35) - 0.6 * mood.mouth_skew * (u + 0.4)
    bow = 1 - 0.35 * np.exp(-((u / 0.16) ** 2))
    lip = face.lip * (1 - mood.lip_press)
    raised = mood.upper_lip * (1 + 0.35 * u * np.sign(mood.mouth_skew)) * np.maximum(1 - u**2, 0) ** 0.7
    top_gap = rest - mood.gap_up * body + 0.8 * raised
    low_gap = rest + (mood.gap_down + 0.3 * raised) * body
    low_gap = np.maximum(low_gap, top_gap)
    edges = (top_gap - 0.8 * lip * bow * body, top_gap, low_gap, low_gap + lip * body)
    upper, top, low, lower = (np.column_stack((u * half, edge)) for edge in edges)
    return upper, top, low, lower


def draw_mouth(pen: Pen, face: Face, mood: Expression) -> None:
    """Lips, and in an open mouth teeth and tongue."""
    upper, top, low, lower = _mouth_curves(face, mood)
    lip = blend_inks(shade_ink(face.skin, 0.66), (150, 50, 56), 0.4)
    pen.fill(np.vstack((upper, lower[::-1])), lip)
    opened = float(np.max(low[:, 1] - top[:, 1]))
    if opened > 0.5:
        pen.fill(np.vstack((top, low[::-1])), (44, 14, 18))
        for share, near, far in ((mood.teeth_up, top, low), (mood.teeth_down, low, top)):
            if share * opened > 0.4:
                pen.fill(np.vstack((near, (near + (far - near) * share)[::-1]))[2:-2], (236, 232, 222))
    if mood.tongue > 0.4:
        middle = low[7] + (0.3, 0.2)
        pen.fill(oval(float(middle[0]), float(middle[1]), 2.4, 1.9 * mood.tongue), (206, 96, 104))
    pen.stroke(top, INK_DARK, 0.6 + 0.2 * mood.lip_press)
    dark = shade_ink(face.skin, 0.42)
    for corner, out in ((top[0], -0.5), (top[-1], 0.5)):
        tail = (float(corner[0]) + out, float(corner[1]) + 0.22 * mood.mouth_corner)
        pen.stroke(np.asarray(((float(corner[0]), float(corner[1])), tail)), dark, 0.7)


def draw_lines(pen: Pen, face: Face, mood: Expression) -> None:
    """The lines that muscles and age draw: forehead, between the brows, from nose to mouth, chin, below the eyes."""
    for strength, lines, width in (
        (max(mood.forehead, 0.5 * face.age), _forehead_lines(face), 0.4),
        (mood.frown, _frown_lines(face), 0.5),
        (max(mood.fold, 0.7 * face.age), _mouth_folds(face, mood), 0.5),
        (mood.chin_boss, _chin_lines(face), 0.5),
        (max(0.8 * mood.cheek, 0.6 * face.age), _eye_bags(face), 0.4),
    ):
        if strength > 0.25:
            pen.strokes(lines, shade_ink(face.skin, 0.95 - 0.38 * strength), width)


def _forehead_lines(face: Face) -> list[Points]:
    y = face.eye_y - face.brow_y - 3.2
    return [bend((i - 6, y - 1.7 * i), (0.5, y - 0.8 - 1.9 * i), (6.5 - i, y + 0.2 - 1.7 * i)) for i in (0, 1)]


def _frown_lines(face: Face) -> list[Points]:
    y = face.eye_y - face.brow_y
    return [bend((s * 1.0, y + 3.6), (s * 0.7, y + 1.8), (s * 1.5, y)) for s in _SIDES]


def _mouth_folds(face: Face, mood: Expression) -> list[Points]:
    near, far = face.nose_width + 1, face.mouth_width + 1.6 + 0.5 * mood.mouth_width
    y = face.nose_y
    return [bend((s * near, y - 1), (s * (near + 3), y + 1.5), (s * far, face.mouth_y - 0.5)) for s in _SIDES]


def _chin_lines(face: Face) -> list[Points]:
    y = face.mouth_y + 2.5
    return [bend((-2.2, y + 1.1), (0, y), (2.2, y + 1.1))]


def _eye_bags(face: Face) -> list[Points]:
    x, y = face.eye_gap, face.eye_y
    return [bend((s * (x - 2.6), y + 2.6), (s * x, y + 3.9), (s * (x + 3), y + 2.2)) for s in _SIDES]


def draw_glasses(pen: Pen, face: Face) -> None:
    """Rims, bridge and arms, for a person who wears them."""
    if face.glasses == "none":
        return
    power = 2.0 if face.glasses == "round" else 4.5
    shape = np.sign(_CIRCLE) * np.abs(_CIRCLE) ** (2 / power)
    size = np.array((min(face.eye_size + 1.4, face.eye_gap - 0.5), 3.5 if power == 2.0 else 2.9))
    rims = [shape[[*range(24), 0]] * size + (side * face.eye_gap, face.eye_y + 0.3) for side in _SIDES]
    edge = face.eye_gap + size[0]
    arms = [
        bend((s * edge, face.eye_y), (s * edge, face.eye_y - 0.6), (s * face.half_width, face.eye_y - 0.6))
        for s in _SIDES
    ]
    bridge = bend((size[0] - face.eye_gap, face.eye_y), (0, face.eye_y - 0.8), (face.eye_gap - size[0], face.eye_y))
    ink = blend_inks(INK_DARK, face.iris, 0.4)
    pen.strokes(rims, ink, 0.6, 1.1)
    pen.strokes([*arms, bridge], ink, 0.6, 1.1)


def draw_moles(pen: Pen, face: Face) -> None:
    """Moles; they move with the face."""
    for x, y in face.moles:
        pen.fill(oval(x, y, 0.55, 0.5), shade_ink(face.skin, 0.4))

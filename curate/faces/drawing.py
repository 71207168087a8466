"""From looks and an emotion to a picture: the scene, the order of the parts, light and sensor."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from curate.faces.expression import Expression, make_expression
from curate.faces.features import (
    FINE_BITS,
    Canvas,
    Pen,
    bend,
    draw_brows,
    draw_eyes,
    draw_glasses,
    draw_lines,
    draw_moles,
    draw_mouth,
    draw_nose,
)
from curate.faces.hair import draw_back_hair, draw_beard, draw_body, draw_front_hair, draw_skull
from curate.faces.looks import Face
from curate.seeding import derive_seed

Image = npt.NDArray[np.float32]

UNITS = 48
"""Sides of the picture in head units, whatever its size in pixels."""
_OVERSAMPLING = 4
_SHADE_UNIT = 2
"""Pixels per head unit of the soft shading, which is drawn apart and blurred."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Pose, light, background and lens of one picture; lengths in units of 1/48 of the picture."""

    shift: tuple[float, float]
    zoom: float
    tilt: float
    """Radians."""
    turn: tuple[float, float]
    light: tuple[float, float]
    """Direction that the light comes from, y down; its length is the strength."""
    gain: float
    gamma: float
    blur: float
    """Sigma in 1/48 of the picture."""
    backdrop: int
    """Seeds the background."""


def _off_centre(rng: np.random.Generator, least: float, most: float) -> float:
    """To either side, never straight: a mirrored picture must differ from the picture."""
    return float(rng.choice((-1, 1))) * rng.uniform(least, most)


def make_scene(seed: int) -> Scene:
    """The scene that goes with a seed, whoever is in it."""
    rng = np.random.default_rng(derive_seed(seed, "faces.scene"))
    angle = rng.uniform(-np.pi, 0)
    strength = rng.uniform(0.12, 0.42)
    return Scene(
        shift=(rng.uniform(-1.4, 1.4), rng.uniform(-1.2, 1.2)),
        zoom=rng.uniform(1.05, 1.22),
        tilt=float(np.deg2rad(_off_centre(rng, 1.5, 8))),
        turn=(_off_centre(rng, 0.6, 1.7), rng.uniform(-0.7, 0.7)),
        light=(strength * np.cos(angle) * 1.2, strength * np.sin(angle) * 0.7),
        gain=rng.uniform(0.82, 1.2),
        gamma=rng.uniform(0.75, 1.3),
        blur=rng.uniform(0.15, 0.55),
        backdrop=derive_seed(seed, "faces.backdrop"),
    )


def draw_face(
    face: Face, emotion: str, *, seed: int, size_px: int = 48, colour: bool = False, pose_seed: int | None = None
) -> Canvas:
    """A picture of the person showing the emotion; the same arguments give the same picture.

    Args:
        face: the person, from `make_face`.
        emotion: one of angry, disgust, fear, happy, neutral, sad, surprise.
        seed: varies everything but the person: expression, strands, clothes, skin and noise, and, unless `pose_seed`
            is given, pose, light and background, which depend on nothing else: two persons drawn with one seed share
            them, so give every picture a seed of its own.
        size_px: side of the picture in pixels; 48 is what the drawing is made for.
        colour: RGB instead of gray; the same picture but for the colours.
        pose_seed: seeds pose, light and background in place of `seed`.

    Returns:
        uint8, (size_px, size_px), or (size_px, size_px, 3) in RGB order.

    Raises:
        ValueError: an unknown emotion.
    """
    rng = np.random.default_rng(derive_seed(seed, "faces.picture", face.key, emotion))
    mood = make_expression(emotion, rng)
    scene = make_scene(seed if pose_seed is None else pose_seed)
    canvas = _draw_backdrop(scene, size_px * _OVERSAMPLING, colour=colour)
    _draw_person(_hold_pen(canvas, scene, mood), face, mood, scene, rng)
    small = cv2.resize(canvas, (size_px, size_px), interpolation=cv2.INTER_AREA).astype(np.float32)
    metered = np.float32((150 / max(face.skin)) ** 0.6)
    return _expose(small, metered * _shade(face, mood, scene, size_px, rng), scene, rng)


def _draw_person(pen: Pen, face: Face, mood: Expression, scene: Scene, rng: np.random.Generator) -> None:
    """Every part from the back to the front."""
    draw_back_hair(pen, face, rng)
    draw_body(pen, face, rng)
    draw_skull(pen, face, mood)
    draw_beard(pen, face, mood, rng)
    draw_lines(pen, face, mood)
    draw_nose(pen, face, mood, scene.light[0])
    draw_mouth(pen, face, mood)
    draw_eyes(pen, face, mood)
    draw_moles(pen, face)
    draw_front_hair(pen, face, rng)
    draw_brows(pen, face, mood)
    draw_glasses(pen, face)


def _hold_pen(canvas: Canvas, scene: Scene, mood: Expression) -> Pen:
    unit = canvas.shape[0] / UNITS
    cos, sin = np.cos(scene.tilt) * scene.zoom * unit, np.sin(scene.tilt) * scene.zoom * unit
    middle_x, middle_y = (UNITS / 2 + scene.shift[0]) * unit, (UNITS / 2 + 0.4 + scene.shift[1]) * unit
    frame = np.array(((cos, -sin, middle_x), (sin, cos, middle_y))) * (1 << FINE_BITS)
    return Pen(canvas, frame, np.array((scene.turn[0] + mood.turn, scene.turn[1] + mood.nod)), unit)


def _draw_backdrop(scene: Scene, side: int, *, colour: bool) -> Canvas:
    """A wall with soft patches, sometimes with a window frame or stripes."""
    rng = np.random.default_rng(scene.backdrop)
    base = rng.uniform(40, 215, 3)
    patches = rng.normal(0, 16, (5, 5, 1)) + base * 0.6 + base.mean() * 0.4
    flat = patches if colour else patches @ np.array((0.299, 0.587, 0.114))
    canvas: Canvas = np.asarray(cv2.resize(flat.clip(0, 255).astype(np.uint8), (side, side)), np.uint8)
    places = rng.uniform(0, side, (4, 2)).astype(int).tolist()
    kind, tone = int(rng.integers(3)), rng.uniform(30, 220)
    ink = (tone, tone, tone) if colour else (tone,)
    if kind == 1:
        for x, _ in places:
            cv2.line(canvas, (x, 0), (x + side // 8, side), ink, side // 32)
    if kind == 2:
        cv2.rectangle(canvas, places[0], places[1], ink, -1)
    return canvas


@lru_cache(maxsize=4)
def _grid(size_px: int) -> tuple[Image, Image]:
    """Places of the pixels' middles, -1 to 1 across the picture."""
    line = ((np.arange(size_px) + 0.5) / size_px * 2 - 1).astype(np.float32)
    across, down = np.meshgrid(line, line)
    return across, down


def _shade(face: Face, mood: Expression, scene: Scene, size_px: int, rng: np.random.Generator) -> Image:
    """Factors of the light on each pixel: round head, sockets, cheeks, and the unevenness of the picture's own."""
    soft = np.full((UNITS * _SHADE_UNIT, UNITS * _SHADE_UNIT), 128, np.uint8)
    pen = _hold_pen(soft, scene, mood)
    for side in (-1.0, 1.0):
        x = side * face.eye_gap
        pen.stroke(bend((x - 3, face.eye_y - 0.5), (x, face.eye_y - 2), (x + 3, face.eye_y - 0.5)), (88, 88, 88), 2.2)
        cheek_y = face.nose_y + 1.2 - 2.0 * mood.cheek
        light = 138.0 + 26 * mood.cheek
        pen.stroke(bend((x - 1.5, cheek_y), (x, cheek_y + 0.5), (x + 2, cheek_y - 0.5)), (light,) * 3, 3.0)
        dark = 118.0 - 34 * mood.fold
        low = (x + side * 0.6, face.mouth_y)
        pen.stroke(bend((side * 3, face.nose_y), (x, face.nose_y + 1.5), low), (dark,) * 3, 1.6)
    pen.stroke(bend((0, face.eye_y), (0.2, 0), (0, face.nose_y - 1)), (160, 160, 160), 1.6, 1.3)
    below = face.mouth_y + mood.gap_down + face.lip + 1.2
    pen.stroke(bend((-2.5, below), (0, below + 0.5), (2.5, below)), (96, 96, 96), 1.4)
    blurred = cv2.GaussianBlur(soft, (0, 0), 1.0 * _SHADE_UNIT)
    drawn = cv2.resize(blurred, (size_px, size_px), interpolation=cv2.INTER_AREA).astype(np.float32) / 128
    patches = rng.normal(0, 0.11, (15, 15)).astype(np.float32)
    uneven = cv2.resize(patches, (size_px, size_px), interpolation=cv2.INTER_CUBIC)
    return np.asarray(drawn * (1 + uneven) * _ball(scene, size_px), np.float32)


def _ball(scene: Scene, size_px: int) -> Image:
    """Light on a ball in place of the head, fading into the plain scene around it."""
    across, down = _grid(size_px)
    x = np.clip((across - scene.shift[0] / 24) / 0.7, -1.2, 1.2)
    y = np.clip((down - scene.shift[1] / 24) / 0.85, -1.2, 1.2)
    rim = np.clip(x * x + y * y, 0, 1.3)
    lit = 1.06 + x * np.float32(scene.light[0]) + y * np.float32(scene.light[1]) - np.float32(0.16) * rim
    return np.asarray(lit, np.float32)


def _expose(drawn: Image, shade: Image, scene: Scene, rng: np.random.Generator) -> Canvas:
    """What the sensor makes of the light: exposure, gamma, a little blur and noise."""
    size_px = drawn.shape[0]
    factor = shade * np.float32(scene.gain / 255)
    noise = rng.normal(0, rng.uniform(1.0, 4.0), (size_px, size_px)).astype(np.float32)
    if drawn.ndim == 3:
        factor, noise = factor[..., None], noise[..., None]
    light: Image = np.power(np.clip(drawn * factor, 0, 1.2), np.float32(scene.gamma)) * np.float32(255)
    sigma = scene.blur * size_px / UNITS
    if sigma > 0.2:
        light = np.asarray(cv2.GaussianBlur(light, (0, 0), sigma), np.float32)
    picture: Canvas = np.clip(np.rint(light + noise), 0, 255).astype(np.uint8)
    return picture

"""Hidden repeats: now and then a picture that the reviewer decided before, to see whether they say the same."""

from collections.abc import Sequence

from curate.decisions import REPEAT_SCREENS, Decision
from curate.seeding import derive_seed

__all__ = ["SHARE", "pick_repeat"]

SHARE = 0.04
"""Of the pictures that a reviewer is shown."""

_APART = 20
"""Pictures between the first and the second showing, at least; fewer, and it is memory that is measured."""

_ANSWERS = ("relabel", "confirm", "exclude")


def pick_repeat(
    seed: int, reviewer: str, history: Sequence[Decision], place: int, *, share: float = SHARE
) -> tuple[str, str] | None:
    """Which picture to show again at a place in a reviewer's queue; the same answer whenever it is asked.

    Args:
        seed: the workspace's.
        reviewer: who.
        history: their lines on queue screens, oldest first.
        place: 0 = their first picture.
        share: in [0, 1].

    Returns:
        sample_id and screen (`repeat` or `repeat-mirrored`, half each); None = no repeat at this place.
    """
    if derive_seed(seed, "repeat", reviewer, place) >= share * 2**63:
        return None
    seen = {line.sample_id for line in history[:place] if line.screen in REPEAT_SCREENS}
    old = [line for line in history[: max(0, place - _APART)] if line.kind in _ANSWERS and line.sample_id not in seen]
    if not old:
        return None
    chosen = old[derive_seed(seed, "repeat which", reviewer, place) % len(old)]
    return chosen.sample_id, REPEAT_SCREENS[derive_seed(seed, "repeat mirrored", reviewer, place) % 2]

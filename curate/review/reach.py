"""Which pictures one key decides: the one on screen, and its copies where these agree on the face."""

from itertools import combinations

from curate.review.decision_state import DecisionState
from curate.review.items import ReviewItems

__all__ = ["reached"]

_MOST_STEPS = 2
"""In a group no wider, every member is a copy of one and the same picture; longer chains drift from face to face."""


def reached(items: ReviewItems, state: DecisionState, number: int, *, blind: bool = False) -> tuple[list[int], str]:
    """The pictures that a key decides unless the reviewer says otherwise, the one on screen first.

    Args:
        items: what there is.
        state: what was decided.
        number: the picture on screen.
        blind: as if nothing was decided about any picture, so that a hidden repeat looks as it did before.

    Returns:
        Their numbers, and why copies are not among them; empty where they are, or where there are none.
    """
    others = items.members(number)
    if not others:
        return [number], ""
    if items.steps[number] > _MOST_STEPS:
        return [number], "they were joined step by step, and may drift from one face to another"
    names = sorted(items.ids[each] for each in (number, *others))
    if any(state.pairs.get(pair) is False for pair in combinations(names, 2)):
        return [number], "a reviewer said that some of them do not show the same photograph"
    waiting = [each for each in others if blind or not state.answers.get(items.ids[each])]
    return [number, *waiting], "" if waiting else "they are decided already"

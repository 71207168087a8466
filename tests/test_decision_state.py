"""The state says the same as folding the whole log, whatever the log and however it arrives."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from curate.decisions import Decision, fold
from curate.review.decision_state import DecisionState
from curate.review.queue import seconds_each
from curate.review.scheduler import pick_repeat

reviewers, samples = st.sampled_from(["ann", "bob", "cem"]), st.sampled_from("abc")
kinds = st.sampled_from(["relabel", "confirm", "exclude", "skip", "same", "different", "undo"])
screens = st.sampled_from(["queue", "grid", "repeat"])
steps = st.lists(st.tuples(kinds, reviewers, samples, st.sampled_from(["happy", "sad"]), screens, st.integers(0, 9)))


def as_log(said: list[tuple[str, str, str, str, str, int]]) -> list[Decision]:
    log = []
    for number, (kind, reviewer, sample, label, screen, undoes) in enumerate(said):
        about = {"undo": ("", ""), "same": (sample, "z"), "different": (sample, "z")}.get(kind, (sample, ""))
        shown = label if kind in ("relabel", "confirm") else ""
        back = f"{undoes}" if kind == "undo" else ""
        log.append(
            Decision(
                action=f"{number}",
                kind=kind,  # type: ignore[arg-type]
                sample_id=about[0],
                other_id=about[1],
                label=shown,
                reviewer=reviewer,
                at=f"{number:04}",
                screen=screen,
                undoes=back,
            )
        )
    return log


@given(steps, st.integers(1, 5))
def test_it_says_what_the_fold_says(said: list[tuple[str, str, str, str, str, int]], at_once: int) -> None:
    log, state = as_log(said), DecisionState()
    for start in range(0, len(log), at_once):
        state.extend(log[start : start + at_once])
    settled = fold(log)
    assert (state.pictures, set(state.disputed), state.pairs) == (
        settled.pictures,
        settled.disputed,
        settled.pairs,
    )
    assert {name: len(each) for name, each in state.answers.items() if each} == settled.reviewers
    assert {name: count for name, count in state.decided.items() if count} == {
        name: sum(name in each for each in state.answers.values())
        for name in {name for each in state.answers.values() for name in each}
    }


def history(count: int) -> list[Decision]:
    return [
        Decision(
            action=f"{n}",
            kind="relabel",
            sample_id=f"{n}",
            label="sad",
            reviewer="ann",
            at=f"2026-01-01T00:{n // 60:02}:{n % 60:02}+00:00",
        )
        for n in range(count)
    ]


def test_repeats_are_few_far_apart_and_the_same_whenever_asked() -> None:
    log = history(2000)
    found = {place: pick_repeat(0, "ann", log, place) for place in range(2000)}
    repeats = {place: chosen for place, chosen in found.items() if chosen}
    assert 50 < len(repeats) < 110
    assert all(place - int(sample) >= 20 for place, (sample, _) in repeats.items())
    assert 0.3 < sum(screen == "repeat-mirrored" for _, screen in repeats.values()) / len(repeats) < 0.7
    assert repeats == {place: pick_repeat(0, "ann", log[:place], place) for place in repeats}


def test_a_picture_is_repeated_once() -> None:
    log = history(100)
    again = [replace(line, screen="repeat") for line in log[:79]]
    assert pick_repeat(0, "ann", again + log, 178, share=1.0) is None
    assert (pick_repeat(0, "ann", again + log, 179, share=1.0) or ("",))[0] == "79"


def test_pace_leaves_breaks_out() -> None:
    times = [f"10:00:{2 * number:02}" for number in range(9)] + [f"11:00:{3 * number:02}" for number in range(9)]
    log = [
        Decision(action=time, kind="skip", sample_id="a", reviewer="ann", at=f"2026-01-01T{time}+00:00")
        for time in times
    ]
    assert seconds_each(log) == 2.5
    assert seconds_each([line for line in log for _ in range(3)]) == 2.5  # three copies with each key


def test_pace_is_not_told_before_there_are_enough_keys() -> None:
    """One slow or hasty picture after another made it jump from minutes to days."""
    assert [seconds_each(history(count)) for count in (1, 2, 15, 16)] == [0.0, 0.0, 0.0, 1.0]


def test_pace_is_that_of_late() -> None:
    slow = [
        replace(line, at=f"2026-01-01T09:{n // 2:02}:{30 * (n % 2):02}+00:00") for n, line in enumerate(history(90))
    ]
    assert seconds_each([*slow, *[replace(line, action=f"b{line.action}") for line in history(61)]]) == 1.0

"""The fold over the log of decisions."""

from hypothesis import given
from hypothesis import strategies as st

from curate.decisions import Decision, Settled, Verdict, active_decisions, fold


def say(reviewer: str, sample: str, label: str, **more: str) -> Decision:
    """A relabelling whose action is named after what it says."""
    action = more.pop("action", f"{reviewer}-{sample}-{label}")
    return Decision(
        action=action,
        kind="relabel",
        sample_id=sample,
        label=label,
        reviewer=reviewer,
        at="2026-01-01T00:00:00+00:00",
        **more,
    )


def undo(reviewer: str, action: str) -> Decision:
    return Decision(
        action=f"undo-{action}", kind="undo", reviewer=reviewer, at="2026-01-02T00:00:00+00:00", undoes=action
    )


def labels(settled: Settled) -> dict[str, str]:
    return {sample: verdict.label for sample, verdict in settled.pictures.items()}


def test_the_last_word_of_a_reviewer_counts() -> None:
    assert labels(fold([say("ann", "a", "sad"), say("ann", "a", "happy")])) == {"a": "happy"}


def test_the_majority_of_reviewers_counts_and_is_named() -> None:
    settled = fold([say("cem", "a", "sad"), say("bob", "a", "happy"), say("ann", "a", "happy")])
    assert settled.pictures == {"a": Verdict("happy", "ann, bob", "2026-01-01T00:00:00+00:00")}
    assert settled.reviewers == {"a": 3}


def test_a_tie_is_disputed_and_decides_nothing() -> None:
    settled = fold([say("ann", "a", "happy"), say("bob", "a", "sad")])
    assert (settled.pictures, settled.disputed) == ({}, frozenset({"a"}))


def test_an_undo_brings_back_what_was_said_before() -> None:
    log = [say("ann", "a", "sad", action="1"), say("ann", "a", "happy", action="2"), undo("ann", "2")]
    assert labels(fold(log)) == {"a": "sad"}
    assert labels(fold([*log, undo("ann", "1")])) == {}


def test_nobody_undoes_what_another_decided() -> None:
    assert labels(fold([say("ann", "a", "sad", action="1"), undo("bob", "1")])) == {"a": "sad"}


def test_an_action_on_many_pictures_is_undone_whole() -> None:
    log = [say("ann", "a", "sad", action="1"), say("ann", "b", "sad", action="1"), say("ann", "c", "sad")]
    assert labels(fold([*log, undo("ann", "1")])) == {"c": "sad"}


def test_skips_and_hidden_repeats_decide_nothing() -> None:
    skip = Decision(action="s", kind="skip", sample_id="a", reviewer="ann", at="2026-01-03T00:00:00+00:00")
    again = say("ann", "a", "fear", screen="repeat-mirrored")
    assert labels(fold([say("ann", "a", "sad"), skip, again])) == {"a": "sad"}


def test_excluding_is_an_answer_like_any_other() -> None:
    out = Decision(action="x", kind="exclude", sample_id="a", reviewer="ann", at="2026-01-03T00:00:00+00:00")
    assert labels(fold([say("ann", "a", "sad"), out])) == {"a": ""}
    assert fold([say("bob", "a", "sad"), out]).disputed == {"a"}


def test_pairs_are_settled_by_majority() -> None:
    def pair(reviewer: str, kind: str) -> Decision:
        return Decision(
            action=f"{reviewer}{kind}",
            kind=kind,
            sample_id="a",
            other_id="b",
            reviewer=reviewer,
            at="2026-01-01T00:00:00+00:00",
        )  # type: ignore[arg-type]

    assert fold([pair("ann", "same")]).pairs == {("a", "b"): True}
    assert fold([pair("ann", "same"), pair("bob", "different")]).pairs == {}
    assert fold([pair("ann", "same"), pair("bob", "different"), pair("ann", "different")]).pairs == {("a", "b"): False}


names = st.sampled_from(["ann", "bob"])
entries = st.lists(st.tuples(names, st.sampled_from("abc"), st.sampled_from(["happy", "sad"]), st.booleans()))


@given(entries)
def test_undoing_everything_leaves_nothing(said: list[tuple[str, str, str, bool]]) -> None:
    log = [say(who, sample, label, action=str(number)) for number, (who, sample, label, _) in enumerate(said)]
    back = [undo(line.reviewer, line.action) for line in log]
    assert fold([*log, *back]) == Settled({}, frozenset(), {}, {})


@given(entries)
def test_undone_actions_might_as_well_not_have_been(said: list[tuple[str, str, str, bool]]) -> None:
    log = [say(who, sample, label, action=str(number)) for number, (who, sample, label, _) in enumerate(said)]
    kept = [line for line, (*_, gone) in zip(log, said, strict=True) if not gone]
    undone = [undo(line.reviewer, line.action) for line, (*_, gone) in zip(log, said, strict=True) if gone]
    assert active_decisions([*log, *undone]) == kept
    assert fold([*log, *undone]) == fold(kept)

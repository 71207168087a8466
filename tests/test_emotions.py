import pytest

from curate.emotions import FER2013_IDS, LABELS, canonical_label, code_meanings, nearest_label
from curate.sample import official_split


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("Anger", "angry"), ("disgusted", "disgust"), ("afraid", "fear"), ("joy", "happy"), ("Happiness", "happy"),
        ("sadness", "sad"), ("no face", "not_a_face"), ("not_a_face", "not_a_face"), (" happy ", "happy"),
        ("grin", None), ("3", None), ("AF", None), ("", None),
    ],
)  # fmt: skip
def test_names_of_datasets_have_one_canonical_label(name: str, label: str | None) -> None:
    assert canonical_label(name) == label


def test_every_canonical_name_stands_for_itself() -> None:
    assert [canonical_label(label) for label in LABELS] == list(LABELS)


KDEF = {
    "AF": "fear", "AN": "angry", "DI": "disgust", "HA": "happy", "NE": "neutral", "SA": "sad", "SU": "surprise",
}  # fmt: skip


@pytest.mark.parametrize(
    ("names", "meanings"),
    [
        (KDEF.keys(), KDEF),
        (["an", "fe", "ha"], {"an": "angry", "fe": "fear", "ha": "happy"}),
        (["AN", "contempt", "happy"], {"AN": "angry"}),
        (["happy", "NF"], {"NF": "not_a_face"}),
        (["AF", "FE"], {}),  # of two datasets
        (["AN", "NF"], {}),
        (["AN", "grin"], {}),
        (["AN", "0a"], {}),
        (["happy"], {}),
        ([], {}),
    ],
)
def test_two_letter_codes_are_read_where_all_names_are_of_one_dataset(
    names: list[str], meanings: dict[str, str]
) -> None:
    assert code_meanings(names) == meanings


def test_a_code_among_other_names_is_offered_and_not_applied() -> None:
    assert [nearest_label(code) for code in ("AN", "af", "NF")] == ["angry", "fear", "not_a_face"]


def test_the_users_map_comes_first() -> None:
    assert canonical_label("AF", {"AF": "unknown"}) == "unknown"


def test_a_misspelt_label_has_a_nearest_one() -> None:
    assert (nearest_label("hapy"), nearest_label("surprized"), nearest_label("qqq")) == ("happy", "surprise", None)


def test_fer2013_numbers_are_not_alphabetical() -> None:
    assert [FER2013_IDS[number] for number in range(7)] == [
        "angry", "disgust", "fear", "happy", "sad", "surprise", "neutral",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "split"),
    [("Training", "train"), ("PublicTest", "val"), ("PrivateTest", "test"), ("FER2013Valid", "val"),
     ("validation", "val"), ("Test", "test"), ("extra", None), (None, None)],
)  # fmt: skip
def test_split_names_become_official_splits(name: str | None, split: str | None) -> None:
    assert official_split(name) == split


def test_a_remapped_split_name_wins() -> None:
    remapped = {"PublicTest": "test", "PrivateTest": "none"}
    assert [official_split(name, remapped) for name in ("PublicTest", "PrivateTest", "Training")] == [
        "test", None, "train",
    ]  # fmt: skip

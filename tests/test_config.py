from pathlib import Path

import pytest

from curate.config import CONFIG_NAME, Config, Policy, SourceEntry, put_source, read_config, remove_source, write_new
from curate.errors import ConfigError


def config_of(folder: Path, text: str) -> Config:
    (folder / CONFIG_NAME).write_text(text, encoding="utf-8")
    return read_config(folder)


def test_a_new_file_holds_the_defaults(tmp_path: Path) -> None:
    write_new(tmp_path)
    assert read_config(tmp_path) == Config()


def test_all_of_it_is_read(tmp_path: Path) -> None:
    text = """
    seed = 5
    limits.max_megapixels = 2.5
    policy = {given = ["a", "b"], votes = "majority", panel = "2016", classes = ["happy", "sad"]}
    labels = {grin = "happy", kdef = {AF = "fear"}}
    splits.fer = {PublicTest = "test", PrivateTest = "none"}
    sources = [{name = "fer", path = "x.csv", licence = "research only"}]
    """
    assert config_of(tmp_path, text) == Config(
        seed=5,
        max_megapixels=2.5,
        policy=Policy(given=("a", "b"), votes="majority", panel="2016", classes=("happy", "sad")),
        labels={"grin": "happy"},
        source_labels={"kdef": {"AF": "fear"}},
        splits={"fer": {"PublicTest": "test", "PrivateTest": "none"}},
        sources=(SourceEntry("fer", "x.csv", licence="research only"),),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sed = 1", "did you mean `seed`"),
        ("seed = 'x'", "whole number"),
        ("labels = {grin = 'hapy'}", "must be one of angry"),
        ("policy = {given = 'most'}", "unanimous"),
        ("policy = {classes = ['happy', 'happy']}", "each once"),
        ("limits = {max_megapixels = -1}", "must lie in"),
        ("limits = {max_megapixels = nan}", "must lie in"),
        ("splits = {fer = {PublicTest = 'public'}}", "must be one of train"),
        ("sources = [{name = 'a'}]", "a name and a path"),
        ("sources = [{name = 'a', path = 'x'}, {name = 'a', path = 'y'}]", "rename one"),
        ("seed = ", "not valid TOML"),
    ],
)
def test_mistakes_are_told_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        config_of(tmp_path, text)
    assert "\n" not in str(caught.value)


def test_sources_come_and_go_without_touching_the_users_comments(tmp_path: Path) -> None:
    (tmp_path / CONFIG_NAME).write_text("seed = 3  # my lucky number\n", encoding="utf-8")
    put_source(tmp_path, SourceEntry("fer", "fer2013.csv", labels="votes.csv"))
    put_source(tmp_path, SourceEntry("ck", "ck48.zip", format="ck48"))
    put_source(tmp_path, SourceEntry("fer", "elsewhere.csv", labels="votes.csv"))
    assert read_config(tmp_path).sources == (
        SourceEntry("fer", "elsewhere.csv", labels="votes.csv"),
        SourceEntry("ck", "ck48.zip", format="ck48"),
    )
    remove_source(tmp_path, "fer")
    remove_source(tmp_path, "ck")
    assert (tmp_path / CONFIG_NAME).read_text(encoding="utf-8").strip() == "seed = 3  # my lucky number"


def test_a_source_may_have_any_name(tmp_path: Path) -> None:
    write_new(tmp_path)
    entry = SourceEntry('<b>"quoted"</b> \u202e name', "a\\b\n.zip")
    put_source(tmp_path, entry)
    assert read_config(tmp_path).sources == (entry,)

from pathlib import Path

import pytest

from s2s_arena.errors import CardError
from s2s_arena.records.systems import SystemCard
from s2s_arena.workspace.cards import Cards, load_card

GOOD = """\
title = "My system"
model = "replay"
languages = ["en"]

[settings]
folder = "recordings"

[needs]
env = ["MY_KEY"]
"""


def write(folder: Path, text: str, name: str = "mine") -> Path:
    path = folder / f"{name}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_card_takes_its_name_from_its_file(tmp_path: Path) -> None:
    card = load_card(SystemCard, write(tmp_path, GOOD))
    assert (card.name, card.settings["folder"], card.needs.env) == ("mine", "recordings", ("MY_KEY",))


@pytest.mark.parametrize(
    ("change", "line", "says"),
    [
        (("languages", "langauges"), 3, "unknown key 'langauges'; did you mean 'languages'"),
        (('["en"]', '"en"'), 3, "key 'languages'"),
        (("env", "envs"), 9, "unknown key 'needs.envs'; did you mean 'env'"),
        (('["MY_KEY"]', "3"), 9, "key 'needs.env'"),
        (('model = "replay"', "model = replay"), None, "not TOML"),
        (('title = "My system"\n', ""), None, "key 'title' is missing"),
        (('title = "My system"', 'title = "My system"\nname = "other"'), None, "a card's name is its file's name"),
    ],
)
def test_a_card_with_a_mistake_is_refused_with_key_and_line(
    tmp_path: Path, change: tuple[str, str], line: int | None, says: str
) -> None:
    path = write(tmp_path, GOOD.replace(*change))
    with pytest.raises(CardError) as caught:
        load_card(SystemCard, path)
    message = str(caught.value)
    assert says in message
    assert "\n" not in message
    if line is not None:
        assert f"{path}:{line}:" in message


def test_an_unknown_card_is_refused_with_those_there_are(tmp_path: Path) -> None:
    write(tmp_path / "systems", GOOD)
    with pytest.raises(CardError, match=r"system 'nobody': no such card; known: .*mine"):
        Cards(tmp_path).system("nobody")


def test_a_name_cannot_leave_the_folder(tmp_path: Path) -> None:
    write(tmp_path, GOOD, name="outside")
    with pytest.raises(CardError, match="no such card"):
        Cards(tmp_path).system("../outside")


def test_the_workspace_s_own_card_comes_before_the_package_s(tmp_path: Path) -> None:
    write(tmp_path / "systems", GOOD, name="echo")
    found = Cards(tmp_path).system("echo")
    assert (found.source, found.card.title) == ("workspace", "My system")
    assert Cards().system("echo").source == "package"


def test_every_shipped_card_is_whole() -> None:
    cards = Cards()
    assert len(cards.systems()) >= 7
    assert len(cards.voices()) >= 4
    for found in [*cards.systems().values(), *cards.judges().values(), *cards.voices().values()]:
        card = found.card
        assert card.title
        assert card.licences.code or card.licences.weights or card.licences.voice, card.name
        if card.kind != "baseline" and card.weights:
            assert card.licences.weights, f"{card.name}: weights without a licence"

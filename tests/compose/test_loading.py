"""What loads a system travels: it makes the same system in another process, and carries nothing that is loaded here."""

import pickle

import pytest
from typer.testing import CliRunner

from s2s_arena.answer.asking import Retries
from s2s_arena.answer.questions import Asking, Question, resources_of
from s2s_arena.cli.main import app
from s2s_arena.compose import open_workspace
from s2s_arena.compose.loading import EarsLoader
from s2s_arena.errors import CardError
from s2s_arena.protocols import Exchange, Portable, Request
from s2s_arena.records.systems import Needs, SystemCard
from s2s_arena.testing.sound import tones
from s2s_arena.testing.systems import spoken_words

CARD = 'title = "One"\nmodel = "scripted"\n[settings]\nwords = {words}\n[licences]\ncode = "Apache-2.0"\n'


@pytest.fixture
def arena(tmp_path):
    assert CliRunner().invoke(app, ["init", str(tmp_path)]).exit_code == 0
    folder = tmp_path / "cards" / "systems"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "one.toml").write_text(CARD.format(words=2), encoding="utf-8")
    (folder / "odd.toml").write_text(CARD.format(words='"two"'), encoding="utf-8")
    with open_workspace(tmp_path) as opened:
        yield opened


def question() -> Question:
    before = Request(speech=tones(["a"]), sample="s000")
    past = Exchange(user=before.speech, answer=spoken_words(before))
    return Question(request=Request(speech=tones(["b"]), sample="s000", turn=1, history=(past,)), attempts=1)


def test_a_question_answered_after_a_journey_gets_the_answer_it_gets_here(arena):
    contestant = arena.contestant("one")
    here = Asking(contestant.load, card=contestant.card, retries=Retries(), hedge_after_s=None)
    assert isinstance(here, Portable)
    expected = here(question())  # a system and its lock are loaded now, and stay here
    there, asked = pickle.loads(pickle.dumps((here, question())))
    reply = there(asked)
    assert reply.answer.speech.hash() == expected.answer.speech.hash()
    assert reply.adapter == expected.adapter == "scripted/1:words=2"
    assert asked.request.history[0].answer.speech.hash() == question().request.history[0].answer.speech.hash()


def test_a_card_that_is_wrong_is_named_there_too(arena):
    load = pickle.loads(pickle.dumps(arena.contestant("odd").load))
    with pytest.raises(CardError, match=r"card odd: settings\.words"):
        load()


def test_ears_travel_by_name():
    assert pickle.loads(pickle.dumps(EarsLoader("whisper-base"))).name == "whisper-base"


def test_what_one_copy_takes_is_what_the_card_needs():
    card = SystemCard(name="c", title="C", model="scripted", needs=Needs(gpu=True, ram_gib=2.0))
    assert resources_of(card) == {"CPU": 1.0, "GPU": 1.0, "memory": 2.0 * 2**30}
    assert resources_of(SystemCard(name="c", title="C", model="scripted")) == {"CPU": 1.0}

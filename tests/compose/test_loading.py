"""What loads a system or a judge travels: it makes the same one in another process, and carries nothing loaded here."""

import pickle

import pytest
from typer.testing import CliRunner

from s2s_arena.answer.asking import Retries
from s2s_arena.answer.questions import Asking, Question
from s2s_arena.cli.main import app
from s2s_arena.compose import open_workspace
from s2s_arena.compose.loading import EarsLoader
from s2s_arena.errors import CardError, MissingError
from s2s_arena.judge.comparison import Comparison, HeardTake, HeardTurn
from s2s_arena.judge.judging import Case, Judging
from s2s_arena.protocols import Exchange, Portable, Request
from s2s_arena.records.boards import JudgeReliability
from s2s_arena.records.identity import JudgeName, MatchId
from s2s_arena.records.studies import Outcome
from s2s_arena.records.systems import Needs, SystemCard
from s2s_arena.testing.judging_minds import as_json
from s2s_arena.testing.judging_servers import GeminiServer
from s2s_arena.testing.servers.running import KEY
from s2s_arena.testing.sound import tones
from s2s_arena.testing.systems import spoken_words
from s2s_arena.testing.worlds import rehearsal_suite

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
    assert card.resources == {"CPU": 1.0, "GPU": 1.0, "memory": 2.0 * 2**30}
    assert SystemCard(name="c", title="C", model="scripted").resources == {"CPU": 1.0}


JUDGE = """\
title = "A judge over there"
model = "audio-judge"
[settings]
family = "gemini-generate"
model = "judge-1"
url = "{url}"
key_env = "LOOPBACK_KEY"
presentation = "parts"
canary = 0
[licences]
code = "Apache-2.0"
"""
PANEL = """\
title = "Both"
model = "panel"
[settings]
members = ["one", "two"]
reliability = "stored"
[licences]
code = "Apache-2.0"
"""


@pytest.fixture
def judges(arena, monkeypatch):
    monkeypatch.setenv("LOOPBACK_KEY", KEY)
    folder = arena.layout.cards / "judges"
    folder.mkdir(parents=True, exist_ok=True)
    with GeminiServer(lambda heard: as_json("2")) as server:
        for name in ("one", "two"):
            (folder / f"{name}.toml").write_text(JUDGE.format(url=server.base_url), encoding="utf-8")
        (folder / "both.toml").write_text(PANEL, encoding="utf-8")
        yield arena


def put(load, heard):
    """What a judge says after a journey."""
    there, case = pickle.loads(pickle.dumps((load, Case(MatchId("m"), heard, attempts=1))))
    return there(case)


def heard(arena) -> Comparison:
    takes = [HeardTake(turns=(HeardTurn(speech=tones([word]), audio=None),)) for word in ("a", "b")]
    sample = rehearsal_suite(arena.store, samples=1).samples[0]
    return Comparison(sample=sample, questions=(tones(["q"]),), first=takes[0], second=takes[1])


def test_a_judge_travels_as_its_card(judges):
    comparison = heard(judges)
    card, load = judges.judge("one", judges.suite())
    said = put(Judging(load, card=card), comparison)
    assert said.decision.outcome is Outcome.SECOND and said.levelled
    assert said.version == load().identity


def test_a_panel_travels_with_its_members_and_what_is_known_of_them(judges):
    comparison = heard(judges)
    for name, share in (("one", 0.9), ("two", 0.6)):
        member = judges.judge(name, judges.suite())[1]().identity
        figures = {"people": (share, 0.5, 1.0)}
        judges.store.put(JudgeReliability(judge=JudgeName(name), judge_version=member, figures=figures))
    card, load = judges.judge("both", judges.suite())
    said = put(Judging(load, card=card), comparison)
    assert said.decision.reason == "one second, two second" and said.version == load().identity


def test_heads_of_the_workspace_are_missed_where_they_are_not(judges):
    heard(judges)
    heads = judges.layout.heads / "heads.npz"
    heads.parent.mkdir(parents=True, exist_ok=True)
    heads.write_bytes(b"any")
    sent = pickle.dumps(judges.judge("one", judges.suite())[1])
    heads.unlink()
    with pytest.raises(MissingError, match="not on this machine; mount it under the same path"):
        pickle.loads(sent)


def test_what_another_machine_lacks_is_told_by_that_machine(judges, monkeypatch):
    heard(judges)
    monkeypatch.delenv("LOOPBACK_KEY")
    with pytest.raises(MissingError, match="LOOPBACK_KEY"):
        judges.judge("one", judges.suite())
    load = pickle.loads(pickle.dumps(judges.judge("one", judges.suite(), here=False)[1]))
    with pytest.raises(MissingError, match="environment variable LOOPBACK_KEY: set it"):
        load()
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(MissingError, match="OPENAI_API_KEY"):
        pickle.loads(pickle.dumps(judges.contestant("gpt-audio", here=False).load))()

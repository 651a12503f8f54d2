"""Cards of judges that listen, read or sit on panels become judges; what is wrong with a card is said in one line."""

from dataclasses import replace

import pytest

from s2s_arena.compose import judges
from s2s_arena.compose.listening_judges import audio_judge, panel, text_judge
from s2s_arena.errors import CardError
from s2s_arena.judge.listening import ListeningJudge
from s2s_arena.judge.panel import PanelJudge
from s2s_arena.records.boards import JudgeReliability
from s2s_arena.records.identity import JudgeName
from s2s_arena.records.systems import JudgeCard, Verified
from s2s_arena.store.memory import MemoryStore
from s2s_arena.testing.ears import ScriptedTranscriber
from s2s_arena.testing.voices import ScriptedSpeaker
from s2s_arena.workspace.cards import Cards


class Parts:
    def __init__(self, folder):
        self.cache = self.folder = folder

    def speaker(self, name):
        return ScriptedSpeaker(name=name)

    def writer(self, name):
        raise AssertionError(name)


class Perceives:
    identity = "perceives/1"
    transcriber = ScriptedTranscriber()
    extractor = None


def remote_cards():
    return [f.card for f in Cards().judges().values() if f.card.model in ("audio-judge", "text-judge")]


def made(card, tmp_path):
    return judges.build(card, parts=Parts(tmp_path), perception=Perceives(), store=MemoryStore(), suite=None)


@pytest.mark.parametrize("card", remote_cards(), ids=lambda card: card.name)
def test_shipped_cards_build_without_asking_anybody(card, tmp_path):
    judge = made(card, tmp_path)
    assert isinstance(judge, ListeningJudge) and judge.identity.startswith(f"{card.name}/1/")
    assert judge.levelled is (card.model == "audio-judge")
    assert card.verified is Verified.LOOPBACK
    named = {value for key, value in card.settings.items() if key.endswith("_env") and value}
    assert set(card.needs.env) == named <= set(card.needs.where)


def audio(**settings):
    base = {"family": "gemini-generate", "model": "m"}
    return JudgeCard(name="j", title="J", model="audio-judge", settings={**base, **settings})


def test_settings_reach_judge_and_reader(tmp_path):
    parts = Parts(tmp_path)
    made = {
        audio_judge(card, parts=parts).identity
        for card in (
            audio(),
            audio(cue_voice="x"),
            audio(cue_voice={"zh": "x"}),
            audio(model="n"),
            audio(presentation="parts"),
            audio(max_tokens=9),
            audio(temperature=1),
        )
    }
    assert len(made) == 7


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"presentation": "annotated"}, "takes spoken or parts"),
        ({"canary": -1}, "settings.canary"),
        ({"cue_voice": 3}, "settings.cue_voice"),
        ({"cue_voice": {"fr": "x"}}, "cues are in en, zh"),
        ({"max_tokens": 1.5}, "whole number"),
        ({"family": "no-such"}, "unknown family"),
        ({"wrong": 1}, "settings.wrong: unknown"),
    ],
)
def test_a_wrong_card_is_refused(settings, message, tmp_path):
    with pytest.raises(CardError, match=message):
        audio_judge(audio(**settings), parts=Parts(tmp_path))


def test_a_text_judge_hears_nothing(tmp_path):
    card = JudgeCard(name="t", title="T", model="text-judge", settings={"presentation": "spoken"})
    with pytest.raises(CardError, match="takes transcripts or annotated"):
        text_judge(card, parts=Parts(tmp_path), perception=Perceives(), store=MemoryStore())


class Member:
    def __init__(self, name):
        self.identity = f"{name}/1"


def seated(settings, store=None):
    card = JudgeCard(name="p", title="P", model="panel", settings={"members": ["a", "b", "c"], **settings})
    return panel(card, named=Member, store=store or MemoryStore())


def test_a_panel_is_seated_by_names_and_weighs_by_what_is_stored():
    assert isinstance(seated({}), PanelJudge)
    store = MemoryStore()
    for name, share in {"a": 0.7, "b": 0.8, "c": 0.9}.items():
        figures = {"people": (share, 0.6, 0.9)}
        record = JudgeReliability(judge=JudgeName(name), judge_version=f"{name}/1", figures=figures)
        store.put(record, replace(record, judge_version="older", figures={"people": (0.1, 0.0, 0.2)}))
    stored = seated({"reliability": "stored"}, store)
    table = seated({"reliability": {"a": 0.7, "b": 0.8, "c": 0.9}})
    assert stored.identity == table.identity != seated({}).identity


def test_a_panel_of_unknown_reliability_says_what_to_run():
    with pytest.raises(CardError, match="judges validate a"):
        seated({"reliability": "stored"})
    with pytest.raises(CardError, match=r"reliability\.a"):
        seated({"reliability": {"b": 0.9}})
    with pytest.raises(CardError, match="members"):
        seated({"members": "a"})

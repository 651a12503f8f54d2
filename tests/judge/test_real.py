"""The embedded judge with its real mind and real ears: right answers win, and what is no answer loses."""

import pytest

from s2s_arena.audio.waveform import Waveform
from s2s_arena.cues.extract import Extractor
from s2s_arena.judge.comparison import Comparison, Decision, HeardTake, HeardTurn
from s2s_arena.judge.local import LocalJudge, build_local
from s2s_arena.models.dnsmos import Dnsmos
from s2s_arena.models.parts import LocalParts
from s2s_arena.models.swift import SwiftPitch
from s2s_arena.models.weights import default_cache
from s2s_arena.records.identity import SampleId
from s2s_arena.records.samples import Expectation, Sample, Turn
from s2s_arena.records.speech import AudioRef, Delivery, Segment, Utterance
from s2s_arena.records.studies import Outcome
from s2s_arena.records.systems import JudgeCard
from s2s_arena.records.taxonomy import Level
from s2s_arena.store.memory import MemoryStore
from s2s_arena.testing.sound import silence
from s2s_arena.workspace.cards import Cards
from tests.judge.parts import Ears, Said, compared, sample

pytestmark = pytest.mark.local

MIND = "qwen2.5-coder-1.5b-instruct"
CARD = JudgeCard(name="local", title="Local", model="local")

QUESTIONS = (
    ("en", "How many legs does a spider have?", "A spider has eight legs."),
    ("en", "What should I take along if it rains?", "Take an umbrella and a waterproof jacket."),
    ("en", "Which planet is closest to the sun?", "Mercury is the closest one."),
    ("en", "Can you suggest a quick breakfast?", "Try some toast with eggs, or yoghurt with fruit."),
    ("en", "I lost my dog yesterday and I feel awful.", "I am so sorry about your dog. Do you want to talk about it?"),
    ("en", "How do I get a coffee stain out of a shirt?", "Rinse it with cold water, then rub in some soap."),
    ("zh", "一年有几个月？", "一年有十二个月。"),
    ("zh", "感冒了应该多喝什么？", "感冒的时候要多喝温水，好好休息。"),
    ("zh", "中国最长的河是哪一条？", "中国最长的河是长江。"),
    ("zh", "我明天要考试，很紧张。", "别担心，深呼吸，今晚早点睡，你一定可以的。"),
)


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> LocalParts:
    cards = Cards()
    return LocalParts(default_cache(), tmp_path_factory.mktemp("cards"), voice=cards.voice)


def test_right_answers_beat_other_questions_answers(parts: LocalParts):
    ears = Ears()
    judge = build_local(CARD, extractor=ears, writer=parts.writer(MIND), store=MemoryStore())
    right = 0
    for place, (language, question, answer) in enumerate(QUESTIONS):
        others = [a for tag, _, a in QUESTIONS if tag == language]
        wrong = others[(others.index(answer) + 1) % len(others)]
        asked = sample(id=SampleId(f"q{place}"), language=language, turns=(Turn(script=question, language=language),))
        told = [Said(text=wrong, language=language), Said(text=answer, language=language)]
        decision = judge.decide(compared(ears, asked, *(told if place % 2 else told[::-1])))
        right += decision.outcome is (Outcome.SECOND if place % 2 else Outcome.FIRST)
    assert right >= 8


class Room:
    """The embedded judge with real ears, and a voice to ask and answer with."""

    def __init__(self, parts: LocalParts) -> None:
        ears = parts.transcriber("whisper-base")
        extractor = Extractor(ears, parts.encoder("whisper-base"), SwiftPitch(), Dnsmos())
        self.judge: LocalJudge = build_local(CARD, extractor=extractor, writer=parts.writer(MIND), store=MemoryStore())
        self._parts = parts
        self.question = self.say("How many legs does a spider have?")
        self.right = self.say("A spider has eight legs.")

    def say(self, text: str, *, delivery: Delivery | None = None) -> Waveform:
        segment = Segment(text=text, language="en", delivery=delivery or Delivery())
        return self._parts.speaker("hibari").speak(Utterance(segments=(segment,)), seed=1)

    def decide(self, first: Waveform, second: Waveform, *, asked: Sample | None = None) -> Decision:
        plain = sample(turns=(Turn(script="How many legs does a spider have?", language="en"),))
        return self.judge.decide(
            Comparison(sample=asked or plain, questions=(self.question,), first=_take(first), second=_take(second))
        )


@pytest.fixture(scope="module")
def room(parts: LocalParts) -> Room:
    return Room(parts)


def _take(wave: Waveform) -> HeardTake:
    ref = AudioRef(hash=wave.hash(), rate_hz=wave.rate_hz, frames=wave.frames)
    return HeardTake(turns=(HeardTurn(speech=wave, audio=ref),))


def test_silence_loses(room: Room):
    decision = room.decide(silence(2.0, rate_hz=24000), room.say("I really cannot tell."))
    assert decision.outcome is Outcome.SECOND
    assert "silent" in decision.reason


def test_an_echo_of_the_question_loses(room: Room):
    decision = room.decide(room.question, room.right)
    assert decision.outcome is Outcome.SECOND
    assert "echo" in decision.reason


def test_a_wrong_answer_loses(room: Room):
    decision = room.decide(room.say("Rinse it with cold water, then rub in some soap."), room.right)
    assert decision.outcome is Outcome.SECOND


def test_an_answer_in_the_wrong_language_loses(room: Room):
    asked = sample(language="zh", turns=(Turn(script="蜘蛛有几条腿？", language="zh"),))
    said = Utterance(segments=(Segment(text="蜘蛛有八条腿，昆虫有六条腿。", language="zh"),))
    chinese = room._parts.speaker("kokoro-female").speak(said, seed=1)
    decision = room.decide(room.right, chinese, asked=asked)
    assert decision.outcome is Outcome.SECOND
    assert "wrong language" in decision.reason


@pytest.mark.parametrize(("want", "rate"), [("slow", 0.65), ("fast", 1.5)])
def test_the_pace_that_is_asked_for_wins(room: Room, want: str, rate: float):
    asked = sample(
        level=Level.L3,
        turns=(Turn(script=f"Tell me very {want}ly how many legs a spider has.", language="en"),),
        expects=(Expectation(cue="rate", want=want),),
    )
    decision = room.decide(room.say("A spider has eight legs.", delivery=Delivery(rate=rate)), room.right, asked=asked)
    assert decision.outcome is Outcome.FIRST

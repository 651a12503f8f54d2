"""The scripted doubles keep the Protocols they stand for, and do what their scripts say."""

from dataclasses import replace

import numpy as np
import pytest

from s2s_arena.audio.activity import active_spans
from s2s_arena.audio.levels import rms_dbfs
from s2s_arena.audio.resampling import resample
from s2s_arena.errors import CardError, EmptyAnswer, InputError, Refused
from s2s_arena.protocols import (
    Answer,
    Conversant,
    Encoder,
    Exchange,
    Listener,
    Message,
    PitchTracker,
    QualityMeter,
    Request,
    Speaker,
    SpokenPrompt,
    Transcriber,
    Writer,
)
from s2s_arena.records.cues import Span, Transcript
from s2s_arena.records.identity import SampleId
from s2s_arena.records.speech import Delivery, Pause
from s2s_arena.testing.ears import (
    ScriptedEncoder,
    ScriptedPitchTracker,
    ScriptedQuality,
    ScriptedTranscriber,
    strongest_hz,
)
from s2s_arena.testing.minds import ScriptedListener, ScriptedWriter
from s2s_arena.testing.sound import pitch_of, silence, tone, tones
from s2s_arena.testing.systems import ScriptedSystem, build
from s2s_arena.testing.voices import ScriptedSpeaker, plain

WORDS = ["please", "tell", "me", "what", "time", "it", "is"]

# mypy checks here that each double is what it stands for.
SYSTEM: Conversant = ScriptedSystem()
EARS: Transcriber = ScriptedTranscriber(WORDS)
ENCODER: Encoder = ScriptedEncoder()
PITCH: PitchTracker = ScriptedPitchTracker()
METER: QualityMeter = ScriptedQuality()
VOICE: Speaker = ScriptedSpeaker()
MIND: Writer = ScriptedWriter()
LISTENER: Listener = ScriptedListener()


def ask(sample: str = "s1", *, turn: int = 0, history=(), seed: int = 0) -> Request:
    return Request(speech=tone(), sample=SampleId(sample), turn=turn, history=history, seed=seed)


def test_the_ears_hear_what_the_voice_said():
    speech = VOICE.speak(plain("Please tell me, what time is it?"), seed=0)
    heard = EARS.transcribe(speech)
    assert heard.text == "please tell me what time is it"
    assert len(heard.words) == 7 and heard.words[0].end_s < heard.words[1].start_s
    assert EARS.transcribe(resample(speech, 24000)).text == heard.text
    slow = VOICE.speak(plain("what time is it", delivery=Delivery(rate=0.8, volume_db=-6)), seed=0)
    assert EARS.transcribe(slow, language="zh") == replace(EARS.transcribe(slow), language="zh")
    assert EARS.transcribe(slow).text == "what time is it"


def test_silence_has_no_words_and_a_script_comes_first():
    assert EARS.transcribe(silence(1.0)).text == ""
    wave = tone()
    scripted = ScriptedTranscriber(script={wave.hash(): Transcript(text="Bonjour.", language="fr")})
    assert scripted.transcribe(wave).text == "Bonjour." and scripted.heard == [wave.hash()]


def test_the_voice_follows_its_directions():
    def said(**delivery):
        return VOICE.speak(plain("what time", delivery=Delivery(**delivery)), seed=0)

    plainly = said()
    assert said(rate=2.0).duration_s < 0.7 * plainly.duration_s
    assert said(pauses=(Pause(after="what", seconds=0.5),)).duration_s == pytest.approx(plainly.duration_s + 0.5)
    assert rms_dbfs(said(volume_db=6.0)) == pytest.approx(rms_dbfs(plainly) + 6.0, abs=0.1)
    first = active_spans(plainly, bridge_s=0.02)[0]
    assert strongest_hz(said(pitch_st=12.0), first) == pytest.approx(2 * strongest_hz(plainly, first), rel=0.02)
    assert said(emphasis=("what",)).hash() != plainly.hash()
    assert VOICE.speak(plain("what time"), seed=1).hash() == plainly.hash()


def test_the_voice_refuses_what_it_cannot_speak():
    with pytest.raises(InputError, match="fr-CA is not spoken"):
        VOICE.speak(plain("bonjour", language="fr-CA"), seed=0)
    with pytest.raises(InputError, match="no words"):
        VOICE.speak(plain(" "), seed=0)


def test_meters_measure():
    track = PITCH.track(tones(["what"]))
    assert track.f0_hz[track.voiced] == pytest.approx(pitch_of("what"), abs=3)
    assert track.times_s.shape == track.voiced.shape and not track.voiced[0]
    features = ENCODER.encode(tones(WORDS))
    assert features.dtype == np.float32 and features.shape[1] == 8
    assert ENCODER.encode(silence(0.0)).shape == (1, 8)
    assert METER.rate(tone()).overall == 4.0 and METER.rate(silence(1.0)).overall == 1.0
    assert strongest_hz(tone(), Span(start_s=0.0, end_s=0.0)) == 0.0


def test_the_mind_replies_by_script_then_by_rule():
    asked = [Message(role="user", content="hello")]
    mind = ScriptedWriter(replies=["one", ValueError("two"), "three"])
    assert mind.write(asked, seed=0) == "one"
    with pytest.raises(ValueError, match="two"):
        mind.write(asked, seed=0)
    assert [mind.write(asked, seed=0) for _ in range(2)] == ["three", "three"]
    assert MIND.write(asked, seed=0) == "hello" and MIND.log_odds(asked, yes="yes", no="no") == 0.0
    assert ScriptedWriter(odds=lambda messages: 2.0).log_odds(asked, yes="1", no="2") == 2.0


def test_the_listener_replies_in_turn():
    prompt = SpokenPrompt(audio=(tone(),), text="Which?", hash="h")
    listener = ScriptedListener(replies=['{"winner": "first"}', "no idea"])
    assert [listener.reply(prompt) for _ in range(3)] == ['{"winner": "first"}', "no idea", "no idea"]
    assert len(listener.heard) == 3


def test_answers_depend_on_all_that_was_asked_and_on_nothing_else():
    answer = SYSTEM.answer(ask()).speech.hash()
    assert SYSTEM.answer(ask()).speech.hash() == answer
    before = Exchange(user=tone(), answer=Answer(speech=tone(300.0)))
    others = [ask("s2"), ask(turn=1), ask(seed=1), ask(history=(before,))]
    assert len({SYSTEM.answer(request).speech.hash() for request in others} | {answer}) == 5


def test_a_system_fails_on_demand():
    system = ScriptedSystem(deeds={"s1": [Refused("no"), Answer(speech=tone())], ("s2", 1): EmptyAnswer("nothing")})
    with pytest.raises(Refused):
        system.answer(ask("s1"))
    assert system.answer(ask("s1")).speech.frames and system.answer(ask("s2")).speech.frames
    with pytest.raises(EmptyAnswer):
        system.answer(ask("s2", turn=1))
    assert system.asked("s1") == 2 and system.asked("s3") == 0


def test_a_card_makes_a_scripted_system():
    system = build({"words": 5, "silent": ["s1"], "refuses": ["s2"], "name": "card"}, None)
    assert len(active_spans(system.answer(ask("s9")).speech, bridge_s=0.02)) == 5
    assert not active_spans(system.answer(ask("s1")).speech)
    with pytest.raises(Refused):
        system.answer(ask("s2"))
    with pytest.raises(CardError, match=r"settings\.word: unknown"):
        build({"word": 5}, None)
    with pytest.raises(CardError, match=r"settings\.words: 'many' given, int needed"):
        build({"words": "many"}, None)

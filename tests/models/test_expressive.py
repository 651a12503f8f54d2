"""The expressive cascade does what the user wishes, lets the mind direct performances, and is else neutral."""

import json

import pytest

from s2s_arena.audio.joining import silence
from s2s_arena.models import perception
from s2s_arena.models.cascade import Dialogue, Heard
from s2s_arena.models.expressive import Expressive, plainly
from s2s_arena.models.perception import Perception, perceive
from s2s_arena.models.telling import bracketed, told
from s2s_arena.models.wishes import mirrored, spot
from s2s_arena.protocols import Request
from s2s_arena.records.codec import decode
from s2s_arena.records.cues import Transcript
from s2s_arena.records.speech import Utterance
from tests.models.doubles import Ears, Mind, Pitch, Voice


def system(asked, *replies, plan="", voice=None):
    mind, voice = Mind(*replies, plan=plan), voice or Voice("en", "zh")
    dialogue = Dialogue(Ears(asked), mind, languages=voice.languages, max_tokens=60, temperature=0.0)
    return Expressive(dialogue, mind, voice, identity="x", pitch=Pitch())


def directed(asked, words, *, plan="", emotion=None):
    heard = Heard(Transcript(text=asked, language="en"), "en")
    return system(asked, plan=plan).direct(words, heard=heard, perceived=Perception(emotion=emotion), seed=0)


def line(**choice):
    return {"emotion": "neutral", "pace": "normal", "volume": "normal", "stress": "", **choice}


def plan(*lines):
    return json.dumps({"lines": list(lines)})


def test_a_plain_question_is_answered_neutrally_without_asking_the_mind_how():
    utterance = directed("What is two plus two?", "It is four.", plan=plan(line(emotion="angry")))
    assert all(segment.delivery.rate == 1.0 and segment.delivery.emotion is None for segment in utterance.segments)


def test_a_wish_is_carried_out_whatever_the_mind_says():
    (segment,) = directed("Please whisper a wish.", "Sleep well.").segments
    assert segment.delivery.style == "whisper"
    (segment,) = directed("Say it very slowly.", "Sleep well.").segments
    assert segment.delivery.rate < 0.8
    (segment,) = directed("Say it in a sad voice.", "Sleep well.").segments
    assert segment.delivery.emotion == "sad" and segment.delivery.strength > 1


def test_slow_then_fast_changes_inside_one_sentence_too():
    first, second = directed("Count slowly and then fast.", "One two three four five six.").segments
    assert first.delivery.rate < 1 < second.delivery.rate
    assert f"{first.text} {second.text}" == "One two three four five six."


def test_the_mind_directs_a_performance_sentence_by_sentence():
    chosen = plan(line(emotion="happy"), line(pace="fast", stress="ran"))
    one, two = directed("Tell me a story.", "A cat woke up. It ran away.", plan=chosen).segments
    assert one.delivery.emotion == "happy"
    assert two.delivery.rate > 1 and two.delivery.emphasis == ("ran",)


@pytest.mark.parametrize("bad", ["", "not json", "[]", '{"lines": 3}', '{"lines": [{"emotion": "hangry", "pace": 7}]}'])
def test_a_poor_plan_is_neutral(bad):
    for segment in directed("Tell me a story.", "A cat woke up. It ran away.", plan=bad).segments:
        assert segment.delivery.rate == 1.0 and segment.delivery.emotion is None


def test_a_stressed_word_that_is_not_said_is_left_out():
    (segment,) = directed("Tell me a story.", "A cat woke up.", plan=plan(line(stress="dog"))).segments
    assert segment.delivery.emphasis == ()


def test_a_sad_user_is_answered_calmly():
    (segment,) = directed("I lost my keys.", "That is a pity.", emotion="sad").segments
    assert segment.delivery.emotion == "calm"


def test_the_plan_is_kept_and_is_what_was_spoken():
    voice = Voice("en")
    made = system("Please whisper hello.", "Hello.", voice=voice)
    answer = made.answer(Request(speech=silence(1.0, 16_000), sample="s"))
    assert decode(Utterance, answer.raw["planned"]) == voice.said[0]


def test_silence_is_perceived_as_nothing():
    assert perceive(silence(1.0, 16_000), Transcript(text="", language="und"), Pitch()) == Perception()


def test_what_was_heard_is_told_as_the_speaker_would_say_it():
    assert told(Perception(pace="normal", loudness="normal"), "Hello.", "en") == ""
    heard = Perception(gender="female", pace="slow", emotion="sad", noisy=True)
    assert told(heard, "Hello.", "en") == "I am a woman. I feel sad about it. I speak slowly. It is noisy around me."
    assert told(heard, "你好", "zh") == "我是女的。我心里很难过。我说得很慢。我这里很吵。"
    assert told(Perception(gender="male", age="child"), "Hello.", "en") == "I am a little child."
    assert told(Perception(gender="male", pace="normal"), "Hello.", "en") == ""
    assert told(Perception(gender="male"), "Going by my voice, where do I sing?", "en") == "I am a man."
    assert bracketed("你好", "我是男的。", "zh") == "你好（我是男的。）" and bracketed("Hi", "", "en") == "Hi"


@pytest.mark.parametrize(
    ("asked", "mirrors"),
    [
        ("Tell my mother in Chinese, in my tone of voice.", True),
        ("Talk at exactly the pace I'm talking.", True),
        ("Hoot to it, no louder and no softer than I'm talking.", True),
        ("请用英语告诉队友，口气跟我一样。", True),
        ("In my opinion it is too fast.", False),
        ("What do you think of my voice?", False),
    ],
)
def test_an_answer_is_to_sound_like_the_user_only_where_that_was_asked(asked, mirrors):
    assert spot(asked).mirrors is mirrors


def test_a_mirrored_voice_takes_what_was_heard_but_an_express_wish_comes_first():
    heard = Perception(pace="fast", emotion="angry", pitch="low", loudness="loud", range="lively")
    as_i_do = mirrored(spot("Say it the way I do."), heard)
    assert (as_i_do.rate, as_i_do.emotion, as_i_do.pitch, as_i_do.volume) == ("fast", "angry", "low", "loud")
    assert as_i_do.range is None  # the emotion brings its own
    assert mirrored(spot("Say it slowly, the way I do."), heard).rate == "slow"
    assert mirrored(spot("Say it."), heard) == spot("Say it.")
    assert mirrored(spot("Say it the way I do."), Perception(whispered=True)).style == "whisper"


@pytest.mark.parametrize(
    ("rate", "loud", "level", "spread", "mood"),
    [
        (3.4, -27.0, -2.0, 4.0, "sad"),
        (4.6, -22.0, -2.9, 7.8, None),
        (5.6, -19.5, 3.0, 12.7, "excited"),
        (5.5, -20.5, -1.3, 12.4, "angry"),
        (3.8, -21.0, 0.9, 14.0, "sarcastic"),
        (4.5, -22.0, None, None, None),
    ],
)
def test_several_signs_have_to_agree_on_a_mood(rate, loud, level, spread, mood):
    assert perception._mood(rate, loud, level, spread) == mood


def test_read_plainly_the_words_are_the_same_and_nothing_else_is():
    spoken = directed("Please whisper a wish.", "Sleep well. Dream.")
    plain = plainly(spoken)
    assert plain.text == spoken.text
    assert all(segment.delivery.neutral for segment in plain.segments)
    assert not any(segment.delivery.neutral for segment in spoken.segments)

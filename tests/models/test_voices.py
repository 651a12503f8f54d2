"""Voices say the words, as directed: checked by ears and by a pitch tracker that did not make the sound."""

import numpy as np
import pytest
from rapidfuzz.distance import Levenshtein

from s2s_arena.audio.activity import active_mean_square, active_spans
from s2s_arena.audio.levels import peak_dbfs
from s2s_arena.errors import InputError
from s2s_arena.models.swift import SwiftPitch
from s2s_arena.protocols import Speaker
from s2s_arena.records.speech import Delivery, Pause, Segment, Traits, Utterance

pytestmark = pytest.mark.local
LINE = "The old lighthouse keeper waves at every ship, and then he goes home for dinner."


@pytest.fixture(scope="module")
def pitch():
    return SwiftPitch()


@pytest.fixture(scope="module")
def plain(say):
    return say("hibari", LINE)


@pytest.fixture(scope="module")
def ears(local_parts):
    return local_parts.transcriber("whisper-base")


def letters(text):
    return "".join(character for character in text.lower() if character.isalnum())


def likeness(said, heard):
    return Levenshtein.normalized_similarity(letters(said), letters(heard))


def active_s(wave):
    return sum(span.end_s - span.start_s for span in active_spans(wave, bridge_s=0.3))


def level_hz(pitch, wave):
    track = pitch.track(wave)
    return float(np.median(track.f0_hz[track.voiced]))


def sd_st(pitch, wave):
    track = pitch.track(wave)
    return float(np.std(12 * np.log2(track.f0_hz[track.voiced])))


def level_db(wave):
    return 10 * np.log10(active_mean_square(wave))


@pytest.mark.parametrize("name", ["hibari", "kokoro-male"])
def test_a_voice_is_a_speaker(local_parts, name):
    voice = local_parts.speaker(name)
    assert isinstance(voice.identity, str) and "en" in voice.languages
    _: Speaker = voice
    assert local_parts.speaker(name) is voice


def test_the_words_come_back(plain, ears):
    assert likeness(LINE, ears.transcribe(plain).text) > 0.95


def test_a_number_too_great_for_a_name_is_said_digit_by_digit(say):
    assert say("hibari", "It is " + "7" * 40 + ".").duration_s > 5.0


def test_the_same_seed_gives_the_same_samples(say):
    assert say("hibari", "Good morning.", seed=4).hash() == say("hibari", "Good morning.", seed=4).hash()


@pytest.mark.parametrize(
    ("voice", "language", "text", "least"),
    [
        ("kokoro-male", "en", "The train to London leaves in the morning.", 0.95),
        ("kokoro-male", "zh", "今天天气很好，我们去公园。", 0.85),
        ("kokoro-male", "ja", "今日はいい天気ですね。", 0.7),
    ],
)
def test_kokoro_speaks_three_languages(say, ears, voice, language, text, least):
    heard = ears.transcribe(say(voice, text, language=language))
    assert heard.language == language
    assert likeness(text, heard.text) >= least


def test_a_woman_and_a_man_are_told_apart_by_pitch(say, pitch):
    text = "The train to London leaves in the morning."
    man, woman = say("kokoro-male", text), say("kokoro-male", text, traits=Traits(gender="female"))
    assert level_hz(pitch, man) < 150 < level_hz(pitch, woman)


@pytest.mark.parametrize("rate", [0.7, 1.4])
def test_twice_the_rate_is_half_the_time(say, plain, rate):
    fast = say("hibari", LINE, rate=rate)
    assert plain.duration_s / fast.duration_s == pytest.approx(rate, rel=0.03)


def test_rate_by_world_is_as_exact(say, local_parts):
    text = "The train to London leaves in the morning."
    plain, slow = say("kokoro-male", text), say("kokoro-male", text, rate=0.8)
    assert plain.duration_s / slow.duration_s == pytest.approx(0.8, rel=0.03)


@pytest.mark.parametrize("semitones", [-4.0, 4.0])
def test_the_pitch_level_moves_by_that_many_semitones(say, pitch, semitones):
    # Both go through WORLD, so that only the shift differs.
    same = say("hibari", LINE, pitch_st=0.001)
    moved = say("hibari", LINE, pitch_st=semitones)
    factor = level_hz(pitch, moved) / level_hz(pitch, same)
    assert factor == pytest.approx(2 ** (semitones / 12), rel=0.05)


@pytest.mark.parametrize("factor", [0.5, 1.5])
def test_the_pitch_range_is_scaled(say, pitch, factor):
    same = say("hibari", LINE, pitch_st=0.001)
    scaled = say("hibari", LINE, pitch_range=factor)
    assert sd_st(pitch, scaled) / sd_st(pitch, same) == pytest.approx(factor, rel=0.08)


def test_a_flat_voice_is_flat(say, pitch):
    assert sd_st(pitch, say("hibari", LINE, pitch_range=0.0)) < 0.3


@pytest.mark.parametrize("gain", [-6.0, 6.0])
def test_the_level_moves_by_that_many_decibels(say, plain, gain):
    assert level_db(say("hibari", LINE, volume_db=gain)) - level_db(plain) == pytest.approx(gain, abs=0.1)


def test_every_voice_has_the_same_level_and_room_above(say, plain):
    assert level_db(plain) == pytest.approx(-26.0, abs=0.3)
    assert peak_dbfs(say("hibari", LINE, volume_db=12.0)) <= 0.0


def test_a_pause_is_as_long_as_asked_and_in_its_place(say, ears):
    paused = say("hibari", LINE, pauses=(Pause(after="keeper", seconds=1.0),))
    spans = active_spans(paused, bridge_s=0.5)
    assert len(spans) == 2
    assert spans[1].start_s - spans[0].end_s == pytest.approx(1.06, abs=0.06)  # with the 30 ms edges
    words = [word for word in ears.transcribe(paused).words if letters(word.text) == "keeper"]
    assert words and words[0].end_s == pytest.approx(spans[0].end_s, abs=0.35)


def test_an_emphasised_word_is_higher_than_when_it_is_not(say, pitch, ears):
    same, stressed = say("hibari", LINE, pitch_st=0.001), say("hibari", LINE, emphasis=("every",))

    def word_hz(wave):
        span = next(word for word in ears.transcribe(wave).words if letters(word.text) == "every")
        track = pitch.track(wave)
        inside = track.voiced & (track.times_s >= span.start_s) & (track.times_s <= span.end_s)
        return float(np.median(track.f0_hz[inside]))

    assert 12 * np.log2(word_hz(stressed) / word_hz(same)) > 1.5
    assert stressed.duration_s > same.duration_s


def test_a_whisper_is_unvoiced_soft_and_understood(say, plain, pitch, ears):
    whispered = say("hibari", LINE, style="whisper")
    assert pitch.track(whispered).voiced.mean() < 0.1
    assert level_db(whispered) < level_db(plain) - 5
    assert likeness(LINE, ears.transcribe(whispered).text) > 0.8


def test_singing_lasts_longer_and_is_mostly_voiced(say, plain, pitch):
    sung = say("hibari", LINE, style="sing")
    assert sung.duration_s > 1.5 * plain.duration_s
    assert pitch.track(sung).voiced.mean() > pitch.track(plain).voiced.mean()


def test_traits_can_be_heard(say, pitch, plain):
    assert level_hz(pitch, say("hibari", LINE, traits=Traits(gender="male"))) < 140
    assert level_hz(pitch, say("hibari", LINE, traits=Traits(age="child"))) > 1.2 * level_hz(pitch, plain)
    assert say("hibari", LINE, traits=Traits(age="elder")).duration_s > 1.1 * plain.duration_s


def test_emotions_differ_in_the_direction_of_their_table(say, plain, pitch):
    sad, excited = say("hibari", LINE, emotion="sad"), say("hibari", LINE, emotion="excited")
    assert sad.duration_s > plain.duration_s > excited.duration_s
    assert level_hz(pitch, sad) < level_hz(pitch, plain) < level_hz(pitch, excited)
    assert level_db(sad) < level_db(plain) < level_db(excited)


def test_segments_keep_their_own_delivery_and_pauses(local_parts):
    def segment(text, **rest):
        return Segment(text=text, language="en", **rest)

    voice = local_parts.speaker("hibari")
    loud = Delivery(volume_db=6.0)
    both = voice.speak(
        Utterance(segments=(segment("Good morning.", pause_after_s=1.0), segment("Wake up!", delivery=loud))), seed=1
    )
    one = voice.speak(Utterance(segments=(segment("Good morning."),)), seed=1)
    two = voice.speak(Utterance(segments=(segment("Wake up!", delivery=loud),)), seed=2)
    assert both.duration_s == pytest.approx(one.duration_s + 1.0 + two.duration_s, abs=0.01)


@pytest.mark.parametrize(
    ("segment", "message"),
    [
        (Segment(text="你好", language="zh"), r"voice hibari: language zh of '你好' is not spoken .* choose a voice"),
        (Segment(text="你好", language="en"), "voice hibari: '你好' holds Chinese or Japanese"),
        (Segment(text="...", language="en"), "has nothing to say"),
        (Segment(text="Hi", language="en", delivery=Delivery(emotion="meh")), "emotion 'meh' given"),
    ],
)
def test_what_a_voice_cannot_say_is_an_input_error(local_parts, segment, message):
    with pytest.raises(InputError, match=message):
        local_parts.speaker("hibari").speak(Utterance(segments=(segment,)), seed=1)

import pytest
from tests.cues.builders import cues, transcript

from s2s_arena.cues import norms
from s2s_arena.cues.shows import MOST, shows
from s2s_arena.records.cues import Span
from s2s_arena.records.samples import Expectation

EMPTY = {"duration_s": 2.0, "speech_s": 0.0, "syllables_per_s": None, "f0_median_hz": None, "f0_range_st": None}


def score(cue, want, speech, **more):
    return shows(speech, Expectation(cue=cue, want=want), **more)


@pytest.mark.parametrize(
    ("cue", "low", "high", "less", "more"),
    [
        ("rate", "slow", "fast", {"syllables_per_s": 3.4}, {"syllables_per_s": 6.8}),
        ("pitch", "low", "high", {"f0_median_hz": 170.0}, {"f0_median_hz": 330.0}),
        ("range", "flat", "wide", {"f0_range_st": 3.0}, {"f0_range_st": 15.0}),
        ("volume", "soft", "loud", {"intensity_dbfs": -40.0}, {"intensity_dbfs": -14.0}),
    ],
)
def test_each_end_of_a_scale_shows_itself_and_denies_the_other(cue, low, high, less, more):
    heads = {"gender:female": 0.97, "gender:male": 0.03}
    assert score(cue, low, cues(heads=heads, **less)) > 1.0 > -1.0 > score(cue, high, cues(heads=heads, **less))
    assert score(cue, high, cues(heads=heads, **more)) > 1.0 > -1.0 > score(cue, low, cues(heads=heads, **more))
    assert abs(score(cue, low, cues(heads=heads))) < abs(score(cue, low, cues(heads=heads, **less)))


def test_a_mans_level_is_not_low_for_a_man():
    man = {"gender:female": 0.02, "gender:male": 0.98}
    plain = norms.shipped().norm("pitch", language="en", gender="male")
    hertz = 100.0 * 2.0 ** (plain.mean / 12.0)
    assert abs(score("pitch", "low", cues(heads=man, f0_median_hz=hertz))) < 0.5


def test_norms_of_one_voice_make_its_own_delivery_the_zero():
    usual = [(cues(syllables_per_s=rate, heads={}), "female") for rate in (3.0, 3.2, 3.4, 3.1, 3.3)]
    own = norms.measured(usual)
    slow_voice = cues(syllables_per_s=3.2)
    assert score("rate", "slow", slow_voice) > 1.0
    assert abs(score("rate", "slow", slow_voice, norms=own)) < 0.5


def _tempo(first_s, second_s):
    times, at = [], 0.0
    for n in range(12):
        length = first_s if n < 6 else second_s
        times.append((at, at + length))
        at += length
    return cues(heard=transcript("and then he ran down the road and then he sat down", times=times))


def test_a_change_of_tempo_is_told_from_its_opposite():
    assert score("rate", "slow_then_fast", _tempo(0.5, 0.2)) > 1.0
    assert score("rate", "fast_then_slow", _tempo(0.2, 0.5)) > 1.0
    assert score("rate", "slow_then_fast", _tempo(0.2, 0.5)) < -1.0
    assert score("rate", "slow_then_fast", _tempo(0.3, 0.3)) < 0.0


def test_no_tempo_change_is_read_from_a_few_words():
    assert score("rate", "slow_then_fast", cues(heard=transcript("yes of course"))) is None


def test_the_stressed_word_is_shown_and_another_is_not():
    speech = cues(emphasis={"the": -0.8, "morning": 2.1, "train": -0.4, "leaves": 0.1})
    assert score("emphasis", "Morning", speech) == pytest.approx(2.1)
    assert score("emphasis", "train", speech) < 0
    assert score("emphasis", "bicycle", speech) < -1  # it was not even said


def test_a_phrase_is_stressed_by_its_strongest_word():
    speech = cues(emphasis={"the": -0.8, "morning": 2.1, "train": -0.4})
    assert score("emphasis", "the morning train", speech) == pytest.approx(2.1)


def test_a_pause_counts_after_its_word_only():
    heard = transcript("the morning train leaves", times=[(0, 0.3), (0.3, 0.8), (1.4, 1.7), (1.7, 2.0)])
    speech = cues(heard=heard, pauses=(Span(start_s=0.75, end_s=1.4),))
    assert score("pause", "morning", speech) > 2
    assert score("pause", "train", speech) < 0
    assert score("pause", "boat", speech) < -1


def test_a_longer_pause_shows_more():
    def with_pause(seconds):
        heard = transcript(
            "one two three", times=[(0, 0.4), (0.4 + seconds, 0.8 + seconds), (1.0 + seconds, 1.2 + seconds)]
        )
        return score("pause", "one", cues(heard=heard, pauses=(Span(start_s=0.4, end_s=0.4 + seconds),)))

    assert with_pause(0.2) < with_pause(0.3) < with_pause(0.5)


def test_language_is_what_was_heard():
    chinese = cues(heard=transcript("你好", language="zh", probability=0.98))
    assert score("language", "zh-CN", chinese) > 1
    assert score("language", "en", chinese) < -1


@pytest.mark.parametrize(("hertz", "gender"), [(105.0, "male"), (230.0, "female")])
def test_gender_by_pitch_where_no_head_tells_it(hertz, gender):
    other = {"male": "female", "female": "male"}[gender]
    assert score("gender", gender, cues(f0_median_hz=hertz)) > 1 > -1 > score("gender", other, cues(f0_median_hz=hertz))


def test_a_head_decides_over_pitch():
    assert score("gender", "male", cues(f0_median_hz=230.0, heads={"gender:female": 0.1, "gender:male": 0.9})) > 1


def test_a_child_speaks_above_women_and_an_elder_is_not_guessed():
    assert score("age", "child", cues(f0_median_hz=400.0)) > 0 > score("age", "child", cues(f0_median_hz=210.0))
    assert score("age", "elder", cues()) is None


def test_emotion_heads_are_read_against_chance():
    heads = {"emotion:happy": 0.7, "emotion:sad": 0.1, "emotion:angry": 0.1, "emotion:neutral": 0.1}
    assert score("emotion", "joyful", cues(heads=heads)) > 1
    assert score("emotion", "sad", cues(heads=heads)) < 0


def test_without_a_head_emotion_is_read_from_its_profile():
    low = cues(syllables_per_s=3.5, f0_range_st=5.0, intensity_dbfs=-34.0)
    assert score("emotion", "sad", low) > 1
    assert score("emotion", "excited", low) < -1
    assert score("emotion", "nostalgic", low) is None


def test_whispering_has_no_voice_in_it():
    whispered = cues(voiced_share=0.04, f0_median_hz=None, f0_range_st=None)
    assert score("style", "whisper", whispered) > 1
    assert score("style", "whisper", cues()) < -1


def test_singing_holds_its_notes():
    assert score("style", "sing", cues(checks={"note_share": 0.7})) > 1
    assert score("style", "sing", cues(checks={"note_share": 0.1})) < -1


def test_shouting_is_loud_high_and_bright():
    shouted = cues(intensity_dbfs=-12.0, f0_median_hz=330.0, checks={"brightness_db": -8.0})
    assert score("style", "shout", shouted) > 1 > score("style", "shout", cues())


def test_an_imitated_sound_is_not_words():
    heard = transcript("boom boom boom boom", log_probability=-1.2, no_speech_probability=0.5)
    assert score("style", "sound", cues(heard=heard, checks={"worded_share": 0.4})) > 1
    plain = transcript("the morning train leaves the station at nine", log_probability=-0.2)
    assert score("style", "sound", cues(heard=plain)) < -1


def test_contains_takes_any_alternative_and_lacks_is_its_opposite():
    assert score("contains", "bus|morning train", cues()) == pytest.approx(2.0)
    assert score("contains", "bus|helicopter", cues()) < 0
    assert score("lacks", "bus|helicopter", cues()) > 0
    assert score("lacks", "station", cues()) < 0


def test_words_are_found_however_numbers_and_characters_are_written():
    pytest.importorskip("pypinyin", reason="extra 'local' not installed")
    assert score("contains", "9", cues()) == pytest.approx(2.0)
    assert score("contains", "窗户", cues(heard=transcript("請把窗戶關上", language="zh"))) == pytest.approx(2.0)


def test_plain_speech_is_neutral_and_lively_speech_is_not():
    lively = cues(syllables_per_s=7.0, f0_range_st=16.0, f0_median_hz=320.0)
    assert score("neutral", "yes", cues()) > 0.2 > -0.2 > score("neutral", "yes", lively)


@pytest.mark.parametrize("cue", ["rate", "pitch", "emphasis", "contains", "neutral", "style", "lacks"])
def test_of_silence_nothing_is_said(cue):
    want = {"rate": "slow", "pitch": "low", "style": "whisper", "neutral": "yes"}.get(cue, "word")
    assert score(cue, want, cues(**EMPTY)) is None


@pytest.mark.parametrize(
    ("cue", "want"), [("colour", "blue"), ("rate", "purple"), ("style", "mumble"), ("age", "teen")]
)
def test_what_is_not_known_cannot_be_measured(cue, want):
    assert score(cue, want, cues()) is None


def test_scores_stay_within_bounds():
    assert score("rate", "fast", cues(syllables_per_s=30.0)) == MOST
    assert score("rate", "slow", cues(syllables_per_s=30.0)) == -MOST

"""The spoken prompt: what is heard in it, at which rate and level, and what does not tell systems apart."""

from dataclasses import replace

import numpy as np
import pytest

from s2s_arena.audio.joining import join, silence
from s2s_arena.audio.levels import peak_dbfs
from s2s_arena.audio.loudness import loudness_lufs
from s2s_arena.judge.comparison import HeardTake, HeardTurn
from s2s_arena.judge.levels import TARGET_LUFS
from s2s_arena.judge.programme import programme, trimmed
from s2s_arena.judge.spoken_prompt import CEILING_DBFS, separate, spliced
from s2s_arena.testing.ears import ScriptedTranscriber
from s2s_arena.testing.sound import tones
from s2s_arena.testing.voices import ScriptedSpeaker
from tests.judge.listeners import CUES, SPOKEN, comparison, cue_voice, far_apart, prompts, take

EVERY_CUE = tuple(getattr(CUES, name) for name in CUES.__dataclass_fields__)
WORDS = far_apart(SPOKEN, from_=EVERY_CUE, hz=4.0)


def heard(wave) -> list[str]:
    return ScriptedTranscriber([*EVERY_CUE, *SPOKEN]).transcribe(wave).text.split()


def spoken(compared, **options):
    return spliced(programme(compared), prompts=prompts(), voice=cue_voice(**options))


def test_question_and_both_answers_are_announced_and_heard_in_order():
    wave = spoken(comparison(take(3), take(4)))
    assert heard(wave) == ["question", *SPOKEN[:2], "first", *SPOKEN[:3], "second", *SPOKEN[:4], "end"]


def test_swapping_swaps_what_comes_after_the_cues_and_not_the_cues():
    compared = comparison(take(3), take(4))
    words = heard(spoken(compared.swapped))
    assert words == ["question", *SPOKEN[:2], "first", *SPOKEN[:4], "second", *SPOKEN[:3], "end"]


def test_dialogues_are_heard_whole_one_after_the_other():
    words = heard(spoken(comparison(take(1, 2), take(3, 1), turns=2)))
    user = ["user", *SPOKEN[:2], "reply"]
    assert words == [
        *("opening", *user, *SPOKEN[:1], *user, *SPOKEN[:2]),
        *("reopening", *user, *SPOKEN[:3], *user, *SPOKEN[:1]),
        "end",
    ]


def test_a_missing_answer_is_announced_and_not_skipped():
    nothing = HeardTake(turns=(HeardTurn(speech=None, audio=None),))
    assert heard(spoken(comparison(nothing, take(1)))) == [
        *("question", *SPOKEN[:2], "first", "missing", "second", *SPOKEN[:1], "end")
    ]


def test_a_take_that_ended_early_is_announced_for_its_missing_turns():
    words = heard(spoken(comparison(take(1), take(1, 1), turns=2)))
    assert words.count("missing") == 1


def test_the_rate_is_the_highest_native_one_and_never_a_telephone():
    low, high = take(1, rate_hz=8000), take(1, rate_hz=44100)
    assert spoken(comparison(low, high)).rate_hz == 44100
    assert spoken(comparison(low, low)).rate_hz == 16000


def test_lead_in_and_lead_out_do_not_tell_systems_apart():
    plain = take(2)
    wave = plain.turns[0].speech
    late = replace(
        plain, turns=(replace(plain.turns[0], speech=join([silence(2.0, 16000), wave, silence(1.5, 16000)])),)
    )
    one, other = spoken(comparison(plain, take(1))), spoken(comparison(late, take(1)))
    assert abs(one.frames - other.frames) <= 0.03 * one.rate_hz
    assert heard(one) == heard(other)


def test_pauses_inside_an_answer_stay():
    wave = tones(SPOKEN[:1])
    paused = join([wave, wave], 1.0)
    assert trimmed(paused).duration_s > 1.0 + 2 * 0.18


def test_an_answer_of_silence_is_heard_as_silence():
    quiet = HeardTake(turns=(HeardTurn(speech=silence(2.0, 16000), audio=None),))
    longer = spoken(comparison(quiet, take(1))).duration_s
    assert longer - spoken(comparison(take(1), take(1))).duration_s > 1.5


def test_one_gain_moves_all_of_a_system_and_nothing_against_each_other():
    loud, soft = take(2, level=0.4), take(2, level=0.1)
    parts = separate(programme(comparison(replace(loud, gain_db=-6.0), replace(soft, gain_db=-6.0))))
    levels = [loudness_lufs(wave) for wave in parts.values()][1:]
    assert levels[0] - levels[1] == pytest.approx(20 * np.log10(4.0), abs=0.1)


def test_what_would_clip_turns_everything_down_alike():
    first, second = take(2, gain_db=14.0), take(2, gain_db=8.0)
    parts = separate(programme(comparison(first, second)))
    question, a, b = parts.values()
    assert peak_dbfs(a) == pytest.approx(CEILING_DBFS, abs=0.01)
    assert loudness_lufs(a) - loudness_lufs(b) == pytest.approx(6.0, abs=0.05)
    assert loudness_lufs(b) - loudness_lufs(question) == pytest.approx(8.0, abs=0.2)


def test_cues_are_made_once_and_kept_by_hash_over_runs(tmp_path):
    speaker, other = ScriptedSpeaker(), ScriptedSpeaker()
    compared = comparison(take(1), take(1))
    one = spliced(programme(compared), prompts=prompts(), voice=cue_voice(speaker, folder=tmp_path / "cues"))
    again = spliced(programme(compared), prompts=prompts(), voice=cue_voice(other, folder=tmp_path / "cues"))
    assert len(speaker.said) == 4 and not other.said
    assert one.hash() == again.hash()
    changed = ScriptedSpeaker(name="another")
    spliced(programme(compared), prompts=prompts(), voice=cue_voice(changed, folder=tmp_path / "cues"))
    assert len(changed.said) == 4


def test_cues_are_as_loud_as_answers_whatever_the_voice():
    soft = cue_voice(ScriptedSpeaker(level=0.01)).say("first", language="en")
    assert loudness_lufs(soft) == pytest.approx(TARGET_LUFS, abs=0.2)


def test_samples_are_announced_in_their_own_language():
    speaker = ScriptedSpeaker()
    texts = prompts("zh")
    spliced(programme(comparison(take(1), take(1), language="zh")), prompts=texts, voice=cue_voice(speaker))
    assert {segment.language for said in speaker.said for segment in said.segments} == {"zh"}

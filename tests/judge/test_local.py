"""The embedded judge: faults decide alone, criteria are fused, and who is heard first never matters."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from s2s_arena.audio.resampling import resample
from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import CardError, InputError, JudgeFailure
from s2s_arena.judge.comparison import Decision
from s2s_arena.judge.editing import narrow
from s2s_arena.judge.faults import repeats
from s2s_arena.judge.local import LocalJudge, build_local
from s2s_arena.judge.notebook import Notebook
from s2s_arena.judge.prompts import content_prompts, gist_prompts
from s2s_arena.judge.quality import rated, sound, spoken_share, top_hz
from s2s_arena.records.cues import Cues, Quality
from s2s_arena.records.samples import Expectation, Sample
from s2s_arena.records.scores import Score
from s2s_arena.records.studies import Criterion, Outcome
from s2s_arena.records.systems import JudgeCard
from s2s_arena.records.taxonomy import Level
from s2s_arena.store.memory import MemoryStore
from tests.judge.parts import PROSODY, Ears, Mind, Said, compared, expecting, sample

SILENT = Said(text="", prosody=replace(PROSODY, speech_s=0.0, f0_median_hz=None, intensity_dbfs=None), mos=None)
ECHO = Said(text="Could you tell me the time in London, please?")
CHINESE = Said(text="现在是四点钟了。", language="zh")


def likes(text: str) -> Mind:
    """A mind that likes replies that hold `text`, pointwise and in pairs, and the first place a little."""

    def odds(prompt: str) -> float:
        if "Reply 1:" not in prompt:
            return 3.0 if text in prompt.split("Reply to mark:")[1] else -3.0
        first, second = prompt.split("Reply 1:")[1].split("Reply 2:")
        return 0.5 + 2.0 * ((text in first) - (text in second))

    return Mind(odds)


def judge(ears: Ears, mind: Mind | None = None, *, words_only: bool = False) -> LocalJudge:
    return LocalJudge(
        ears, mind or Mind(), notebook=Notebook(MemoryStore()), prompts=content_prompts(), words_only=words_only
    )


def decide(
    asked: Sample, first: Said | None, second: Said | None, *, mind: Mind | None = None, **options: object
) -> Decision:
    ears = Ears()
    comparison = compared(ears, asked, first, second, **options)  # type: ignore[arg-type]
    return judge(ears, mind).decide(comparison)


# ------------------------------------------------------------------------------------------------ faults


@pytest.mark.parametrize("fault", [None, SILENT, ECHO, CHINESE], ids=["empty", "silent", "echo", "language"])
def test_a_blatant_fault_loses_whatever_the_mind_thinks(fault: Said | None):
    mind = likes("never said")
    assert decide(sample(), fault, Said(), mind=mind).outcome is Outcome.SECOND
    decision = decide(sample(), Said(), fault, mind=mind)
    assert decision.outcome is Outcome.FIRST
    assert decision.parsed == "rule"
    assert "second answer" in decision.reason
    assert decision.criteria[Criterion.QUALITY].outcome is None


def test_the_same_sound_as_the_question_is_an_echo_whatever_the_ears_understand():
    ears = Ears()
    comparison = compared(ears, sample(), Said(), Said(text="Four o'clock."))
    echo = replace(comparison, questions=(comparison.first.turns[0].speech,))
    decision = judge(ears).decide(echo)
    assert decision.outcome is Outcome.SECOND
    assert "own sound" in decision.reason


def test_an_answer_in_another_language_is_right_where_it_is_wanted():
    wanted = expecting("language", "zh")
    assert decide(wanted, CHINESE, Said(), mind=Mind()).outcome is Outcome.FIRST


def test_a_translation_task_forbids_no_language():
    assert decide(sample(task="cross_lingual_emotional_translation"), CHINESE, Said()).parsed == "log-odds"


def test_ears_that_are_unsure_of_the_language_accuse_nobody():
    short = replace(CHINESE, prosody=replace(PROSODY, speech_s=0.6))
    assert decide(sample(), short, Said()).parsed == "log-odds"


def test_the_worse_of_two_faults_loses():
    assert decide(sample(), SILENT, ECHO).outcome is Outcome.SECOND
    assert decide(sample(), ECHO, CHINESE).outcome is Outcome.SECOND
    assert decide(sample(), SILENT, None).outcome is Outcome.FIRST


def test_two_answers_with_the_same_fault_are_compared_on():
    better = replace(CHINESE, mos=4.5)
    decision = decide(sample(), CHINESE, better)
    assert (decision.parsed, decision.outcome) == ("log-odds", Outcome.SECOND)


def test_two_answers_without_speech_are_tossed_up_with_no_margin():
    decision = decide(sample(), None, None)
    assert decision.margin == 0.0
    assert "toss" in decision.reason


# ----------------------------------------------------------------------------------------------- criteria


def test_what_was_asked_for_wins():
    decision = decide(sample(), Said(text="Bananas are yellow."), Said(), mind=likes("four"))
    assert decision.outcome is Outcome.SECOND
    assert decision.criteria[Criterion.INSTRUCTION].outcome is Outcome.SECOND
    assert decision.reason.startswith("instruction")


def test_expected_words_count_without_the_mind():
    asked = expecting("contains", "four")
    assert decide(asked, Said(text="I do not know that at all."), Said()).outcome is Outcome.SECOND


def test_saying_a_piece_of_the_question_back_counts_against_an_answer_unless_it_was_asked_for():
    piece, other = Said(text="Tell me the time in London."), Said(text="I do not know that at all.")
    decision = decide(expecting("contains", "four"), piece, other)
    assert decision.outcome is Outcome.SECOND
    assert "a piece of the question" in decision.criteria[Criterion.INSTRUCTION].reason
    assert decide(expecting("contains", "time in London"), piece, other).outcome is Outcome.FIRST
    assert decide(sample(), piece, other).criteria[Criterion.INSTRUCTION].outcome is None


def test_without_the_rule_of_blatant_faults_only_an_answer_without_speech_loses_by_rule():
    card = JudgeCard(name="local", title="Local", model="local", settings={"blatant": False})
    for fault, rule in ((None, True), (SILENT, False), (ECHO, False)):
        ears = Ears()
        comparison = compared(ears, sample(), fault, Said())
        made = build_local(card, extractor=ears, writer=likes("London"), store=MemoryStore())
        decision = made.decide(comparison)
        assert decision.outcome is Outcome.SECOND
        assert (decision.parsed == "rule") is rule


def test_a_mind_that_only_follows_the_position_decides_nothing():
    decision = decide(sample(), Said(), Said(text="It is four."), mind=Mind(lambda prompt: 2.0))
    assert decision.criteria[Criterion.INSTRUCTION].outcome is None


def test_the_delivery_that_is_asked_for_wins_where_expression_is_asked():
    asked = expecting("rate", "slow", level=Level.L3)
    slow = Said(prosody=replace(PROSODY, syllables_per_s=2.6))
    decision = decide(asked, Said(), slow)
    assert decision.outcome is Outcome.SECOND
    assert decision.reason.startswith("expressiveness")


@pytest.mark.parametrize("level", [Level.L1, Level.L2])
def test_expression_does_not_count_where_it_is_not_asked(level: Level):
    asked = expecting("rate", "slow", level=level)
    decision = decide(asked, Said(), Said(prosody=replace(PROSODY, syllables_per_s=2.6)))
    assert decision.criteria[Criterion.EXPRESSIVENESS].outcome is None
    assert level.value in decision.criteria[Criterion.EXPRESSIVENESS].reason


def test_a_voice_that_is_plainly_not_neutral_loses_where_it_should_be():
    wild = replace(
        PROSODY, syllables_per_s=8.0, f0_median_hz=420.0, f0_range_st=25.0, f0_sd_st=8.0, intensity_dbfs=-5.0
    )
    decision = decide(expecting("neutral", "yes", level=Level.L2), Said(prosody=wild), Said())
    assert decision.criteria[Criterion.EXPRESSIVENESS].outcome is Outcome.SECOND


def test_better_sound_decides_between_equal_answers():
    decision = decide(sample(), Said(mos=2.4), Said(mos=3.4))
    assert decision.outcome is Outcome.SECOND
    assert decision.criteria[Criterion.QUALITY].margin == pytest.approx(-1.0)


@pytest.mark.parametrize("check", ["ends_abruptly", "clipping_share"])
def test_a_cut_end_and_clipping_lose_between_equal_answers(check: str):
    assert decide(sample(), Said(), Said(checks={check: 1.0})).outcome is Outcome.FIRST


def test_speech_that_lacks_half_of_its_own_text_loses_quality():
    own = ("It is four o'clock.", "It is four o'clock and the sun is about to set over the river Thames.")
    decision = decide(sample(), Said(), Said(), own=own)
    assert decision.criteria[Criterion.QUALITY].outcome is Outcome.FIRST


def test_a_spoken_number_that_ears_write_as_a_figure_is_no_missing_text():
    for heard, own, language in (
        ("2 plus 3 equals 5.", "Two plus three equals five.", "en"),
        ("一共21个。", "一共二十一个。", "zh"),
        ("1,250 people and 3.5 litres", "one thousand, two hundred and fifty people and three point five litres", "en"),
    ):
        assert spoken_share(heard, own, language=language, speech_s=60.0) == 1.0
    assert spoken_share("2 plus 3", "Two plus three equals five.", language="en", speech_s=60.0) < 0.8
    assert spoken_share("21", "इक्कीस", language="hi", speech_s=60.0) < 1.0


def test_what_is_missing_is_counted_and_not_what_is_said_beyond():
    own = "It is four o'clock and the sun is about to set."
    half = spoken_share("It is four o'clock and the", own, language="en", speech_s=60.0)
    assert half == pytest.approx(0.55, abs=0.05)
    assert spoken_share(f"Well now, {own} Good night to all of you!", own, language="en", speech_s=60.0) == 1.0
    assert spoken_share("", own, language="en", speech_s=60.0) == 0.0


def test_what_is_said_over_and_over_and_written_down_once_is_not_missing():
    own = "The future is here. " * 6
    assert spoken_share("The future is here.", own, language="en", speech_s=8.0) == 1.0
    assert spoken_share("The future is here.", own, language="en", speech_s=2.0) == pytest.approx(1 / 6)


def hears(said: Said) -> Cues:
    ears, wave = Ears(), Waveform(np.ones(8_000, dtype=np.float32), 16_000)
    ears.script[wave.hash()] = said
    return ears.hear(wave, audio=wave.hash())


def test_where_ears_only_guess_at_another_language_they_are_told_the_wanted_one():
    accent = Said(text="オルモ", language="ja", sure=0.8, told="It is four o'clock.")
    guessed, plain = decide(sample(), accent, Said(text="Bananas are yellow.")), decide(sample(), Said(), Said())
    assert "wrong language" not in guessed.reason
    heard = [note.transcript.text for note in guessed.notes if isinstance(note, Cues) and note.transcript]
    assert heard == ["オルモ", "It is four o'clock.", "Bananas are yellow."]
    assert len([note for note in plain.notes if isinstance(note, Cues)]) <= 2
    keys = [note.key for note in guessed.notes if isinstance(note, Cues)]
    assert len(set(keys)) == len(keys)


def test_where_ears_are_sure_of_another_language_it_is_a_fault_and_nothing_is_heard_twice():
    decision = decide(sample(), replace(Said(), language="ja", sure=0.99), Said(text="Bananas are yellow."))
    assert decision.outcome is Outcome.SECOND
    assert "ja spoken, en wanted" in decision.reason
    assert len([note for note in decision.notes if isinstance(note, Cues)]) == 2


def test_an_answer_of_which_no_word_is_understood_does_not_do_what_was_asked():
    decision = decide(sample(), Said(text=""), Said(text="Bananas are yellow."))
    assert decision.criteria[Criterion.INSTRUCTION].outcome is Outcome.SECOND


def test_who_reads_out_a_long_text_that_was_asked_for_is_no_echo():
    text = "the quick brown fox jumps over the lazy dog and then it goes on for a long while through the woods, " * 3
    assert repeats(f"Please say this with a lively melody: {text}", f"Please say this with a lively melody: {text}")
    assert repeats(f"Please say this lively: {text}", text) is None


def test_a_telephones_band_loses_quality_however_its_rate_is_written():
    rng = np.random.default_rng(0)
    full = Waveform((0.1 * rng.standard_normal(48_000)).astype(np.float32), 24_000)
    assert top_hz(full) == 12_000.0
    assert top_hz(narrow(full)) == pytest.approx(3_700.0, abs=300.0)
    assert top_hz(resample(full, 8_000)) == pytest.approx(3_700.0, abs=300.0)
    wide, telephone = (sound(sample(), hears(Said()), None, top) for top in (12_000.0, 3_500.0))
    assert wide.penalty == 0.0
    assert telephone.penalty == pytest.approx(0.5)
    assert telephone.faults == ("nothing above 3.5 kHz",)


@pytest.mark.parametrize(
    ("speech_s", "more"), [(9.0, 0.0), (4.0, 0.0), (2.0, 0.25 * np.log(2)), (0.1, 0.25 * np.log(8))]
)
def test_fewer_words_are_no_worse_sound(speech_s: float, more: float):
    quality = Quality(signal=3.0, background=4.0, overall=3.0, p808=3.0)
    assert rated(quality, speech_s=speech_s) == pytest.approx(3.0 + more, abs=0.001)


def test_a_voice_without_melody_loses_quality_unless_a_flat_one_is_asked_for():
    flat = Said(prosody=replace(PROSODY, f0_sd_st=0.2))
    decision = decide(sample(), Said(), flat)
    assert decision.criteria[Criterion.QUALITY].outcome is Outcome.FIRST
    assert "flat as a machine" in decision.criteria[Criterion.QUALITY].reason
    assert "flat" not in decide(expecting("range", "flat"), Said(), flat).criteria[Criterion.QUALITY].reason


def test_singing_is_not_judged_by_its_words_nor_by_predicted_quality():
    asked = expecting("style", "sing", level=Level.L3, task="singing")
    mind = Mind()
    decision = decide(asked, Said(mos=1.5), Said(mos=4.5), mind=mind)
    assert decision.criteria[Criterion.INSTRUCTION].outcome is None
    assert decision.criteria[Criterion.QUALITY].outcome is None
    assert mind.prompts == []


def test_judging_words_only_ignores_all_that_is_not_words():
    asked = replace(
        sample(guideline="She is sad.", level=Level.L4), expects=(Expectation(cue="contains", want="four"),)
    )
    ears, mind = Ears(), likes("Bananas")
    comparison = compared(ears, asked, Said(mos=4.9), Said(text="Bananas are yellow.", mos=1.1))
    decision = judge(ears, mind, words_only=True).decide(comparison)
    assert decision.outcome is Outcome.SECOND
    assert decision.criteria[Criterion.EXPRESSIVENESS].outcome is None
    assert not any("sad" in prompt for prompt in mind.prompts)


# ----------------------------------------------------------------------------------------------- symmetry

answers = st.none() | st.builds(
    Said,
    text=st.sampled_from(["", "It is four o'clock.", "Bananas are yellow.", ECHO.text, CHINESE.text]),
    language=st.sampled_from(["en", "zh"]),
    mos=st.none() | st.floats(1.0, 5.0),
    heads=st.fixed_dictionaries({"expressive": st.floats(-3, 3), "emotion:sad": st.floats(0.01, 0.99)}),
    checks=st.fixed_dictionaries({"clipping_share": st.floats(0, 0.01), "ends_abruptly": st.sampled_from([0.0, 1.0])}),
    prosody=st.builds(
        replace,
        st.just(PROSODY),
        speech_s=st.sampled_from([0.0, 2.5]),
        syllables_per_s=st.none() | st.floats(1.0, 9.0),
        f0_median_hz=st.none() | st.floats(80.0, 400.0),
        intensity_dbfs=st.none() | st.floats(-60.0, -5.0),
    ),
)
asks = st.builds(
    lambda level, expects: sample(level=level, expects=expects),
    level=st.none() | st.sampled_from(list(Level)),
    expects=st.lists(
        st.sampled_from(
            [
                Expectation(cue="rate", want="slow"),
                Expectation(cue="emotion", want="sad"),
                Expectation(cue="contains", want="four"),
                Expectation(cue="volume", want="soft"),
                Expectation(cue="neutral", want="yes"),
                Expectation(cue="style", want="sing"),
            ]
        ),
        max_size=3,
        unique=True,
    ).map(tuple),
)


def hash_odds(prompt: str) -> float:
    """As good as any mind with an opinion on every prompt and every position."""
    return (sum(prompt.encode()) % 997) / 100.0 - 5.0


@given(asked=asks, first=answers, second=answers, own=st.tuples(st.none() | st.just("It is"), st.none()))
def test_swapping_the_answers_swaps_the_decision_exactly(asked, first, second, own):
    ears = Ears()
    comparison = compared(ears, asked, first, second, own=own)
    one, two = (judge(ears, Mind(hash_odds)).decide(c) for c in (comparison, comparison.swapped))
    assert one.margin == -two.margin
    assert {c: o.margin for c, o in one.criteria.items()} == {c: -o.margin for c, o in two.criteria.items()}
    if comparison.first.identity != comparison.second.identity:
        assert one.outcome is two.outcome.swapped


def test_identical_audio_is_tossed_by_the_seed_alone():
    ears = Ears()
    comparison = compared(ears, sample(), Said(), None)
    same = replace(comparison, second=comparison.first)
    tosses = {judge(ears).decide(replace(same, seed=seed)).outcome for seed in range(20)}
    assert tosses == {Outcome.FIRST, Outcome.SECOND}
    assert judge(ears).decide(same).margin == 0.0


# ------------------------------------------------------------------------------------------------- keeping


def test_each_answer_is_heard_and_marked_once_also_by_a_later_judge_on_the_same_store():
    store, ears, mind = MemoryStore(), Ears(), Mind(lambda prompt: hash_odds(prompt) / 10)
    comparison = compared(ears, sample(), Said(), Said(text="It is five."))
    card = JudgeCard(name="local", title="Local", model="local")
    first = build_local(card, extractor=ears, writer=mind, store=store)
    decision = first.decide(comparison)
    first.decide(comparison.swapped)
    assert len(ears.heard) == 2
    assert len(mind.prompts) == 4  # each reply by itself, and both orders
    assert {type(note) for note in decision.notes} == {Cues, Score}
    store.put(*decision.notes)
    again = build_local(card, extractor=ears, writer=mind, store=store).decide(comparison)
    assert (again.margin, again.notes) == (decision.margin, ())
    assert (len(ears.heard), len(mind.prompts)) == (2, 4)


def test_a_sure_judge_does_not_ask_for_pairs():
    mind = Mind(lambda prompt: 20.0 if "five" in prompt else -20.0)
    decide(sample(), Said(), Said(text="It is five."), mind=mind)
    assert not any("Reply 1" in prompt for prompt in mind.prompts)


def test_a_prompt_the_mind_refuses_is_a_judge_failure():
    def refuse(prompt: str) -> float:
        raise InputError("mind: prompt too long")

    with pytest.raises(JudgeFailure, match="too long"):
        decide(sample(), Said(), Said(text="It is five."), mind=Mind(refuse))


def test_other_parts_prompts_or_weights_make_another_judge():
    card = JudgeCard(name="local", title="Local", model="local", settings={"weights": {"quality": 0.1}})
    store = MemoryStore()
    plain = build_local(replace(card, settings={}), extractor=Ears(), writer=Mind(), store=store)
    weighted = build_local(card, extractor=Ears(), writer=Mind(), store=store)
    deaf = build_local(card, extractor=Ears(), writer=Mind(), store=store, words_only=True)
    assert len({plain.identity, weighted.identity, deaf.identity}) == 3


@pytest.mark.parametrize(
    "settings",
    [{"weight": {}}, {"weights": {"charm": 1.0}}, {"weights": {"quality": -1}}, {"sure": "very"}, {"blatant": "no"}],
)
def test_a_typo_on_the_card_is_named(settings: dict[str, object]):
    card = JudgeCard(name="local", title="Local", model="local", settings=settings)  # type: ignore[arg-type]
    with pytest.raises(CardError, match=r"judge local: settings\."):
        build_local(card, extractor=Ears(), writer=Mind(), store=MemoryStore())


@pytest.mark.parametrize("prompts", [content_prompts, gist_prompts])
def test_prompts_with_a_missing_key_are_refused(prompts: Callable[[str], object]):
    with pytest.raises(InputError):
        prompts('version = "1"')
    with pytest.raises(CardError, match=r"not TOML .* copy judge/prompts/\w+\.toml"):
        prompts("version =")

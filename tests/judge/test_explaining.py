"""What moved a judge is what it goes by, found within the budget and nowhere else."""

from dataclasses import replace

import numpy as np
import pytest

from s2s_arena.audio.levels import rms_dbfs
from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import InputError
from s2s_arena.judge.comparison import Comparison, HeardTake
from s2s_arena.judge.explaining import explain
from s2s_arena.judge.probes.workshop import turn_of
from s2s_arena.records.cues import Transcript, Word
from s2s_arena.records.explanations import Explanation
from s2s_arena.records.identity import JudgeName, MatchId
from s2s_arena.records.studies import Outcome
from s2s_arena.store.memory import MemoryStore
from s2s_arena.testing.sound import GAP_S, WORD_S, pitch_of, tones
from tests.judge.parts import sample
from tests.judge.probes.parts import By, Stretcher, loudness, seconds

SAID = [f"word{n}" for n in range(16)]
KEY = "word11"


class Ears:
    """Knows the words of an answer and where its tones are."""

    identity = "ears/1"

    def transcribe(self, speech: Waveform, *, language: str | None = None) -> Transcript:
        step = WORD_S + GAP_S
        count = round(speech.duration_s / step)
        words = tuple(
            Word(text=SAID[n], start_s=GAP_S + n * step, end_s=(n + 1) * step) for n in range(min(count, len(SAID)))
        )
        return Transcript(text=" ".join(w.text for w in words), language="en", words=words)


def says_key(take: HeardTake) -> float:
    """How loud the tone of the key word is; 0 where it is not said."""
    wave = take.turns[0].speech
    assert wave is not None
    at = np.arange(wave.frames) / wave.rate_hz
    loud = float(abs(wave.samples @ np.exp(-2j * np.pi * pitch_of(KEY) * at))) / 100
    return loud if loud > 1.0 else 0.0


def comparison() -> Comparison:
    first = HeardTake(turns=(turn_of(tones(SAID), None),))
    second = HeardTake(turns=(turn_of(tones(SAID[:5]), None),))
    return Comparison(sample=sample(), questions=(None,), first=first, second=second)


def told(judge: By, *, budget: int = 40, reshaper: Stretcher | None = None, swapped: bool = False) -> Explanation:
    heard = comparison().swapped if swapped else comparison()
    made = explain(
        heard, judge, match=MatchId("m"), name=JudgeName("j"), transcriber=Ears(), reshaper=reshaper, budget=budget
    )
    return made.explanation


def test_the_word_that_decided_is_found_by_halving():
    found = told(By(says_key))
    words = [e for e in found.effects if e.edit == "words"]
    single = [e for e in words if e.text == KEY]
    assert len(single) == 1
    assert single[0].side == "first"
    assert single[0].flipped
    assert single[0].shift > 0
    others = [abs(e.shift) for e in words if KEY not in e.text.split()]
    assert max(others) < 0.5 * single[0].shift
    assert found.calls <= 40


def test_the_budget_is_never_passed_and_a_small_one_is_spread_over_both_answers():
    judge = By(loudness)
    found = told(judge, budget=7, reshaper=Stretcher())
    assert found.calls == len(judge.asked) == 7
    assert {e.side for e in found.effects} == {"first", "second"}
    with pytest.raises(InputError, match="2 at least"):
        told(judge, budget=1)


def test_who_goes_by_length_is_moved_by_pace_and_not_by_loudness():
    found = {(e.side, e.edit): e for e in told(By(seconds), reshaper=Stretcher()).effects if e.edit != "words"}
    assert found["first", "faster"].shift > 0 > found["first", "slower"].shift
    assert found["second", "faster"].shift > 0 > found["second", "slower"].shift
    assert found["first", "softer"].shift == found["first", "louder"].shift == 0.0


def test_shifts_belong_to_the_answer_whoever_is_heard_first():
    one = {(e.side, e.edit, e.text): e.shift for e in told(By(loudness), budget=9).effects}
    other = {(e.side, e.edit, e.text): e.shift for e in told(By(loudness), budget=9, swapped=True).effects}
    turned = {("second" if side == "first" else "first", edit, text): v for (side, edit, text), v in other.items()}
    assert turned == pytest.approx(one)


def test_a_judge_without_margins_moves_by_whole_verdicts():
    judge = By(says_key)
    decide = judge.decide
    judge.decide = lambda heard: replace(decide(heard), margin=0.0)  # type: ignore[method-assign]
    shifts = {e.shift for e in told(judge).effects}
    assert shifts <= {0.0, 2.0}
    assert 2.0 in shifts


def test_removed_words_leave_everything_else_in_its_place():
    judge = By(loudness)
    told(judge)
    before = comparison().first.turns[0].speech
    assert before is not None
    cut = [c.first.turns[0].speech for c in judge.asked[-8:]]
    assert all(wave is not None and wave.frames == before.frames for wave in cut)
    quieter = [wave for wave in cut if wave is not None and rms_dbfs(wave) < rms_dbfs(before) - 0.1]
    assert len(quieter) >= 4


def test_an_explanation_is_kept():
    store, found = MemoryStore(), told(By(loudness), budget=5)
    store.put(found)
    assert store.get(Explanation, found.key) == found
    assert list(store.all(Explanation, match="m")) == [found]
    assert found.outcome is Outcome.FIRST

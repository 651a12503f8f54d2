"""Negative controls: what each is denied, and that it is denied nothing else."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import InputError, JudgeFailure
from s2s_arena.judge.comparison import Comparison, Decision
from s2s_arena.judge.controls import PermutedInstructions, RevoicedAnswers, permutation
from s2s_arena.records.cues import Transcript
from s2s_arena.records.identity import SampleId
from s2s_arena.records.samples import Sample
from s2s_arena.records.speech import Utterance
from s2s_arena.records.studies import Outcome
from s2s_arena.testing.sound import tones
from tests.judge.parts import Ears, Said, compared, sample


class Witness:
    """Keeps what it is given to judge."""

    identity = "witness/1"

    def __init__(self) -> None:
        self.given: list[Comparison] = []

    def decide(self, comparison: Comparison) -> Decision:
        self.given.append(comparison)
        return Decision(outcome=Outcome.FIRST)


class Transcriber:
    identity = "transcriber/1"

    def __init__(self, text: str) -> None:
        self.text = text
        self.calls = 0

    def transcribe(self, speech: Waveform, *, language: str | None = None) -> Transcript:
        self.calls += 1
        return Transcript(text=self.text, language="en")


class Speaker:
    identity = "speaker/1"
    languages = frozenset({"en"})

    def __init__(self) -> None:
        self.said: list[Utterance] = []

    def speak(self, utterance: Utterance, *, seed: int) -> Waveform:
        self.said.append(utterance)
        if "unspeakable" in utterance.text:
            raise InputError("speaker: cannot speak it")
        return tones(utterance.text.split())


def samples(*languages: str) -> Sequence[Sample]:
    return [replace(sample(), id=SampleId(f"s{n}"), language=tag) for n, tag in enumerate(languages)]


@given(st.lists(st.sampled_from(["en", "zh", "ja"]), min_size=2, max_size=12), st.integers(0, 2**32 - 1))
def test_no_sample_keeps_its_own_instruction_and_languages_stay_where_they_can(languages: list[str], seed: int):
    suite = samples(*languages)
    others = permutation(suite, rng=np.random.default_rng(seed))
    assert all(others[s.id].id != s.id for s in suite)
    for one in suite:
        if languages.count(one.language) > 1:
            assert others[one.id].language == one.language


def test_permuted_instructions_need_two_samples():
    with pytest.raises(InputError, match="at least 2"):
        permutation(samples("en"), rng=np.random.default_rng(0))


def test_a_permuted_judge_gets_the_other_instruction_with_the_same_answers():
    suite = samples("en", "en")
    suite = [suite[0], replace(suite[1], guideline="Something else.")]
    witness = Witness()
    control = PermutedInstructions(witness, permutation(suite, rng=np.random.default_rng(0)))
    comparison = replace(compared(Ears(), sample(), Said(), Said(text="Yes.")), sample=suite[0])
    control.decide(comparison)
    assert witness.given[0].sample.guideline == "Something else."
    assert witness.given[0].first is comparison.first
    assert control.identity != witness.identity


def test_a_revoiced_judge_hears_the_same_words_in_one_neutral_voice():
    witness, ears, speaker = Witness(), Transcriber("It is four."), Speaker()
    control = RevoicedAnswers(witness, transcriber=ears, speaker=speaker)
    comparison = compared(Ears(), sample(), Said(), Said(text="Yes."), own=("It is four.", None))
    control.decide(comparison)
    control.decide(comparison)
    given = witness.given[0]
    assert [u.text for u in speaker.said] == ["It is four.", "It is four."]
    assert all(segment.delivery.neutral for u in speaker.said for segment in u.segments)
    assert ears.calls == 2  # each answer is read once
    speech = given.first.turns[0].speech
    assert speech is not None
    assert given.first.turns[0].audio is not None
    assert given.first.turns[0].audio.hash == speech.hash() != comparison.first.turns[0].audio.hash  # type: ignore[union-attr]
    assert given.first.turns[0].own_text == "It is four."


@pytest.mark.parametrize("text", ["", "unspeakable"])
def test_what_cannot_be_read_again_is_a_judge_failure(text: str):
    control = RevoicedAnswers(Witness(), transcriber=Transcriber(text), speaker=Speaker())
    with pytest.raises(JudgeFailure, match="re-voicing"):
        control.decide(compared(Ears(), sample(), Said(), Said(text="Yes.")))


def test_an_answer_without_speech_has_nothing_to_read():
    witness = Witness()
    control = RevoicedAnswers(witness, transcriber=Transcriber("x"), speaker=Speaker())
    control.decide(compared(Ears(), sample(), None, Said(text="Yes.")))
    assert witness.given[0].first.turns[0].speech is None

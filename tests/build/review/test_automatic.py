"""The automatic review: what it finds in flawed clips, what it leaves alone, and that it hears nothing twice."""

from dataclasses import replace

import numpy as np

from s2s_arena.audio.waveform import Waveform
from s2s_arena.build.noise import with_background
from s2s_arena.build.review import automatic
from s2s_arena.build.review.ears import Ears
from s2s_arena.build.review.findings import LabelFinding
from s2s_arena.records.samples import Background, Spoken
from s2s_arena.records.scores import Review
from s2s_arena.records.speech import Delivery
from s2s_arena.store.memory import MemoryStore

from .worlds import Listening, right_ears, suite_of, talk


def with_speech(suite, store, wave, **turn):
    """The suite with its first sample's speech replaced."""
    first = suite.samples[0]
    made = replace(first.turns[0], speech=store.put_audio(wave), **turn)
    return replace(suite, samples=(replace(first, turns=(made,)), *suite.samples[1:]))


def kinds(suite, store, **options):
    summary = automatic.run(suite, store=store, **options)
    return {finding.kind for finding in summary.reports[0].findings}


def test_clean_speech_that_says_its_script_has_no_finding():
    store = MemoryStore()
    suite = suite_of(store)
    summary = automatic.run(suite, store=store, ears=Ears(right_ears(suite), store))
    assert summary.doubtful == ()
    assert {(r.sample, r.keep) for r in store.all(Review)} == {(s.id, True) for s in suite.samples}
    assert summary.reports[0].measured["0:agreement"] == 1.0


def test_flaws_of_the_signal_are_found():
    store = MemoryStore()
    suite = suite_of(store)
    loud = Waveform(np.clip(talk().samples * 20, -1, 1), 16_000)
    assert "clipped" in kinds(with_speech(suite, store, loud), store)
    assert kinds(with_speech(suite, store, Waveform(np.zeros(16_000, dtype=np.float32), 16_000)), store) == {"silent"}
    short = Waveform(talk().samples[4000:7000], 16_000)
    assert "too_short" in kinds(with_speech(suite, store, short), store)
    assert "too_long" in kinds(with_speech(suite, store, talk(seconds=61)), store)


def test_a_sample_without_speech_is_unspoken():
    store = MemoryStore()
    suite = suite_of(store)
    first = suite.samples[0]
    unspoken = replace(first, turns=(replace(first.turns[0], speech=None),))
    assert kinds(replace(suite, samples=(unspoken,)), store) == {"unspoken"}


def noisy() -> Waveform:
    wave = talk()
    hiss = 0.12 * np.random.default_rng(1).standard_normal(wave.frames)
    return Waveform((wave.samples + hiss).astype(np.float32), wave.rate_hz)


def test_noise_is_a_flaw_only_where_none_was_meant():
    store = MemoryStore()
    suite = suite_of(store)
    assert "noisy" in kinds(with_speech(suite, store, noisy()), store)
    assert "noisy" not in kinds(
        with_speech(suite, store, noisy(), background=Background(scene="street", snr_db=3)), store
    )


def test_words_are_judged_on_the_voice_alone():
    store = MemoryStore()
    suite = suite_of(store)
    clean, mixed = store.put_audio(talk(333)), store.put_audio(noisy())
    store.put(Spoken(key="k", voice="v", clean=clean, speech=mixed))
    mixture = with_speech(suite, store, noisy(), background=Background(scene="street", snr_db=3))
    ears = Listening({clean.hash: "this is sentence number 0"})
    assert "disagrees" not in kinds(replace(mixture, samples=mixture.samples[:1]), store, ears=Ears(ears, store))


def test_a_mixture_at_another_ratio_than_stated_is_found():
    store = MemoryStore()
    suite = suite_of(store, 1)
    voice = talk(level=0.05)
    mixed = with_background(voice, Background(scene="cafe", snr_db=2), rng=np.random.default_rng(3))
    store.put(Spoken(key="k", voice="v", clean=store.put_audio(voice), speech=store.put_audio(mixed)))
    right = with_speech(suite, store, mixed, background=Background(scene="cafe", snr_db=2))
    wrong = with_speech(suite, store, mixed, background=Background(scene="cafe", snr_db=8))
    assert kinds(right, store) == set() and kinds(wrong, store) == {"snr"}


def test_other_words_and_another_language_are_found():
    store = MemoryStore()
    suite = suite_of(store, 1)
    [sample] = suite.samples
    ears = Listening({sample.turns[0].speech.hash: "guten tag"}, language="de")
    assert kinds(suite, store, ears=Ears(ears, store)) == {"disagrees", "language"}


def test_right_words_excuse_a_wrong_guess_of_the_language():
    store = MemoryStore()
    suite = suite_of(store, 1)
    assert kinds(suite, store, ears=Ears(right_ears(suite, language="nl"), store)) == set()


def test_whispers_are_not_transcribed():
    store = MemoryStore()
    suite = suite_of(store, 2, delivery=Delivery(style="whisper"))
    ears = Listening({})
    assert kinds(suite, store, ears=Ears(ears, store)) == set() and ears.asked == 0


def test_a_second_review_hears_nothing_again():
    store = MemoryStore()
    suite = suite_of(store)
    ears = right_ears(suite)
    first = automatic.run(suite, store=store, ears=Ears(ears, store))
    asked = ears.asked
    assert asked == len(suite.samples)
    assert automatic.run(suite, store=store, ears=Ears(ears, store)) == first and ears.asked == asked


class Measuring:
    """Implements `LabelMeter`: the first sample's emotion is not shown, all others cannot be measured."""

    identity = "measuring/1"

    def findings(self, sample):
        yield LabelFinding(turn=0, label="emotion", shown=False if sample.id == "s0" else None, message="not happy")


def test_labels_that_are_not_shown_are_found_and_unmeasurable_ones_are_not():
    store = MemoryStore()
    summary = automatic.run(suite_of(store), store=store, labels=Measuring())
    assert [(r.sample, [f.message for f in r.findings]) for r in summary.doubtful] == [("s0", ["not happy"])]
    assert len(summary.reports[1].labels) == 1


def test_the_reviewers_name_says_what_was_looked_at():
    store = MemoryStore()
    suite = suite_of(store, 1)
    plain = automatic.run(suite, store=store).reviewer
    full = automatic.run(suite, store=store, ears=Ears(right_ears(suite), store), labels=Measuring()).reviewer
    assert plain.startswith("automatic:signal/") and full.startswith("automatic:signal+words+labels/")
    assert len(list(store.all(Review))) == 2

"""A word stands out by what differs from the plain reading at that word alone."""

import numpy as np
import pytest

from s2s_arena.audio.joining import join, silence
from s2s_arena.audio.waveform import Waveform
from s2s_arena.build.labels.stress import excesses, score
from s2s_arena.build.labels.thresholds import shipped
from s2s_arena.records.cues import Word
from s2s_arena.testing.ears import ScriptedPitchTracker
from s2s_arena.testing.sound import tone

HZ = (150.0, 240.0, 330.0, 190.0, 420.0)
NAMES = ("the", "blue", "folder", "is", "gone")
LONG_S = 0.3


def reading(*, hz=(1,) * 5, seconds=(1,) * 5, db=(0,) * 5, level=0.1) -> tuple[Waveform, list[Word]]:
    """Five tones with gaps: factors on frequency and length and gains, one a word."""
    parts, words, at = [silence(0.1, 16_000)], [], 0.1
    for n, name in enumerate(NAMES):
        part = tone(HZ[n] * hz[n], seconds=LONG_S * seconds[n], rate_hz=16_000, level=level * 10 ** (db[n] / 20))
        parts += [part, silence(0.06, 16_000)]
        words.append(Word(text=name, start_s=at, end_s=at + part.duration_s, probability=1.0))
        at += part.duration_s + 0.06
    return join(parts), words


def found(**how):
    plain, words = reading()
    return excesses(reading(**how)[0], plain, words, pitch=ScriptedPitchTracker())


def at(word: int, value: float, rest: float) -> tuple[float, ...]:
    return tuple(value if n == word else rest for n in range(5))


def test_a_reading_beside_itself_has_no_excess():
    for word in found():
        assert (word.length, word.level_db, word.pitch_st) == pytest.approx((0, 0, 0), abs=1e-6)


@pytest.mark.parametrize("word", range(5))
def test_each_cue_is_found_at_its_word_alone(word):
    longer = found(seconds=at(word, 1.5, 1.0))
    louder = found(db=at(word, 6.0, 0.0))
    higher = found(hz=at(word, 2 ** (3 / 12), 1.0))
    assert longer[word].length == pytest.approx(np.log(1.5), abs=0.12)
    assert louder[word].level_db == pytest.approx(6.0, abs=0.5)
    assert higher[word].pitch_st == pytest.approx(3.0, abs=0.3)
    for n in set(range(5)) - {word}:
        assert abs(longer[n].length) < 0.12 and abs(louder[n].level_db) < 0.5 and abs(higher[n].pitch_st) < 0.3


@pytest.mark.parametrize(
    "how", [{"seconds": (1.3,) * 5}, {"seconds": (0.8,) * 5}, {"hz": (1.2,) * 5}, {"level": 0.02}], ids=str
)
def test_what_the_whole_reading_does_is_no_stress(how):
    stress = shipped().stress
    assert stress is not None
    assert max(score(word, stress.weights) for word in found(**how)) < stress.at


@pytest.mark.parametrize("word", range(5))
def test_with_the_shipped_weights_a_word_that_is_longer_louder_and_higher_is_stressed(word):
    stress = shipped().stress
    assert stress is not None
    scores = [
        score(one, stress.weights)
        for one in found(seconds=at(word, 1.35, 1.0), db=at(word, 4.0, 0.0), hz=at(word, 2 ** (3 / 12), 1.0))
    ]
    assert int(np.argmax(scores)) == word and scores[word] >= stress.at


def test_two_words_or_silence_tell_nothing():
    plain, words = reading()
    pitch = ScriptedPitchTracker()
    assert excesses(plain, plain, words[:2], pitch=pitch) == ()
    assert excesses(silence(1.0, 16_000), plain, words, pitch=pitch) == ()

import numpy as np
import pytest
from tests.cues.builders import silence, tone, track, transcript, wave

from s2s_arena.audio.loudness import gain
from s2s_arena.audio.waveform import Waveform
from s2s_arena.cues.prosody import measure
from s2s_arena.records.cues import Transcript

HZ = 150.0


def _flat(seconds):
    return track(np.full(round(seconds / 0.016), HZ))


def test_edges_and_pauses_are_found_where_they_are():
    speech = wave(silence(0.5), tone(1.0), silence(0.4), tone(0.8), silence(0.3))
    said = measure(speech, pitch=_flat(3.0), transcript=None)
    assert said.lead_s == pytest.approx(0.5, abs=0.03)
    assert said.tail_s == pytest.approx(0.3, abs=0.03)
    assert [p.end_s - p.start_s for p in said.pauses] == [pytest.approx(0.4, abs=0.03)]
    assert said.speech_s == pytest.approx(1.8, abs=0.06)


def test_rate_counts_syllables_over_speech_and_not_over_pauses():
    speech = wave(tone(1.0), silence(0.9), tone(1.0))
    said = measure(speech, pitch=_flat(2.9), transcript=Transcript(text="a garden wall again", language="en"))
    assert said.syllables_per_s == pytest.approx(6 / 2.0, rel=0.05)


@pytest.mark.parametrize("factor", [0.6, 1.5])
def test_stretching_time_changes_the_rate_in_proportion(factor):
    def at(k):
        pieces = [piece for n in range(8) for piece in (tone(0.22 * k), silence((0.1 if n % 3 else 0.4) * k))]
        return measure(wave(*pieces), pitch=_flat(3.0), transcript=Transcript(text="a " * 8, language="en"))

    assert at(factor).syllables_per_s * factor == pytest.approx(at(1.0).syllables_per_s, rel=0.05)


@pytest.mark.parametrize("decibels", [-10.0, 6.0])
def test_gain_moves_intensity_and_nothing_else(decibels):
    speech = wave(silence(0.2), tone(1.0, level=0.1), silence(0.3), tone(0.5, level=0.05))
    plain, louder = (measure(s, pitch=_flat(2.0), transcript=None) for s in (speech, gain(speech, decibels)))
    assert louder.intensity_dbfs - plain.intensity_dbfs == pytest.approx(decibels, abs=0.1)
    assert louder.intensity_sd_db == pytest.approx(plain.intensity_sd_db, abs=0.1)
    assert louder.pauses == plain.pauses


@pytest.mark.parametrize("speech", [wave(), wave(silence(2.0)), wave(silence(0.001))])
def test_silence_has_durations_and_nothing_else(speech):
    said = measure(speech, pitch=track([]), transcript=None)
    assert said.duration_s == speech.duration_s == said.lead_s == said.tail_s
    assert said.speech_s == 0.0 and said.voiced_share == 0.0 and not said.pauses and not said.emphasis
    assert said.syllables_per_s is None and said.f0_median_hz is None and said.intensity_dbfs is None


def test_voiced_share_is_of_active_speech():
    speech = wave(silence(1.0), tone(1.0))
    half = track(np.full(125, HZ), voiced=np.arange(125) * 0.016 > 1.5)
    assert measure(speech, pitch=half, transcript=None).voiced_share == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("stressed", [1, 3])
def test_the_word_that_is_higher_louder_and_longer_stands_out(stressed):
    words = ["we", "saw", "blue", "birds", "there"]
    pieces, hertz, times, at = [], [], [], 0.0
    for n, _ in enumerate(words):
        seconds = 0.45 if n == stressed else 0.3
        pieces += [tone(seconds, level=0.2 if n == stressed else 0.1)]
        hertz += [190.0 if n == stressed else 150.0] * round(seconds / 0.016)
        times.append((at, at + seconds))
        at += seconds
    said = measure(
        Waveform(np.concatenate(pieces), 16_000),
        pitch=track(hertz),
        transcript=transcript(" ".join(words), times=times),
    )
    assert max(said.emphasis, key=said.emphasis.__getitem__) == words[stressed]
    assert said.emphasis[words[stressed]] > 1.0

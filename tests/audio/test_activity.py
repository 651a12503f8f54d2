"""Claims about where somebody speaks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s2s_arena.audio.activity import active_mask, active_mean_square, active_spans
from s2s_arena.audio.joining import silence
from s2s_arena.audio.loudness import gain
from s2s_arena.audio.waveform import Waveform

from .signals import bursts, noise, tone

TWO = [(0.5, 1.2), (1.7, 2.6)]


@pytest.mark.parametrize("floor_db", [-200.0, -60.0, -40.0, -30.0])
@pytest.mark.parametrize("rate_hz", [8000, 11_025, 16_000, 48_000])
def test_two_bursts_are_found_over_any_noise_floor(floor_db: float, rate_hz: int) -> None:
    wave = bursts(TWO, seconds=3.0, rate_hz=rate_hz, floor=10 ** (floor_db / 20))
    found = active_spans(wave)
    assert [(s.start_s, s.end_s) for s in found] == [
        (pytest.approx(a, abs=0.03), pytest.approx(b, abs=0.03)) for a, b in TWO
    ]


@given(st.floats(-30.0, 15.0))
@settings(max_examples=20, deadline=None)
def test_the_spans_do_not_depend_on_the_level(db: float) -> None:
    wave = bursts(TWO, seconds=3.0, floor=1e-5)
    assert active_spans(gain(wave, db)) == active_spans(wave)


@given(st.lists(st.floats(-1.0, 1.0, width=32), max_size=2000), st.integers(1000, 48_000))
@settings(max_examples=60, deadline=None)
def test_spans_are_in_order_disjoint_and_inside_the_clip(samples: list[float], rate_hz: int) -> None:
    wave = Waveform(np.array(samples, dtype=np.float32), rate_hz)
    edges = [edge for span in active_spans(wave) for edge in (span.start_s, span.end_s)]
    assert edges == sorted(edges)
    assert all(0 <= edge <= wave.duration_s for edge in edges)


def test_short_gaps_belong_to_the_speech_and_short_bursts_do_not_count() -> None:
    assert len(active_spans(bursts([(0.5, 1.0), (1.1, 1.6)], seconds=2.0))) == 1
    assert len(active_spans(bursts([(0.5, 1.0), (1.1, 1.6)], seconds=2.0), bridge_s=0.05)) == 2
    assert len(active_spans(bursts([(0.5, 1.0), (1.5, 1.51)], seconds=2.0))) == 1


@pytest.mark.parametrize("wave", [silence(0.0, 16_000), silence(1.0, 16_000), noise(rms=1e-4)])
def test_silence_and_hiss_hold_no_speech(wave: Waveform) -> None:
    assert active_spans(wave) == ()
    assert active_mean_square(wave) is None


def test_a_steady_tone_is_one_span() -> None:
    (span,) = active_spans(tone(seconds=2.0))
    assert (span.start_s, span.end_s) == (0.0, 2.0)


def test_one_second_of_speech_in_a_minute_is_found() -> None:
    (span,) = active_spans(bursts([(40.0, 41.0)], seconds=60.0, floor=1e-4))
    assert span.start_s == pytest.approx(40.0, abs=0.03)


def test_the_mask_and_the_active_level_cover_the_bursts_alone() -> None:
    wave = bursts(TWO, seconds=3.0, rms=0.1)
    spans = active_spans(wave)
    assert active_mask(wave, spans).mean() == pytest.approx(1.6 / 3.0, abs=0.03)
    assert active_mean_square(wave, spans) == pytest.approx(0.01, rel=0.06)

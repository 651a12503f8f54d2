import numpy as np
import pytest
from tests.cues.builders import track

from s2s_arena.cues.contour import contour
from s2s_arena.records.cues import Span

ALL = (Span(start_s=0.0, end_s=100.0),)


def _glides(count=120):
    return 150.0 * 2.0 ** (0.25 * np.sin(np.arange(count) / 5.0))


def test_level_is_the_median_of_voiced_frames():
    found = contour(track([200.0] * 20 + [90.0] * 4, voiced=[True] * 20 + [False] * 4), ALL)
    assert found.median_hz == pytest.approx(200.0)


def test_frames_outside_active_speech_do_not_count():
    found = contour(track([200.0] * 40 + [400.0] * 40), (Span(start_s=0.0, end_s=0.6),))
    assert found.median_hz == pytest.approx(200.0)


@pytest.mark.parametrize("wrong", [0.5, 2.0])
def test_octave_errors_do_not_widen_the_range(wrong):
    right = _glides()
    slipped = right.copy()
    slipped[47:54] *= wrong  # where the glide crosses its level
    assert contour(track(slipped), ALL).range_st == pytest.approx(contour(track(right), ALL).range_st, abs=0.3)


@pytest.mark.parametrize("factor", [0.5, 0.8, 1.5])
def test_scaling_excursions_scales_range_and_spread(factor):
    plain, scaled = (contour(track(150.0 * (_glides() / 150.0) ** k), ALL) for k in (1.0, factor))
    assert scaled.range_st == pytest.approx(factor * plain.range_st, rel=0.01)
    assert scaled.sd_st == pytest.approx(factor * plain.sd_st, rel=0.01)


def test_a_final_rise_has_its_slope():
    rise = 150.0 * 2.0 ** (np.arange(60) * 0.016 * 10.0 / 12.0)  # ten semitones a second
    assert contour(track(rise), ALL).final_slope_st_s == pytest.approx(10.0, rel=0.02)


def test_held_notes_are_notes_and_glides_are_not():
    notes = np.concatenate([np.full(30, hz) for hz in (150.0, 190.0, 170.0)])
    assert contour(track(notes), ALL).note_share > 0.8
    assert contour(track(_glides()), ALL).note_share < 0.2


def test_nothing_voiced_has_no_contour():
    found = contour(track([100.0] * 30, voiced=[False] * 30), ALL)
    assert (found.median_hz, found.range_st, found.sd_st, found.final_slope_st_s) == (None, None, None, None)
    assert found.note_share == 0.0

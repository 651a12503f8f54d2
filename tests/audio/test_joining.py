"""Claims about putting waveforms one after the other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from s2s_arena.audio.joining import join, silence
from s2s_arena.errors import AudioError

from .signals import noise, tone


@given(st.lists(st.tuples(st.integers(0, 50), st.floats(0.0, 0.5)), min_size=1, max_size=5))
def test_the_parts_lie_where_the_gaps_put_them(plan: list[tuple[int, float]]) -> None:
    waves = [noise(seconds=frames / 1000, rate_hz=1000, seed=i) for i, (frames, _) in enumerate(plan)]
    gaps = [gap for _, gap in plan[1:]]
    joined = join(waves, gaps).samples
    at = 0
    for wave, gap in zip(waves, [*gaps, 0.0], strict=True):
        assert np.array_equal(joined[at : at + wave.frames], wave.samples)
        at += wave.frames
        assert not joined[at : at + round(gap * 1000)].any()
        at += round(gap * 1000)
    assert joined.size == at


def test_mixed_rates_end_at_the_highest_or_the_one_asked() -> None:
    waves = [tone(rate_hz=16_000), tone(rate_hz=24_000)]
    assert (join(waves, 1.0).rate_hz, join(waves, 1.0).duration_s) == (24_000, 3.0)
    assert (join(waves, 1.0, rate_hz=8000).rate_hz, join(waves, 1.0, rate_hz=8000).frames) == (8000, 24_000)


def test_nothing_to_join_wrong_gaps_and_negative_lengths_are_refused() -> None:
    with pytest.raises(AudioError, match="no waveform"):
        join([])
    with pytest.raises(AudioError, match="2 gaps given for 2 waveforms"):
        join([tone(), tone()], [0.1, 0.2])
    with pytest.raises(AudioError, match=r"-1\.0 s"):
        join([tone(), tone()], -1.0)
    with pytest.raises(AudioError, match="nan s"):
        silence(float("nan"), 16_000)

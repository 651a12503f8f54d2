"""Where sound ends in frequency: cuts of rates and coders are found, and speech that was not cut has none."""

import io

import numpy as np
import pytest
import soundfile

from s2s_arena.audio.cutoff import cut_hz
from s2s_arena.audio.files import read
from s2s_arena.audio.resampling import resample
from s2s_arena.audio.waveform import Waveform
from s2s_arena.testing.sound import babble

SPOKEN = [babble(f"edges {n}", seconds=1.5) for n in range(4)]


@pytest.mark.parametrize("rate_hz", [8000, 12000, 16000, 20000])
def test_an_earlier_rate_is_found_in_what_was_made_of_it(rate_hz):
    found = cut_hz(resample(resample(wave, rate_hz), 24000) for wave in SPOKEN)
    assert found is not None
    assert 0.9 * rate_hz / 2 <= found <= 1.01 * rate_hz / 2


def test_the_cut_of_a_coder_is_found():
    sent = []
    for wave in SPOKEN:
        out = io.BytesIO()
        how = {"subtype": "MPEG_LAYER_III", "compression_level": 0.9, "bitrate_mode": "CONSTANT"}
        soundfile.write(out, wave.samples, wave.rate_hz, format="MP3", **how)
        sent.append(read(out.getvalue(), name="coded"))
    found = cut_hz(sent)
    assert found is not None and found < 7000  # at 24 kbit/s


def test_what_was_not_cut_has_no_cut():
    assert cut_hz(SPOKEN) is None
    assert cut_hz([]) is None
    assert cut_hz([Waveform(np.zeros(24000, dtype=np.float32), 24000)]) is None

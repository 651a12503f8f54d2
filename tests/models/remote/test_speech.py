"""Speech survives the wire in every encoding, however it is cut, and damage is never taken for speech."""

import base64
import io

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from s2s_arena.audio import files
from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import AudioError
from s2s_arena.models.remote.speech import PCM_F32, WAV, Encoding, Gathered, decoded, encoded, packets
from s2s_arena.testing.sound import tone

PCM = Encoding(rate_hz=24000)


def gather(*pieces, encoding=PCM):
    gathered = Gathered(encoding, who="x")
    for piece in pieces:
        gathered.sound_base64(piece)
    return gathered


def test_pcm16_is_little_endian():
    wave = Waveform(np.array([0.5, -1.0, 0.0], dtype=np.float32), 24000)
    assert encoded(wave, PCM) == bytes.fromhex("0040 0080 0000")
    assert decoded(bytes.fromhex("0040 0080 0000"), PCM, who="x").samples.tolist() == [0.5, -1.0, 0.0]


def test_float_pcm_is_read_as_float_and_int16_read_as_float_is_refused():
    wave = decoded(np.array([0.25, -0.5], dtype="<f4").tobytes(), Encoding(form=PCM_F32, rate_hz=24000), who="x")
    assert wave.samples.tolist() == [0.25, -0.5]
    # Loud 16-bit speech has exponents that no speech in floats has.
    loud = tone(level=0.9).pcm16().astype("<i2").tobytes()
    with pytest.raises(AudioError, match="not 32-bit float speech"):
        decoded(loud, Encoding(form=PCM_F32, rate_hz=24000), who="x")


def test_speech_is_resampled_to_what_the_wire_wants():
    wave = files.read(encoded(tone(rate_hz=48000), Encoding(form=WAV, rate_hz=16000)))
    assert (wave.rate_hz, wave.frames) == (16000, 8000)


def test_a_header_counts_more_than_the_promise():
    wave = decoded(files.encode_wav(tone(rate_hz=22050)), PCM, who="x")
    assert wave.rate_hz == 22050 and wave.hash() == tone(rate_hz=22050).hash()


@pytest.mark.parametrize("rate_hz", [8000, 16000, 44100])
def test_our_wav_is_the_one_that_libsndfile_writes(rate_hz):
    wave = tone(rate_hz=rate_hz)
    content = encoded(wave, Encoding(form=WAV, rate_hz=rate_hz))
    assert content == files.encode_wav(wave)
    assert np.array_equal(decoded(content, PCM, who="x").samples, files.read(content).samples)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda wav: wav[:-2], "bytes of samples are there"),
        (lambda wav: wav[:20], "not audio|data chunk|damaged"),
        (lambda wav: wav[:24] + bytes(4) + wav[28:], "not audio|rate"),
    ],
)
def test_a_damaged_wav_is_refused(change, says):
    with pytest.raises(AudioError, match=says):
        decoded(change(encoded(tone(), Encoding(form=WAV, rate_hz=16000))), PCM, who="x")


@pytest.mark.parametrize("subtype", ["PCM_24", "FLOAT"])
def test_other_wavs_are_read_too(subtype):
    content = files.encode_wav(tone(), subtype=subtype)
    assert np.allclose(decoded(content, PCM, who="x").samples, tone().samples, atol=1e-6)


def test_stereo_is_mixed_down():
    out = io.BytesIO()
    both = np.stack([tone(220).samples, tone(330).samples], axis=1)
    soundfile.write(out, both, 16000, format="WAV", subtype="PCM_16")
    assert np.allclose(decoded(out.getvalue(), PCM, who="x").samples, both.mean(axis=1), atol=1e-4)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 9), max_size=30), st.booleans())
def test_base64_may_be_cut_anywhere(cuts, padded):
    content = encoded(tone(seconds=0.01), PCM)
    if padded:  # every piece its own base64, padding and all
        at, pieces = 0, []
        for size in [*cuts, len(content)]:
            pieces.append(base64.b64encode(content[at : at + size]).decode())
            at += size
    else:
        text, at, pieces = base64.b64encode(content).decode(), 0, []
        for size in [*cuts, len(text)]:
            pieces.append(text[at : at + size])
            at += size
    assert np.array_equal(gather(*pieces).speech().pcm16(), decoded(content, PCM, who="x").pcm16())


@pytest.mark.parametrize(
    ("piece", "says"),
    [("AAAAA", "cut short"), ("AA!A", "damaged"), ("AA==", "middle of a sample"), ("=AAA", "damaged")],
)
def test_damaged_base64_is_no_answer(piece, says):
    with pytest.raises(AudioError, match=says):
        gather(piece).speech()


def test_chunks_that_are_files_are_joined_without_their_headers():
    halves = [Waveform(part, 24000) for part in np.split(tone(rate_hz=24000).samples, 2)]
    pieces = [base64.b64encode(files.encode_wav(half)).decode() for half in halves]
    assert gather(*pieces).speech().hash() == tone(rate_hz=24000).hash()


def test_nothing_is_none_and_a_first_sound_has_a_time():
    nothing = gather()
    assert nothing.speech() is None and nothing.first_audio_s is None
    assert gather("AAAA").first_audio_s >= 0


def test_packets_lose_nothing():
    assert [*packets(b"abcdefg", 3)] == [b"abc", b"def", b"g"]

"""Whisper hears words and times, and encodes real frames only."""

import numpy as np
import pytest

from s2s_arena.audio.joining import silence
from s2s_arena.errors import InputError

pytestmark = pytest.mark.local
LINE = "The old lighthouse keeper waves at every ship."


@pytest.fixture(scope="module")
def ears(local_parts):
    return local_parts.transcriber("whisper-base")


@pytest.fixture(scope="module")
def speech(say):
    return say("hibari", LINE)


def test_words_stand_in_order_inside_the_speech(ears, speech):
    heard = ears.transcribe(speech)
    assert heard.language == "en" and heard.language_probability > 0.5
    times = [time for word in heard.words for time in (word.start_s, word.end_s)]
    assert times == sorted(times)
    assert times[0] >= 0 and times[-1] <= speech.duration_s + 0.1


def test_hearing_twice_is_hearing_the_same(ears, speech):
    assert ears.transcribe(speech) == ears.transcribe(speech)


def test_silence_holds_no_words(ears):
    heard = ears.transcribe(silence(2.0, 16_000))
    assert heard.text == "" and heard.words == () and heard.no_speech_probability == 1.0


def test_features_cover_the_real_frames_fifty_a_second(ears, local_parts, speech):
    features = local_parts.encoder("whisper-base").encode(speech)
    assert features.shape == (-(-round(speech.duration_s * 16_000) // 320), 512)
    assert np.isfinite(features).all()
    assert ears is local_parts.encoder("whisper-base")


def test_an_unknown_language_is_an_input_error(ears, speech):
    with pytest.raises(InputError, match="language tlh is not one they know"):
        ears.transcribe(speech, language="tlh")


def test_language_words_and_features_come_of_one_encoding(ears, speech, monkeypatch):
    encoded = []
    once = ears._encode_window
    monkeypatch.setattr(ears, "_encode_window", lambda mel: encoded.append(mel.shape) or once(mel))
    ears._encodings.clear()
    heard = ears.transcribe(speech)
    ears.encode(speech)
    assert heard.text and heard.language == "en"
    assert encoded == [(80, 3000)]

"""What loopback servers say depends on everything they heard, and faults change what they should and no more."""

import base64

import numpy as np
import pytest

from s2s_arena.testing.ears import ScriptedTranscriber
from s2s_arena.testing.servers.behaviour import Behaviour, WireFault, always, once, some
from s2s_arena.testing.servers.heard import Before, Heard
from s2s_arena.testing.servers.speaking import in_base64, pieces, say, truncated
from s2s_arena.testing.sound import tone, tones

SPEECH = tones(["one", "two"])


def said(fault=None, **more):
    heard = Heard(**{"number": 0, "audio": (SPEECH,), "fault": fault, **more})
    return say(heard, behaviour=Behaviour())


@pytest.mark.parametrize(
    "other",
    [
        {"audio": (tones(["one", "three"]),)},
        {"audio": (SPEECH, SPEECH)},
        {"texts": ("and now?",)},
        {"voice": "echo"},
        {"instructions": "Be kind."},
        {"before": (Before(role="user", audio=SPEECH),)},
        {"before": (Before(role="user", text="a"), Before(role="assistant", text="b"))},
    ],
)
def test_whatever_is_heard_besides_changes_the_answer(other):
    assert said().text == said().text != said(**other).text


def test_a_single_sample_changes_the_answer():
    samples = SPEECH.samples.copy()
    samples[100] += 0.01
    assert said(audio=(type(SPEECH)(samples, SPEECH.rate_hz),)).text != said().text


def test_the_tones_are_the_words():
    answer = said()
    heard = ScriptedTranscriber(answer.words).transcribe(answer.speech)
    assert heard.text == answer.text


def test_speech_that_stops_early_ends_loud_and_keeps_its_words():
    whole, cut = said(), said(WireFault.STOPS_EARLY)
    assert cut.text == whole.text and cut.speech.frames < 0.6 * whole.speech.frames
    assert np.array_equal(cut.speech.samples, whole.speech.samples[: cut.speech.frames])
    assert np.abs(cut.speech.samples[-240:]).max() > 0.1


def test_silence_is_as_long_as_the_speech():
    silent = said(WireFault.SILENCE).speech
    assert silent.frames == said().speech.frames and not silent.samples.any()


def test_a_recording_is_chosen_by_what_was_heard():
    behaviour = Behaviour(recordings=tuple(tone(200 + 50 * n) for n in range(4)))
    texts = {say(Heard(number=0, audio=(tones([str(n)]),)), behaviour=behaviour, rate_hz=16000).text for n in range(20)}
    assert texts <= {f"recording {n}" for n in range(4)} and len(texts) > 1


@pytest.mark.parametrize("odd", [False, True])
def test_pieces_join_to_the_whole(odd):
    raw = bytes(range(256)) * 40
    cut = pieces(raw, bytes_per_s=1000, behaviour=Behaviour(piece_s=0.5, odd_pieces=odd))
    assert b"".join(cut) == raw and len(cut[0]) % 2 == odd
    assert b"".join(base64.b64decode(text) for text in in_base64(cut, None)) == raw


def test_truncated_base64_cannot_be_read():
    for size in (1, 2, 3, 50, 4800):
        with pytest.raises(ValueError, match=r"[Ii]ncorrect padding|number of data characters"):
            base64.b64decode(truncated(base64.b64encode(bytes(size)).decode()), validate=True)


def test_scripts():
    assert [once(WireFault.SLOW, None, WireFault.SILENCE)(n) for n in range(5)] == ["slow", None, "silence", None, None]
    assert always(WireFault.SLOW)(99) is WireFault.SLOW
    drawn = [some(0.2, WireFault.DROPPED, WireFault.SERVER_ERROR, seed=3)(n) for n in range(2000)]
    assert drawn == [some(0.2, WireFault.DROPPED, WireFault.SERVER_ERROR, seed=3)(n) for n in range(2000)]
    assert 340 < sum(fault is not None for fault in drawn) < 460 and len(set(drawn)) == 3

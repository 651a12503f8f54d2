"""Moshi: both sides speak at once; the answer is what it says after the question, until it falls silent."""

import io
import threading
from contextlib import contextmanager

import av
import numpy as np
import pytest
import soundfile

from s2s_arena.audio.activity import active_spans
from s2s_arena.audio.joining import join, silence
from s2s_arena.errors import AudioError, CardError, EmptyAnswer, InfrastructureError, TimedOut
from s2s_arena.models.remote import moshi
from s2s_arena.protocols import Answer, Exchange, Request
from s2s_arena.testing.sound import tone
from tests.models.doubles import FakeParts
from tests.models.remote.servers import socket_server

RATE = 24000
QUESTION_S = 0.8  # ten frames


def pages_of(wave):
    """The waveform as pages of Ogg, one for 80 ms, by PyAV's own muxer."""
    content = io.BytesIO()
    with av.open(content, "w", format="ogg", options={"page_duration": "80000"}) as container:
        stream = container.add_stream("libopus", rate=RATE)
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(wave.pcm16()[None], format="s16", layout="mono")
        frame.sample_rate = RATE
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    head, *pages = (b"OggS" + part for part in content.getvalue().split(b"OggS")[1:])
    return [head + pages[0], *pages[1:]]


def speech(*parts):
    """Speech of (seconds, hz or None for silence)."""
    return join([silence(s, RATE) if hz is None else tone(hz, seconds=s, rate_hz=RATE) for s, hz in parts], 0.0)


@contextmanager
def server(wave, *, words=(), greeting=b"\x00", at_frame=None):
    """Sends one page of `wave` for every message of sound it gets, `words` {frame: text}, and keeps what it got."""
    heard: list[bytes] = []
    pages = pages_of(wave)

    def handle(socket):
        socket.send(greeting)
        for frame, message in enumerate(socket):
            heard.append(message)
            if at_frame and frame == at_frame[0]:
                at_frame[1](socket)
            if frame < len(pages):
                socket.send(b"\x01" + pages[frame])
            if frame in dict(words):
                socket.send(b"\x02" + dict(words)[frame].encode())

    with socket_server(handle) as url:
        yield url, heard


def system(url, **settings):
    settings = {"pace": 0, "silence_s": 1.0, "wait_s": 2.0, **settings}
    return moshi.build({"url": url, **settings}, FakeParts(0, 0, 0))


def ask(system, hz=220, history=()):
    return system.answer(Request(speech=tone(hz, seconds=QUESTION_S), sample="s", history=history))


def test_the_answer_is_what_comes_after_the_question():
    # It talks into the question, waits, and then answers.
    wave = speech((0.4, 300), (0.8, None), (0.5, 440), (3.0, None))
    with server(wave, words={2: " Mhm", 16: " Good", 18: " day"}) as (url, heard):
        answer = ask(system(url))
    assert answer.text == "Good day"
    (span,) = active_spans(answer.speech)
    assert span.start_s == pytest.approx(0.1, abs=0.05) and span.end_s == pytest.approx(0.6, abs=0.05)
    spectrum = np.abs(np.fft.rfft(answer.speech.samples))
    assert np.argmax(spectrum) * RATE / answer.speech.frames == pytest.approx(440, abs=5)
    assert float(answer.raw["onset_s"]) == pytest.approx(0.4, abs=0.1)
    assert answer.first_audio_s >= 0
    # What it was sent is the question, as another library hears it, and silence.
    assert {message[0] for message in heard} == {1}
    got, rate_hz = soundfile.read(io.BytesIO(b"".join(message[1:] for message in heard)))
    assert rate_hz == RATE
    question = tone(220, seconds=QUESTION_S, rate_hz=RATE).samples
    middle = slice(2400, 16800)
    assert np.corrcoef(got[middle], question[middle])[0, 1] > 0.99
    assert np.abs(got[24000:]).max() < 0.01


def test_an_answer_that_goes_on_and_on_is_cut_at_the_longest():
    with server(speech((10.0, 440))) as (url, _):
        answer = ask(system(url, longest_s=2.0))
    assert answer.speech.duration_s == pytest.approx(2.0, abs=0.1)


def test_earlier_turns_are_said_in_the_same_conversation():
    past = Exchange(user=tone(100, seconds=QUESTION_S), answer=Answer(speech=tone()))
    # First question 0.8 s, first answer 0.9-1.2 s, silence to 2.2 s, second question to 3.0 s, or up to 2 s later
    # on a busy machine, where the client runs ahead of what comes back; second answer at 5.4 s.
    wave = speech((0.9, None), (0.3, 300), (4.2, None), (0.5, 440), (3.0, None))
    with server(wave) as (url, _):
        answer = ask(system(url, wait_s=4.0), history=(past,))
    spectrum = np.abs(np.fft.rfft(answer.speech.samples))
    assert np.argmax(spectrum) * RATE / answer.speech.frames == pytest.approx(440, abs=5)


def test_two_audios_make_two_requests():
    def sent(hz):
        with server(speech((0.9, None), (0.3, 440), (3.0, None))) as (url, heard):
            ask(system(url), hz=hz)
        return heard[:10]

    first, again, other = (sent(hz) for hz in (220, 220, 330))
    assert first == again and first != other


@pytest.mark.parametrize(
    ("frame", "deed", "error", "says"),
    [
        (5, lambda s: s.close(1011, "bye"), InfrastructureError, "closed 1011: bye"),
        (5, lambda s: s.send(b"\x01garbage"), AudioError, "not an Ogg page"),
        (5, lambda s: s.send(b"\x07x"), InfrastructureError, "unknown kind 7"),
        (5, lambda s: s.send(b""), InfrastructureError, "empty message"),
    ],
)
def test_every_fault_has_its_error(frame, deed, error, says):
    with server(speech((5.0, 440)), at_frame=(frame, deed)) as (url, _), pytest.raises(error, match=says):
        ask(system(url))


def test_one_who_says_nothing_gave_no_answer():
    with server(speech((6.0, None))) as (url, _), pytest.raises(EmptyAnswer, match="nothing was said within 2 s"):
        ask(system(url))


def test_one_who_stops_sending_has_timed_out():
    stop = threading.Event()
    with server(speech((5.0, 440)), at_frame=(15, lambda _: stop.wait(5))) as (url, _):
        with pytest.raises(TimedOut, match="nothing more came"):
            ask(system(url, patience_s=0.2))
        stop.set()


def test_a_server_that_serves_somebody_else_is_waited_for_and_then_given_up():
    with (
        server(speech((1.0, None)), greeting=b"\x09") as (url, _),
        pytest.raises(InfrastructureError, match="handshake"),
    ):
        ask(system(url))


@pytest.mark.parametrize(("key", "value"), [("silence_s", 0), ("pace", -1), ("voice", "x")])
def test_a_card_with_a_mistake_is_refused(key, value):
    with pytest.raises(CardError, match=rf"settings\.{key}"):
        moshi.build({key: value}, FakeParts(0, 0, 0))

"""Pages of Ogg stream out and in; libsndfile and PyAV are the second opinion."""

import io

import av
import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from s2s_arena.errors import AudioError
from s2s_arena.models.remote.ogg import FIRST, PageReader, PageWriter, checksum
from s2s_arena.models.remote.opus_stream import CLOCK_HZ, OpusReader, OpusWriter
from s2s_arena.testing.sound import tone

TONE = tone(440, seconds=1.0, rate_hz=24000)


def written(samples=None, frame=1920):
    samples = TONE.pcm16() if samples is None else samples
    writer = OpusWriter()
    pages = [writer.head(), *(writer.write(samples[at : at + frame]) for at in range(0, samples.size, frame))]
    return b"".join(pages)


def likeness(first, second):
    frames = min(first.size, second.size) - 4800
    return float(np.corrcoef(first[4800:frames], second[4800:frames])[0, 1])


def test_the_checksum_is_that_of_another_implementation():
    content = io.BytesIO()
    soundfile.write(content, TONE.samples, 24000, format="OGG", subtype="OPUS")
    page = content.getvalue()[: 27 + 1 + 19]
    stated = int.from_bytes(page[22:26], "little")
    assert checksum(page[:22] + bytes(4) + page[26:]) == stated


def test_what_we_write_another_library_reads():
    samples, rate_hz = soundfile.read(io.BytesIO(written()))
    assert rate_hz == 24000
    assert likeness(samples, TONE.samples) > 0.999


def test_what_another_library_writes_we_read():
    content = io.BytesIO()
    soundfile.write(content, TONE.samples, 24000, format="OGG", subtype="OPUS")
    sound = OpusReader(who="x").read(content.getvalue())
    # libsndfile's delay is no whole number of samples at 24 kHz.
    assert likeness(sound[:: CLOCK_HZ // 24000], TONE.samples) > 0.99


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 700), max_size=40))
def test_a_stream_may_be_cut_anywhere(cuts):
    content, reader, at, heard = STREAM, OpusReader(who="x"), 0, []
    for size in [*cuts, len(content)]:
        heard.append(reader.read(content[at : at + size]))
        at += size
    assert np.array_equal(np.concatenate(heard), WHOLE)


STREAM = written()
WHOLE = OpusReader(who="x").read(STREAM)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.binary(max_size=600), min_size=1, max_size=20))
def test_packets_of_any_length_come_back(packets):
    writer, reader = PageWriter(), PageReader(who="x")
    pages = b"".join(writer.page([packet], granule=n, flags=FIRST if n == 0 else 0) for n, packet in enumerate(packets))
    assert list(reader.feed(pages)) == packets


def test_a_packet_over_several_pages_is_put_together():
    # Two pages by hand: 510 bytes go on in the next page, where 10 more end the packet.
    def page(flags, lacing, body, number):
        head = b"OggS" + bytes([0, flags]) + bytes(8) + (1).to_bytes(4, "little") + number.to_bytes(4, "little")
        rest = bytes([len(lacing), *lacing]) + body
        return head + checksum(head + bytes(4) + rest).to_bytes(4, "little") + rest

    pages = page(2, [255, 255], b"a" * 510, 0) + page(1, [10, 3], b"b" * 10 + b"ccc", 1)
    assert list(PageReader(who="x").feed(pages)) == [b"a" * 510 + b"b" * 10, b"ccc"]


def test_pages_of_pyav_are_read_too():
    content = io.BytesIO()
    with av.open(content, "w", format="ogg", options={"page_duration": "20000"}) as container:
        stream = container.add_stream("libopus", rate=24000)
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(TONE.pcm16()[None], format="s16", layout="mono")
        frame.sample_rate = 24000
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    sound = OpusReader(who="x").read(content.getvalue())
    assert likeness(sound[::2], TONE.samples) > 0.999


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"RIFF....", "not an Ogg page"),
        (STREAM[:60] + bytes([STREAM[60] ^ 1]) + STREAM[61:], "checksum"),
        (PageWriter().page([b"vorbis"], granule=0, flags=FIRST), "not Opus"),
    ],
)
def test_damage_is_an_error(content, says):
    with pytest.raises(AudioError, match=says):
        OpusReader(who="x").read(content)


def test_what_does_not_fit_into_a_page_is_refused():
    with pytest.raises(AudioError, match="do not fit"):
        PageWriter().page([bytes(70_000)], granule=0)

"""The loopback chat server, asked by hand: it takes what the vendor documents and complains as the vendor does."""

import base64
import io
import json

import httpx
import numpy as np
import pytest
import soundfile

from s2s_arena.testing.servers import chat_vendors
from s2s_arena.testing.servers.behaviour import Behaviour, WireFault, once
from s2s_arena.testing.servers.chat import ChatServer
from s2s_arena.testing.servers.running import KEY
from s2s_arena.testing.sound import tones


def wav():
    out = io.BytesIO()
    soundfile.write(out, tones(["hello"]).samples, 16000, format="WAV")
    return base64.b64encode(out.getvalue()).decode()


def question(data=None, *, format="wav"):
    part = {"type": "input_audio", "input_audio": {"data": data or wav(), "format": format}}
    return {"role": "user", "content": [part]}


def body(**more):
    spoken = {"modalities": ["text", "audio"], "audio": {"voice": "marin", "format": "wav"}}
    return {"model": "gpt-audio", "messages": [question()], **spoken, **more}


def post(server, content, *, key=KEY):
    return httpx.post(server.url, json=content, headers={"Authorization": f"Bearer {key}", "api-key": key}, timeout=5)


def test_a_whole_answer_is_a_wav_beside_its_transcript():
    with ChatServer() as server:
        reply = post(server, body()).json()
    message = reply["choices"][0]["message"]
    samples, rate = soundfile.read(io.BytesIO(base64.b64decode(message["audio"]["data"])))
    assert rate == 24000 and np.abs(samples).max() > 0.1
    assert message["content"] is None and message["audio"]["transcript"].startswith("heard ")
    assert reply["usage"]["total_tokens"] > 0


def test_a_streamed_answer_is_raw_samples_and_ends_with_its_usage():
    content = body(stream=True, stream_options={"include_usage": True}, audio={"voice": "marin", "format": "pcm16"})
    with ChatServer() as server:
        lines = post(server, content).text.split("\n\n")
    assert lines[-2:] == ["data: [DONE]", ""]
    chunks = [json.loads(line.removeprefix("data: ")) for line in lines[:-2]]
    assert not chunks[-1]["choices"] and chunks[-1]["usage"]["completion_tokens"] > 0
    deltas = [chunk["choices"][0]["delta"].get("audio", {}) for chunk in chunks[:-1]]
    raw = b"".join(base64.b64decode(delta.get("data", "")) for delta in deltas)
    assert raw[:4] != b"RIFF" and np.abs(np.frombuffer(raw, "<i2")).max() > 3000


@pytest.mark.parametrize(
    ("content", "param"),
    [
        (body(colour="red"), "colour"),
        (body(audio={"voice": "marin", "format": "wav", "rate": 24000}), "audio.rate"),
        (body(audio={"format": "wav"}), "audio.voice"),
        (body(stream=True), "audio.format"),
        (body(stream_options={"include_usage": True}), "stream_options"),
        (body(messages=[{**question(), "audio_url": "x"}]), "messages[0].audio_url"),
        (body(messages=[question(format="ogg")]), "messages[0].content[0].input_audio.format"),
        (body(messages=[question(), {"role": "assistant", "audio": {"id": "gone"}}]), "messages[1].audio.id"),
        (body(messages=[{"role": "system", "content": "Only this."}]), "messages"),
        ({"messages": [question()]}, "model"),
    ],
)
def test_what_openai_does_not_document_is_its_400_with_the_parameters_name(content, param):
    with ChatServer() as server:
        reply = post(server, content)
    error = reply.json()["error"]
    assert (reply.status_code, error["type"], error["param"]) == (400, "invalid_request_error", param)
    assert not server.heard


@pytest.mark.parametrize("data", ["not base64!", base64.b64encode(b"no sound at all").decode(), "UklGRg=="])
def test_what_is_no_sound_is_refused(data):
    with ChatServer() as server:
        reply = post(server, body(messages=[question(data)]))
    assert reply.status_code == 400 and not server.heard


def test_each_vendor_complains_in_its_own_way():
    codes = {}
    for vendor in chat_vendors.VENDORS.values():
        with ChatServer(vendor) as server:
            codes[vendor.name] = [
                post(server, {"model": "m", "messages": [], "colour": "red"}).json()["error"]["code"],
                post(server, {}, key="wrong").json()["error"]["code"],
            ]
    assert codes == {
        "openai": ["unknown_parameter", "invalid_api_key"],
        "azure": ["unknown_parameter", "invalid_api_key"],
        "dashscope": ["invalid_parameter_error", "invalid_api_key"],
        "glm": ["1210", "1002"],
        "vllm-omni": [400, 401],
        "vllm": [400, 401],
        "llama-cpp": ["unknown_parameter", "invalid_api_key"],
    }


def test_dashscope_streams_only_and_wants_a_data_url():
    with ChatServer(chat_vendors.DASHSCOPE) as server:
        whole = post(server, body(messages=[question("data:;base64," + wav())]))
        bare = post(server, body(stream=True))
        right = post(server, body(stream=True, messages=[question("data:;base64," + wav())]))
    assert "stream" in whole.json()["error"]["message"] and "URL" in bare.json()["error"]["message"]
    assert right.status_code == 200 and len(server.heard) == 1


def test_vllm_omni_puts_the_speech_into_a_choice_of_its_own():
    content = {"model": "m", "messages": [question()], "modalities": ["text", "audio"]}
    with ChatServer(chat_vendors.VLLM_OMNI, key=None) as server:
        first, second = post(server, content).json()["choices"]
    assert first["message"]["content"] and "audio" not in first["message"]
    assert base64.b64decode(second["message"]["audio"]["data"])[:4] == b"RIFF"


def test_too_many_requests_says_when_to_come_back():
    with ChatServer(behaviour=Behaviour(script=once(WireFault.RATE_LIMITED), retry_after="3")) as server:
        replies = [post(server, body()) for _ in range(2)]
    assert [reply.status_code for reply in replies] == [429, 200] and replies[0].headers["retry-after"] == "3"


def test_connections_are_kept_and_questions_may_overlap():
    with ChatServer(behaviour=Behaviour(keep=2)) as server, httpx.Client() as client:
        for _ in range(5):
            client.post(server.url, json=body(), headers={"Authorization": f"Bearer {KEY}"})
    assert server.finished == 5 and len(server.heard) == 2 and server.heard[-1].number == 4


def test_two_servers_have_two_ports_and_a_stopped_one_is_gone():
    with ChatServer() as one, ChatServer() as other:
        assert one.port != other.port
    with pytest.raises(httpx.ConnectError):
        post(one, body())

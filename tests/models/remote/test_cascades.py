"""Cascades of parts that live elsewhere, over loopback servers that speak the wire of each part."""

import json
import tomllib
from dataclasses import replace

import pytest

from s2s_arena.errors import AccessError, CardError, EmptyAnswer, InfrastructureError, TimedOut
from s2s_arena.models import cascade, registry, tagged
from s2s_arena.models.parts import LocalParts
from s2s_arena.models.remote import cosyvoice, hearing
from s2s_arena.protocols import Exchange, Request
from s2s_arena.records.codec import parse
from s2s_arena.records.speech import Delivery, Segment, Traits, Utterance
from s2s_arena.records.systems import SystemCard, Verified, VoiceCard
from s2s_arena.testing.servers.behaviour import Behaviour, WireFault, always, once
from s2s_arena.testing.servers.cascade_parts import CosyVoiceServer, SenseVoiceServer, TranscriptionServer
from s2s_arena.testing.servers.running import KEY
from s2s_arena.testing.sound import tones
from s2s_arena.workspace.cards import Found
from tests.models.conftest import CARDS
from tests.models.doubles import FakeParts
from tests.models.remote.servers import HttpReply, http_server

SPEECH, OTHER = tones(["how", "are", "you"]), tones(["what", "is", "that"])


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("LOOPBACK_KEY", KEY)


def ears(server, **settings):
    where = {"url": server.base_url, "model": "whisper-1", "key_env": "LOOPBACK_KEY"}
    return hearing.build({**where, **settings}, FakeParts(0, 0, 0))


def tagging(server, **settings):
    return hearing.build_sensevoice({"url": server.origin, **settings}, FakeParts(0, 0, 0))


def voice(server, **settings):
    known = {"url": server.origin, "female": "英文女", "languages": ["en", "zh"], "aligner": "", **settings}
    return cosyvoice.build(known, FakeParts(0, 0, 0))


def said(text):
    return HttpReply.json({"choices": [{"message": {"content": text}}]})


def line(text, language="en", **delivery):
    return Utterance(segments=(Segment(text=text, language=language, delivery=Delivery(**delivery)),))


def parts(tmp_path, server):
    settings = {"url": server.origin, "female": "英文女", "male": "英文男", "aligner": ""}
    card = VoiceCard(name="cosy", title="Cosy", model="cosyvoice", settings=settings, languages=("en", "zh"))
    return LocalParts(tmp_path, tmp_path, voice=lambda name: Found(card=card, folder=tmp_path, source="workspace"))


# ------------------------------------------------------------------------------------------------- ears


def test_transcriptions_bring_the_speech_and_the_words_back():
    with TranscriptionServer("chinese") as server:
        one, two = ears(server).transcribe(SPEECH), ears(server).transcribe(OTHER)
        heard = server.heard[0]
    assert heard.audio[0].rate_hz == 16000 and heard.audio[0].duration_s == pytest.approx(SPEECH.duration_s, abs=0.01)
    assert (one.language, two.language) == ("zh", "zh")
    assert one.text != two.text and one.text.startswith("heard ")
    assert not server.refused


def test_a_server_that_tells_no_language_is_taken_by_its_script_or_by_what_is_forced():
    with TranscriptionServer() as server:
        assert ears(server, format="json").transcribe(SPEECH).language == "en"
        assert ears(server, format="json").transcribe(SPEECH, language="ja").language == "ja"
        assert server.last().fields["language"] == "ja"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (WireFault.RATE_LIMITED, InfrastructureError),
        (WireFault.SERVER_ERROR, InfrastructureError),
        (WireFault.DROPPED, InfrastructureError),
        (WireFault.MALFORMED, InfrastructureError),
        (WireFault.UNAUTHORISED, AccessError),
        (WireFault.STALLED, TimedOut),
    ],
)
def test_what_goes_wrong_with_ears_has_its_own_error(fault, error):
    faulty = Behaviour(script=always(fault), stalled_s=3)
    with TranscriptionServer(behaviour=faulty) as server, pytest.raises(error):
        ears(server, patience_s=0.3).transcribe(SPEECH)
    with SenseVoiceServer(behaviour=faulty) as server, pytest.raises(error):
        tagging(server, patience_s=0.3).transcribe(SPEECH)


def test_sensevoice_tells_emotion_and_sounds():
    with SenseVoiceServer("<|en|><|SAD|><|Cough|><|woitn|>") as server:
        heard = tagging(server).listen(SPEECH)
    assert (heard.transcript.language, heard.emotion, heard.events) == ("en", "sad", ("coughing",))
    assert heard.text == f"<sad> <coughing> {heard.transcript.text}"
    assert not server.refused


def test_tags_of_long_speech_are_taken_together():
    heard = hearing.parsed(
        "<|yue|><|NEUTRAL|><|Speech|><|withitn|>你好 <|yue|><|HAPPY|><|Laughter|><|withitn|>真好"
        "<|yue|><|NEUTRAL|><|Speech|>好"
    )
    assert (heard.transcript.text, heard.transcript.language) == ("你好 真好 好", "zh")
    assert (heard.emotion, heard.events) == ("happy", ("laughter",))
    assert hearing.parsed("<|nospeech|><|EMO_UNKNOWN|><|BGM|>").transcript.language == "und"
    assert hearing.parsed("no tags at all").emotion is None


# ------------------------------------------------------------------------------------------------- voice


def test_a_direction_goes_to_the_voice_as_its_instruction_and_plain_words_as_they_are():
    with CosyVoiceServer() as server:
        plain = voice(server).speak(line("good morning"), seed=1)
        sad = voice(server).speak(line("good morning", emotion="sad"), seed=1)
        paths = [(h.path, h.voice) for h in server.heard]
        told = server.last().instructions
    assert paths == [("/inference_sft", "英文女"), ("/inference_instruct", "英文女")]
    assert "sadly" in told and told.startswith("A woman")
    assert plain.rate_hz == 22050 and sad.duration_s > plain.duration_s
    assert not server.refused


def test_the_rate_is_the_one_that_the_server_tells():
    with CosyVoiceServer(rate_hz=24000) as server:
        assert voice(server).speak(line("good morning"), seed=1).rate_hz == 24000
    with CosyVoiceServer(tells_rate=False) as server:
        assert voice(server).speak(line("good morning"), seed=1).rate_hz == 22050


def test_a_model_that_takes_no_instructions_gets_none():
    with CosyVoiceServer() as server:
        assert "sft" in voice(server, instructs=False).identity
        engine = voice(server, instructs=False)._engine
        engine.perform(
            "good morning", language="en", delivery=Delivery(emotion="sad"), traits=Traits(), speed=1.0, seed=1
        )
        assert server.last().path == "/inference_sft"


def test_a_voice_without_speakers_or_languages_is_a_card_error():
    with pytest.raises(CardError, match=r"settings\.female"):
        cosyvoice.build({"url": "http://localhost:1", "languages": ["en"]}, FakeParts(0, 0, 0))
    with pytest.raises(CardError, match="languages"):
        cosyvoice.build({"url": "http://localhost:1", "female": "a"}, FakeParts(0, 0, 0))


# ---------------------------------------------------------------------------------------------- cascades


def described(kind, url, **more):
    return {"family": kind, "url": url, "key_env": "LOOPBACK_KEY", **more}


def test_a_pipeline_of_three_servers_answers(tmp_path):
    with (
        TranscriptionServer() as hears,
        http_server(said("It is a fine day.")) as (url, asked),
        CosyVoiceServer() as says,
    ):
        settings = {
            "ears": described("openai-hear", hears.base_url, model="whisper-1"),
            "mind": described("openai-text", f"{url}/v1", model="gpt-4o"),
            "voice": "cosy",
        }
        system = cascade.build(settings, parts(tmp_path, says))
        answer = system.answer(Request(speech=SPEECH, sample="s"))
        spoken = says.last().texts
    assert answer.text == "It is a fine day." == spoken[0]
    assert answer.raw["heard"] == asked[0].value["messages"][-1]["content"]
    assert "openai-hear/1(whisper-1" in system.identity and "cosyvoice/1(" in system.identity
    assert answer.speech.rate_hz == 22050


def tags_to_instructions(tmp_path, url, hears, says):
    settings = {
        "ears": {"family": "sensevoice", "url": hears.origin},
        "mind": described("openai-text", f"{url}/v1", model="qwen2-72b-instruct"),
        "voice": "cosy",
    }
    return tagged.build(settings, parts(tmp_path, says))


def test_the_emotion_heard_reaches_the_mind_and_its_style_the_voice(tmp_path):
    reply = said(json.dumps({"style": "calm", "words": "I am sorry to hear that."}))
    with (
        SenseVoiceServer("<|en|><|SAD|><|Speech|>") as hears,
        http_server(reply) as (url, asked),
        CosyVoiceServer() as says,
    ):
        answer = tags_to_instructions(tmp_path, url, hears, says).answer(Request(speech=SPEECH, sample="s"))
        spoken = says.last()
    body = asked[0].value
    assert body["messages"][-1]["content"].startswith("<sad> heard ")
    assert body["response_format"]["json_schema"]["schema"]["required"] == ["style", "words"]
    assert (spoken.texts, spoken.path) == (("I am sorry to hear that.",), "/inference_instruct")
    assert "calmly" in spoken.instructions
    assert (answer.raw["heard_emotion"], answer.raw["style"]) == ("sad", "calm")


def test_earlier_turns_are_told_with_their_tags_and_not_heard_again(tmp_path):
    reply = said(json.dumps({"style": "happy", "words": "Good for you."}))
    with SenseVoiceServer() as hears, http_server(reply) as (url, asked), CosyVoiceServer() as says:
        system = tags_to_instructions(tmp_path, url, hears, says)
        first = system.answer(Request(speech=SPEECH, sample="s"))
        past = Exchange(user=SPEECH, answer=first)
        system.answer(Request(speech=OTHER, sample="s", turn=1, history=(past,)))
        heard = len(hears.heard)
    messages = asked[1].value["messages"]
    assert heard == 2
    assert messages[1]["content"] == first.raw["heard"] and messages[1]["content"].startswith("<happy> ")
    assert json.loads(messages[2]["content"]) == {"style": "happy", "words": "Good for you."}


def test_a_mind_that_forgets_the_form_is_read_plainly_and_one_that_says_nothing_is_empty(tmp_path):
    with SenseVoiceServer() as hears, CosyVoiceServer() as says:
        with http_server(said("Just words.")) as (url, _):
            answer = tags_to_instructions(tmp_path, url, hears, says).answer(Request(speech=SPEECH, sample="s"))
            assert (answer.text, answer.raw["style"], says.last().path) == ("Just words.", "neutral", "/inference_sft")
        with http_server(said('{"style": "sad", "words": "..."}')) as (url, asked):
            with pytest.raises(EmptyAnswer, match="cannot say"):
                tags_to_instructions(tmp_path, url, hears, says).answer(Request(speech=SPEECH, sample="s"))
            assert len(asked) == 2


@pytest.mark.parametrize("name", ["pipeline-4o", "fun-audio-llm", "fun-audio-llm-4o"])
def test_the_shipped_cards_answer_over_the_wires_of_their_parts(name, tmp_path):
    card = parse(SystemCard, tomllib.loads((CARDS / "systems" / f"{name}.toml").read_text()))
    shipped = parse(VoiceCard, tomllib.loads((CARDS / "voices" / "cosyvoice.toml").read_text()))
    reply = said("It is a fine day." if card.model == "cascade" else '{"style": "happy", "words": "It is a fine day."}')
    hears = TranscriptionServer() if card.model == "cascade" else SenseVoiceServer()
    with hears, http_server(reply) as (url, asked), CosyVoiceServer() as says:
        places = {"ears": getattr(hears, "base_url", hears.origin), "mind": f"{url}/v1"}
        settings = {
            key: {**value, "url": places[key], **({"key_env": "LOOPBACK_KEY"} if value.get("key_env") else {})}
            if isinstance(value, dict)
            else value
            for key, value in card.settings.items()
        }
        voiced = replace(shipped, settings={**shipped.settings, "url": says.origin, "aligner": ""})
        known = LocalParts(
            tmp_path, tmp_path, voice={"cosyvoice": Found(card=voiced, folder=tmp_path, source="package")}.get
        )
        answer = registry.build(card.model, settings, known).answer(Request(speech=SPEECH, sample="s"))
        words, instruction = says.last().texts, says.last().instructions
    assert card.verified is Verified.LOOPBACK
    assert words == ("It is a fine day.",) and (instruction is not None) == (card.model != "cascade")
    assert asked[0].value["model"] == card.settings["mind"]["model"]
    assert answer.speech.rate_hz == card.output_rate_hz


@pytest.mark.parametrize("broken", ["SenseVoice", "writer"])
def test_a_fault_of_any_part_is_that_parts_error(tmp_path, broken):
    faulty = Behaviour(script=once(WireFault.SERVER_ERROR)) if broken == "SenseVoice" else None
    reply = HttpReply.json({}, status=500) if broken == "writer" else said('{"style": "calm", "words": "Fine."}')
    with (
        SenseVoiceServer(behaviour=faulty) as hears,
        http_server(reply) as (url, _),
        CosyVoiceServer() as says,
        pytest.raises(InfrastructureError, match=broken),
    ):
        tags_to_instructions(tmp_path, url, hears, says).answer(Request(speech=SPEECH, sample="s"))


def test_ears_without_tags_and_parts_without_a_family_are_card_errors(tmp_path):
    with CosyVoiceServer() as says:
        mind = described("openai-text", "http://localhost:1/v1", model="m")
        plain = {"ears": described("openai-hear", "http://localhost:1/v1", model="w"), "mind": mind, "voice": "cosy"}
        with pytest.raises(CardError, match=r"settings\.ears: openai-hear/1\(w.* tells no tags"):
            tagged.build(plain, parts(tmp_path, says))
        with pytest.raises(CardError, match="no family named"):
            cascade.build({**plain, "mind": {"url": "x"}}, parts(tmp_path, says))

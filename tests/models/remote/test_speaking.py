"""Voices behind an endpoint: what is asked of them, what is done to their signal instead, and every fault."""

import pytest

from s2s_arena.errors import AccessError, CardError, InfrastructureError, InputError, MissingError
from s2s_arena.models import registry
from s2s_arena.models.described import describe, tells
from s2s_arena.models.remote import doubao_speaking, patience, speaking
from s2s_arena.records.speech import Delivery, Pause, Segment, Traits, Utterance
from s2s_arena.records.systems import Verified
from s2s_arena.retries import Retries
from s2s_arena.testing.servers.behaviour import Behaviour, WireFault, always, once
from s2s_arena.testing.servers.running import KEY
from s2s_arena.testing.servers.speech import DoubaoSpeechServer, SpeechServer
from tests.models.conftest import voice_card
from tests.models.doubles import FakeParts

PARTS = FakeParts(None, None, None)
TEXT = "the shop on the corner is closed today"


@pytest.fixture(autouse=True)
def keyed(monkeypatch):
    monkeypatch.setenv("TRIAL_KEY", KEY)
    monkeypatch.setenv("TRIAL_APP", "app-1")
    monkeypatch.setattr(patience, "RETRIES", Retries(first_wait_s=0.0))


def say(voice, text=TEXT, language="en", *, traits=None, **delivery):
    segment = Segment(text=text, language=language, delivery=Delivery(**delivery))
    return voice.speak(Utterance(segments=(segment,), traits=traits or Traits()), seed=3)


def endpoint(server, **settings):
    given = {
        "url": server.base_url, "model": "tts", "female": "coral", "male": "onyx", "key_env": "TRIAL_KEY",
        "aligner": "", "languages": ["en", "zh"], "gender": "female", **settings,
    }  # fmt: skip
    return speaking.build(given, PARTS)


def doubao(server, **settings):
    given = {
        "url": server.url, "female": "zh_female_tone", "male": "zh_male_tone", "token_env": "TRIAL_KEY",
        "app_id_env": "TRIAL_APP", "aligner": "", "languages": ["zh"], "gender": "female", **settings,
    }  # fmt: skip
    return doubao_speaking.build(given, PARTS)


@pytest.mark.parametrize("form", ["wav", "flac", "mp3", "opus", "pcm"])
def test_every_format_comes_back_as_speech(form):
    with SpeechServer() as server:
        spoken = say(endpoint(server, response_format=form))
    assert spoken.duration_s == pytest.approx(0.24 * 8, abs=0.15)
    assert server.last().fields["response_format"] == form and server.last().texts == (TEXT,)


def test_the_voice_is_chosen_by_gender_and_asked_once_for_the_same_words():
    with SpeechServer() as server:
        voice = endpoint(server)
        for traits in (Traits(), Traits(gender="female"), Traits(gender="male")):
            say(voice, traits=traits)
    assert [heard.voice for heard in server.heard] == ["coral", "onyx"]


def test_feeling_and_whisper_are_told_and_numbers_are_done_to_the_signal():
    with SpeechServer() as server:
        voice = endpoint(server, described_in="instructions")
        plain = say(voice)
        slow = say(voice, emotion="sad", rate=0.8, pauses=(Pause(after="corner", seconds=1.0),))
    asked = [heard.fields for heard in server.heard]
    assert "sadly" in asked[-1]["instructions"] and "speed" not in asked[-1]
    assert {heard.texts[0] for heard in server.heard} == {TEXT, "the shop on the corner", "is closed today"}
    # sad alone would be slower than the rate asked for: it was the voice's to carry out
    assert slow.duration_s == pytest.approx(plain.duration_s / 0.8 + 1.0, abs=0.25)


def test_a_described_voice_is_its_description():
    with SpeechServer(None) as server:
        voice = endpoint(server, described_in="voice", female="", male="")
        say(voice, traits=Traits(gender="male", age="elder"), emotion="angry", strength=1.5)
    assert server.last().voice.startswith("An old man speaks very strongly, angrily")


def test_pace_may_be_left_to_the_voice():
    with SpeechServer() as server:
        voice = endpoint(server, speed=True)
        plain, fast = say(voice), say(voice, rate=1.25)
    assert server.last().fields["speed"] == pytest.approx(1.25, rel=0.05)
    assert plain.duration_s / fast.duration_s == pytest.approx(1.25, rel=0.02)


def test_chinese_is_not_spoken_by_a_voice_without_it():
    with SpeechServer() as server:
        voice = endpoint(server, languages=["en"])
        with pytest.raises(InputError, match="language zh of '你好' is not spoken"):
            say(voice, "你好", "zh")
    assert not server.heard


@pytest.mark.parametrize("fault", [WireFault.RATE_LIMITED, WireFault.SERVER_ERROR, WireFault.DROPPED])
def test_a_passing_fault_is_asked_again(fault):
    with SpeechServer(behaviour=Behaviour(script=once(fault), retry_after="0")) as server:
        assert say(endpoint(server)).duration_s > 1.0
        assert server._asked == 2
    with SpeechServer(behaviour=Behaviour(script=always(fault), retry_after="0")) as server:
        with pytest.raises(InfrastructureError):
            say(endpoint(server))
        assert server._asked == patience.RETRIES.attempts


@pytest.mark.parametrize(
    ("fault", "error", "message"),
    [
        (WireFault.UNAUTHORISED, AccessError, "check the key"),
        (WireFault.CONTENT_FILTER, InputError, "was not spoken"),
        (WireFault.MALFORMED, InputError, "see settings.response_format"),
    ],
)
def test_a_lasting_fault_is_said_at_once(fault, error, message):
    with (
        SpeechServer(behaviour=Behaviour(script=always(fault))) as server,
        pytest.raises(error, match=message),
    ):
        say(endpoint(server))
    assert server._asked == 1


def test_a_script_that_is_too_long_is_not_sent():
    with SpeechServer() as server, pytest.raises(InputError, match="5000 letters given, 4096 possible"):
        say(endpoint(server), "a" * 5000)
    assert not server.heard


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"female": "", "male": ""}, "name at least one voice"),
        ({"described_in": "notes"}, "settings.described_in: 'notes' given"),
        ({"languages": []}, "languages: none given"),
        ({"tone": "warm"}, "settings.tone: unknown to openai-speech"),
    ],
)
def test_a_card_that_cannot_work_is_refused(settings, message):
    with SpeechServer() as server, pytest.raises(CardError, match=message):
        endpoint(server, **settings)


def test_doubao_speaks_with_an_emotion_that_its_voice_has():
    with DoubaoSpeechServer() as server:
        voice = doubao(server, emotions={"happy": "happy"}, speed=True)
        plain, happy, fast = (say(voice, "a b c d", "zh", **how) for how in ({}, {"emotion": "happy"}, {"rate": 1.5}))
    audios = [heard.fields["audio"] for heard in server.heard]
    assert audios[0] == {"voice_type": "zh_female_tone", "encoding": "wav", "rate": 24000, "speed_ratio": 1.0}
    assert audios[1]["emotion"] == "happy" and audios[1]["enable_emotion"] is True
    assert happy.duration_s == pytest.approx(plain.duration_s, rel=0.01)  # the voice's own pace, not the table's
    assert plain.duration_s / fast.duration_s == pytest.approx(1.5, rel=0.03)
    assert server.last().fields["app"] == {"appid": "app-1", "token": "unused", "cluster": "volcano_tts"}
    assert KEY not in str(server.last().fields)


def test_another_emotion_is_done_to_doubaos_signal():
    with DoubaoSpeechServer() as server:
        voice = doubao(server, emotions={"happy": "happy"})
        plain, sad = say(voice, "a b c d", "zh"), say(voice, "a b c d", "zh", emotion="sad")
    assert len(server.heard) == 1 and sad.duration_s > 1.1 * plain.duration_s


@pytest.mark.parametrize("fault", [WireFault.RATE_LIMITED, WireFault.SERVER_ERROR])
def test_doubaos_busy_codes_are_asked_again_with_a_new_id(fault):
    with DoubaoSpeechServer(behaviour=Behaviour(script=once(fault))) as server:
        assert say(doubao(server), "a b", "zh").duration_s > 0.3


@pytest.mark.parametrize(
    ("text", "settings", "error", "message"),
    [
        ("x " * 600, {}, InputError, "1199 bytes of text, 1024 possible"),
        ("a", {"female": "zh_female_gone"}, AccessError, "3050"),
    ],
)
def test_what_doubao_cannot_say(text, settings, error, message):
    with DoubaoSpeechServer() as server, pytest.raises(error, match=message):
        say(doubao(server, **settings), text, "zh")


def test_a_key_that_is_not_set_is_named(monkeypatch):
    monkeypatch.delenv("TRIAL_APP")
    with DoubaoSpeechServer() as server, pytest.raises(MissingError, match="TRIAL_APP is not set"):
        say(doubao(server), "a", "zh")


def test_a_description_tells_what_it_says_it_tells():
    delivery = Delivery(emotion="sad", strength=0.5, style="whisper", rate=0.5)
    traits = Traits(gender="female", age="child", accent="Scottish")
    told = describe(delivery, traits)
    assert told.startswith("A little girl with a Scottish accent speaks slightly sadly, with a low and heavy voice, in")
    assert "whisper" in told and "slow" not in told
    assert tells(delivery, traits) == {"emotion", "style", "age"}
    assert tells(Delivery(style="sing"), Traits(age="adult")) == set()


@pytest.mark.parametrize("name", ["openai-speech", "parler-tts", "doubao-speech"])
def test_a_shipped_card_speaks_over_its_wire_with_its_own_settings(name):
    card = voice_card(name).card
    assert card.verified is Verified.LOOPBACK and not card.unasked and card.licences.voice
    chosen = {str(card.settings.get(gender, "")): () for gender in ("female", "male")}
    server = DoubaoSpeechServer(chosen) if card.model == "doubao-speech" else SpeechServer(None)
    with server:
        keys = {"key_env": "TRIAL_KEY"} if isinstance(server, SpeechServer) else {}
        keys = keys or {"app_id_env": "TRIAL_APP", "token_env": "TRIAL_KEY"}
        url = server.base_url if isinstance(server, SpeechServer) else server.url
        own = {"name": card.name, "gender": card.gender, "languages": list(card.languages), "aligner": ""}
        voice = registry.build(card.model, {**own, **card.settings, "url": url, **keys}, PARTS)
        spoken = say(voice, "one two three four", card.languages[0], emotion="happy")
    assert spoken.duration_s > 0.5 and voice.languages == set(card.languages)

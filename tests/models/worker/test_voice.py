"""A voice in a worker: told what it can do itself and nothing else, and a bad one becomes a message with a remedy."""

import json
import shutil
import sys
import textwrap
import tomllib
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from s2s_arena.build import stage
from s2s_arena.build.voices import Casting
from s2s_arena.errors import CardError, InputError, MissingError
from s2s_arena.models import registry
from s2s_arena.models.described import describe
from s2s_arena.models.worker import places, sdk
from s2s_arena.records.identity import SampleId
from s2s_arena.records.samples import Sample, Turn
from s2s_arena.records.speech import Delivery, Segment, Traits, Utterance
from s2s_arena.records.systems import VoiceCard
from s2s_arena.store.memory import MemoryStore
from tests.models import voice_programs
from tests.models.conftest import CARDS

TONE = """
    import json, math, os, struct, wave
    def write(path, seconds, hz=220):
        samples = [round(8000 * math.sin(2 * math.pi * hz * n / 16000)) for n in range(round(16000 * seconds))]
        with wave.open(path, "wb") as out:
            out.setparams((1, 2, 16000, 0, "NONE", ""))
            out.writeframes(struct.pack("<%dh" % len(samples), *samples))
"""


@pytest.fixture
def made(tmp_path):
    """Builds a voice from the text of its worker, through the registry, as a card would."""
    folder = tmp_path / "voice"
    folder.mkdir()

    def make(body, **settings):
        head = f"import sys\nsys.path.insert(0, {str(Path(sdk.__file__).parent)!r})\nfrom sdk import serve\n"
        (folder / "mine.py").write_text(head + textwrap.dedent(TONE) + textwrap.dedent(body))
        given = {"file": "mine.py", "start_s": 20, "request_s": 20, "aligner": "", "languages": ["en"], "name": "mine"}
        return registry.build("worker-voice", {**given, **settings}, SimpleNamespace(folder=folder, cache=tmp_path))

    make.folder = folder
    return make


@pytest.fixture
def noting(made):
    """A voice that notes what it was asked, with the capabilities given; gives the voice and the notes."""

    def make(*capabilities, **settings):
        voice = made(
            f"""
            def speak(text, *, out, settings, **asked):
                with open("asked.jsonl", "a") as notes:
                    notes.write(json.dumps(dict(asked, text=text)) + "\\n")
                write(out, 0.06 * len(text) / asked["speed"])
            serve(speak=speak, name="noting", version="1", capabilities={list(capabilities)!r})
            """,
            **settings,
        )
        return voice, lambda: [json.loads(line) for line in (made.folder / "asked.jsonl").read_text().splitlines()]

    return make


def say(voice, text="good morning", *, language="en", traits=None, seed=1, **delivery):
    segment = Segment(text=text, language=language, delivery=Delivery(**delivery))
    return voice.speak(Utterance(segments=(segment,), traits=traits or Traits()), seed=seed)


def test_what_it_carries_out_it_is_told_in_fields_and_in_words(noting):
    voice, asked = noting("gender", "seed", "emotion", "style=whisper", "age=elder")
    who = Traits(gender="male", age="elder", accent="Welsh")
    say(voice, emotion="sad", strength=1.5, style="whisper", traits=who, seed=7)
    (told,) = asked()
    delivery = Delivery(emotion="sad", strength=1.5, style="whisper")
    assert told == {
        "text": "good morning", "language": "en", "gender": "male", "age": "elder", "accent": "Welsh", "emotion": "sad",
        "strength": 1.5, "style": "whisper", "speed": 1.0, "seed": 7, "description": describe(delivery, who),
    }  # fmt: skip


def test_what_it_cannot_is_done_to_its_signal_and_not_told(noting):
    voice, asked = noting("style=whisper")
    say(voice, emotion="sad", style="shout", rate=1.5, pitch_st=2.0, traits=Traits(gender="male", age="child"))
    (told,) = asked()
    assert {told[key] for key in ("emotion", "style", "age")} == {None} and told["strength"] == 1.0
    assert (told["gender"], told["speed"]) == ("female", 1.0)  # the card's gender: the worker has but one
    assert told["description"] == describe(Delivery(), Traits(gender="female"))


@pytest.mark.parametrize("capabilities", [(), ("speed",)])
def test_twice_the_rate_is_half_the_time_whoever_does_it(noting, capabilities):
    voice, asked = noting(*capabilities)
    plain, fast = say(voice), say(voice, rate=2.0)
    assert fast.duration_s == pytest.approx(plain.duration_s / 2, rel=0.1)
    assert any(told["speed"] > 1.5 for told in asked()) == ("speed" in capabilities)


def test_the_same_reading_is_asked_for_once(noting):
    voice, asked = noting()
    assert say(voice).hash() == say(voice).hash()
    say(voice, volume_db=3.0)
    assert len(asked()) == 1


def test_what_speech_is_filed_under_changes_with_the_options_and_the_worker(made):
    body = 'serve(speak=lambda text, **_: None, name="v", version="1")'
    first = made(body).identity
    assert made(body).identity == first
    assert made(body, options={"temperature": 0.5}).identity != first
    assert made(body, version="2").identity != first
    assert made(body + "  # mended").identity != first


def test_its_languages_are_known_before_it_is_started(made):
    voice = made("raise SystemExit(3)", languages=["en-GB", "hi"])
    assert voice.languages == {"en", "hi"}
    with pytest.raises(InputError, match=r"language zh of .* is not spoken \(speaks en, hi\)"):
        say(voice, language="zh")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ('return {"refused": "no such letters"}', "'good morning' was not spoken .*no such letters.*; change it"),
        ('raise ValueError("too long")', "was not spoken .*ValueError: too long"),
        ("pass", r"was not spoken .*it wrote no speech\.wav"),
        ("write(out, 0)", r"was not spoken"),
        ('open(out, "w").write("RIFFnonsense")', "was not spoken"),
    ],
)
def test_a_text_that_it_does_not_speak_is_that_scripts_fault(made, body, says):
    voice = made(f'def speak(text, *, out, **_):\n    {body}\nserve(speak=speak, name="bad", version="1")')
    with pytest.raises(InputError, match=f"voice mine: .*{says}") as caught:
        say(voice)
    assert not isinstance(caught.value, MissingError)


def test_one_that_dies_is_started_afresh_and_asked_again(made, monkeypatch):
    monkeypatch.setattr("s2s_arena.models.worker.supervisor.FIRST_WAIT_S", 0.01)
    voice = made(
        """
        def speak(text, *, out, **_):
            if not os.path.exists("died"):
                open("died", "w").close()
                os._exit(9)
            write(out, 1.0)
        serve(speak=speak, name="frail", version="1")
        """
    )
    assert say(voice).duration_s == pytest.approx(1.0, abs=0.1)


def test_a_worker_that_is_no_voice_is_named(made):
    voice = made('serve(lambda *_, **__: None, name="system", version="1", capabilities=["history"])')
    with pytest.raises(MissingError, match=r"voice mine: its worker is no voice \(it can: history\); give serve"):
        say(voice)


def test_what_it_misses_ends_the_build_in_its_words(made):
    voice = made(
        'from sdk import Missing\ndef load(settings):\n    raise Missing("the weights: download them")\n'
        'serve(speak=print, name="bare", version="1", load=load)'
    )
    with pytest.raises(MissingError, match="worker mine: the weights: download them"):
        say(voice)


def test_bad_cards_are_named(made):
    for settings, says in (
        ({"languages": []}, "languages: none given"),
        ({"gender": "robot"}, "gender: 'robot' given"),
        ({"colour": "red"}, r"settings\.colour: unknown to worker-voice"),
        ({"options": 3}, "settings.options: 3 given, a table needed"),
    ):
        with pytest.raises(CardError, match=says):
            made("", **settings)


def test_parler_says_what_it_misses(tmp_path):
    settings = {"worker": "parler_tts", "python": sys.executable, "languages": ["en"], "name": "parler", "aligner": ""}
    voice = registry.build("worker-voice", settings, SimpleNamespace(folder=tmp_path, cache=tmp_path))
    with pytest.raises(MissingError, match=f"worker parler_tts: .*parler_tts not installed for {sys.executable}: pip"):
        say(voice)


def test_parlers_speakers_have_the_names_that_the_card_gives(monkeypatch):
    from .test_lib import module

    parler = module(places.find("parler_tts"), "parler_here")
    names = {"female": "Laura"}
    for traits, begins in (
        (Traits(gender="female"), "Laura speaks "),
        (Traits(gender="female", accent="Welsh"), "Laura with a Welsh accent speaks "),
        (Traits(gender="male"), "A man speaks "),
        (Traits(gender="female", age="elder"), "An old woman speaks "),
    ):
        told = describe(Delivery(emotion="sad"), traits)
        assert parler.described(told, traits.gender, names).startswith(begins)


def test_the_example_speaks_a_suite(tmp_path):
    """The same worker as its card's, over a small program with espeak-ng's command line."""
    program = voice_programs.espeak(tmp_path)
    settings = {"worker": "espeak_voice", "options": {"program": str(program)}, "aligner": ""}
    card = VoiceCard(name="robot", title="R", model="worker-voice", gender="male", languages=["en"], settings=settings)
    own = {"gender": card.gender, "name": card.name, "languages": list(card.languages), **settings}
    voice = registry.build("worker-voice", own, SimpleNamespace(folder=tmp_path, cache=tmp_path))
    ways = {"plain": Delivery(), "fast": Delivery(rate=1.5), "whispered": Delivery(style="whisper")}
    samples = [
        Sample(
            id=SampleId(name),
            language="en",
            turns=(Turn(script=f"the train for {name} leaves at nine", language="en", delivery=way),),
        )
        for name, way in ways.items()
    ]
    store = MemoryStore()
    summary = stage.run(samples, name="s", speakers={"robot": voice}, voice_of=Casting([card]), store=store)
    assert summary.spoken == 3
    heard = {s.id: store.audio(s.turns[0].speech.hash) for s in summary.suite.samples}
    assert all(np.abs(wave.samples).max() > 0.01 for wave in heard.values())
    assert summary.suite.build["voice:robot"].startswith("worker-voice/1(worker/1(espeak_voice, 1+")
    again = stage.run(samples, name="s", speakers={"robot": voice}, voice_of=Casting([card]), store=store)
    assert (again.spoken, again.reused, again.suite.hash) == (0, 3, summary.suite.hash)


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="voice program not installed")
def test_the_examples_whisper_is_the_programs_own():
    card = CARDS / "voices" / "espeak-worker.toml"
    settings = tomllib.loads(card.read_text(encoding="utf-8"))["settings"] | {"languages": ["en", "hi"], "aligner": ""}
    parts = SimpleNamespace(folder=card.parent, cache=card.parent)
    voice = registry.build("worker-voice", {**settings, "name": "espeak-worker", "gender": "male"}, parts)
    text = "Where does the morning train leave from?"
    plain, whispered = say(voice, text), say(voice, text, style="whisper")
    assert 1.0 < plain.duration_s < 6.0
    assert voicing(whispered) < 0.6 * voicing(plain)
    assert say(voice, "नमस्ते, आज कौन सा दिन है?", language="hi").duration_s > 0.5


def voicing(wave):
    """The highest of the normalised autocorrelation between 70 and 300 Hz, mean over frames of 40 ms."""
    size = round(0.04 * wave.rate_hz)
    frames = [wave.samples[at : at + size].astype(float) for at in range(0, wave.frames - size, size)]
    lags = slice(wave.rate_hz // 300, wave.rate_hz // 70)
    found = []
    for frame in frames:
        whole = np.correlate(frame, frame, "full")[size - 1 :]
        if whole[0] > 1e-3:
            found.append(whole[lags].max() / whole[0])
    return float(np.mean(found))

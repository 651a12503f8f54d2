"""Who speaks what: never a voice that does not know the language."""

from dataclasses import replace

from s2s_arena.build import stage
from s2s_arena.build.scripts import seed
from s2s_arena.build.voices import Casting, qualities, speakable
from s2s_arena.records.identity import SampleId
from s2s_arena.records.samples import Sample, Turn
from s2s_arena.records.speech import AudioRef, Traits
from s2s_arena.records.systems import VoiceCard
from s2s_arena.store.memory import MemoryStore
from s2s_arena.workspace.cards import Cards

from .speaking import CARDS, Toning, voices


def sample(id: str, *languages: str, speech: AudioRef | None = None) -> Sample:
    turns = tuple(Turn(script="Hello.", language=tag, speech=speech) for tag in languages)
    return Sample(id=SampleId(id), language=languages[0], turns=turns)


def test_a_sample_is_speakable_if_a_voice_knows_each_of_its_languages():
    both, hindi, half = sample("both", "en", "zh-CN"), sample("hindi", "hi"), sample("half", "en", "hi")
    assert speakable((both, hindi, half), CARDS) == ((both,), (hindi, half))


def test_recorded_speech_needs_no_voice():
    recorded = sample("r", "hi", speech=AudioRef(hash="0" * 64, rate_hz=16000, frames=16000))
    assert speakable((recorded,), CARDS) == ((recorded,), ())


def test_the_shipped_voices_speak_the_seed_suite_save_nine_languages():
    cards = [found.card for found in Cards().voices().values() if found.card.model in ("kokoro", "hibari")]
    able, unable = speakable(seed(), cards)
    assert {s.language for s in able} == {"en", "zh", "ja"} and len(able) == 282
    assert {s.language for s in unable} == {"hi", "es", "ar", "de", "fr", "it", "ko", "pt", "ru"}


ROBOT = VoiceCard(name="robot", title="R", model="x", languages=("en", "hi"), gender="male", quality="formant")


def test_a_voice_that_nobody_takes_for_a_person_speaks_only_what_no_other_knows():
    casting = Casting((*CARDS, ROBOT))
    english = replace(sample("e", "en"), turns=(replace(sample("e", "en").turns[0], traits=Traits(gender="male")),))
    assert casting(english, 0) == "ben"
    assert casting(sample("h", "hi"), 0) == "robot"


def test_samples_say_that_such_a_voice_speaks_them():
    cards = (*CARDS, ROBOT)
    summary = stage.run(
        (sample("a", "en"), sample("b", "hi")),
        name="trial",
        speakers={**voices(), "robot": Toning("robot")},
        voice_of=Casting(cards),
        store=MemoryStore(),
        qualities=qualities(cards),
    )
    assert [dict(s.attributes) for s in summary.suite.samples] == [{}, {"voice_quality": "formant"}]


def test_voices_that_cost_or_sound_like_machines_are_not_taken_unasked():
    unasked = {name for name, found in Cards().voices().items() if found.card.unasked}
    assert unasked == {"hibari", "kokoro-female", "kokoro-female-2", "kokoro-male"}


def test_a_suite_says_which_samples_it_still_lacks():
    hindi = sample("hindi", "hi")
    summary = stage.run(
        (sample("a", "en"),),
        name="trial",
        speakers=voices(),
        voice_of=Casting(CARDS),
        store=MemoryStore(),
        unspoken=(hindi,),
    )
    assert summary.unspoken == (hindi,)
    assert summary.suite.build["not_yet_spoken"] == "hindi (hi)"
    assert [s.id for s in summary.suite.samples] == ["a"]

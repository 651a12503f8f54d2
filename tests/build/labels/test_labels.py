"""The label meter on scripted voices: what is shown, what is not, what cannot be measured, and false alarms."""

from dataclasses import replace

import numpy as np
import pytest

from s2s_arena.build import stage as building
from s2s_arena.build.labels import measures
from s2s_arena.build.labels import stage as labelling
from s2s_arena.build.labels.meter import LabelMeter, control_word
from s2s_arena.build.labels.plain_readings import PlainReadings
from s2s_arena.build.labels.remembering import Remembering
from s2s_arena.build.labels.thresholds import Limits, Pace, Plain, Stress, Thresholds, shipped
from s2s_arena.build.voices import Casting
from s2s_arena.records.identity import SampleId
from s2s_arena.records.samples import Background, Sample, Turn
from s2s_arena.records.scores import Score
from s2s_arena.records.speech import Delivery, Pause, Traits
from s2s_arena.records.systems import VoiceCard
from s2s_arena.store.memory import MemoryStore
from s2s_arena.testing.ears import ScriptedPitchTracker, ScriptedTranscriber
from s2s_arena.testing.voices import ScriptedSpeaker
from s2s_arena.workspace.cards import Cards

SCRIPT = "please put seven green bottles near that window"
CARDS = (VoiceCard(name="toner", title="Toner", model="scripted", languages=("en",), gender="female"),)


def sample(id: str, labels: dict[str, str] | None = None, **turn: object) -> Sample:
    made = Turn(script=SCRIPT, language="en", labels=labels or {}, traits=Traits(gender="female"), **turn)
    return Sample(id=SampleId(id), language="en", turns=(made,))


def built(*samples: Sample, store: MemoryStore) -> tuple[Sample, ...]:
    return building.run(
        samples, name="t", speakers={"toner": ScriptedSpeaker()}, voice_of=Casting(CARDS), store=store
    ).suite.samples


def ears() -> ScriptedTranscriber:
    return ScriptedTranscriber(SCRIPT.split())


@pytest.fixture(scope="module")
def thresholds() -> Thresholds:
    """Frozen on the voice's own plain reading of the script."""
    store = MemoryStore()
    [plain] = built(sample("plain"), store=store)
    wave = store.audio(plain.turns[0].speech.hash)
    found = measures.measure(wave, plain.turns[0], pitch=ScriptedPitchTracker(), ears=None)
    return Thresholds(
        source="this test",
        pace={"en": Pace(level=float(np.log(found.rate)))},
        voices={"toner/en": Plain(pace=0.0, pitch_st=found.pitch_st, resonance_st=0.0)},
        limits=Limits(
            fast=0.1,
            slow=-0.1,
            high_st=2.0,
            low_st=-2.0,
            child=(-1.0, 0.0, 0.0),
            whisper=0.2,
            pause_s=0.3,
            soft_lufs=-25.0,
            loud_lufs=-20.5,
            snr_db=0.25,
        ),
        stress=Stress(weights=(2.0, 0.1, 0.05), at=0.5),
    )


def meter(store: MemoryStore, thresholds: Thresholds, hearing: object = None) -> LabelMeter:
    plain = PlainReadings({"toner": ScriptedSpeaker()}.get, seed=0)
    return LabelMeter(store, pitch=ScriptedPitchTracker(), ears=hearing or ears(), thresholds=thresholds, plain=plain)


def shown(made: Sample, store: MemoryStore, thresholds: Thresholds) -> dict[str, bool | None]:
    return {one.label: one.shown for one in meter(store, thresholds).findings(made)}


SHOWN = [
    ({"pace": "slow"}, Delivery(rate=0.8)),
    ({"pitch": "high"}, Delivery(pitch_st=4.0)),
    ({"pitch": "low"}, Delivery(pitch_st=-4.0)),
    ({"emphasis": "green"}, Delivery(emphasis=("green",))),
    ({"pause": "green"}, Delivery(pauses=(Pause(after="green", seconds=0.6),))),
    ({"loudness": "soft"}, Delivery(volume_db=-6.0)),
    ({"loudness": "loud"}, Delivery(volume_db=6.0)),
]


@pytest.mark.parametrize(("labels", "delivery"), SHOWN)
def test_a_label_that_was_carried_out_is_shown_and_one_that_was_not_is_flagged(labels, delivery, thresholds):
    store = MemoryStore()
    done, forgotten = built(sample("done", labels, delivery=delivery), sample("forgotten", labels), store=store)
    [label] = [f"{key}={value}" for key, value in labels.items()]
    assert shown(done, store, thresholds)[label] is True
    assert shown(forgotten, store, thresholds)[label] is False


def test_stress_on_another_word_than_the_labelled_one_is_flagged(thresholds):
    store = MemoryStore()
    [made] = built(sample("x", {"emphasis": "green"}, delivery=Delivery(emphasis=("bottles",))), store=store)
    told = replace(made, turns=(replace(made.turns[0], delivery=Delivery(pauses=(Pause(after="put", seconds=0.2),))),))
    [found] = meter(store, thresholds).findings(told)
    assert found.shown is False and "'bottles' most" in found.message


def test_stress_cannot_be_measured_without_a_voice_to_read_the_words_plainly(thresholds):
    store = MemoryStore()
    [made] = built(sample("x", {"emphasis": "green"}, delivery=Delivery(emphasis=("green",))), store=store)
    alone = LabelMeter(store, pitch=ScriptedPitchTracker(), ears=ears(), thresholds=thresholds)
    [found] = alone.findings(made)
    assert found.shown is None and "no plain reading" in found.message


def test_noise_is_measured_to_a_quarter_decibel_in_the_stored_files(thresholds):
    store = MemoryStore()
    noisy = sample("n", {"noise": "street"}, background=Background(scene="street", snr_db=8.0))
    [made] = built(noisy, store=store)
    assert shown(made, store, thresholds) == {"noise=street": True}
    lied = replace(made, turns=(replace(made.turns[0], background=Background(scene="street", snr_db=11.0)),))
    store_again = MemoryStore()
    built(noisy, store=store_again)
    assert shown(lied, store_again, thresholds) == {"noise=street": False}


def test_labels_without_an_instrument_are_not_judged(thresholds):
    store = MemoryStore()
    labels = {"emotion": "sad", "gender": "female", "style": "shout", "age": "elder", "pace": "normal", "noise": "none"}
    [made] = built(sample("x", labels), store=store)
    assert shown(made, store, thresholds) == {"style=shout": None, "age=elder": None}


def test_what_ears_do_not_find_is_not_measurable(thresholds):
    store = MemoryStore()
    [made] = built(sample("x", {"pause": "yellow"}), store=store)
    assert shown(made, store, thresholds) == {"pause=yellow": None}


def test_plain_speech_raises_no_alarm_and_a_false_one_is_counted(thresholds):
    store = MemoryStore()
    samples = built(sample("a"), sample("b", {"pace": "slow"}, delivery=Delivery(rate=0.8)), store=store)
    found = labelling.run(samples, meter(store, thresholds))
    assert found.plain == labelling.Tally(right=1) and found.wrong == ()
    assert found.labels == {"pace": labelling.Tally(right=1)} and found.samples == labelling.Tally(right=1)
    jumpy = replace(thresholds, limits=replace(thresholds.limits, fast=-0.5))
    assert labelling.run(samples, meter(store, jumpy)).controls["pace"] == labelling.Tally(wrong=1)


def test_a_second_run_hears_nothing_again_and_other_thresholds_do(thresholds):
    store, listening = MemoryStore(), ears()
    samples = built(sample("a"), sample("b", {"pause": "green"}), store=store)
    first = labelling.run(samples, meter(store, thresholds, listening))
    asked = len(listening.heard)
    assert labelling.run(samples, meter(store, thresholds, listening)) == first
    assert len(listening.heard) == asked
    other = replace(thresholds, limits=replace(thresholds.limits, pause_s=0.0))
    labelling.run(samples, meter(store, other, listening))
    assert len(listening.heard) > asked and len(store.keys(Score)) > 0


def test_remembering_ears_hear_a_clip_once():
    listening = ears()
    both = Remembering(listening)
    wave = ScriptedSpeaker(rate_hz=24000).speak(building.utterance_of(sample("a").turns[0]), seed=0)
    assert both.transcribe(wave, language="en") == both.transcribe(wave, language="en")
    assert len(listening.heard) == 1 and both.identity == listening.identity


def test_the_words_of_controls_stand_inside_and_before_no_pause():
    for script in ("Well, put the green bottles there, please.", "把那几个绿色的瓶子放在窗台上吧。"):
        language = "en" if script.isascii() else "zh"
        word = control_word(Turn(script=script, language=language))
        after = script[script.index(word) + len(word)]
        assert after not in ",.，。" and not script.startswith(word)
    assert control_word(Turn(script="Go on.", language="en")) is None


def test_the_shipped_thresholds_know_the_shipped_voices_and_have_the_right_signs():
    limits = shipped().limits
    assert limits.slow < 0 < limits.fast and limits.low_st < 0 < limits.high_st
    assert limits.soft_lufs < building.LUFS < limits.loud_lufs and 0 < limits.whisper < 1
    for card in (found.card for found in Cards().voices().values() if found.card.model in ("kokoro", "hibari")):
        for language in card.languages:
            assert shipped().plain(voice=card.name, gender=card.gender, language=language) is not None

"""Recorded backgrounds: by scene, at the stated ratio, however short the clip is, with their licence."""

from dataclasses import replace

import numpy as np
import pytest

from s2s_arena.audio import files
from s2s_arena.audio.mixing import snr_of
from s2s_arena.audio.waveform import Waveform
from s2s_arena.build import stage
from s2s_arena.build.noise import LEAD_S, TAIL_S
from s2s_arena.build.recorded_noise import NoiseClip, NoiseFolder, behind, lacking
from s2s_arena.build.voices import Casting
from s2s_arena.errors import AudioError, SuiteError
from s2s_arena.records.identity import SampleId
from s2s_arena.records.samples import Background, Sample, Spoken, Turn
from s2s_arena.store.memory import MemoryStore

from .importing.test_corpora import clip
from .review.worlds import talk
from .speaking import CARDS, voices


def hiss(seconds: float, rate_hz: int = 16_000, *, seed: int = 5) -> Waveform:
    noise = 0.1 * np.random.default_rng(seed).standard_normal(round(seconds * rate_hz))
    return Waveform(noise.astype(np.float32), rate_hz)


def recorded(tmp_path, wave: Waveform) -> NoiseClip:
    return NoiseClip(path=clip(tmp_path / "noise.wav", wave), name="noise.wav", licence="CC0-1.0")


def mixed(tmp_path, wave: Waveform, *, speech: Waveform | None = None, snr_db: float = 5.0, seed: int = 1) -> Waveform:
    background = Background(scene="cafe", snr_db=snr_db)
    rng = np.random.default_rng(seed)
    return behind(speech or talk(level=0.02), recorded(tmp_path, wave), background, rng=rng)


def noisy(id: str = "a", scene: str = "cafe", **rest: object) -> Sample:
    turn = Turn(
        script="where is the train to London", language="en", background=Background(scene=scene, snr_db=8.0),
        labels={"noise": scene},
    )  # fmt: skip
    return Sample(id=SampleId(id), language="en", turns=(turn,), **rest)


def build(*samples: Sample, noise: NoiseFolder | None, store: MemoryStore | None = None) -> stage.Summary:
    return stage.run(
        samples, name="trial", speakers=voices(), voice_of=Casting(CARDS), store=store or MemoryStore(), noise=noise
    )


@pytest.fixture
def demand(tmp_path):
    for number, place in enumerate(("PCAFETER", "PRESTO", "PSTATION")):
        clip(tmp_path / "demand" / place / "ch01.wav", hiss(6.0 + number, seed=number))
    return tmp_path / "demand"


# ------------------------------------------------------------------------------------------- one mixture


@pytest.mark.parametrize("seconds", [0.4, 2.0, 20.0])
@pytest.mark.parametrize("snr_db", [-5.0, 0.0, 12.0])
def test_the_ratio_holds_over_active_speech_for_short_and_long_noise(tmp_path, seconds, snr_db):
    speech = talk(level=0.02)  # so soft that the sum is not scaled against clipping
    made = mixed(tmp_path, hiss(seconds), speech=speech, snr_db=snr_db)
    assert made.duration_s == pytest.approx(speech.duration_s + LEAD_S + TAIL_S, abs=1e-3)
    assert snr_of(made, speech, lead_s=LEAD_S) == pytest.approx(snr_db, abs=0.1)


def test_the_same_seed_gives_the_same_mixture_and_another_another_place(tmp_path):
    made = [mixed(tmp_path, hiss(20), seed=seed).hash() for seed in (1, 1, 2)]
    assert made[0] == made[1] != made[2]


@pytest.mark.parametrize("snr_db", [-21.0, 61.0, float("nan")])
def test_a_ratio_out_of_range_is_refused(tmp_path, snr_db):
    with pytest.raises(SuiteError, match=r"background.snr_db .*; use -20..60 dB"):
        mixed(tmp_path, hiss(3), snr_db=snr_db)


def test_noise_that_is_silent_too_short_or_no_audio_is_refused_by_name(tmp_path):
    with pytest.raises(AudioError, match="noise is silent"):
        mixed(tmp_path, Waveform(np.zeros(9000, np.float32), 16_000))
    with pytest.raises(SuiteError, match=r"noise noise.wav: 0.10 s long, 0.3 s at least can be looped"):
        mixed(tmp_path, hiss(0.1))
    (tmp_path / "words.wav").write_bytes(b"these are words")
    words = NoiseClip(path=tmp_path / "words.wav", name="words.wav", licence="CC0-1.0")
    with pytest.raises(AudioError, match=r"noise words.wav"):
        behind(talk(), words, Background(scene="cafe", snr_db=5), rng=np.random.default_rng(0))


# ------------------------------------------------------------------------------------------- collections


def test_demand_is_known_by_its_environments_and_has_its_licence(demand):
    found = NoiseFolder.read(demand)
    assert {scene: len(clips) for scene, clips in found.clips.items()} == {"cafe": 2, "station": 1}
    assert {found.draw("cafe", rng=np.random.default_rng(n)).name for n in range(20)} == {
        "PCAFETER/ch01.wav",
        "PRESTO/ch01.wav",
    }
    assert found.draw("park", rng=np.random.default_rng(0)) is None
    assert found.clips["cafe"][0].licence == "CC-BY-SA-3.0" and found.title == "DEMAND"
    assert lacking(found, ("cafe", "park", "street")) == ("park", "street")


def test_esc50_is_known_by_its_table(tmp_path):
    clip(tmp_path / "audio" / "1-1-A-0.wav", hiss(5))
    (tmp_path / "meta").mkdir()
    (tmp_path / "meta" / "esc50.csv").write_text("filename,category\n1-1-A-0.wav,rain\n")
    found = NoiseFolder.read(tmp_path)
    assert list(found.clips) == ["park"] and found.clips["park"][0].licence == "CC-BY-NC-3.0"


def test_musan_says_no_scene_so_the_user_says_what_stands_for_it(tmp_path):
    clip(tmp_path / "noise" / "free-sound" / "a.wav", hiss(2))
    clip(tmp_path / "speech" / "librivox" / "b.wav", hiss(2))
    with pytest.raises(SuiteError, match=r"recordings are of noise, talk, .* such as --noise-category cafe=noise"):
        NoiseFolder.read(tmp_path)
    found = NoiseFolder.read(tmp_path, categories={"cafe": "talk"})
    assert [c.name for c in found.clips["cafe"]] == ["speech/librivox/b.wav"]
    with pytest.raises(SuiteError, match="noise category cafe=laughter: one of airport"):
        NoiseFolder.read(tmp_path, categories={"cafe": "laughter"})


def test_a_plain_folder_needs_a_licence(tmp_path):
    clip(tmp_path / "street" / "a.wav", hiss(2))
    with pytest.raises(SuiteError, match="give --noise-licence"):
        NoiseFolder.read(tmp_path)
    assert list(NoiseFolder.read(tmp_path, licence="CC0-1.0").clips) == ["street"]
    with pytest.raises(SuiteError, match="no such folder"):
        NoiseFolder.read(tmp_path / "gone")


# ------------------------------------------------------------------------------------------- in a build


def test_a_build_takes_recordings_by_scene_and_says_which_and_under_what_licence(demand):
    store, folder = MemoryStore(), NoiseFolder.read(demand)
    summary = build(noisy("a"), noisy("b", "park"), noise=folder, store=store)
    cafe, park = summary.suite.samples
    assert cafe.attributes["noise_licence"] == "CC-BY-SA-3.0"
    assert cafe.attributes["noise_source"] in ("DEMAND: PCAFETER/ch01.wav", "DEMAND: PRESTO/ch01.wav")
    assert cafe.provenance.licence == "CC-BY-SA-3.0" and summary.suite.build["noise"] == "DEMAND"
    assert not park.attributes and park.provenance.licence == "Apache-2.0"
    [spoken] = [s for s in store.all(Spoken) if s.speech.hash == cafe.turns[0].speech.hash]
    ratio = snr_of(store.audio(spoken.speech.hash), store.audio(spoken.clean.hash), lead_s=LEAD_S)
    assert ratio == pytest.approx(8.0, abs=0.1)


def test_the_same_folder_gives_the_same_suite_and_another_recording_another(demand):
    first, again = (build(noisy(), noise=NoiseFolder.read(demand)).suite.hash for _ in range(2))
    for place in ("PCAFETER", "PRESTO"):
        files.write_wav(demand / place / "ch01.wav", hiss(6.0, seed=9))
    other = build(noisy(), noise=NoiseFolder.read(demand)).suite.hash
    made = build(noisy(), noise=None).suite
    assert first == again and len({first, other, made.hash}) == 3
    assert "noise" not in made.build and not made.samples[0].attributes


def test_a_second_build_speaks_nothing_again(demand):
    store, folder = MemoryStore(), NoiseFolder.read(demand)
    build(noisy(), noise=folder, store=store)
    assert build(noisy(), noise=folder, store=store).reused == 1
    assert build(noisy(), noise=None, store=store).spoken == 1


def test_twins_stand_before_the_same_recording(demand):
    folder = NoiseFolder.read(demand)
    one, two = build(noisy("a", twin_group="t"), noisy("b", twin_group="t"), noise=folder).suite.samples
    assert one.attributes["noise_source"] == two.attributes["noise_source"]


def test_a_recording_that_cannot_be_used_is_named_and_the_rest_is_kept(demand):
    for place in ("PCAFETER", "PRESTO"):
        files.write_wav(demand / place / "ch01.wav", hiss(0.1))
    plain = replace(noisy("plain"), turns=(Turn(script="a quiet day", language="en"),))
    with pytest.raises(SuiteError, match=r"1 of 2 turns could not be spoken, .* noise P\w+/ch01.wav: 0.10 s long"):
        build(noisy(), plain, noise=NoiseFolder.read(demand))

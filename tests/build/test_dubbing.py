"""Dubbing: people's speech in place of a suite's voices, scripts and labels kept, backgrounds mixed in anew."""

from dataclasses import replace

import numpy as np
import pytest

from s2s_arena.audio import files
from s2s_arena.audio.mixing import snr_of
from s2s_arena.audio.waveform import Waveform
from s2s_arena.build.dubbing import dub
from s2s_arena.build.importing import stage as importing
from s2s_arena.build.noise import LEAD_S
from s2s_arena.build.recorded_noise import NoiseFolder
from s2s_arena.build.withdrawing import withdraw
from s2s_arena.errors import StoreError, SuiteError
from s2s_arena.records.samples import Background, Spoken
from s2s_arena.store.memory import MemoryStore

from .review.worlds import suite_of, talk

HEAD = "file,speaker,consent,consent_date,licence,sample,text,language,accent,noted\n"


def world(tmp_path, *rows, **turn):
    store = MemoryStore()
    suite = suite_of(store, **turn)
    for n, _ in enumerate(rows):
        files.write_wav(tmp_path / f"r{n}.wav", talk(600 + 10 * n))
    lines = [f"r{n}.wav,p1,evaluation,2026-01-02,CC-BY-4.0,{row}\n" for n, row in enumerate(rows)]
    (tmp_path / "recordings.csv").write_text(HEAD + "".join(lines), encoding="utf-8")
    return store, suite, importing.run(tmp_path, name="rec", store=store).suite


def test_the_recording_takes_the_place_of_the_voice_and_all_else_stays(tmp_path):
    store, suite, recordings = world(tmp_path, "s1,This is sentence number one,en,Welsh,yes")
    done = dub(suite, recordings, store=store)
    made, old = done.suite.sample("s1"), suite.sample("s1")
    assert done.replaced == ("s1",) and done.ignored == ()
    assert made.turns[0].speech == recordings.sample("s1").turns[0].speech and made.turns[0].voice is None
    assert dict(made.turns[0].labels) == {"emotion": "sad", "accent": "Welsh", "noted": "yes"}
    assert (made.level, made.turns[0].script) == (old.level, old.turns[0].script)
    assert (made.provenance.origin, made.provenance.consent) == ("recorded", ("evaluation",))
    assert made.attributes["speaker"] == "p1"
    assert done.suite.sample("s2") == suite.sample("s2")
    assert done.suite.hash != suite.hash and done.suite.version.startswith("1-dubbed-")


def test_a_scripted_background_is_mixed_in_and_withdrawn_with_the_voice(tmp_path):
    store, suite, recordings = world(tmp_path, "s1,,en,,", background=Background(scene="cafe", snr_db=10))
    done = dub(suite, recordings, store=store)
    assert done.suite.hash == dub(suite, recordings, store=store).suite.hash
    clean = recordings.sample("s1").turns[0].speech
    mixed = done.suite.sample("s1").turns[0].speech
    assert mixed.duration_s > clean.duration_s + 1
    assert [s.clean for s in store.all(Spoken)] == [clean]
    store.put(done.suite)
    withdraw("p1", store=store, eraser=store, at="2026-02-02")
    for ref in (clean, mixed):
        with pytest.raises(StoreError):
            store.audio(ref.hash)


@pytest.fixture
def noises(tmp_path_factory):
    folder = tmp_path_factory.mktemp("collection") / "noises"
    wave = Waveform(np.random.default_rng(1).normal(0, 0.1, 200_000).astype(np.float32), 16_000)
    (folder / "cafe").mkdir(parents=True)
    files.write_wav(folder / "cafe" / "one.wav", wave)
    return NoiseFolder.read(folder, licence="CC-BY-SA-3.0")


def test_a_background_may_be_recorded_and_its_licence_stays_with_the_sample(tmp_path, noises):
    store, suite, recordings = world(tmp_path, "s1,,en,,", "s2,,en,,", background=Background(scene="cafe", snr_db=10))
    done = dub(suite, recordings, store=store, noise=noises)
    made, clean = done.suite.sample("s1"), recordings.sample("s1").turns[0].speech
    mixed = store.audio(made.turns[0].speech.hash)
    assert snr_of(mixed, store.audio(clean.hash), lead_s=LEAD_S) == pytest.approx(10, abs=0.1)
    assert made.attributes["noise_source"] == "noises: cafe/one.wav"
    assert (made.provenance.licence, done.suite.build["noise"]) == ("CC-BY-SA-3.0", "noises")
    plain = dub(suite, recordings, store=store)
    assert plain.suite.version != done.suite.version and "noise_source" not in plain.suite.sample("s1").attributes
    assert dub(suite, recordings, store=store, noise=noises).suite == done.suite
    assert done.suite.sample("s3") == suite.sample("s3")


def test_scenes_that_the_folder_lacks_are_made(tmp_path, noises):
    store, suite, recordings = world(tmp_path, "s1,,en,,", background=Background(scene="park", snr_db=10))
    with_folder = dub(suite, recordings, store=store, noise=noises).suite
    assert with_folder == dub(suite, recordings, store=store).suite and "noise" not in with_folder.build


def test_what_the_build_said_of_its_own_voice_and_noise_goes_with_them(tmp_path):
    store, suite, recordings = world(tmp_path, "s1,,en,,")
    told = {"voice_quality": "formant", "noise_source": "DEMAND: x", "noise_licence": "CC0-1.0", "kept": "yes"}
    told_so = replace(suite, samples=tuple(replace(sample, attributes=told) for sample in suite.samples))
    done = dub(told_so, recordings, store=store).suite
    made = done.sample("s1")
    assert dict(done.sample("s2").attributes) == told
    assert made.attributes["kept"] == "yes" and not {"voice_quality", "noise_source"} & set(made.attributes)


def test_recordings_of_no_sample_are_told(tmp_path):
    store, suite, recordings = world(tmp_path, "s1,,en,,", "s77,,en,,")
    assert dub(suite, recordings, store=store).ignored == ("s77: suite trial has no such sample",)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("s77,,en,,", "none has the id of a sample of suite trial"),
        ("s1,,de,,", "recorded in de, scripted in en"),
        ("s1,Something else entirely,en,,", "recorded 'Something else entirely', scripted"),
    ],
)
def test_recordings_that_do_not_fit_are_refused(tmp_path, row, says):
    store, suite, recordings = world(tmp_path, row)
    with pytest.raises(SuiteError, match=says):
        dub(suite, recordings, store=store)


def test_a_dialogue_needs_all_its_turns(tmp_path):
    store, suite, recordings = world(tmp_path, "s1,,en,,")
    first = suite.samples[1]
    longer = replace(suite, samples=(replace(first, turns=first.turns * 2),))
    with pytest.raises(SuiteError, match="1 turns recorded, 2 scripted"):
        dub(longer, recordings, store=store)


def test_a_dubbed_suite_is_reviewed_anew(tmp_path):
    store, suite, recordings = world(tmp_path, "s1,,en,,")
    frozen = replace(suite, build={"review": "x", "review:kept": "8", "seed": "0"})
    assert dict(dub(frozen, recordings, store=store).suite.build).keys() == {"seed", "dubbed:of", "dubbed:with"}

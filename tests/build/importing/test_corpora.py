"""Corpora by their own layouts: RAVDESS, Common Voice, MUSAN, DEMAND, ESC-50 and plain folders of noise."""

import polars
import pytest

from s2s_arena.audio import files
from s2s_arena.audio.loudness import loudness_lufs
from s2s_arena.audio.resampling import resample
from s2s_arena.build.importing.stage import read, run
from s2s_arena.build.publishing import stage as publishing
from s2s_arena.errors import SuiteError
from s2s_arena.store.memory import MemoryStore

from ..publishing.worlds import reviewed
from ..review.worlds import talk
from .sources import put


def clip(path, wave=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    files.write_wav(path, wave or talk())
    return path


def imported(folder, store=None, **options):
    return run(folder, name="corpus", store=store or MemoryStore(), **options).suite


# ------------------------------------------------------------------------------------------- RAVDESS


def test_ravdess_names_say_emotion_intensity_statement_and_actor(tmp_path):
    clip(tmp_path / "Actor_12" / "03-01-06-01-02-01-12.wav")
    clip(tmp_path / "Actor_01" / "03-02-03-02-01-02-01.wav")
    song, speech = imported(tmp_path).samples
    assert speech.turns[0].script == "Dogs are sitting by the door."
    labels = dict(speech.turns[0].labels)
    assert (labels["emotion"], labels["intensity"], labels["gender"]) == ("fearful", "normal", "female")
    assert speech.attributes["speaker"] == "ravdess-actor-12" and speech.language == "en"
    assert song.turns[0].script == "Kids are talking by the door."
    assert (song.turns[0].labels["emotion"], song.turns[0].labels["style"]) == ("happy", "sing")
    assert song.turns[0].traits.gender == "male" and song.turns[0].labels["intensity"] == "strong"


def test_ravdess_keeps_its_licence_unless_another_is_stated(tmp_path):
    clip(tmp_path / "03-01-01-01-01-01-01.wav")
    [sample] = imported(tmp_path, licence="unknown").samples
    assert sample.provenance.licence == "CC-BY-NC-SA-4.0" and "publication" in sample.provenance.consent
    assert imported(tmp_path, licence="bought").samples[0].provenance.licence == "bought"


def test_ravdess_is_levelled_by_actor(tmp_path):
    clip(tmp_path / "03-01-04-01-01-01-01.wav", files.Waveform(talk().samples * 0.02, 16_000))
    clip(tmp_path / "03-01-05-02-01-01-01.wav", files.Waveform(talk().samples * 0.2, 16_000))
    store = MemoryStore()
    soft, loud = (loudness_lufs(store.audio(s.turns[0].speech.hash)) for s in imported(tmp_path, store).samples)
    assert loud - soft == pytest.approx(20, abs=0.3) and (loud + soft) / 2 == pytest.approx(-23, abs=0.3)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("03-01-09-01-01-01-01", "emotion 09"),
        ("03-01-01-02-01-01-01", "a strong neutral does not exist"),
        ("03-01-02-01-03-01-01", "statement 03"),
        ("03-01-02-01-01-01-25", "actor 25"),
        ("02-01-02-01-01-01-01", "modality 02 has no sound"),
        ("hello", "is not seven two-digit numbers"),
    ],
)
def test_ravdess_names_that_cannot_be_are_refused(tmp_path, name, says):
    clip(tmp_path / f"{name}.wav")
    with pytest.raises(SuiteError, match=says):
        imported(tmp_path, format="ravdess")


# -------------------------------------------------------------------------------------- Common Voice

HEAD = "client_id\tpath\tsentence\tup_votes\tdown_votes\tage\tgender\taccents\tvariant\tlocale\tsegment\n"


def common_voice(tmp_path, *lines):
    put(tmp_path / "cv" / "clips" / "one.wav")
    put(tmp_path / "cv" / "clips" / "two.wav", 300.0)
    (tmp_path / "cv" / "validated.tsv").write_text(HEAD + "".join(lines), encoding="utf-8")
    return tmp_path / "cv"


ONE = 'abc\tone.wav\tHe said "no" twice.\t2\t0\tsixties\tmale_masculine\tScottish English\t\ten\t\n'
TWO = "xyz\ttwo.wav\t你好吗\t2\t0\t\t\t\t\tzh-CN\t\n"


def test_common_voice_gives_sentence_locale_and_a_pseudonym(tmp_path):
    one, two = imported(common_voice(tmp_path, ONE, TWO)).samples
    assert one.turns[0].script == 'He said "no" twice.'
    assert (one.turns[0].traits.gender, one.turns[0].traits.age) == ("male", "elder")
    assert one.turns[0].labels["accent"] == "Scottish English"
    assert (two.language, dict(two.turns[0].labels)) == ("zh-CN", {})
    assert one.attributes["speaker"].startswith("cv-") and "abc" not in one.attributes["speaker"]
    assert one.attributes["speaker"] != two.attributes["speaker"]
    assert one.provenance.licence == "CC0-1.0"


def test_common_voice_clips_that_are_missing_are_named(tmp_path):
    folder = common_voice(tmp_path, ONE, TWO.replace("two.wav", "three.wav"))
    with pytest.raises(SuiteError, match=r"validated.tsv row 3, three\.wav"):
        imported(folder)


def test_any_table_of_common_voice_can_be_named(tmp_path):
    folder = common_voice(tmp_path, ONE)
    (folder / "test.tsv").write_text(HEAD + TWO, encoding="utf-8")
    assert [s.id for s in imported(folder / "test.tsv", format="common_voice").samples] == ["two"]
    with pytest.raises(SuiteError, match=r"none of validated\.tsv"):
        imported(folder / "clips", format="common_voice")


# --------------------------------------------------------------------------------------------- noise


def noises(suite):
    return {s.id: s.turns[0].labels["noise"] for s in suite.samples}


def test_demand_gives_the_first_channel_of_each_environment(tmp_path):
    for channel in ("ch01", "ch02"):
        clip(tmp_path / "PCAFETER" / f"{channel}.wav", resample(talk(), 48_000))
    clip(tmp_path / "TMETRO" / "ch01.wav")
    suite = imported(tmp_path)
    assert noises(suite) == {"demand-PCAFETER-ch01": "cafe", "demand-TMETRO-ch01": "vehicle"}
    assert suite.samples[0].provenance.licence == "CC-BY-SA-3.0"
    assert suite.samples[0].turns[0].speech.rate_hz == 24_000


def test_musan_gives_noise_music_and_talk(tmp_path):
    clip(tmp_path / "noise" / "free-sound" / "noise-free-sound-0000.wav")
    clip(tmp_path / "music" / "fma" / "music-fma-0000.wav")
    assert sorted(noises(imported(tmp_path)).values()) == ["music", "noise"]


def test_esc50_gives_the_classes_that_fit_a_scene(tmp_path):
    (tmp_path / "meta").mkdir()
    (tmp_path / "meta" / "esc50.csv").write_text(
        "filename,fold,target,category,esc10,src_file,take\n1-1-A-36.wav,1,36,vacuum_cleaner,False,1,A\n"
        "1-2-A-1.wav,1,1,rooster,True,2,A\n"
    )
    clip(tmp_path / "audio" / "1-1-A-36.wav")
    clip(tmp_path / "audio" / "1-2-A-1.wav")
    suite = imported(tmp_path)
    assert list(noises(suite).values()) == ["household"]
    assert suite.samples[0].provenance.licence == "CC-BY-NC-3.0"


def test_a_plain_folder_of_noise_names_scenes_by_its_folders(tmp_path):
    clip(tmp_path / "cafe" / "a.wav")
    assert list(noises(imported(tmp_path, format="noise")).values()) == ["cafe"]
    clip(tmp_path / "b.wav")
    with pytest.raises(SuiteError, match=r"b\.wav: its scene is not known; put it into a folder such as airport"):
        imported(tmp_path, format="noise")


def test_noise_of_unstated_licence_may_be_heard_and_not_published(tmp_path):
    clip(tmp_path / "cafe" / "a.wav")
    [sample] = imported(tmp_path, format="noise", licence="unknown").samples
    assert (sample.provenance.licence, sample.provenance.consent) == ("unknown", ("evaluation",))


@pytest.mark.parametrize("form", ["noise", "musan", "demand"])
def test_a_folder_without_any_clip_is_refused(tmp_path, form):
    with pytest.raises(SuiteError, match=f"no noise clip in it that format {form} knows"):
        imported(tmp_path, format=form)


def test_a_plain_folder_stays_a_plain_folder(tmp_path):
    clip(tmp_path / "singing" / "a.wav")
    assert read(tmp_path).form == "folder"


@pytest.mark.parametrize("form", ["ravdess", "noise", "musan", "demand", "esc50"])
def test_a_file_where_a_folder_is_needed_is_refused(tmp_path, form):
    with pytest.raises(SuiteError, match=f"a file, which format {form} does not read"):
        imported(clip(tmp_path / "a.wav"), format=form)


def test_a_corpus_file_that_is_not_audio_is_named(tmp_path):
    clip(tmp_path / "03-01-02-01-01-01-01.wav")
    (tmp_path / "03-01-02-01-01-01-03.wav").write_bytes(b"<html>moved</html>")
    with pytest.raises(SuiteError, match=r"03-01-02-01-01-01-03\.wav"):
        imported(tmp_path)


# -------------------------------------------------------------------------------------- data sets


def test_a_data_sets_parquet_files_are_read_with_their_splits(tmp_path):
    (tmp_path / "data").mkdir()
    for split, hz in (("train", 200.0), ("test", 300.0)):
        cell = {"bytes": files.encode_flac(talk(hz)), "path": f"{split}.flac"}
        rows = polars.DataFrame({"id": [f"{split}-1"], "audio": [cell], "question": ["How are you?"]})
        rows.write_parquet(tmp_path / "data" / f"{split}-00000-of-00001.parquet")
    suite = imported(tmp_path)
    assert [(s.id, s.attributes["split"]) for s in suite.samples] == [("test-1", "test"), ("train-1", "train")]
    assert suite.samples[0].turns[0].script == "How are you?"
    assert suite.samples[0].turns[0].speech.hash == talk(300.0).hash()


def test_a_published_suite_without_its_record_is_still_a_data_set(tmp_path):
    store = MemoryStore()
    published = publishing.run(reviewed(store), tmp_path / "out", store=store)
    (published.folder / "suite.json").unlink()
    suite = imported(published.folder)
    assert [s.id for s in suite.samples] == ["s6", "s7", "s0", "s1", "s2", "s3", "s4", "s5"]
    assert {s.attributes["split"] for s in suite.samples[:2]} == {"augment"}
    assert len(suite.sample("s0").turns) == 2


def test_a_folder_without_parquet_is_no_data_set(tmp_path):
    with pytest.raises(SuiteError, match="no Parquet file"):
        imported(tmp_path, format="parquet")

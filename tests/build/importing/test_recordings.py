"""People's recordings: who speaks, what they allow, one loudness a speaker, and the original kept."""

import csv
import hashlib

import pytest

from s2s_arena.audio import files
from s2s_arena.audio.levels import peak_dbfs
from s2s_arena.audio.loudness import gain, loudness_lufs
from s2s_arena.audio.resampling import resample
from s2s_arena.build.importing.stage import run
from s2s_arena.errors import SuiteError
from s2s_arena.records.samples import Suite
from s2s_arena.records.scores import Consent
from s2s_arena.store.memory import MemoryStore

from ..review.worlds import talk

ROW = {
    "file": "a.wav",
    "speaker": "p1",
    "consent": "evaluation; publication",
    "consent_date": "2026-03-04",
    "consent_text": "v2",
    "licence": "CC-BY-4.0",
    "text": "I am fine.",
    "language": "en",
    "level": "L2",
    "gender": "Female",
    "age": "elder",
    "emotion": "sad",
}


def folder(tmp_path, *rows, waves=None):
    """A folder of recordings; clips are made for rows that name one which `waves` does not have."""
    place = tmp_path / "rec"
    place.mkdir()
    made = [ROW | row for row in rows] or [ROW]
    for row in made:
        files.write_wav(place / row["file"], (waves or {}).get(row["file"], talk())) if row["file"] else None
    with (place / "recordings.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(name for row in made for name in row)))
        writer.writeheader()
        writer.writerows(made)
    return place


def imported(place, store=None, **options):
    return run(place, name="rec", store=store or MemoryStore(), **options)


def test_a_row_becomes_a_sample_with_its_speaker_consent_and_licence(tmp_path):
    store = MemoryStore()
    place = folder(tmp_path)
    [sample] = imported(place, store).suite.samples
    [turn] = sample.turns
    assert (sample.id, sample.language, sample.level, turn.script) == ("a", "en", "L2", "I am fine.")
    assert (turn.traits.gender, turn.traits.age) == ("female", "elder")
    assert dict(turn.labels) == {"emotion": "sad", "gender": "female", "age": "elder"}
    assert sample.attributes["speaker"] == "p1"
    made = sample.provenance
    assert (made.origin, made.licence, made.consent) == ("recorded", "CC-BY-4.0", ("evaluation", "publication"))
    [consent] = store.all(Consent, speaker="p1")
    assert (consent.audio, consent.at, consent.text_version) == (turn.speech.hash, "2026-03-04", "v2")
    assert consent.purposes == ("evaluation", "publication") and not consent.withdrawn
    assert turn.speech.original == hashlib.sha256((place / "a.wav").read_bytes()).hexdigest()
    assert store.original(turn.speech.original) == (place / "a.wav").read_bytes()


def test_one_gain_a_speaker_keeps_soft_and_loud_apart(tmp_path):
    waves = {
        "a.wav": gain(talk(), -20),
        "b.wav": gain(talk(), -26),
        "c.wav": gain(talk(), -32),
        "d.wav": gain(talk(250), -40),
    }
    rows = [{"file": name, "speaker": "p2" if name == "d.wav" else "p1"} for name in waves]
    store = MemoryStore()
    suite = imported(folder(tmp_path, *rows, waves=waves), store).suite
    heard = [loudness_lufs(store.audio(s.turns[0].speech.hash)) for s in suite.samples]
    assert heard == [pytest.approx(x, abs=0.2) for x in (-17, -23, -29, -23)]


def test_no_peak_passes_the_ceiling(tmp_path):
    waves = {f"{n}.wav": gain(talk(), -30) for n in "abc"} | {"d.wav": gain(talk(), 12)}
    store = MemoryStore()
    suite = imported(folder(tmp_path, *({"file": name} for name in waves), waves=waves), store).suite
    assert peak_dbfs(store.audio(suite.sample("d").turns[0].speech.hash)) == pytest.approx(-1.0, abs=0.01)


def test_high_rates_come_to_24_khz_and_low_ones_stay(tmp_path):
    waves = {"a.wav": resample(talk(), 48_000), "b.wav": talk(rate_hz=8_000)}
    suite = imported(folder(tmp_path, {"file": "a.wav"}, {"file": "b.wav"}, waves=waves)).suite
    assert [s.turns[0].speech.rate_hz for s in suite.samples] == [24_000, 8_000]


def test_importing_twice_gives_the_same_suite(tmp_path):
    place = folder(tmp_path)
    assert imported(place).suite.hash == imported(place).suite.hash


def test_turns_of_one_dialogue_are_one_sample(tmp_path):
    rows = [{"file": "a.wav", "sample": "talk", "turn": "1"}, {"file": "b.wav", "sample": "talk", "turn": "2"}]
    [sample] = imported(folder(tmp_path, *rows)).suite.samples
    assert (sample.id, len(sample.turns)) == ("talk", 2)


def test_a_licence_on_the_command_line_fills_the_rows_that_have_none(tmp_path):
    [sample] = imported(folder(tmp_path, {"licence": ""}), licence="CC0-1.0").suite.samples
    assert sample.provenance.licence == "CC0-1.0"


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"speaker": ""}, r"recordings.csv row 2: no speaker; give a pseudonym"),
        ({"consent": ""}, r"row 2: consent does not allow evaluation; ask the speaker"),
        ({"consent": "publication"}, r"consent does not allow evaluation"),
        ({"consent": "evaluation;everything"}, r"consent 'everything' is not known; use evaluation; third_party"),
        ({"consent_date": "yesterday"}, r"consent_date 'yesterday'; write it as"),
        ({"gender": "f"}, r"gender 'f'; use one of: male, female"),
        ({"age": "40"}, r"age '40'; use one of: child, adult, elder"),
        ({"turn": "one"}, r"turn 'one' is no number"),
        ({"file": ""}, r"no file; name the clip"),
        ({"language": "klingon"}, r"language 'klingon' is not known"),
        ({"level": "L7"}, r"level 'L7'"),
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_stored(tmp_path, row, says):
    store = MemoryStore()
    with pytest.raises(SuiteError, match=says):
        imported(folder(tmp_path, row), store)
    assert not list(store.all(Suite)) and not list(store.all(Consent))


def test_a_clip_that_the_table_does_not_name_is_a_problem(tmp_path):
    place = folder(tmp_path)
    files.write_wav(place / "stray.wav", talk())
    with pytest.raises(SuiteError, match=r"stray\.wav: not in recordings\.csv; add who speaks"):
        imported(place)
    assert len(imported(place, strict=False).suite.samples) == 1


@pytest.mark.parametrize("content", [b"", b"not audio at all", None])
def test_a_file_that_is_not_audio_is_named(tmp_path, content):
    place = folder(tmp_path)
    (place / "a.wav").write_bytes(content) if content is not None else (place / "a.wav").unlink()
    with pytest.raises(SuiteError, match=r"recordings.csv row 2, a\.wav: (empty|no such file|.*audio)"):
        imported(place)


def test_a_folder_without_the_table_says_what_to_write(tmp_path):
    files.write_wav(tmp_path / "a.wav", talk())
    with pytest.raises(SuiteError, match=r"no recordings.csv in it; write one with the columns file, speaker"):
        imported(tmp_path, format="recordings")


def test_a_table_without_a_needed_column_is_refused(tmp_path):
    (tmp_path / "recordings.csv").write_text("file,text\na.wav,hi\n")
    with pytest.raises(SuiteError, match=r"no column 'speaker'"):
        imported(tmp_path)

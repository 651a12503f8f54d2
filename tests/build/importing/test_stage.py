"""Claims about `suite import` as a whole: what it stores, what it refuses, and that it loses nothing."""

import hashlib
import struct
from pathlib import Path

import numpy as np
import pytest

from s2s_arena.audio import files
from s2s_arena.audio.waveform import Waveform
from s2s_arena.build.importing.stage import Summary, run
from s2s_arena.errors import SuiteError
from s2s_arena.records.samples import Suite
from s2s_arena.records.taxonomy import Level, LevelScheme
from s2s_arena.store.memory import MemoryStore

from .sources import put, put_json, put_lines, speechlike


class CountingStore(MemoryStore):
    """Knows whether anything was put into it."""

    puts = 0

    def put_audio(self, wave, *, original=None):
        self.puts += 1
        return super().put_audio(wave, original=original)

    def put(self, *records):
        self.puts += 1
        return super().put(*records)


def imported(path: Path, **options) -> Summary:
    return run(path, name="mine", store=MemoryStore(), **options)


def ids(summary: Summary) -> list[str]:
    return [sample.id for sample in summary.suite.samples]


def test_the_suite_and_every_byte_of_its_audio_are_stored(tmp_path):
    original = put(tmp_path / "sing" / "a.flac").read_bytes()
    store = MemoryStore()
    suite = run(tmp_path, name="mine", store=store, licence="CC0-1.0", source="me", language="English").suite
    (stored,) = store.all(Suite)
    assert stored == suite
    (sample,) = suite.samples
    ref = sample.turns[0].speech
    assert ref is not None
    assert store.audio(ref.hash).hash() == files.read(original).hash()
    assert ref.original == hashlib.sha256(original).hexdigest()
    assert (sample.provenance.licence, sample.provenance.source, sample.language) == ("CC0-1.0", "me", "en")


def test_importing_twice_gives_the_same_suite(tmp_path):
    for n in range(12):
        put(tmp_path / "sing" / f"audio_{n}.wav", 100.0 + 20 * n)
    assert imported(tmp_path).suite.hash == imported(tmp_path).suite.hash


def test_changing_one_sample_of_one_clip_changes_the_suite(tmp_path):
    path = put(tmp_path / "a.wav")
    before = imported(tmp_path).suite.hash
    samples = files.read(path).samples.copy()
    samples[100] += 2**-14
    files.write_wav(path, Waveform(samples, 16_000))
    assert imported(tmp_path).suite.hash != before


NAN = np.array([0.0, np.nan] * 4000, dtype=np.float32)


def nan_wav() -> bytes:
    zeros = files.encode_wav(Waveform(np.zeros(NAN.size, dtype=np.float32), 16_000), subtype="FLOAT")
    return zeros[: -NAN.nbytes] + NAN.tobytes()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "0 bytes"),
        (b"no audio at all", "not audio"),
        (files.encode_wav(speechlike())[:5000], "truncated"),
        (files.encode_flac(speechlike())[:3000], "damaged"),
        (nan_wav(), "nan"),
    ],
)
def test_an_unusable_file_stops_a_strict_import_and_is_listed_by_a_lenient_one(tmp_path, content, says):
    put(tmp_path / "sing" / "good.wav")
    (tmp_path / "sing" / "bad.wav").write_bytes(content)
    store = CountingStore()
    with pytest.raises(SuiteError) as refused:
        run(tmp_path, name="mine", store=store)
    assert "sing/bad.wav" in str(refused.value)
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)
    assert store.puts == 0
    lenient = imported(tmp_path, strict=False)
    assert ids(lenient) == ["sing-good"]
    (problem,) = lenient.problems
    assert "sing/bad.wav" in problem
    assert says in problem


def test_a_recording_of_ten_hours_is_refused_by_its_header(tmp_path):
    path = put(tmp_path / "night.wav")
    size = 10 * 3600 * 32_000
    with path.open("r+b") as out:
        header = out.read(44)
        out.seek(0)
        out.write(header[:4] + struct.pack("<I", size + 36) + header[8:40] + struct.pack("<I", size))
        out.truncate(size + 44)  # sparse: takes no disk
    with pytest.raises(SuiteError, match=r"night\.wav: 36000 s long"):
        imported(tmp_path)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"level": "L5"}, "level 'L5'"),
        ({"level": "L0"}, "level_scheme v1"),
        ({"level": "high"}, "level 'high'"),
        ({"language": "Klingonese"}, "language 'Klingonese'"),
        ({"language": "qq"}, "language 'qq'"),
        ({"id": "one"}, "duplicate id 'one'"),
        ({"audio": "none.wav"}, "no such file"),
        ({"audio": None, "text": None}, "neither audio nor text"),
        ({"id": "///"}, "no letter or digit"),
    ],
)
def test_a_bad_row_stops_a_strict_import_and_is_listed_by_a_lenient_one(tmp_path, change, says):
    put(tmp_path / "a.wav", 200)
    put(tmp_path / "b.wav", 300)
    good = {"id": "one", "audio": "a.wav", "text": "Say it.", "level": "L1", "language": "en"}
    bad = {**good, "id": "two", "audio": "b.wav", **change}
    path = put_lines(tmp_path / "rows.jsonl", [good, bad])
    store = CountingStore()
    with pytest.raises(SuiteError) as refused:
        run(path, name="mine", store=store)
    assert says in str(refused.value)
    assert "rows.jsonl line 2" in str(refused.value)
    assert "\n" not in str(refused.value)
    assert store.puts == 0
    lenient = imported(path, strict=False)
    assert ids(lenient) == ["one"]
    assert len(lenient.problems) == 1


def test_the_first_problem_comes_with_the_count_of_the_others(tmp_path):
    put(tmp_path / "a.wav")
    for n in range(3):
        (tmp_path / f"bad{n}.wav").write_bytes(b"")
    with pytest.raises(SuiteError, match=r"bad0\.wav.*and 2 more problems.*nothing was stored"):
        imported(tmp_path)


def test_silence_is_kept_but_pointed_out(tmp_path):
    files.write_wav(tmp_path / "quiet.wav", Waveform(np.zeros(16_000, dtype=np.float32), 16_000))
    summary = imported(tmp_path)
    assert ids(summary) == ["quiet"]
    (warning,) = summary.warnings
    assert "quiet.wav: silent" in warning


def test_nothing_usable_is_an_error_even_when_lenient(tmp_path):
    (tmp_path / "bad.wav").write_bytes(b"")
    with pytest.raises(SuiteError, match="no sample to import"):
        imported(tmp_path, strict=False)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"format": "xml"}, "format 'xml'"),
        ({"language": "Gibberish"}, "language 'Gibberish'"),
        ({"format": "table"}, "a folder"),
        ({"columns": {"id": "ID"}}, "column map"),
    ],
)
def test_bad_options_are_refused(tmp_path, options, says):
    put(tmp_path / "a.wav")
    with pytest.raises(SuiteError, match=says):
        imported(tmp_path, **options)


def test_an_empty_name_and_a_missing_path_are_refused(tmp_path):
    put(tmp_path / "a.wav")
    with pytest.raises(SuiteError, match="name"):
        run(tmp_path, name=" ", store=MemoryStore())
    with pytest.raises(SuiteError, match="no such file or folder"):
        imported(tmp_path / "none")


def test_progress_counts_every_sample_twice(tmp_path):
    for n in range(3):
        put(tmp_path / f"{n}.wav", 200 + n)
    told = []

    class Told:
        def begin(self, what, total):
            told.append((what, total))

        def advance(self, note=""):
            told.append(note)

        def end(self):
            told.append("end")

    imported(tmp_path, progress=Told())
    assert told == [("checking audio", 3), "0", "1", "2", "end", ("storing audio", 3), "0", "1", "2", "end"]


def test_levels_of_the_first_version_move_up_by_one(tmp_path):
    records = [{"id": str(n), "text": f"Line {n}.", "task": "singing", "level": f"L{n}"} for n in range(4)]
    summary = imported(put_json(tmp_path / "scripts.json", records), level_scheme=LevelScheme.V1)
    assert [sample.level for sample in summary.suite.samples] == list(Level)
    with pytest.raises(SuiteError, match="'L0'"):
        imported(tmp_path / "scripts.json")


def test_the_public_release_imports(shared_data):
    suite = imported(shared_data / "prompts" / "s2s_arena", language="Chinese").suite
    counts = {}
    for sample in suite.samples:
        counts[sample.seed_task] = counts.get(sample.seed_task, 0) + 1
        assert sample.domain == "entertainment"
        assert sample.level is None
        assert sample.language == "zh"
    assert counts == {"natural_sound_simulation": 20, "singing": 14, "tongue_twisters": 5}
    assert [s.id for s in suite.samples][:20] == [f"natural-audio_{n}" for n in range(20)]


def test_speakbench_imports_with_its_texts(shared_data):
    suite = imported(shared_data / "prompts" / "speakbench", language="en").suite
    assert [s.id for s in suite.samples] == [str(n) for n in range(82)]
    assert all(s.turns[0].script and s.turns[0].speech for s in suite.samples)
    assert "tomato" in suite.samples[0].turns[0].script


def test_an_awkward_wav_imports(shared_data):
    (sample,) = imported(shared_data / "prompts" / "awkward").suite.samples
    assert sample.turns[0].speech is not None
    assert sample.turns[0].speech.rate_hz == 22_050


def test_mtalk_bench_imports_as_dialogues(shared_data):
    suite = imported(shared_data / "mtalk_bench" / "sample.json", language="en").suite
    assert [s.id for s in suite.samples] == ["sem-1-1", "para-1-1", "amb-1-1"]
    assert all(len(s.turns) == 2 and all(t.speech and t.script for t in s.turns) for s in suite.samples)


@pytest.mark.parametrize(("attribute", "clips"), [("Animal", 36), ("Emotion", 40), ("Gender", 40), ("Language", 40)])
def test_sakura_imports_through_a_column_map(shared_data, attribute, clips):
    columns = {
        "audio": "file",
        "text": "single_instruction",
        "references": "single_answer",
        "attribute:label": "attribute_label",
    }
    suite = imported(shared_data / "sakura" / attribute / "metadata.csv", columns=columns).suite
    assert len(suite.samples) == clips
    assert all(s.turns[0].speech and s.references and s.attributes["label"] for s in suite.samples)

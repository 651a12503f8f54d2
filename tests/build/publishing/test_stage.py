"""Publishing: what is refused, what is written, and that other people's tools and our own read it back whole."""

import hashlib
import io
import json
import re
from dataclasses import replace

import polars
import pytest
import soundfile

from s2s_arena.audio import files
from s2s_arena.build.importing import stage as importing
from s2s_arena.build.publishing import stage
from s2s_arena.errors import SuiteError
from s2s_arena.records.samples import Suite, Turn
from s2s_arena.records.scores import Consent
from s2s_arena.store.memory import MemoryStore

from ..review.worlds import suite_of
from .worlds import CORPUS, reviewed


def publish(suite, folder, store, **options):
    return stage.run(suite, folder, store=store, **options)


def with_first(change):
    return lambda samples: [change(samples[0]), *samples[1:]]


def test_it_inherits_the_strictest_licence_inside(tmp_path):
    store = MemoryStore()
    suite = reviewed(store, with_first(lambda s: replace(s, provenance=CORPUS)))
    done = publish(suite, tmp_path / "out", store)
    assert done.rights.licence == "CC-BY-NC-SA-4.0"
    assert dict(done.rights.counts) == {"Apache-2.0": 7, "CC-BY-NC-SA-4.0": 1}
    assert (tmp_path / "out" / "README.md").read_text(encoding="utf-8").startswith("---\nlicense: cc-by-nc-sa-4.0\n")


def test_a_synthetic_voice_binds_what_it_says(tmp_path):
    store = MemoryStore()
    suite = reviewed(store)  # anna speaks the second turn of s0
    assert publish(suite, tmp_path / "a", store, voices={"anna": "CC-BY-NC-4.0"}).rights.licence == "CC-BY-NC-4.0"
    with pytest.raises(SuiteError, match=r"sample s0: voice anna: licence 'ask them' is unknown"):
        publish(suite, tmp_path / "b", store, voices={"anna": "ask them"})


@pytest.mark.parametrize(
    ("provenance", "says"),
    [
        (
            replace(CORPUS, licence="unknown"),
            r"sample s0: licence 'unknown' is unknown; import it again with --licence",
        ),
        (replace(CORPUS, licence="CC BY-ND 4.0"), r"forbids changes"),
        (replace(CORPUS, consent=("evaluation",)), r"consents to evaluation, not to publication"),
        (replace(CORPUS, consent=()), r"consents to nothing"),
    ],
)
def test_unknown_licences_and_missing_consent_are_refused_and_nothing_is_written(tmp_path, provenance, says):
    store = MemoryStore()
    suite = reviewed(store, with_first(lambda s: replace(s, provenance=provenance)))
    with pytest.raises(SuiteError, match=says):
        publish(suite, tmp_path / "out", store)
    assert not (tmp_path / "out").exists()


def test_all_that_are_refused_are_counted(tmp_path):
    store = MemoryStore()
    secret = replace(CORPUS, licence="unknown")
    suite = reviewed(store, lambda samples: [replace(s, provenance=secret) for s in samples])
    with pytest.raises(SuiteError, match=r"sample s0: .*\(and 7 more samples\); nothing was published"):
        publish(suite, tmp_path / "out", store)


@pytest.mark.parametrize(
    ("purposes", "withdrawn", "says"),
    [
        (("evaluation",), False, "consents to evaluation"),
        ((), True, "its speaker has withdrawn; run s2s-arena suite w"),
    ],
)
def test_a_consent_on_record_counts(tmp_path, purposes, withdrawn, says):
    store = MemoryStore()
    suite = reviewed(store)
    store.put(
        Consent(
            audio=suite.sample("s3").turns[0].speech.hash, speaker="p", purposes=purposes, text_version="1",
            at="2026-01-01", withdrawn=withdrawn,
        )
    )  # fmt: skip
    with pytest.raises(SuiteError, match=f"sample s3: .*{says}"):
        publish(suite, tmp_path / "out", store)


def test_what_nobody_reviewed_is_published_as_a_draft_only(tmp_path):
    store = MemoryStore()
    suite = suite_of(store)
    with pytest.raises(SuiteError, match="no review is recorded; run s2s-arena suite review --freeze"):
        publish(suite, tmp_path / "out", store)
    publish(suite, tmp_path / "out", store, draft=True)
    assert "a draft that nobody has reviewed" in (tmp_path / "out" / "README.md").read_text(encoding="utf-8")


def test_a_folder_with_other_files_is_refused(tmp_path):
    (tmp_path / "old.parquet").write_bytes(b"x")
    store = MemoryStore()
    with pytest.raises(SuiteError, match="not an empty folder"):
        publish(reviewed(store), tmp_path, store)


def test_a_publication_that_was_stopped_is_done_anew(tmp_path):
    store = MemoryStore()
    suite = reviewed(store)

    class Stopping(MemoryStore):
        def audio(self, hash):
            if hash == suite.sample("s7").turns[0].speech.hash:
                raise KeyboardInterrupt
            return store.audio(hash)

    with pytest.raises(KeyboardInterrupt):
        publish(suite, tmp_path / "out", Stopping())
    assert not (tmp_path / "out").exists()
    publish(suite, tmp_path / "out", store)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert importing.run(tmp_path / "out", name="out", store=MemoryStore()).suite == suite


def test_a_suite_without_speech_is_refused(tmp_path):
    store = MemoryStore()
    suite = suite_of(store)
    mute = replace(suite.samples[0], turns=(Turn(script="hm", language="en"),))
    with pytest.raises(SuiteError, match="none of its samples is spoken"):
        publish(Suite(name=suite.name, samples=(mute,)), tmp_path / "out", store, draft=True)


def test_rows_hold_every_spoken_turn_with_its_audio(tmp_path):
    store = MemoryStore()
    suite = reviewed(store)
    done = publish(suite, tmp_path / "out", store)
    assert [(s.path, s.rows) for s in done.shards] == [
        ("data/seed-00000-of-00001.parquet", 7),
        ("data/augment-00000-of-00001.parquet", 2),
    ]
    table = polars.read_parquet(tmp_path / "out" / done.shards[0].path)
    for row in table.iter_rows(named=True):
        speech = suite.sample(row["id"]).turns[row["turn"]].speech
        assert files.read(row["audio"]["bytes"]).hash() == speech.hash
    assert table["references"].to_list()[0] == ["yes", "so be it | or not"]
    assert table["expects"].to_list()[0] == ["rate slow"]
    for shard in done.shards:
        assert hashlib.sha256((tmp_path / "out" / shard.path).read_bytes()).hexdigest() == shard.sha256


def test_the_same_suite_gives_the_same_bytes(tmp_path):
    store = MemoryStore()
    suite = reviewed(store)
    for name in ("a", "b"):
        publish(suite, tmp_path / name, store)
    for path in sorted(p for p in (tmp_path / "a").rglob("*") if p.is_file()):
        assert path.read_bytes() == (tmp_path / "b" / path.relative_to(tmp_path / "a")).read_bytes()


def test_large_suites_are_cut_into_files(tmp_path, monkeypatch):
    store = MemoryStore()
    suite = reviewed(store)
    monkeypatch.setattr("s2s_arena.build.publishing.tables.MOST_BYTES", 130_000)
    done = publish(suite, tmp_path / "out", store)
    assert len(done.shards) == 5
    assert importing.run(tmp_path / "out", name="out", store=MemoryStore()).suite == suite


def test_the_card_says_what_matters(tmp_path):
    store = MemoryStore()
    notice = "Not medical advice."
    suite = reviewed(store, with_first(lambda s: replace(s, provenance=replace(s.provenance, notice=notice))))
    publish(suite, tmp_path / "out", store)
    text = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert "All of the speech is synthetic" in text and "a variant of that set" in text
    assert f"* {notice} (1 samples)" in text
    assert "instruments alone, no people" in text and suite.hash in text
    assert re.search(r"\| all \|  \| 2 \| 2 \| 2 \| 2 \| 8 \|", text)
    assert "| augment | 2 |" in text and "| zh | 1 |" in text


def test_the_card_credits_sources_voices_and_speakers(tmp_path):
    store = MemoryStore()
    suite = reviewed(store, with_first(lambda s: replace(s, provenance=CORPUS)))
    publish(suite, tmp_path / "out", store)
    text = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert "| a corpus | corpus | CC-BY-NC-SA-4.0 | 1 |" in text
    assert "| scripts of this suite | synthetic | Apache-2.0 | 7 |" in text
    assert "Synthetic voices: anna (1 turn)" in text and "1 person speaks in it" in text
    assert "All of the speech is synthetic" not in text


def test_the_way_back_gives_the_same_suite_and_hash(tmp_path):
    store = MemoryStore()
    suite = reviewed(store)
    publish(suite, tmp_path / "out", store)
    other = MemoryStore()
    back = importing.run(tmp_path / "out", name="out", store=other).suite
    assert back == suite and other.get(Suite, suite.hash) == suite
    for sample in back.samples:
        for turn in sample.turns:
            assert other.audio(turn.speech.hash).hash() == turn.speech.hash
    assert importing.run(tmp_path / "out", name="mine", store=MemoryStore()).suite.name == "mine"


def test_samples_that_are_not_spoken_yet_survive_the_way_back(tmp_path):
    store = MemoryStore()
    suite = suite_of(store)
    mute = replace(suite.samples[3], turns=(Turn(script="नमस्ते", language="hi"),))
    suite = replace(suite, samples=(*suite.samples[:3], mute, *suite.samples[4:]))
    assert publish(suite, tmp_path / "out", store, draft=True).unspoken == 1
    assert importing.run(tmp_path / "out", name="out", store=MemoryStore()).suite == suite


def damage_audio(folder):
    path = folder / "data" / "seed-00000-of-00001.parquet"
    table = polars.read_parquet(path)
    wave, rate = soundfile.read(io.BytesIO(table["audio"][0]["bytes"]))
    wave[100] += 0.01
    cells = table["audio"].to_list()
    cells[0] = cells[0] | {"bytes": files.encode_flac(files.Waveform(wave.astype("float32"), rate))}
    table.with_columns(audio=polars.Series(cells, dtype=table["audio"].dtype)).write_parquet(path)


def damage_label(folder):
    path = folder / "data" / "seed-00000-of-00001.parquet"
    table = polars.read_parquet(path)
    table.with_columns(record=table["record"].str.replace_all('"sad"', '"glad"')).write_parquet(path)


def lose_file(folder):
    (folder / "data" / "augment-00000-of-00001.parquet").unlink()


def cut_file(folder):
    path = folder / "data" / "augment-00000-of-00001.parquet"
    path.write_bytes(path.read_bytes()[:-100])


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (damage_audio, "row 1: its audio is not that of sample s0"),
        (damage_label, "the samples give hash"),
        (lose_file, "sample s6 is in suite.json but in no file"),
        (cut_file, "not readable as Parquet"),
    ],
)
def test_a_damaged_publication_is_refused_and_nothing_is_stored(tmp_path, damage, says):
    store, other = MemoryStore(), MemoryStore()
    publish(reviewed(store), tmp_path / "out", store)
    damage(tmp_path / "out")
    with pytest.raises(SuiteError, match=says):
        importing.run(tmp_path / "out", name="out", store=other)
    assert not list(other.all(Suite))


def test_the_card_credits_recorded_backgrounds_and_names_voices_that_are_no_persons(tmp_path):
    store = MemoryStore()
    suite = reviewed(store)
    behind = {"noise_source": "DEMAND: PCAFETER/ch01.wav", "noise_licence": "CC-BY-SA-3.0", "voice_quality": "formant"}
    samples = (replace(suite.samples[0], attributes=behind), *suite.samples[1:])
    publish(replace(suite, samples=samples), tmp_path / "out", store)
    text = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert "| DEMAND: PCAFETER/ch01.wav | background | CC-BY-SA-3.0 | 1 |" in text
    assert "1 sample by a voice that nobody takes for a person's (formant)." in text


def test_the_code_on_the_card_reads_the_audio(tmp_path, monkeypatch):
    pytest.importorskip("datasets", reason="optional oracle not installed")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    store = MemoryStore()
    publish(reviewed(store), tmp_path / "out", store)
    text = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    code = text.split("```python\n")[1].split("```")[0].replace("path/of/this/folder", str(tmp_path / "out"))
    found: dict[str, object] = {}
    exec(code, found)  # what readers of the card will do
    assert len(found["samples"]) > 1000 and found["rate_hz"] == 16000


def test_datasets_opens_the_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    datasets = pytest.importorskip("datasets", reason="optional oracle not installed")
    store = MemoryStore()
    suite = reviewed(store)
    publish(suite, tmp_path / "out", store)
    found = datasets.load_dataset(str(tmp_path / "out"), cache_dir=str(tmp_path / "cache"))
    assert {name: part.num_rows for name, part in found.items()} == {"seed": 7, "augment": 2}
    assert isinstance(found["seed"].features["audio"], datasets.Audio)
    row = found["seed"].cast_column("audio", datasets.Audio(decode=False))[0]
    assert files.read(row["audio"]["bytes"]).hash() == suite.samples[0].turns[0].speech.hash
    assert (row["id"], row["references"], row["level"]) == ("s0", ["yes", "so be it | or not"], "L1")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of mlcroissant's own dependencies
def test_croissant_metadata_is_valid_and_leads_to_the_records(tmp_path):
    mlcroissant = pytest.importorskip("mlcroissant", reason="optional oracle not installed")
    store = MemoryStore()
    suite = reviewed(store)
    publish(suite, tmp_path / "out", store, date="2026-11-21")
    dataset = mlcroissant.Dataset(jsonld=str(tmp_path / "out" / "croissant.json"))
    assert not dataset.metadata.issues.errors and not dataset.metadata.issues.warnings
    rows = list(dataset.records("augment"))
    assert [row["augment/id"] for row in rows] == [b"s6", b"s7"]
    meta = json.loads((tmp_path / "out" / "croissant.json").read_text(encoding="utf-8"))
    assert [r["name"] for r in meta["recordSet"]] == ["seed", "augment"]

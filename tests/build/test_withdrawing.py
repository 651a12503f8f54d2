"""Withdrawal: the audio is gone, a tombstone stays, suites get a new version, and nothing brings it back."""

from dataclasses import replace

import pytest

from s2s_arena.archive import bundling, verifying
from s2s_arena.audio import files
from s2s_arena.build.importing import stage as importing
from s2s_arena.build.publishing import stage as publishing
from s2s_arena.build.withdrawing import tombstones, withdraw
from s2s_arena.compose.arena import RECORD_KINDS
from s2s_arena.errors import StoreError, SuiteError
from s2s_arena.records.samples import Spoken, Suite
from s2s_arena.records.scores import Consent
from s2s_arena.store.memory import MemoryStore
from s2s_arena.store.sqlite import SqliteStore

from .publishing.worlds import reviewed
from .review.worlds import suite_of, talk

AT = "2026-11-21T10:00:00+00:00"


@pytest.fixture(params=["memory", "sqlite"])
def store(request, tmp_path):
    made = MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "arena.db", audio=tmp_path / "audio")
    yield made
    made.close()


def out(store, speaker="p1", at=AT):
    return withdraw(speaker, store=store, eraser=store, at=at)


def test_the_speakers_audio_is_erased_and_nobody_elses(store):
    suite = reviewed(store)
    done = out(store)
    assert done.samples == ("s5",) and done.erased == 1
    for sample in suite.samples:
        for turn in sample.turns:
            if sample.id == "s5":
                with pytest.raises(StoreError):
                    store.audio(turn.speech.hash)
            else:
                assert store.audio(turn.speech.hash).hash() == turn.speech.hash


def test_originals_and_the_voice_behind_a_mixture_are_erased_too(store):
    clean = store.put_audio(talk(410), original=b"what the speaker sent")
    mixed = store.put_audio(talk(420))
    store.put(Spoken(key="k", voice="v", clean=clean, speech=mixed))
    suite = suite_of(store)
    first = suite.samples[0]
    turn = replace(first.turns[0], speech=mixed)
    other = replace(suite.samples[1].turns[0], speech=clean)
    named = replace(first, turns=(turn, other), attributes={"speaker": "p1"})
    store.put(replace(suite, name="named", samples=(named, *suite.samples[2:])))
    out(store)
    for ref in (clean, mixed):
        with pytest.raises(StoreError):
            store.audio(ref.hash)
    with pytest.raises(StoreError):
        store.original(clean.original)


def test_the_suite_gets_a_new_version_with_a_tombstone(store):
    suite = reviewed(store)
    [new] = out(store).suites
    assert [s.id for s in new.samples] == [s.id for s in suite.samples if s.id != "s5"]
    assert new.hash != suite.hash and new.version.startswith(f"{suite.version}-withdrawn-")
    assert tombstones(new) == (f"s5 ({AT})",)
    assert list(store.all(Suite))[-1] == new
    [stone] = store.all(Consent, speaker="p1")
    assert stone.withdrawn and stone.at == AT and stone.audio == suite.sample("s5").turns[0].speech.hash


def test_a_lone_twin_is_named(store):
    suite = reviewed(store)
    marked = tuple(replace(s, attributes={"speaker": "p2"}) if s.id == "s0" else s for s in suite.samples)
    store.put(replace(suite, version="2", samples=marked))
    assert out(store, "p2").lone_twins == ("s1",)


def test_a_withdrawal_that_was_stopped_is_finished_by_the_next(store):
    suite = reviewed(store)
    out(store)
    [wave] = [talk(200)]
    assert store.put_audio(wave).hash == suite.sample("s5").turns[0].speech.hash  # as if it had not been erased
    again = out(store, at="2026-12-01")
    assert again.erased == 1 and again.suites == ()
    assert len(list(store.all(Consent, speaker="p1"))) == 1


def test_an_unknown_speaker_is_refused_with_those_who_are_known(store):
    reviewed(store)
    with pytest.raises(SuiteError, match=r"speaker 'nobody': speaks in no suite; known speakers: p1"):
        out(store, "nobody")


def test_a_suite_of_one_speaker_is_emptied_and_has_no_new_version(store):
    suite = suite_of(store, 2)
    mine = tuple(replace(s, attributes={"speaker": "p1"}) for s in suite.samples)
    store.put(replace(suite, version="2", samples=mine))
    done = out(store)
    assert done.emptied == ("trial",) and done.suites == () and done.erased == 2


def test_verifying_and_bundling_know_that_it_is_meant_to_be_gone(store, tmp_path):
    reviewed(store)
    out(store)
    assert verifying.run(store).problems == ()
    done = bundling.pack(store, tmp_path / "b.zip", kinds=RECORD_KINDS, versions={})
    assert done.audio == 8  # nine turns, one of them withdrawn


def test_the_old_version_is_not_published_and_the_new_card_tells_of_it(store, tmp_path):
    suite = reviewed(store)
    [new] = out(store).suites
    with pytest.raises(SuiteError, match=r"sample s5: its speaker has withdrawn"):
        publishing.run(suite, tmp_path / "old", store=store)
    publishing.run(new, tmp_path / "new", store=store)
    assert f"* s5 ({AT})" in (tmp_path / "new" / "README.md").read_text(encoding="utf-8")


def test_what_was_withdrawn_is_not_imported_again(store, tmp_path):
    reviewed(store)
    out(store)
    (tmp_path / "in").mkdir()
    files.write_flac(tmp_path / "in" / "again.flac", talk(200))
    with pytest.raises(SuiteError, match=r"again\.flac: its speaker has withdrawn it"):
        importing.run(tmp_path / "in", name="x", store=store)
    other = MemoryStore()
    publishing.run(reviewed(other), tmp_path / "published", store=other)
    with pytest.raises(SuiteError, match=r"sample s5: its speaker has withdrawn it"):
        importing.run(tmp_path / "published", name="published", store=store)

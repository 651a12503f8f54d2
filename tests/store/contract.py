"""What every store promises; each implementation inherits this suite and gives a `store` fixture."""

import threading
from dataclasses import replace

import numpy as np
import pytest

from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import AudioError, ConflictError, StoreError
from s2s_arena.protocols import AudioEraser, Store
from s2s_arena.records.boards import JudgeReliability
from s2s_arena.records.cues import Cues, Prosody, Span
from s2s_arena.records.identity import (
    AudioHash,
    JudgeName,
    MatchId,
    ResponseKey,
    SampleId,
    StudyName,
    SuiteHash,
    SuiteName,
    SystemName,
    TakeId,
)
from s2s_arena.records.matches import Match, Purpose, Round
from s2s_arena.records.responses import Failure, FailureKind, Response, Usage, take_of
from s2s_arena.records.runs import Run
from s2s_arena.records.samples import Expectation, Sample, Spoken, Suite, Turn
from s2s_arena.records.scores import Assignment, Consent, Review, Score
from s2s_arena.records.speech import AudioRef
from s2s_arena.records.studies import Criterion, Outcome, Study
from s2s_arena.records.taxonomy import Level
from s2s_arena.records.verdicts import CriterionOutcome, Event, EventKind, Verdict


def tone(hz: float = 220.0, *, seconds: float = 0.2, rate_hz: int = 16000) -> Waveform:
    times = np.arange(int(seconds * rate_hz)) / rate_hz
    return Waveform((0.3 * np.sin(2 * np.pi * hz * times)).astype(np.float32), rate_hz)


def response(n: int, *, system: str = "echo", failure: FailureKind | None = None) -> Response:
    return Response(
        key=ResponseKey(f"{system}-{n}"),
        sample=SampleId(f"s{n}"),
        turn=0,
        system=SystemName(system),
        settings="settings-1",
        speech=None if failure else AudioRef(hash=AudioHash(f"{n:064x}"), rate_hz=16000, frames=3200),
        text=None if failure else "héllo 你好",
        usage=Usage(audio_out_s=0.2),
        failure=Failure(kind=failure, message="why") if failure else None,
        versions={"adapter": "1"},
    )


def vote(match: str, *, judge: str = "j", revision: int = 0, study: str = "main", id: str | None = None) -> Event:
    verdict = Verdict(
        match=MatchId(match),
        study=StudyName(study),
        judge=JudgeName(judge),
        order=(0, 1),
        outcome=Outcome.FIRST,
        criteria={Criterion.QUALITY: CriterionOutcome(outcome=None, reason="singing")},
        margin=0.25,
    )
    return Event(
        id=id or f"{match}/{judge}/{revision}",
        kind=EventKind.VOTE,
        study=StudyName(study),
        match=MatchId(match),
        judge=JudgeName(judge),
        revision=revision,
        verdict=verdict,
    )


def one_of_each() -> list:
    turn = Turn(script="Hi.", language="en", speech=AudioRef(hash=AudioHash("a"), rate_hz=16000, frames=5))
    sample = Sample(
        id=SampleId("s1"),
        language="en",
        turns=(turn,),
        level=Level.L2,
        expects=(Expectation(cue="rate", want="slow"),),
    )
    suite = Suite(name=SuiteName("starter"), samples=(sample,))
    answer = response(1)
    prosody = Prosody(
        duration_s=1.0, speech_s=0.9, lead_s=0.0, tail_s=0.1, pauses=(Span(start_s=0.2, end_s=0.3),),
        syllables_per_s=None, f0_median_hz=200.0, f0_range_st=4.0, f0_sd_st=None, f0_final_slope_st_s=None,
        intensity_dbfs=-20.0, intensity_sd_db=None, voiced_share=0.5,
    )  # fmt: skip
    return [
        suite,
        Spoken(key="k", voice="v", clean=turn.speech, speech=turn.speech),
        Study(name=StudyName("main"), suite=suite.name, suite_hash=SuiteHash(suite.hash), systems=(SystemName("a"),)),
        Round(study=StudyName("main"), number=0, size=2, ratings_from_event=0, sampler="paper", seed=1),
        Match(
            id=MatchId("m1"), study=StudyName("main"), round=0, index=1, sample=sample.id, first=TakeId("t1"),
            second=TakeId("t2"), first_system=SystemName("a"), second_system=SystemName("b"), group="g",
            probability=0.5, purpose=Purpose.SWAP,
        ),
        answer,
        response(2, failure=FailureKind.SILENT),
        take_of([answer]),
        Cues(audio=AudioHash("a"), extractor="x/1", transcript=None, prosody=prosody, quality=None),
        Score(subject="t1", scale="wer", judge="ears/1", value=0.25),
        Review(sample=sample.id, sample_hash=sample.hash, reviewer=JudgeName("ann"), keep=True),
        Assignment(id="as1", study=StudyName("main"), match=MatchId("m1"), judge=JudgeName("ann"), lease_until="z"),
        Consent(audio=AudioHash("a"), speaker="sp1", purposes=("evaluation",), text_version="1", at="2026-01-01"),
        Run(id="r1", stage="answer", started="2026-01-01T00:00:00Z", seed=3, settings={"limit": None, "names": ["a"]}),
        JudgeReliability(judge=JudgeName("j"), judge_version="1", figures={"kappa": (0.5, 0.4, 0.6)}),
    ]  # fmt: skip


class StoreContract:
    """Inherited by the tests of each store."""

    @pytest.mark.parametrize("record", one_of_each(), ids=lambda r: type(r).__name__)
    def test_a_record_of_every_kind_comes_back_equal(self, store: Store, record) -> None:
        assert store.put(record) == 1
        assert store.get(type(record), record.key) == record
        assert list(store.all(type(record))) == [record]
        assert store.keys(type(record)) == {record.key}

    def test_a_key_that_is_there_keeps_its_first_content(self, store: Store) -> None:
        first = response(1)
        assert store.put(first, response(2)) == 2
        assert store.put(replace(first, text="another"), response(3)) == 1
        assert store.get(Response, first.key) == first

    def test_the_same_key_twice_in_one_put_is_one_record(self, store: Store) -> None:
        assert store.put(response(1), replace(response(1), text="later")) == 1
        assert [r.text for r in store.all(Response)] == [response(1).text]

    def test_what_is_not_there_is_none(self, store: Store) -> None:
        assert store.get(Response, "nothing") is None
        assert store.keys(Take := type(take_of([response(1)]))) == set() and list(store.all(Take)) == []

    def test_records_come_in_the_order_they_were_put(self, store: Store) -> None:
        order = [5, 3, 9, 1]
        for n in order:
            store.put(response(n))
        assert [r.key for r in store.all(Response)] == [response(n).key for n in order]

    def test_filters_choose_by_indexed_fields(self, store: Store) -> None:
        store.put(response(1), response(2, system="silence", failure=FailureKind.SILENT), response(3))
        assert [r.key for r in store.all(Response, system="echo")] == ["echo-1", "echo-3"]
        assert store.keys(Response, failure=FailureKind.SILENT) == {"silence-2"}
        assert store.keys(Response, failure="", sample="s3") == {"echo-3"}
        assert store.keys(Response, system="nobody") == set()

    def test_a_filter_on_another_field_is_refused_with_the_legal_ones(self, store: Store) -> None:
        with pytest.raises(StoreError, match="sample, system, settings"):
            store.keys(Response, text="hello")
        with pytest.raises(StoreError, match="integer"):
            store.all(Round, number="one")

    def test_an_unknown_kind_is_refused_and_nothing_is_written(self, store: Store) -> None:
        class Odd:
            key = "odd"

        with pytest.raises(StoreError, match="Odd"):
            store.put(response(1), Odd())
        assert store.keys(Response) == set()

    def test_reading_while_writing_sees_what_was_there_at_the_start(self, store: Store) -> None:
        store.put(response(1), response(2))
        reader = store.all(Response)
        assert next(reader).key == "echo-1"
        store.put(response(3))
        assert [r.key for r in reader] == ["echo-2"]

    # -------------------------------------------------------------------------------------- events

    def test_events_are_numbered_from_one_without_gaps(self, store: Store) -> None:
        assert [e.number for e in store.append(vote("m1"), vote("m2"))] == [1, 2]
        with pytest.raises(ConflictError):
            store.append(vote("m3"), vote("m1", id="other"))
        assert store.append(vote("m4"))[0].number == 3
        assert [(e.number, e.match) for e in store.events()] == [(1, "m1"), (2, "m2"), (3, "m4")]

    def test_the_same_event_again_comes_back_as_first_stored(self, store: Store) -> None:
        (first,) = store.append(replace(vote("m1"), at="10:00"))
        (again,) = store.append(replace(vote("m1"), at="10:05"))
        assert again == first and again.at == "10:00"
        assert len(list(store.events())) == 1

    def test_the_same_event_twice_in_one_append_is_one_event(self, store: Store) -> None:
        first, again = store.append(vote("m1"), vote("m1"))
        assert first == again and len(list(store.events())) == 1

    def test_the_same_id_with_another_body_is_a_conflict(self, store: Store) -> None:
        store.append(vote("m1", id="v"))
        with pytest.raises(ConflictError, match="v"):
            store.append(vote("m2", id="v"))

    def test_a_taken_revision_is_a_conflict_also_within_one_append(self, store: Store) -> None:
        store.append(vote("m1"))
        with pytest.raises(ConflictError, match="revision 0"):
            store.append(vote("m1", id="second"))
        with pytest.raises(ConflictError, match="revision 1"):
            store.append(vote("m1", revision=1, id="x"), vote("m1", revision=1, id="y"))
        assert len(list(store.events())) == 1

    def test_events_are_chosen_by_study_and_number(self, store: Store) -> None:
        store.append(vote("m1"), vote("m2", study="pilot"), vote("m3"), vote("m4"))
        assert [e.match for e in store.events(study=StudyName("main"))] == ["m1", "m3", "m4"]
        assert [e.match for e in store.events(after=1, up_to=3)] == ["m2", "m3"]
        assert [e.match for e in store.events(study=StudyName("main"), after=1)] == ["m3", "m4"]
        assert list(store.events(after=9)) == []

    def test_an_event_comes_back_whole(self, store: Store) -> None:
        (stored,) = store.append(vote("m1"))
        assert next(store.events()) == stored == replace(vote("m1"), number=1)

    def test_eight_threads_voting_on_the_same_matches_store_each_vote_once(self, store: Store) -> None:
        conflicts: list[str] = []

        def work(who: int) -> None:
            for n in range(25):
                try:
                    store.append(vote(f"m{n}", id=f"{who}/{n}"))
                except ConflictError:
                    conflicts.append(f"{who}/{n}")

        threads = [threading.Thread(target=work, args=(who,)) for who in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        stored = list(store.events())
        assert [e.number for e in stored] == list(range(1, 26))
        assert len({e.match for e in stored}) == 25 and len(conflicts) == 7 * 25

    # --------------------------------------------------------------------------------------- audio

    def test_audio_comes_back_with_its_hash_rounded_to_16_bits(self, store: Store) -> None:
        wave = tone()
        ref = store.put_audio(wave)
        back = store.audio(ref.hash)
        assert ref == AudioRef(hash=wave.hash(), rate_hz=16000, frames=3200)
        assert back.hash() == ref.hash and back.rate_hz == 16000
        assert np.abs(back.samples - wave.samples).max() <= 0.5 / 32768 + 1e-7

    @pytest.mark.parametrize("rate_hz", [1000, 8000, 22050, 24000, 44100, 48000, 96000, 384_000])
    def test_audio_of_any_rate_is_kept(self, store: Store, rate_hz: int) -> None:
        wave = tone(rate_hz=rate_hz)
        assert store.audio(store.put_audio(wave).hash).hash() == wave.hash()

    def test_audio_beyond_full_scale_is_clipped(self, store: Store) -> None:
        wave = Waveform(np.array([1.0, -1.0, 1.5, -2.0], dtype=np.float32), 16000)
        back = store.audio(store.put_audio(wave).hash)
        assert back.hash() == wave.hash() and back.samples.max() < 1.0 and back.samples.min() == -1.0

    def test_no_audio_is_not_kept(self, store: Store) -> None:
        with pytest.raises(AudioError, match="0 frames"):
            store.put_audio(Waveform(np.zeros(0, dtype=np.float32), 16000))

    def test_the_same_audio_twice_is_one(self, store: Store) -> None:
        assert store.put_audio(tone()) == store.put_audio(tone())
        assert store.put_audio(tone()).hash != store.put_audio(tone(rate_hz=8000)).hash

    def test_the_given_bytes_are_kept_as_they_were(self, store: Store) -> None:
        ref = store.put_audio(tone(), original=b"RIFF the bytes of a file")
        assert store.original(ref.original) == b"RIFF the bytes of a file"

    def test_audio_that_is_not_there_is_an_error_that_names_it(self, store: Store) -> None:
        with pytest.raises(StoreError, match="f" * 64):
            store.audio(AudioHash("f" * 64))

    def test_erased_audio_and_its_original_are_gone_and_come_back_only_when_put_again(self, store: Store) -> None:
        assert isinstance(store, AudioEraser)
        ref, other = store.put_audio(tone(), original=b"the bytes"), store.put_audio(tone(330.0))
        assert store.erase_audio(ref.hash, original=ref.original)
        with pytest.raises(StoreError):
            store.audio(ref.hash)
        with pytest.raises(StoreError):
            store.original(ref.original)
        assert store.audio(other.hash).hash() == other.hash
        assert not store.erase_audio(ref.hash, original=ref.original)
        assert store.put_audio(tone()).hash == ref.hash and store.audio(ref.hash).hash() == ref.hash

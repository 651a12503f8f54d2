"""The build: what it speaks, what it keeps, and what it complains about."""

from dataclasses import replace

import pytest

from s2s_arena.audio.levels import peak_dbfs
from s2s_arena.audio.loudness import loudness_lufs
from s2s_arena.build import stage
from s2s_arena.build.scripts import starter
from s2s_arena.build.voices import Casting
from s2s_arena.errors import SuiteError
from s2s_arena.records.identity import SampleId
from s2s_arena.records.samples import Background, Sample, Spoken, Suite, Turn
from s2s_arena.records.scores import Score
from s2s_arena.records.speech import Delivery, Traits
from s2s_arena.store.memory import MemoryStore

from .speaking import CARDS, Hearing, voices

CASTING = Casting(CARDS, seed=5)


def sample(id: str, script: str = "Where is the nearest exit, please?", **turn: object) -> Sample:
    return Sample(id=SampleId(id), language="en", turns=(Turn(script=script, language="en", **turn),))


def build(samples, store=None, speakers=None, **more):
    return stage.run(
        samples,
        name="trial",
        speakers=speakers if speakers is not None else voices(),
        voice_of=CASTING,
        store=store if store is not None else MemoryStore(),
        **more,
    )


SAMPLES = (
    sample("plain"),
    sample("noisy", "Tell me a story about a lazy river.", background=Background(scene="street", snr_db=8)),
    sample("soft", "Is anybody still awake in there?", delivery=Delivery(volume_db=-9)),
    sample("loud", "Come back here right now!", delivery=Delivery(volume_db=6)),
)


def test_every_turn_gets_speech_and_the_suite_is_kept():
    store = MemoryStore()
    summary = build(SAMPLES, store)
    assert (summary.spoken, summary.reused) == (4, 0)
    assert store.get(Suite, summary.suite.hash) == summary.suite
    for made, asked in zip(summary.suite.samples, SAMPLES, strict=True):
        [turn] = made.turns
        assert store.audio(turn.speech.hash).frames == turn.speech.frames
        assert turn.voice in {card.name for card in CARDS}
        assert replace(turn, speech=None, voice=None) == asked.turns[0]


def test_a_second_build_speaks_nothing_and_has_the_same_hash():
    store, speakers = MemoryStore(), voices()
    first = build(SAMPLES, store, speakers)
    said = sum(len(v.said) for v in speakers.values())
    second = build(SAMPLES, store, speakers)
    assert (second.spoken, second.reused) == (0, 4)
    assert sum(len(v.said) for v in speakers.values()) == said
    assert second.suite.hash == first.suite.hash


def test_another_machine_builds_the_same_suite():
    assert build(SAMPLES).suite.hash == build(SAMPLES).suite.hash


def test_another_seed_or_delivery_is_spoken_anew():
    store = MemoryStore()
    first = build(SAMPLES, store)
    assert build(SAMPLES, store, seed=1).spoken == 4
    slower = (sample("plain", delivery=Delivery(rate=0.8)), *SAMPLES[1:])
    changed = build(slower, store)
    assert (changed.spoken, changed.reused) == (1, 3)
    assert changed.suite.hash != first.suite.hash


def test_speech_is_levelled_and_soft_and_loud_stay_apart():
    store = MemoryStore()
    made = {s.id: s.turns[0] for s in build(SAMPLES, store, voices(level=0.01)).suite.samples}
    heard = {id: loudness_lufs(store.audio(turn.speech.hash)) for id, turn in made.items()}
    assert heard["plain"] == pytest.approx(-23, abs=0.3)
    assert heard["soft"] == pytest.approx(-32, abs=0.3)
    assert heard["loud"] == pytest.approx(-17, abs=0.3)


def test_no_peak_passes_the_ceiling():
    store = MemoryStore()
    [made] = build([sample("shout", delivery=Delivery(volume_db=20))], store).suite.samples
    assert peak_dbfs(store.audio(made.turns[0].speech.hash)) == pytest.approx(stage.CEILING_DBFS, abs=0.01)


def test_only_level_changing_deliveries_are_read_plainly_as_well():
    speakers = voices()
    build(SAMPLES, speakers=speakers)
    assert sum(len(v.said) for v in speakers.values()) == 6


def test_noise_is_added_but_the_clean_voice_is_kept():
    store = MemoryStore()
    build(SAMPLES, store)
    kept = list(store.all(Spoken))
    assert sum(s.clean != s.speech for s in kept) == 1
    [noisy] = [s for s in kept if s.clean != s.speech]
    assert noisy.speech.duration_s > noisy.clean.duration_s + 1


def test_the_voice_gets_the_respelling_and_the_sample_keeps_the_script():
    speakers = voices()
    summary = build([sample("x", "He came to a live show.", respelling="He came to a lyve show.")], speakers=speakers)
    assert [u.text for v in speakers.values() for u in v.said] == ["He came to a lyve show."]
    assert summary.suite.samples[0].turns[0].script == "He came to a live show."


def test_recorded_turns_are_left_alone():
    store = MemoryStore()
    spoken = build(SAMPLES, store).suite.samples
    again = build(spoken, store)
    assert (again.spoken, again.reused) == (0, 0) and again.suite.samples == spoken


def test_a_turn_that_cannot_be_spoken_is_named_and_the_others_are_kept():
    store = MemoryStore()
    with pytest.raises(SuiteError, match=r"1 of 4 turns could not be spoken.*noisy turn 0: voice .* use other words"):
        build(SAMPLES, store, voices(refuses="river"))
    assert len(store.keys(Spoken)) == 3 and not store.keys(Suite)
    assert build(SAMPLES, store).spoken == 1


def test_a_silent_voice_is_refused():
    with pytest.raises(SuiteError, match=r"gave no audible speech"):
        build(SAMPLES, speakers=voices(level=0.0))


def test_ids_must_be_distinct_and_there_must_be_some():
    with pytest.raises(SuiteError, match=r"id 'plain' is given twice"):
        build([SAMPLES[0], SAMPLES[0]])
    with pytest.raises(SuiteError, match=r"0 samples"):
        build([])


def test_a_missing_voice_is_named():
    with pytest.raises(SuiteError, match=r"sample plain: voice .* is not loaded"):
        build(SAMPLES, speakers={})
    with pytest.raises(SuiteError, match=r"sample x: no voice speaks 'fr' \(voices: anna \(en/zh\)"):
        build([Sample(id=SampleId("x"), language="fr", turns=(Turn(script="Bonjour.", language="fr"),))])


def test_ears_that_hear_something_else_are_reported_and_asked_once():
    store, ears = MemoryStore(), Hearing("Where is the nearest exit please")
    first = build(SAMPLES, store, transcriber=ears)
    assert {p.sample for p in first.problems if p.kind == "disagrees"} == {"noisy", "soft", "loud"}
    assert ears.asked == 4 == len(store.keys(Score))
    assert build(SAMPLES, store, transcriber=ears).problems == first.problems
    assert ears.asked == 4


def test_ears_are_not_asked_about_whispers():
    ears = Hearing("nothing")
    build([sample("w", delivery=Delivery(style="whisper"))], transcriber=ears)
    assert ears.asked == 0


def test_near_duplicates_are_reported():
    summary = build([SAMPLES[0], sample("again", "Please, where is the nearest exit?")])
    assert [p.kind for p in summary.problems] == ["near_duplicate"]


def test_plan_says_what_is_left_and_spends_nothing():
    store, speakers = MemoryStore(), voices()
    before = stage.plan(SAMPLES, speakers=speakers, voice_of=CASTING, store=store)
    assert (before.turns, before.to_speak, before.reused) == (4, 4, 0)
    assert 4 < before.audio_s < 20 and before.wall_s == pytest.approx(before.audio_s / 2)
    assert not any(v.said for v in speakers.values())
    build(SAMPLES, store, speakers)
    after = stage.plan(SAMPLES, speakers=speakers, voice_of=CASTING, store=store)
    assert (after.to_speak, after.audio_s) == (0, 0)


class Counting:
    def __init__(self) -> None:
        self.notes: list[str] = []
        self.total = 0

    def begin(self, what: str, total: int) -> None:
        self.total = total

    def advance(self, note: str = "") -> None:
        self.notes.append(note)

    def end(self) -> None:
        self.notes.append("end")


def test_progress_is_told_of_every_turn():
    progress = Counting()
    build(SAMPLES, progress=progress)
    assert progress.total == 4 and progress.notes == ["plain", "noisy", "soft", "loud", "end"]


def test_the_whole_starter_suite_builds_and_twins_share_voice_and_words():
    samples = starter()
    store = MemoryStore()
    summary = build(samples, store)
    assert len(summary.suite.samples) == 40 and summary.spoken == 40
    groups: dict[str, list[Sample]] = {}
    for made in summary.suite.samples:
        if made.twin_group:
            groups.setdefault(made.twin_group, []).append(made)
    for first, second in groups.values():
        assert first.turns[0].voice == second.turns[0].voice
        assert first.turns[0].script == second.turns[0].script


def test_casting_fits_language_then_gender_and_varies():
    def turn(language: str, gender: str | None) -> Turn:
        return Turn(script="x", language=language, traits=Traits(gender=gender))

    def cast(language: str, gender: str | None) -> set[str]:
        made = [Sample(id=SampleId(str(i)), language=language, turns=(turn(language, gender),)) for i in range(30)]
        return {CASTING(s, 0) for s in made}

    assert cast("en", "male") == {"ben"}
    assert cast("en", "female") == {"anna", "dora"}
    assert cast("en-US", None) == {"anna", "ben", "dora"}
    assert cast("zh", "male") == {"anna", "chika"}  # no such voice: the language comes first

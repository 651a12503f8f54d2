"""The recording desks: consent, decoding of what is uploaded, dubbed suites, `human` as a contestant, withdrawal."""

import pytest

from s2s_arena.answer.importing import imported_card
from s2s_arena.answer.recording import Recorded, keep
from s2s_arena.audio import files
from s2s_arena.errors import InputError, StoreError
from s2s_arena.records.responses import Response, Take
from s2s_arena.records.samples import Suite
from s2s_arena.records.scores import Consent
from s2s_arena.records.speech import Delivery, Pause
from s2s_arena.serve.jobs.items import directions
from s2s_arena.serve.people.job import JobKind
from s2s_arena.serve.people.person import Role
from tests.serve.desks import accept, job, said, with_desks, worker


@pytest.fixture
def world(make):
    return with_desks(make(samples=4))


def state(browser):
    return browser.get("/api/job").json()


def record(browser, content=None, **query):
    item = state(browser)["item"]["id"]
    return item, accept(browser, said() if content is None else content, item, **query)


def latest(world, name="rehearsal"):
    return [s for s in world.store.all(Suite) if s.name == name][-1]


def test_consent_comes_first_with_its_purposes_and_is_kept_with_every_recording(world):
    the_job = job(world, JobKind.DUB)
    b = worker(world, the_job, began="", consent=(), consented="", consent_text="")
    assert state(b) == {"state": "begin"}
    assert accept(b, said(), world.workshop.items(the_job)[0].id).status_code == 409
    b.form("/job/begin", agree="yes", publication="yes")  # without the one that is needed
    assert state(b) == {"state": "begin"}
    b.form(
        "/job/begin", agree="yes", evaluation="yes", publication="yes", gender="female", age="no such", accent="Welsh"
    )
    person = world.hall.people[b.person.id]
    assert person.consent == ("evaluation", "publication") and dict(person.voice) == {
        "gender": "female",
        "accent": "Welsh",
    }
    assert person.consent_text.startswith("en-")
    record(b, microphone="headset", room="quiet", rate_hz="48000", auto_gain="off")
    (kept,) = world.store.all(Consent)
    assert (kept.purposes, kept.speaker, kept.text_version) == (person.consent, person.judge, person.consent_text)
    (reply,) = world.register.replies(the_job.name)
    assert reply.audio.hash == kept.audio and reply.answers["microphone"] == "headset"
    assert [e.what for e in world.register.audited()].count("consent") == 1


def test_dubbed_suites_are_those_of_suite_dub(world):
    the_job = job(world, JobKind.DUB)
    b = worker(world, the_job, voice={"gender": "male"})
    for n in range(3):
        assert record(b, said(1.0 + 0.1 * n), microphone="headset")[1].status_code == 200
    lead = world.browser(world.person(Role.RESEARCHER))
    assert "3 of 4 samples spoken by people" in lead.form(f"/desk/job/{the_job.name}/finish").text
    made = latest(world)
    assert made.version.startswith("1-dubbed-")
    dubbed = [s for s in made.samples if s.provenance.origin == "recorded"]
    assert len(dubbed) == 3
    for sample in dubbed:
        turn, old = sample.turns[0], world.suite.sample(sample.id).turns[0]
        assert turn.script == old.script and turn.speech != old.speech
        assert turn.labels == {**old.labels, "gender": "male"} and turn.traits.gender == "male"
        assert sample.attributes["speaker"] == b.person.judge
        assert sample.attributes["recorded_microphone"] == "headset"
        assert sample.provenance.licence == "CC-BY-4.0" and "publication" in sample.provenance.consent
        assert abs(world.store.audio(turn.speech.hash).duration_s - 1.1) < 0.2


def test_a_script_is_read_by_one_person_and_only_by_whom_it_asks_for(world):
    the_job = job(world, JobKind.DUB)
    one, two = worker(world, the_job), worker(world, the_job)
    first, second = state(one)["item"]["id"], state(two)["item"]["id"]
    assert first != second
    assert state(one)["item"]["id"] == first  # a reload changes nothing
    record(one)
    assert state(one)["item"]["id"] not in (first, second)
    assert accept(two, said(), first).status_code == 409
    world.clock.now += 3600  # two does not come back
    items = {item.id for item in world.workshop.items(the_job)}
    seen = set()
    while state(one)["state"] == "task":
        seen.add(record(one, said(1.0 + 0.1 * len(seen)))[0])
    assert seen == items - {first}


def test_scripts_that_ask_for_a_voice_go_to_those_who_have_it(world):
    from dataclasses import replace

    suite = world.suite
    turn = replace(suite.samples[0].turns[0], labels={"gender": "female"})
    other = replace(suite, version="2", samples=(replace(suite.samples[0], turns=(turn,)), *suite.samples[1:]))
    world.store.put(other)
    the_job = job(world, JobKind.DUB, suite_hash=other.hash)
    items = world.workshop.items(the_job)
    fitting = [
        sum(item.fits(worker(world, the_job, voice=voice).person) for item in items)
        for voice in ({"gender": "female"}, {"gender": "male"}, {})
    ]
    assert fitting == [4, 3, 3]  # whoever has not said gets none that ask


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "input"),
        (b"not audio at all", "input"),
        (b"RIFF\x00\x00\x00\x00WAVE" + b"\x00" * 60, "input"),
        (b"<svg onload=alert(1)>" * 20, "input"),
        (said()[:4000], "input"),  # half a file
        (files.encode_flac(files.read(said())), "input"),  # audio, but no WAV
        (said(rate=8000), "input"),
        (said(level=0.0001), "doubtful"),
        (said(0.1), "doubtful"),
    ],
    ids=["empty", "text", "a header alone", "svg", "half", "flac", "8 kHz", "silent", "too short"],
)
def test_what_is_uploaded_is_decoded_before_it_is_believed(world, content, code):
    the_job = job(world, JobKind.DUB)
    b = worker(world, the_job)
    answer = record(b, content, anyway="true")[1]
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, code)
    assert list(world.register.replies(the_job.name)) == [] == list(world.store.all(Consent))


def test_uploads_that_are_too_long_or_too_large_or_not_from_our_page_are_refused(world):
    b = worker(world, job(world, JobKind.DUB))
    assert record(b, said(121.0, rate=16000))[1].status_code == 422
    item = state(b)["item"]["id"]
    headers = {"x-form-key": b.form_key, "content-type": "audio/wav"}
    path = f"/api/job/recording/{item}"
    assert b.client.post(path, content=b"x" * (25 * 1024 * 1024), headers=headers).status_code == 413
    assert b.client.post(path, content=said(), headers=headers | {"content-type": "text/html"}).status_code == 415
    assert b.client.post(path, content=said(), headers={"content-type": "audio/wav"}).status_code == 403
    assert b.client.post(path, content=said(), headers=headers | {"origin": "http://evil.test"}).status_code == 403
    assert b.client.post("/api/vote", content=b"x" * 70_000, headers=headers).status_code == 413
    assert accept(b, said(), item, browser="<script>").status_code == 422
    assert state(b)["progress"]["done"] == 0


def test_an_odd_recording_is_told_and_kept_only_if_its_speaker_says_so(world):
    b = worker(world, job(world, JobKind.DUB))
    loud = files.encode_wav(_clipped())
    answer = record(b, loud)[1]
    assert answer.status_code == 422 and answer.json()["error"] | {"message": ""} == {
        "code": "doubtful", "message": "", "flags": ["clipped"], "final": False,
    }  # fmt: skip
    assert record(b, loud, anyway="true")[1].status_code == 200
    (reply,) = world.register.replies("the-dub")
    assert "clipped" in reply.answers["flags"]


def _clipped():
    import numpy as np

    from s2s_arena.audio.waveform import Waveform

    wave = files.read(said(2.0))
    return Waveform(np.clip(wave.samples * 20, -1, 1).astype(np.float32), wave.rate_hz)


def test_the_same_recording_sent_again_counts_once_and_taking_it_back_erases_it(world):
    the_job = job(world, JobKind.DUB)
    b = worker(world, the_job)
    content = said()
    item, _ = record(b, content)
    assert accept(b, content, item).status_code == 200
    (reply,) = world.register.replies(the_job.name)
    assert state(b)["progress"]["done"] == 1
    b.post("/api/job/undo", {"item": item})
    assert list(world.register.replies(the_job.name)) == []
    with pytest.raises(StoreError):
        world.store.audio(reply.audio.hash)


def test_withdrawing_erases_everything_and_asks_nothing_more(world):
    the_job = job(world, JobKind.DUB)
    gone, stays = worker(world, the_job), worker(world, the_job)
    record(gone), record(stays, said(1.3)), record(gone, said(1.5))
    lead = world.browser(world.person(Role.RESEARCHER))
    lead.form(f"/desk/job/{the_job.name}/finish")
    dubbed = latest(world)
    spoken = {s.attributes.get("speaker"): s.turns[0].speech.hash for s in dubbed.samples if "speaker" in s.attributes}
    gone.form("/job/withdraw")  # without saying so twice
    assert world.hall.people[gone.person.id].withdrawn == ""
    assert "2" in gone.get("/job/rights").text
    page = gone.form("/job/withdraw", sure="yes")
    assert "You have withdrawn" in page.text
    with pytest.raises(StoreError):
        world.store.audio(spoken[gone.person.judge])
    assert world.store.audio(spoken[stays.person.judge]).frames > 0
    after = latest(world)
    assert "withdrawn" in after.version and gone.person.judge not in {
        s.attributes.get("speaker") for s in after.samples
    }
    stones = {c.audio for c in world.store.all(Consent, speaker=gone.person.judge) if c.withdrawn}
    assert len(stones) >= 4  # what was recorded, and what was made of it
    assert state(gone) == {"state": "withdrawn"}
    assert gone.client.post("/job/begin", data={"form_key": gone.form_key, "agree": "yes"}).url.path == "/job"
    assert state(gone) == {"state": "withdrawn"} and len(list(world.register.replies(the_job.name))) == 1


def test_people_answer_and_are_a_contestant_like_any_other(make):
    world = with_desks(make(samples=2, turns=2))
    the_job = job(world, JobKind.ANSWER, listen=0.5)
    b = worker(world, the_job)
    first = state(b)["item"]
    assert len(first["parts"]) == 1 and first["parts"][0]["url"]
    for n in range(4):
        assert record(b, said(1.0 + 0.1 * n))[1].status_code == 200
    assert state(b)["state"] == "done"
    b.post("/api/job/hand-in", {})
    takes = list(world.store.all(Take, system="human"))
    assert {t.sample for t in takes} == {s.id for s in world.suite.samples}
    assert all(len(t.responses) == 2 and t.failure is None for t in takes)
    answers = list(world.store.all(Response, system="human"))
    assert {r.raw["speaker"] for r in answers} == {b.person.judge}
    # The keys are those under which imported answers are found.
    from s2s_arena.answer.dialogues import takes as found

    assert set(found(world.suite, [imported_card("human")], store=world.store)) == set(takes)
    assert "2 / 2" in world.browser(world.person(Role.RESEARCHER)).get("/desk/job/the-answer").text
    assert b.get("/job/thanks").text.count('class="code"') == 1


def test_one_contestant_answers_a_suite_in_one_job(world):
    job(world, JobKind.ANSWER)
    with pytest.raises(InputError, match="name another contestant"):
        job(world, JobKind.ANSWER, name="again")
    assert job(world, JobKind.ANSWER, name="others", system="human-b").system == "human-b"


def test_answers_to_samples_that_are_not_there_are_refused(world):
    (sample, *_) = world.suite.samples
    speech = sample.turns[0].speech
    for id, turn in (("nobody", 0), (sample.id, 1)):
        wrong = Recorded(sample=id, turn=turn, speech=speech, by="p", about={})
        with pytest.raises(InputError, match="not in suite"):
            keep([wrong], suite=world.suite, card=imported_card("human"), store=world.store)


def test_a_delivery_is_told_in_words_a_person_can_follow():
    assert directions(Delivery()) == ()
    told = directions(
        Delivery(
            rate=0.7,
            pitch_st=2.0,
            volume_db=9.0,
            emphasis=("never",),
            emotion="sad",
            pauses=(Pause(after="go", seconds=0.5),),
        )
    )
    assert told == (
        ("emotion", "sad"),
        ("rate_down", ""),
        ("pitch_up_slight", ""),
        ("volume_up", ""),
        ("emphasis", "never"),
        ("pause", "go"),
    )


def test_every_direction_and_question_has_words_in_both_languages():
    from s2s_arena.records.taxonomy import DOMAINS, SEED_TASKS
    from s2s_arena.serve.web.texts import desks

    graded, ways = ("rate", "pitch", "range", "volume"), ("up", "down", "up_slight", "down_slight")
    sides = [f"{name}_{way}" for name in graded for way in ways]
    kinds = [f"dir_{k}" for k in (*sides, "emotion", "emotion_weak", "style", "emphasis", "pause", "pause_long")]
    kinds += [f"d_{d}" for d in DOMAINS] + [f"t_{t}" for t in SEED_TASKS] + [f"means_L{n}" for n in (1, 2, 3, 4)]
    for kind in JobKind:
        kinds += [f"work_title_{kind}", f"work_lead_{kind}", *(f"work_{n}_{kind}" for n in (1, 2, 3))]
    english, chinese = desks("en"), desks("zh")
    assert english.keys() == chinese.keys() >= set(kinds)
    assert all(text.strip() for text in (*english.values(), *chinese.values()))


def test_nobody_votes_on_answers_that_were_withdrawn(make):
    from dataclasses import replace

    from s2s_arena.answer.dialogues import takes
    from s2s_arena.serve.people.person import Person
    from s2s_arena.serve.people.tokens import new_id

    world = with_desks(make(samples=3))
    others = [t for t in world.store.all(Take) if t.system == "north"]

    def library(suite):
        return (*others, *takes(suite, [imported_card("human")], store=world.store))

    world.hall.library = replace(world.hall.library, takes=library)
    the_job = job(world, JobKind.ANSWER)
    b = worker(world, the_job)
    for n in range(3):
        record(b, said(1.0 + 0.1 * n))
    b.post("/api/job/hand-in", {})
    assert len(library(world.suite)) == 6
    lead = world.browser(world.person(Role.RESEARCHER))
    plain = {"listen": "0", "check": "off", "flags": "1", "gold": "0", "repeats": "0", "swaps": "0", "overlap": "0"}
    assert lead.form("/desk/studies", name="with-people", suite=world.suite.hash, **plain).status_code == 200
    assert world.hall.rooms["with-people"].desk.study.systems == ("human", "north")
    voter = world.browser(world.hall.keep(Person(id=new_id(), role=Role.ANNOTATOR, study="with-people", began="x")))
    clips = voter.task()["task"]["clips"]
    assert {voter.get(c["url"]).status_code for c in clips.values()} == {200}
    assert voter.vote().status_code == 200
    b.form("/job/withdraw", sure="yes")
    assert len(library(world.suite)) == 3
    assert voter.task()["state"] == "wait"  # one system alone cannot be compared
    assert len(list(world.store.events(study="with-people"))) == 1  # what was voted stays in the log

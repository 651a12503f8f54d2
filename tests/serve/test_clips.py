"""Blinding is a property of the bytes: nothing that a listener's machine gets tells which system spoke."""

import io

import numpy as np
import pytest
import soundfile

from s2s_arena.audio.loudness import gain, loudness_lufs
from s2s_arena.audio.resampling import resample
from s2s_arena.audio.waveform import Waveform
from s2s_arena.records.responses import Response, Take
from s2s_arena.serve.hearing.clips import (
    GRID_S,
    LEAD_S,
    TARGET_LUFS,
    Clips,
    Piece,
    Policy,
    assemble,
    peaks,
    pieces,
    policy,
)
from s2s_arena.testing.sound import tones

NAMES = ("north", "east", "south")


def sent(w, matches: int = 8):
    """(headers, bytes, system) of every answer of some tasks."""
    b = w.browser(w.person())
    found = []
    for _ in range(matches):
        task = b.task()["task"]
        match = w.matches()[w.hall.room("people").desk.assignment(task["assignment"], b.person).match]
        for side in ("first", "second"):
            answer = b.get(task["clips"][side]["url"])
            found.append((answer.headers, answer.content, getattr(match, f"{side}_system")))
        b.post("/api/vote", b.ballot(task))
    return found


def test_every_clip_comes_at_one_rate_in_one_container_with_the_same_headers(make):
    w = make(conduct={"gains": {}})
    clips = sent(w)
    assert {system for _, _, system in clips} == set(NAMES)
    shapes = set()
    for headers, content, _ in clips:
        info = soundfile.info(io.BytesIO(content))
        told = {k: v for k, v in headers.items() if k not in ("content-length", "date")}
        shapes.add((info.samplerate, info.channels, info.subtype, info.format, content[:4], str(sorted(told.items()))))
        assert info.frames % round(GRID_S * info.samplerate) == 0
    assert len(shapes) == 1
    assert shapes.pop()[0] == 24000  # the highest native rate in the study


def test_no_name_hash_or_id_of_anything_is_in_what_is_sent_before_a_vote(make):
    w = make()
    b = w.browser(w.person())
    pages = [b.joined.text, b.get("/vote").text, b.get("/api/task").text, b.get("/openapi.json").text]
    told = " ".join(pages)
    takes = list(w.store.all(Take))
    secret = {*NAMES, *(t.id for t in takes), *(k for t in takes for k in t.responses), *w.matches()}
    secret |= {r.speech.hash for r in w.store.all(Response) if r.speech} | {s.id for s in w.suite.samples}
    assert [word for word in secret if word in told] == []


def test_the_same_answer_has_other_bytes_in_another_match_and_sounds_the_same():
    wave = resample(tones(["a", "b"]), 24000).samples
    level = Policy(rate_hz=24000, gains={"north": 0.0})
    one, two = (assemble([(wave, "north")], level, token=token) for token in ("x", "y"))
    assert one.wav != two.wav
    first, second = (soundfile.read(io.BytesIO(clip.wav))[0] for clip in (one, two))
    assert np.std(first - second) == pytest.approx(2**0.5 * level.floor, rel=0.02)
    assert level.floor < 10 ** (-74 / 20)


def test_loud_and_soft_systems_come_out_alike_but_their_own_loud_and_soft_clips_do_not(make):
    w = make(conduct={"gains": {}})
    measured = policy(w.suite, list(w.store.all(Take)), store=w.store, systems=NAMES)
    levels = {}
    for take in w.store.all(Take):
        (piece,) = pieces(w.suite.sample(take.sample), take, store=w.store)
        wave = gain(w.store.audio(piece.audio), measured.gains[take.system])
        levels.setdefault(take.system, []).append(loudness_lufs(wave))
    means = {system: 10 * np.log10(np.mean(10 ** (np.array(values) / 10))) for system, values in levels.items()}
    assert means == pytest.approx(dict.fromkeys(NAMES, TARGET_LUFS), abs=0.1)
    assert measured.gains["north"] - measured.gains["south"] == pytest.approx(20 * np.log10(8), abs=0.5)


def test_a_soft_answer_of_a_system_stays_softer_than_its_loud_one(make):
    w = make()
    loud, soft = (w.store.put_audio(tones(["a", "b"], level=level)) for level in (0.4, 0.1))
    clips = Clips(w.store, Policy(rate_hz=24000, gains={"north": -6.0}))
    top = [max(clips.clip(t, [Piece(r.hash, "north")]).peaks) for t, r in (("l", loud), ("s", soft))]
    assert top[0] / top[1] == pytest.approx(4.0, rel=0.02)


def test_a_dialogue_is_one_clip_in_which_both_speak_in_turn(make):
    w = make(turns=2)
    b = w.browser(w.person())
    task = b.task()["task"]
    said = b.get(task["clips"]["first"]["url"] + "/peaks").json()
    assert [who for _, _, who in said["turns"]] == ["user", "answer", "user", "answer"]
    assert said["turns"][0][0] == pytest.approx(LEAD_S)
    assert b.get(task["clips"]["instruction"]["url"] + "/peaks").json()["turns"][0][2] == "user"


def test_peaks_are_the_largest_samples_of_equal_parts():
    wave = Waveform(np.array([0.0, 0.5, -0.75, 0.25, 0.1, -0.2], dtype=np.float32), 8000)
    assert peaks(wave.samples, count=3) == (0.5, 0.75, 0.2)

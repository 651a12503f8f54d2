"""The second look finds what the first could not: once for each examiner, and beside the response."""

from dataclasses import replace

import numpy as np
import pytest

from s2s_arena.answer import examining, stage
from s2s_arena.answer.contestants import Contestant
from s2s_arena.answer.examining import says_again, word_flags
from s2s_arena.audio.repeats import start_repeats_after_s
from s2s_arena.audio.waveform import Waveform
from s2s_arena.executors.threads import ThreadsExecutor
from s2s_arena.protocols import Answer
from s2s_arena.records.cues import Transcript
from s2s_arena.records.responses import Examined, FailureKind, Response, seen
from s2s_arena.store.memory import MemoryStore
from s2s_arena.testing.sound import tone, tones
from s2s_arena.testing.systems import ScriptedSystem
from s2s_arena.testing.worlds import rehearsal_cards, rehearsal_suite

TEXT = "the quick brown fox jumps over the lazy dog and then it goes home"


class Ears:
    """Implements `protocols.Transcriber` by a table from the clip's length in frames."""

    identity = "table/1"

    def __init__(self, heard: dict[int, Transcript]) -> None:
        self.heard = heard
        self.listened = 0

    def transcribe(self, speech: Waveform, *, language: str | None = None) -> Transcript:
        self.listened += 1
        return self.heard[speech.frames]


def answered(replies):
    store = MemoryStore()
    suite = rehearsal_suite(store, samples=len(replies))
    card = rehearsal_cards(["one"])[0]
    deeds = {f"s{n:03d}": answer for n, answer in enumerate(replies)}
    system = ScriptedSystem(deeds=deeds)
    stage.run(suite, [Contestant(card=card, load=lambda: system)], store=store, executor=ThreadsExecutor())
    return store, suite, card


def said(text: str, *, seconds: float, language: str = "en") -> tuple[Answer, tuple[int, Transcript]]:
    speech = tones([f"{seconds}", "b", "c"], rate=1 / seconds)
    return Answer(speech=speech, text=TEXT), (speech.frames, Transcript(text=text, language=language))


def test_words_are_held_against_the_systems_own_text_and_each_response_is_heard_once():
    made = [
        said(TEXT, seconds=1.0),
        said("the quick brown fox jumps", seconds=1.1),
        said("there is something else entirely that was said here my friend", seconds=1.2),
        said(TEXT, seconds=1.3, language="fr"),
    ]
    store, suite, card = answered([answer for answer, _ in made])
    ears = Ears(dict(heard for _, heard in made))

    def run():
        return examining.run(
            suite, [card], store=store, executor=ThreadsExecutor(), ears=lambda: ears, ears_name=ears.identity
        )[0]

    first = run()
    by = {store.get(Response, e.response).sample: e for e in store.all(Examined)}
    assert by["s000"].error_rate == 0.0 and not {"other_words", "stops_before_its_end"} & set(by["s000"].flags)
    assert "stops_before_its_end" in by["s001"].flags and by["s001"].heard == "the quick brown fox jumps"
    assert "other_words" in by["s002"].flags and "other_language" in by["s003"].flags
    assert (first.examined, first.known, ears.listened) == (4, 0, 4)
    again = run()
    assert (again.examined, again.known, ears.listened, again.flags) == (0, 4, 4, first.flags)
    run_deaf = examining.run(suite, [card], store=store, executor=ThreadsExecutor())[0]
    assert run_deaf.examined == 4  # another examiner


def test_sound_that_is_gone_or_damaged_becomes_a_failure_and_the_response_stays():
    store, suite, card = answered([Answer(speech=tones(["a", "b", "c"])), Answer(speech=tones(["d", "e", "f"]))])
    gone, _ = store.all(Response)
    store.erase_audio(gone.speech.hash)
    summary = examining.run(suite, [card], store=store, executor=ThreadsExecutor())[0]
    assert summary.failures == {FailureKind.BROKEN: 1}
    (found,) = [e for e in store.all(Examined) if e.failure]
    assert found.response == gone.key and store.get(Response, gone.key) == gone
    assert seen(gone, found).failure == found.failure and seen(gone, None) == gone


@pytest.mark.parametrize(
    ("own", "heard", "flags"),
    [
        (None, "hello there my old friend hello there my old friend how are you", ["repeats_its_start"]),
        (TEXT, "", ["no_words"]),
        (TEXT, TEXT, []),
        (None, "anything at all", []),
        ("你好我今天很高兴见到你", "你好我今天", ["stops_before_its_end"]),
    ],
)
def test_what_words_tell(own, heard, flags):
    assert word_flags(own, heard, "zh" if own and ord(own[0]) > 255 else "en") == flags


def noise(seconds: float, *, seed: int = 0) -> np.ndarray:
    return (0.1 * np.random.default_rng(seed).standard_normal(round(16000 * seconds))).astype(np.float32)


def test_a_beginning_that_is_sent_twice_is_found_where_it_comes_again():
    start, rest = noise(0.8), noise(2.0, seed=1)
    twice = Waveform(np.concatenate([start, start, rest]), 16000)
    assert start_repeats_after_s(twice) == pytest.approx(0.8, abs=0.02)
    assert start_repeats_after_s(Waveform(np.concatenate([start, rest]), 16000)) is None


def test_steady_and_short_sounds_repeat_nothing():
    assert start_repeats_after_s(tone(seconds=3.0)) is None
    assert start_repeats_after_s(Waveform(noise(0.3), 16000)) is None
    assert start_repeats_after_s(Waveform(np.zeros(16000, np.float32), 16000)) is None


def test_findings_join_flags_once():
    response = next(iter(answered([Answer(speech=tones(["a", "b", "c"]))])[0].all(Response)))
    response = replace(response, flags=("clipped",))
    later = Examined(response=response.key, system=response.system, examiner="x", flags=("clipped", "other_words"))
    assert seen(response, later).flags == ("clipped", "other_words")


@pytest.mark.parametrize(
    ("own", "heard"),
    [
        ("Seven, six, five, four.", "7654"),
        ("A racecar, a racecar and a kayak.", "a race car a race car and a kayak"),
        ("Bravo", "Brown vole"),
        ("Yes we can. Yes we can. Yes we can. Yes we can.", "Yes we can."),
        ("Gold, gold, gold, gold.", "gold " * 40),
        ("Gold, gold, gold, gold.", "gold gold gold gold"),
    ],
    ids=["numbers", "spaces", "one word", "ears count fewer", "ears count more", "asked for"],
)
def test_what_ears_make_of_an_honest_answer_is_no_flag(own: str, heard: str):
    assert word_flags(own, heard, "en") == []


def test_a_start_that_comes_again_is_a_flag_unless_the_text_has_it_again():
    again = "it opens at nine today " * 2 + "and closes at five"
    assert word_flags("It opens at nine today and closes at five.", again, "en") == ["repeats_its_start"]
    assert word_flags(again, again, "en") == []


def test_the_own_text_has_its_start_again_only_where_the_sound_has():
    text = "Once more. Once more. And then we all went home together before the rain began to fall."
    assert says_again(text, 2 / 17, "en")
    assert not says_again(text, 12 / 17, "en")
    assert not says_again(None, 0.5, "en")


def test_one_voice_that_says_a_word_twice_alike_does_not_repeat_its_start():
    word, other = np.random.default_rng(0).normal(0.0, 0.1, (2, 8000)).astype(np.float32)
    speech = Waveform(np.concatenate([word, other, word]), 16000)
    assert start_repeats_after_s(speech) is not None
    for text, flags in (
        ("Level. Reverse. Level.", ()),
        ("It is never going to rain here again.", ("repeats_its_start",)),
    ):
        store, suite, card = answered([Answer(speech=speech, text=text)])
        examining.run(suite, [card], store=store, executor=ThreadsExecutor())
        (found,) = store.all(Examined)
        assert tuple(flag for flag in found.flags if flag == "repeats_its_start") == flags

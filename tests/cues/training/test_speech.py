"""Claims about speech of known delivery: labels follow what was asked, voices and emotions are balanced."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from s2s_arena.audio import files
from s2s_arena.audio.waveform import Waveform
from s2s_arena.cues.training.clips import Target, read_clips
from s2s_arena.cues.training.speech import (
    AROUSAL,
    EXPRESSIVENESS,
    Intent,
    TrainingVoice,
    draw_intents,
    make_training_speech,
    sentences,
)
from s2s_arena.errors import InputError
from s2s_arena.records.speech import Delivery, Traits, Utterance


class Tone:
    """A voice that hums as long as the text and remembers what it was asked."""

    identity = "tone/1"
    languages = frozenset({"en", "zh"})

    def __init__(self, level: float = 0.5) -> None:
        self.asked: list[Utterance] = []
        self.level = level

    def speak(self, utterance: Utterance, *, seed: int) -> Waveform:
        self.asked.append(utterance)
        times = np.arange(80 * len(utterance.text)) / 8000
        return Waveform((self.level * np.sin(2 * np.pi * 200 * times)).astype(np.float32), 8000)


def voices(*speakers: Tone) -> list[TrainingVoice]:
    return [
        TrainingVoice(name=f"v{n}", speaker=speaker, languages=("en", "zh"), traits=Traits(gender="female"))
        for n, speaker in enumerate(speakers)
    ]


def intent(delivery: Delivery) -> Intent:
    return Intent(voice=voices(Tone())[0], language="en", sentence="Here.", delivery=delivery)


def test_plain_reading_is_neutral_and_in_the_lower_middle():
    plain = intent(Delivery())
    assert (plain.emotion, plain.expressive, plain.arousal) == ("neutral", 2.0, 2.5)


def test_a_changed_range_is_a_manner_and_no_emotion():
    flat, lively = intent(Delivery(pitch_range=0.0)), intent(Delivery(pitch_range=1.9))
    assert flat.emotion is None and lively.emotion is None
    assert flat.expressive == 1.0 and lively.expressive == pytest.approx(2.926, abs=1e-3)


def test_stronger_emotion_is_more_expressive():
    marks = [intent(Delivery(emotion="happy", strength=strength)).expressive for strength in (0.0, 0.6, 1.0, 1.4)]
    assert marks == sorted(marks) and marks[0] == 2.0 and marks[-1] > 4.5


def test_arousal_goes_down_as_well_as_up():
    calm, excited = intent(Delivery(emotion="calm")), intent(Delivery(emotion="excited"))
    assert calm.arousal == pytest.approx(1.5) and excited.arousal == pytest.approx(4.7)
    assert set(AROUSAL) == set(EXPRESSIVENESS)


def test_every_voice_says_every_emotion_and_labels_stay_on_their_scale():
    drawn = list(draw_intents(voices(Tone(), Tone(), Tone()), clips=540, rng=np.random.default_rng(0)))
    said = Counter((each.voice.name, each.emotion) for each in drawn)
    assert all(said[f"v{n}", emotion] >= 5 for n in range(3) for emotion in AROUSAL)
    assert all(1.0 <= each.expressive <= 5.0 and 1.0 <= each.arousal <= 5.0 for each in drawn)
    assert {each.language for each in drawn} == {"en", "zh"}


def test_sentences_are_all_used_before_one_comes_again():
    drawn = list(draw_intents(voices(Tone()), clips=40, rng=np.random.default_rng(0)))
    assert len({each.sentence for each in drawn}) == 40


def test_shipped_sentences_are_many_and_different():
    texts = sentences()
    assert {language: len(said) for language, said in texts.items()} == {"en": 70, "zh": 40, "ja": 24}
    assert all(len(set(said)) == len(said) for said in texts.values())


def test_a_list_can_be_trained_on_and_a_second_run_speaks_nothing(tmp_path: Path):
    speaker = Tone()
    listing = make_training_speech(voices(speaker, Tone()), out=tmp_path, clips=120, seed=1)
    rows = [json.loads(line) for line in listing.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 120 and {row["voice"] for row in rows} == {"v0", "v1"}
    for name, column in (("expressive", "expressive"), ("emotion", "emotion")):
        labelled = read_clips(Target(name=name, source=listing, column=column, group_column="voice"))
        assert labelled.groups is not None
    asked = len(speaker.asked)
    assert make_training_speech(voices(speaker, Tone()), out=tmp_path, clips=120, seed=1).read_text() == (
        listing.read_text()
    )
    assert len(speaker.asked) == asked


def test_a_loud_voice_is_not_clipped(tmp_path: Path):
    make_training_speech(voices(Tone(level=3.0)), out=tmp_path, clips=1, seed=1)
    (made,) = tmp_path.glob("*.flac")
    assert 0.9 < np.abs(files.read(made).samples).max() < 0.95


def test_no_voices_and_unknown_languages_are_refused(tmp_path: Path):
    with pytest.raises(InputError, match="no voices"):
        make_training_speech([], out=tmp_path, clips=1, seed=0)
    with pytest.raises(InputError, match=r"v0: no sentences in .*; there are fr"):
        list(draw_intents(voices(Tone()), clips=1, rng=np.random.default_rng(0), texts={"fr": ("Oui.",)}))

"""Claims about training end to end on synthetic sounds: what is there is learnt, kept, and honestly rated."""

import json
from pathlib import Path

import numpy as np
import pytest

from s2s_arena.audio import files
from s2s_arena.audio.waveform import Waveform
from s2s_arena.cues.heads import Heads
from s2s_arena.cues.training.clips import Target
from s2s_arena.cues.training.features import clip_vectors, filled
from s2s_arena.cues.training.trainer import balanced_accuracy, spearman, train_from_clips
from s2s_arena.errors import AudioError, InputError

RATE_HZ = 8000


class Bands:
    """An encoder that is a coarse log spectrogram; counts its calls."""

    identity = "bands/1"

    def __init__(self) -> None:
        self.calls = 0

    def encode(self, speech: Waveform) -> np.ndarray:
        self.calls += 1
        frames = speech.samples[: speech.frames // 160 * 160].reshape(-1, 160)
        power = np.abs(np.fft.rfft(frames * np.hanning(160), axis=1))[:, :80] ** 2
        return np.log(power.reshape(len(frames), 16, 5).mean(axis=2) + 1e-6).astype(np.float32)


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    """Tones whose height is the mood and whose sweep is the liveliness, 40 of them, one file with all labels."""
    rng = np.random.default_rng(0)
    lines = []
    for number in range(40):
        mood, lively = ("low", "high")[number % 2], float(rng.uniform(1, 5))
        seconds = np.arange(RATE_HZ // 2) / RATE_HZ
        hz = {"low": 500.0, "high": 1500.0}[mood] + 60.0 * lively * np.sin(2 * np.pi * 4 * seconds)
        tone = 0.3 * np.sin(2 * np.pi * np.cumsum(hz) / RATE_HZ) + 0.01 * rng.normal(size=seconds.size)
        files.write_wav(tmp_path / f"{number}.wav", Waveform(tone.astype(np.float32), RATE_HZ))
        lines.append(json.dumps({"audio": f"{number}.wav", "mood": mood, "lively": [lively], "who": f"v{number % 4}"}))
    path = tmp_path / "clips.jsonl"
    path.write_text("\n".join(lines))
    return path


def targets(clips: Path) -> list[Target]:
    return [
        Target(name="lively", source=clips, column="lively", group_column="who"),
        Target(name="mood", source=clips, column="mood"),
    ]


def test_heads_learn_what_the_labels_say(clips: Path, tmp_path: Path):
    out = tmp_path / "made" / "heads.npz"
    summary = train_from_clips(targets(clips), encoder=Bands(), out=out, seed=0, repeats=2)
    lively, mood = summary.heads
    assert lively.measure == "spearman" and lively.figure > 0.7 and lively.groups == 4 and lively.clips == 40
    assert mood.figure == 1.0 and mood.classes == ("high", "low") and mood.groups == 0
    heads = Heads.load(out, encoder="bands/1")
    assert heads.identity == summary.identity
    low = heads.predict(Bands().encode(files.read(clips.parent / "0.wav")))
    assert low["mood:low"] > 0.8
    assert heads.card.figures["mood: balanced accuracy, cross-validated"] == 1.0


def test_the_same_seed_gives_the_same_heads(clips: Path, tmp_path: Path):
    made = [
        train_from_clips(targets(clips), encoder=Bands(), out=tmp_path / name, seed=3, repeats=1).identity
        for name in ("a.npz", "b.npz")
    ]
    assert made[0] == made[1]
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_a_clip_is_heard_once_however_often_it_is_used(clips: Path, tmp_path: Path):
    encoder = Bands()
    for _ in range(2):
        train_from_clips(
            targets(clips), encoder=encoder, out=tmp_path / "h.npz", seed=0, repeats=1, cache=tmp_path / "kept"
        )
    assert encoder.calls == 40


def test_bandwidth_cannot_stand_in_for_the_label(tmp_path: Path):
    noise = np.random.default_rng(0).normal(scale=0.1, size=16000).astype(np.float32)
    files.write_wav(tmp_path / "wide.wav", Waveform(noise, 16000))
    files.write_wav(tmp_path / "narrow.wav", Waveform(noise[:8000], 8000))
    heard: list[int] = []

    class Ears(Bands):
        def encode(self, speech: Waveform) -> np.ndarray:
            heard.append(speech.rate_hz)
            return super().encode(speech)

    clip_vectors([tmp_path / "wide.wav", tmp_path / "narrow.wav"], encoder=Ears())
    assert heard == [8000, 8000]


def test_missing_values_become_the_mean_of_the_others():
    vectors, means = filled(np.array([[1.0, np.nan], [3.0, np.nan], [np.nan, 4.0]]))
    assert vectors.tolist() == [[1.0, 4.0], [3.0, 4.0], [2.0, 4.0]]
    assert means.tolist() == [2.0, 4.0]


def test_targets_of_one_name_or_none_are_refused(clips: Path, tmp_path: Path):
    for wrong in ([], [targets(clips)[0]] * 2):
        with pytest.raises(InputError, match="different names"):
            train_from_clips(wrong, encoder=Bands(), out=tmp_path / "h.npz", seed=0)


def test_a_damaged_clip_is_named_and_nothing_is_written(clips: Path, tmp_path: Path):
    (clips.parent / "5.wav").write_bytes(b"no sound")
    with pytest.raises(AudioError, match=r"5\.wav"):
        train_from_clips(targets(clips), encoder=Bands(), out=tmp_path / "h.npz", seed=0)
    assert not (tmp_path / "h.npz").exists()


def test_measures_by_hand():
    assert spearman(np.array([[1.0], [2.0], [9.0]]), np.array([[1.0], [3.0], [4.0]])) == pytest.approx(1.0)
    assert spearman(np.ones((3, 1)), np.arange(3.0)[:, None]) == 0.0
    said, right = np.eye(2)[[0, 0, 0, 0]], np.eye(2)[[0, 0, 0, 1]]
    assert balanced_accuracy(said, right) == 0.5

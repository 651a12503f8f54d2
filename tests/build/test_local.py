"""Real voices speak starter scripts, and real ears understand them."""

import numpy as np
import pytest

from s2s_arena.build import stage
from s2s_arena.build.scripts import starter
from s2s_arena.build.voices import Casting
from s2s_arena.models.parts import LocalParts
from s2s_arena.models.weights import default_cache
from s2s_arena.records.samples import Sample
from s2s_arena.records.scores import Score
from s2s_arena.store.memory import MemoryStore
from s2s_arena.workspace.cards import Cards

pytestmark = pytest.mark.local

CHOSEN = ("edu-stress-blue", "med-stairs-calm", "soc-exam-sad", "soc-party-whispered")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    cards = Cards()
    found = [found.card for found in cards.voices().values() if found.card.unasked]
    parts = LocalParts(default_cache(), tmp_path_factory.mktemp("cards"), voice=cards.voice)
    samples = [sample for sample in starter() if sample.id in CHOSEN]
    casting = Casting(found)
    speakers = {name: parts.speaker(name) for name in {casting(sample, 0) for sample in samples}}
    store = MemoryStore()
    summary = stage.run(
        samples,
        name="trial",
        speakers=speakers,
        voice_of=casting,
        store=store,
        transcriber=parts.transcriber("whisper-base"),
    )
    return store, summary


def voiced_share(store: MemoryStore, sample: Sample) -> float:
    """Share of 40 ms frames of active speech that repeat themselves at a pitch period (70 to 400 Hz)."""
    wave = store.audio(sample.turns[0].speech.hash)
    size, rate = int(0.04 * wave.rate_hz), wave.rate_hz
    frames = wave.samples[: wave.frames // size * size].reshape(-1, size).astype(np.float64)
    loud = frames[frames.std(axis=1) > 0.2 * frames.std(axis=1).max()]
    periodic = []
    for frame in loud - loud.mean(axis=1, keepdims=True):
        spectrum = np.abs(np.fft.rfft(frame, 2 * size)) ** 2
        correlation = np.fft.irfft(spectrum)[:size]
        periodic.append(correlation[rate // 400 : rate // 70].max() > 0.5 * correlation[0])
    return float(np.mean(periodic))


def test_real_ears_understand_english_chinese_and_a_sad_voice(built):
    store, summary = built
    scores = list(store.all(Score, scale="agreement"))
    assert len(scores) == 3  # the whisper is not asked about
    assert all(score.value >= stage.LEAST_AGREEMENT for score in scores), [(s.value, s.raw) for s in scores]
    assert summary.problems == ()


def test_the_whisper_has_no_pitch_and_the_others_have(built):
    store, summary = built
    shares = {sample.id: voiced_share(store, sample) for sample in summary.suite.samples}
    assert shares["soc-party-whispered"] < 0.15
    assert min(share for id, share in shares.items() if id != "soc-party-whispered") > 0.4

"""Claims about heads as values: what they read, what they refuse, what survives the file."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from s2s_arena.cues.heads import PROSODY, SHIPPED, HeadCard, Heads, HeadShape, pool, prosody_vector
from s2s_arena.errors import InputError, MissingError
from s2s_arena.records.cues import Prosody, Span

CARD = HeadCard(title="t", training="synthetic", licence="CC0-1.0", clips=30, groups=0, seed=0)


def some_heads(*, prosody: bool = True, seed: int = 0) -> Heads:
    rng = np.random.default_rng(seed)
    inputs = 2 * 6 + (len(PROSODY) if prosody else 0)
    return Heads(
        encoder="ears/1",
        dimensions=6,
        prosody=prosody,
        shapes=(HeadShape(name="expressive"), HeadShape(name="emotion", classes=("happy", "neutral", "sad"))),
        weights=rng.normal(size=(4, inputs)).astype(np.float32),
        bias=rng.normal(size=4).astype(np.float32),
        defaults=rng.normal(size=inputs).astype(np.float32),
        card=CARD,
    )


def some_prosody(**changes: object) -> Prosody:
    values = Prosody(
        duration_s=3.0,
        speech_s=2.0,
        lead_s=0.2,
        tail_s=0.3,
        pauses=(Span(start_s=1.0, end_s=1.5),),
        syllables_per_s=4.0,
        f0_median_hz=200.0,
        f0_range_st=6.0,
        f0_sd_st=2.0,
        f0_final_slope_st_s=-10.0,
        intensity_dbfs=-25.0,
        intensity_sd_db=5.0,
        voiced_share=0.6,
    )
    return replace(values, **changes)


def features(frames: int = 40, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(frames, 6)).astype(np.float32)


def test_pooling_is_mean_then_standard_deviation_by_hand():
    pooled = pool(np.array([[1.0, 0.0], [3.0, 0.0]], dtype=np.float32))
    assert pooled.tolist() == [2.0, 0.0, 1.0, 0.0]


def test_prosody_vector_by_hand():
    named = dict(zip(PROSODY, prosody_vector(some_prosody()), strict=True))
    assert named["f0_octaves"] == pytest.approx(1.0)  # 200 Hz is one octave above 100 Hz
    assert named["pause_share"] == pytest.approx(0.5 / 2.5)
    assert np.isnan(prosody_vector(some_prosody(f0_median_hz=None))[0])


def test_scales_stay_within_their_bounds_and_classes_sum_to_one():
    for seed in range(20):
        said = some_heads(seed=seed).predict(features(seed=seed), some_prosody())
        assert 1.0 <= said["expressive"] <= 5.0
        assert sum(said[f"emotion:{name}"] for name in ("happy", "neutral", "sad")) == pytest.approx(1.0)
        assert set(said) == set(some_heads().outputs)


def test_what_cannot_be_measured_is_replaced_by_the_training_mean():
    heads = some_heads()
    measured = some_prosody(f0_range_st=float(heads.defaults[12 + PROSODY.index("f0_range_st")]))
    assert heads.predict(features(), some_prosody(f0_range_st=None)) == pytest.approx(
        heads.predict(features(), measured)
    )
    assert set(heads.predict(features(), None)) == set(heads.outputs)


def test_heads_come_back_from_their_file_as_they_were(tmp_path: Path):
    heads = some_heads()
    heads.save(tmp_path / "deep" / "heads.npz")
    again = Heads.load(tmp_path / "deep" / "heads.npz", encoder="ears/1")
    assert again.identity == heads.identity
    assert again.predict(features(), some_prosody()) == heads.predict(features(), some_prosody())
    again.save(tmp_path / "again.npz")
    assert (tmp_path / "again.npz").read_bytes() == (tmp_path / "deep" / "heads.npz").read_bytes()


def test_identity_follows_the_weights():
    heads = some_heads()
    changed = heads.weights.copy()
    changed[0, 0] += 1.0
    assert replace(heads, weights=changed).identity != heads.identity


def test_another_encoder_is_refused(tmp_path: Path):
    some_heads().save(tmp_path / "heads.npz")
    with pytest.raises(InputError, match=r"ears/1.*ears/2.*train"):
        Heads.load(tmp_path / "heads.npz", encoder="ears/2")


@pytest.mark.parametrize("shape", [(40, 5), (0, 6), (6,)])
def test_features_of_another_shape_are_refused(shape: tuple[int, ...]):
    with pytest.raises(InputError, match="features of shape"):
        some_heads().predict(np.zeros(shape, dtype=np.float32), some_prosody())


def test_files_that_are_no_heads_are_refused(tmp_path: Path):
    with pytest.raises(MissingError, match="no such file"):
        Heads.load(tmp_path / "none.npz")
    broken = tmp_path / "broken.npz"
    for content in (b"", b"not an archive", _archive(weights=np.zeros(3)), _archive(header=np.zeros(3, np.uint8))):
        broken.write_bytes(content)
        with pytest.raises(InputError, match=r"heads .*broken\.npz|_Header"):
            Heads.load(broken)


def test_weights_of_another_size_are_refused():
    with pytest.raises(InputError, match="damaged"):
        replace(some_heads(), bias=np.zeros(3, dtype=np.float32))


def test_an_unfinite_weight_is_refused():
    with pytest.raises(InputError, match="not finite"):
        replace(some_heads(), bias=np.full(4, np.nan, dtype=np.float32))


def test_shipped_heads_load_and_are_small():
    heads = Heads.load(SHIPPED)
    assert SHIPPED.stat().st_size < 300_000
    assert {"expressive", "arousal", "emotion:happy", "emotion:sad", "gender:female"} <= set(heads.outputs)
    assert heads.card.licence and heads.card.training and heads.card.figures


def _archive(**arrays: np.ndarray) -> bytes:
    out = io.BytesIO()
    np.savez(out, **arrays)
    return out.getvalue()

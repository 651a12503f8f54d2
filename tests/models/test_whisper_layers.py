"""Our encoder in numpy hears what CTranslate2's hears, and its layers are encoders of their own."""

import struct

import numpy as np
import pytest

from s2s_arena.audio.resampling import resample
from s2s_arena.errors import InputError
from s2s_arena.models import weights
from s2s_arena.models.whisper_layers import Layers, WhisperLayer, identity, layer_of, variables


def name(text: str) -> bytes:
    return struct.pack("<H", len(text) + 1) + text.encode() + b"\0"


def stored(array: np.ndarray, kind: int) -> bytes:
    shape = struct.pack(f"<B{array.ndim}I", array.ndim, *array.shape)
    return shape + struct.pack("<BI", kind, array.nbytes) + array.tobytes()


def model(version: int = 6, kind: int = 0) -> bytes:
    """A model file written by hand: two arrays, and another name for the second."""
    floats, bytes_ = np.array([[1.5, -2.0]], dtype="<f4"), np.array([3, -4, 5], dtype="i1")
    body = name("a/weight") + stored(floats, kind) + name("b/weight") + stored(bytes_, 1)
    head = struct.pack("<I", version) + name("WhisperSpec") + struct.pack("<II", 3, 2)
    return head + body + struct.pack("<I", 1) + name("c") + name("b/weight")


def test_arrays_of_a_model_file_are_read_as_they_are_stored(tmp_path):
    (tmp_path / "model.bin").write_bytes(model())
    found = variables(tmp_path / "model.bin")
    assert found["a/weight"].tolist() == [[1.5, -2.0]]
    assert found["b/weight"].tolist() == found["c"].tolist() == [3, -4, 5]


@pytest.mark.parametrize(("given", "says"), [({"version": 3}, "version 3"), ({"kind": 9}, "elements of type 9")])
def test_another_form_of_file_is_refused(tmp_path, given, says):
    (tmp_path / "model.bin").write_bytes(model(**given))
    with pytest.raises(InputError, match=says):
        variables(tmp_path / "model.bin")


def test_an_identity_names_its_layer_and_no_other_weights():
    assert layer_of(identity("whisper-base", 3), name="whisper-base") == 3
    assert layer_of(identity("whisper-base", 3), name="whisper-tiny") is None
    assert layer_of("whisper/whisper-base/int8/beam1/1", name="whisper-base") is None


@pytest.fixture(scope="module")
def folder(local_parts):
    return weights.folder("whisper-base", local_parts.cache)


@pytest.mark.local
def test_the_last_layer_is_what_ctranslate2_gives(folder, say):
    from faster_whisper import WhisperModel  # the oracle; the package's own Whisper computes with integers

    speech = say("hibari", "The old lighthouse keeper waves at every ship.")
    ours = Layers(folder)(speech, window_frames=3000)
    oracle = WhisperModel(str(folder), device="cpu", compute_type="float32", cpu_threads=1, local_files_only=True)
    mel = oracle.feature_extractor(np.asarray(resample(speech, 16_000).samples, dtype=np.float32))[:, :-1]
    theirs = np.asarray(oracle.encode(np.pad(mel, ((0, 0), (0, 3000 - mel.shape[1])))), dtype=np.float32)[0]
    assert len(ours) == 1 + 6 + 1
    assert np.abs(ours[-1] - theirs[: len(ours[-1])]).max() < 0.02 * np.abs(theirs).max()
    assert np.corrcoef(ours[-1].ravel(), theirs[: len(ours[-1])].ravel())[0, 1] > 0.9999


@pytest.mark.local
def test_a_layer_encodes_speech_of_any_length_and_stops_there(folder, say):
    encoder = WhisperLayer(folder, name="whisper-base", layer=3)
    speech = say("hibari", "The old lighthouse keeper waves at every ship.")
    assert encoder.identity == "whisper-layer/whisper-base/3/1"
    found = encoder.encode(speech)
    assert found.shape == (-(-round(speech.duration_s * 16_000) // 320), 512)
    assert np.array_equal(found, Layers(folder)(speech)[3])
    with pytest.raises(InputError, match="layer 7 given; it has 1 to 6"):
        WhisperLayer(folder, name="whisper-base", layer=7)

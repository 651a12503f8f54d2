"""Mini-Omni2 by its own repository (github.com/gpt-omni/mini-omni2).

Used: `inference.py`, `OmniInference(ckpt_dir, device)` and `run_AT_batch_stream(path)`, which gives pairs of 16-bit
samples at 24 kHz and words. It hears at most 30 s and has no place for earlier turns; its eyes are not used.

Not run here (`verified = "none"`).

Options: checkout (or MINI_OMNI2_HOME), weights (folder; `checkpoint` inside the checkout otherwise, where the project
downloads them), device, stream_stride.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

from arena_worker import Stopwatch, checkout, device, enter, packages, seed_all, serve, write_wav

PROJECT = "github.com/gpt-omni/mini-omni2"
RATE_HZ = 24000
loaded = {}


def load(settings):
    """The model; its own code fetches the weights if they are not there."""
    folder = checkout(settings, "MINI_OMNI2_HOME", project=PROJECT, holds=["inference.py", "utils/snac_utils.py"])
    packages("torch", "lightning", "snac", "whisper", how=f"pip install -r {folder / 'requirements.txt'}")
    where = device(settings, "cuda:0")
    enter(folder)
    from inference import OmniInference

    loaded["model"] = OmniInference(str(settings.get("weights", folder / "checkpoint")), where)


def answer(speech, *, history, out, seed, settings):
    """One turn; earlier ones are not told."""
    watch = Stopwatch()
    seed_all(seed)
    pieces, words = [], []
    stride = int(settings.get("stream_stride", 4))
    for piece, text in loaded["model"].run_AT_batch_stream(speech, stream_stride=stride):
        watch.sound()
        pieces.append(bytes(piece))
        words.append(text or "")
    import numpy

    write_wav(out, numpy.frombuffer(b"".join(pieces), dtype="<i2"), RATE_HZ)
    return {"text": "".join(words).strip(), "first_audio_s": watch.first}


if __name__ == "__main__":
    serve(answer, name="mini-omni2", version="1", load=load, capabilities=["seed"])

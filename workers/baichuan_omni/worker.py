"""Baichuan-Omni-1.5 by its own repository (github.com/baichuan-inc/Baichuan-Omni-1.5).

Used: `web_demo/s2s_gradio_demo_cosy_multiturn.py` as a module. Importing it loads the model and the vocoder named in
`web_demo/constants.py`; its `preprocess_messages(messages, True)` makes the prompt and its generator
`generate_response(prompt, True)` gives words and pieces of sound (24 kHz). Earlier turns are messages of the same
form: the user's speech, the answer's words with its speech.

Not run here (`verified = "none"`): the weights need a GPU of 24 GB or more.

Options: checkout (or BAICHUAN_OMNI_HOME), weights (folder with the model; `baichuan-omni/model` inside the checkout
otherwise), vocoder (`third_party/cosy24k_vocoder` otherwise), system (its demo's instruction otherwise).
"""

import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

from arena_worker import (
    Stopwatch,
    checkout,
    device,
    enter,
    packages,
    seed_all,
    serve,
    weights,
    write_wav,
)

PROJECT = "github.com/baichuan-inc/Baichuan-Omni-1.5"
DEMO = "s2s_gradio_demo_cosy_multiturn"
SYSTEM = "请用【邻家女声】这个声音回答问题。"  # names one of the voices it was trained with
loaded = {}


def load(settings):
    """The demo's module, with its constants pointed at the weights."""
    folder = checkout(settings, "BAICHUAN_OMNI_HOME", project=PROJECT, holds=[f"web_demo/{DEMO}.py"])
    model = weights(
        settings,
        "weights",
        "BAICHUAN_OMNI_WEIGHTS",
        source="huggingface.co/baichuan-inc/Baichuan-Omni-1d5",
        default=folder / "baichuan-omni" / "model",
        holds=["config.json"],
    )
    vocoder = weights(
        settings,
        "vocoder",
        "BAICHUAN_OMNI_VOCODER",
        source="the vocoder that its README names",
        default=folder / "third_party" / "cosy24k_vocoder",
        holds=["cosy24k_vocoder.py", "hift.pt"],
    )
    packages(
        "torch",
        "torchaudio",
        "transformers",
        "gradio",
        "ujson",
        how=f"pip install -r {folder}/baichuan_omni_requirements.txt",
    )
    device(settings)
    enter(folder / "web_demo")
    import constants

    constants.MODEL_PATH, constants.COSY_VOCODER = str(model), str(vocoder)
    constants.g_cache_dir = tempfile.mkdtemp(prefix="s2s-arena-baichuan-")
    loaded["demo"] = __import__(DEMO)


def spoken(start, path, end):
    """A sound file as the model is told of it."""
    return start + json.dumps({"path": path}, ensure_ascii=False) + end


def answer(speech, *, history, out, seed, settings):
    """One turn, the earlier ones before it."""
    import numpy

    watch = Stopwatch()
    seed_all(seed)
    demo = loaded["demo"]
    messages = [{"role": "system", "content": settings.get("system", SYSTEM)}]
    heard = (demo.audio_start_token, demo.audio_end_token)
    said = (demo.audiogen_start_token, demo.audiogen_end_token)
    for turn in history:
        messages.append({"role": "user", "content": spoken(heard[0], turn["user"], heard[1])})
        messages.append({"role": "assistant", "content": turn["text"] + spoken(said[0], turn["answer"], said[1])})
    messages.append({"role": "user", "content": spoken(heard[0], speech, heard[1])})
    text, pieces, rate_hz = "", [], demo.sampling_rate
    for number, (shown, _, sound) in enumerate(demo.generate_response(demo.preprocess_messages(messages, True), True)):
        text = shown
        if sound is not None and number:  # the first is two seconds of silence, for the page's player
            watch.sound()
            rate_hz = sound[0]
            pieces.append(numpy.asarray(sound[1]).reshape(-1))
    if pieces:
        write_wav(out, numpy.concatenate(pieces), rate_hz)
    return {"text": text.replace("<audio>", "").strip(), "first_audio_s": watch.first}


if __name__ == "__main__":
    serve(answer, name="baichuan-omni-1.5", version="1", load=load, capabilities=["history", "seed"])

"""Kimi-Audio by its own repository (github.com/MoonshotAI/Kimi-Audio).

Used: `kimia_infer/api/kimia.py`, `KimiAudio(model_path=, load_detokenizer=True)` and `KimiAudio.generate(messages,
output_type="both", ...)` with the sampling settings of its README; 24 kHz. Earlier answers go in as messages of type
"audio-text", which releases of the repository since May 2025 understand.

Not run here (`verified = "none"`): the weights need a GPU of 24 GB or more.

Options: checkout (or KIMI_AUDIO_HOME), weights (a folder or a hub name), and any sampling setting of `generate`.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

from arena_worker import Stopwatch, checkout, device, enter, packages, seed_all, serve, write_wav

PROJECT = "github.com/MoonshotAI/Kimi-Audio"
SAMPLING = {
    "audio_temperature": 0.8,
    "audio_top_k": 10,
    "text_temperature": 0.0,
    "text_top_k": 5,
    "audio_repetition_penalty": 1.0,
    "audio_repetition_window_size": 64,
    "text_repetition_penalty": 1.0,
    "text_repetition_window_size": 16,
}
RATE_HZ = 24000
loaded = {}


def load(settings):
    """The model with its detokenizer."""
    folder = checkout(settings, "KIMI_AUDIO_HOME", project=PROJECT, holds=["kimia_infer/api/kimia.py"])
    packages("torch", "transformers", "loguru", how=f"pip install -r {folder / 'requirements.txt'}")
    device(settings)
    enter(folder)
    from kimia_infer.api.kimia import KimiAudio

    weights = settings.get("weights", "moonshotai/Kimi-Audio-7B-Instruct")
    loaded["model"] = KimiAudio(model_path=weights, load_detokenizer=True)
    loaded["sampling"] = {key: settings.get(key, value) for key, value in SAMPLING.items()}


def answer(speech, *, history, out, seed, settings):
    """One turn, the earlier ones before it."""
    watch = Stopwatch()
    seed_all(seed)
    messages = []
    for turn in history:
        messages.append({"role": "user", "message_type": "audio", "content": turn["user"]})
        messages.append({"role": "assistant", "message_type": "audio-text", "content": [turn["answer"], turn["text"]]})
    messages.append({"role": "user", "message_type": "audio", "content": speech})
    wave, text = loaded["model"].generate(messages, **loaded["sampling"], output_type="both")
    watch.sound()
    write_wav(out, wave, RATE_HZ)
    return {"text": text, "first_audio_s": watch.first}


if __name__ == "__main__":
    serve(answer, name="kimi-audio", version="1", load=load, capabilities=["history", "seed"])

"""EchoX by its own repository (github.com/FreedomIntelligence/EchoX).

Used, as `demo.py` uses it: `inference/echox_stream.py`, `EchoxAssistant()` and its generator `_inference(messages)`,
which gives words as they grow and pieces of sound with their rate (16 kHz). It loads its weights from the folders
`EchoX-8B` and `whisper-large-v3` of the checkout. Earlier turns go in as its own messages: the user's speech, the
answer's words; `demo.py` shows one turn only.

Not run here (`verified = "none"`): the weights need a GPU of 24 GB.

Options: checkout (or ECHOX_HOME), prompt (words beside the speech; none otherwise), max_new_tokens, temperature, top_p.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

from arena_worker import Missing, Stopwatch, checkout, device, enter, packages, seed_all, serve, write_wav

PROJECT = "github.com/FreedomIntelligence/EchoX"
WEIGHTS = {"EchoX-8B": "FreedomIntelligence/EchoX-8B", "whisper-large-v3": "openai/whisper-large-v3"}
loaded = {}


def load(settings):
    """The assistant, which loads everything itself."""
    folder = checkout(settings, "ECHOX_HOME", project=PROJECT, holds=["inference/echox_stream.py"])
    for name, source in WEIGHTS.items():
        if not (folder / name / "config.json").is_file():
            raise Missing(
                f"the weights {name}: not in {folder}; there, huggingface-cli download {source} --local-dir {name}"
            )
    packages("torch", "transformers", "peft", "librosa", how=f"pip install -r {folder / 'requirements.txt'}")
    device(settings)
    enter(folder)
    from inference.echox_stream import EchoxAssistant

    loaded["assistant"] = EchoxAssistant()


def answer(speech, *, history, out, seed, settings):
    """One turn, the earlier ones before it."""
    import numpy

    watch = Stopwatch()
    seed_all(seed)
    said, prompt = [], str(settings.get("prompt", ""))
    for turn in history:
        said.append({"from": "user", "value": prompt, "audio": turn["user"]})
        said.append({"from": "assistant", "value": turn["text"]})
    said.append({"from": "user", "value": prompt, "audio": speech})
    ways = {key: settings[key] for key in ("max_new_tokens", "temperature", "top_p") if key in settings}
    text, pieces, rate_hz = "", [], 16000
    for words, sound in loaded["assistant"]._inference([{"conversations": said}], **ways):
        text = words or text
        if sound is not None:
            watch.sound()
            rate_hz = sound[0]
            pieces.append(numpy.asarray(sound[1]).reshape(-1))
    if pieces:
        write_wav(out, numpy.concatenate(pieces), rate_hz)
    return {"text": text, "first_audio_s": watch.first}


if __name__ == "__main__":
    serve(answer, name="echox", version="1", load=load, capabilities=["history", "seed"])

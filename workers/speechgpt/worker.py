"""SpeechGPT by its own repository (github.com/0nutation/SpeechGPT).

Used: `speechgpt/src/infer/cli_infer.py`, `SpeechGPTInference(model_name_or_path, lora_weights, s2u_dir, vocoder_dir,
output_dir)` and its `forward([path])`, which gives 16 kHz and the samples, and writes the words ("textAnswer") as the
last line of `responses.json`. It has no place for earlier turns.

Not run here (`verified = "none"`): the weights need a GPU of 24 GB.

Options: checkout (or SPEECHGPT_HOME), weights (SpeechGPT-7B-cm, or SPEECHGPT_WEIGHTS), lora (SpeechGPT-7B-com, or
SPEECHGPT_LORA); mHuBERT and the vocoder lie where its README puts them, or in units and vocoder.
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

PROJECT = "github.com/0nutation/SpeechGPT"
loaded = {}


def load(settings):
    """Units, model, adapter and vocoder."""
    folder = checkout(settings, "SPEECHGPT_HOME", project=PROJECT, holds=["speechgpt/src/infer/cli_infer.py"])
    hub = "huggingface.co/fnlp/SpeechGPT-7B-"
    model = weights(settings, "weights", "SPEECHGPT_WEIGHTS", source=f"{hub}cm", holds=["config.json"])
    lora = weights(settings, "lora", "SPEECHGPT_LORA", source=f"{hub}com", holds=["adapter_config.json"])
    units = weights(
        settings,
        "units",
        "SPEECHGPT_UNITS",
        source="mhubert_base_vp_en_es_fr_it3.pt and its k-means as speechgpt/README.md says",
        default=folder / "speechgpt" / "utils" / "speech2unit",
        holds=["mhubert_base_vp_en_es_fr_it3.pt"],
    )
    vocoder = weights(
        settings,
        "vocoder",
        "SPEECHGPT_VOCODER",
        source="vocoder.pt and config.json as speechgpt/README.md says",
        default=folder / "speechgpt" / "utils" / "vocoder",
        holds=["vocoder.pt", "config.json"],
    )
    packages("torch", "transformers", "peft", "fairseq", how=f"pip install -r {folder / 'requirements.txt'}")
    device(settings)
    enter(folder)
    import speechgpt.src.infer.cli_infer as inference

    inference.sys = sys  # it uses the name and forgets to import it
    loaded["output"] = Path(tempfile.mkdtemp(prefix="s2s-arena-speechgpt-"))
    loaded["model"] = inference.SpeechGPTInference(
        str(model), str(lora), s2u_dir=f"{units}/", vocoder_dir=f"{vocoder}/", output_dir=str(loaded["output"])
    )


def answer(speech, *, history, out, seed, settings):
    """One turn; earlier ones are not told."""
    watch = Stopwatch()
    seed_all(seed)
    rate_hz, samples = loaded["model"].forward([speech])
    watch.sound()
    told = json.loads((loaded["output"] / "responses.json").read_text().splitlines()[-1])
    if "<sosp>" in told["answer"]:
        write_wav(out, samples, rate_hz)
    text = told["textAnswer"].strip() or (told["answer"].strip() if "<sosp>" not in told["answer"] else "")
    return {"text": text, "first_audio_s": watch.first}


if __name__ == "__main__":
    serve(answer, name="speechgpt", version="1", load=load, capabilities=["seed"])

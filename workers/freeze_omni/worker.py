"""Freeze-Omni by its own repository (github.com/VITA-MLLM/Freeze-Omni).

Used: `bin/inference.py`, its `inferencePipeline(configs)` (of `models/pipeline.py`), `llm2TTS(model_path)` (of
`models/decoder/llm2tts.py`), `audioEncoderProcessor()` and `inference(pipeline, audio_processor, tts, configs)`, which
reads one WAV, writes one of 24 kHz and prints the words last. One call is one conversation of one turn, so earlier
turns are not told.

Not run here (`verified = "none"`): the weights need a GPU of 24 GB.

Options: checkout (or FREEZE_OMNI_HOME), weights (folder `checkpoints` of its release, or FREEZE_OMNI_WEIGHTS) and llm
(folder of Qwen2-7B-Instruct, or FREEZE_OMNI_LLM), both inside the checkout otherwise; top_k, top_p, temperature.
"""

import contextlib
import importlib.util
import io
import sys
from argparse import Namespace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

from arena_worker import Stopwatch, checkout, device, enter, packages, seed_all, serve, weights

PROJECT = "github.com/VITA-MLLM/Freeze-Omni"
loaded = {}


def load(settings):
    """Listener, language model and speech decoder."""
    folder = checkout(settings, "FREEZE_OMNI_HOME", project=PROJECT, holds=["bin/inference.py", "models/pipeline.py"])
    model = weights(
        settings,
        "weights",
        "FREEZE_OMNI_WEIGHTS",
        source="huggingface.co/VITA-MLLM/Freeze-Omni",
        default=folder / "checkpoints",
        holds=["audiollm/train.yaml", "audiollm/final.pt"],
    )
    llm = weights(
        settings,
        "llm",
        "FREEZE_OMNI_LLM",
        source="huggingface.co/Qwen/Qwen2-7B-Instruct",
        default=folder / "Qwen2-7B-Instruct",
        holds=["config.json"],
    )
    packages("torch", "torchaudio", "transformers", "yaml", how=f"pip install -r {folder / 'requirements.txt'}")
    device(settings)
    enter(folder)
    # `bin` is no package, and its scripts import `models` from the checkout.
    described = importlib.util.spec_from_file_location("freeze_omni_inference", str(folder / "bin" / "inference.py"))
    script = importlib.util.module_from_spec(described)
    described.loader.exec_module(script)
    loaded["script"] = script
    loaded["ways"] = {
        "model_path": str(model),
        "llm_path": str(llm),
        "top_k": int(settings.get("top_k", 5)),
        "top_p": float(settings.get("top_p", 0.8)),
        "temperature": float(settings.get("temperature", 0.7)),
    }
    loaded["pipeline"] = script.inferencePipeline(Namespace(**loaded["ways"]))
    loaded["tts"] = script.llm2TTS(str(model))
    loaded["ears"] = script.audioEncoderProcessor()


def answer(speech, *, history, out, seed, settings):
    """One turn; earlier ones are not told."""
    watch = Stopwatch()
    seed_all(seed)
    asked = Namespace(**loaded["ways"], input_wav=speech, output_wav=out)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        loaded["script"].inference(loaded["pipeline"], loaded["ears"], loaded["tts"], asked)
    watch.sound()
    lines = [line for line in printed.getvalue().splitlines() if line.strip()]
    print(printed.getvalue(), flush=True)
    return {"text": lines[-1].strip() if lines else "", "first_audio_s": watch.first}


if __name__ == "__main__":
    serve(answer, name="freeze-omni", version="1", load=load, capabilities=["seed"])

"""Parler-TTS as a voice: it is told in a sentence who speaks and how.

Used, as the README and INFERENCE.md of github.com/huggingface/parler-tts show it: package `parler_tts`,
`ParlerTTSForConditionalGeneration.from_pretrained`, transformers' `AutoTokenizer` for the description and for the
words, `generate(input_ids=, attention_mask=, prompt_input_ids=, prompt_attention_mask=, do_sample=,
return_dict_in_generate=)` with `.sequences` and `.audios_length`, and `config.sampling_rate`.

Not run here (`verified = "none"`): no weights, no GPU.

Options: weights (a folder or a hub name; or PARLER_TTS_WEIGHTS), device ("cuda"), dtype ("bfloat16" on a GPU,
"float32" elsewhere), attention (attn_implementation), description_tokenizer (a folder or a hub name, where the
description's tokenizer is another one than the words'), female and male (speakers that the weights know by name, e.g.
Laura and Jon: grown-ups then sound the same in each reading), temperature.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

from arena_worker import Missing, device, packages, seed_all, serve, write_wav

GROWN = {"female": "A woman", "male": "A man"}  # how descriptions begin, see docs/workers.md
loaded = {}


def load(settings):
    """The model and its tokenizers."""
    packages("torch", "transformers", "parler_tts", how="pip install -r requirements.txt beside this worker")
    weights = str(settings.get("weights") or os.environ.get("PARLER_TTS_WEIGHTS", ""))
    if not weights:
        raise Missing(
            "the weights: name a folder, or parler-tts/parler-tts-mini-v1, in options.weights or in PARLER_TTS_WEIGHTS"
        )
    place = device(settings)
    import torch
    from parler_tts import ParlerTTSForConditionalGeneration
    from transformers import AutoTokenizer

    ways = {"attn_implementation": settings["attention"]} if settings.get("attention") else {}
    kind = getattr(torch, str(settings.get("dtype", "bfloat16" if place.startswith("cuda") else "float32")))
    model = ParlerTTSForConditionalGeneration.from_pretrained(weights, **ways).to(place, dtype=kind)
    loaded["model"] = model.eval()
    loaded["words"] = AutoTokenizer.from_pretrained(weights)
    loaded["description"] = AutoTokenizer.from_pretrained(settings.get("description_tokenizer") or weights)


def described(description, gender, settings):
    """The description, of a speaker by name where the card names one."""
    start = GROWN.get(gender, "")
    if start and settings.get(gender) and description.startswith((start + " speaks", start + " with")):
        return str(settings[gender]) + description[len(start) :]
    return description


def speak(text, *, gender, description, out, seed, settings, **_):
    """One reading."""
    import torch

    seed_all(seed)
    model = loaded["model"]
    manner = loaded["description"](described(description, gender, settings), return_tensors="pt").to(model.device)
    words = loaded["words"](text, return_tensors="pt").to(model.device)
    with torch.inference_mode():
        made = model.generate(
            input_ids=manner.input_ids,
            attention_mask=manner.attention_mask,
            prompt_input_ids=words.input_ids,
            prompt_attention_mask=words.attention_mask,
            do_sample=True,
            temperature=float(settings.get("temperature", 1.0)),
            return_dict_in_generate=True,
        )
    write_wav(out, made.sequences[0, : int(made.audios_length[0])], model.config.sampling_rate)
    return {}


if __name__ == "__main__":
    serve(
        speak=speak,
        name="parler-tts",
        version="1",
        load=load,
        capabilities=["gender", "seed", "emotion", "style=whisper", "style=shout", "age=child", "age=elder"],
    )

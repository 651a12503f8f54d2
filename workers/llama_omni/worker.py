"""LLaMA-Omni by its own repository (github.com/ictnlp/LLaMA-Omni).

Used, as `predict.py` uses them: `load_pretrained_model(path, model_base=None, s2s=True)` of
`omni_speech/model/builder.py`; `create_data_loader` and `ctc_postprocess` of `omni_speech/infer/infer.py`; the model's
`generate(..., speech=, speech_lengths=, streaming_unit_gen=False)`; and fairseq's `CodeHiFiGANVocoder`; 16 kHz. It has
no place for earlier turns.

Not run here (`verified = "none"`): the weights need a GPU of 24 GB.

Options: checkout (or LLAMA_OMNI_HOME), weights (folder Llama-3.1-8B-Omni) and vocoder (folder with g_00500000 and
config.json), both inside the checkout otherwise as its README has them; prompt, temperature, top_p, max_new_tokens.
"""

import json
import sys
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

PROJECT = "github.com/ictnlp/LLaMA-Omni"
PROMPT = "Please directly answer the questions in the user's speech"  # the one it was trained with
PAD = 128004  # the padding token of Llama 3.1
RATE_HZ = 16000
loaded = {}


def load(settings):
    """The model and its vocoder; its Whisper encoder lies where config.json of the weights says."""
    folder = checkout(settings, "LLAMA_OMNI_HOME", project=PROJECT, holds=["omni_speech/infer/infer.py"])
    model = weights(
        settings,
        "weights",
        "LLAMA_OMNI_WEIGHTS",
        source="huggingface.co/ICTNLP/Llama-3.1-8B-Omni",
        default=folder / "Llama-3.1-8B-Omni",
        holds=["config.json"],
    )
    vocoder = weights(
        settings,
        "vocoder",
        "LLAMA_OMNI_VOCODER",
        source="the unit vocoder (g_00500000, config.json) that the README links",
        default=folder / "vocoder",
        holds=["g_00500000", "config.json"],
    )
    packages(
        "torch", "transformers", "fairseq", "whisper", how=f"pip install -e {folder}, and fairseq as its README says"
    )
    device(settings)
    enter(folder)
    from fairseq.models.text_to_speech.vocoder import CodeHiFiGANVocoder
    from omni_speech.model.builder import load_pretrained_model
    from omni_speech.utils import disable_torch_init

    disable_torch_init()
    loaded["tokenizer"], loaded["model"], _ = load_pretrained_model(str(model), model_base=None, s2s=True)
    described = json.loads((vocoder / "config.json").read_text())
    loaded["vocoder"] = CodeHiFiGANVocoder(str(vocoder / "g_00500000"), described).cuda()


def answer(speech, *, history, out, seed, settings):
    """One turn; earlier ones are not told."""
    import torch
    from omni_speech.infer.infer import create_data_loader, ctc_postprocess

    watch = Stopwatch()
    seed_all(seed)
    tokenizer, model = loaded["tokenizer"], loaded["model"]
    said = [{"from": "human", "value": f"<speech>\n{settings.get('prompt', PROMPT)}"}]
    questions = [{"speech": speech, "conversations": said}]
    batches = create_data_loader(
        questions, tokenizer, model.config, input_type="mel", mel_size=128, conv_mode="llama_3", num_workers=0
    )
    ids, features, lengths = next(iter(batches))
    temperature = float(settings.get("temperature", 0.0))
    with torch.inference_mode():
        words, units = model.generate(
            ids.to("cuda"),
            speech=features.to(dtype=torch.float16, device="cuda"),
            speech_lengths=lengths.to("cuda"),
            do_sample=temperature > 0,
            temperature=temperature,
            top_p=float(settings.get("top_p", 1.0)) if temperature > 0 else None,
            num_beams=1,
            max_new_tokens=int(settings.get("max_new_tokens", 256)),
            use_cache=True,
            pad_token_id=PAD,
            streaming_unit_gen=False,
        )
        codes = [int(unit) for unit in ctc_postprocess(units, blank=model.config.unit_vocab_size).split()]
        if codes:
            wave = loaded["vocoder"]({"code": torch.LongTensor(codes).view(1, -1).cuda()}, True)
            watch.sound()
            write_wav(out, wave, RATE_HZ)
    text = tokenizer.batch_decode(words, skip_special_tokens=True)[0].strip()
    return {"text": text, "first_audio_s": watch.first}


if __name__ == "__main__":
    serve(answer, name="llama-omni", version="1", load=load, capabilities=["seed"])

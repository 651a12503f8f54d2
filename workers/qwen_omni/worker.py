"""Qwen2.5-Omni and Qwen3-Omni by transformers: the classes, the processor and `generate` of its documentation.

Used: `Qwen2_5OmniForConditionalGeneration` with `Qwen2_5OmniProcessor`, and `Qwen3OmniMoeForConditionalGeneration` with
`Qwen3OmniMoeProcessor` (transformers 5), whichever `config.json` of the weights names; `apply_chat_template`, the
processor over text and audio of 16 kHz, and `generate(..., speaker=, thinker_*, talker_*)`, which gives tokens and
sound of 24 kHz. Earlier turns are messages: the user's speech, the answer's words.

Verified with tiny random weights (`make test-workers`): the same code over models of the same classes; never with the
weights themselves.

Options: weights (a folder or a hub name; or QWEN_OMNI_WEIGHTS), device ("auto"), dtype ("auto"), attention
(attn_implementation), speaker, system (only Qwen2.5 has one by default), max_new_tokens and temperature (of the words),
max_sound_tokens (of the speech). `tiny` ("qwen2.5" or "qwen3") makes random weights and loads those.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

from arena_worker import Missing, Stopwatch, packages, read_wav, resampled, seed_all, serve, write_wav

HEARS_HZ, SPEAKS_HZ = 16000, 24000
# With any other system prompt Qwen2.5-Omni writes and does not speak; its processor warns of that.
SYSTEM = {
    "qwen2_5_omni": "You are Qwen, a virtual human developed by the Qwen Team, Alibaba Group, capable of perceiving "
    "auditory and visual inputs, as well as generating text and speech.",
    "qwen3_omni_moe": "",
}
CLASSES = {
    "qwen2_5_omni": ("Qwen2_5OmniForConditionalGeneration", "Qwen2_5OmniProcessor", "Chelsie"),
    "qwen3_omni_moe": ("Qwen3OmniMoeForConditionalGeneration", "Qwen3OmniMoeProcessor", "Ethan"),
}
loaded = {}


def load(settings):
    """The model and its processor."""
    packages("torch", "transformers", how="pip install -r requirements.txt beside this worker, with your CUDA build")
    weights = str(settings.get("weights") or os.environ.get("QWEN_OMNI_WEIGHTS", ""))
    if settings.get("tiny"):
        from tiny import make

        weights = str(make(str(settings["tiny"]), Path(tempfile.mkdtemp(prefix="s2s-arena-tiny-"))))
    if not weights:
        raise Missing("the weights: name a folder, or Qwen/Qwen2.5-Omni-7B, in options.weights or in QWEN_OMNI_WEIGHTS")
    import transformers

    kind = kind_of(weights, transformers)
    model_class, processor_class, speaker = CLASSES[kind]
    ways = {"dtype": settings.get("dtype", "auto"), "device_map": settings.get("device", "auto")}
    if settings.get("attention"):
        ways["attn_implementation"] = settings["attention"]
    loaded["kind"] = kind
    loaded["speaker"] = settings.get("speaker", speaker)
    loaded["processor"] = speech_processor(getattr(transformers, processor_class), weights)
    loaded["model"] = getattr(transformers, model_class).from_pretrained(weights, **ways).eval()


def speech_processor(processor_class, weights):
    """The processor with its ears and its tokenizer alone.

    Its own `from_pretrained` also loads eyes, and with them torchvision, which must fit the build of PyTorch to the
    letter; nothing is shown to the model here.
    """
    from transformers import AutoTokenizer, WhisperFeatureExtractor

    class SpeechProcessor(processor_class):
        """Takes text and audio."""

        def check_argument_for_proper_class(self, argument_name, argument):
            return type(argument)

    described, _ = processor_class.get_processor_dict(weights)
    return SpeechProcessor(
        image_processor=Unused(),
        video_processor=Unused(),
        feature_extractor=WhisperFeatureExtractor.from_pretrained(weights),
        tokenizer=AutoTokenizer.from_pretrained(weights),
        chat_template=described.get("chat_template"),
    )


class Unused:
    """Eyes that see nothing."""


def kind_of(weights, transformers):
    """Which of the two models the weights are."""
    place = Path(weights).expanduser() / "config.json"
    if place.is_file():
        kind = json.loads(place.read_text()).get("model_type")
    elif Path(weights).exists() or weights.startswith((".", "/", "~")):
        raise Missing(
            f"the weights: {weights} has no config.json; name the folder of a checkpoint, or its name at the hub"
        )
    else:
        kind = transformers.AutoConfig.from_pretrained(weights).model_type
    if kind not in CLASSES:
        raise Missing(f"the weights: {weights} are of type {kind}; this worker runs {' and '.join(CLASSES)}")
    return kind


def conversation(speech, history, system):
    """Messages as the chat template takes them, and the speech in them in its order."""
    messages, heard = [], []
    if system:
        messages.append({"role": "system", "content": [{"type": "text", "text": system}]})
    for turn in history:
        heard.append(turn["user"])
        messages.append({"role": "user", "content": [{"type": "audio", "audio": turn["user"]}]})
        messages.append({"role": "assistant", "content": [{"type": "text", "text": turn["text"] or "..."}]})
    heard.append(speech)
    messages.append({"role": "user", "content": [{"type": "audio", "audio": speech}]})
    return messages, heard


def answer(speech, *, history, out, seed, settings):
    """One turn, the earlier ones before it."""
    import torch

    watch = Stopwatch()
    seed_all(seed)
    model, processor = loaded["model"], loaded["processor"]
    messages, paths = conversation(speech, history, settings.get("system", SYSTEM[loaded["kind"]]))
    text = processor.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
    sounds = [resampled(*read_wav(path), HEARS_HZ) for path in paths]
    inputs = processor(text=text, audio=sounds, return_tensors="pt", padding=True)
    inputs = inputs.to(model.device).to(model.dtype)
    temperature = float(settings.get("temperature", 0.0))
    ways = {
        "thinker_max_new_tokens": int(settings.get("max_new_tokens", 512)),
        "thinker_do_sample": temperature > 0,
        "talker_max_new_tokens": int(settings.get("max_sound_tokens", 2048)),
    }
    if temperature > 0:
        ways["thinker_temperature"] = temperature
    with torch.inference_mode():
        tokens, sound = model.generate(**inputs, speaker=loaded["speaker"], **ways)
    watch.sound()
    tokens = getattr(tokens, "sequences", tokens)[:, inputs["input_ids"].shape[1] :]
    if sound is not None:
        write_wav(out, sound, SPEAKS_HZ)
    return {
        "text": processor.batch_decode(tokens, skip_special_tokens=True)[0].strip(),
        "first_audio_s": watch.first,
        "tokens_in": int(inputs["input_ids"].shape[1]),
        "tokens_out": int(tokens.shape[1]),
    }


if __name__ == "__main__":
    serve(answer, name="qwen-omni", version="1", load=load, capabilities=["history", "seed"])

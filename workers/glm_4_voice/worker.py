"""GLM-4-Voice by its own repository (github.com/zai-org/GLM-4-Voice, formerly THUDM).

Used, as `web_demo.py` uses them: `WhisperVQEncoder` of `speech_tokenizer/modeling_whisper.py` and
`extract_speech_token(model, feature_extractor, [path])` of `speech_tokenizer/utils.py` for what is heard;
`AutoModel.from_pretrained(..., trust_remote_code=True)` and its `generate`, as `model_server.py`, for the answer;
`AudioDecoder(config_path=, flow_ckpt_path=, hift_ckpt_path=, device=).offline_inference(tokens)` of
`flow_inference.py` for its sound, 22,050 Hz. The prompt has the form of `web_demo.py`: text and audio by turns, 13
tokens and 26. Earlier answers are put into that form again from their words and their sound.

Not run here (`verified = "none"`): the weights need a GPU of 24 GB.

Options: checkout (or GLM_4_VOICE_HOME), weights and tokenizer (folders or hub names), decoder (folder; a clone of
THUDM/glm-4-voice-decoder inside the checkout otherwise), temperature, top_p, max_new_tokens.
"""

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

PROJECT = "github.com/zai-org/GLM-4-Voice"
# What the model was trained with; any other wording makes it another model.
SYSTEM = (
    "User will provide you with a speech instruction. Do it step by step. First, think about the instruction and "
    "respond in a interleaved manner, with 13 text token followed by 26 audio tokens. "
)
TEXT_TOKENS, AUDIO_TOKENS = 13, 26
RATE_HZ = 22050
loaded = {}


def load(settings):
    """Ears, model and decoder."""
    folder = checkout(settings, "GLM_4_VOICE_HOME", project=PROJECT, holds=["flow_inference.py", "speech_tokenizer"])
    flow = weights(
        settings,
        "decoder",
        "GLM_4_VOICE_DECODER",
        source="huggingface.co/THUDM/glm-4-voice-decoder (git lfs clone) into the checkout",
        default=folder / "glm-4-voice-decoder",
        holds=["config.yaml", "flow.pt", "hift.pt"],
    )
    packages("torch", "torchaudio", "transformers", "hyperpyyaml", how=f"pip install -r {folder / 'requirements.txt'}")
    where = device(settings)
    enter(folder, "cosyvoice", "third_party/Matcha-TTS")
    import torch
    from flow_inference import AudioDecoder
    from speech_tokenizer.modeling_whisper import WhisperVQEncoder
    from transformers import AutoModel, AutoTokenizer, WhisperFeatureExtractor

    model = settings.get("weights", "THUDM/glm-4-voice-9b")
    ears = settings.get("tokenizer", "THUDM/glm-4-voice-tokenizer")
    loaded["device"] = where
    loaded["tokenizer"] = AutoTokenizer.from_pretrained(model, trust_remote_code=True)
    loaded["model"] = AutoModel.from_pretrained(model, trust_remote_code=True, torch_dtype=torch.bfloat16)
    loaded["model"] = loaded["model"].eval().to(where)
    loaded["ears"] = WhisperVQEncoder.from_pretrained(ears).eval().to(where)
    loaded["features"] = WhisperFeatureExtractor.from_pretrained(ears)
    loaded["decoder"] = AudioDecoder(
        config_path=str(flow / "config.yaml"),
        flow_ckpt_path=str(flow / "flow.pt"),
        hift_ckpt_path=str(flow / "hift.pt"),
        device=where,
    )


def heard(path):
    """The numbers of the audio tokens of a file."""
    from speech_tokenizer.utils import extract_speech_token

    return extract_speech_token(loaded["ears"], loaded["features"], [path])[0]


def as_question(numbers):
    """Audio tokens of a user."""
    return "<|begin_of_audio|>" + "".join(f"<|audio_{n}|>" for n in numbers) + "<|end_of_audio|>"


def interleaved(words, sounds):
    """An answer as the model gives it: 13 tokens of text, 26 of audio, and so on; what is left follows."""
    pieces = []
    while words or sounds:
        pieces += words[:TEXT_TOKENS] + sounds[:AUDIO_TOKENS]
        words, sounds = words[TEXT_TOKENS:], sounds[AUDIO_TOKENS:]
    return pieces


def as_answer(turn):
    """An earlier answer as text of tokens."""
    tokenizer = loaded["tokenizer"]
    words = [tokenizer.decode([n]) for n in tokenizer.encode(turn["text"], add_special_tokens=False)]
    return "".join(interleaved(words, [f"<|audio_{n}|>" for n in heard(turn["answer"])]))


def answer(speech, *, history, out, seed, settings):
    """One turn, the earlier ones before it."""
    import torch

    watch = Stopwatch()
    seed_all(seed)
    tokenizer, model = loaded["tokenizer"], loaded["model"]
    prompt = f"<|system|>\n{SYSTEM}"
    for turn in history:
        prompt += f"<|user|>\n{as_question(heard(turn['user']))}<|assistant|>streaming_transcription\n{as_answer(turn)}"
    prompt += f"<|user|>\n{as_question(heard(speech))}<|assistant|>streaming_transcription\n"
    inputs = tokenizer([prompt], return_tensors="pt").to(loaded["device"])
    with torch.inference_mode():
        tokens = model.generate(
            **inputs,
            max_new_tokens=int(settings.get("max_new_tokens", 2000)),
            temperature=float(settings.get("temperature", 0.2)),
            top_p=float(settings.get("top_p", 0.8)),
        )[0, inputs["input_ids"].shape[1] :].tolist()
    first_audio, end = (tokenizer.convert_tokens_to_ids(name) for name in ("<|audio_0|>", "<|user|>"))
    tokens = tokens[: tokens.index(end)] if end in tokens else tokens
    sounds = [token - first_audio for token in tokens if token >= first_audio]
    words = [token for token in tokens if token < first_audio]
    if sounds:
        sound = loaded["decoder"].offline_inference(torch.tensor([sounds], device=loaded["device"]))
        watch.sound()
        write_wav(out, sound, RATE_HZ)
    text = tokenizer.decode(words, skip_special_tokens=True).strip()
    return {"text": text, "first_audio_s": watch.first, "tokens_out": len(tokens)}


if __name__ == "__main__":
    serve(answer, name="glm-4-voice", version="1", load=load, capabilities=["history", "seed"])

"""AnyGPT by its own repository (github.com/OpenMOSS/AnyGPT), chat model.

Used: `anygpt/src/infer/cli_infer_chat_model.py`, `AnyGPTChatInference(...)`, its `preprocess` and its `response(task,
instruction, to_modality, image_files, speech_files, music_files, voice_prompt)` with task "Speech-Instruction-Speech"
of `m_utils/prompter.py`; the answer's sound (16 kHz) is what it saves into `output_dir`. Its module-wide
`conversation` is emptied before each request, and earlier turns are put back as it would have kept them, the answers
by their words alone.

Not run here (`verified = "none"`): the weights need a GPU of 24 GB or more; it also loads its image and music parts.

Options: checkout (or ANYGPT_HOME), weights (AnyGPT-chat, or ANYGPT_WEIGHTS); seed (SEED quantizer), speech_tokenizer,
speech_tokenizer_config and soundstorm, in `models/` of the checkout otherwise, as its README has them; voice (a WAV
whose voice it takes).
"""

import re
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

from arena_worker import Missing, Stopwatch, checkout, device, enter, packages, seed_all, serve, weights

PROJECT = "github.com/OpenMOSS/AnyGPT"
SCRIPT = "anygpt/src/infer/cli_infer_chat_model.py"
TASK = "Speech-Instruction-Speech"
PARTS = {
    "image": ("seed", "models/seed-tokenizer-2/seed_quantizer.pt", "AILab-CVC/seed-tokenizer-2"),
    "speech": ("speech_tokenizer", "models/speechtokenizer/ckpt.dev", "fnlp/AnyGPT-speech-modules"),
    "form": ("speech_tokenizer_config", "models/speechtokenizer/config.json", "fnlp/AnyGPT-speech-modules"),
    "storm": ("soundstorm", "models/soundstorm/speechtokenizer_soundstorm_mls.pt", "fnlp/AnyGPT-speech-modules"),
}
loaded = {}


def load(settings):
    """The chat model with its tokenizers."""
    folder = checkout(settings, "ANYGPT_HOME", project=PROJECT, holds=[SCRIPT])
    model = weights(
        settings,
        "weights",
        "ANYGPT_WEIGHTS",
        source="huggingface.co/fnlp/AnyGPT-chat",
        default=folder / "models" / "anygpt" / "chat",
        holds=["config.json"],
    )
    parts = {}
    for name, (key, place, source) in PARTS.items():
        parts[name] = Path(str(settings.get(key, folder / place)))
        if not parts[name].is_file():
            raise Missing(f"{parts[name]} is not there: download huggingface.co/{source}, or name it in options.{key}")
    packages(
        "torch",
        "torchaudio",
        "transformers",
        "speechtokenizer",
        "einops",
        how=f"pip install -r {folder}/requirements.txt",
    )
    device(settings)
    enter(folder, "anygpt/src", "anygpt/src/infer")
    import cli_infer_chat_model as inference

    loaded["output"] = Path(tempfile.mkdtemp(prefix="s2s-arena-anygpt-"))
    loaded["script"] = inference
    loaded["model"] = inference.AnyGPTChatInference(
        str(model),
        str(parts["image"]),
        str(loaded["output"]),
        speech_tokenizer_path=str(parts["speech"]),
        speech_tokenizer_config=str(parts["form"]),
        soundstorm_path=str(parts["storm"]),
    )


def answer(speech, *, history, out, seed, settings):
    """One turn, the earlier ones before it."""
    watch = Stopwatch()
    seed_all(seed)
    model, talk = loaded["model"], loaded["script"].conversation
    talk.messages = []
    for turn in history:
        model.preprocess(TASK, "", [], [turn["user"]], [])
        talk.append_message(talk.roles[1], turn["text"])
    before = set(loaded["output"].glob("*.wav"))
    said = model.response(TASK, "", "speech", [], [speech], [], settings.get("voice"))
    watch.sound()
    made = sorted(set(loaded["output"].glob("*.wav")) - before)
    if made:
        shutil.move(str(made[-1]), out)
    words = re.sub(r"<sosp>.*?(<eosp>|$)", " ", str(said), flags=re.DOTALL)
    text = " ".join(re.sub(r"<[^>]*>", " ", words.split("<-Res->")[-1]).split())
    return {"text": text, "first_audio_s": watch.first}


if __name__ == "__main__":
    serve(answer, name="anygpt", version="1", load=load, capabilities=["history", "seed"])

"""Checkpoints of Qwen2.5-Omni and Qwen3-Omni with a few thousand random weights: whole, made here, nothing downloaded.

They have every part that the real ones have (tokenizer, processor, chat template, thinker, talker, vocoder), of the
same classes, so that a worker runs over them as over the real ones. What they say is noise.
"""

import json
from pathlib import Path

MAKES = ("qwen2.5", "qwen3")
SPECIAL = {
    "image_token": "<|image_pad|>",
    "audio_token": "<|audio_pad|>",
    "video_token": "<|video_pad|>",
    "vision_bos_token": "<|vision_start|>",
    "vision_eos_token": "<|vision_end|>",
    "audio_bos_token": "<|audio_start|>",
    "audio_eos_token": "<|audio_end|>",
}
MARKS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|tts_pad|>", "<|tts_bos|>", "<|tts_eos|>")
ROLES = ("system", "user", "assistant")  # one token each, as in the real vocabulary: the talker looks for them
TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n"
    "{% for part in message.content %}"
    "{% if part.type == 'audio' %}<|audio_start|><|audio_pad|><|audio_end|>{% else %}{{ part.text }}{% endif %}"
    "{% endfor %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
HIDDEN, HEADS, HEAD = 32, 4, 8
ROPE = {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [1, 1, 2]}
SEED = 20250326
CODES = 8193  # of Qwen2.5-Omni's codec; beyond them lie marks
CODES_3, MARKS_3 = 512, 1024  # the real Qwen3-Omni has 2,048 codes, and 1,024 marks that it never draws
END_3 = CODES_3 + 16


def make(which, folder):
    """A checkpoint in a folder, which comes back.

    Args:
        which: One of `MAKES`.
        folder: Where to; made if it is not there.
    """
    import torch
    from transformers import WhisperFeatureExtractor

    if which not in MAKES:
        raise ValueError(f"tiny: {which!r} given, one of {', '.join(MAKES)} needed")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(SEED)
    ids, tokenizer = vocabulary()
    tokenizer.save_pretrained(str(folder))
    WhisperFeatureExtractor(feature_size=128).save_pretrained(str(folder))
    (folder / "chat_template.json").write_text(json.dumps({"chat_template": TEMPLATE}))
    (model_2_5 if which == "qwen2.5" else model_3)(ids, folder)
    return folder


def vocabulary():
    """Bytes as letters, and the marks: (id of each mark, tokenizer)."""
    from tokenizers.pre_tokenizers import ByteLevel
    from transformers import Qwen2TokenizerFast

    letters = sorted(ByteLevel.alphabet())
    tokenizer = Qwen2TokenizerFast(
        vocab={letter: n for n, letter in enumerate(letters)},
        merges=[],
        unk_token=None,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        extra_special_tokens=SPECIAL,
    )
    tokenizer.add_special_tokens({"additional_special_tokens": [*MARKS]}, replace_extra_special_tokens=False)
    tokenizer.add_tokens(list(ROLES))
    names = [*SPECIAL.values(), *MARKS, *ROLES]
    return {name: tokenizer.convert_tokens_to_ids(name) for name in names}, tokenizer


def settle(model):
    """Weights of a size at which the answer depends on what was heard; what the classes leave unset is set too."""
    import torch

    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.dim() >= 2:
                loud = 3.0 if name.startswith(("thinker", "talker")) else 1.0
                weight.normal_(std=loud * weight[0].numel() ** -0.5)
            elif not bool(torch.isfinite(weight).all()) or name.endswith("bias"):
                weight.zero_()


def layers(**more):
    """What every small transformer here has."""
    return {
        "hidden_size": HIDDEN,
        "intermediate_size": 2 * HIDDEN,
        "num_hidden_layers": 2,
        "num_attention_heads": HEADS,
        "num_key_value_heads": HEADS,
        "head_dim": HEAD,
        **more,
    }


def ears(**more):
    """The audio encoder."""
    return {
        "num_mel_bins": 128,
        "encoder_layers": 1,
        "encoder_attention_heads": HEADS,
        "encoder_ffn_dim": 2 * HIDDEN,
        "d_model": HIDDEN,
        "output_dim": HIDDEN,
        **more,
    }


def model_2_5(ids, folder):
    """Thinker, talker, and the flow-matching vocoder with its speakers."""
    import torch
    from transformers import Qwen2_5OmniConfig, Qwen2_5OmniForConditionalGeneration

    marks = {
        "audio_token_index": ids[SPECIAL["audio_token"]],
        "image_token_index": ids[SPECIAL["image_token"]],
        "video_token_index": ids[SPECIAL["video_token"]],
        "audio_start_token_id": ids[SPECIAL["audio_bos_token"]],
        "audio_end_token_id": ids[SPECIAL["audio_eos_token"]],
    }
    text = layers(
        vocab_size=512, rope_parameters=ROPE, eos_token_id=ids["<|im_end|>"], pad_token_id=ids["<|endoftext|>"]
    )
    text.pop("head_dim")
    eyes = {
        "depth": 1,
        "hidden_size": HIDDEN,
        "intermediate_size": HIDDEN,
        "num_heads": HEADS,
        "out_hidden_size": HIDDEN,
        "fullatt_block_indexes": [0],
    }
    talker = layers(
        vocab_size=8448,
        embedding_size=HIDDEN,
        rope_parameters=ROPE,
        tts_text_start_token_id=ids["<|tts_bos|>"],
        tts_text_end_token_id=ids["<|tts_eos|>"],
        tts_text_pad_token_id=ids["<|tts_pad|>"],
        vision_start_token_id=ids[SPECIAL["vision_bos_token"]],
        vision_end_token_id=ids[SPECIAL["vision_eos_token"]],
        **marks,
    )
    flow = {
        "hidden_size": HIDDEN,
        "num_hidden_layers": 2,
        "num_attention_heads": HEADS,
        "head_dim": HEAD,
        "emb_dim": 16,
        "look_ahead_layers": [1],
        "look_backward_layers": [0],
        "enc_emb_dim": 16,
        "enc_dim": 16,
        "enc_channels": [16, 16, 16, 16, 48],
        "enc_attention_channels": 8,
        "enc_se_channels": 8,
    }
    config = Qwen2_5OmniConfig(
        thinker_config={
            "audio_config": ears(n_window=100),
            "vision_config": eyes,
            "text_config": text,
            "user_token_id": ids["user"],
            "vision_start_token_id": ids[SPECIAL["vision_bos_token"]],
            "vision_end_token_id": ids[SPECIAL["vision_eos_token"]],
            **marks,
        },
        talker_config=talker,
        token2wav_config={"dit_config": flow, "bigvgan_config": {"upsample_initial_channel": 64}},
        enable_audio_output=True,
    )
    model = Qwen2_5OmniForConditionalGeneration(config)
    settle(model)
    with torch.no_grad():
        model.talker.codec_head.weight.normal_()
        model.talker.codec_head.weight[CODES:] = 0.0  # random weights would draw marks that are no sound
    model.save_pretrained(str(folder))
    speakers = {
        name: {"bos_token": ids["<|tts_bos|>"], "cond": torch.randn(1, 16), "ref_mel": torch.randn(1, 60, 80)}
        for name in ("Chelsie", "Ethan")
    }
    torch.save(speakers, str(folder / "spk_dict.pt"))


def model_3(ids, folder):
    """Thinker and talker with experts, the predictor of further codes, and the causal vocoder."""
    import torch
    from transformers import Qwen3OmniMoeConfig, Qwen3OmniMoeForConditionalGeneration

    experts = {"moe_intermediate_size": HIDDEN, "num_experts": 4, "num_experts_per_tok": 2}
    marks = {
        "audio_token_id": ids[SPECIAL["audio_token"]],
        "image_token_id": ids[SPECIAL["image_token"]],
        "video_token_id": ids[SPECIAL["video_token"]],
        "audio_start_token_id": ids[SPECIAL["audio_bos_token"]],
    }
    eyes = {
        "depth": 1,
        "hidden_size": HIDDEN,
        "intermediate_size": HIDDEN,
        "num_heads": HEADS,
        "out_hidden_size": HIDDEN,
        "num_position_embeddings": 16,
        "deepstack_visual_indexes": [0],
    }
    rope = {**ROPE, "interleaved": True}
    thinker = {
        "audio_config": ears(n_window=50, n_window_infer=100, downsample_hidden_size=HIDDEN),
        "vision_config": eyes,
        "text_config": layers(
            vocab_size=512,
            rope_parameters=rope,
            eos_token_id=ids["<|im_end|>"],
            pad_token_id=ids["<|endoftext|>"],
            **experts,
        ),
        "user_token_id": ids["user"],
        "vision_start_token_id": ids[SPECIAL["vision_bos_token"]],
        "vision_end_token_id": ids[SPECIAL["vision_eos_token"]],
        **marks,
    }
    talker = {
        "text_config": layers(
            vocab_size=CODES_3 + MARKS_3, rope_parameters=rope, shared_expert_intermediate_size=HIDDEN, **experts
        ),
        "code_predictor_config": layers(vocab_size=CODES_3, num_code_groups=4),
        "num_code_groups": 4,
        "thinker_hidden_size": HIDDEN,
        "spatial_merge_size": 2,
        "accept_hidden_layer": 1,
        "codec_eos_token_id": END_3,
        "codec_pad_id": END_3 + 1,
        "codec_bos_id": END_3 + 2,
        "codec_nothink_id": END_3 + 3,
        "codec_think_bos_id": END_3 + 4,
        "codec_think_eos_id": END_3 + 5,
        "speaker_id": {"ethan": END_3 + 6, "chelsie": END_3 + 7},
        "vision_start_token_id": ids[SPECIAL["vision_bos_token"]],
        **marks,
    }
    vocoder = {
        "codebook_size": CODES_3,
        "hidden_size": HIDDEN,
        "intermediate_size": HIDDEN,
        "num_hidden_layers": 1,
        "num_attention_heads": HEADS,
        "num_key_value_heads": HEADS,
        "num_quantizers": 4,
        "decoder_dim": 32,
    }
    config = Qwen3OmniMoeConfig(
        thinker_config=thinker,
        talker_config=talker,
        code2wav_config=vocoder,
        im_start_token_id=ids["<|im_start|>"],
        im_end_token_id=ids["<|im_end|>"],
        tts_pad_token_id=ids["<|tts_pad|>"],
        tts_bos_token_id=ids["<|tts_bos|>"],
        tts_eos_token_id=ids["<|tts_eos|>"],
        system_token_id=ids["system"],
        user_token_id=ids["user"],
        assistant_token_id=ids["assistant"],
    )
    model = Qwen3OmniMoeForConditionalGeneration(config)
    settle(model)
    with torch.no_grad():
        model.talker.codec_head.weight.normal_()
        model.talker.codec_head.weight[CODES_3:] = 0.0  # it would end before its first sound
    model.save_pretrained(str(folder))


if __name__ == "__main__":
    import argparse

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("which", choices=MAKES)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    print(make(given.which, given.folder))

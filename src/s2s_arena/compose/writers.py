"""Writers of scripts by name: the embedded mind, or a model behind an OpenAI-compatible endpoint."""

from pathlib import Path
from typing import NoReturn, cast

from s2s_arena.errors import CardError, InputError
from s2s_arena.models import registry
from s2s_arena.models.parts import LocalParts
from s2s_arena.models.weights import default_cache
from s2s_arena.protocols import Writer
from s2s_arena.records.systems import Setting

LOCAL = "local"
MIND = "qwen2.5-coder-1.5b-instruct"


def writer(name: str = LOCAL, *, model: str | None = None, key_env: str | None = None) -> Writer:
    """The writer of that name, loaded.

    Args:
        name: `local`, or the base address of an OpenAI-compatible endpoint.
        model: The mind's weights, or the model's name at the endpoint.
        key_env: The variable with the endpoint's key; empty for none.

    Raises:
        InputError: No such name, or an endpoint without a model.
        MissingError: A package or weights are not here.
    """
    settings: dict[str, Setting]
    if name == LOCAL:
        # Kept prefixes move the last bits, and with them, now and then, a sampled word.
        family, settings = "llama-cpp", {"weights": model or MIND, "cache": False}
    elif "://" in name:
        if not model:
            raise InputError(f"writer {name}: no model named; give --model")
        family, settings = "openai-text", {"url": name, "model": model}
        if key_env is not None:
            settings["key_env"] = key_env
    else:
        raise InputError(f"writer {name!r}: give '{LOCAL}' or the address of an OpenAI-compatible endpoint")
    return cast(Writer, registry.build(family, settings, LocalParts(default_cache(), Path(), voice=_no_voice)))


def _no_voice(name: str) -> NoReturn:
    raise CardError(f"voice {name}: a writer has no voice")

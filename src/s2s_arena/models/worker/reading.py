"""What a worker is asked as a judge, and what comes back: messages with audio by path, and its reply in words."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from s2s_arena.audio import files
from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import EmptyAnswer, Refused
from s2s_arena.models.worker.process import Message
from s2s_arena.protocols import HeardMessage, Reading
from s2s_arena.records.responses import Usage


def to_read(
    messages: Sequence[HeardMessage],
    *,
    folder: Path,
    seed: int,
    temperature: float,
    max_tokens: int,
    schema: Mapping[str, object] | None,
) -> dict[str, object]:
    """The request, without its id; audio is written to the folder."""
    count = 0
    written: list[dict[str, object]] = []
    for message in messages:
        parts: list[dict[str, str]] = []
        for part in message.parts:
            if isinstance(part, Waveform):
                path = folder / f"audio{count}.wav"
                path.write_bytes(files.encode_wav(part))
                parts.append({"audio": str(path)})
                count += 1
            else:
                parts.append({"text": part})
        written.append({"role": message.role, "parts": parts})
    return {
        "type": "read",
        "messages": written,
        "seed": seed,
        "temperature": temperature,
        "max_tokens": max_tokens,
        "schema": dict(schema) if schema is not None else None,
    }


def reading(told: Message, *, worker: str, model: str, heard_s: float) -> Reading:
    """The reply.

    Args:
        told: What the worker wrote.
        worker: Its name, for messages.
        model: Name and version that it gave when it was ready.
        heard_s: Seconds of audio that it was given.

    Raises:
        Refused: It declined.
        EmptyAnswer: It wrote nothing.
    """
    if told.get("refused"):
        raise Refused(f"worker {worker}: {str(told['refused'])[:200]}")
    text = told.get("text")
    if not isinstance(text, str) or not text.strip():
        raise EmptyAnswer(f"worker {worker}: it wrote no text")
    return Reading(
        text=text,
        model=model,
        usage=Usage(tokens_in=whole(told, "tokens_in"), tokens_out=whole(told, "tokens_out"), audio_in_s=heard_s),
        audio_tokens=whole(told, "audio_tokens"),
    )


def whole(told: Message, key: str) -> int | None:
    """A whole number that was told, or None."""
    value = told.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None

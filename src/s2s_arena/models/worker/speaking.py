"""What a worker is asked as a voice, and what comes back: words with their directions, and its speech by path."""

from pathlib import Path

from s2s_arena.audio import files
from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import EmptyAnswer, Refused
from s2s_arena.models.described import describe
from s2s_arena.models.worker.process import Message
from s2s_arena.records.speech import Delivery, Traits


def to_speak(
    text: str, *, language: str, delivery: Delivery, traits: Traits, speed: float, seed: int, out: Path
) -> dict[str, object]:
    """The request, without its id. Directions are given as they are, and as a description in words.

    Pitch, range, level, pauses and stress are numbers: they are done to the signal and not told.
    """
    return {
        "type": "speak",
        "text": text,
        "language": language,
        "gender": traits.gender,
        "age": traits.age,
        "accent": traits.accent,
        "emotion": delivery.emotion,
        "strength": delivery.strength,
        "style": delivery.style,
        "description": describe(delivery, traits),
        "speed": speed,
        "seed": seed,
        "out": str(out),
    }


def spoken(told: Message, *, out: Path, worker: str) -> Waveform:
    """The speech.

    Args:
        told: What the worker wrote.
        out: Where it was to write a WAV.
        worker: Its name, for messages.

    Raises:
        Refused: It declined.
        EmptyAnswer: It wrote no file, or one without samples.
        AudioError: What it wrote is no audio.
    """
    if told.get("refused"):
        raise Refused(f"worker {worker}: {str(told['refused'])[:200]}")
    if not out.is_file():
        raise EmptyAnswer(f"worker {worker}: it wrote no {out.name}")
    wave = files.read(out, name=f"speech of worker {worker}")
    if not wave.frames:
        raise EmptyAnswer(f"worker {worker}: its {out.name} holds no samples")
    return wave

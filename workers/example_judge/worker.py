"""A judge in a process of its own that needs nothing but Python: the louder answer wins. A pattern for one of your own.

It hears every audio part by itself (`presentation = "parts"`): the question, the first answer, the second. Asked what
was said, as canaries do, it would have to recognise words, which it cannot: its card sets `canary = 0`, and a model
that understands speech should not.
"""

import array
import json
import os
import sys
import wave
from pathlib import Path

# Either a copy of sdk.py lies beside this file, or the one that came with the arena which started it is taken.
sys.path.append(str(Path(os.environ.get("S2S_ARENA_WORKER_SDK", __file__)).parent))

from sdk import serve


def power(path):
    """Mean square of a 16-bit WAV."""
    with wave.open(path) as given:
        samples = array.array("h", given.readframes(given.getnframes()))
    return sum(sample * sample for sample in samples) / max(1, len(samples))


def read(messages, *, seed, temperature, max_tokens, schema, settings):
    """The JSON object that was asked for. `schema` says its form, the text parts say it in words."""
    heard = [part["audio"] for message in messages for part in message["parts"] if "audio" in part]
    first, second = (power(path) for path in heard[-2:])
    winner = "1" if first >= second else "2"
    print(f"heard {len(heard)} clips with seed {seed}")  # lands on standard error
    names = [name for name in schema["properties"] if name != "reason"]
    reason = f"louder: {first:.0f} against {second:.0f}"
    return {"text": json.dumps({"reason": reason, **dict.fromkeys(names, winner)}), "audio_tokens": len(heard)}


if __name__ == "__main__":
    serve(read=read, name="example-judge", version="1")

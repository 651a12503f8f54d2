"""A worker that needs nothing but Python: it gives the user's speech back, backwards. A pattern for one of your own."""

import os
import sys
import wave
from pathlib import Path

# Either a copy of sdk.py lies beside this file, or the one that came with the arena which started it is taken.
sys.path.append(str(Path(os.environ.get("S2S_ARENA_WORKER_SDK", __file__)).parent))

from sdk import serve


def answer(speech, *, history, out, seed, settings):
    """The speech, its samples in reverse order."""
    with wave.open(speech) as given:
        parameters, frames = given.getparams(), given.readframes(given.getnframes())
    step = parameters.sampwidth * parameters.nchannels
    backwards = b"".join(frames[at : at + step] for at in range(len(frames) - step, -1, -step))
    with wave.open(out, "wb") as file:
        file.setparams(parameters)
        file.writeframes(backwards)
    print("answered", speech)  # lands on standard error
    return {"text": f"{settings.get('greeting', 'backwards')} turn {len(history)}"}


if __name__ == "__main__":
    serve(answer, name="example", version="1", capabilities=["history", "seed"])

"""A worker that needs nothing but Python: it gives the user's speech back, backwards. A pattern for one of your own."""

import sys
import wave
from pathlib import Path

# Beside this file lies a copy of sdk.py in a real worker; here it is the one in the package.
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "src" / "s2s_arena" / "models" / "worker")]

from sdk import serve  # noqa: E402  the path is set above


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

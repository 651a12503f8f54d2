"""A voice in a process of its own: espeak-ng, with its own whisper and its own old people. A pattern for one of yours.

Used: the program `espeak-ng` (GPL-3.0-or-later), started for each reading: `-v LANGUAGE+VARIANT -s WORDS_A_MINUTE
-w FILE --stdin`. Needs nothing but Python 3.8 beside it.

It carries out by itself what its variants can: male and female, whisper, elder; and speed. All else (feeling, children,
pauses, stress, pitch) the arena does to its signal.

Options: program (its name on the path, or where it lies).
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

# Either a copy of sdk.py lies beside this file, or the one that came with the arena which started it is taken.
sys.path.append(str(Path(os.environ.get("S2S_ARENA_WORKER_SDK", __file__)).parent))

from sdk import Missing, serve

WORDS_A_MINUTE = 165
TIMEOUT_S = 120
NAMES = {"zh": "cmn", "en": "en-us"}
VARIANTS = {
    ("female", "plain"): "f2",
    ("male", "plain"): "",
    ("female", "whisper"): "whisperf",
    ("male", "whisper"): "whisper",
    ("female", "elder"): "grandma",
    ("male", "elder"): "grandpa",
}
loaded = {}


def load(settings):
    """Find the program, and the languages it has."""
    program = str(settings.get("program", "espeak-ng"))
    found = shutil.which(program)
    if found is None:
        raise Missing(f"program {program}: run apt install espeak-ng, or name it in options.program")
    told = subprocess.run([found, "--voices"], capture_output=True, text=True, timeout=TIMEOUT_S, check=True).stdout
    loaded["program"] = found
    loaded["languages"] = {line.split()[1].split("-")[0] for line in told.splitlines()[1:] if len(line.split()) > 3}


def speak(text, *, language, gender, age, style, speed, out, settings, **_):
    """One reading. What it does not look at it did not say that it can: the arena does that, or it is not asked."""
    tag = NAMES.get(language.split("-")[0], language.split("-")[0])
    if tag.split("-")[0] not in loaded["languages"]:
        return {"refused": f"espeak-ng has no language {tag}; install its data, or take it off the card's languages"}
    way = "whisper" if style == "whisper" else "elder" if age == "elder" else "plain"
    variant = VARIANTS["female" if gender == "female" else "male", way]
    voice = f"{tag}+{variant}" if variant else tag
    pace = str(round(WORDS_A_MINUTE * speed))
    # The text goes in by a pipe: as an argument, a leading dash would be an option.
    subprocess.run(
        [loaded["program"], "-b", "1", "-v", voice, "-s", pace, "-w", out, "--stdin"],
        input=text.encode(),
        timeout=TIMEOUT_S,
        check=True,
    )
    return {}


if __name__ == "__main__":
    serve(
        speak=speak,
        name="espeak-voice",
        version="1",
        load=load,
        capabilities=["gender", "speed", "seed", "style=whisper", "age=elder"],
    )

"""Small real programs with the command lines of espeak-ng and piper: one tone a word, written as a WAV file."""

import json
import stat
import sys
from pathlib import Path

_TONES = """
import math, struct, sys, wave

def write(path, words, seconds):
    rate = 22050
    samples = [0] * (rate // 20)
    for word in words:
        hz = 150 + sum(map(ord, word)) % 200
        samples += [round(6000 * math.sin(2 * math.pi * hz * n / rate)) for n in range(round(rate * seconds))]
        samples += [0] * (rate // 25)
    with wave.open(path, "wb") as out:
        out.setparams((1, 2, rate, 0, "NONE", ""))
        out.writeframes(struct.pack(f"<{len(samples)}h", *samples))
"""

_ESPEAK = """
import argparse
args = argparse.ArgumentParser(allow_abbrev=False)
args.add_argument("--version", action="store_true")
args.add_argument("--voices", action="store_true")
args.add_argument("-b", choices=["1"])
args.add_argument("-v")
args.add_argument("-s", type=int)
args.add_argument("-w")
args.add_argument("--stdin", action="store_true")
given = args.parse_args()
if given.version:
    print("eSpeak NG text-to-speech: 1.99  Data at: /nowhere")
    sys.exit()
if given.voices:
    print("Pty Language       Age/Gender VoiceName          File                 Other Languages")
    for tag in ("cmn", "en-us", "hi", "fr-fr", "ja"):
        print(f" 5  {tag}   --/M   Name   family/{tag}   ")
    sys.exit()
if given.v.split("+")[0] not in ("cmn", "en-us", "hi", "fr", "ja"):
    print("Error: The specified espeak-ng voice does not exist.", file=sys.stderr)
    sys.exit(1)
words = sys.stdin.buffer.read().decode("utf-8").split()
if words:
    write(given.w, words, 0.2 * 165 / given.s)
"""

_PIPER = """
import argparse, os, json
args = argparse.ArgumentParser(allow_abbrev=False)
args.add_argument("-m", "--model", required=True)
args.add_argument("-f", "--output-file", "--output_file")
args.add_argument("-s", "--speaker", type=int)
args.add_argument("--length-scale", "--length_scale", type=float)
args.add_argument("--noise-scale", "--noise_scale", type=float)
args.add_argument("--noise-w", "--noise_w", type=float)
given = args.parse_args()
if not os.path.exists(given.model + ".json"):
    raise ValueError(f"no description of {given.model}")
lines = sys.stdin.buffer.read().decode("utf-8").splitlines()
write(given.output_file, lines[-1].split(), 0.2 * given.length_scale)
"""


def program(folder: Path, name: str, body: str) -> Path:
    """An executable of that name in the folder."""
    path = folder / name
    path.write_text(f"#!{sys.executable}\n{body}")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def espeak(folder: Path) -> Path:
    """Speaks cmn, en-us, hi, fr-fr and ja."""
    return program(folder, "espeak-ng", _TONES + _ESPEAK)


def piper(folder: Path, *, language: str = "de_DE") -> tuple[Path, Path]:
    """The program, and a model with its description."""
    model = folder / "voice.onnx"
    model.write_bytes(b"weights")
    told = {"language": {"code": language, "family": language[:2]}, "espeak": {"voice": language[:2]}}
    (folder / "voice.onnx.json").write_text(json.dumps(told))
    return program(folder, "piper", _TONES + _PIPER), model

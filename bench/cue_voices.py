"""Are spoken cues understood? Every announcement and some canaries, spoken by their voices and heard by an ear.

    python -m bench.cue_voices [--canaries 6] [--json]

Likeness is of letters, 0 to 1, between the text and what Whisper base wrote, the language given and, beside it, the one
it takes the cue for by itself. Needs the extra `local`.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from rapidfuzz.distance import Indel

from s2s_arena.audio.loudness import loudness_lufs
from s2s_arena.compose.listening_judges import CUE_VOICES
from s2s_arena.cues.words import tokens
from s2s_arena.judge.canary import MISSED, WORDS, canary_messages, drawn, found
from s2s_arena.judge.presentations import Presentation
from s2s_arena.judge.prompts.listening import ListeningPrompts, shipped
from s2s_arena.judge.spoken_cues import CueVoice
from s2s_arena.models import weights
from s2s_arena.models.parts import LocalParts
from s2s_arena.models.whisper import Whisper
from s2s_arena.workspace.cards import Cards


def heard(prompts: ListeningPrompts, voice: CueVoice, ears: Whisper, *, canaries: int) -> dict[str, Any]:
    """What an ear makes of one language's cues and canaries."""
    language = prompts.language
    rows = []
    for name in type(prompts.cues).__slots__:
        text = getattr(prompts.cues, name)
        wave = voice.say(text, language=language)
        said = ears.transcribe(wave, language=language)
        guess = ears.transcribe(wave)
        like = Indel.normalized_similarity(tokens(text, language), tokens(said.text, language))
        rows.append(
            {
                "cue": name, "text": text, "heard": said.text, "likeness": round(float(like), 3),
                "taken_for": guess.language, "seconds": round(wave.duration_s, 2),
                "lufs": round(loudness_lufs(wave) or -99.0, 1),
            }
        )  # fmt: skip
    known = []
    for number in range(canaries):
        words = drawn(prompts.canary.words, number=number)
        messages = canary_messages(words, prompts=prompts, voice=voice, presentation=Presentation.SPOKEN)
        audio = next(part for message in messages for part in message.parts if not isinstance(part, str))
        known.append(found(words, ears.transcribe(audio, language=language).text))
    return {"language": language, "cues": rows, "canaries": known}


def main() -> int:
    """Print both languages; status 1 where a cue is misunderstood or a canary would be missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--canaries", type=int, default=6)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    cards = Cards()
    cache = weights.default_cache()
    with tempfile.TemporaryDirectory() as folder:
        parts = LocalParts(cache, Path(folder), voice=cards.voice)
        ears = Whisper(weights.folder("whisper-base", cache), name="whisper-base", threads=1)
        voice = CueVoice(lambda language: parts.speaker(CUE_VOICES[language]))
        found_all = [heard(prompts, voice, ears, canaries=given.canaries) for prompts in shipped().values()]
    if given.json:
        print(json.dumps(found_all, ensure_ascii=False, indent=1))
    bad = 0
    for each in found_all:
        likenesses = [row["likeness"] for row in each["cues"]]
        passed = sum(count >= WORDS - MISSED for count in each["canaries"])
        bad += (min(likenesses) < 0.8) + (passed < len(each["canaries"]))
        if given.json:
            continue
        mean = sum(likenesses) / len(likenesses)
        print(f"{each['language']}: {len(likenesses)} cues by {CUE_VOICES[each['language']]}, canaries heard", end=" ")
        print(f"{passed}/{len(each['canaries'])}, likeness {min(likenesses):.2f} at least, {mean:.2f} on average")
        for row in each["cues"]:
            print(f"  {row['likeness']:.2f} {row['taken_for']} {row['seconds']:>5} s {row['lufs']:>6} LUFS", end="  ")
            print(f"{row['text']} | {row['heard']}")
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())

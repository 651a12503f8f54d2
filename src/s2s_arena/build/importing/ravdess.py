"""RAVDESS (Livingstone and Russo 2018): what is said, how and by whom stands in each file's name.

Seven numbers, as in 03-01-06-01-02-01-12.wav: modality, vocal channel, emotion, intensity, statement, repetition and
actor.
"""

import re
from pathlib import Path

from s2s_arena.build.importing.locating import audio_files
from s2s_arena.build.importing.rows import Clip, Level, Row, Source
from s2s_arena.errors import SuiteError
from s2s_arena.records.scores import PURPOSES
from s2s_arena.records.speech import Traits

LICENCE = "CC-BY-NC-SA-4.0"
EMOTIONS = ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgusted", "surprised")
STATEMENTS = ("Kids are talking by the door.", "Dogs are sitting by the door.")
ACTORS = 24
_NAME = re.compile(r"(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)")
_HIGHEST = (3, 2, len(EMOTIONS), 2, len(STATEMENTS), 2, ACTORS)
_PARTS = ("modality", "vocal channel", "emotion", "intensity", "statement", "repetition", "actor")
_VIDEO_ONLY, _SUNG = 2, 2


def is_ravdess(folder: Path) -> bool:
    """Whether every clip in the folder is named in this way."""
    clips = audio_files(folder)
    return bool(clips) and all(_NAME.fullmatch(clip.stem) for clip in clips)


def read_ravdess(folder: Path) -> Source:
    """One sample a clip, with emotion, intensity, gender and accent as labels and the actor as speaker.

    The corpus is published for non-commercial use under a licence that is inherited by what holds a part of it.

    Raises:
        SuiteError: No audio file is in the folder.
    """
    clips = audio_files(folder)
    if not clips:
        raise SuiteError(f"{folder}: no audio file in it; give a folder with RAVDESS's WAV files")
    rows: list[Row] = []
    problems: list[str] = []
    for clip in clips:
        inside = str(clip.relative_to(folder))
        try:
            rows.append(_row(inside, clip, _numbers(clip.stem)))
        except ValueError as error:
            problems.append(f"{inside}: {error}")
    return Source(
        rows=tuple(rows),
        problems=tuple(problems),
        form="ravdess",
        title="RAVDESS",
        licence=LICENCE,
        consent=PURPOSES,
        level=Level.SPEECH,
    )


def _numbers(stem: str) -> tuple[int, ...]:
    found = _NAME.fullmatch(stem)
    if found is None:
        raise ValueError(f"name {stem!r} is not seven two-digit numbers; give RAVDESS's own file names")
    numbers = tuple(int(part) for part in found.groups())
    for part, number, highest in zip(_PARTS, numbers, _HIGHEST, strict=True):
        if not 1 <= number <= highest:
            raise ValueError(f"{part} {number:02d} in its name; 01..{highest:02d} are known, correct the name")
    if numbers[0] == _VIDEO_ONLY:
        raise ValueError("modality 02 has no sound; leave it out")
    if numbers[2] == 1 and numbers[3] == 2:
        raise ValueError("a strong neutral does not exist; correct the name")
    return numbers


def _row(inside: str, clip: Path, numbers: tuple[int, ...]) -> Row:
    _, channel, emotion, intensity, statement, repetition, actor = numbers
    gender = "male" if actor % 2 else "female"
    labels = {
        "emotion": EMOTIONS[emotion - 1],
        "intensity": ("normal", "strong")[intensity - 1],
        "gender": gender,
        "age": "adult",
        "accent": "North American",
    }
    return Row(
        where=inside,
        id=f"ravdess-{clip.stem}",
        audio=Clip(name=inside, content=clip, path=inside),
        text=STATEMENTS[statement - 1],
        language="en",
        labels=labels | ({"style": "sing"} if channel == _SUNG else {}),
        traits=Traits(gender=gender, age="adult", accent="North American"),
        attributes={"repetition": str(repetition)},
        speaker=f"ravdess-actor-{actor:02d}",
    )

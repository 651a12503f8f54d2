"""MUSAN (Snyder, Chen and Povey 2015): its noise, and its music and speech as backgrounds of their own."""

from pathlib import Path

from s2s_arena.build.importing.locating import audio_files
from s2s_arena.build.importing.noise import source
from s2s_arena.build.importing.rows import Source

LICENCE = "CC-BY-4.0"
SCENES = {"noise": "noise", "music": "music", "speech": "talk"}
"""Part of the corpus -> scene; the noise part does not say where each clip was recorded."""


def is_musan(folder: Path) -> bool:
    """Whether the folder is the corpus, or holds its noise part."""
    return any((folder / "noise" / part).is_dir() for part in ("free-sound", "sound-bible"))


def read_musan(folder: Path) -> Source:
    """One background a clip of `noise/`, `music/` and `speech/`; raises SuiteError if none is there."""
    clips = [clip for clip in audio_files(folder) if clip.relative_to(folder).parts[0] in SCENES]
    return source(
        folder,
        clips,
        lambda clip: SCENES[clip.relative_to(folder).parts[0]],
        form="musan",
        title="MUSAN",
        licence=LICENCE,
    )

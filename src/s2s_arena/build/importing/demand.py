"""DEMAND (Thiemann, Ito and Vincent 2013): one folder an environment, sixteen channels, of which one is enough."""

from pathlib import Path

from s2s_arena.build.importing.locating import audio_files
from s2s_arena.build.importing.noise import source
from s2s_arena.build.importing.rows import Source

LICENCE = "CC-BY-SA-3.0"
CHANNEL = "ch01"
SCENES = {
    "DKITCHEN": "household",
    "DLIVING": "household",
    "DWASHING": "household",
    "NFIELD": "park",
    "NPARK": "park",
    "NRIVER": "park",
    "OHALLWAY": "office",
    "OMEETING": "office",
    "OOFFICE": "office",
    "PCAFETER": "cafe",
    "PRESTO": "cafe",
    "PSTATION": "station",
    "SCAFE": "cafe",
    "SPSQUARE": "street",
    "STRAFFIC": "street",
    "TBUS": "vehicle",
    "TCAR": "vehicle",
    "TMETRO": "vehicle",
}
"""Environment -> scene of our suites."""


def is_demand(folder: Path) -> bool:
    """Whether one of the environments is in the folder."""
    return any((folder / name / f"{CHANNEL}.wav").is_file() for name in SCENES)


def read_demand(folder: Path) -> Source:
    """The first channel of every environment; raises SuiteError if none is there."""
    clips = [clip for clip in audio_files(folder) if clip.stem == CHANNEL]
    return source(
        folder, clips, lambda clip: SCENES.get(clip.parent.name, ""), form="demand", title="DEMAND", licence=LICENCE
    )

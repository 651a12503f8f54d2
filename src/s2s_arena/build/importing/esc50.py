"""ESC-50 (Piczak 2015): five-second clips whose classes stand in `meta/esc50.csv`; those that fit a scene are read."""

from pathlib import Path

from s2s_arena.build.importing.noise import source
from s2s_arena.build.importing.rows import Source
from s2s_arena.build.importing.sheets import read_sheet

LICENCE = "CC-BY-NC-3.0"
SHEET = Path("meta") / "esc50.csv"
SCENES = {
    "airplane": "airport",
    "helicopter": "airport",
    "train": "station",
    "car_horn": "street",
    "siren": "street",
    "church_bells": "street",
    "footsteps": "street",
    "engine": "vehicle",
    "chirping_birds": "park",
    "crickets": "park",
    "insects": "park",
    "wind": "park",
    "rain": "park",
    "dog": "park",
    "keyboard_typing": "office",
    "mouse_click": "office",
    "clock_tick": "office",
    "door_wood_knock": "office",
    "vacuum_cleaner": "household",
    "washing_machine": "household",
    "toilet_flush": "household",
    "pouring_water": "household",
    "clock_alarm": "household",
    "crying_baby": "household",
    "can_opening": "household",
}
"""Class -> scene; the other classes (a rooster, fireworks, snoring) belong to no scene of our suites."""


def is_esc50(folder: Path) -> bool:
    """Whether the folder has the corpus's table."""
    return (folder / SHEET).is_file()


def read_esc50(folder: Path) -> Source:
    """One background a clip of a class that fits a scene.

    Raises:
        SuiteError: No table, one that lacks a column, or no such clip.
    """
    rows = read_sheet(folder / SHEET, needed=("filename", "category"))
    scenes = {
        folder / "audio" / cells["filename"]: SCENES[cells["category"]]
        for _, cells in rows
        if cells["category"] in SCENES
    }
    return source(folder, scenes, lambda clip: scenes[clip], form="esc50", title="ESC-50", licence=LICENCE)

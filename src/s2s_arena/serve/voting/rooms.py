"""A room of the voting hall: everything that one study needs while people vote in it."""

import asyncio
import math
from dataclasses import dataclass

from s2s_arena.serve.hearing import practice
from s2s_arena.serve.hearing.clips import Clips, Policy
from s2s_arena.serve.live.boards import LiveBoards
from s2s_arena.serve.live.display import Display
from s2s_arena.serve.voting.desk import StudyDesk
from s2s_arena.serve.voting.drawing import Drawer


@dataclass(slots=True)
class Room:
    """One study in the hall."""

    desk: StudyDesk
    clips: Clips
    policy: Policy
    live: LiveBoards
    display: Display
    practice: dict[str, tuple[practice.Item, ...]]
    drawer: Drawer
    drawing: asyncio.Lock
    wanted: float = math.inf  # matches that are to wait, by the last count of who hears them
    counted: int = -1  # comparisons that the drawer knows of

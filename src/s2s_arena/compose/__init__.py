"""From cards and environment to objects: the only package that names store/, models/ and executors/."""

from s2s_arena.compose.arena import Arena, open_workspace

__all__ = ["Arena", "open_workspace"]

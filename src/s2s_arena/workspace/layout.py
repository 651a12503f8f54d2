"""Where things lie in a workspace, and how one begins."""

import json
from dataclasses import dataclass
from pathlib import Path

from s2s_arena.errors import WorkspaceError

CONFIG_NAME = "arena.toml"

FIRST_CONFIG = """\
# An S2S-Arena workspace. Every key is optional; what is commented out shows the default.
# Documentation: docs/workspace.md

[workspace]
name = "{name}"
{database}   # a file beside this one, postgresql://USER@HOST/DATABASE, or env:NAME
# seed = 0                # every draw and every generated utterance derives from it

[study]
# outcomes = ["first", "second"]   # strict, as in the paper; may add tie, both_good, both_bad
# criteria = ["instruction", "expressiveness", "quality"]
# orders = "one"                   # or "both"
# sampler = "paper"                # paper | uniform | d-optimal
# uniform_mix = 0.1                # share of draws that ignore the ratings so far
# round_size = 20                  # pairing reads finished rounds only
# floor = 0                        # comparisons of each system before ratings alone decide whom it meets

[rank]
# method = "bt"           # which rating orders the board: bt | elo
# bootstraps = 1000

"""


@dataclass(frozen=True, slots=True)
class Layout:
    """The folders and files of one workspace."""

    root: Path

    @property
    def config(self) -> Path:
        return self.root / CONFIG_NAME

    @property
    def reports(self) -> Path:
        return self.root / "reports"

    @property
    def cards(self) -> Path:
        return self.root / "cards"

    @property
    def audio(self) -> Path:
        """Waveforms by their hash, wherever the database is."""
        return self.root / "audio"

    @property
    def heads(self) -> Path:
        """Heads that `judges train` made here."""
        return self.root / "heads"

    def card_folder(self, kind: str) -> Path:
        """Folder of the user's own cards of a kind: systems, judges or voices."""
        return self.cards / kind


def create(root: Path, *, name: str | None = None, database: str | None = None) -> Layout:
    """Begin a workspace in a folder that is empty, does not exist, or is a workspace already, which stays as it is.

    Args:
        root: The folder.
        name: Of the workspace; the folder's by default.
        database: As in `arena.toml`.

    Raises:
        WorkspaceError: The folder holds other things or cannot be written.
    """
    layout = Layout(root.resolve())
    if layout.config.exists():
        return layout
    try:
        if root.exists() and not root.is_dir():
            raise WorkspaceError(f"workspace {root}: it is a file; name a folder")
        if root.exists() and any(root.iterdir()):
            raise WorkspaceError(
                f"workspace {root}: the folder is not empty and has no {CONFIG_NAME}; name an empty or new folder"
            )
        root.mkdir(parents=True, exist_ok=True)
        for folder in (layout.reports, *(layout.card_folder(k) for k in ("systems", "judges", "voices"))):
            folder.mkdir(parents=True, exist_ok=True)
        temporary = layout.config.with_suffix(".toml.part")
        said = '# database = "arena.db"' if database is None else f"database = {json.dumps(database)}"
        temporary.write_text(FIRST_CONFIG.format(name=name or layout.root.name, database=said), encoding="utf-8")
        temporary.replace(layout.config)
    except OSError as error:
        raise WorkspaceError(
            f"workspace {root}: cannot be written ({error.strerror}); choose a folder you may write to"
        ) from error
    return layout


def find(root: Path) -> Layout:
    """The workspace in that folder.

    Raises:
        WorkspaceError: There is none.
    """
    layout = Layout(root.resolve())
    if not layout.config.is_file():
        raise WorkspaceError(f"workspace {root}: no {CONFIG_NAME} there; run s2s-arena init {root}")
    return layout

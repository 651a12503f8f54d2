"""A folder of finished recordings as a system: how people bring answers that were made elsewhere."""

from collections.abc import Mapping
from pathlib import Path

from s2s_arena.audio import files
from s2s_arena.errors import CardError, EmptyAnswer
from s2s_arena.models import settings as read
from s2s_arena.models.parts import Parts
from s2s_arena.protocols import Answer, Request
from s2s_arena.records.responses import Usage
from s2s_arena.records.systems import Setting

SUFFIXES = (".wav", ".flac", ".mp3", ".ogg", ".opus", ".m4a")


class Replay:
    """Recordings named `{sample}.wav`, or `{sample}_turn{n}.wav` with turns from 0; any usual audio format.

    A text file of the same name is what the system said in its own words. The first turn is also found without
    a turn number.

    Args:
        folder: Where they are.
    """

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise CardError(f"settings.folder: {folder} is no folder; put the recordings there or name another")
        self._folder = folder

    @property
    def identity(self) -> str:
        return "replay/1"

    def answer(self, request: Request) -> Answer:
        """The recording of this turn; EmptyAnswer where there is none."""
        path = self._find(request)
        speech = files.read(path)
        words = path.with_suffix(".txt")
        return Answer(
            speech=speech,
            text=words.read_text(encoding="utf-8").strip() if words.is_file() else None,
            usage=Usage(audio_in_s=request.speech.duration_s, audio_out_s=speech.duration_s),
            raw={"file": path.name},
        )

    def _find(self, request: Request) -> Path:
        stems = [f"{request.sample}_turn{request.turn}"] + ([str(request.sample)] if request.turn == 0 else [])
        for stem in stems:
            if Path(stem).name != stem:  # a sample id must not lead out of the folder
                continue
            for suffix in SUFFIXES:
                path = self._folder / f"{stem}{suffix}"
                if path.is_file():
                    return path
        raise EmptyAnswer(
            f"sample {request.sample} turn {request.turn}: no recording {stems[-1]}.wav in {self._folder}; add it"
        )


def build(settings: Mapping[str, Setting], parts: Parts) -> Replay:
    """A system from a card. Settings: folder (relative to the card)."""
    read.check_keys("replay", settings, known=frozenset({"folder"}))
    return Replay(parts.folder / Path(read.text(settings, "folder")).expanduser())

"""Announcements spoken by local voices, one for each language, each made once and kept by hash."""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from s2s_arena.audio import files
from s2s_arena.audio.loudness import normalise
from s2s_arena.audio.waveform import Waveform
from s2s_arena.judge.levels import TARGET_LUFS
from s2s_arena.judge.programme import trimmed
from s2s_arena.judge.prompts.listening import LANGUAGES
from s2s_arena.protocols import Speaker
from s2s_arena.records.identity import content_hash
from s2s_arena.records.speech import Segment, Utterance

VERSION = "1"  # of what is done to the voice's speech


class CueVoice:
    """Speaks announcements at the level of the answers. Safe to use from several threads.

    Args:
        load: Gives the voice for a language, each time the same one.
        languages: Those it is asked for: their voices are part of the identity.
        folder: Where cues are kept as FLAC files; None keeps them in memory only.
    """

    def __init__(
        self, load: Callable[[str], Speaker], *, languages: Sequence[str] = LANGUAGES, folder: Path | None = None
    ) -> None:
        self._load = load
        self._languages = tuple(languages)
        self._folder = folder
        self._lock = threading.Lock()
        self._kept: dict[str, Waveform] = {}

    @property
    def identity(self) -> str:
        """Of the voices and of what is done to their speech."""
        voices = dict.fromkeys(self._load(language).identity for language in self._languages)
        return f"cues/{VERSION}({', '.join(voices)})"

    def say(self, text: str, *, language: str) -> Waveform:
        """The text, spoken, without silent edges, at `TARGET_LUFS`.

        Raises:
            InputError: The voice does not speak the language, or gave silence.
            AudioError: The folder cannot be written, or holds a file that is not audio.
        """
        with self._lock:  # one voice at a time, and each cue once
            key = content_hash("cue", text, language, VERSION, self._load(language).identity)
            if key not in self._kept:
                self._kept[key] = self._read(key) or self._make(key, text, language)
            return self._kept[key]

    def _read(self, key: str) -> Waveform | None:
        place = self._folder / f"{key}.flac" if self._folder else None
        return files.read(place) if place is not None and place.is_file() else None

    def _make(self, key: str, text: str, language: str) -> Waveform:
        spoken = self._load(language).speak(Utterance(segments=(Segment(text=text, language=language),)), seed=0)
        wave = normalise(trimmed(spoken), TARGET_LUFS)
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
            files.write_flac(self._folder / f"{key}.flac", wave)
            return files.read(self._folder / f"{key}.flac")  # so that a later run hears the same samples
        return wave

"""Text-to-speech programs that the user installs: run as a separate process, text in by a pipe, a WAV file out."""

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from s2s_arena.audio import files
from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import AudioError, InputError, MissingError

TIMEOUT_S = 120.0


class VoiceProgram:
    """One program.

    Args:
        program: Its name on the path, or where it lies.
        voice: What messages call the voice.
        remedy: How to get the program.
        timeout_s: For one reading.

    Raises:
        MissingError: It is not installed.
    """

    def __init__(self, program: str, *, voice: str, remedy: str, timeout_s: float = TIMEOUT_S) -> None:
        found = shutil.which(program)
        if found is None:
            raise MissingError(f"voice {voice}: program {program} is not installed; {remedy}")
        self._program = found
        self._voice = voice
        self._timeout_s = timeout_s

    def told(self, *arguments: str) -> str:
        """What it prints; raises InputError if it fails."""
        return self._run(arguments, text="").decode("utf-8", "replace")

    def spoken(self, arguments: Callable[[Path], Sequence[str]], *, text: str) -> Waveform:
        """The WAV file it writes.

        Args:
            arguments: Of the program, from the path it is to write to.
            text: What it reads on standard input: never an argument, where a leading dash would be an option.

        Raises:
            InputError: It fails, takes too long, or writes nothing that can be heard.
        """
        with tempfile.TemporaryDirectory(prefix="s2s-voice-") as folder:
            place = Path(folder) / "speech.wav"
            self._run(arguments(place), text=text)
            try:
                return files.read(place, name=f"speech of voice {self._voice}")
            except AudioError as error:
                raise InputError(f"voice {self._voice}: {text[:30]!r} gave no speech ({error}); change it") from error

    def _run(self, arguments: Sequence[str], *, text: str) -> bytes:
        try:
            ran = subprocess.run(
                [self._program, *arguments],
                input=text.encode(),
                capture_output=True,
                timeout=self._timeout_s,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise InputError(
                f"voice {self._voice}: {self._program} was not done with {text[:30]!r} after {self._timeout_s:g} s; "
                "shorten the script or set timeout_s in the card"
            ) from error
        except OSError as error:
            raise MissingError(f"voice {self._voice}: {self._program} cannot be started ({error.strerror})") from error
        if ran.returncode:
            lines = ran.stderr.decode("utf-8", "replace").strip().splitlines() or ["it printed nothing"]
            raise InputError(
                f"voice {self._voice}: {Path(self._program).name} ended with status {ran.returncode}: "
                f"{lines[-1][:200]}; mend the card's settings"
            )
        return ran.stdout

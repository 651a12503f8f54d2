"""Audio on disk by the hash of its content: 16-bit FLAC, written whole or not at all, verified when read."""

import hashlib
import io
import os
import time
import uuid
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from s2s_arena.audio.waveform import Waveform, from_pcm16, pcm16_hash
from s2s_arena.errors import AudioError, StoreError
from s2s_arena.records.identity import AudioHash
from s2s_arena.records.speech import AudioRef

_ORPHAN_AGE_S = 3600.0  # a temporary file older than this belongs to a process that was killed


def canonical(wave: Waveform) -> Waveform:
    """The waveform as it comes back from a store: rounded to 16 bits.

    Raises:
        AudioError: It has no frames; nothing is no audio, and a store keeps none of it.
    """
    return from_pcm16(_kept(wave), wave.rate_hz)


def _kept(wave: Waveform) -> NDArray[np.int16]:
    if not wave.frames:
        raise AudioError("audio of 0 frames cannot be kept; record what happened as a failure instead")
    return wave.pcm16()


def flac(pcm: NDArray[np.int16], rate_hz: int) -> bytes:
    """Canonical PCM, shape (frames,), as a 16-bit FLAC file."""
    buffer = io.BytesIO()
    soundfile.write(buffer, pcm, rate_hz, format="FLAC", subtype="PCM_16")
    return buffer.getvalue()


class AudioFiles:
    """A folder of audio: `ab/<hash>.flac` for what is used, `originals/<sha256>` for what was given."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, hash: AudioHash) -> Path:
        """Where the audio of that hash is or would be."""
        return self.folder / hash[:2] / f"{hash}.flac"

    def put(self, wave: Waveform, *, original: bytes | None = None) -> AudioRef:
        """Keep the audio and return its reference; on return it is on the disk.

        Raises:
            AudioError: It has no frames.
            StoreError: It could not be written; nothing is left behind.
        """
        pcm = _kept(wave)
        hash = pcm16_hash(pcm, wave.rate_hz)
        path = self.path(hash)
        if not self._intact(path, hash):
            self._write(path, flac(pcm, wave.rate_hz))
        kept = None
        if original is not None:
            kept = hashlib.sha256(original).hexdigest()
            place = self.folder / "originals" / kept
            if not place.exists():
                self._write(place, original)
        return AudioRef(hash=hash, rate_hz=wave.rate_hz, frames=wave.frames, original=kept)

    def get(self, hash: AudioHash) -> Waveform:
        """Stored audio.

        Raises:
            StoreError: The file is missing, unreadable, or its content has another hash.
        """
        path = self.path(hash)
        try:
            pcm, rate_hz = soundfile.read(path, dtype="int16")
        except (OSError, soundfile.LibsndfileError) as error:
            state = "cannot be read" if path.exists() else "is missing"
            raise StoreError(f"audio {path} {state}; {_REMEDY}") from error
        if pcm.ndim == 1 and 1000 <= rate_hz <= 384_000 and pcm16_hash(pcm, int(rate_hz)) == hash:
            return from_pcm16(pcm, int(rate_hz))
        raise StoreError(f"audio {path} is damaged: its content does not match its name; {_REMEDY}")

    def original(self, sha256: str) -> bytes:
        """The bytes that a user gave.

        Raises:
            StoreError: The file is missing or damaged.
        """
        path = self.folder / "originals" / sha256
        try:
            content = path.read_bytes()
        except OSError as error:
            raise StoreError(f"original {path} cannot be read ({error.strerror}); {_REMEDY}") from error
        if hashlib.sha256(content).hexdigest() != sha256:
            raise StoreError(f"original {path} is damaged: its content does not match its name; {_REMEDY}")
        return content

    def erase(self, hash: AudioHash, *, original: str | None = None) -> bool:
        """Remove the audio and, if named, the bytes it was read from; True if any of it was there.

        Raises:
            StoreError: A file could not be removed.
        """
        places = [self.path(hash), *([self.folder / "originals" / original] if original else [])]
        found = [place for place in places if place.exists()]
        for place in found:
            try:
                place.unlink(missing_ok=True)
                _sync_folder(place.parent)
            except OSError as error:
                raise StoreError(
                    f"audio {place} could not be removed ({error.strerror}); make its folder writable, then run the "
                    "same command again"
                ) from error
        return bool(found)

    def sweep(self) -> None:
        """Remove what killed processes left half written."""
        for orphan in self.folder.glob("*/.*.partial"):
            try:
                if time.time() - orphan.stat().st_mtime > _ORPHAN_AGE_S:
                    orphan.unlink()
            except OSError:
                continue  # gone already, or not ours to remove: it harms nobody

    def _intact(self, path: Path, hash: AudioHash) -> bool:
        if not path.exists():
            return False
        try:
            self.get(hash)
        except StoreError:
            return False  # write it again: that is the remedy the error names
        return True

    def _write(self, path: Path, content: bytes) -> None:
        folder = path.parent
        partial = folder / f".{path.name}.{uuid.uuid4().hex}.partial"
        try:
            try:
                file = partial.open("wb")
            except FileNotFoundError:
                folder.mkdir(parents=True, exist_ok=True)
                _sync_folder(folder.parent)
                file = partial.open("wb")
            try:
                with file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                partial.replace(path)
            except BaseException:
                partial.unlink(missing_ok=True)
                raise
            _sync_folder(folder)
        except OSError as error:
            raise StoreError(
                f"audio {path} could not be written ({error.strerror}); free some space or make the folder writable, "
                "then run the same command again: what was finished is kept"
            ) from error


_REMEDY = "restore it from a backup, or remove it and run the stage that made it again"


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

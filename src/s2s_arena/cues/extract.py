"""Hears one utterance once: transcript, delivery, quality and heads, as one `Cues` record."""

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from s2s_arena.audio.activity import active_spans, frame_levels_dbfs
from s2s_arena.audio.checks import check
from s2s_arena.audio.resampling import resample
from s2s_arena.audio.waveform import Waveform
from s2s_arena.cues.contour import Contour, contour
from s2s_arena.cues.prosody import describe
from s2s_arena.cues.timbre import brightness_db
from s2s_arena.protocols import Encoder, PitchTracker, QualityMeter, Transcriber
from s2s_arena.records.cues import Cues, Prosody, Span, Transcript
from s2s_arena.records.identity import AudioHash

VERSION = "2"  # 2: the language is heard from the encoding that is decoded
HEARING_HZ = 16_000  # what ears, encoder, pitch tracker and quality meter all need


class HeadReader(Protocol):
    """Reads a voice from encoder features; `cues.heads.Heads` is one."""

    @property
    def identity(self) -> str: ...

    def predict(self, features: NDArray[np.float32], prosody: Prosody | None = None) -> Mapping[str, float]: ...


class Extractor:
    """All instruments behind one door; as safe to share between threads as its parts are."""

    def __init__(
        self,
        transcriber: Transcriber,
        encoder: Encoder | None,
        pitch: PitchTracker,
        quality: QualityMeter | None,
        heads: HeadReader | None = None,
    ) -> None:
        """Without heads no encoding is done; without a quality meter `Cues.quality` is None."""
        self._transcriber = transcriber
        self._encoder = encoder
        self._pitch = pitch
        self._quality = quality
        self._heads = heads if encoder is not None else None

    @property
    def identity(self) -> str:
        """Own version and the identities of all parts: another part is another extractor."""
        names = [self._transcriber.identity, self._pitch.identity]
        names += [self._quality.identity] if self._quality is not None else []
        if self._heads is not None and self._encoder is not None:
            names += [self._encoder.identity, self._heads.identity]
        return f"cues/{VERSION}({'; '.join(names)})"

    def hear(self, speech: Waveform, *, audio: AudioHash, language: str | None = None) -> Cues:
        """What can be heard in an utterance of any length.

        In an empty or silent waveform nothing is heard: transcript and quality are None, and so is all of the
        prosody that needs speech. Ears that are asked about silence invent words, so they are not asked.

        Args:
            speech: The utterance.
            audio: Hash under which it is known; not checked.
            language: BCP 47; None lets the ears decide, which an answer in the wrong language needs.
        """
        spans = active_spans(speech)
        measured = {name: float(value) for name, value in _fields(check(speech)).items()}
        wave = resample(speech, HEARING_HZ)
        pitch = self._pitch.track(wave)
        tune = contour(pitch, spans, levels_dbfs=frame_levels_dbfs(speech))
        transcript = self._transcriber.transcribe(wave, language=language) if spans else None
        prosody = describe(speech, spans=spans, tune=tune, pitch=pitch, transcript=transcript)
        return Cues(
            audio=audio,
            extractor=self.identity if language is None else told(self.identity, language),
            transcript=transcript,
            prosody=prosody,
            quality=self._quality.rate(wave) if self._quality is not None and spans else None,
            heads=self._read(wave, prosody) if spans else {},
            checks=measured | _voice(speech, spans, tune, transcript),
        )

    def _read(self, wave: Waveform, prosody: Prosody) -> dict[str, float]:
        if self._heads is None or self._encoder is None:
            return {}
        features = self._encoder.encode(wave)
        return dict(self._heads.predict(features, prosody)) if features.shape[0] else {}


def told(extractor: str, language: str) -> str:
    """The identity of an extractor whose ears are told the language: it hears something else in the same speech."""
    return f"{extractor}@{language}"


def _fields(checks: object) -> dict[str, float]:
    """The fields of `audio.checks.Checks` that are known, as numbers (booleans as 0 and 1)."""
    values = {name: getattr(checks, name) for name in getattr(type(checks), "__slots__", ())}
    return {name: value for name, value in values.items() if value is not None}


def _voice(speech: Waveform, spans: tuple[Span, ...], tune: Contour, transcript: Transcript | None) -> dict[str, float]:
    """What `Prosody` has no field for: brightness_db, note_share, and how much of the speech is words."""
    found = {"note_share": tune.note_share}
    brightness = brightness_db(speech, spans)
    if brightness is not None:
        found["brightness_db"] = brightness
    active_s = sum(span.end_s - span.start_s for span in spans)
    if transcript is not None and active_s > 0:
        worded_s = sum(max(0.0, word.end_s - word.start_s) for word in transcript.words)
        found["worded_share"] = min(1.0, worded_s / active_s)
    return found

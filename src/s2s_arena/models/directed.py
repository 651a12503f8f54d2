"""A voice that follows directions: an engine that reads plainly, and WORLD for everything it cannot do itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from s2s_arena.audio.activity import active_mean_square, active_spans
from s2s_arena.audio.joining import join, silence
from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import InputError
from s2s_arena.models import delivery as plan
from s2s_arena.models import singing, world
from s2s_arena.models.alignment import locate
from s2s_arena.models.phonemes import primary, speakable
from s2s_arena.protocols import Transcriber
from s2s_arena.records.cues import Span
from s2s_arena.records.speech import Delivery, Segment, Traits, Utterance

LEVEL_DBFS = -26.0
"""Level of active speech of every voice at volume 0: leaves room for +12 dB."""

_GAP_S = 0.12  # between segments that ask for no pause
_EDGE_S = 0.03  # kept around active speech, so that no onset is cut
_RAMP_S = 0.04
_RATE_TOLERANCE = 0.01
_RATE_TRIES = 3


class Engine(Protocol):
    """A voice without delivery controls."""

    @property
    def identity(self) -> str: ...

    @property
    def languages(self) -> frozenset[str]:
        """Primary tags."""
        ...

    @property
    def quick(self) -> bool:
        """Whether reading again costs less than stretching by WORLD."""
        ...

    def gender(self, asked: str | None) -> str:
        """Of the reading when that gender is asked: male or female."""
        ...

    def read(self, text: str, *, language: str, gender: str | None, speed: float, seed: int) -> Waveform:
        """The words, plainly. `speed` is approximate. InputError for what cannot be said."""
        ...

    def syllables(self, text: str, language: str) -> int:
        """How many syllables it will say."""
        ...


@runtime_checkable
class Performer(Engine, Protocol):
    """An engine that carries out some directions by itself; what it leaves is done to its signal."""

    def carries(self, delivery: Delivery, traits: Traits) -> frozenset[str]:
        """Those of `delivery.CARRIED` that it carries out, as they are asked here."""
        ...

    def perform(
        self, text: str, *, language: str, delivery: Delivery, traits: Traits, speed: float, seed: int
    ) -> Waveform:
        """The words with what of the directions it carries. `speed` is approximate. InputError as for `read`."""
        ...


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    pause_s: float
    wave: Waveform
    stretch: float  # what is left to do of the rate


class DirectedVoice:
    """A Speaker made of an engine.

    Args:
        engine: Reads plainly.
        name: Of the voice, for messages and the identity.
        ears: Gives the ears that find a word in speech, at first need; None guesses places by proportion.
    """

    def __init__(self, engine: Engine, *, name: str, ears: Callable[[], Transcriber] | None = None) -> None:
        self._engine = engine
        self._name = name
        self._ears = ears

    @property
    def identity(self) -> str:
        """Engine, and the version of how delivery is carried out."""
        return f"{self._engine.identity}/delivery-1"

    @property
    def languages(self) -> frozenset[str]:
        """Primary tags."""
        return self._engine.languages

    def speak(self, utterance: Utterance, *, seed: int) -> Waveform:
        """The utterance as directed, at the engine's rate, without silence at its edges beyond 30 ms.

        Active speech has -26 dBFS at volume 0. Rate, pitch, range, volume and pauses are physical: twice the
        rate is half the time.

        Raises:
            InputError: A language the voice does not speak, nothing to say, or a delivery out of its ranges.
        """
        segments = [segment for segment in utterance.segments if speakable(segment.text)]
        if not segments:
            raise InputError(f"voice {self._name}: {utterance.text[:40]!r} has nothing to say; give it words")
        waves: list[Waveform] = []
        gaps: list[float] = []
        for n, segment in enumerate(segments):
            waves.append(self._segment(segment, utterance.traits, seed + n))
            gaps.append(segment.pause_after_s if segment.pause_after_s > 0 else _GAP_S)
        tail = segments[-1].pause_after_s
        if tail > 0:
            waves.append(silence(tail, waves[0].rate_hz))
            gaps[-1:] = [0.0]
            return join(waves, gaps)
        return join(waves, gaps[:-1])

    def _segment(self, segment: Segment, traits: Traits, seed: int) -> Waveform:
        if primary(segment.language) not in self._engine.languages:
            raise InputError(
                f"voice {self._name}: language {segment.language} of {segment.text[:30]!r} is not spoken "
                f"(speaks {', '.join(sorted(self._engine.languages))}); choose a voice of that language"
            )
        engine = self._engine
        carried = engine.carries(segment.delivery, traits) if isinstance(engine, Performer) else frozenset[str]()
        direction = plan.direct(segment.delivery, traits, gender=engine.gender(traits.gender), carried=carried)
        pieces: list[_Piece] = []
        for text, pause_s in plan.split_at_pauses(segment.text, segment.delivery.pauses):
            if not speakable(text):
                continue
            wave, left = self._read(text, segment, traits, direction, seed)
            pieces.append(_Piece(text, pause_s, wave, left))
        emphasis = segment.delivery.emphasis
        if direction.reshapes or emphasis or any(piece.stretch != 1.0 for piece in pieces):
            shaped = self._reshape(pieces, direction, emphasis, segment.language)
        else:
            shaped = [_at_level(piece.wave) for piece in pieces]
        gain = 10.0 ** (direction.gain_db / 20.0)
        waves = [_limited(wave.samples * np.float32(gain), wave.rate_hz) for wave in shaped]
        joined = join(waves, [piece.pause_s for piece in pieces[:-1]])
        tail = pieces[-1].pause_s
        return join([joined, silence(tail, joined.rate_hz)]) if tail > 0 else joined

    def _read(
        self, text: str, segment: Segment, traits: Traits, direction: plan.Direction, seed: int
    ) -> tuple[Waveform, float]:
        """The reading without edges, and by what factor its duration still has to change."""
        engine, language, delivery = self._engine, segment.language, segment.delivery

        def read(speed: float) -> Waveform:
            if isinstance(engine, Performer):
                return _trimmed(
                    engine.perform(text, language=language, delivery=delivery, traits=traits, speed=speed, seed=seed)
                )
            return _trimmed(engine.read(text, language=language, gender=traits.gender, speed=speed, seed=seed))

        plain = read(1.0)
        wanted_s = plain.duration_s / direction.rate
        if direction.rate == 1.0 or direction.sing or not self._engine.quick or not 0.5 <= direction.rate <= 2.0:
            return plain, 1.0 / direction.rate
        speed = direction.rate
        for _ in range(_RATE_TRIES):
            wave = read(min(2.0, max(0.5, speed)))
            left = wanted_s / wave.duration_s
            if abs(left - 1.0) <= _RATE_TOLERANCE:
                return wave, 1.0
            speed /= left
        return wave, left

    def _reshape(
        self, pieces: Sequence[_Piece], direction: plan.Direction, emphasis: Sequence[str], language: str
    ) -> list[Waveform]:
        ears = self._ears() if self._ears is not None and emphasis else None
        parts = [world.analyse(piece.wave) for piece in pieces]
        voiced = np.concatenate([part.f0_hz[part.voiced] for part in parts])
        level_hz = float(np.median(voiced)) if voiced.size else None
        shaped: list[Waveform] = []
        for piece, part in zip(pieces, parts, strict=True):
            spans = [
                span
                for word in emphasis
                if (span := locate(piece.wave, piece.text, word, language=language, ears=ears)) is not None
            ]
            stress = _stress(part.f0_hz.size, spans)
            part = world.shift_pitch(
                part,
                semitones=direction.pitch_st + plan.EMPHASIS_ST * stress,
                spread=direction.pitch_range,
                level_hz=level_hz,
            )
            part = world.tilt(world.shift_formants(part, direction.formant), direction.tilt_db_oct)
            part = world.add_breath(part, direction.breath)
            if direction.sing:
                part = singing.sing(part, self._engine.syllables(piece.text, language), rate=1.0 / piece.stretch)
                gains = np.zeros(part.f0_hz.size)
            else:
                factors = piece.stretch * (1.0 + (plan.EMPHASIS_STRETCH - 1.0) * stress)
                part = world.stretch(part, factors)
                gains = np.interp(
                    np.arange(part.f0_hz.size), np.cumsum(factors) - factors / 2, plan.EMPHASIS_DB * stress
                )
            part = world.tremble(part, direction.tremor_st)
            if direction.whisper:
                part = world.whisper(part)
            shaped.append(_with_gains(_at_level(world.synthesise(part)), gains))
        return shaped


def _trimmed(wave: Waveform) -> Waveform:
    spans = active_spans(wave)
    if not spans:
        return wave
    start = max(0, round((spans[0].start_s - _EDGE_S) * wave.rate_hz))
    end = min(wave.frames, round((spans[-1].end_s + _EDGE_S) * wave.rate_hz))
    return Waveform(wave.samples[start:end], wave.rate_hz)


def _at_level(wave: Waveform) -> Waveform:
    power = active_mean_square(wave)
    if power is None or power <= 0.0:
        return wave
    return Waveform(wave.samples * np.float32(10.0 ** (LEVEL_DBFS / 20.0) / np.sqrt(power)), wave.rate_hz)


def _stress(frames: int, spans: Sequence[Span]) -> NDArray[np.float64]:
    """How far each 5 ms frame is inside an emphasised word, 0..1 with smooth edges, shape (frames,)."""
    times = np.arange(frames) * world.FRAME_S
    stress = np.zeros(frames)
    for span in spans:
        rise = np.clip((times - span.start_s) / _RAMP_S + 0.5, 0.0, 1.0)
        fall = np.clip((span.end_s - times) / _RAMP_S + 0.5, 0.0, 1.0)
        stress = np.maximum(stress, np.minimum(rise, fall))
    return stress


def _with_gains(wave: Waveform, gains_db: NDArray[np.float64]) -> Waveform:
    if not gains_db.any():
        return wave
    at = np.arange(wave.frames) / wave.rate_hz / world.FRAME_S
    curve = np.interp(at, np.arange(gains_db.size), gains_db)
    return Waveform((wave.samples * 10.0 ** (curve / 20.0)).astype(np.float32), wave.rate_hz)


def _limited(samples: NDArray[np.float32], rate_hz: int) -> Waveform:
    """Peaks above 0.9 are bent, never clipped; nothing below is touched."""
    over = np.abs(samples) > 0.9
    if over.any():
        bent = np.sign(samples) * (0.9 + 0.099 * np.tanh((np.abs(samples) - 0.9) / 0.099))
        samples = np.where(over, bent, samples).astype(np.float32)
    return Waveform(samples, rate_hz)

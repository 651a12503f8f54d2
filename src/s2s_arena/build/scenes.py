"""Background noise made by the build itself: eight scenes, any length, the same for the same seed."""

from collections.abc import Callable, Sequence

import numpy as np

from s2s_arena.audio.resampling import resample
from s2s_arena.audio.waveform import Waveform
from s2s_arena.build.sounds import (
    Sound,
    babble,
    burst,
    chirp,
    coloured,
    in_room,
    murmur,
    place,
    ring,
    scatter,
    swell,
    unit,
)
from s2s_arena.errors import SuiteError

LEVEL_DBFS = -26.0
SCENES_VERSION = "1"


class Stage:
    """What a scene is made with: its length, its randomness, and voices for the crowd."""

    def __init__(self, frames: int, rate_hz: int, rng: np.random.Generator, voices: list[Sound]) -> None:
        self.frames = frames
        self.rate_hz = rate_hz
        self.rng = rng
        self._voices = voices

    def noise(self, *, tilt: float = -3.0, low_hz: float = 20.0, high_hz: float = 1e5) -> Sound:
        """Stationary noise of unit RMS, as long as the scene."""
        return coloured(self.frames, self.rate_hz, self.rng, tilt=tilt, low_hz=low_hz, high_hz=high_hz)

    def swell(self, every_s: float, depth: float = 1.0) -> Sound:
        """A slow random envelope."""
        return swell(self.frames, self.rate_hz, self.rng, every_s=every_s, depth=depth)

    def crowd(self, talkers: int) -> Sound:
        """People talking: real voices where there are some, else a murmur."""
        if self._voices:
            return babble(self.frames, self.rate_hz, self.rng, clips=self._voices, talkers=talkers)
        return murmur(self.frames, self.rate_hz, self.rng, talkers=talkers)

    def events(self, per_s: float, make: Callable[[], Sound], *, least: int = 1) -> Sound:
        """Sounds at random times."""
        return scatter(self.frames, self.rate_hz, self.rng, per_s=per_s, make=make, least=least)

    def knock(self, *, decay_s: float, low_hz: float, high_hz: float) -> Sound:
        """One click, knock or clatter."""
        return burst(self.rate_hz, self.rng, decay_s=decay_s, low_hz=low_hz, high_hz=high_hz)

    def chime(self, notes_hz: tuple[float, ...], *, gap_s: float = 0.4) -> Sound:
        """Notes of an announcement, one after the other, beginning within the first tenth of the scene."""
        out = np.zeros(self.frames)
        start = int(self.rng.uniform(0.0, 0.1) * self.frames)
        for i, hz in enumerate(notes_hz):
            place(out, ring(self.rate_hz, (hz, 2 * hz, 3 * hz), decay_s=1.6), start + int(i * gap_s * self.rate_hz))
        return out

    def room(self, sound: Sound, *, rt60_s: float, wet: float) -> Sound:
        """The sound in a room."""
        return in_room(sound, self.rate_hz, self.rng, rt60_s=rt60_s, wet=wet)

    @property
    def time_s(self) -> Sound:
        """Seconds at each frame."""
        return np.arange(self.frames) / self.rate_hz


def _airport(s: Stage) -> Sound:
    wheels = s.noise(tilt=0.0, low_hz=800, high_hz=3000) * s.swell(1.5) ** 4
    hall = s.crowd(6) + 0.6 * wheels + 2.4 * s.chime((659.3, 523.3), gap_s=0.55)
    return s.room(hall, rt60_s=2.2, wet=0.55) + 0.5 * s.noise(tilt=-5.0, low_hz=60, high_hz=2000)


def _street(s: Stage) -> Sound:
    passing = s.noise(tilt=-2.0, low_hz=150, high_hz=3500) * s.swell(2.0) ** 3
    engines = s.noise(tilt=-6.0, low_hz=40, high_hz=900)
    horn = s.events(0.08, lambda: ring(s.rate_hz, (392.0, 494.0, 988.0), decay_s=0.7, gain=0.8), least=0)
    return engines + 1.6 * unit(passing) + s.room(horn, rt60_s=0.8, wet=0.4)


def _cafe(s: Stage) -> Sound:
    def clink() -> Sound:
        hz = float(s.rng.uniform(2200, 4200))
        return ring(s.rate_hz, (hz, 1.52 * hz, 2.31 * hz), decay_s=0.25, gain=3.0)

    steam = s.noise(tilt=2.0, low_hz=2500, high_hz=9000) * (s.swell(3.0) > 0.75)
    return s.room(s.crowd(8) + s.events(1.2, clink, least=3) + 0.25 * steam, rt60_s=0.5, wet=0.3)


def _station(s: Stage) -> Sound:
    rail = np.zeros(s.frames)
    # Two axles of a bogie cross a rail joint: ta-tam, about once in nine tenths of a second.
    for beat in np.arange(s.rng.uniform(0.0, 0.5), s.frames / s.rate_hz, 0.9):
        for lag, gain in ((0.0, 1.0), (0.16, 0.8)):
            place(
                rail,
                5.0 * gain * s.knock(decay_s=0.09, low_hz=80, high_hz=900),
                int((beat + lag) * s.rate_hz),
            )
    rolling = s.noise(tilt=-5.0, low_hz=50, high_hz=1500) * s.swell(4.0, 0.5)
    hall = 0.5 * s.crowd(4) + 0.8 * rail + 2.0 * s.chime((523.3, 659.3, 784.0))
    return s.room(hall, rt60_s=2.8, wet=0.5) + 0.8 * rolling


def _park(s: Stage) -> Sound:
    leaves = s.noise(tilt=-1.0, low_hz=900, high_hz=6000) * s.swell(2.5, 0.8)

    def song() -> Sound:
        out = np.zeros(int(0.9 * s.rate_hz))
        for i in range(int(s.rng.integers(2, 6))):
            place(out, 3.0 * chirp(s.rate_hz, s.rng, low_hz=2800, high_hz=6500), int(i * 0.17 * s.rate_hz))
        return out

    return leaves + s.events(0.8, song, least=2)


def _office(s: Stage) -> Sound:
    hum = sum(np.sin(2 * np.pi * 100 * k * s.time_s) / k for k in (1, 2, 3, 5))
    air = s.noise(tilt=-4.0, low_hz=80, high_hz=3000)
    keys = s.events(6.0, lambda: 4.0 * s.knock(decay_s=0.02, low_hz=1500, high_hz=7000), least=6)
    return 0.15 * np.asarray(hum) + air + s.room(keys + 0.5 * s.crowd(2), rt60_s=0.4, wet=0.3)


def _vehicle(s: Stage) -> Sound:
    turning_hz = 42.0 * (1.0 + 0.15 * (s.swell(3.0) - 0.5))
    phase = 2 * np.pi * np.cumsum(turning_hz) / s.rate_hz
    engine = sum(np.sin(k * phase) / k for k in (1, 2, 3, 4, 6))
    road = s.noise(tilt=-4.0, low_hz=60, high_hz=2500) * s.swell(1.5, 0.4)
    return 0.8 * unit(np.asarray(engine)) + 1.4 * road


def _household(s: Stage) -> Sound:
    fridge = sum(np.sin(2 * np.pi * 50 * k * s.time_s) / k for k in (2, 4, 6))
    tap = s.noise(tilt=-1.0, low_hz=500, high_hz=6000) * s.swell(3.0, 0.9)
    ticks = np.zeros(s.frames)
    for i, at in enumerate(np.arange(s.rng.uniform(0.0, 0.5), s.frames / s.rate_hz, 0.5)):
        hz = 2400.0 if i % 2 else 1900.0
        place(ticks, ring(s.rate_hz, (hz, 2.7 * hz), decay_s=0.04, gain=2.0), int(at * s.rate_hz))
    dishes = s.events(0.5, lambda: 3.0 * s.knock(decay_s=0.12, low_hz=900, high_hz=5000))
    return 0.4 * np.asarray(fridge) + 0.8 * tap + s.room(ticks + dishes, rt60_s=0.5, wet=0.3)


SCENES: dict[str, Callable[[Stage], Sound]] = {
    "airport": _airport,
    "street": _street,
    "cafe": _cafe,
    "station": _station,
    "park": _park,
    "office": _office,
    "vehicle": _vehicle,
    "household": _household,
}
"""The scenes by the name that a `Background` gives."""


def render(
    scene: str, seconds: float, *, rate_hz: int, rng: np.random.Generator, voices: Sequence[Waveform] = ()
) -> Waveform:
    """A scene's noise at -26 dBFS (or lower, where a peak would pass full scale).

    Args:
        scene: One of `SCENES`.
        seconds: Length, above 0.
        rate_hz: Of the result, 8000 Hz or more.
        rng: The same generator state gives the same samples.
        voices: Clips for the crowd, any rate; without them it is a murmur.

    Raises:
        SuiteError: No such scene, or no length.
    """
    if scene not in SCENES:
        raise SuiteError(f"scene {scene!r}; use one of: {', '.join(SCENES)}")
    frames = round(seconds * rate_hz)
    if frames < rate_hz // 10:
        raise SuiteError(f"scene {scene!r}: {seconds:g} s asked; ask for 0.1 s or more")
    clips = [np.asarray(resample(voice, rate_hz).samples, dtype=np.float64) for voice in voices if voice.frames]
    sound = unit(SCENES[scene](Stage(frames, rate_hz, rng, clips))) * 10.0 ** (LEVEL_DBFS / 20.0)
    peak = float(np.abs(sound).max())
    return Waveform((sound * min(1.0, 0.99 / peak)).astype(np.float32), rate_hz)

"""What people hear: clips of one rate, band, container and noise floor, under names that tell nothing."""

import hashlib
import itertools
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from s2s_arena.audio.cutoff import cut_hz
from s2s_arena.audio.files import encode_wav
from s2s_arena.audio.joining import silence
from s2s_arena.audio.loudness import gain, loudness_lufs
from s2s_arena.audio.resampling import resample
from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import StoreError
from s2s_arena.protocols import Store
from s2s_arena.records.identity import AudioHash, TakeId
from s2s_arena.records.responses import Response, Take
from s2s_arena.records.samples import Sample, Suite
from s2s_arena.serve.hearing.edges import BAND, WITHIN, trimmed

TARGET_LUFS = -23.0  # EBU R 128; leaves speech more than 15 dB of headroom
LEAD_S = 0.25
TURN_GAP_S = 0.5
GRID_S = 0.5  # a clip's length, and so its size, says no more than what is heard
PEAKS = 240
JITTER_S = 0.02  # by which a lead-in may vary from clip to clip: a decoder's delay is less
TIMES_S = 0.05  # as exactly as the page is told when somebody speaks
LOWEST_HZ, HIGHEST_HZ = 16_000, 48_000
ALIKE = 1.03  # bands this near to each other are one: nobody hears the difference, and measuring has an error
FLOOR = 6.0  # RMS of the noise in every clip, in steps of the coarsest 16-bit source after its gain
USER = "user"
MEASURED = 24  # clips a source whose loudness is measured
_KEPT_WAVES, _KEPT_CLIPS = 256, 96


@dataclass(frozen=True, slots=True)
class Piece:
    """A stored waveform and whose it is: a system's, or the user's."""

    audio: AudioHash
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """One clip as it is sent.

    Attributes:
        wav: The file: 16-bit mono WAV.
        duration_s: Of the whole file.
        peaks: `PEAKS` values 0..1, largest absolute sample of each part.
        turns: Start, end and speaker ("user" or "answer") of each piece.
    """

    wav: bytes
    duration_s: float
    peaks: tuple[float, ...]
    turns: tuple[tuple[float, float, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One rate and one band for all clips of a study, and one gain per source.

    Attributes:
        rate_hz: Of every clip.
        gains: Source -> dB.
        band_hz: Answers have nothing above it; 0: they are left as wide as they came.
        even_edges: Answers lose the silence before and after their sound, and no two lead-ins are quite equal.
    """

    rate_hz: int
    gains: Mapping[str, float]
    band_hz: int = 0
    even_edges: bool = False

    @property
    def floor(self) -> float:
        """RMS of the noise in every clip: it hides how coarse a soft source becomes when it is raised."""
        systems = [db for source, db in self.gains.items() if source != USER]
        return FLOOR * float(np.power(10.0, max([0.0, *systems]) / 20.0)) / 32768.0

    def even(self, wave: Waveform, source: str) -> Waveform:
        """A waveform of a source as every clip has it; an offset, which only a machine notices, is taken away."""
        even = self.banded(wave, source)
        if self.even_edges and source != USER:
            even = trimmed(even)
        if even.frames:
            even = Waveform(even.samples - even.samples.mean(dtype=np.float64).astype(np.float32), even.rate_hz)
        return gain(even, self.gains.get(source, 0.0))

    def banded(self, wave: Waveform, source: str) -> Waveform:
        """At the rate of every clip and without what is above the band; the user is the same on both sides."""
        wave = resample(wave, self.rate_hz)  # first, so that one and the same filter ends the band of everybody
        if not self.band_hz or source == USER:
            return wave
        return resample(resample(wave, 2 * self.band_hz), self.rate_hz)


def policy(
    suite: Suite, takes: Iterable[Take], *, store: Store, systems: Sequence[str], even_band: bool = True
) -> Policy:
    """The policy for a study: the highest native rate, and gains that bring each system as a whole to one loudness.

    A gain is per system and never per clip, so that loud and soft answers stay loud and soft. It is measured on up to
    `MEASURED` clips of each source, spread evenly. Where systems carry different bands, by their rates or by what
    was cut off before (lossy coding, an earlier rate), all answers are limited to the lowest, unless `even_band` is
    False.
    """
    clips: dict[str, list[AudioHash]] = {USER: []}
    rate_hz, rates = LOWEST_HZ, dict[str, int]()
    for sample in suite.samples:
        for turn in sample.turns:
            if turn.speech is not None:
                clips[USER].append(turn.speech.hash)
                rate_hz = max(rate_hz, turn.speech.rate_hz)
    for take in takes:
        if take.system not in systems:
            continue
        for key in take.responses:
            response = store.get(Response, key)
            if response is not None and response.speech is not None:
                rate_hz = max(rate_hz, response.speech.rate_hz)
                native = response.speech.rate_hz
                rates[take.system] = min(rates.get(take.system, native), native)
                if take.failure is None:
                    clips.setdefault(take.system, []).append(response.speech.hash)
    band_hz = _band_hz(clips, rates, store) if even_band else 0
    raw = Policy(rate_hz=min(rate_hz, HIGHEST_HZ), gains={}, band_hz=band_hz)
    return replace(raw, gains={source: _gain(hashes, store, source, raw) for source, hashes in clips.items()})


def _band_hz(clips: Mapping[str, Sequence[AudioHash]], rates: Mapping[str, int], store: Store) -> int:
    """The lowest band that a system carries; 0 where all carry the same."""
    ends, bands = [0.5 * rate for rate in rates.values()], [0.5 * BAND * rate for rate in rates.values()]
    for n, system in enumerate(rates):
        cut = cut_hz(store.audio(hash) for hash in _some(clips.get(system, ())))
        if cut is not None:
            ends[n], bands[n] = min(ends[n], cut), min(bands[n], WITHIN * cut)
    return 0 if max(ends, default=0.0) <= ALIKE * min(ends, default=0.0) else round(min(bands))


def _some(hashes: Sequence[AudioHash]) -> Sequence[AudioHash]:
    return hashes[:: max(1, len(hashes) // MEASURED)][:MEASURED]


def _gain(hashes: Sequence[AudioHash], store: Store, source: str, raw: Policy) -> float:
    # Measured in the band that is heard: what is cut off must not make a system softer.
    waves = (raw.banded(store.audio(hash), source) for hash in _some(hashes))
    loud = [level for wave in waves if (level := loudness_lufs(wave)) is not None]
    if not loud:
        return 0.0
    mean = 10.0 * np.log10(np.mean(np.power(10.0, np.array(loud) / 10.0)))
    return round(float(TARGET_LUFS - mean), 6)  # a hundredth of a decibel would tell equal answers apart


def pieces(sample: Sample, take: Take | None, *, store: Store) -> tuple[Piece, ...]:
    """What a clip is made of: a take's answer, the whole dialogue if there are several turns, or the user alone.

    Args:
        sample: What was asked.
        take: Whose answers; None for the instruction.
        store: Where responses are.

    Raises:
        StoreError: A response is gone.
    """
    asked = [None if turn.speech is None else Piece(turn.speech.hash, USER) for turn in sample.turns]
    if take is None:
        return tuple(piece for piece in asked if piece is not None)
    found: list[Piece] = []
    for n, key in enumerate(take.responses):
        response = store.get(Response, key)
        if response is None:
            raise StoreError(f"response {key}: not in the store; run s2s-arena answer again")
        if len(take.responses) > 1 and n < len(asked) and (question := asked[n]) is not None:
            found.append(question)
        if response.speech is not None:
            found.append(Piece(response.speech.hash, take.system))
    return tuple(found)


class Clips:
    """Makes clips and keeps the last ones; safe to use from several threads.

    Args:
        store: Where waveforms are.
        policy: Rate and gains.
    """

    def __init__(self, store: Store, policy: Policy) -> None:
        self._store = store
        self._policy = policy
        self._lock = threading.Lock()
        self._waves: OrderedDict[Piece, NDArray[np.float32]] = OrderedDict()
        self._clips: OrderedDict[str, Clip] = OrderedDict()

    def clip(self, token: str, made_of: Sequence[Piece]) -> Clip:
        """The clip of that token. Its last bits depend on the token, so equal answers have unequal bytes.

        Args:
            token: Under which it is sent.
            made_of: Its pieces, in the order heard.
        """
        with self._lock:
            kept = self._clips.get(token)
            if kept is not None:
                self._clips.move_to_end(token)
                return kept
        made = assemble([(self._wave(piece), piece.source) for piece in made_of], self._policy, token=token)
        with self._lock:
            self._clips[token] = made
            while len(self._clips) > _KEPT_CLIPS:
                self._clips.popitem(last=False)
        return made

    def _wave(self, piece: Piece) -> NDArray[np.float32]:
        with self._lock:
            kept = self._waves.get(piece)
            if kept is not None:
                self._waves.move_to_end(piece)
                return kept
        made = self._policy.even(self._store.audio(piece.audio), piece.source).samples
        with self._lock:
            self._waves[piece] = made
            while len(self._waves) > _KEPT_WAVES:
                self._waves.popitem(last=False)
        return made


def assemble(parts: Sequence[tuple[NDArray[np.float32], str]], policy: Policy, *, token: str) -> Clip:
    """Pieces to a clip: lead-in, gaps, length rounded up to the grid, and noise seeded by the token.

    The noise, far below speech, hides what a decoder, a resampler, a gain or digital silence leaves in the last bits.

    Args:
        parts: Samples and source of each piece, in the order heard; none gives a clip of silence.
        policy: What the samples were evened out by.
        token: Seeds the noise.
    """
    rate_hz = policy.rate_hz
    rng = np.random.default_rng(int.from_bytes(hashlib.sha256(f"dither/{token}".encode()).digest()[:8]))
    lead_s = LEAD_S + (JITTER_S * (rng.random() - 0.5) if policy.even_edges else 0.0)
    lead, gap = silence(lead_s, rate_hz).samples, silence(TURN_GAP_S, rate_hz).samples
    joined: list[NDArray[np.float32]] = [lead]
    turns: list[tuple[float, float, str]] = []
    at = len(lead)
    for n, (samples, source) in enumerate(parts):
        if n:
            joined.append(gap)
            at += len(gap)
        joined.append(samples)
        turns.append((_told(at / rate_hz), _told((at + len(samples)) / rate_hz), USER if source == USER else "answer"))
        at += len(samples)
    grid = round(GRID_S * rate_hz)
    joined.append(np.zeros(-at % grid, dtype=np.float32))
    whole = np.concatenate(joined)
    noise = rng.standard_normal(len(whole), dtype=np.float32) * np.float32(policy.floor)
    wave = Waveform(np.clip(whole + noise, -1.0, 1.0), rate_hz)
    return Clip(wav=encode_wav(wave), duration_s=wave.duration_s, peaks=peaks(wave.samples), turns=tuple(turns))


def _told(at_s: float) -> float:
    """A time without the frames from which a native rate could be counted."""
    return round(round(at_s / TIMES_S) * TIMES_S, 2)


def peaks(samples: NDArray[np.float32], *, count: int = PEAKS) -> tuple[float, ...]:
    """Largest absolute sample in each of `count` equal parts, 0..1 with three digits."""
    edges = np.linspace(0, len(samples), count + 1).astype(np.int64)
    absolute = np.abs(samples)
    found = [float(absolute[a:b].max()) if b > a else 0.0 for a, b in itertools.pairwise(edges)]
    return tuple(round(min(1.0, value), 3) for value in found)


def takes_by_id(takes: Iterable[Take]) -> dict[TakeId, Take]:
    """Takes by id."""
    return {take.id: take for take in takes}

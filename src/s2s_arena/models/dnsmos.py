"""How good speech sounds: DNSMOS P.835 and P.808, from the ONNX files in `speechmos`, without its loader."""

import importlib.util
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from s2s_arena.audio.resampling import resample
from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import AudioError, MissingError
from s2s_arena.records.cues import Quality

RATE_HZ = 16_000
WINDOW = int(9.01 * RATE_HZ)
_FFT, _HOP, _MELS = 321, 160, 120  # the reference's P.808 features; 321 is its own choice
# Raw P.835 outputs to opinion scores, highest power first (Microsoft DNS challenge, dnsmos_local.py).
_SIGNAL = (-0.08397278, 1.22083953, 0.0052439)
_BACKGROUND = (-0.13166888, 1.60915514, -0.39604546)
_OVERALL = (-0.06766283, 1.11546468, 0.04602535)


class Dnsmos:
    """A `QualityMeter`; may be called from several threads.

    Same figures as the reference method, which repeats clips shorter than 9.01 s and averages windows one
    second apart. Windows overlap by 8 s, so a clip with more than `most_windows` is judged by that many,
    evenly spread: its cost no longer grows with its length.
    """

    def __init__(self, *, most_windows: int = 3, threads: int = 1) -> None:
        """Load both models.

        Raises:
            MissingError: The extra `local` is not installed.
        """
        try:
            import onnxruntime  # noqa: PLC0415 - optional dependency, extra `local`
        except ImportError as error:
            raise MissingError("onnxruntime: not installed; run pip install 's2s-arena[local]'") from error
        # find_spec, for importing speechmos itself would pull in librosa.
        spec = importlib.util.find_spec("speechmos")
        if spec is None or not spec.submodule_search_locations:
            raise MissingError("speechmos: not installed; run pip install 's2s-arena[local]'")
        folder = Path(spec.submodule_search_locations[0]) / "dnsmos_models"
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._p835, self._p808 = (
            _session(onnxruntime, folder / name, options) for name in ("sig_bak_ovr.onnx", "model_v8.onnx")
        )
        self._most = most_windows
        self._mel = mel_filters(RATE_HZ, fft=_FFT, mels=_MELS)

    @property
    def identity(self) -> str:
        """Package version and window limit."""
        return f"dnsmos/speechmos-{version('speechmos')}/{self._most}w"

    def rate(self, speech: Waveform) -> Quality:
        """Scores 1..5 of a clip of any rate and length.

        Raises:
            AudioError: The clip is empty, so that there is nothing to rate.
        """
        samples = np.clip(resample(speech, RATE_HZ).samples, -1.0, 1.0)
        if samples.size == 0:
            raise AudioError("dnsmos: an empty clip given, at least one sample needed; leave its quality out")
        scores = np.mean([self._rate_window(window) for window in windows(samples, most=self._most)], axis=0)
        signal, background, overall, p808 = (float(score) for score in scores)
        return Quality(signal=signal, background=background, overall=overall, p808=p808)

    def _rate_window(self, window: NDArray[np.float32]) -> tuple[float, float, float, float]:
        signal, background, overall = self._p835.run(None, {"input_1": window[None, :]})[0][0]
        features = p808_features(window[:-_HOP], self._mel)
        p808 = self._p808.run(None, {"input_1": features[None]})[0][0][0]
        return (
            float(np.polyval(_SIGNAL, float(signal))),
            float(np.polyval(_BACKGROUND, float(background))),
            float(np.polyval(_OVERALL, float(overall))),
            float(p808),
        )


def windows(samples: NDArray[np.float32], *, most: int) -> list[NDArray[np.float32]]:
    """The stretches of 9.01 s that are rated, one at least, `most` at most.

    Args:
        samples: Shape (frames,), not empty, at 16 kHz.
        most: At least 1.
    """
    while samples.size < WINDOW:  # the reference doubles the clip until it is long enough
        samples = np.concatenate([samples, samples])
    last = int(samples.size // RATE_HZ - WINDOW / RATE_HZ)
    starts = [second * RATE_HZ for second in range(last + 1)]
    if len(starts) > most:
        chosen = np.rint(np.linspace(0, len(starts) - 1, most)).astype(int)
        starts = [starts[index] for index in chosen]
    return [samples[start : start + WINDOW] for start in starts if start + WINDOW <= samples.size]


def p808_features(samples: NDArray[np.float32], mel: NDArray[np.float64]) -> NDArray[np.float32]:
    """Log-mel features of the P.808 model, shape (frames, mels): 0 dB at the loudest cell is 1, -80 dB is -1.

    Args:
        samples: Shape (n,).
        mel: Shape (mels, bins), from `mel_filters`.
    """
    padded = np.pad(samples.astype(np.float64), _FFT // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FFT)[::_HOP]
    hann = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(_FFT) / _FFT)
    power = np.abs(np.fft.rfft(frames * hann, axis=1)) ** 2 @ mel.T
    decibels = 10.0 * np.log10(np.maximum(power, 1e-10)) - 10.0 * np.log10(max(float(power.max()), 1e-10))
    scaled: NDArray[np.float32] = ((np.maximum(decibels, -80.0) + 40.0) / 40.0).astype(np.float32)
    return scaled


def mel_filters(rate_hz: int, *, fft: int, mels: int) -> NDArray[np.float64]:
    """Triangles of equal area on the Slaney mel scale (linear to 1 kHz, then logarithmic), 0 Hz to half the rate.

    Returns:
        Shape (mels, fft // 2 + 1).
    """
    step, knee_hz, knee = 200.0 / 3.0, 1000.0, 15.0
    ratio = np.log(6.4) / 27.0
    top = knee + np.log(rate_hz / 2.0 / knee_hz) / ratio
    places = np.linspace(0.0, top, mels + 2)
    edges = np.where(places < knee, places * step, knee_hz * np.exp(ratio * (places - knee)))
    bins = np.fft.rfftfreq(fft, 1.0 / rate_hz)
    rising = (bins[None, :] - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins[None, :]) / (edges[2:] - edges[1:-1])[:, None]
    filters: NDArray[np.float64] = np.maximum(0.0, np.minimum(rising, falling))
    return filters * (2.0 / (edges[2:] - edges[:-2]))[:, None]


def _session(onnxruntime: Any, path: Path, options: Any) -> Any:
    if not path.is_file():
        raise MissingError(f"speechmos: {path.name} is not in the package; run pip install --force-reinstall speechmos")
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

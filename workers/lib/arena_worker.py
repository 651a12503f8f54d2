"""What the workers of research systems share: finding their checkout, saying what is missing, reading and writing WAV.

Like the SDK it needs nothing but Python 3.8; whatever else it uses is imported where it is used.
"""

import importlib.util
import os
import random
import sys
import time
import wave
from pathlib import Path
from typing import Any, Dict, Iterable, Optional, Tuple

_SDK = os.environ.get("S2S_ARENA_WORKER_SDK") or str(
    Path(__file__).resolve().parents[2] / "src" / "s2s_arena" / "models" / "worker" / "sdk.py"
)
_spec = importlib.util.spec_from_file_location("sdk", _SDK)
if _spec is None or _spec.loader is None:
    raise SystemExit(f"{_SDK}: no sdk.py there; start this worker by s2s-arena, or set S2S_ARENA_WORKER_SDK")
sdk = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(sdk)
serve, Missing = sdk.serve, sdk.Missing

Settings = Dict[str, Any]


def checkout(settings: Settings, variable: str, *, project: str, holds: Iterable[str] = ()) -> Path:
    """The folder of a project's repository on this machine.

    Args:
        settings: The card's options; `checkout` names the folder.
        variable: Environment variable that names it otherwise.
        project: Where to get it from, e.g. "github.com/gpt-omni/mini-omni".
        holds: Files that must be in it.

    Raises:
        Missing: Not named, or not what it should be.
    """
    return _place(
        settings, "checkout", variable, what=f"a checkout of {project}", how=f"git clone https://{project}", holds=holds
    )


def weights(
    settings: Settings,
    key: str,
    variable: str,
    *,
    source: str,
    default: Optional[Path] = None,
    holds: Iterable[str] = (),
) -> Path:
    """The folder of weights on this machine: by option, by environment variable, or where the project wants it.

    Args:
        settings: The card's options; `key` names the folder.
        key: Of the option.
        variable: Environment variable that names it otherwise.
        source: Where to get them from.
        default: Where the project's own instructions put them.
        holds: Files that must be in it.

    Raises:
        Missing: Not there.
    """
    return _place(settings, key, variable, what="the weights", how=f"download {source}", holds=holds, default=default)


def _place(settings, key, variable, *, what, how, holds, default=None):
    named = str(settings.get(key) or os.environ.get(variable, "")).strip()
    folder = Path(named).expanduser() if named else default
    if folder is None:
        raise Missing(f"{what} ({how}): name its folder in options.{key} or in {variable}")
    if not folder.is_dir():
        raise Missing(f"{what}: {folder} is no folder; {how}, and name it in options.{key} or in {variable}")
    for name in holds:
        if not (folder / name).exists():
            raise Missing(f"{what}: {folder} has no {name}; {how}")
    return folder.resolve()


def packages(*names: str, how: str) -> None:
    """See that packages can be imported, before minutes are spent on the first weights.

    Raises:
        Missing: Some cannot; all of them are named.
    """
    gone = [name for name in names if _absent(name)]
    if gone:
        raise Missing(f"{', '.join(gone)} not installed for {sys.executable}: {how}")


def _absent(name):
    try:
        return importlib.util.find_spec(name) is None
    except (ImportError, ValueError):
        return True


def device(settings: Settings, default: str = "cuda") -> str:
    """The device that the card names, or the usual one.

    Raises:
        Missing: It is a GPU and PyTorch sees none.
    """
    import torch

    named = str(settings.get("device", default))
    if named.startswith("cuda") and not torch.cuda.is_available():
        raise Missing(f"device {named}: PyTorch {torch.__version__} sees no GPU here")
    return named


def enter(folder: Path, *below: str) -> None:
    """Work in a project's folder and import from it, as its own scripts do."""
    os.chdir(str(folder))
    for name in reversed(("", *below)):
        sys.path.insert(0, str(folder / name) if name else str(folder))


def seed_all(seed: int) -> None:
    """Seed Python, NumPy and PyTorch."""
    import numpy
    import torch

    random.seed(seed)
    numpy.random.seed(seed % 2**32)  # research code draws from the global generator
    torch.manual_seed(seed)


class Stopwatch:
    """Seconds from a request to its first sound."""

    def __init__(self) -> None:
        self._begin = time.perf_counter()
        self.first: Optional[float] = None

    def sound(self) -> None:
        """Sound came; only the first counts."""
        if self.first is None:
            self.first = time.perf_counter() - self._begin


def read_wav(path: str) -> Tuple[Any, int]:
    """Float samples in [-1, 1), shape (frames,), and their rate: the arena's WAVs are 16-bit mono."""
    import numpy

    with wave.open(path) as file:
        rate_hz, content = file.getframerate(), file.readframes(file.getnframes())
    return numpy.frombuffer(content, dtype="<i2").astype(numpy.float32) / 32768.0, rate_hz


def write_wav(path: str, samples: Any, rate_hz: int) -> None:
    """A 16-bit mono WAV of float samples in [-1, 1] or of 16-bit ones, of any array or tensor that has one channel.

    Nothing is written for no samples: that is an empty answer.
    """
    import numpy

    if hasattr(samples, "detach"):
        samples = samples.detach().float().cpu().numpy()
    samples = numpy.asarray(samples).reshape(-1)
    if not samples.size:
        return
    if samples.dtype.kind == "f":
        samples = numpy.clip(numpy.rint(samples * 32767.0), -32768, 32767)
    with wave.open(path, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(int(rate_hz))
        file.writeframes(samples.astype("<i2").tobytes())


def resampled(samples: Any, rate_hz: int, wanted_hz: int) -> Any:
    """Samples at another rate, by torchaudio or scipy, whichever is installed."""
    import numpy

    if rate_hz == wanted_hz:
        return samples
    try:
        from scipy.signal import resample_poly
    except ModuleNotFoundError:
        import torch
        import torchaudio.functional as functional

        return functional.resample(torch.from_numpy(numpy.array(samples)), rate_hz, wanted_hz).numpy()
    from math import gcd

    step = gcd(rate_hz, wanted_hz)
    return resample_poly(samples, wanted_hz // step, rate_hz // step).astype(numpy.float32)

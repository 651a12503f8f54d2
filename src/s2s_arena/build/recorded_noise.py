"""Real recordings as backgrounds: a noise collection's clips by scene, and their mixing behind a voice."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from s2s_arena.audio import files
from s2s_arena.audio.joining import join, silence
from s2s_arena.audio.mixing import mix_at_snr
from s2s_arena.audio.waveform import Waveform
from s2s_arena.build.importing.demand import is_demand, read_demand
from s2s_arena.build.importing.esc50 import is_esc50, read_esc50
from s2s_arena.build.importing.musan import is_musan, read_musan
from s2s_arena.build.importing.noise import read_noise
from s2s_arena.build.importing.rows import Source
from s2s_arena.build.importing.stage import UNSTATED
from s2s_arena.build.noise import LEAD_S, TAIL_S
from s2s_arena.build.publishing.licences import spdx, strictest
from s2s_arena.build.scenes import SCENES
from s2s_arena.errors import SuiteError
from s2s_arena.records.samples import Background, Sample

LOWEST_DB, HIGHEST_DB = -20.0, 60.0
SHORTEST_S = 0.3  # a shorter loop is a tone
CUT_S = 0.1  # more than resampling loses at the end
LABEL = "noise"
SOURCE, LICENCE = "noise_source", "noise_licence"
"""Attributes of a sample with recordings behind it."""

_DRAW = 1
_LAYOUTS: tuple[tuple[Callable[[Path], bool], Callable[[Path], Source]], ...] = (
    (is_esc50, read_esc50),
    (is_demand, read_demand),
    (is_musan, read_musan),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseClip:
    """One recording of a scene; its licence goes into the sample that it stands behind."""

    path: Path
    name: str  # inside the collection
    licence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseFolder:
    """A collection of recordings.

    Attributes:
        title: What the collection is called.
        clips: Scene -> its recordings, in order.
    """

    title: str
    clips: Mapping[str, tuple[NoiseClip, ...]]

    @classmethod
    def read(
        cls, folder: Path, *, licence: str = "unknown", categories: Mapping[str, str] | None = None
    ) -> "NoiseFolder":
        """The collection in a folder: MUSAN, DEMAND or ESC-50 as they come, or one subfolder a scene.

        Args:
            folder: Of the collection.
            licence: Of the recordings, where the layout does not tell it.
            categories: Scene -> the collection's own category that stands for it, where it has none of that name.

        Raises:
            SuiteError: No such folder, no clip of a scene that scripts can ask for, or no licence.
        """
        if not folder.is_dir():
            raise SuiteError(f"noise folder {folder}: no such folder; check the path")
        found = next((reader for fits, reader in _LAYOUTS if fits(folder)), read_noise)(folder)
        stated = licence if licence not in UNSTATED else found.licence or licence
        if stated in UNSTATED:
            raise SuiteError(
                f"noise folder {folder}: nobody says under which licence its recordings are; give --noise-licence"
            )
        clips = _by_category(found, licence=stated)
        for scene, category in (categories or {}).items():
            if scene not in SCENES or category not in clips:
                raise SuiteError(
                    f"noise category {scene}={category}: one of {', '.join(SCENES)} and one of "
                    f"{', '.join(sorted(clips)) or 'no category'} needed"
                )
            clips[scene] = clips[category]
        if not any(scene in SCENES for scene in clips):
            raise SuiteError(
                f"noise folder {folder}: its recordings are of {', '.join(sorted(clips)) or 'nothing known'}, and "
                f"scripts ask for {', '.join(SCENES)}; say which stands for which, such as --noise-category "
                f"cafe={next(iter(sorted(clips)), 'talk')}"
            )
        return cls(title=found.title or folder.resolve().name, clips=clips)

    def draw(self, scene: str, *, rng: np.random.Generator) -> NoiseClip | None:
        """One of a scene's recordings, each as likely as the others; None if the collection has none."""
        clips = self.clips.get(scene, ())
        return clips[int(rng.integers(len(clips)))] if clips else None


def drawn(folder: NoiseFolder | None, background: Background | None, *, seed: int) -> NoiseClip | None:
    """The recording behind a turn of that seed; None where the background is made, or there is none."""
    if folder is None or background is None:
        return None
    # Its own generator: which recording it is must not move where in it the mixture begins.
    return folder.draw(background.scene, rng=np.random.default_rng((seed, _DRAW)))


def credited(sample: Sample, clips: Sequence[NoiseClip], *, title: str) -> Sample:
    """The sample with the sources and licences of the recordings behind it; its own licence becomes the stricter.

    Args:
        sample: As it is without them.
        clips: Behind its turns; without any it comes back unchanged.
        title: Of their collection.
    """
    if not clips:
        return sample
    licences = list(dict.fromkeys([sample.provenance.licence, *(clip.licence for clip in clips)]))
    # An unknown one is kept, so that publishing refuses it.
    unknown = [name for name in licences if spdx(name) is None]
    attributes = {
        SOURCE: ", ".join(dict.fromkeys(f"{title}: {clip.name}" for clip in clips)),
        LICENCE: ", ".join(dict.fromkeys(clip.licence for clip in clips)),
    }
    return replace(
        sample,
        provenance=replace(sample.provenance, licence=unknown[0] if unknown else strictest(licences)),
        attributes={**sample.attributes, **attributes},
    )


def fingerprint(clip: NoiseClip) -> str:
    """Hash of a recording as it lies there, and of its licence: what speech in front of it depends on."""
    return hashlib.sha256(clip.path.read_bytes() + clip.licence.encode()).hexdigest()


def behind(speech: Waveform, clip: NoiseClip, background: Background, *, rng: np.random.Generator) -> Waveform:
    """The speech in a recorded background, with a moment of it alone before and after, as procedural scenes have it.

    Args:
        speech: The voice alone.
        clip: Any rate and length from 0.3 s on; looped with a cross-fade where it is shorter, begun at a random place.
        background: Its scene, and the signal-to-noise ratio over active speech.
        rng: Draws the place.

    Raises:
        SuiteError: The ratio is out of -20..60 dB, or the recording is too short.
        AudioError: It is no audio, it is silent where it is used, or nothing is active in the speech.
    """
    if not LOWEST_DB <= background.snr_db <= HIGHEST_DB:
        raise SuiteError(f"background.snr_db {background.snr_db:g}; use {LOWEST_DB:g}..{HIGHEST_DB:g} dB")
    noise = files.read(clip.path, name=f"noise {clip.name}")
    if noise.duration_s < SHORTEST_S:
        raise SuiteError(
            f"noise {clip.name}: {noise.duration_s:.2f} s long, {SHORTEST_S:g} s at least can be looped; leave it out"
        )
    padded = join([silence(LEAD_S, speech.rate_hz), speech, silence(TAIL_S, speech.rate_hz)])
    spare_s = noise.duration_s - padded.duration_s - CUT_S
    if spare_s <= 0.0:
        return mix_at_snr(padded, noise, snr_db=background.snr_db, offset_s=float(rng.uniform(0.0, noise.duration_s)))
    # A place from which it lasts to the end: a loop is heard. Of minutes of noise only this part is resampled.
    start = round(float(rng.uniform(0.0, spare_s)) * noise.rate_hz)
    end = start + round((padded.duration_s + CUT_S) * noise.rate_hz)
    part = Waveform(noise.samples[start:end], noise.rate_hz)
    return mix_at_snr(padded, part, snr_db=background.snr_db)


def lacking(folder: NoiseFolder, scenes: Iterable[str]) -> tuple[str, ...]:
    """Those of the scenes that the collection has no recording of: they are made as without it."""
    return tuple(sorted({scene for scene in scenes if scene not in folder.clips}))


def _by_category(source: Source, *, licence: str) -> dict[str, tuple[NoiseClip, ...]]:
    found: dict[str, list[NoiseClip]] = {}
    for row in source.rows:
        if row.audio is not None and isinstance(row.audio.content, Path) and LABEL in row.labels:
            clip = NoiseClip(path=row.audio.content, name=row.audio.name, licence=row.licence or licence)
            found.setdefault(row.labels[LABEL], []).append(clip)
    return {scene: tuple(sorted(clips, key=lambda clip: clip.name)) for scene, clips in found.items()}

"""People's recordings take the place of a suite's voices: same scripts, labels and rubrics, other speech."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from s2s_arena.build.importing.taxonomies import UNDETERMINED
from s2s_arena.build.languages import primary
from s2s_arena.build.noise import with_background
from s2s_arena.build.recorded_noise import LICENCE, SOURCE, NoiseClip, NoiseFolder, behind, credited, drawn, fingerprint
from s2s_arena.build.stage import QUALITY
from s2s_arena.build.voices import seed_of
from s2s_arena.cues.words import agreement
from s2s_arena.errors import SuiteError
from s2s_arena.protocols import Store
from s2s_arena.records.identity import SampleId, content_hash
from s2s_arena.records.samples import Background, Sample, Spoken, Suite
from s2s_arena.records.speech import AudioRef

ALIKE = 0.75  # of the words: people slip, and a row may name the wrong script


@dataclass(frozen=True, slots=True, kw_only=True)
class Dubbed:
    """A suite with people's speech in it."""

    suite: Suite
    replaced: tuple[SampleId, ...]
    ignored: tuple[str, ...]  # one line for each recording that belongs to no sample


def dub(suite: Suite, recordings: Suite, *, store: Store, seed: int = 0, noise: NoiseFolder | None = None) -> Dubbed:
    """The suite with the recordings of the same sample ids in place of its speech.

    What is heard of the recording's labels (gender, accent, ...) replaces the script's; what the script directs the
    voice to show stays, since the speaker was asked to show it, and the review decides whether they did. A
    background that the script asks for is mixed in behind the recording.

    Args:
        suite: Scripts with or without speech.
        recordings: As `suite import --format recordings` makes it; ids are those of the scripts.
        store: Has the recordings, and gets those with a background.
        seed: Of the backgrounds.
        noise: Recordings to take backgrounds from; scenes it has none of are made.

    Raises:
        SuiteError: No recording belongs to the suite, one says another text or language than its script, or has
            another number of turns.
    """
    found = {sample.id: sample for sample in recordings.samples}
    known = {sample.id for sample in suite.samples}
    replaced = tuple(sample.id for sample in suite.samples if sample.id in found)
    if not replaced:
        raise SuiteError(
            f"recordings {recordings.name}: none has the id of a sample of suite {suite.name}; give the column "
            "'sample' the ids that suite show lists"
        )
    samples = tuple(_dubbed(sample, found, store=store, seed=seed, noise=noise) for sample in suite.samples)
    taken = noise is not None and any(SOURCE in sample.attributes for sample in samples if sample.id in found)
    sounds = [turn.speech for sample in samples for turn in sample.turns] if taken else []
    digest = content_hash("dubbed", suite.hash, [found[id].hash for id in replaced], *([sounds] if taken else []))
    return Dubbed(
        suite=replace(
            suite,
            samples=samples,
            version=f"{suite.version}-dubbed-{digest[:8]}",
            build={key: value for key, value in suite.build.items() if not key.startswith("review")}
            | {"dubbed:of": suite.hash, "dubbed:with": recordings.hash}
            | ({"noise": noise.title} if noise is not None and taken else {}),
        ),
        replaced=replaced,
        ignored=tuple(f"{id}: suite {suite.name} has no such sample" for id in found if id not in known),
    )


def _dubbed(
    sample: Sample, found: Mapping[SampleId, Sample], *, store: Store, seed: int, noise: NoiseFolder | None
) -> Sample:
    recorded = found.get(sample.id)
    if recorded is None:
        return sample
    if len(recorded.turns) != len(sample.turns):
        raise SuiteError(
            f"sample {sample.id}: {len(recorded.turns)} turns recorded, {len(sample.turns)} scripted; record each turn"
        )
    turns, clips = [], []
    for index, (scripted, spoken) in enumerate(zip(sample.turns, recorded.turns, strict=True)):
        if spoken.speech is None:
            raise SuiteError(f"sample {sample.id} turn {index}: the recording has no audio; name its file")
        if spoken.language != UNDETERMINED and primary(spoken.language) != primary(scripted.language):
            raise SuiteError(
                f"sample {sample.id} turn {index}: recorded in {spoken.language}, scripted in {scripted.language}; "
                "name the right sample"
            )
        if spoken.script and agreement(scripted.script, spoken.script, scripted.language) < ALIKE:
            raise SuiteError(
                f"sample {sample.id} turn {index}: recorded {spoken.script!r}, scripted {scripted.script!r}; "
                "name the right sample, or leave the text empty"
            )
        turn_seed = seed_of(sample, index, seed=seed)
        clip = drawn(noise, scripted.background, seed=turn_seed)
        clips += [clip] if clip is not None else []
        turns.append(
            replace(
                scripted,
                speech=_set_in(scripted.background, clip, spoken.speech, store=store, seed=turn_seed),
                voice=None,
                labels={**scripted.labels, **spoken.labels},
                traits=replace(
                    scripted.traits,
                    gender=spoken.traits.gender or scripted.traits.gender,
                    age=spoken.traits.age or scripted.traits.age,
                    accent=spoken.traits.accent or scripted.traits.accent,
                ),
            )
        )
    # What the build said of its own voices and backgrounds is true no more.
    kept = {key: value for key, value in sample.attributes.items() if key not in (QUALITY, SOURCE, LICENCE)}
    made = replace(
        sample,
        turns=tuple(turns),
        provenance=replace(recorded.provenance, notice=sample.provenance.notice, source=recorded.provenance.source),
        attributes={**kept, **recorded.attributes},  # who speaks, and what is known of the recording
    )
    return credited(made, clips, title=noise.title) if noise is not None else made


def _set_in(
    background: Background | None, clip: NoiseClip | None, clean: AudioRef, *, store: Store, seed: int
) -> AudioRef:
    if background is None:
        return clean
    voice, rng = store.audio(clean.hash), np.random.default_rng(seed)
    if clip is None:
        mixed = store.put_audio(with_background(voice, background, rng=rng))
        key = content_hash("dubbed", clean.hash, background, seed)
    else:
        mixed = store.put_audio(behind(voice, clip, background, rng=rng))
        key = content_hash("dubbed", clean.hash, background, seed, fingerprint(clip))
    # Reviews listen to the voice alone, and a withdrawal erases both.
    store.put(Spoken(key=key, voice="", clean=clean, speech=mixed))
    return mixed

"""Scripts become a frozen suite: every turn is spoken, levelled, set in its background, checked and kept."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from s2s_arena.audio.checks import check, flags
from s2s_arena.audio.levels import peak_dbfs
from s2s_arena.audio.loudness import gain, loudness_lufs
from s2s_arena.audio.waveform import Waveform
from s2s_arena.build.noise import with_background
from s2s_arena.build.recorded_noise import NoiseClip, NoiseFolder, behind, credited, drawn, fingerprint
from s2s_arena.build.similarity import near_duplicates
from s2s_arena.build.voices import seed_of
from s2s_arena.cues.words import agreement
from s2s_arena.errors import InputError, MissingError, SuiteError
from s2s_arena.protocols import Progress, Speaker, Store, Transcriber
from s2s_arena.records.identity import SampleId, SuiteName, content_hash
from s2s_arena.records.samples import Sample, Spoken, Suite, Turn, spoken_key
from s2s_arena.records.scores import Score
from s2s_arena.records.speech import Delivery, Segment, Utterance

BUILD_VERSION = "1"  # part of every key: raise it when levelling, scenes or mixing change
LUFS = -23.0  # of a plain reading (EBU R 128); soft and loud deliveries stand below and above it
CEILING_DBFS = -1.0
LEAST_AGREEMENT = 0.75  # by words or characters; real ears miss one in six of a clear sentence now and then
UNTRANSCRIBED = ("sing", "whisper")  # transcribers are wrong about these

QUALITY = "voice_quality"
"""Attribute of a sample that a voice speaks which nobody takes for a person."""

VoiceOf = Callable[[Sample, int], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something about a sample that a person should listen to."""

    sample: SampleId
    turn: int
    kind: str  # a flag of audio.checks, disagrees, or near_duplicate
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What the build did."""

    suite: Suite
    problems: tuple[Problem, ...]
    spoken: int
    reused: int
    unspoken: tuple[Sample, ...] = ()  # left out of the suite until a voice knows their language


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a build would do."""

    samples: int
    turns: int
    reused: int
    to_speak: int
    audio_s: float  # of speech still to be made, estimated from the scripts
    wall_s: float


@dataclass(frozen=True, slots=True)
class _Work:
    sample: Sample
    index: int
    turn: Turn
    voice: str
    speaker: Speaker
    seed: int
    utterance: Utterance
    key: str
    noise: NoiseClip | None = None  # a recorded background; None makes it


def run(
    samples: Sequence[Sample],
    *,
    name: str,
    speakers: Mapping[str, Speaker],
    voice_of: VoiceOf,
    store: Store,
    seed: int = 0,
    version: str = "1",
    description: str = "",
    progress: Progress | None = None,
    transcriber: Transcriber | None = None,
    unspoken: Sequence[Sample] = (),
    qualities: Mapping[str, str] | None = None,
    noise: NoiseFolder | None = None,
) -> Summary:
    """Speaks what is not yet spoken and freezes the suite; stopped at any point, it goes on where it was.

    Args:
        samples: Turns that have speech already are kept as they are.
        name: Of the suite.
        speakers: By voice name.
        voice_of: The name of the voice for a turn; see `voices.Casting`.
        store: Keeps speech, its checks, and the suite.
        seed: Of voices and noise.
        version: Of the suite.
        description: For people; not part of the suite's hash.
        progress: Told of each turn.
        transcriber: Ears that check whether the words came out; without them they are not checked.
        unspoken: Samples that no voice can speak yet (`voices.speakable`): the suite says which it lacks.
        noise: Recordings to take backgrounds from; scenes it has none of are made.
        qualities: Voice -> quality, of voices that nobody takes for a person: samples say so.

    Raises:
        SuiteError: Ids are not distinct, a voice is missing, or turns could not be spoken (raised after all others
            are done and kept).
    """
    _refuse_duplicates(samples)
    work = list(_work(samples, speakers=speakers, voice_of=voice_of, seed=seed, noise=noise))
    done: dict[tuple[SampleId, int], Spoken] = {}
    problems: list[Problem] = []
    failed: list[str] = []
    spoken = 0
    if progress:
        progress.begin("speaking", len(work))
    for item in work:
        kept = store.get(Spoken, item.key)
        if kept is None:
            try:
                kept = _speak(item, store)
            except InputError as error:
                if isinstance(error, MissingError):
                    raise  # no other turn would fare better
                failed.append(f"{item.sample.id} turn {item.index}: {error}")
                continue
            spoken += 1
        done[item.sample.id, item.index] = kept
        problems += _listen(item, kept, store=store, transcriber=transcriber)
        if progress:
            progress.advance(item.sample.id)
    if progress:
        progress.end()
    if failed:
        raise SuiteError(
            f"suite {name}: {len(failed)} of {len(work)} turns could not be spoken, the others are kept; "
            f"correct the script or leave it out: {failed[0]}"
        )
    problems += [
        Problem(sample=a, turn=0, kind="near_duplicate", message=f"says nearly what {b} says ({share:.2f})")
        for a, b, share in near_duplicates(samples)
    ]
    recorded = {(item.sample.id, item.index): item.noise for item in work if item.noise is not None}
    suite = Suite(
        name=SuiteName(name),
        samples=tuple(_in_noise(_voiced(sample, done, qualities or {}), recorded, noise) for sample in samples),
        version=version,
        description=description,
        build={
            "version": BUILD_VERSION,
            "seed": str(seed),
            **{f"voice:{voice}": speakers[voice].identity for voice in sorted({item.voice for item in work})},
            **({"noise": noise.title} if noise is not None and recorded else {}),
            **({"not_yet_spoken": ", ".join(f"{s.id} ({s.language})" for s in unspoken)} if unspoken else {}),
        },
    )
    store.put(suite)
    return Summary(
        suite=suite,
        problems=tuple(problems),
        spoken=spoken,
        reused=len(work) - spoken,
        unspoken=tuple(unspoken),
    )


def plan(
    samples: Sequence[Sample],
    *,
    speakers: Mapping[str, Speaker],
    voice_of: VoiceOf,
    store: Store,
    seed: int = 0,
    realtime: float = 2.0,
    noise: NoiseFolder | None = None,
) -> Plan:
    """What `run` would do, without speaking; `realtime` is how many seconds of speech a voice makes in one second."""
    _refuse_duplicates(samples)
    work = list(_work(samples, speakers=speakers, voice_of=voice_of, seed=seed, noise=noise))
    kept = store.keys(Spoken)
    todo = [item for item in work if item.key not in kept]
    audio_s = sum(estimated_s(item.turn) for item in todo)
    return Plan(
        samples=len(samples),
        turns=len(work),
        reused=len(work) - len(todo),
        to_speak=len(todo),
        audio_s=audio_s,
        wall_s=audio_s / realtime,
    )


def utterance_of(turn: Turn) -> Utterance:
    """What the voice is asked to say."""
    return Utterance(
        segments=(Segment(text=turn.respelling or turn.script, language=turn.language, delivery=turn.delivery),),
        traits=turn.traits,
    )


def estimated_s(turn: Turn) -> float:
    """Roughly how long a turn lasts: 14 letters or 4.5 East Asian characters a second, and its pauses."""
    wide = sum(c >= "\u2e80" for c in turn.script)
    plain = len(turn.script) - wide
    return (plain / 14.0 + wide / 4.5) / turn.delivery.rate + sum(p.seconds for p in turn.delivery.pauses)


def _work(
    samples: Sequence[Sample],
    *,
    speakers: Mapping[str, Speaker],
    voice_of: VoiceOf,
    seed: int,
    noise: NoiseFolder | None,
) -> Iterator[_Work]:
    for sample in samples:
        for index, turn in enumerate(sample.turns):
            if turn.speech is not None:
                continue
            voice = voice_of(sample, index)
            if voice not in speakers:
                raise SuiteError(f"sample {sample.id}: voice {voice!r} is not loaded; loaded: {', '.join(speakers)}")
            utterance = utterance_of(turn)
            turn_seed = seed_of(sample, index, seed=seed)
            clip = drawn(noise, turn.background, seed=turn_seed)
            key = spoken_key(
                utterance=utterance,
                background=turn.background,
                voice=voice,
                speaker=speakers[voice].identity,
                seed=turn_seed,
                version=BUILD_VERSION if clip is None else f"{BUILD_VERSION}+{fingerprint(clip)}",
            )
            yield _Work(sample, index, turn, voice, speakers[voice], turn_seed, utterance, key, clip)


def _speak(item: _Work, store: Store) -> Spoken:
    clean = _levelled(item)
    speech = clean
    if item.turn.background is not None:
        rng = np.random.default_rng(item.seed)
        if item.noise is not None:
            speech = behind(clean, item.noise, item.turn.background, rng=rng)
        else:
            speech = with_background(clean, item.turn.background, rng=rng)
    clean_ref = store.put_audio(clean)
    spoken = Spoken(
        key=item.key,
        voice=item.voice,
        clean=clean_ref,
        speech=clean_ref if speech is clean else store.put_audio(speech),
    )
    store.put(spoken)
    return spoken


def _levelled(item: _Work) -> Waveform:
    """The turn's speech at the level at which the same voice, reading the same words plainly, has -23 LUFS."""
    directed = item.speaker.speak(item.utterance, seed=item.seed)
    delivery = item.turn.delivery
    plain = directed
    if delivery.volume_db or delivery.emotion or delivery.style:
        # Levelled by its own loudness, a whisper would be as loud as a shout.
        words = replace(item.utterance.segments[0], delivery=Delivery())
        plain = item.speaker.speak(replace(item.utterance, segments=(words,)), seed=item.seed)
    loudness = loudness_lufs(plain)
    if loudness is None or loudness_lufs(directed) is None:
        raise SuiteError(f"voice {item.voice} gave no audible speech for {item.utterance.text!r}; use another voice")
    wanted = gain(directed, LUFS - loudness)
    return gain(wanted, min(0.0, CEILING_DBFS - peak_dbfs(wanted)))


def _listen(item: _Work, spoken: Spoken, *, store: Store, transcriber: Transcriber | None) -> Iterator[Problem]:
    clean = store.audio(spoken.clean.hash)
    for flag in flags(check(clean)):
        yield Problem(
            sample=item.sample.id,
            turn=item.index,
            kind=flag,
            message=f"{flag.replace('_', ' ')} ({clean.duration_s:.1f} s spoken by {item.voice})",
        )
    if transcriber is None or item.turn.delivery.style in UNTRANSCRIBED:
        return
    score = _agreement(item, spoken, clean, store=store, transcriber=transcriber)
    if score.value < LEAST_AGREEMENT:
        yield Problem(
            sample=item.sample.id,
            turn=item.index,
            kind="disagrees",
            message=f"{transcriber.identity} hears {score.raw!r} instead of {item.turn.script!r} ({score.value:.2f})",
        )


def _agreement(item: _Work, spoken: Spoken, clean: Waveform, *, store: Store, transcriber: Transcriber) -> Score:
    """How far the ears understood the script, on the voice alone; kept, so that it is heard once."""
    subject = content_hash("script", spoken.clean.hash, item.turn.script, item.turn.respelling)
    blank = Score(subject=subject, scale="agreement", judge=transcriber.identity, value=0.0)
    kept = store.get(Score, blank.key)
    if kept is not None:
        return kept
    heard = transcriber.transcribe(clean, language=item.turn.language).text
    texts = [item.turn.script, *([item.turn.respelling] if item.turn.respelling else [])]
    value = max(agreement(text, heard, item.turn.language) for text in texts)
    score = replace(blank, value=value, raw=heard)
    store.put(score)
    return score


def _voiced(sample: Sample, done: Mapping[tuple[SampleId, int], Spoken], qualities: Mapping[str, str]) -> Sample:
    def voiced(index: int, turn: Turn) -> Turn:
        spoken = done.get((sample.id, index))
        return replace(turn, speech=spoken.speech, voice=spoken.voice) if spoken else turn

    turns = tuple(voiced(i, turn) for i, turn in enumerate(sample.turns))
    heard = sorted({qualities[turn.voice] for turn in turns if turn.voice is not None and turn.voice in qualities})
    attributes = {**sample.attributes, QUALITY: ", ".join(heard)} if heard else sample.attributes
    return replace(sample, turns=turns, attributes=attributes)


def _in_noise(sample: Sample, recorded: Mapping[tuple[SampleId, int], NoiseClip], noise: NoiseFolder | None) -> Sample:
    clips = [clip for index in range(len(sample.turns)) if (clip := recorded.get((sample.id, index))) is not None]
    return credited(sample, clips, title=noise.title) if noise is not None else sample


def _refuse_duplicates(samples: Sequence[Sample]) -> None:
    if not samples:
        raise SuiteError("suite: 0 samples given; give at least one")
    seen: set[SampleId] = set()
    for sample in samples:
        if sample.id in seen:
            raise SuiteError(f"suite: id {sample.id!r} is given twice; rename one of the samples")
        seen.add(sample.id)

"""Speech of known delivery: our own sentences, spoken by local voices as asked, with labels to train heads on."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from s2s_arena.audio import files
from s2s_arena.audio.levels import peak_dbfs
from s2s_arena.audio.loudness import gain
from s2s_arena.errors import InputError
from s2s_arena.protocols import Progress, Speaker
from s2s_arena.records.identity import content_hash
from s2s_arena.records.speech import Delivery, Segment, Traits, Utterance

SENTENCES = Path(__file__).parents[1] / "data" / "sentences.json"
LIST = "clips.jsonl"

AROUSAL: dict[str, float] = {
    "neutral": 0.0,
    "calm": -1.0,
    "sad": -1.0,
    "disgusted": 0.3,
    "sarcastic": 0.3,
    "happy": 1.2,
    "fearful": 1.3,
    "surprised": 1.5,
    "angry": 1.8,
    "excited": 2.2,
}
"""Activation of each emotion at strength 1, in points of a 1..5 scale whose neutral is 2.5."""

EXPRESSIVENESS: dict[str, float] = {
    "neutral": 0.0,
    "calm": 0.3,
    "sad": 1.6,
    "disgusted": 1.6,
    "sarcastic": 1.8,
    "happy": 2.0,
    "fearful": 2.0,
    "surprised": 2.4,
    "angry": 2.2,
    "excited": 2.6,
}
"""How far each emotion at strength 1 is from plain reading, in points of a 1..5 scale whose plain reading is 2."""

STRENGTHS = (0.6, 1.0, 1.4)
RANGES = (0.0, 0.25, 0.5, 1.5, 1.9)  # factors on pitch excursions: flat to lively, with no emotion asked
PLAIN_SHARE = 0.12
RANGE_SHARE = 0.22


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingVoice:
    """A voice, as somebody, in some languages."""

    name: str  # clips of one name are held out together
    speaker: Speaker
    languages: tuple[str, ...]
    traits: Traits


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """One clip to be spoken, and what is known of it beforehand."""

    voice: TrainingVoice
    language: str
    sentence: str
    delivery: Delivery

    @property
    def emotion(self) -> str | None:
        """The emotion it shows; None for a changed pitch range, which is a manner and no emotion."""
        if self.delivery.emotion is not None:
            return self.delivery.emotion
        return "neutral" if 0.8 <= self.delivery.pitch_range <= 1.25 else None

    @property
    def expressive(self) -> float:
        """1 (flat) to 5: pitch range (2 when as read) and distance of the emotion from plain reading."""
        emotion = EXPRESSIVENESS[self.delivery.emotion or "neutral"] * self.delivery.strength
        spread = np.log2(max(self.delivery.pitch_range, 0.25))
        return float(np.clip(2.0 + emotion + 0.5 * spread * (2.0 if spread > 0 else 1.0), 1.0, 5.0))

    @property
    def arousal(self) -> float:
        """1 to 5, 2.5 when as read."""
        emotion = AROUSAL[self.delivery.emotion or "neutral"] * self.delivery.strength
        manner = np.log2(self.delivery.rate) + 0.5 * np.log2(max(self.delivery.pitch_range, 0.25))
        return float(np.clip(2.5 + emotion + manner, 1.0, 5.0))


def sentences(path: Path = SENTENCES) -> dict[str, tuple[str, ...]]:
    """Language -> plain sentences that any emotion fits."""
    stored = json.loads(path.read_text(encoding="utf-8"))
    return {str(language): tuple(map(str, texts)) for language, texts in stored.items()}


def draw_intents(
    voices: Sequence[TrainingVoice],
    *,
    clips: int,
    rng: np.random.Generator,
    texts: dict[str, tuple[str, ...]] | None = None,
) -> Iterator[Intent]:
    """What is to be said, by whom and how: voices and emotions come equally often, all else is drawn.

    Level, rate, pitch and volume are jittered in every clip, so that none of them alone tells the emotion.

    Raises:
        InputError: A voice without a sentence in its languages.
    """
    texts = sentences() if texts is None else texts
    emotions = [name for name in AROUSAL if name != "neutral"]
    decks: dict[str, list[str]] = {}
    for number in range(clips):
        voice = voices[number % len(voices)]
        language = voice.languages[int(rng.integers(len(voice.languages)))]
        if not texts.get(language):
            raise InputError(f"voice {voice.name}: no sentences in {language}; there are {', '.join(sorted(texts))}")
        if not decks.get(language):
            decks[language] = [texts[language][index] for index in rng.permutation(len(texts[language]))]
        yield Intent(
            voice=voice,
            language=language,
            sentence=decks[language].pop(),
            delivery=_draw_delivery(emotions[(number // len(voices)) % len(emotions)], rng=rng),
        )


def make_training_speech(
    voices: Sequence[TrainingVoice],
    *,
    out: Path,
    clips: int,
    seed: int,
    texts: dict[str, tuple[str, ...]] | None = None,
    progress: Progress | None = None,
) -> Path:
    """Speak clips of known delivery into a folder, with their labels in `clips.jsonl`.

    A clip that is there already is not spoken again, so that an interrupted run goes on where it stopped.

    Args:
        voices: Who speaks; the more unlike each other, the less the heads learn of any one of them.
        out: Folder for the FLAC files and their list.
        clips: How many.
        seed: Of everything drawn.
        texts: Language -> sentences; by default those in the package.
        progress: Told of each clip.

    Returns:
        The list, one JSON object a line: audio, voice, language, sentence, emotion (null for a manner),
        strength, expressive, arousal, gender, age.
    """
    if not voices:
        raise InputError("training speech: no voices given; one or more needed")
    out.mkdir(parents=True, exist_ok=True)
    lines = []
    if progress:
        progress.begin("speak clips", clips)
    for intent in draw_intents(voices, clips=clips, rng=np.random.default_rng(seed), texts=texts):
        name = _speak(intent, out=out, seed=seed)
        lines.append(json.dumps(_labels(intent, name), ensure_ascii=False, sort_keys=True))
        if progress:
            progress.advance(f"{intent.voice.name} {intent.emotion or 'manner'}")
    if progress:
        progress.end()
    listing = out / LIST
    listing.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return listing


def _draw_delivery(emotion: str, *, rng: np.random.Generator) -> Delivery:
    jitter = Delivery(
        rate=float(np.exp2(rng.uniform(-0.15, 0.15))),
        pitch_st=float(rng.uniform(-1.5, 1.5)),
        pitch_range=float(np.exp2(rng.uniform(-0.2, 0.2))),
        volume_db=float(rng.uniform(-6.0, 3.0)),
    )
    kind = rng.uniform()
    if kind < PLAIN_SHARE:
        return jitter
    if kind < PLAIN_SHARE + RANGE_SHARE:
        return replace(jitter, pitch_range=RANGES[int(rng.integers(len(RANGES)))])
    strength = STRENGTHS[int(rng.integers(len(STRENGTHS)))]
    return replace(jitter, emotion=emotion, strength=strength)


def _speak(intent: Intent, *, out: Path, seed: int) -> str:
    voice = intent.voice
    name = content_hash(voice.speaker.identity, intent.sentence, intent.language, intent.delivery, voice.traits, seed)
    path = out / f"{name[:16]}.flac"
    if not path.is_file():
        segment = Segment(text=intent.sentence, language=intent.language, delivery=intent.delivery)
        speech = voice.speaker.speak(Utterance(segments=(segment,), traits=voice.traits), seed=seed)
        peak = peak_dbfs(speech)
        if peak > -0.5:
            speech = gain(speech, -0.5 - peak)  # clipping would give loud deliveries away
        files.write_flac(path, speech)
    return path.name


def _labels(intent: Intent, audio: str) -> dict[str, object]:
    return {
        "audio": audio,
        "voice": intent.voice.name,
        "language": intent.language,
        "sentence": intent.sentence,
        "emotion": intent.emotion,
        "strength": intent.delivery.strength if intent.delivery.emotion else 0.0,
        "expressive": round(intent.expressive, 3),
        "arousal": round(intent.arousal, 3),
        "gender": intent.voice.traits.gender,
        "age": intent.voice.traits.age or "adult",
    }

"""Where labels begin: python bench/labels.py > src/s2s_arena/build/labels/thresholds.toml, on texts of its own.

Plain readings of bench/plain_speech.py's texts give what each voice measures without direction; the same texts read
faster, slower, lower, higher, as a child, whispered and with a pause give the other side; stress is fitted by
bench/stress.py, and its table is passed on. No
text of the seed suite is used, so what is measured there is not what the thresholds were fitted to.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from label_fitting import fitted, text_of
from plain_speech import TEXTS, parts
from s2s_arena.audio import files
from s2s_arena.build.checks import words
from s2s_arena.build.labels import measures
from s2s_arena.build.labels.thresholds import shipped
from s2s_arena.build.languages import primary, spaced
from s2s_arena.build.scripts import starter
from s2s_arena.compose import open_workspace
from s2s_arena.models import weights
from s2s_arena.models.swift import SwiftPitch
from s2s_arena.protocols import Transcriber
from s2s_arena.records.identity import content_hash
from s2s_arena.records.samples import Spoken, Suite, Turn
from s2s_arena.records.speech import Delivery, Pause, Segment, Traits, Utterance

VOICES = {
    "hibari": ("female", ("en",)),
    "kokoro-female": ("female", ("zh", "ja")),
    "kokoro-female-2": ("female", ("en", "zh", "ja")),
    "kokoro-male": ("male", ("en", "zh", "ja")),
}
DIRECTED = {"en": ("hibari", "kokoro-male"), "zh": ("kokoro-female", "kokoro-male")}
DIRECTED_TEXTS = {"en": 10, "zh": 6}
CHARACTERS_PER_PHRASE = 2
SPOKEN = ("hibari", "kokoro-female", "kokoro-male")  # bench/plain_speech.py has spoken all texts by these


@dataclass(frozen=True)
class Clip:
    """One reading: which text, by whom, and how."""

    voice: str
    gender: str
    language: str
    text: str
    label: str  # plain, or KIND=VALUE
    delivery: Delivery
    traits: Traits
    word: str | None = None


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--measured", type=Path, help="Measurements of an earlier run; nothing is spoken.")
    parser.add_argument("--texts", type=int, default=99, help="Directed texts a language, at most.")
    parser.add_argument("--spoken-only", action="store_true", help="Leave out what is not in the cache yet.")
    parser.add_argument("--workspace", type=Path, help="Also measure the starter suite that is built there.")
    parser.add_argument("--no-ears", action="store_true", help="Leave pauses out.")
    given = parser.parse_args()
    rows = json.loads(given.measured.read_text(encoding="utf-8")) if given.measured is not None else measured(given)
    table, report = fitted(rows)
    sys.stdout.write(text_of({**table, "stress": asdict(shipped().stress)} if shipped().stress else table))
    for line in report:
        print(line, file=sys.stderr)


def measured(given: argparse.Namespace) -> list[dict[str, object]]:
    """All clips measured, and kept for another fit."""
    shared = parts()
    ears = None if given.no_ears else shared.transcriber("whisper-base")
    pitch = SwiftPitch()
    folder = weights.default_cache() / "bench" / "labels"
    folder.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, object]] = []
    for number, clip in enumerate(clips(given.texts)):
        path = place(folder, clip)
        if not path.is_file():
            if given.spoken_only:
                continue
            segment = Segment(text=clip.text, language=clip.language, delivery=clip.delivery)
            spoken = shared.speaker(clip.voice).speak(Utterance(segments=(segment,), traits=clip.traits), seed=1)
            files.write_flac(path, spoken)
        turn = Turn(script=clip.text, language=clip.language, delivery=clip.delivery, traits=clip.traits)
        found = measures.measure(files.read(path), turn, pitch=pitch, ears=ears if clip.word is not None else None)
        rows.append(row(clip.voice, clip.gender, clip.language, clip.label, found, clip.word))
        if number % 20 == 0:
            print(f"{number + 1} clips", file=sys.stderr, flush=True)
    if given.workspace is not None:
        rows += of_starter(given.workspace, pitch=pitch, ears=ears)
    (folder / "measured.json").write_text(json.dumps(rows, indent=1), encoding="utf-8")
    return rows


def of_starter(workspace: Path, *, pitch: SwiftPitch, ears: Transcriber | None) -> list[dict[str, object]]:
    """The starter suite's turns as built in a workspace: one row for each label, or a plain one."""
    ids = {sample.id for sample in starter()}
    rows: list[dict[str, object]] = []
    with open_workspace(workspace) as arena:
        clean = {spoken.speech.hash: spoken.clean for spoken in arena.store.all(Spoken)}
        suite = max((s for s in arena.store.all(Suite)), key=lambda s: sum(x.id in ids for x in s.samples))
        for sample in suite.samples:
            [turn] = sample.turns
            if sample.id not in ids or turn.speech is None:
                continue
            word = turn.labels.get("emphasis") or turn.labels.get("pause")
            voice = arena.store.audio(clean[turn.speech.hash].hash)
            found = measures.measure(voice, turn, pitch=pitch, ears=ears if word else None)
            kinds = [f"{k}={turn.labels[k]}" for k in ("pace", "pitch", "age", "style") if k in turn.labels]
            labels = [k for k in kinds if k != "pace=normal"] + [k for k in ("emphasis", "pause") if k in turn.labels]
            if turn.delivery.neutral and turn.traits.age in (None, "adult") and turn.respelling is None:
                labels = ["plain"]
            for label in labels:
                own = turn.labels[label] if label in ("emphasis", "pause") else None
                rows.append(row(str(turn.voice), str(turn.traits.gender), primary(turn.language), label, found, own))
    return rows


def row(
    voice: str, gender: str, language: str, label: str, found: measures.Measured, word: str | None
) -> dict[str, object]:
    return {
        "voice": voice,
        "gender": gender,
        "language": language,
        "label": label,
        "rate": found.rate,
        "letters": found.letters,
        "pitch_st": found.pitch_st,
        "resonance_st": found.resonance_st,
        "voiced_share": found.voiced_share,
        "pause_s": measures.pause(found, word) if word else None,
    }


def place(folder: Path, clip: Clip) -> Path:
    """Where a clip is kept; plain ones may have been spoken by bench/plain_speech.py, which numbers its texts."""
    number = TEXTS[clip.language].index(clip.text)
    there = f"{clip.voice}-{clip.language}-{number:02d}-{content_hash(clip.voice, clip.text)[:8]}.flac"
    if clip.label == "plain" and (folder.parent / "plain" / there).is_file():
        return folder.parent / "plain" / there
    name = content_hash(clip.voice, clip.text, clip.label, clip.word, asdict(clip.delivery))[:16]
    return folder / f"{name}.flac"


def clips(texts: int) -> Iterator[Clip]:
    """Directed readings text by text, so that an engine reads each text once; then the other plain ones."""
    rng = np.random.default_rng(4)
    for language, voices in DIRECTED.items():
        for text in TEXTS[language][: min(texts, DIRECTED_TEXTS[language])]:
            word = chosen(text, language, rng)
            for voice in voices:
                yield from directed(text, word, voice, VOICES[voice][0], language)
    for voice, (gender, languages) in VOICES.items():
        for language in languages:
            done = min(texts, DIRECTED_TEXTS.get(language, 0)) if voice in DIRECTED.get(language, ()) else 0
            for text in TEXTS[language][done : None if voice in SPOKEN else done + 6]:
                yield Clip(voice, gender, language, text, "plain", Delivery(), Traits(gender=gender))


def directed(text: str, word: str, voice: str, gender: str, language: str) -> Iterator[Clip]:
    own = Traits(gender=gender)
    yield Clip(voice, gender, language, text, "plain", Delivery(), own, word)
    for label, delivery in (
        ("pace=fast", Delivery(rate=1.22)),
        ("pace=slow", Delivery(rate=0.78)),
        ("pitch=low", Delivery(pitch_st=-4.0)),
        ("pitch=high", Delivery(pitch_st=4.0)),
        ("style=whisper", Delivery(style="whisper")),
    ):
        yield Clip(voice, gender, language, text, label, delivery, own)
    yield Clip(voice, gender, language, text, "age=child", Delivery(), Traits(gender=gender, age="child"))
    yield Clip(voice, gender, language, text, "pause", Delivery(pauses=(Pause(after=word, seconds=0.6),)), own, word)


def chosen(text: str, language: str, rng: np.random.Generator) -> str:
    """A word in the middle of the text, by lot."""
    if spaced(language):
        found = measures.plain_word(words(text), rng)
        assert found is not None
        return found
    letters: Sequence[str] = "".join(words(text))
    start = int(rng.integers(2, len(letters) - CHARACTERS_PER_PHRASE - 2))
    return "".join(letters[start : start + CHARACTERS_PER_PHRASE])


if __name__ == "__main__":
    main()

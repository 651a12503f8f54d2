"""Plain readings by the package's own voices, kept in the cache folder: what benches measure."""

import json
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import s2s_arena
from s2s_arena.audio import files
from s2s_arena.audio.waveform import Waveform
from s2s_arena.models import weights
from s2s_arena.models.parts import LocalParts
from s2s_arena.records.codec import parse
from s2s_arena.records.identity import content_hash
from s2s_arena.records.speech import Segment, Utterance
from s2s_arena.records.systems import VoiceCard
from s2s_arena.workspace.cards import Found

CARDS = Path(s2s_arena.__file__).parent / "cards"
VOICES = {
    "hibari": ("female", ("en",)),
    "kokoro-female": ("female", ("en", "zh", "ja")),
    "kokoro-male": ("male", ("en", "zh", "ja")),
}
"""Voice card -> gender, languages."""

TEXTS = {
    "en": (
        "The morning train leaves the station at ten past nine.",
        "Please close the window before the rain comes in.",
        "We planted tomatoes and beans along the garden wall.",
        "My brother keeps his bicycle under the stairs.",
        "The library will remain open until late on Thursday.",
        "A small boat crossed the quiet lake at noon.",
        "You can find the blue folder on the second shelf. The keys are in the drawer below it.",
        "He walked home slowly, and then he called his sister.",
        "The museum shows old maps of the northern coast.",
        "They moved the meeting to Monday because many people were away.",
        "Fresh bread is sold on the corner every morning.",
        "The doctor asked how long the pain had lasted.",
        "Our neighbours are painting their house light yellow.",
        "Nobody knew where the old road would lead.",
        "She put the letter on the table and left the room.",
        "It takes about twenty minutes to walk to the river.",
        "The children were playing near the wooden bridge.",
        "I would like a cup of tea with a little milk.",
        "Turn left after the school, then follow the main road.",
        "The wind blew all night, but the roof held.",
    ),
    "zh": (
        "明天上午我们在学校门口见面。",
        "请把窗户关上，外面下雨了。",
        "他每天晚上都去河边散步。",
        "这本书放在第二个书架上。",
        "医生问他头疼了多长时间。",
        "我想喝一杯热茶，再加一点牛奶。",
        "图书馆星期四很晚才关门。",
        "孩子们在木桥附近玩。",
    ),
    "ja": (
        "明日の朝、駅の前で会いましょう。",
        "雨が降るので、窓を閉めてください。",
        "弟は毎日自転車で学校に行きます。",
        "図書館は木曜日は遅くまで開いています。",
        "お茶を一杯ください。",
        "子供たちは橋の近くで遊んでいます。",
    ),
}


@dataclass(frozen=True)
class Reading:
    name: str
    wave: Waveform
    text: str
    language: str
    voice: str
    gender: str


def parts() -> LocalParts:
    return LocalParts(weights.default_cache(), CARDS / "systems", voice=_card)


def readings(
    using: LocalParts, *, languages: tuple[str, ...] = ("en", "zh", "ja"), each: int = 99
) -> Iterator[Reading]:
    """Every voice on the first `each` texts of every language it speaks; spoken once, then read from the cache."""
    folder = weights.default_cache() / "bench" / "plain"
    folder.mkdir(parents=True, exist_ok=True)
    for voice, (gender, spoken) in VOICES.items():
        for language in [tag for tag in spoken if tag in languages]:
            for number, text in enumerate(TEXTS[language][:each]):
                name = f"{voice}-{language}-{number:02d}"
                path = folder / f"{name}-{content_hash(voice, text)[:8]}.flac"
                if not path.is_file():
                    print(f"speaking {json.dumps(text, ensure_ascii=False)} as {voice}", file=sys.stderr)
                    utterance = Utterance(segments=(Segment(text=text, language=language),))
                    files.write_flac(path, using.speaker(voice).speak(utterance, seed=1))
                yield Reading(name, files.read(path), text, language, voice, gender)


def _card(name: str) -> Found[VoiceCard]:
    folder = CARDS / "voices"
    card = parse(VoiceCard, tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8")))
    return Found(card=card, folder=folder, source="package")

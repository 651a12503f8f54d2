"""A writer for tests: it reads what it is asked and writes a script about made-up words, new for every call."""

import json
import re
from dataclasses import dataclass, field

import numpy as np

from s2s_arena.build.augment.directions import shipped
from s2s_arena.build.augment.script import KEYS

SYLLABLES = ("ba", "ko", "ri", "mel", "tun", "sa", "vo", "pi", "der", "lan", "gu", "fos")
HAN = "山水木田花鸟鱼虫天地日月星云雨雪风火土石竹米刀车马牛羊门窗床桌书笔纸灯钟"


@dataclass
class Inventive:
    """Implements `protocols.Writer`; `spoil` may change the reply of a call by its number."""

    spoil: dict[int, object] = field(default_factory=dict)
    calls: int = 0
    seeds: list[int] = field(default_factory=list)
    asked: list[tuple] = field(default_factory=list)

    @property
    def identity(self) -> str:
        return "inventive/1"

    def write(self, messages, *, seed, temperature=0.0, max_tokens=256, schema=None) -> str:
        self.calls += 1
        self.seeds.append(seed)
        self.asked.append(tuple(messages))
        spoilt = self.spoil.get(self.calls)
        if isinstance(spoilt, BaseException):
            raise spoilt
        script = invented(messages[1].content, seed)
        if callable(spoilt):
            return spoilt(script)
        return json.dumps(script, ensure_ascii=False)

    def log_odds(self, messages, *, yes, no) -> float:
        return 0.0


def invented(prompt: str, seed: int) -> dict[str, str]:
    """A script as the prompt asks, of words that no other seed has."""
    value = {key: re.search(rf'"{key}": "([^"]+)"', prompt) for key in KEYS}
    opening = re.search(r'"task_description": "(Spoken [^"]+)"', prompt)[1]
    answered = re.search(r"answered (.+)\.$", opening)[1]
    rng = np.random.default_rng(seed)
    asks = shipped().answered[answered].asks if value["level"][1] == "L3" else ()
    if value["language"][1] == "zh":
        ask = next((a for a in asks if not a.isascii()), "")
        text = "请" + ask + "说" + "".join(HAN[int(i)] for i in rng.permutation(len(HAN))[:14])
    else:
        made = ["".join(SYLLABLES[int(i)] for i in rng.integers(0, len(SYLLABLES), 4)) for _ in range(9)]
        text = f"Please say {next((a for a in asks if a.isascii()), '')} {' '.join(made)}."
    return {
        "id": value["id"][1],
        "text": text,
        "task": "Saying new words",
        "category": value["category"][1],
        "task_description": f"{opening} A good answer does what the user wants.",
        "language": value["language"][1],
        "text_cn": "用户说了几个新词",
        "level": value["level"][1],
    }

"""The JSON Schema of a reply: where decoding is constrained, what the schema rules out needs no correction."""

from s2s_arena.build.augment.directions import Directions
from s2s_arena.build.augment.script import KEYS, LONGEST_DESCRIPTION, LONGEST_TASK, asked_lengths
from s2s_arena.build.augment.targets import Target
from s2s_arena.build.languages import primary, spaced
from s2s_arena.records.taxonomy import Level

_HAN = "一-鿿"
_LETTERS = {
    "en": "A-Za-z",
    "zh": _HAN,
    "ja": f"ぁ-んァ-ヺー{_HAN}",
    "hi": "ऀ-ॿ",
    "ru": "А-Яа-яЁё",
    "ar": "؀-ۿ",
    "ko": "가-힣",
}
_LATIN = "A-Za-zÀ-ɏ"  # of every other language

_ENDS = {"zh": "。？！", "ja": "。？！", "hi": "।?!", "ar": ".؟!"}
_STOPS = {"zh": "，、", "ja": "、", "ar": "،"}

_LETTERS_A_WORD = (4, 6)
_TAIL = 60
"""Most characters after the word that asks for the delivery."""


def reply_schema(target: Target, *, directions: Directions) -> dict[str, object]:
    """JSON Schema of a script for the target.

    What is settled is constant. The text is one that a voice of the language can say and, at L3, holds a phrase that
    asks for the delivery; how many words it has, and whether it is new, only `asking.judged` knows.
    """
    opening = _escaped(target.direction.opening)
    described = LONGEST_DESCRIPTION - len(opening) - 20
    properties: dict[str, object] = {
        "id": {"const": target.id},
        "text": {"type": "string", "pattern": f"^{_text(target, directions)}$"},
        "task": {"type": "string", "pattern": f"^[A-Z][A-Za-z ]{{4,{LONGEST_TASK - 10}}}$"},
        "category": {"const": target.domain},
        "task_description": {
            "type": "string",
            "pattern": f"^{opening} [A-Z][A-Za-z ,;:'()]{{20,{min(described, 160)}}}\\.$",
        },
        "language": {"const": target.language},
        "text_cn": {"type": "string", "pattern": f"^{_sentence('zh', (6, 100))}$"},
        "level": {"const": target.level.value},
    }
    return {"type": "object", "properties": properties, "required": list(KEYS), "additionalProperties": False}


def _text(target: Target, directions: Directions) -> str:
    tag = primary(target.language)
    least, most = asked_lengths(target.language)
    if spaced(tag):
        least, most = _LETTERS_A_WORD[0] * least, _LETTERS_A_WORD[1] * most
    answered = directions.answered[target.direction.answered]
    asking = (answered.phrases or answered.asks) if target.level is Level.L3 else ()
    fitting = [phrase for phrase in asking if phrase.isascii() == spaced(tag)]
    return _sentence(tag, (least, most), fitting)


def _sentence(tag: str, size: tuple[int, int], having: list[str] | None = None) -> str:
    """A regular expression, without lookaround, for a text of about so many characters that has one of the words."""
    between = " '" if spaced(tag) else ""
    ends = _ENDS.get(tag, ".?!")
    inner = f"[{_LETTERS.get(tag, _LATIN)}{between}{_STOPS.get(tag, ',')}{ends}]"
    first = f"[{_LETTERS.get(tag, _LATIN) if tag != 'en' else 'A-Z'}]"
    end = f"[{ends}]"
    least, most = size
    if not having:
        return f"{first}{inner}{{{least},{most}}}{end}"
    gap = " " if spaced(tag) else ""
    words = "|".join(_escaped(word) for word in having)
    after = f"([ ,]{inner}{{1,{_TAIL}}})?" if gap else f"{inner}{{0,{_TAIL // 2}}}"
    return f"{first}{inner}{{{max(4, least // 3)},{most // 2}}}{gap}({words}){after}{end}"


def _escaped(text: str) -> str:
    return "".join(f"\\{c}" if c in r"\.^$*+?()[]{}|" else c for c in text)

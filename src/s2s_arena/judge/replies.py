"""From a model's reply to an outcome: strictly, then tolerantly, and else not at all. Nothing is ever guessed."""

import ast
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from s2s_arena.errors import JudgeFailure
from s2s_arena.records.studies import Criterion, Outcome

STRICT = "strict"
TOLERANT = "tolerant"
LONGEST = 100_000  # characters of a reply that are looked at

_SIDES: Mapping[str, Outcome] = {"1": Outcome.FIRST, "2": Outcome.SECOND, "0": Outcome.TIE}
_WINNER = ("winner", "better", "choice", "verdict", "preference", "preferred", "overall", "answer", "decision", "胜者")
_SPELLED: Mapping[str, Outcome] = {
    **dict.fromkeys(("1", "a", "first", "1st", "第一", "一"), Outcome.FIRST),
    **dict.fromkeys(("2", "b", "second", "2nd", "第二", "二"), Outcome.SECOND),
    **dict.fromkeys(("0", "tie", "equal", "same", "draw", "neither", "both", "none", "平局", "平手"), Outcome.TIE),
}
_NOUN = re.compile(
    r"\b(?:the|answer|reply|response|assistant|model|system|audio|conversation|dialogue|option|one|is|better|no|difference)\b"
    r"|回答|回复|对话|更好|个"
)
# Words and letters must end the clause: "the verdict is a close one" and "first of all" name no side.
_SIDE = (
    r"(?:(?:answer|reply|response|conversation|回答|对话)\s*)?[#\"'*_]*"
    r"(?:([120])(?!\d|\s*(?:/|\.\d|out of|分|or\b))"
    r"|((?-i:[AB])|first|second|tie|第一|第二)"
    r"(?=[\s\"'*_.,;)}。，]*(?:$|\n|[,;.}。，]|(?:answer|reply|response|one|conversation|个?回答|个?对话)\b)))"
)
_LINE = r"[\"'*_#]*{key}[\"'*_]*\s*(?:is|[:=：是]|->)+[\s\"'*_]*(?:the\s+)?" + _SIDE

_UNHEARD = re.compile(
    r"(?:no|any) audio (?:(?:file|clip|recording)s? )?(?:was|were|is|has been|to be) (?:\w+ )?"
    r"(?:provided|attached|included|received|given|supplied|uploaded)"
    r"|(?:did not|didn't|have not|haven't|don't|do not) (?:actually )?"
    r"(?:receive|see|have access to|get) (?:any |the |an )?audio"
    r"|(?:cannot|can't|can not|unable to|not able to|no ability to) (?:directly )?"
    r"(?:hear|listen to|process|play|access|analy[sz]e) (?:any |the |this |your )?(?:audio|recording|sound|file)"
    r"|(?:没有|未)(?:收到|听到|提供|附上).{0,6}(?:音频|录音)|无法(?:听|播放|处理|访问|分析).{0,6}(?:音频|录音|声音)",
    re.IGNORECASE,
)
_REFUSED = re.compile(
    r"\b(?:i'?m sorry|i am sorry|sorry),? (?:but )?i (?:can'?t|cannot|am unable|am not able)"
    r"|\bi (?:can'?t|cannot|won'?t|am unable to|am not able to) "
    r"(?:help|assist|comply|provide|answer|do that|judge|compare)"
    r"|抱歉|对不起.{0,8}(?:无法|不能)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What a reply says.

    Attributes:
        outcome: First, second, or tie where that was allowed.
        criteria: What it says on each criterion; TIE where it sees no difference, missing where it says nothing.
        reason: In its own words.
        how: strict or tolerant.
    """

    outcome: Outcome
    criteria: Mapping[Criterion, Outcome] = field(default_factory=dict)
    reason: str = ""
    how: str = STRICT


def schema(criteria: Sequence[Criterion], *, ties: bool = False) -> dict[str, object]:
    """JSON Schema of the reply: the reason comes first, so that the choice follows from it."""
    sides = {"type": "string", "enum": ["1", "2", "0"]}
    properties: dict[str, object] = {"reason": {"type": "string"}}
    properties |= {criterion.value: sides for criterion in criteria}
    properties["winner"] = sides if ties else {"type": "string", "enum": ["1", "2"]}
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def parse_reply(text: str, *, criteria: Sequence[Criterion], ties: bool = False) -> Parsed:
    """What the reply says.

    Strict: the whole reply is the JSON object that was asked for. Tolerant: a JSON object somewhere in it, with other
    spellings, or a line that names the winner; all places that name one must agree.

    Raises:
        JudgeFailure: It refuses, says that it heard nothing, names no winner, names both, or a tie where none is
            allowed. The message begins with refused, unheard, undecided or unparsed.
    """
    text = text[:LONGEST]
    parsed = _strict(text, criteria) or _tolerant(text, criteria)
    if _UNHEARD.search(parsed.reason if parsed else text):
        raise JudgeFailure(f"unheard: the judge says that no audio reached it: {shown(text)}")
    if parsed is None:
        if _REFUSED.search(text):
            raise JudgeFailure(f"refused: {shown(text)}")
        raise JudgeFailure(f"unparsed: no winner, or more than one, in {shown(text)}")
    if parsed.outcome is Outcome.TIE and not ties:
        raise JudgeFailure(f"undecided: neither is better, where one must be: {shown(text)}")
    return parsed


def shown(text: str, *, most: int = 300) -> str:
    """A reply on one line, for messages."""
    return repr(" ".join(text.split())[:most])


def _strict(text: str, criteria: Sequence[Criterion]) -> Parsed | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    keys = {"reason", "winner", *(criterion.value for criterion in criteria)}
    if not isinstance(value, dict) or set(value) != keys:
        return None
    sides = {key: _SIDES.get(side) if isinstance(side, str) else None for key, side in value.items() if key != "reason"}
    winner, reason = sides.pop("winner"), value["reason"]
    if winner is None or not isinstance(reason, str) or any(side is None for side in sides.values()):
        return None
    return Parsed(
        outcome=winner,
        criteria={Criterion(key): side for key, side in sides.items() if side is not None},
        reason=reason,
    )


def _tolerant(text: str, criteria: Sequence[Criterion]) -> Parsed | None:
    found = [parsed for value in _objects(text) if (parsed := _from_object(value, criteria)) is not None]
    if not found:
        return _from_lines(text, criteria)
    return found[-1] if len({parsed.outcome for parsed in found}) == 1 else None


def _objects(text: str) -> Iterator[Mapping[str, object]]:
    """Outermost objects in the text, in JSON or as Python would write them."""
    at = 0
    while (at := text.find("{", at)) >= 0:
        value, length = _object_at(text, at)
        if value is not None:
            yield value
        at += max(1, length)


def _object_at(text: str, at: int) -> tuple[Mapping[str, object] | None, int]:
    try:
        value, end = json.JSONDecoder(strict=False).raw_decode(text, at)
        return (value, end - at) if isinstance(value, dict) else (None, 1)
    except (ValueError, RecursionError):
        pass
    close = text.find("}", at)
    if close < 0:
        return None, 1
    try:
        value = ast.literal_eval(text[at : close + 1])
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None, 1
    return (value, close + 1 - at) if isinstance(value, dict) else (None, 1)


def _from_object(value: Mapping[str, object], criteria: Sequence[Criterion]) -> Parsed | None:
    low = {str(key).strip().lower(): side for key, side in value.items()}
    named = {_side(low[key]) for key in _WINNER if key in low} - {None}
    if len(named) != 1:
        return None
    outcome = named.pop()
    sides = {criterion: _side(low.get(criterion.value)) for criterion in criteria}
    reason = next((low[key] for key in ("reason", "explanation", "rationale", "理由") if key in low), "")
    return None if outcome is None else Parsed(
        outcome=outcome,
        criteria={criterion: side for criterion, side in sides.items() if side is not None},
        reason=reason if isinstance(reason, str) else "",
        how=TOLERANT,
    )  # fmt: skip


def _side(value: object) -> Outcome | None:
    """Which side a value names, however it is spelled; None for anything that is not just that."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    words = _NOUN.sub(" ", re.sub(r"[\W_]+", " ", text.lower())).split()
    sides = {_SPELLED.get(word) for word in words}
    return sides.pop() if len(sides) == 1 else None


def _from_lines(text: str, criteria: Sequence[Criterion]) -> Parsed | None:
    alone = _side(text) if len(text) <= 40 else None
    keys = "|".join(re.escape(key) for key in _WINNER if key != "answer")
    named = {_SPELLED[found.lower()] for found in _named(text, rf"(?:{keys})(?:\s+(?:answer|reply|response|one))?")}
    outcomes = named | ({alone} if alone is not None else set())
    if len(outcomes) != 1:
        return None
    sides = {}
    for criterion in criteria:
        said = {_SPELLED[found.lower()] for found in _named(text, criterion.value)}
        if len(said) == 1:
            sides[criterion] = said.pop()
    return Parsed(outcome=outcomes.pop(), criteria=sides, reason=text.strip(), how=TOLERANT)


def _named(text: str, key: str) -> list[str]:
    return [digit or word for digit, word in re.findall(_LINE.replace("{key}", key), text, re.IGNORECASE)]

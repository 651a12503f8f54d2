"""Numbers in words, as digits: so that "twenty one", "21" and "二十一" are the same words."""

import re

# fmt: off
_UNITS = {word: value for value, word in enumerate((
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
))}
_TENS = {word: 10 * value for value, word in enumerate((
    "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
), start=2)}
# fmt: on
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000}
_HAN_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "兩": 2}
_HAN_SCALES = {"十": 10, "百": 100, "千": 1_000, "万": 10_000, "萬": 10_000}
_HAN = re.compile(f"[{''.join(_HAN_DIGITS)}{''.join(_HAN_SCALES)}]+")


def english_numbers(words: list[str]) -> list[str]:
    """The words with runs of number words replaced by their digits; "one hundred and five" is one run."""
    out: list[str] = []
    run: list[str] = []
    for place, word in enumerate(words):
        following = words[place + 1] if place + 1 < len(words) else ""
        joins = word == "and" and run and run[-1] in _SCALES and _is_number(following)
        if (_is_number(word) and _continues(run, word)) or joins:
            run.append(word)
            continue
        out += _digits(run)
        run = [word] if _is_number(word) else []
        out += [] if run else [word]
    return out + _digits(run)


def han_numbers(text: str) -> str:
    """The text with Chinese numerals replaced by digits; a single numeral without a scale becomes one digit."""
    return _HAN.sub(lambda found: _han_value(found.group()), text)


def _is_number(word: str) -> bool:
    return word in _UNITS or word in _TENS or word in _SCALES


def _continues(run: list[str], word: str) -> bool:
    """Whether the word belongs to the number so far: "nineteen ninety" and "one two" are two numbers each."""
    if not run or word in _SCALES or run[-1] in _SCALES or run[-1] == "and":
        return True
    return run[-1] in _TENS and 0 < _UNITS.get(word, 0) < 10


def _digits(run: list[str]) -> list[str]:
    if not run:
        return []
    total = part = 0
    for word in run:
        if word in _SCALES:
            part = max(part, 1) * _SCALES[word]
            if _SCALES[word] > 100:
                total, part = total + part, 0
        else:
            part += _UNITS.get(word, 0) + _TENS.get(word, 0)
    return [str(total + part)]


def _han_value(numeral: str) -> str:
    if not any(character in _HAN_SCALES for character in numeral):
        return "".join(str(_HAN_DIGITS[character]) for character in numeral)
    total = section = digit = 0
    for character in numeral:
        scale = _HAN_SCALES.get(character)
        if scale is None:
            digit = _HAN_DIGITS[character]
        elif scale == 10_000:
            total, section, digit = total + (section + digit) * scale, 0, 0
        else:
            section, digit = section + max(digit, 1) * scale, 0
    return str(total + section + digit)

"""Numbers in words: ears write "5" for a spoken "five", which is no difference in what was said."""

import re

from num2words import num2words

_NUMBER = re.compile(r"\d+(?:[.,]\d{3})*(?:\.\d+)?")
_LIKE = {"zh": "ja", "yue": "ja"}  # the library lacks Chinese; its Japanese writes nearly all numbers the same


def spelled(text: str, language: str) -> str:
    """The text with its figures written out in the language; as it is where the language's numbers are not known."""
    primary = language.split("-")[0].lower()
    known = _LIKE.get(primary, primary)

    def words(match: re.Match[str]) -> str:
        figure = match.group().replace(",", "")
        try:
            return f" {num2words(float(figure) if '.' in figure else int(figure), lang=known)} "
        except (NotImplementedError, OverflowError, ValueError):  # no such language, or too great a number
            return match.group()

    return _NUMBER.sub(words, text)

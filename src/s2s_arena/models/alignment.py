"""Where a word is in speech whose text is known: by an ear's word times, else by its share of the phonemes."""

from s2s_arena.audio.activity import active_spans
from s2s_arena.audio.waveform import Waveform
from s2s_arena.models.delivery import find_word
from s2s_arena.models.phonemes import is_eastern
from s2s_arena.protocols import Transcriber
from s2s_arena.records.cues import Span, Transcript


def locate(speech: Waveform, text: str, word: str, *, language: str, ears: Transcriber | None = None) -> Span | None:
    """The stretch of speech in which the word is said; None if it is not in the text.

    Args:
        speech: The text, spoken.
        text: What is said.
        word: A word or phrase of the text; its first occurrence counts.
        language: BCP 47.
        ears: Used for word times where they hear the word; without them the place is a proportional guess.
    """
    place = find_word(text, word)
    if place is None:
        return None
    guess = _proportional(speech, text, place)
    if ears is None:
        return guess
    return _heard(ears.transcribe(speech, language=language), word, near_s=guess.start_s) or guess


def weight(text: str) -> float:
    """Roughly how long the text takes to say: characters, where one Chinese character counts as four letters."""
    total = 0.0
    for character in text:
        if is_eastern(character):
            total += 4.0
        elif character.isalnum():
            total += 1.0
        elif character.isspace():
            total += 0.3
        else:
            total += 1.5  # punctuation is a short pause
    return total


def _proportional(speech: Waveform, text: str, place: tuple[int, int]) -> Span:
    spans = active_spans(speech)
    start_s, end_s = (spans[0].start_s, spans[-1].end_s) if spans else (0.0, speech.duration_s)
    whole = max(1e-9, weight(text.strip()))
    before, until = weight(text[: place[0]].lstrip()), weight(text[: place[1]].lstrip())
    length = end_s - start_s
    return Span(start_s=start_s + length * before / whole, end_s=start_s + length * min(1.0, until / whole))


def _heard(transcript: Transcript, word: str, *, near_s: float) -> Span | None:
    letters: list[tuple[str, float, float]] = []
    for heard in transcript.words:
        plain = _plain(heard.text)
        step = (heard.end_s - heard.start_s) / max(1, len(plain))
        letters += [
            (letter, heard.start_s + step * n, heard.start_s + step * (n + 1)) for n, letter in enumerate(plain)
        ]
    line, asked = "".join(letter for letter, _, _ in letters), _plain(word)
    found: list[Span] = []
    at = line.find(asked) if asked else -1
    while at >= 0:
        found.append(Span(start_s=letters[at][1], end_s=letters[at + len(asked) - 1][2]))
        at = line.find(asked, at + 1)
    return min(found, key=lambda span: abs(span.start_s - near_s)) if found else None


def _plain(text: str) -> str:
    return "".join(character for character in text.lower() if character.isalnum())
